// What was sent, and what is still to be sent: each delivery with its attempts, and the job that makes the next one. A
// delivery is sent at least once, whatever happens to the process, because its job stays until the outcome is kept.

import {
  attemptDelivery,
  type Delivery,
  newDelivery,
  type OutgoingWebhook,
  type SendOutcome,
  type WebhookSender,
} from '@gosend/auth-core/webhooks'
import type { MockContext } from '../rules/context.js'
import type { Job, JobContext } from '../rules/rules.js'
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

export interface StoredDelivery extends Draft, Delivery {
  readonly id: string
  readonly createdAt: number
  readonly attempted: readonly Attempt[]
  /** The job that makes the next attempt; null when there is none to come. */
  readonly job: string | null
}

interface Attempt {
  readonly at: number
  readonly status: number | null
  readonly body: string | null
  readonly error: string | null
}

const DELIVERIES = 'webhook deliveries'
/** What is done is forgotten beyond so many. */
const MAX_KEPT = 500
const PRUNED_AT_ONCE = 50

const task = (deliveryId: string): { readonly deliveryId: string } => ({ deliveryId })

/** Writes a delivery in the unit of work of the caller, and sends it as soon as that is done. */
export function enqueue(context: MockContext, draft: Draft): StoredDelivery {
  const id = context.store.nextId(DELIVERIES)
  const now = context.now()
  const job = context.schedule(DELIVER, task(id))
  const delivery: StoredDelivery = { ...draft, ...newDelivery(now), id, createdAt: now, attempted: [], job }
  context.store.put(DELIVERIES, id, delivery)
  if (Number(id) % PRUNED_AT_ONCE === 0) prune(context)
  return delivery
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
export function resend(context: MockContext, delivery: StoredDelivery): StoredDelivery {
  if (delivery.job !== null) context.cancel(delivery.job)
  const job = context.schedule(DELIVER, task(delivery.id))
  const anew = { ...delivery, ...newDelivery(context.now()), job }
  context.store.put(DELIVERIES, delivery.id, anew)
  return anew
}

/** @param prepare what is sent now; a string says why nothing is. */
export function createDelivery(
  send: WebhookSender,
  prepare: (context: MockContext, delivery: StoredDelivery) => OutgoingWebhook | string,
): Job {
  return (context: JobContext, { deliveryId }: { readonly deliveryId: string }) => {
    const { store, signal, id } = context
    const stored = (): StoredDelivery | undefined => {
      const found = findDelivery(context, deliveryId)
      // A delivery that was sent again meanwhile belongs to another job.
      return found?.job === id ? found : undefined
    }
    return attemptDelivery({
      ...{ send, signal, now: context.now },
      find: stored,
      prepare() {
        const found = stored()
        return found && prepare(context, found)
      },
      save(delivery, outcome) {
        const found = stored()
        if (found === undefined) return
        const { nextAttemptAt } = delivery
        const job = nextAttemptAt === null ? null : context.schedule(DELIVER, task(deliveryId), nextAttemptAt)
        const attempted =
          outcome === undefined ? found.attempted : [...found.attempted, attempt(outcome, context.now())]
        const { status, attempts, responseStatus, error, deliveredAt } = delivery
        const changed = { status, attempts, responseStatus, error, deliveredAt, nextAttemptAt }
        store.put(DELIVERIES, deliveryId, {
          ...found,
          ...changed,
          attempted: attempted.slice(-MAX_ATTEMPTS),
          job,
        })
      },
    })
  }
}

/** A delivery can be sent again without end. */
const MAX_ATTEMPTS = 50

const attempt = (outcome: SendOutcome, at: number): Attempt =>
  'status' in outcome
    ? { at, status: outcome.status, body: outcome.body ?? null, error: null }
    : { at, status: null, body: null, error: outcome.error }

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
  attempts: stored.attempted.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest })),
})
