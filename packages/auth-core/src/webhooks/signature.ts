// Signatures that libraries for Standard Webhooks verify.

import { createHmac } from 'node:crypto'
import { fitting, text } from '@gosend/options'

const instant = fitting<number>(Number.isFinite, 'must be milliseconds since the epoch')

/**
 * The three headers of Standard Webhooks 1.0.0.
 *
 * @param secret `whsec_` and base64, or base64 alone.
 * @param at when the payload is sent, in milliseconds since the epoch. Receivers compare it with their own clock.
 */
export function signWebhook(secret: string, id: string, body: string, at: number): Record<string, string> {
  const seconds = String(Math.floor(instant(at, 'at') / 1000))
  const key = Buffer.from(text(secret, 'secret').replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key)
    .update(`${text(id, 'id')}.${seconds}.${text(body, 'body')}`)
    .digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` }
}
