// What GoSendAPI's pages in the dashboard show that no collection holds: the recipients with fixed behaviour, and a
// delivery as its receiver gets it.

import type { MockContext } from '../rules/context.js'
import type { Control } from '../rules/rules.js'
import { shownAttempts } from '../webhooks/attempts.js'
import { refuseWith } from './errors.js'
import { RECIPIENTS } from './messages/recipients.js'
import { SECRETS, signatures } from './webhooks/deliveries.js'
import {
  deliveriesOf,
  type Envelope,
  EVENTS,
  type StoredDelivery,
  WEBHOOKS,
  type Webhook,
} from './webhooks/events.js'
import { showDelivery } from './webhooks/webhooks.js'

/** The body as it is posted, and the headers that are the same for every attempt. */
function sentOf(context: MockContext, webhookId: string, event: Envelope): object {
  const { secret } = context.store.get<{ readonly secret: string }>(SECRETS, webhookId) ?? {}
  const body = JSON.stringify(event)
  const signed = secret === undefined ? {} : signatures(secret, event.id, body)
  const lasting = Object.entries(signed).filter(([name]) => LASTING.has(name))
  return { headers: Object.fromEntries(lasting), body }
}

const LASTING: ReadonlySet<string> = new Set(['x-gosendapi-signature', 'webhook-id'])

export const dashboardControls: Readonly<Record<string, Control>> = {
  'GET /_mock/recipients': () =>
    Object.entries(RECIPIENTS).map(([number, recipient]) => ({ number, ...recipient })),

  'GET /_mock/webhooks/{webhookId}/deliveries/{deliveryId}': (context) => {
    const { store, parameters } = context
    const { webhookId = '', deliveryId = '' } = parameters
    const delivery = store.get<StoredDelivery>(deliveriesOf(webhookId), deliveryId)
    const event = delivery && store.get<Envelope>(EVENTS, delivery.event_id)
    const webhook = store.get<Webhook>(WEBHOOKS, webhookId)
    if (delivery === undefined || event === undefined || webhook === undefined)
      return refuseWith(404, `There is no delivery ${deliveryId} of a webhook ${webhookId}`)
    const attempts = shownAttempts(delivery)
    const sent = sentOf(context, webhookId, event)
    return { delivery: showDelivery(delivery), url: webhook.url, attempts, ...sent }
  },
}
