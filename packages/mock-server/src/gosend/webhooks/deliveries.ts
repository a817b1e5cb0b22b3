// The deliveries of the outbox, each sent by a job: what is sent, and how it is signed.

import { createHmac } from 'node:crypto'
import { type OutgoingWebhook, signWebhook, type WebhookSender } from '@gosend/auth-core/webhooks'
import type { MockContext } from '../../rules/context.js'
import type { Job } from '../../rules/rules.js'
import { attemptJob, type DeliveryKeeper, sendAnew } from '../../webhooks/attempts.js'
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

export const keeper: DeliveryKeeper<DeliveryTask, StoredDelivery> = {
  job: DELIVER,
  find: ({ store }, { webhookId, deliveryId }) =>
    store.get<StoredDelivery>(deliveriesOf(webhookId), deliveryId),
  put: ({ store }, { webhookId, deliveryId }, stored) =>
    store.put(deliveriesOf(webhookId), deliveryId, stored),
  deliveryOf,
  with: (stored, delivery) => ({ ...stored, ...shown(delivery) }),
}

/** The job that makes one attempt. */
export const createDelivery = (send: WebhookSender): Job =>
  attemptJob(keeper, send, (context, { event_id }, { webhookId }) => outgoing(context, webhookId, event_id))

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
  return delivery && sendAnew(keeper, context, { webhookId, deliveryId }, delivery)
}
