// How the payload of a webhook is made up: where it shows the thing that it is about, which member names the event, and what
// else an envelope tells: when it happened, its own id, whose id it is.

import { normalizeName } from '../engine/json.js'
import type { Schema } from '../engine/schema/schema.js'
import type { EntityFactory } from '../state/entities/entity.js'
import type { Form, Member } from '../state/forms/form.js'
import type { Forms } from '../state/forms/forms.js'
import type { ResourceType } from '../state/places/types.js'
import { stemOf } from './event-names.js'

/** A member that names the event, with one of the values that it can have. */
export interface EventMember {
  readonly path: readonly string[]
  readonly value: string
}

/** Where a payload shows a thing; the empty path is all of it. */
export interface Slot {
  readonly path: readonly string[]
  readonly schema: Schema
}

export interface Envelopes {
  alternatives(schema: Schema): readonly Schema[]
  /** One for each value that the member can have; none where it is not there, or may have any value. */
  eventMembers(schema: Schema): readonly EventMember[]
  /** The types that a payload shows: exactly, by the very schema of their things, or nearly, by the same members. */
  typesIn(schema: Schema, types: readonly ResourceType[]): readonly { type: ResourceType; isExact: boolean }[]
  slotOf(schema: Schema, type: ResourceType, noun: string): Slot
  /** What an envelope tells beside the thing, by the paths of its members. */
  fieldsOf(
    schema: Schema,
    slot: Slot,
    facts: EnvelopeFacts,
  ): readonly (readonly [path: readonly string[], value: unknown])[]
}

export interface EnvelopeFacts {
  /** What the event is called. */
  readonly event: string
  /** `created`; undefined when nothing has happened. */
  readonly action: string | undefined
  readonly noun: string
  /** Of the thing. */
  readonly id: string | undefined
  /** Of the event. */
  readonly uuid: string
  readonly now: number
}

const EVENT_NAMES = new Set(
  `event type eventtype eventname topic action trigger webhookevent webhooktype notificationtype messagetype kind name
   eventkind subject`.split(/\s+/),
)
const HOLDERS = new Set(
  'data object payload resource record entity item body content details attributes model value subject'.split(
    ' ',
  ),
)
const TIMES =
  /^(timestamp|time|occurredat|eventtime|createdat|created|sentat|triggeredat|eventtimestamp|date|emittedat|firedat|eventdate|at)$/
const IDS = /^(id|eventid|deliveryid|messageid|notificationid|uuid|requestid)$/
const THING_IDS = /^(resource|object|entity|item|record|target|subject)id$/
const THING_TYPES = /^(resource|object|entity|item|record|target|subject)(type|name|kind)?$/
const MAX_DEPTH = 3

/** Members that all kinds of things and envelopes have. */
const isCommon = (name: string): boolean =>
  EVENT_NAMES.has(name) || HOLDERS.has(name) || TIMES.test(name) || IDS.test(name)

export function createEnvelopes(
  forms: Forms,
  factoryOf: ((type: ResourceType) => EntityFactory) | undefined,
): Envelopes {
  const identities = new Map<ResourceType, ReadonlySet<unknown>>()
  const identitiesOf = (type: ResourceType): ReadonlySet<unknown> => {
    const known = identities.get(type)
    if (known !== undefined || factoryOf === undefined) return known ?? new Set()
    const { schema } = factoryOf(type).view
    const found = new Set(
      [forms.identity(schema), forms.className(schema)].filter((one) => one !== undefined),
    )
    identities.set(type, found)
    return found
  }
  const isExactly = (schema: Schema, type: ResourceType): boolean => {
    const own = identitiesOf(type)
    const name = forms.className(schema)
    return own.has(forms.identity(schema)) || (name !== undefined && own.has(name))
  }
  const isNearly = (schema: Schema, type: ResourceType): boolean => {
    const view = factoryOf?.(type).view
    const own = [...forms.of(schema).byName.keys()].filter((name) => !isCommon(name))
    const shared = view === undefined ? 0 : own.filter((name) => view.form.byName.has(name)).length
    return shared >= Math.max(2, own.length * 0.6)
  }

  /** Every object in a payload, the outermost first. */
  const objectsIn = (schema: Schema): readonly Slot[] => {
    const found: Slot[] = []
    let level: readonly Slot[] = [{ path: [], schema }]
    for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
      found.push(...level)
      level = level.flatMap(({ path, schema: own }) =>
        [...forms.of(own).byName.values()]
          .filter((member) => forms.of(member.schema).byName.size > 0)
          .map((member) => ({ path: [...path, member.name], schema: member.schema })),
      )
    }
    return found
  }

  const slotByName = (objects: readonly Slot[], noun: string): Slot | undefined => {
    const named = (isWanted: (name: string) => boolean) =>
      objects.find(({ path }) => path.length > 0 && isWanted(normalizeName(path.at(-1) ?? '')))
    return named((name) => stemOf(name) === stemOf(noun)) ?? named((name) => HOLDERS.has(name))
  }

  return {
    alternatives: (schema) => forms.alternatives(schema),
    eventMembers: (schema) =>
      objectsIn(schema)
        .filter(({ path }) => path.length < 2)
        .flatMap(({ path, schema: own }) =>
          [...forms.of(own).byName].flatMap(([name, member]) =>
            EVENT_NAMES.has(name)
              ? valuesOf(forms.of(member.schema)).map((value) => ({ path: [...path, member.name], value }))
              : [],
          ),
        ),
    typesIn(schema, types) {
      const objects = objectsIn(schema)
      const found = types.map((type) => ({
        type,
        isExact: objects.some((one) => isExactly(one.schema, type)),
        isNear: objects.some((one) => isNearly(one.schema, type)),
      }))
      return found.filter(({ isExact, isNear }) => isExact || isNear)
    },
    slotOf(schema, type, noun) {
      const objects = objectsIn(schema)
      const root = { path: [], schema }
      return (
        objects.find((one) => isExactly(one.schema, type)) ??
        slotByName(objects, noun) ??
        objects.find((one) => isNearly(one.schema, type)) ??
        root
      )
    },
    fieldsOf(schema, slot, facts) {
      const isRoot = slot.path.length === 0
      return objectsIn(schema).flatMap(({ path, schema: own }) => {
        const isOnTheWay =
          path.length < slot.path.length && path.every((name, index) => slot.path[index] === name)
        if (!isOnTheWay && !(isRoot && path.length === 0)) return []
        return [...forms.of(own).byName].flatMap(([name, member]) => {
          const value = isRoot ? aboutThing(name, facts) : fieldOf(forms, name, member, facts)
          return value === undefined || slot.path[path.length] === member.name
            ? []
            : [[[...path, member.name], value] as const]
        })
      })
    },
  }
}

const valuesOf = ({ shape: { values } }: Form): readonly string[] =>
  (values ?? []).filter((value) => typeof value === 'string')

/** In a payload without an envelope, only what no thing says of itself. */
function aboutThing(name: string, { noun, id, event }: EnvelopeFacts): string | undefined {
  if (noun !== '' && name.endsWith('id') && stemOf(name.slice(0, -2)) === stemOf(noun)) return id
  if (THING_IDS.test(name)) return id
  return name === 'event' || name === 'eventtype' || name === 'eventname' ? event : undefined
}

function fieldOf(forms: Forms, name: string, { schema }: Member, facts: EnvelopeFacts): unknown {
  const form = forms.of(schema)
  const { types, format, values } = form.shape
  if (form.byName.size > 0 || form.isArray) return undefined
  // A member with one value has it, whether or not it must be there.
  if (values !== undefined) return values.length === 1 ? values[0] : undefined
  if (TIMES.test(name)) return timeAs(types, format, facts.now)
  return types === undefined || types.has('string') ? textFor(name, format, facts) : undefined
}

function textFor(name: string, format: string | undefined, facts: EnvelopeFacts): string | undefined {
  const { uuid, noun, event, action } = facts
  if (IDS.test(name) && format === 'uuid') return uuid
  if (IDS.test(name)) return format === undefined ? `evt_${uuid.replaceAll('-', '')}` : undefined
  if (name === 'action') return action
  if (EVENT_NAMES.has(name)) return event
  if (THING_TYPES.test(name)) return noun === '' ? undefined : noun
  return aboutThing(name, facts)
}

function timeAs(types: ReadonlySet<string> | undefined, format: string | undefined, now: number): unknown {
  if (types !== undefined && !types.has('string')) return Math.floor(now / 1000)
  const text = new Date(now).toISOString()
  return format === 'date' ? text.slice(0, 10) : text
}
