// What the control plane and the dashboard's page say of webhooks. Imports nothing that browsers cannot have.

/** A webhook or callback of the document, and when it is sent. */
export interface ShownWebhook {
  readonly name: string
  readonly kind: 'webhook' | 'callback'
  readonly method: string
  /** The operation that a callback belongs to, as `POST /streams`; null for a webhook. */
  readonly after: string | null
  /** `create`, `update`, `delete`, and states such as `paid`. */
  readonly on: readonly string[]
  /** The collections whose things it tells of. */
  readonly things: readonly string[]
  /** The operations that it tells of, where a hint names them. */
  readonly operations: readonly string[]
  /** What its payload may call the event. */
  readonly events: readonly string[]
}

/** An address that gets webhooks. */
export interface ShownEndpoint {
  readonly url: string
  /** Null for all. */
  readonly events: readonly string[] | null
  readonly origin: 'option' | 'control' | 'subscription'
}

export interface ShownWebhooks {
  readonly webhooks: readonly ShownWebhook[]
  readonly endpoints: readonly ShownEndpoint[]
}

/** One attempt. Times are ISO 8601. */
export interface ShownAttempt {
  readonly at: string
  /** Null when there was no answer. */
  readonly status: number | null
  /** The beginning of the answer's body. */
  readonly body: string | null
  /** Why there was no answer. */
  readonly error: string | null
}

export interface ShownDelivery {
  readonly id: string
  /** The name of the webhook or callback. */
  readonly webhook: string
  /** What its payload calls the event, or else its name. */
  readonly event: string
  readonly kind: 'webhook' | 'callback'
  readonly method: string
  readonly url: string
  readonly contentType: string | null
  readonly body: string
  readonly createdAt: string
  /** `retrying` once an attempt has failed and another one follows. */
  readonly status: 'pending' | 'retrying' | 'delivered' | 'failed'
  readonly nextAttemptAt: string | null
  readonly deliveredAt: string | null
  /** Why the latest attempt got no answer, or why there is none any more. */
  readonly error: string | null
  readonly attempts: readonly ShownAttempt[]
}
