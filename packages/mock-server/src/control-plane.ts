// `/_mock`: what a test does to the mock itself. For this machine and the admin key only, and not for web pages.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, standardError } from './answers.js'
import type { Clock } from './clock.js'
import { readBody, send } from './exchange.js'
import type { FaultRule, Faults } from './faults.js'
import type { HostGuard } from './host-guard.js'
import type { Journal } from './journal.js'
import { isObject, nestsAtMost } from './json.js'

export interface Controls {
  readonly adminKey: string
  readonly clock: Clock
  readonly faults: Faults
  readonly journal: Journal
  readonly overview: () => object
  readonly reset: () => void
  readonly snapshots: () => readonly string[]
  readonly snapshot: (name: string) => void
  /** False when there is no such snapshot. */
  readonly restore: (name: string) => boolean
}

interface Command {
  readonly name: string
  readonly body: unknown
}

type Step = (controls: Controls, command: Command) => unknown

class BadCommand extends Error {}

const MAX_BODY_BYTES = 1024 * 1024
const NAME = '([A-Za-z0-9._-]{1,64})'

/** What each method and path does; what a step returns is the answer, nothing is `204`. */
const STEPS: readonly (readonly [method: string, path: RegExp, step: Step])[] = [
  ['GET', /^\/_mock\/?$/, ({ overview }) => overview()],
  ['POST', /^\/_mock\/reset$/, ({ reset }) => reset()],
  ['GET', /^\/_mock\/requests$/, ({ journal }) => journal.entries()],
  ['DELETE', /^\/_mock\/requests$/, ({ journal }) => journal.clear()],
  ['GET', /^\/_mock\/snapshots$/, ({ snapshots }) => snapshots()],
  ['PUT', new RegExp(`^/_mock/snapshots/${NAME}$`), ({ snapshot }, { name }) => snapshot(name)],
  ['POST', new RegExp(`^/_mock/snapshots/${NAME}/restore$`), restore],
  ['GET', /^\/_mock\/clock$/, ({ clock }) => showClock(clock)],
  ['POST', /^\/_mock\/clock$/, setClock],
  ['GET', /^\/_mock\/faults$/, ({ faults }) => faults.list()],
  ['PUT', /^\/_mock\/faults$/, setFaults],
  ['DELETE', /^\/_mock\/faults$/, ({ faults }) => faults.set([])],
]

export function createControlPlane(controls: Controls) {
  const expected = digest(controls.adminKey)

  const answerTo = async (request: IncomingMessage, guard: HostGuard): Promise<Answer> => {
    const { method = 'GET', headers, url = '/' } = request
    if (!isLoopback(request.socket.remoteAddress) || !guard.isSameOrigin(request)) {
      return refusal(403, 'The control plane is for this machine only')
    }
    const presented = headers['x-admin-key']
    if (typeof presented !== 'string' || !timingSafeEqual(digest(presented), expected)) {
      return refusal(401, 'Invalid or missing admin key', { 'www-authenticate': 'ApiKey realm="mock"' })
    }
    const [path = ''] = url.split('?', 1)
    const matching = STEPS.filter(([, pattern]) => pattern.test(path))
    const found = matching.find(([own]) => own === method)
    if (found === undefined) {
      const allow = matching.map(([own]) => own).join(', ')
      return matching.length === 0
        ? refusal(404, `Cannot ${method} ${path}`)
        : refusal(405, `Cannot ${method} ${path}`, { allow })
    }
    const [, pattern, step] = found
    const bytes = await readBody(request, MAX_BODY_BYTES)
    if (bytes === undefined) return refusal(413, 'The body is too large')
    try {
      const body = parse(bytes, String(headers['content-type'] ?? ''))
      const result = step(controls, { name: pattern.exec(path)?.[1] ?? '', body })
      return { status: result === undefined ? 204 : 200, headers: QUIET, body: result }
    } catch (error) {
      if (error instanceof BadCommand || error instanceof TypeError) return refusal(400, error.message)
      throw error
    }
  }

  return async (request: IncomingMessage, response: ServerResponse, guard: HostGuard): Promise<void> => {
    send(response, await answerTo(request, guard), request.method === 'HEAD')
  }
}

const QUIET = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

const refusal = (status: number, message: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { ...QUIET, ...headers },
  body: standardError(status, message),
})

// Equal lengths, whatever was presented.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const isLoopback = (address = ''): boolean => address === '::1' || /^(::ffff:)?127\./.test(address)

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

function restore(controls: Controls, { name }: Command): void {
  if (!controls.restore(name)) throw new BadCommand(`There is no snapshot ${JSON.stringify(name)}`)
}

const showClock = (clock: Clock) => ({ now: new Date(clock.now()).toISOString() })

/** `{ advanceMs }`, `{ freeze: true | "2026-01-15T10:00:00Z" }`, `{ resume: true }` or `{ reset: true }`. */
function setClock({ clock }: Controls, { body }: Command): object {
  if (!isObject(body)) throw new BadCommand('Send advanceMs, freeze, resume or reset')
  const { advanceMs, freeze, resume, reset, ...unknown } = body
  const [stray] = Object.keys(unknown)
  if (stray !== undefined) throw new BadCommand(`${stray} is not a known member`)
  if (reset === true) clock.reset()
  if (resume === true) clock.resume()
  if (freeze === true) clock.freeze()
  else if (typeof freeze === 'string') {
    const at = Date.parse(freeze)
    if (Number.isNaN(at)) throw new BadCommand('freeze must be true or a time such as 2026-01-15T10:00:00Z')
    clock.freeze(at)
  }
  if (advanceMs !== undefined) {
    // Keys that expired must not come back to life.
    if (typeof advanceMs !== 'number' || !(advanceMs >= 0 && advanceMs <= 1e12))
      throw new BadCommand('advanceMs must be 0 or more')
    clock.advance(advanceMs)
  }
  return showClock(clock)
}

/** A list of fault rules, or `{ faults: [...] }`; it replaces the rules in force. */
function setFaults({ faults }: Controls, { body }: Command): readonly FaultRule[] {
  const rules = Array.isArray(body) ? body : isObject(body) ? body.faults : undefined
  if (!Array.isArray(rules)) throw new BadCommand('Send a list of faults')
  faults.set(rules as FaultRule[])
  return faults.list()
}
