// The life of one delivery: pending until a receiver has taken it or the attempts are used up. Where deliveries are kept,
// and what wakes them, is up to the caller.

import { fitting, OptionError } from '@gosend/options'
import type { Awaitable } from '../awaitable.js'
import type { SendOutcome, WebhookSender } from './sender.js'

/** How long each attempt waits after the one before, in milliseconds. */
export const RETRY_DELAYS_MS: readonly number[] = [0, 60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000]

/** Times are milliseconds since the epoch. */
export interface Delivery {
  readonly status: 'pending' | 'delivered' | 'failed'
  /** How often it has been sent. */
  readonly attempts: number
  /** The status of the latest answer; null when there was none. */
  readonly responseStatus: number | null
  /** Why the latest attempt got no answer. */
  readonly error: string | null
  readonly deliveredAt: number | null
  /** Null when no further attempt is made. */
  readonly nextAttemptAt: number | null
}

/** A delivery that has not been sent, or is to be sent from the first attempt on once more. */
export const newDelivery = (now: number): Delivery => ({
  status: 'pending',
  attempts: 0,
  responseStatus: null,
  error: null,
  deliveredAt: null,
  nextAttemptAt: now,
})

const knownDelivery = fitting<Delivery>(
  (value) => Number.isInteger(Object(value).attempts),
  'must be what newDelivery() returned',
)

/** The delivery after an attempt. A 2xx takes it; anything else, redirects included, is tried again. */
export function afterAttempt(
  delivery: Delivery,
  outcome: SendOutcome,
  now: number,
  delaysMs: readonly number[] = RETRY_DELAYS_MS,
): Delivery {
  const { attempts: before } = knownDelivery(delivery, 'delivery')
  if (typeof outcome !== 'object' || outcome === null) {
    throw new OptionError('outcome', 'must be what a sender resolved with')
  }
  const attempts = before + 1
  const responseStatus = 'status' in outcome ? outcome.status : null
  const isDelivered = responseStatus !== null && responseStatus >= 200 && responseStatus < 300
  const delay = isDelivered ? undefined : delaysMs[attempts]
  return {
    status: isDelivered ? 'delivered' : delay === undefined ? 'failed' : 'pending',
    attempts,
    responseStatus,
    error: 'error' in outcome ? outcome.error : null,
    deliveredAt: isDelivered ? now : null,
    nextAttemptAt: delay === undefined ? null : now + delay,
  }
}

/** What is sent, and where. */
export interface OutgoingWebhook {
  readonly url: string
  readonly body: string
  readonly headers: Record<string, string>
  /** Default `POST`. */
  readonly method?: string | undefined
}

export interface DeliveryAttempt {
  readonly send: WebhookSender
  /** Asked again after the answer, because the delivery may have been changed or deleted meanwhile. */
  readonly find: () => Awaitable<Delivery | undefined>
  /** Undefined when the endpoint is gone; a string says why nothing is sent, which ends the delivery. */
  readonly prepare: () => Awaitable<OutgoingWebhook | string | undefined>
  /** The outcome is undefined when nothing was sent. */
  readonly save: (delivery: Delivery, outcome: SendOutcome | undefined) => Awaitable<void>
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Sends a delivery once and keeps what came of it. Rejects when the signal aborts: then nothing is kept. */
export async function attemptDelivery({
  send,
  find,
  prepare,
  save,
  now,
  signal,
}: DeliveryAttempt): Promise<void> {
  if ((await find()) === undefined) return
  const outgoing = await prepare()
  if (outgoing === undefined) return
  const outcome =
    typeof outgoing === 'string'
      ? undefined
      : await send(outgoing.url, outgoing.headers, outgoing.body, signal, outgoing.method)
  const delivery = await find()
  if (delivery === undefined) return
  if (outcome !== undefined) await save(afterAttempt(delivery, outcome, now()), outcome)
  else
    await save(
      { ...delivery, status: 'failed', responseStatus: null, error: String(outgoing), nextAttemptAt: null },
      undefined,
    )
}
