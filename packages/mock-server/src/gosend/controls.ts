// GoSendAPI's steps of the control plane: what Meta, people and time do to a project, so that every event can be had.

import { isObject } from '../engine/json.js'
import type { MockContext } from '../rules/context.js'
import type { HandlerRefusal } from '../rules/handlers.js'
import type { Control, ControlContext } from '../rules/rules.js'
import {
  findPhoneNumber,
  findWaba,
  PHONE_NUMBERS,
  type PhoneNumber,
  WABAS,
  type Waba,
} from './customers/accounts.js'
import { begin, confirm, findLink, PIN, showLink } from './customers/customers.js'
import { refuseWith } from './errors.js'
import { inbound } from './messages/inbound.js'
import { review, type Verdict } from './templates/templates.js'
import { resend } from './webhooks/deliveries.js'
import { emit } from './webhooks/events.js'
import { rotateSecret, showDelivery } from './webhooks/webhooks.js'

interface Alert {
  readonly severity: 'info' | 'warning' | 'critical'
  readonly title: string
  readonly message: string
  readonly waba_id: string | null
}

const SEVERITIES: readonly string[] = ['info', 'warning', 'critical'] satisfies Alert['severity'][]
const RATINGS: readonly string[] = [
  'green',
  'yellow',
  'red',
  'unknown',
] satisfies PhoneNumber['quality_rating'][]

const alert = (context: MockContext, about: Alert): void =>
  emit(context, { type: 'whatsapp.account.alert', phoneNumberId: null, data: { alert: about } })

/**
 * A step on something that a project has, wherever that is: in the project and environment that the query names, or else
 * in the first one that has it.
 */
const locate = <Found>(
  context: ControlContext,
  find: (context: MockContext) => Found | undefined,
): readonly [ControlContext, Found] | undefined => {
  for (const place of [context, ...context.everywhere()]) {
    const found = find(place)
    if (found !== undefined) return [{ ...context, ...place }, found]
  }
  return undefined
}

/** A step on one WABA, by GoSendAPI's own id. */
const ofWaba =
  (step: (context: ControlContext, waba: Waba) => unknown): Control =>
  (context) => {
    const { wabaId = '' } = context.parameters
    const found = locate(context, (place) => findWaba(place, wabaId))
    return found === undefined ? missing('WABA', wabaId) : step(...found)
  }

/** A step on one number, by WhatsApp's id. */
const ofNumber =
  (step: (context: ControlContext, number: PhoneNumber) => unknown): Control =>
  (context) => {
    const { phoneNumberId = '' } = context.parameters
    const found = locate(context, (place) => findPhoneNumber(place, phoneNumberId))
    return found === undefined ? missing('phone number', phoneNumberId) : step(...found)
  }

const missing = (kind: string, id: string): HandlerRefusal => refuseWith(404, `There is no ${kind} ${id}`)

const setStatus = (status: Waba['status'], about: Omit<Alert, 'waba_id'>): Control =>
  ofWaba((context, waba) => {
    const changed: Waba = { ...waba, status }
    context.store.put(WABAS, waba.id, changed)
    alert(context, { ...about, waba_id: waba.id })
    return changed
  })

const decide = (verdictOf: (body: Readonly<Record<string, unknown>>) => Verdict): Control =>
  ofWaba((context, waba) => {
    const { templateId = '' } = context.parameters
    const body = isObject(context.body) ? context.body : {}
    return review(context, waba.id, templateId, verdictOf(body)) ?? missing('template', templateId)
  })

/** A member of the body that is text, if it is there. */
function textIn(body: unknown, name: string): string | undefined {
  const value = isObject(body) ? body[name] : undefined
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') throw new TypeError(`${name} must be text`)
  return value
}

function oneOf(values: readonly string[], name: string, value: string): string {
  if (!values.includes(value)) throw new TypeError(`${name} must be one of ${values.join(', ')}`)
  return value
}

const accountControls: Readonly<Record<string, Control>> = {
  'POST /_mock/wabas/{wabaId}/suspend': setStatus('suspended', {
    severity: 'critical',
    title: 'Account suspended',
    message: 'Meta has suspended this account for a breach of its policy. It cannot send.',
  }),

  'POST /_mock/wabas/{wabaId}/reactivate': setStatus('active', {
    severity: 'info',
    title: 'Account active again',
    message: 'The appeal was granted. The account can send again.',
  }),

  /** `{ severity?, title?, message? }` */
  'POST /_mock/wabas/{wabaId}/alert': ofWaba((context, waba) => {
    const { body } = context
    const about: Alert = {
      severity: oneOf(SEVERITIES, 'severity', textIn(body, 'severity') ?? 'warning') as Alert['severity'],
      title: textIn(body, 'title') ?? 'Quality rating is low',
      message: textIn(body, 'message') ?? 'People have blocked or reported this account lately.',
      waba_id: waba.id,
    }
    alert(context, about)
    return about
  }),

  'GET /_mock/phone-numbers': ({ store }) => store.list(PHONE_NUMBERS),

  /** `{ quality_rating }`; a bad one raises an alert. */
  'POST /_mock/phone-numbers/{phoneNumberId}/quality': ofNumber((context, number) => {
    const { body } = context
    const rating = oneOf(RATINGS, 'quality_rating', textIn(body, 'quality_rating') ?? '')
    const changed = { ...number, quality_rating: rating as PhoneNumber['quality_rating'] }
    context.store.put(PHONE_NUMBERS, number.phone_number_id, changed)
    if (rating === 'yellow' || rating === 'red') {
      alert(context, {
        severity: rating === 'red' ? 'critical' : 'warning',
        title: 'Quality rating is low',
        message: `People have blocked or reported ${number.display_phone_number} lately.`,
        waba_id: number.waba_id,
      })
    }
    return changed
  }),

  /** The number stays, and is `disconnected`. */
  'DELETE /_mock/phone-numbers/{phoneNumberId}': ofNumber((context, number) => {
    if (number.status === 'disconnected') return refuseWith(409, 'This phone number is disconnected already')
    const changed: PhoneNumber = { ...number, status: 'disconnected' }
    context.store.put(PHONE_NUMBERS, number.phone_number_id, changed)
    emit(context, {
      type: 'whatsapp.phone_number.deleted',
      phoneNumberId: number.phone_number_id,
      data: { phone_number: changed },
    })
    return changed
  }),

  'POST /_mock/wabas/{wabaId}/templates/{templateId}/approve': decide(() => ({ status: 'APPROVED' })),
  'POST /_mock/wabas/{wabaId}/templates/{templateId}/pause': decide(() => ({ status: 'PAUSED' })),
  /** `{ reason? }` */
  'POST /_mock/wabas/{wabaId}/templates/{templateId}/reject': decide((body) => ({
    status: 'REJECTED',
    reason: textIn(body, 'reason'),
  })),
}

const webhookControls: Readonly<Record<string, Control>> = {
  'POST /_mock/webhooks/{webhookId}/deliveries/{deliveryId}/resend': (context) => {
    const { webhookId = '', deliveryId = '' } = context.parameters
    const delivery = resend(context, webhookId, deliveryId)
    return delivery === undefined ? missing('delivery', deliveryId) : showDelivery(delivery)
  },

  /** A new secret in place of the one before; shown once. */
  'POST /_mock/webhooks/{webhookId}/secret': (context) => {
    const { webhookId = '' } = context.parameters
    const secret = rotateSecret(context, webhookId)
    return secret === undefined ? missing('webhook', webhookId) : { secret }
  },
}

const customerControls: Readonly<Record<string, Control>> = {
  /** `{ businessName?, displayName?, phoneNumbers }`: what a customer does on the page behind the link. */
  'POST /_mock/setup-links/{linkId}/complete': (context) => {
    const { linkId = '' } = context.parameters
    const found = findLink(context, linkId)
    if (found === undefined) return missing('setup link', linkId)
    const { tenant, link, customer } = found
    if (link.status !== 'pending') return refuseWith(409, `This setup link is ${link.status}`)
    const numbers = isObject(context.body) ? context.body.phoneNumbers : undefined
    if (!Array.isArray(numbers)) throw new TypeError('phoneNumbers must be a list of phone numbers')
    const businessName = textIn(context.body, 'businessName') ?? customer.name
    const begun = begin(tenant, link, {
      businessName,
      displayName: textIn(context.body, 'displayName') ?? businessName,
      phoneNumbers: numbers.map(String),
    })
    const result = 'field' in begun ? begun : confirm(tenant, begun, PIN)
    if ('field' in result) throw new TypeError(`${result.field}: ${result.message}`)
    return showLink(context, result)
  },
}

export const gosendControls: Readonly<Record<string, Control>> = {
  'POST /_mock/inbound': inbound,
  ...accountControls,
  ...webhookControls,
  ...customerControls,
}
