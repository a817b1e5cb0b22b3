// Posts events to one address, as a handler for whatever hands them over one by one: it waits and tries again until the receiver has
// taken an event, or the attempts are used up.

import { setTimeout as wait } from 'node:timers/promises'
import {
  callback,
  checkOptions,
  delayMs,
  fitting,
  having,
  listOf,
  type OptionTable,
  required,
  text,
} from '@gosend/options'
import { notify } from '../callbacks.js'
import { afterAttempt, type Delivery, newDelivery, RETRY_DELAYS_MS } from './delivery.js'
import { createWebhookSender } from './sender.js'
import { signWebhook } from './signature.js'
import { createWebhookTargets, type WebhookTargets } from './targets.js'

/** Something that happened: what `subscribe` of `createApiKeys` hands over, or an event of your own. */
export interface WebhookEvent {
  /** Unique: the receiver gets it as `webhook-id`. */
  readonly id: string
  readonly type: string
  readonly at: Date
  readonly data: Readonly<Record<string, unknown>>
}

export interface EventWebhookOptions {
  /** Where events are posted to. */
  readonly url: string
  /** What they are signed with: `whsec_` and at least 24 bytes in base64. */
  readonly secret: string
  /** Which addresses may be posted to. Default: public ones over https. */
  readonly targets?: WebhookTargets | undefined
  /** Default `GoSend-Webhooks`. */
  readonly userAgent?: string | undefined
  /** How long an answer may take. Default 10 seconds. */
  readonly timeoutMs?: number | undefined
  /** How long each attempt waits after the one before. Default: 0, 1 minute, 5 minutes, 30 minutes, 2 hours. */
  readonly delaysMs?: readonly number[] | undefined
  /** Told of an event that no attempt has delivered; the next one follows. Default: a warning of the process. */
  readonly onFailed?: ((event: WebhookEvent, delivery: Delivery) => void) | undefined
}

const MIN_SECRET_BYTES = 24
const isSecret = (value: unknown) =>
  typeof value === 'string' &&
  /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value) &&
  Buffer.from(value.slice(6), 'base64').length >= MIN_SECRET_BYTES

const optionTable: OptionTable<EventWebhookOptions> = {
  url: required(
    fitting((value) => typeof value === 'string' && URL.canParse(value), 'must be an absolute URL'),
  ),
  secret: required(fitting(isSecret, `must be whsec_ and at least ${MIN_SECRET_BYTES} bytes in base64`)),
  targets: having(['refuse', 'lookup'], 'pass what createWebhookTargets() returned'),
  userAgent: text,
  timeoutMs: delayMs(),
  delaysMs: listOf(delayMs(0)),
  onFailed: callback(),
}

/**
 * A handler that posts events to one address, signed as Standard Webhooks 1.0.0 says: `{ type, timestamp, data }`. Events stay in
 * order, so while an address does not answer, later events wait: give each address a consumer of its own.
 *
 * @example
 * apiKeys.subscribe('shop', eventWebhook({ url: 'https://shop.acme.com/hook', secret }))
 *
 * @returns a function that resolves when the event is delivered or given up, and rejects when the signal aborts.
 * @throws TypeError when an option is wrong, or nothing may be posted to the address.
 */
export function eventWebhook(
  options: EventWebhookOptions,
): (event: WebhookEvent, signal: AbortSignal) => Promise<void> {
  const checked = checkOptions(optionTable, options)
  const { url, secret, userAgent = 'GoSend-Webhooks', timeoutMs, onFailed = warn } = checked
  const { targets = createWebhookTargets({ reach: 'public' }), delaysMs = RETRY_DELAYS_MS } = checked
  const refused = targets.refuse(new URL(url))
  if (refused !== undefined) throw new TypeError(`url: ${refused}`)
  const send = createWebhookSender({ targets, userAgent, timeoutMs })

  return async (event, signal) => {
    const body = bodyOf(event)
    let delivery = newDelivery(Date.now())
    while (delivery.status === 'pending') {
      const pauseMs = delaysMs[delivery.attempts] ?? 0
      if (pauseMs > 0) await wait(pauseMs, undefined, { signal })
      const headers = {
        'content-type': 'application/json',
        ...signWebhook(secret, event.id, body, Date.now()),
      }
      delivery = afterAttempt(delivery, await send(url, headers, body, signal), Date.now(), delaysMs)
    }
    if (delivery.status === 'failed') notify('onFailed', onFailed, event, delivery)
  }
}

function bodyOf({ id, type, at, data, ...others }: WebhookEvent): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data: { ...data, ...others } })
}

function warn({ id }: WebhookEvent, { attempts, responseStatus, error }: Delivery): void {
  const why = responseStatus === null ? error : `the answer was ${responseStatus}`
  process.emitWarning(`Event ${id} was not delivered in ${attempts} attempts: ${why}`, {
    code: 'WEBHOOK_FAILED',
  })
}
