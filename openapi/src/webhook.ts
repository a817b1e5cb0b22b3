// The receiving side of webhooks: tells events that GoSendAPI has signed from anything else that is posted.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { webhooks } from './generated/gosend.js'

/** Any documented event; `event` tells which. A newer event can bear a name that is not listed here: let it pass. */
export type WebhookEvent = {
  [Name in keyof webhooks]: webhooks[Name]['post']['requestBody']['content']['application/json']
}[keyof webhooks]

/**
 * Why a request is not an event: `missing_signature` and `malformed_signature` are no delivery of GoSendAPI's,
 * `wrong_signature` is one for another secret or a changed body, `malformed_body` is signed but no event.
 */
export type WebhookRefusal =
  | 'missing_signature'
  | 'malformed_signature'
  | 'wrong_signature'
  | 'malformed_body'

export type WebhookVerification =
  | { readonly ok: true; readonly event: WebhookEvent }
  | { readonly ok: false; readonly reason: WebhookRefusal }

/**
 * Checks the `X-GoSendAPI-Signature` of a delivery, in constant time, and reads the event. Nothing in a request makes
 * it throw. It remembers nothing: an event that arrives twice has the same `id` both times.
 *
 * @param rawBody the body as it came, before any parsing.
 * @param header the header's value, from `request.headers`, `request.get()` or `Headers.get()`.
 * @param secret what `POST /webhooks` answered, `whsec_…`.
 * @throws TypeError when the secret is missing, or when the body has been parsed already.
 *
 * @example
 * const verification = verifyWebhook(request.body, request.get('X-GoSendAPI-Signature'), secret)
 * if (verification.ok) console.log(verification.event.event)
 */
export function verifyWebhook(
  rawBody: string | Uint8Array,
  header: string | readonly string[] | null | undefined,
  secret: string,
): WebhookVerification {
  // An empty secret would let everybody sign.
  if (typeof secret !== 'string' || secret === '') throw new TypeError('secret: is missing')
  const body = readBody(rawBody)
  if (header === undefined || header === null || header === '') return refuse('missing_signature')
  const [, digits] = /^sha256=([0-9a-f]{64})$/i.exec(String(header)) ?? []
  if (digits === undefined) return refuse('malformed_signature')
  const expected = createHmac('sha256', secret).update(body).digest()
  if (!timingSafeEqual(expected, Buffer.from(digits, 'hex'))) return refuse('wrong_signature')
  const event = parse(body)
  return isEvent(event) ? { ok: true, event } : refuse('malformed_body')
}

function refuse(reason: WebhookRefusal): WebhookVerification {
  return { ok: false, reason }
}

/** A body parser that finds nothing to parse leaves nothing; what it has parsed cannot be checked any more. */
function readBody(rawBody: unknown): Uint8Array {
  if (rawBody instanceof Uint8Array) return rawBody
  if (typeof rawBody === 'string') return Buffer.from(rawBody)
  if (rawBody === undefined || rawBody === null) return new Uint8Array()
  throw new TypeError('rawBody: must be the body as it came; read it with express.raw(), not express.json()')
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/** Whether it has the envelope of an event. What the envelope holds is trusted, because it is signed. */
function isEvent(value: unknown): value is WebhookEvent {
  const { id, event, data } = Object(value)
  return typeof id === 'string' && typeof event === 'string' && typeof data === 'object' && data !== null
}
