// Webhooks: where events go, and how the sending went. Their secrets are shown by the answer that creates or rotates
// them, and by nothing else.

import { randomBytes } from 'node:crypto'
import type { WebhookTargets } from '@gosend/auth-core/webhooks'
import type { MockContext } from '../../rules/context.js'
import type { HandlerContext, HandlerRefusal, Handlers } from '../../rules/handlers.js'
import { hasPhoneNumberId, isForeignPhoneNumberId } from '../customers/accounts.js'
import { refuse, refuseWith } from '../errors.js'
import { filters, listed } from '../lists.js'
import { timestamp } from '../time.js'
import { SECRETS } from './deliveries.js'
import { deliveriesOf, type StoredDelivery, WEBHOOKS, type Webhook } from './events.js'

interface WebhookBody {
  readonly url: string
  readonly events: Webhook['events']
  readonly phone_number_id?: string
}

/** Makes a new secret the only one. Undefined when there is no such webhook. */
export function rotateSecret(context: MockContext, webhookId: string): string | undefined {
  if (context.store.get(WEBHOOKS, webhookId) === undefined) return undefined
  // Hexadecimal digits are base64 as well: libraries for Standard Webhooks take the secret as it is.
  const secret = `whsec_${randomBytes(24).toString('hex')}`
  context.store.put(SECRETS, webhookId, { secret })
  return secret
}

/** A delivery as the API shows it. */
export function showDelivery({ job: _, attempted: __, ...delivery }: StoredDelivery): object {
  return delivery
}

export const webhookHandlers = (targets: WebhookTargets): Handlers => {
  /** What is wrong with an address, if anything; one that nothing reaches is only warned of. */
  const checkUrl = (context: HandlerContext, address: string | undefined): HandlerRefusal | undefined => {
    if (address === undefined) return undefined
    if (!URL.canParse(address))
      return refuseWith(422, 'This is not a complete address', { field: 'url', value: address })
    const refused = targets.refuse(new URL(address))
    if (refused !== undefined) context.log(`Warning: nothing will reach the webhook ${address}. ${refused}`)
    return undefined
  }

  const webhookOf = (context: HandlerContext): Webhook | undefined =>
    context.store.get<Webhook>(WEBHOOKS, idOf(context))

  return {
    listWebhooks: (context) => listed(context, WEBHOOKS),

    createWebhook(context) {
      const { url, events, phone_number_id: numberId = null } = context.request.body as WebhookBody
      const refusal = checkUrl(context, url) ?? checkNumber(context, numberId)
      if (refusal !== undefined) return refusal
      const webhook: Webhook = {
        id: context.store.nextId(WEBHOOKS),
        url,
        events,
        phone_number_id: numberId,
        type: 'gosendapi_events',
        enabled: true,
        created_at: timestamp(context.now()),
      }
      context.store.put(WEBHOOKS, webhook.id, webhook)
      return { status: 201, body: { ...webhook, secret: rotateSecret(context, webhook.id) } }
    },

    updateWebhook(context) {
      const changes = context.request.body as Partial<Webhook>
      const webhook = webhookOf(context)
      if (webhook === undefined) return notFound(context)
      const refusal = checkUrl(context, changes.url)
      if (refusal !== undefined) return refusal
      const changed: Webhook = { ...webhook, ...changes }
      context.store.put(WEBHOOKS, webhook.id, changed)
      return { body: changed }
    },

    deleteWebhook(context) {
      context.store.remove(SECRETS, idOf(context))
      return context.store.remove(WEBHOOKS, idOf(context)) ? { status: 204 } : notFound(context)
    },

    listWebhookDeliveries(context) {
      if (webhookOf(context) === undefined) return notFound(context)
      const where = filters(context, 'status', 'event')
      return listed(context, deliveriesOf(idOf(context)), where, (item) =>
        showDelivery(item as StoredDelivery),
      )
    },
  }
}

const idOf = (context: HandlerContext): string => String(context.request.parameters.path.webhook_id)

const notFound = (context: HandlerContext): HandlerRefusal =>
  refuseWith(404, `There is no webhook ${idOf(context)}`)

/** Whether the number is there, by GoSendAPI's own id. */
function checkNumber(context: MockContext, id: string | null): HandlerRefusal | undefined {
  if (id === null || hasPhoneNumberId(context, id)) return undefined
  const details = { field: 'phone_number_id', value: id }
  if (isForeignPhoneNumberId(context, id))
    return refuse('PHONE_NUMBER_NOT_IN_TENANT', 'This phone number belongs to another project', details)
  const message =
    "Validation failed: 'phone_number_id' is not the 'id' of a number of this project, as GET /wabas/{waba_id}/phone-numbers lists them"
  return refuse('INVALID_PHONE_NUMBER_ID', message, details)
}
