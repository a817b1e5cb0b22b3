// The contracts as types, the typed clients made from them, and the check for what webhooks receive.

export {
  type ControlClient,
  type ControlClientOptions,
  createControlClient,
  createGosendClient,
  createManagementClient,
  type GosendClient,
  type GosendClientOptions,
  type GosendPaths,
  type ManagementClient,
  type ManagementClientOptions,
} from './client.js'
export type { components as ControlComponents, paths as ControlPaths } from './generated/control.js'
export type { components as GosendComponents } from './generated/gosend.js'
export type { components as ManagementComponents, paths as ManagementPaths } from './generated/management.js'
export { GosendError, type List, type ListItem, type ListPath } from './list.js'
export type { Clock, Fetch, RetryOptions } from './retry.js'
export { verifyWebhook, type WebhookEvent, type WebhookRefusal, type WebhookVerification } from './webhook.js'
