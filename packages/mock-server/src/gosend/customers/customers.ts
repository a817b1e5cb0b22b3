// Customers and setup links: how a business comes by a WABA of its own. The steps of a sign-up are here, whether a page
// or a test takes them.

import { randomUUID } from 'node:crypto'
import type { GosendComponents } from '@gosend/openapi'
import type { MockContext } from '../../rules/context.js'
import type { HandlerRefusal, Handlers } from '../../rules/handlers.js'
import { refuseWith } from '../errors.js'
import { plantTemplates } from '../templates/templates.js'
import { emit } from '../webhooks/events.js'
import {
  CUSTOMERS,
  type Customer,
  findWaba,
  metaIdOf,
  newCustomer,
  newId,
  newPhoneNumber,
  newWaba,
  normalizeNumber,
  PHONE_NUMBERS,
  type PhoneNumber,
  WABAS,
  type Waba,
} from './accounts.js'

type Schemas = GosendComponents['schemas']
type SetupLink = Schemas['SetupLink']

/** A setup link and how far its sign-up is. */
export interface StoredLink extends Omit<SetupLink, 'url'> {
  readonly customerId: string
  /** The account that the sign-up has begun; null before. */
  readonly wabaId: string | null
  readonly details: SignUp | null
  readonly wrongPins: number
}

export interface SignUp {
  readonly businessName: string
  readonly displayName: string
  /** As people write them, country code first. */
  readonly phoneNumbers: readonly string[]
}

/** Why a step of a sign-up is refused; each is about one field. */
export interface SignUpFault {
  readonly field: 'businessName' | 'displayName' | 'phoneNumbers' | 'pin'
  readonly message: string
}

/** What WhatsApp would send to the number by SMS. Nothing is sent here: the page shows it to the customer. */
export const PIN = '123456'
const MAX_WRONG_PINS = 3
const MAX_NUMBERS = 5
export const LINKS = '/setup-links'

const inProduction = (context: MockContext): readonly MockContext[] =>
  context.everywhere().filter(({ environment }) => environment === 'production')

export const customerHandlers: Handlers = {
  createCustomer(context) {
    const tenantId = String(context.request.parameters.path.tenantId)
    const tenant = inProduction(context).find(({ project }) => project.id === tenantId)
    if (tenant === undefined) return refuseWith(404, `There is no project ${tenantId}`)
    const body = context.request.body as Schemas['CustomerCreate']
    const { external_id: externalId } = body
    if (externalId !== undefined && tenant.store.count(CUSTOMERS, { external_id: externalId }) > 0) {
      const details = { field: 'external_id', value: externalId }
      return refuseWith(409, 'There is a customer with this external_id already', details)
    }
    const customer = newCustomer({ id: newId(tenant, CUSTOMERS), ...body })
    tenant.store.put(CUSTOMERS, customer.id, customer)
    return { status: 201, body: customer }
  },

  createSetupLink(context) {
    const customerId = String(context.request.parameters.path.customerId)
    const tenant = inProduction(context).find(({ store }) => store.get(CUSTOMERS, customerId) !== undefined)
    if (tenant === undefined) return refuseWith(404, `There is no customer ${customerId}`)
    const body = context.request.body as Schemas['SetupLinkCreate']
    const { successRedirectUrl, failureRedirectUrl, expiresAt = null } = body
    const refusal = badLink(body, context.now())
    if (refusal !== undefined) return refusal
    const link: StoredLink = {
      ...{ id: randomUUID(), status: 'pending', expiresAt, successRedirectUrl, failureRedirectUrl },
      ...{ customerId, wabaId: null, details: null, wrongPins: 0 },
    }
    tenant.store.put(LINKS, link.id, link)
    return { status: 201, body: showLink(context, link) }
  },
}

/** The link as the API shows it. */
export function showLink(context: MockContext, { id, status, ...link }: StoredLink): SetupLink {
  const { expiresAt, successRedirectUrl, failureRedirectUrl } = link
  const url = `${context.origin}/signup/${id}`
  return { id, url, status, expiresAt, successRedirectUrl, failureRedirectUrl }
}

/** Browsers follow these addresses: one such as `javascript:…` would run in the sign-up page. */
function badLink(body: Schemas['SetupLinkCreate'], now: number): HandlerRefusal | undefined {
  for (const field of ['successRedirectUrl', 'failureRedirectUrl'] as const) {
    const value = body[field]
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
      return refuseWith(400, `Validation failed: '${field}' must be an http or https address`, {
        field,
        value,
      })
  }
  const { expiresAt: value } = body
  if (value === undefined || Date.parse(value) > now) return undefined
  const field = 'expiresAt'
  return refuseWith(400, `Validation failed: '${field}' must be in the future`, { field, value })
}

/** A setup link with the project that it belongs to, whichever that is. Past its time it is `expired`. */
export function findLink(
  context: MockContext,
  id: string,
): { readonly tenant: MockContext; readonly link: StoredLink; readonly customer: Customer } | undefined {
  for (const tenant of inProduction(context)) {
    const link = tenant.store.get<StoredLink>(LINKS, id)
    const customer = link && tenant.store.get<Customer>(CUSTOMERS, link.customerId)
    if (link === undefined || customer === undefined) continue
    const isOver = link.expiresAt !== null && Date.parse(link.expiresAt) <= context.now()
    if (link.status === 'pending' && isOver) return { tenant, link: end(tenant, link, 'expired'), customer }
    return { tenant, link, customer }
  }
  return undefined
}

/** The first step: who signs up, and with which numbers. Its WABA is `pending` from then on. */
export function begin(tenant: MockContext, link: StoredLink, wanted: SignUp): StoredLink | SignUpFault {
  const details: SignUp = {
    businessName: tidy(wanted.businessName),
    displayName: tidy(wanted.displayName),
    phoneNumbers: wanted.phoneNumbers.map(tidy).filter((number) => number !== ''),
  }
  const fault = faultOf(tenant, details)
  if (fault !== undefined) return fault
  const existing = link.wabaId === null ? undefined : findWaba(tenant, link.wabaId)
  const id = existing?.id ?? newId(tenant, WABAS)
  const ids = { waba_id: metaIdOf(tenant, 'waba', id), business_id: metaIdOf(tenant, 'business', id) }
  const waba: Waba = {
    ...newWaba(tenant, { id, ...ids, customerId: link.customerId, name: details.businessName }),
    status: 'pending',
  }
  tenant.store.put(WABAS, id, waba)
  return keep(tenant, { ...link, wabaId: id, details })
}

/** The last step: the PIN. Then the WABA is `active` and has its numbers. */
export function confirm(tenant: MockContext, link: StoredLink, pin: string): StoredLink | SignUpFault {
  const { wabaId, details } = link
  const waba = wabaId === null ? undefined : findWaba(tenant, wabaId)
  if (waba === undefined || details === null)
    return { field: 'businessName', message: 'Say first who signs up' }
  if (pin.replace(/\s/g, '') !== PIN) {
    const wrongPins = link.wrongPins + 1
    if (wrongPins >= MAX_WRONG_PINS) return end(tenant, { ...link, wrongPins }, 'failed')
    keep(tenant, { ...link, wrongPins })
    return { field: 'pin', message: 'This is not the code that was shown' }
  }
  const fault = faultOf(tenant, details)
  if (fault !== undefined) return fault
  tenant.store.put(WABAS, waba.id, { ...waba, status: 'active' })
  plantTemplates(tenant, waba.id)
  for (const display of details.phoneNumbers) {
    const id = newId(tenant, 'phone_number_ids')
    const number: PhoneNumber = newPhoneNumber({
      ...{ id, phone_number_id: metaIdOf(tenant, 'number', id), display_phone_number: display },
      ...{ wabaId: waba.id, name: details.displayName },
    })
    tenant.store.put(PHONE_NUMBERS, number.phone_number_id, number)
    const data = { phone_number: number }
    emit(tenant, { type: 'whatsapp.phone_number.created', phoneNumberId: number.phone_number_id, data })
  }
  return end(tenant, link, 'completed')
}

/** Gives up: the link is used up, and the account that it began is gone. */
export const cancel = (tenant: MockContext, link: StoredLink): StoredLink => end(tenant, link, 'failed')

function end(tenant: MockContext, link: StoredLink, status: StoredLink['status']): StoredLink {
  if (status !== 'completed' && link.wabaId !== null) tenant.store.remove(WABAS, link.wabaId)
  return keep(tenant, { ...link, status })
}

function keep(tenant: MockContext, link: StoredLink): StoredLink {
  tenant.store.put(LINKS, link.id, link)
  return link
}

/** Where the customer comes out; undefined while the sign-up goes on. */
export function exitOf({ status, successRedirectUrl, failureRedirectUrl }: StoredLink): string | undefined {
  if (status === 'pending') return undefined
  const url = new URL(status === 'completed' ? successRedirectUrl : failureRedirectUrl)
  url.searchParams.set('status', status === 'completed' ? 'success' : status)
  return url.href
}

/** One blank between words, none around them, and no control characters. */
const tidy = (text: string): string =>
  text
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 200)

function faultOf(
  tenant: MockContext,
  { businessName, displayName, phoneNumbers }: SignUp,
): SignUpFault | undefined {
  if (businessName === '') return { field: 'businessName', message: 'Enter the name of the business' }
  if (displayName === '') return { field: 'displayName', message: 'Enter the name that people will see' }
  const field = 'phoneNumbers'
  if (phoneNumbers.length === 0) return { field, message: 'Enter a phone number' }
  if (phoneNumbers.length > MAX_NUMBERS) return { field, message: `Enter at most ${MAX_NUMBERS} numbers` }
  const seen = new Set<string>()
  for (const number of phoneNumbers) {
    const digits = normalizeNumber(number)
    if (!/^\+?[\d ().-]+$/.test(number) || !/^[1-9]\d{6,14}$/.test(digits))
      return {
        field,
        message: `${number} is no phone number with its country code, such as +54 11 5555 1234`,
      }
    const where = { display_phone_number_normalized: digits, status: 'active' }
    if (seen.has(digits) || tenant.everywhere().some(({ store }) => store.count(PHONE_NUMBERS, where) > 0))
      return { field, message: `${number} is connected already` }
    seen.add(digits)
  }
  return undefined
}
