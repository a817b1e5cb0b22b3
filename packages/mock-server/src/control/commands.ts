// Runs steps of the control plane for requests that have been let in: finds the step, reads what was sent, and answers once it
// is committed what the step wrote.

import type { IncomingMessage } from 'node:http'
import { isObject, nestsAtMost } from '../engine/json.js'
import { readBody } from '../engine/request/reading.js'
import { type Answer, standardError } from '../engine/response/answers.js'
import type { HandlerRefusal } from '../rules/handlers.js'
import type { Scheme } from '../security/host-guard.js'
import type { Transactions } from '../storage/transactions.js'
import type { Changes, Topic } from './changes.js'
import { BadCommand, type Command, type Controls, OUTCOME, type Outcome, type Route } from './controls.js'

export interface Commands {
  /** @param url the path that the steps know, with its query. */
  answer(request: IncomingMessage, url: string): Promise<Answer>
}

export interface CommandsOptions {
  readonly steps: readonly Route[]
  readonly controls: Controls
  readonly transactions: Transactions
  readonly changes: Changes
  readonly scheme: Scheme
}

const MAX_BODY_BYTES = 1024 * 1024
/** What a step may have changed besides what is stored. */
const TOUCHED: readonly Topic[] = ['control', 'requests']

export function createCommands({
  steps,
  controls,
  transactions,
  changes,
  scheme,
}: CommandsOptions): Commands {
  const commandFrom = (found: Found, bytes: Buffer, { headers }: IncomingMessage): Command => ({
    parameters: found.parameters,
    query: new URLSearchParams(found.query),
    body: parse(bytes, String(headers['content-type'] ?? '')),
    origin: headers.host && `${scheme}://${headers.host}`,
  })

  const run = async ({ step, method }: Found, command: Command): Promise<Answer> => {
    const result: unknown = await transactions.unit(() => step(controls, command))
    // Nobody is told of what could still be lost.
    await transactions.committed()
    if (method !== 'GET') for (const topic of TOUCHED) changes.note(topic)
    return answerOf(result)
  }

  return {
    async answer(request, url) {
      const found = find(steps, request.method ?? 'GET', url)
      if ('status' in found) return found
      const bytes = await readBody(request, MAX_BODY_BYTES)
      if (!Buffer.isBuffer(bytes))
        return refusal(bytes.status, bytes.status === 413 ? 'The body is too large' : bytes.message)
      try {
        return await run(found, commandFrom(found, bytes, request))
      } catch (error) {
        if (error instanceof BadCommand || error instanceof TypeError) return refusal(400, error.message)
        throw error
      }
    },
  }
}

/** The step that a request is for. */
interface Found {
  readonly method: string
  readonly step: Route[2]
  readonly parameters: Command['parameters']
  readonly query: string
}

function find(steps: readonly Route[], method: string, url: string): Found | Answer {
  const [path = '', query = ''] = url.split('?', 2)
  const matching = steps.filter(([, pattern]) => pattern.test(path))
  const found = matching.find(([own]) => own === method)
  if (found === undefined) {
    const allow = matching.map(([own]) => own).join(', ')
    return matching.length === 0
      ? refusal(404, `Cannot ${method} ${path}`)
      : refusal(405, `Cannot ${method} ${path}`, { allow })
  }
  const [, pattern, step] = found
  return { method, step, parameters: pattern.exec(path)?.groups ?? {}, query }
}

function answerOf(result: unknown): Answer {
  const refused = isObject(result) ? (result.refusal as HandlerRefusal['refusal'] | undefined) : undefined
  if (refused !== undefined) return refusal(refused.status, refused.message, refused.headers)
  if (isOutcome(result))
    return { status: result[OUTCOME], headers: QUIET, body: result.body, mediaType: result.mediaType }
  return { status: result === undefined ? 204 : 200, headers: QUIET, body: result }
}

const isOutcome = (result: unknown): result is Outcome => isObject(result) && OUTCOME in result

const QUIET = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

export const refusal = (status: number, message: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { ...QUIET, ...headers },
  body: standardError(status, message),
})

/** The answer to a request from another machine, or from a page of another site. */
export const notFromHere: Answer = refusal(403, 'The control plane is for this machine only')

function parse(bytes: Buffer, contentType: string): unknown {
  if (bytes.length === 0) return undefined
  // A page of another site can send text and forms without asking, JSON it cannot.
  if (!/^application\/json\b/i.test(contentType)) throw new BadCommand('The body must be application/json')
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (nestsAtMost(value, 32)) return value
  } catch {
    // Answered below, like a body that nests too deeply.
  }
  throw new BadCommand('The body is not valid JSON')
}
