// What was sent, and what is still to be sent: each delivery with its attempts.

import { type Delivery, newDelivery } from '@gosend/auth-core/webhooks'
import type { MockContext } from '../rules/context.js'
import { type Attempted, type DeliveryKeeper, sendAnew, shownAttempts } from './attempts.js'
import type { ShownDelivery } from './shown.js'

/** The job that makes one attempt. */
export const DELIVER = 'webhooks.deliver'

/** What is kept of a delivery to send it. Secrets are looked up when it is sent. */
export interface Draft {
  readonly webhook: string
  readonly event: string
  readonly kind: 'webhook' | 'callback'
  readonly method: string
  readonly url: string
  readonly contentType: string | undefined
  readonly body: string
  /** Those that are the same for every attempt. */
  readonly headers: Readonly<Record<string, string>>
  /** Of the event: the same for all who get it, and for each attempt. */
  readonly eventId: string
  /** What the request is described by, so that it can be checked when it is edited: its place in the document. */
  readonly pointer: string
  /** The endpoint that it is for; undefined for an address that a request named. */
  readonly endpoint: string | undefined
  readonly proof: unknown
}

export interface StoredDelivery extends Draft, Delivery, Attempted {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

const DELIVERIES = 'webhook deliveries'
/** What is done is forgotten beyond so many. */
const MAX_KEPT = 500
const PRUNED_AT_ONCE = 50

interface DeliveryTask {
  readonly deliveryId: string
}

export const keeper: DeliveryKeeper<DeliveryTask, StoredDelivery> = {
  job: DELIVER,
  find: (context, { deliveryId }) => findDelivery(context, deliveryId),
  put: ({ store }, { deliveryId }, stored) => store.put(DELIVERIES, deliveryId, stored),
  deliveryOf: (stored) => stored,
  with(stored, { status, attempts, responseStatus, error, deliveredAt, nextAttemptAt }) {
    return { ...stored, status, attempts, responseStatus, error, deliveredAt, nextAttemptAt }
  },
}

/** Writes a delivery in the unit of work of the caller, and sends it as soon as that is done. */
export function enqueue(context: MockContext, draft: Draft): StoredDelivery {
  const id = context.store.nextId(DELIVERIES)
  const now = context.now()
  const delivery: StoredDelivery = { ...draft, ...newDelivery(now), id, createdAt: now, job: null }
  if (Number(id) % PRUNED_AT_ONCE === 0) prune(context)
  return sendAnew(keeper, context, { deliveryId: id }, delivery)
}

function prune({ store }: MockContext): void {
  const surplus = store.count(DELIVERIES) - MAX_KEPT
  if (surplus <= 0) return
  for (const { id, job } of store.list<StoredDelivery>(DELIVERIES, { limit: surplus }))
    if (job === null) store.remove(DELIVERIES, id)
}

/** The latest first. */
export const deliveriesIn = ({ store }: MockContext, limit = 100): readonly StoredDelivery[] =>
  store.list<StoredDelivery>(DELIVERIES, { latestFirst: true, limit })

export const findDelivery = ({ store }: MockContext, id: string): StoredDelivery | undefined =>
  store.get<StoredDelivery>(DELIVERIES, id)

/** Sends a delivery once more, from the first attempt on. */
export const resend = (context: MockContext, delivery: StoredDelivery): StoredDelivery =>
  sendAnew(keeper, context, { deliveryId: delivery.id }, delivery)

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

export const shownDelivery = (stored: StoredDelivery): ShownDelivery => ({
  id: stored.id,
  webhook: stored.webhook,
  event: stored.event,
  kind: stored.kind,
  method: stored.method,
  url: stored.url,
  contentType: stored.contentType ?? null,
  body: stored.body,
  createdAt: new Date(stored.createdAt).toISOString(),
  status: stored.status === 'pending' && stored.attempts > 0 ? 'retrying' : stored.status,
  nextAttemptAt: timeOf(stored.nextAttemptAt),
  deliveredAt: timeOf(stored.deliveredAt),
  error: stored.error,
  attempts: shownAttempts(stored),
})
