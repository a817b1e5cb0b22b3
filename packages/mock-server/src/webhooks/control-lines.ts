// What can be done to webhooks through the control plane, by method and path; controls.ts does it.

export const CONTROL_LINES = [
  'GET /_mock/webhooks',
  'PUT /_mock/webhooks',
  'GET /_mock/webhooks/secret',
  'POST /_mock/webhooks/{name}',
  'GET /_mock/webhook-deliveries',
  'GET /_mock/webhook-deliveries/{id}',
  'POST /_mock/webhook-deliveries/{id}/resend',
] as const

export type ControlLine = (typeof CONTROL_LINES)[number]
