// The deliveries of the outbox, each sent by a job. Whatever happens to the process, a delivery is sent at least once,
// because its job stays until the outcome is kept.

import { createHmac } from 'node:crypto'
import {
  attemptDelivery,
  newDelivery,
  type OutgoingWebhook,
  signWebhook,
  type WebhookSender,
} from '@gosend/auth-core/webhooks'
import type { MockContext } from '../../rules/context.js'
import type { Job, JobContext } from '../../rules/rules.js'
import {
  DELIVER,
  type DeliveryTask,
  deliveriesOf,
  deliveryOf,
  type Envelope,
  EVENTS,
  type StoredDelivery,
  shown,
  WEBHOOKS,
  type Webhook,
} from './events.js'

/** What a webhook's deliveries are signed with, apart from the webhooks so that no list of them can show it. */
export const SECRETS = 'webhook secrets'

/** The job that makes one attempt. */
export function createDelivery(send: WebhookSender): Job {
  return (context: JobContext, { webhookId, deliveryId }: DeliveryTask) => {
    const { store, signal, id } = context
    const stored = (): StoredDelivery | undefined => {
      const found = store.get<StoredDelivery>(deliveriesOf(webhookId), deliveryId)
      // A delivery that was sent again meanwhile belongs to another job.
      return found?.job === id ? found : undefined
    }
    return attemptDelivery({
      ...{ send, signal, now: context.now },
      find() {
        const found = stored()
        return found && deliveryOf(found)
      },
      prepare() {
        const found = stored()
        return found && outgoing(context, webhookId, found.event_id)
      },
      save(delivery) {
        const found = stored()
        if (found === undefined) return
        const { nextAttemptAt } = delivery
        const task: DeliveryTask = { webhookId, deliveryId }
        const job = nextAttemptAt === null ? null : context.schedule(DELIVER, task, nextAttemptAt)
        store.put(deliveriesOf(webhookId), deliveryId, { ...found, ...shown(delivery), job })
      },
    })
  }
}

function outgoing(
  { store }: MockContext,
  webhookId: string,
  eventId: string,
): OutgoingWebhook | string | undefined {
  const webhook = store.get<Webhook>(WEBHOOKS, webhookId)
  const secret = store.get<{ readonly secret: string }>(SECRETS, webhookId)?.secret
  const event = store.get<Envelope>(EVENTS, eventId)
  if (webhook === undefined || secret === undefined || event === undefined) return undefined
  if (!webhook.enabled) return 'The webhook is not enabled'
  const body = JSON.stringify(event)
  const headers = { ...signatures(secret, event.id, body), 'content-type': 'application/json' }
  return { url: webhook.url, body, headers }
}

/** GoSendAPI's signature, and those of Standard Webhooks beside it for libraries that know them. */
export function signatures(secret: string, id: string, body: string): Record<string, string> {
  return {
    'x-gosendapi-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    // Receivers compare the time with their own clock, not with the mock's.
    ...signWebhook(secret, id, body, Date.now()),
  }
}

/** Sends a delivery once more, from the first attempt on. Undefined when there is none with this id. */
export function resend(
  context: MockContext,
  webhookId: string,
  deliveryId: string,
): StoredDelivery | undefined {
  const delivery = context.store.get<StoredDelivery>(deliveriesOf(webhookId), deliveryId)
  if (delivery === undefined) return undefined
  if (delivery.job !== null) context.cancel(delivery.job)
  const task: DeliveryTask = { webhookId, deliveryId }
  const anew: StoredDelivery = {
    ...delivery,
    ...shown(newDelivery(context.now())),
    job: context.schedule(DELIVER, task),
  }
  context.store.put(deliveriesOf(webhookId), deliveryId, anew)
  return anew
}
