// `/_mock`: what a test does to the mock itself. For this machine and the admin key only, and not for web pages.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, standardError } from './answers.js'
import { BadCommand, type Controls, routeOf, STEPS } from './controls.js'
import { readBody, send } from './exchange.js'
import type { HandlerRefusal } from './handlers.js'
import type { HostGuard } from './host-guard.js'
import { isObject, nestsAtMost } from './json.js'
import type { Rules } from './rules.js'
import { createAdminKeyCheck } from './sandbox-keys.js'
import type { Transactions } from './transactions.js'

export interface ControlPlaneOptions {
  readonly adminKey: string
  readonly controls: Controls
  /** The API's own steps. */
  readonly own: Rules['controls']
  readonly transactions: Transactions
}

const MAX_BODY_BYTES = 1024 * 1024

/** @throws TypeError when an API's own step has no proper path. */
export function createControlPlane({ adminKey, controls, own = {}, transactions }: ControlPlaneOptions) {
  const isAdminKey = createAdminKeyCheck(adminKey)
  const steps = [...STEPS, ...Object.entries(own).map(([line, control]) => routeOf(line, control))]

  const answerTo = async (request: IncomingMessage, guard: HostGuard): Promise<Answer> => {
    const { method = 'GET', headers, url = '/' } = request
    if (!isLoopback(request.socket.remoteAddress) || !guard.isSameOrigin(request)) {
      return refusal(403, 'The control plane is for this machine only')
    }
    if (!isAdminKey(headers['x-admin-key'])) {
      return refusal(401, 'Invalid or missing admin key', { 'www-authenticate': 'ApiKey realm="mock"' })
    }
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
    const bytes = await readBody(request, MAX_BODY_BYTES)
    if (bytes === undefined) return refusal(413, 'The body is too large')
    try {
      const command = {
        parameters: pattern.exec(path)?.groups ?? {},
        query: new URLSearchParams(query),
        body: parse(bytes, String(headers['content-type'] ?? '')),
        origin: headers.host && `http://${headers.host}`,
      }
      const result: unknown = await transactions.unit(() => step(controls, command))
      // Nobody is told of what could still be lost.
      await transactions.committed()
      const refused = isObject(result) ? (result.refusal as HandlerRefusal['refusal'] | undefined) : undefined
      if (refused !== undefined) return refusal(refused.status, refused.message, refused.headers)
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
