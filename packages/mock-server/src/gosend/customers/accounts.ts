// WhatsApp Business Accounts and their numbers: what a project begins with, how a further one comes into being, and
// whose they are.

import { createHash } from 'node:crypto'
import type { GosendComponents } from '@gosend/openapi'
import type { MockContext } from '../../rules/context.js'
import type { HandlerRefusal, Handlers } from '../../rules/handlers.js'
import { filters, listed } from '../lists.js'
import { timestamp } from '../time.js'

type Schemas = GosendComponents['schemas']

export type Customer = Schemas['Customer']
export type Waba = Schemas['Waba']
export type PhoneNumber = Schemas['PhoneNumber']

export const CUSTOMERS = '/customers'
export const WABAS = '/wabas'
/** Their objects are found by WhatsApp's `phone_number_id`. */
export const PHONE_NUMBERS = '/phone-numbers'

/** What belongs to somebody else, for every project: answered with 403, as is what another project here has. */
export const FOREIGN = { wabaId: '99', phoneNumberId: '555987654321' } as const

/** Ids that are given to what comes later lie above those of the beginning. */
const FIRST_ID = 100

interface Beginning {
  readonly customer: { readonly id: string; readonly name: string }
  readonly waba: { readonly id: string; readonly waba_id: string; readonly business_id: string }
  readonly number: {
    readonly id: string
    readonly phone_number_id: string
    readonly display_phone_number: string
  }
}

/** Meta lends every developer a number to test with; every project's sandbox has this one. */
export const SANDBOX: Beginning = {
  customer: { id: '1', name: 'Sandbox' },
  waba: { id: '1', waba_id: '100000000000001', business_id: '200000000000001' },
  number: { id: '1', phone_number_id: '555000000001', display_phone_number: '+1 555 010 0001' },
}

/** What the first project has in production: the account and the number of the document's examples. */
export const PRODUCTION: Beginning = {
  customer: { id: '7', name: 'Acme Bikes' },
  waba: { id: '12', waba_id: '102290129340398', business_id: '506914307656634' },
  number: { id: '31', phone_number_id: '555123456789', display_phone_number: '+54 11 5555 1234' },
}

const FIRST_PROJECT = '42'

/** By GoSendAPI's own id. */
export function findWaba(context: MockContext, id: string): Waba | undefined {
  return context.store.get<Waba>(WABAS, id)
}

/** By WhatsApp's id. */
export function findPhoneNumber(context: MockContext, metaId: string): PhoneNumber | undefined {
  return context.store.get<PhoneNumber>(PHONE_NUMBERS, metaId)
}

/** By GoSendAPI's own id. */
export function findPhoneNumberById(context: MockContext, id: string): PhoneNumber | undefined {
  return context.store.list<PhoneNumber>(PHONE_NUMBERS, { where: { id }, limit: 1 })[0]
}

/** Whether a number that this project does not have belongs to another one. By WhatsApp's id. */
export function isForeignPhoneNumber(context: MockContext, metaId: string): boolean {
  return metaId === FOREIGN.phoneNumberId || isElsewhere(context, PHONE_NUMBERS, metaId)
}

/** Whether the project has a number, by GoSendAPI's own id. The sandbox's number stands in for those of production. */
export const hasPhoneNumberId = (context: MockContext, id: string): boolean =>
  findPhoneNumberById(context, id) !== undefined ||
  (context.environment === 'sandbox' &&
    context
      .everywhere()
      .some((own) => own.project.id === context.project.id && findPhoneNumberById(own, id) !== undefined))

/** Whether a number that this project does not have belongs to another one. By GoSendAPI's own id. */
export const isForeignPhoneNumberId = (context: MockContext, id: string): boolean =>
  othersOf(context).some((other) => findPhoneNumberById(other, id) !== undefined)

/** The WABA, or why there is none: 403 when another project has it, else 404. */
export function wabaOrRefusal(context: MockContext, id: string): Waba | HandlerRefusal {
  const waba = findWaba(context, id)
  if (waba !== undefined) return waba
  if (id !== FOREIGN.wabaId && !isElsewhere(context, WABAS, id))
    return { refusal: { status: 404, message: `There is no WABA ${id}` } }
  const message = 'This WABA belongs to another project'
  return { refusal: { status: 403, message, code: 'WABA_NOT_IN_TENANT', details: { field: 'waba_id' } } }
}

const othersOf = (context: MockContext): readonly MockContext[] =>
  context.everywhere().filter(({ project }) => project.id !== context.project.id)

const isElsewhere = (context: MockContext, collection: string, id: string): boolean =>
  othersOf(context).some(({ store }) => store.get(collection, id) !== undefined)

/** Writes the default customer with an account and a number; for the seed of a project and environment. */
export function seedAccounts(context: MockContext): void {
  const { project, environment, store } = context
  const isFirst = project.id === FIRST_PROJECT
  const beginning = environment === 'sandbox' ? SANDBOX : isFirst ? PRODUCTION : beginningOf(context)
  const { customer, waba, number } = beginning
  store.put(CUSTOMERS, customer.id, newCustomer(customer))
  store.put(WABAS, waba.id, {
    ...newWaba(context, { ...waba, customerId: customer.id, name: customer.name }),
    created_at: timestamp(project.createdAt),
  })
  store.put(
    PHONE_NUMBERS,
    number.phone_number_id,
    newPhoneNumber({ ...number, wabaId: waba.id, name: customer.name, quality: 'green' }),
  )
}

/** What another project than the first has in production: all its own. */
function beginningOf(context: MockContext): Beginning {
  const digits = metaIdOf(context, 'display_phone_number').slice(0, 8)
  return {
    customer: { id: newId(context, CUSTOMERS), name: context.project.name },
    waba: {
      id: newId(context, WABAS),
      waba_id: metaIdOf(context, 'waba_id'),
      business_id: metaIdOf(context, 'business_id'),
    },
    number: {
      id: newId(context, 'phone_number_ids'),
      phone_number_id: metaIdOf(context, 'phone_number_id'),
      display_phone_number: `+54 11 ${digits.slice(0, 4)} ${digits.slice(4)}`,
    },
  }
}

/** An id of GoSendAPI's own, which no other project has for the same kind of thing. */
export function newId(context: MockContext, collection: string): string {
  const all = context.everywhere()
  const counter = all.find(({ environment }) => environment === 'production') ?? context
  return String(FIRST_ID + Number(counter.store.nextId(`ids of ${collection}`)))
}

/** A WhatsApp id: 15 digits, the same for the same place in the same project. */
export function metaIdOf({ project, environment }: MockContext, ...place: readonly string[]): string {
  const digest = createHash('sha256')
    .update([project.id, environment, ...place].join('/'))
    .digest()
  return String(100_000_000_000_000n + (digest.readBigUInt64BE() % 900_000_000_000_000n))
}

export const newCustomer = (
  given: Partial<Customer> & { readonly id: string; readonly name: string },
): Customer => ({
  external_id: null,
  email: null,
  phone: null,
  metadata: null,
  status: 'active',
  ...given,
})

export interface NewWaba {
  readonly id: string
  readonly waba_id: string
  readonly business_id: string
  readonly customerId: string
  readonly name: string
}

export const newWaba = (context: MockContext, { customerId, name, ...ids }: NewWaba): Waba => ({
  id: ids.id,
  customer_id: customerId,
  waba_id: ids.waba_id,
  business_id: ids.business_id,
  display_name: name,
  status: 'active',
  external_reference: null,
  created_at: timestamp(context.now()),
})

/** A number as people write it in digits. WhatsApp has a 9 behind Argentina's code, which people leave out. */
export const normalizeNumber = (display: string): string =>
  display.replace(/\D/g, '').replace(/^54(?!9)/, '549')

export interface NewPhoneNumber {
  readonly id: string
  readonly phone_number_id: string
  readonly display_phone_number: string
  readonly wabaId: string
  readonly name: string
  readonly quality?: PhoneNumber['quality_rating']
}

export const newPhoneNumber = ({
  wabaId,
  name,
  quality = 'unknown',
  ...own
}: NewPhoneNumber): PhoneNumber => ({
  id: own.id,
  waba_id: wabaId,
  phone_number_id: own.phone_number_id,
  display_phone_number: own.display_phone_number,
  display_phone_number_normalized: normalizeNumber(own.display_phone_number),
  display_name: name,
  verified_name: name,
  quality_rating: quality,
  throughput_tier: 'Standard',
  connection_type: 'dedicated',
  is_coexistence: false,
  is_official_business_account: false,
  inbound_processing_enabled: true,
  calls_enabled: false,
  status: 'active',
})

export const accountHandlers: Handlers = {
  listWabas: (context) => listed(context, WABAS, filters(context, 'status', 'customer_id')),

  getWaba(context) {
    const found = wabaOrRefusal(context, String(context.request.parameters.path.waba_id))
    return 'refusal' in found ? found : { body: found }
  },

  listWabaPhoneNumbers(context) {
    const found = wabaOrRefusal(context, String(context.request.parameters.path.waba_id))
    return 'refusal' in found ? found : listed(context, PHONE_NUMBERS, { waba_id: found.id })
  },
}
