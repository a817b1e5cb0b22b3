// Where webhooks go: to the addresses that the mock was started with, to those that were registered by the control plane, and
// to those that clients have subscribed by the API's own operations.

import { isObject, normalizeName } from '../engine/json.js'
import type { MockContext } from '../rules/context.js'
import { singular, wordsOf } from '../state/conventions/names.js'
import type { EntityFactory } from '../state/entities/entity.js'
import type { EntityChange } from '../state/entities/entity-changes.js'
import type { Form } from '../state/forms/form.js'
import type { Forms } from '../state/forms/forms.js'
import { valueAt } from '../state/forms/slots.js'
import type { ResourceType } from '../state/places/types.js'
import { isSameEvent } from './event-names.js'

/** An address that gets webhooks. */
export interface Endpoint {
  /** What its deliveries name it by. */
  readonly id: string
  readonly url: string
  /** The events that it gets: names, `order.*`, or all where undefined. */
  readonly events: readonly string[] | undefined
  readonly origin: 'option' | 'control' | 'subscription'
  /** Its own; undefined for that of the mock. */
  readonly secret: string | undefined
}

type Stored = Omit<Endpoint, 'id' | 'origin'> & { readonly id: string; readonly enabled: boolean }

// No paths of collections: nothing that clients store is in their way.
const REGISTERED = 'webhook endpoints'
const SUBSCRIBED = 'webhook subscriptions'

export function endpointsOf({ store }: MockContext, urls: readonly string[]): readonly Endpoint[] {
  const listed = (collection: string, origin: Endpoint['origin']) =>
    store
      .list<Stored>(collection)
      .filter(({ enabled }) => enabled)
      .map(({ enabled: _, ...endpoint }) => ({ ...endpoint, origin }))
  return [
    ...urls.map(
      (url): Endpoint => ({ id: url, url, events: undefined, origin: 'option', secret: undefined }),
    ),
    ...listed(REGISTERED, 'control'),
    ...listed(SUBSCRIBED, 'subscription'),
  ]
}

/** Replaces the addresses that were registered by the control plane. */
export function register(
  { store }: MockContext,
  endpoints: readonly Pick<Stored, 'url' | 'events' | 'secret'>[],
): void {
  for (const { id } of store.list<Stored>(REGISTERED)) store.remove(REGISTERED, id)
  for (const endpoint of endpoints) {
    const id = store.nextId(REGISTERED)
    store.put(REGISTERED, id, { ...endpoint, id, enabled: true } satisfies Stored)
  }
}

/** Whether an endpoint is to get an event, by any of its names. */
export const wants = ({ events }: Endpoint, names: readonly string[]): boolean =>
  events === undefined ||
  events.length === 0 ||
  events.some((pattern) => names.some((name) => isSameEvent(pattern, name)))

/** Where a thing that stands for a subscription holds what. */
interface SubscriptionView {
  readonly url: readonly string[]
  readonly events: readonly string[] | undefined
}

export interface Subscriptions {
  /** Keeps in step with what clients store. Gives the address that is new. */
  follow(context: MockContext, change: EntityChange, prefix: string): string | undefined
}

const URL_FORMATS = new Set(['uri', 'url', 'iri', 'uri-reference', 'http-url'])
const URL_NAME =
  /(^|callback|webhook|hook|target|endpoint|notify|notification|delivery|post|destination|payload|listener|server)(url|uri)$|^(endpoint|destination|target|callback)$/
const EVENT_LISTS =
  /^(subscribed|enabled|webhook|notification|filter)?(events?|eventtypes?|topics?|eventnames?|triggers?|types?|eventfilter|filtertypes)$/
const SECRETS = /^(signing|webhook|shared|hmac|client)?(secret|secretkey|secrettoken|signingkey)$/
const NOUNS = new Set(['webhook', 'hook', 'subscription', 'callback', 'subscriber', 'listener', 'endpoint'])
const ON = /^(is)?(enabled|active)$/
const OFF = /^(is)?(disabled|paused|inactive|suspended)$/

/** @param names of the webhooks, and of the events that their payloads name. */
export function createSubscriptions(forms: Forms, names: () => readonly string[]): Subscriptions {
  const views = new Map<ResourceType, SubscriptionView | undefined>()
  const viewOf = (type: ResourceType, factory: EntityFactory): SubscriptionView | undefined => {
    if (!views.has(type)) views.set(type, subscriptionView(forms, factory, isCalledSo(type), names()))
    return views.get(type)
  }
  return {
    follow(context, { kind, type, factory, entity }, prefix) {
      const view = viewOf(type, factory)
      if (view === undefined) return undefined
      const id = `${prefix}${type.name} ${entity.id}`
      const full = factory.full(entity)
      const url = valueAt(full, view.url)
      const { store } = context
      if (kind === 'delete' || typeof url !== 'string' || !/^https?:/i.test(url) || !URL.canParse(url)) {
        store.remove(SUBSCRIBED, id)
        return undefined
      }
      const before = store.get<Stored>(SUBSCRIBED, id)
      const holder = valueAt(full, view.url.slice(0, -1))
      const secret = secretIn(full) ?? secretIn(holder)
      store.put(SUBSCRIBED, id, {
        ...{ id, url, secret, enabled: isOn(full) },
        events: view.events && textsOf(valueAt(full, view.events)),
      } satisfies Stored)
      return before?.url === url ? undefined : url
    },
  }
}

const isCalledSo = ({ home }: ResourceType): boolean => {
  const last =
    home.collection.split('/').findLast((segment) => segment !== '' && !segment.includes('{')) ?? ''
  return wordsOf(last).some((word) => NOUNS.has(singular(word)))
}

function subscriptionView(
  forms: Forms,
  { view }: EntityFactory,
  isNamedSo: boolean,
  names: readonly string[],
): SubscriptionView | undefined {
  const members = membersOf(forms, view.form)
  const urls = members.filter(({ name, form }) => isAddress(name, form))
  const lists = members.filter(
    ({ name, form }) => EVENT_LISTS.test(name) && (form.isArray || form.shape.values !== undefined),
  )
  const known = lists.find(({ form }) =>
    (forms.of(form.isArray ? form.items : form.schema).shape.values ?? []).some((value) =>
      names.some((name) => isSameEvent(String(value), name)),
    ),
  )
  const events = known ?? (isNamedSo ? lists.find(({ form }) => form.isArray) : undefined)
  // What has no events is taken for a subscription only if its address is called one: a billing subscription has some too.
  const named = urls.find(({ name }) => URL_NAME.test(name))
  const url = named ?? (events === undefined ? undefined : urls[0])
  const isSubscription = url !== undefined && (isNamedSo || known !== undefined)
  return isSubscription ? { url: url.path, events: events?.path } : undefined
}

interface Found {
  readonly name: string
  readonly path: readonly string[]
  readonly form: Form
}

/** The members of a thing, and of the objects in it. */
function membersOf(forms: Forms, form: Form): readonly Found[] {
  const own = [...form.byName].map(([name, member]) => ({
    name,
    path: [member.name],
    form: forms.of(member.schema),
  }))
  const inner = own.flatMap(({ path, form: at }) =>
    at.isArray
      ? []
      : [...at.byName].map(([name, member]) => ({
          name,
          path: [...path, member.name],
          form: forms.of(member.schema),
        })),
  )
  return [...own, ...inner]
}

const isAddress = (name: string, { shape: { types, format }, byName }: Form): boolean =>
  byName.size === 0 &&
  (types === undefined || types.has('string')) &&
  ((format !== undefined && URL_FORMATS.has(format)) || URL_NAME.test(name))

const textsOf = (value: unknown): readonly string[] | undefined =>
  value === undefined || value === null ? undefined : [value].flat().filter((one) => typeof one === 'string')

function secretIn(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const found = Object.entries(value).find(
    ([name, own]) => SECRETS.test(normalizeName(name)) && typeof own === 'string' && own !== '',
  )
  return found?.[1] as string | undefined
}

/** Off where a flag or a state says so. */
const isOn = (value: object): boolean =>
  Object.entries(value).every(([name, own]) => {
    const plain = normalizeName(name)
    if (ON.test(plain)) return own !== false
    if (OFF.test(plain)) return own !== true
    return !(/^(status|state)$/.test(plain) && typeof own === 'string' && OFF.test(normalizeName(own)))
  })
