// How processes agree, by a Redis, on what their caches must not keep. A cache asks several times per `maxStalenessMs` what it has to
// drop, and says with the next question what it has done. Whoever changes keys first tells all caches to hold them, and waits until
// each has heard of it or must have stopped answering. Only then it changes them, and ends the hold.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { shared } from '@gosend/options'
import { LRUCache } from 'lru-cache'
import { clearTimeout, setTimeout, steadyClock } from '../clocks.js'
import { ApiKeysError } from '../errors.js'
import type { CacheStatus } from '../store.js'
import { momentOf, systemClocks } from './key-cache.js'
import { HOLD_MS, type Holds } from './redis-holds.js'
import { openRedisLine, type RedisCacheClient } from './redis-line.js'
import { HOLD, LEAVE, PENDING, POLL, RELEASE } from './redis-scripts.js'

export interface AgreementParts {
  readonly client: RedisCacheClient
  readonly prefix: string
  readonly timeoutMs: number
  readonly maxStalenessMs: number
  readonly holds: Holds
}

export interface Agreement {
  /** The list that this cache is on. */
  epoch(): string
  /** Does the work while no cache has these keys, or can get them. */
  around<Result>(ids: readonly string[], work: () => Promise<Result>): Promise<Result>
  status(): CacheStatus
  close(): Promise<void>
}

/** The longest that any cache may go on without an answer. */
export const MAX_STALENESS_MS = 500
// Per `maxStalenessMs`: so many may be late before rows are read again.
const POLLS = 4
// Two clocks that count the same milliseconds do not quite agree on them, and timers round down.
const MARGIN_MS = 10
const MAX_PAUSE_MS = 20

type Call = (script: string, ...values: readonly (string | number)[]) => Promise<readonly string[]>

export function agree({ client, prefix, timeoutMs, maxStalenessMs, holds }: AgreementParts): Agreement {
  const keys = ['caches', 'holds', 'log'].map((part) => `{${prefix}}:${part}`)
  const line = openRedisLine(client, keys[0] ?? '', timeoutMs, () => feed.wake())

  const call: Call = async (script, ...values) => {
    const answer = await line.call(script, keys, values.map(String))
    const [epoch = ''] = answer
    if (!heardOf.has(epoch)) heardOf.set(epoch, steadyClock())
    return answer
  }

  const feed = follow(call, maxStalenessMs, holds)
  const hold = createHold(call, holds)

  const release = async (given: string, ids: readonly string[]): Promise<void> => {
    let token = given
    for (;;) {
      const [, isKept] = await call(RELEASE, token)
      holds.end(token)
      if (isKept === '1') return
      // It was lost before the work was done, and caches may have read what was true before.
      token = await hold(ids)
    }
  }

  return {
    epoch: feed.epoch,
    async around(ids, work) {
      if (ids.length === 0) return work()
      const token = await hold(ids).catch(unchanged)
      let result: Awaited<ReturnType<typeof work>>
      try {
        result = await work()
      } catch (error) {
        // Nobody knows what came of it, so caches have to read anew as well.
        await release(token, ids).catch(() => undefined)
        throw error
      }
      await release(token, ids)
      return result
    },
    status() {
      if (!holds.cache.isOpen()) return { state: 'off', changes: null, ...feed.whyOff() }
      return line.isListening()
        ? { state: 'open', changes: 'notified', reason: null, message: null }
        : { state: 'open', changes: 'polled', reason: 'listener', message: null }
    },
    async close() {
      await feed.end()
      line.end()
    },
  }
}

/** Without the word of every cache nothing is changed. */
function unchanged(cause: unknown): never {
  throw new ApiKeysError('store_unavailable', 'Redis did not answer, so no key was changed', { cause })
}

interface Feed {
  epoch(): string
  wake(): void
  whyOff(): Pick<CacheStatus, 'reason' | 'message'>
  end(): Promise<void>
}

/** Follows the log, and keeps the cache open just as long as it does so in time. */
function follow(call: Call, maxStalenessMs: number, { cache, begin, end, clear }: Holds): Feed {
  const name = randomUUID()
  let epoch = ''
  let seen = 0
  let failure: unknown
  let isEnded = false
  let isWoken = false
  let wakeNow = () => {}

  const wake = () => {
    isWoken = true
    wakeNow()
  }

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, maxStalenessMs / POLLS)
      timer.unref()
      wakeNow = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const apply = (entry: string) => {
    const {
      hold,
      release,
      ids = '[]',
    } = JSON.parse(entry) as Partial<Record<'hold' | 'release' | 'ids', string>>
    if (hold !== undefined) begin(hold, JSON.parse(ids))
    if (release !== undefined) end(release)
  }

  /** Resolves with whether there was something to do. */
  const poll = async (): Promise<boolean> => {
    const askedAt = momentOf(systemClocks)
    const [now = '', number, isNew, ...entries] = await call(POLL, name, maxStalenessMs, epoch, seen)
    if (isEnded) return false
    if (isNew === '1') {
      // Nothing that it has was held for it.
      cache.invalidateAll()
      clear()
      cache.open(now)
      epoch = now
    }
    for (const entry of entries) apply(entry)
    const isNews = isNew === '1' || seen !== Number(number)
    seen = Number(number)
    cache.confirm(askedAt)
    return isNews
  }

  const run = async () => {
    while (!isEnded) {
      isWoken = false
      try {
        const isNews = await poll()
        failure = undefined
        // The next question says that it is done, which somebody waits for.
        if (isNews) continue
      } catch (error) {
        failure = error
      }
      if (!isWoken && !isEnded) await pause()
    }
  }
  const running = run()

  return {
    epoch: () => epoch,
    wake,
    whyOff() {
      if (isEnded) return { reason: 'closed', message: null }
      if (failure === undefined) return { reason: 'starting', message: null }
      return { reason: 'unavailable', message: failure instanceof Error ? failure.message : String(failure) }
    },
    async end() {
      isEnded = true
      cache.shut()
      wake()
      await running
      await call(LEAVE, name).catch(() => undefined)
    },
  }
}

/** When this process first heard of a list. */
const heardOf = shared(
  '@gosend/auth-core lists of caches in Redis',
  () => new LRUCache<string, number>({ max: 1_000 }),
)

/** Resolves with the name of a hold that every cache has heard of, or must have stopped answering since. */
function createHold(call: Call, holds: Holds) {
  /** False when the server has forgotten the hold meanwhile. */
  const isHeard = async (epoch: string, number: string, toldAt: number): Promise<boolean> => {
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      const waitedMs = Math.max(0, Math.floor(steadyClock() - toldAt) - MARGIN_MS)
      const [now, ...pending] = await call(PENDING, epoch, number, waitedMs)
      if (now !== epoch) return false
      if (pending.length === 0) return true
      await sleep(pauseMs)
    }
  }

  return async (ids: readonly string[]): Promise<string> => {
    for (;;) {
      const token = randomUUID()
      const [epoch = '', number = ''] = await call(HOLD, token, JSON.stringify(ids), HOLD_MS / 2)
      // From the answer on: a cache may have asked, and not been told, until the server had the hold.
      const toldAt = steadyClock()
      holds.begin(token, ids)
      // Caches on an earlier list, which this one knows nothing of, have not been answered since this one began.
      const leftMs = (heardOf.get(epoch) ?? toldAt) + MAX_STALENESS_MS + MARGIN_MS - steadyClock()
      if (leftMs > 0) await sleep(leftMs)
      if (await isHeard(epoch, number, toldAt)) return token
    }
  }
}
