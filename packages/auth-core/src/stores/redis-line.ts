// Two connections to one Redis that are made anew whenever they are lost or silent: one for scripts, one for what is announced. Each
// client library calls the same things by other names; those are here, and nowhere else.

import { having } from '@gosend/options'
import { clearTimeout, setTimeout } from '../clocks.js'

/** What the cache needs of a client of `ioredis` or `redis` (node-redis 4 or later). It makes connections like this one. */
export interface RedisCacheClient {
  duplicate(...given: never[]): unknown
  eval(...given: never[]): unknown
}

export const redisCacheClient = having<RedisCacheClient>(
  ['duplicate', 'eval'],
  'pass a client of ioredis or redis',
)

export interface RedisLine {
  /** Runs a script. Rejects within the time, and then goes on with another connection. */
  call(script: string, keys: readonly string[], values: readonly string[]): Promise<readonly string[]>
  /** Whether what is announced arrives, as far as it is known. */
  isListening(): boolean
  end(): void
}

// biome-ignore lint/suspicious/noExplicitAny: two libraries, of several versions each, whose types have little in common.
type Client = any

/** One connection, which is used until it fails. */
interface Connection {
  readonly ready: Promise<unknown>
  call(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>
  listen(channel: string, onMessage: () => void): Promise<unknown>
  end(): void
}

/** @param onMessage called when something is announced, and when that may have been missed. */
export function openRedisLine(
  client: RedisCacheClient,
  channel: string,
  timeoutMs: number,
  onMessage: () => void,
): RedisLine {
  let caller: Connection | undefined
  let listener: Connection | undefined
  let isListening = false
  let isEnded = false

  const stopListening = () => {
    isListening = false
    listener?.end()
    listener = undefined
  }

  const listen = () => {
    const own = connect(client, () => {
      if (listener === own) stopListening()
    })
    listener = own
    const subscribing = own.ready.then(() => own.listen(channel, onMessage))
    inTime(subscribing, timeoutMs).then(
      () => {
        isListening = listener === own
        // What was announced before.
        onMessage()
      },
      () => {
        if (listener === own) stopListening()
      },
    )
  }

  return {
    async call(script, keys, values) {
      if (isEnded) throw new Error('the cache is closed')
      caller ??= connect(client)
      const own = caller
      try {
        const answer = await inTime(
          own.ready.then(() => own.call(script, keys, values)),
          timeoutMs,
        )
        if (listener === undefined && !isEnded) listen()
        return (answer as readonly unknown[]).map(String)
      } catch (error) {
        // One that says nothing is of no use; one that says that something is wrong is.
        if (caller === own && !isAnswer(error)) {
          caller = undefined
          own.end()
        }
        throw error
      }
    },
    isListening: () => isListening,
    end() {
      isEnded = true
      caller?.end()
      stopListening()
    },
  }
}

/** Whether the server has said it, rather than nobody. */
const isAnswer = (error: unknown) =>
  /ReplyError|ErrorReply|SimpleError/.test(String(Object(error).constructor?.name))

function connect(client: RedisCacheClient, onLoss = () => {}): Connection {
  const given = client as Client
  const isIoredis = 'defineCommand' in given
  // Neither may connect again by itself: what was under way on a lost connection is asked anew.
  const own: Client = isIoredis
    ? given.duplicate({ lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
    : given.duplicate({ socket: { ...given.options?.socket, reconnectStrategy: false } })
  // Whoever waits for an answer hears of it; without a listener it would end the process.
  own.on('error', onLoss)
  own.on('end', onLoss)
  const ready: Promise<unknown> = own.connect()
  ready.catch(() => undefined)
  const end = () => {
    try {
      own.destroy ? own.destroy() : void own.disconnect()
    } catch {
      // It was not open.
    }
  }
  return isIoredis
    ? {
        ...{ ready, end },
        call: (script, keys, values) => own.eval(script, keys.length, ...keys, ...values),
        listen(channel, onMessage) {
          own.on('message', onMessage)
          return own.subscribe(channel)
        },
      }
    : {
        ...{ ready, end },
        call: (script, keys, values) => own.eval(script, { keys: [...keys], arguments: [...values] }),
        listen: (channel, onMessage) => own.subscribe(channel, onMessage),
      }
}

async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    answer.catch(() => undefined)
  }
}
