// The attempts of deliveries, whoever keeps them and in whatever words: the job that makes one, what came of each, and how a
// delivery begins anew. A delivery is sent at least once, whatever happens to the process, because its job stays until the
// outcome is kept.

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
import type { ShownAttempt } from './shown.js'

/** What every delivery is kept with. */
export interface Attempted {
  /** The job that makes the next attempt; null when there is none to come. */
  readonly job: string | null
  /** Those of a delivery that an earlier version has kept are not known. */
  readonly attempted?: readonly Attempt[] | undefined
}

/** One attempt. */
export interface Attempt {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Null when there was no answer. */
  readonly status: number | null
  /** The beginning of the answer's body. */
  readonly body: string | null
  readonly error: string | null
}

/** Where deliveries are kept, each found by the payload of its jobs. */
export interface DeliveryKeeper<Task, Stored extends Attempted> {
  /** The name of the job. */
  readonly job: string
  find(context: MockContext, task: Task): Stored | undefined
  put(context: MockContext, task: Task, stored: Stored): void
  deliveryOf(stored: Stored): Delivery
  /** What is kept, with what has come of the delivery. */
  with(stored: Stored, delivery: Delivery): Stored
}

/** How much of an answer is kept with each attempt. */
export const KEPT_ANSWER_BYTES = 4_096
/** A delivery can be sent again without end. */
const MAX_ATTEMPTS = 50

/** @param prepare what is sent now; a string says why nothing is, and undefined that nobody wants it any more. */
export function attemptJob<Task, Stored extends Attempted>(
  keeper: DeliveryKeeper<Task, Stored>,
  send: WebhookSender,
  prepare: (context: MockContext, stored: Stored, task: Task) => OutgoingWebhook | string | undefined,
): Job {
  return (context: JobContext, task: Task) => {
    const stored = (): Stored | undefined => {
      const found = keeper.find(context, task)
      // A delivery that was sent again meanwhile belongs to another job.
      return found?.job === context.id ? found : undefined
    }
    return attemptDelivery({
      ...{ send, signal: context.signal, now: context.now },
      find() {
        const found = stored()
        return found && keeper.deliveryOf(found)
      },
      prepare() {
        const found = stored()
        return found && prepare(context, found, task)
      },
      save(delivery, outcome) {
        const found = stored()
        if (found === undefined) return
        const { nextAttemptAt: next } = delivery
        const job = next === null ? null : context.schedule(keeper.job, task, next)
        const before = found.attempted ?? []
        const attempted = outcome === undefined ? before : [...before, attemptOf(outcome, context.now())]
        keeper.put(context, task, {
          ...keeper.with(found, delivery),
          ...{ job, attempted: attempted.slice(-MAX_ATTEMPTS) },
        })
      },
    })
  }
}

/** Sends a delivery from the first attempt on, whether or not it was sent before. */
export function sendAnew<Task, Stored extends Attempted>(
  keeper: DeliveryKeeper<Task, Stored>,
  context: MockContext,
  task: Task,
  stored: Stored,
): Stored {
  if (stored.job !== null) context.cancel(stored.job)
  const job = context.schedule(keeper.job, task)
  const anew = { ...keeper.with(stored, newDelivery(context.now())), job }
  keeper.put(context, task, anew)
  return anew
}

const attemptOf = (outcome: SendOutcome, at: number): Attempt =>
  'status' in outcome
    ? { at, status: outcome.status, body: outcome.body ?? null, error: null }
    : { at, status: null, body: null, error: outcome.error }

export const shownAttempts = ({ attempted = [] }: Attempted): readonly ShownAttempt[] =>
  attempted.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest }))
