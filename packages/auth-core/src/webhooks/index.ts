// Webhook delivery: which addresses may be posted to, how a payload is signed and sent, and when it is tried again.
// Knows neither keys nor what the events mean.

export {
  afterAttempt,
  attemptDelivery,
  type Delivery,
  type DeliveryAttempt,
  newDelivery,
  type OutgoingWebhook,
  RETRY_DELAYS_MS,
} from './delivery.js'
export { type EventWebhookOptions, eventWebhook, type WebhookEvent } from './event-webhook.js'
export {
  createWebhookSender,
  type SendOutcome,
  type WebhookSender,
  type WebhookSenderOptions,
} from './sender.js'
export { signWebhook } from './signature.js'
export {
  createWebhookTargets,
  type Resolve,
  type WebhookTargets,
  type WebhookTargetsOptions,
} from './targets.js'
