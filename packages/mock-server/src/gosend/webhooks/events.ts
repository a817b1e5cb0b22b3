// The outbox: what happened, written down together with what it happened to, with one delivery for every webhook that
// asked for it. Sending is for deliveries.ts.

import { randomBytes } from 'node:crypto'
import { type Delivery, newDelivery } from '@gosend/auth-core/webhooks'
import type { GosendComponents } from '@gosend/openapi'
import type { MockContext } from '../../rules/context.js'
import type { Attempted } from '../../webhooks/attempts.js'
import { findPhoneNumber } from '../customers/accounts.js'
import { timestamp } from '../time.js'

type Schemas = GosendComponents['schemas']

export type EventName = Schemas['WebhookEventName']
export type Webhook = Schemas['Webhook']

/** What a receiver gets. */
export interface Envelope {
  readonly id: string
  readonly event: EventName
  readonly created_at: string
  readonly project_id: string
  /** WhatsApp's id. */
  readonly phone_number_id: string | null
  readonly data: object
}

export interface NewEvent {
  readonly type: EventName
  /** WhatsApp's id of the number concerned; null when it is about no number. */
  readonly phoneNumberId: string | null
  /** The named members of the event's `data`: `{ message }`, `{ conversation }`, … */
  readonly data: object
}

/** The job that sends a delivery; its payload is a `DeliveryTask`. */
export const DELIVER = 'gosend.deliver'

export interface DeliveryTask {
  readonly webhookId: string
  readonly deliveryId: string
}

type ShownDelivery = Schemas['WebhookDelivery']

export interface StoredDelivery extends ShownDelivery, Attempted {}

export const WEBHOOKS = '/webhooks'
export const EVENTS = '/events'
export const deliveriesOf = (webhookId: string): string => `/webhooks/${webhookId}/deliveries`

/** Events of one number; all others are the project's. */
const OF_NUMBERS = /^whatsapp\.(message|conversation)\./

/**
 * Tells the webhooks that asked for it, in the unit of work of the caller: either what happened and its deliveries are
 * kept, or neither. An event that nobody asked for leaves nothing.
 */
export function emit(context: MockContext, { type, phoneNumberId, data }: NewEvent): void {
  const takers = takersOf(context, type, phoneNumberId)
  if (takers.length === 0) return
  const at = context.now()
  const event: Envelope = {
    id: newEventId(at),
    event: type,
    created_at: timestamp(at),
    project_id: context.project.id,
    phone_number_id: phoneNumberId,
    data,
  }
  context.store.put(EVENTS, event.id, event)
  for (const { id } of takers) dispatch(context, id, event)
}

function takersOf(context: MockContext, type: EventName, phoneNumberId: string | null): readonly Webhook[] {
  const asking = context.store
    .list<Webhook>(WEBHOOKS, { where: { enabled: true } })
    .filter(({ events }) => events.includes(type))
  if (asking.length === 0) return asking
  if (!OF_NUMBERS.test(type)) return asking.filter((webhook) => webhook.phone_number_id === null)
  // There is one number in the sandbox, which stands in for those of production as well.
  if (context.environment === 'sandbox') return asking.filter((webhook) => webhook.phone_number_id !== null)
  const number = phoneNumberId === null ? undefined : findPhoneNumber(context, phoneNumberId)
  return asking.filter((webhook) => webhook.phone_number_id === number?.id)
}

/** Writes a delivery of an event that is kept, and sends it as soon as this unit of work is done. */
function dispatch(context: MockContext, webhookId: string, event: Envelope): void {
  const id = context.store.nextId('/deliveries')
  const now = context.now()
  const task: DeliveryTask = { webhookId, deliveryId: id }
  const delivery: StoredDelivery = {
    id,
    webhook_id: webhookId,
    event_id: event.id,
    event: event.event,
    created_at: timestamp(now),
    ...shown(newDelivery(now)),
    job: context.schedule(DELIVER, task),
  }
  context.store.put(deliveriesOf(webhookId), id, delivery)
}

/** A delivery in the words of the API. */
export function shown({ status, attempts, responseStatus, error, deliveredAt, nextAttemptAt }: Delivery) {
  return {
    status,
    attempt: attempts,
    response_status: responseStatus,
    error,
    delivered_at: deliveredAt === null ? null : timestamp(deliveredAt),
    next_attempt_at: nextAttemptAt === null ? null : timestamp(nextAttemptAt),
  }
}

export function deliveryOf(stored: StoredDelivery): Delivery {
  const instant = (text: string | null): number | null => (text === null ? null : Date.parse(text))
  return {
    status: stored.status,
    attempts: stored.attempt,
    responseStatus: stored.response_status,
    error: stored.error,
    deliveredAt: instant(stored.delivered_at),
    nextAttemptAt: instant(stored.next_attempt_at),
  }
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Like `evt_01J8Y6K1A2B3C4D5E6F7G8H9JK`: sorts by time, and is never the same again, not even after a reset. */
function newEventId(at: number): string {
  let number = (BigInt(at) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`)
  let text = ''
  for (let i = 0; i < 26; i++) {
    text = CROCKFORD.charAt(Number(number & 31n)) + text
    number >>= 5n
  }
  return `evt_${text}`
}
