// The host's own answer to a refused request, in place of the standard one. It cannot turn a refusal into a success.

import { checkOptions, mapOf, matching, type OptionTable, required, text, wholeNumber } from '@gosend/options'
import { isPromise } from '../awaitable.js'
import type { ErrorMessage } from './answers.js'

/** An answer to a refused request in the shape of the host's API. */
export interface OwnAnswer {
  /** 400 to 599. Default: that of the standard answer. */
  readonly status?: number | undefined
  /** Besides those of the standard answer, or in place of them. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Text, or a value that is sent as JSON. */
  readonly body: unknown
}

// RFC 9110, section 5.5.
const value = matching(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be a value that a header field can have')

const table: OptionTable<OwnAnswer> = {
  status: wholeNumber(400, 599),
  headers: mapOf(value),
  body: required((body, path) => (typeof body === 'string' ? body : text(JSON.stringify(body), path))),
}

// They follow from the body.
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection'])

/** @throws TypeError when the answer is none that can be sent for a refusal. */
export function writeOwnAnswer(given: OwnAnswer, standard: ErrorMessage, challenge: string): ErrorMessage {
  if (isPromise(given)) throw new TypeError('respond: must return its answer at once, and no promise')
  const { status = standard.status, headers = {}, body } = checkOptions(table, given, 'respond')
  const sent = String(body)
  const fields = new Map<string, readonly [string, string]>()
  const set = (name: string, field: string) => fields.set(name.toLowerCase(), [name, field])
  for (const [name, field] of Object.entries(standard.headers)) set(name, field)
  set(
    'Content-Type',
    typeof given.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
  )
  if (status === 401) set('WWW-Authenticate', challenge)
  else if (status !== standard.status) fields.delete('www-authenticate')
  for (const [name, field] of Object.entries(headers)) {
    if (!FRAMING.has(name.toLowerCase())) set(name, field)
  }
  set('Content-Length', String(Buffer.byteLength(sent)))
  return { status, headers: Object.fromEntries(fields.values()), body: sent }
}
