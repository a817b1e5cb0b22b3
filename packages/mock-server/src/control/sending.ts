// Requests that a page has the mock send to itself, over a connection in memory: a browser would not send a cookie, a Host or a
// GET with a body as they are asked for.

import { type IncomingMessage, request as requestOf } from 'node:http'
import type { Duplex } from 'node:stream'
import { checkOptions, fitting, type OptionTable, required } from '@gosend/options'
import { isObject } from '../engine/json.js'
import { BadCommand, type Command } from './controls.js'
import type { Journal } from './journal.js'
import type { Redaction } from './redaction.js'
import type { AnswerReceived, RequestToSend } from './wire.js'

export interface SendingOptions {
  readonly journal: Journal
  readonly redaction: Redaction
  /** A connection to the mock itself. */
  readonly connect: () => Duplex
}

const MAX_ANSWER_BYTES = 1024 * 1024
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
/** An answer that takes longer may be a stream that never ends. */
const MAX_WAIT_MS = 60_000

const isField = (field: unknown): boolean =>
  Array.isArray(field) &&
  field.length === 2 &&
  TOKEN.test(String(field[0])) &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: line ends would begin another field (RFC 9110, section 5.5).
  /^[^\0-\x08\x0a-\x1f\x7f]*$/.test(String(field[1]))

const wanted: OptionTable<RequestToSend> = {
  method: required(
    fitting(
      (value) => typeof value === 'string' && TOKEN.test(value) && value !== 'CONNECT',
      'must be a method such as POST',
    ),
  ),
  path: required(
    fitting(
      (value) => typeof value === 'string' && /^\/[!-~]*$/.test(value),
      'must begin with / and have spaces and letters beyond ASCII encoded',
    ),
  ),
  headers: required(
    fitting((value) => Array.isArray(value) && value.every(isField), 'must be a list of names and values'),
  ),
  body: required(fitting((value) => value === null || typeof value === 'string', 'must be a text or null')),
}

export function createSending({ journal, redaction, connect }: SendingOptions) {
  return async ({ body: command, origin }: Command): Promise<AnswerReceived> => {
    if (!isObject(command)) throw new BadCommand('Send method, path, headers and body')
    const request = checkOptions(wanted, command as unknown as RequestToSend)
    const [before] = journal.lines({ limit: 1 })
    const started = performance.now()
    const answer = await sendTo(connect(), request, new URL(origin ?? 'http://localhost').host)
    const durationMs = performance.now() - started
    // The journal hears of a request once its answer has left.
    await new Promise((resolve) => setImmediate(resolve))
    const [path = '', query = ''] = request.path.split(/\?(.*)/s, 2)
    const target = redaction.target(path, query)
    const line = journal.lines({
      ...{ after: before?.number ?? 0, limit: 1 },
      matches: ({ method, path: sent }) => method === request.method && sent === target,
    })[0]
    return { ...answer, durationMs, number: line?.number ?? null }
  }
}

type Answered = Omit<AnswerReceived, 'durationMs' | 'number'>

export function sendTo(connection: Duplex, { method, path, headers, body }: RequestToSend, host: string) {
  const bytes = body === null ? undefined : Buffer.from(body)
  const fields = [
    ['host', host],
    ['connection', 'close'],
    ...headers.filter(([name]) => !/^(host|connection|content-length|transfer-encoding)$/i.test(name)),
    ...(bytes === undefined ? [] : [['content-length', String(bytes.length)] as const]),
  ]
  return new Promise<Answered>((resolve) => {
    const none = { status: 0, headers: {}, body: '' }
    const sent = requestOf({
      ...{ method, path, headers: fields.flat(), setHost: false, timeout: MAX_WAIT_MS },
      createConnection: () => connection,
    })
    const timer = setTimeout(() => sent.destroy(), MAX_WAIT_MS)
    sent.on('error', () => resolve(none))
    sent.on('close', () => clearTimeout(timer))
    sent.on('response', (answer) => readAnswer(answer).then(resolve, () => resolve(none)))
    sent.end(bytes)
  })
}

async function readAnswer(answer: IncomingMessage): Promise<Answered> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer) {
    length += (chunk as Buffer).length
    if (length > MAX_ANSWER_BYTES) break
    chunks.push(chunk as Buffer)
  }
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}
