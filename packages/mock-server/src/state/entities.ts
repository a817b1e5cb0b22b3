// Makes and changes entities: all that a client sent, kept whole, on top of what a server adds (ids, times, a status),
// in the form that its type is read in.

import type { Operation, Parameter } from '../engine/document/operation.js'
import {
  hashText,
  isObject,
  type JsonObject,
  member as memberOf,
  nestsAtMost,
  normalizeName,
  setMember,
} from '../engine/json.js'
import { createRandom, uuidOf } from '../engine/sampling/plausible.js'
import type { Sampler } from '../engine/sampling/sampler.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { shapeOf } from '../engine/schema/shape.js'
import type { Validation } from '../engine/schema/validation.js'
import {
  CONTENT_HOLDERS,
  ENVELOPES,
  FILE_MEMBERS,
  HOLDERS,
  ID_ENDINGS,
  NAME_MEMBERS,
  OWN_NAMES,
  singular,
} from './conventions.js'
import { type Form, fitsTypes, joint } from './form.js'
import type { Forms } from './forms.js'
import { withHistories } from './histories.js'
import { createIdentifiers, type Identifiers, typedId } from './identifiers.js'
import { createLifecycle } from './lifecycle.js'
import { applyJsonPatch, equals, isJsonPatch, mergePatch } from './patches.js'
import { idNamesOf, nounOf, nounsOf, type Place } from './places.js'
import { ABSENT, coerce, type Projection } from './projection.js'
import { type Relation, withRelations } from './relations.js'
import { repaired } from './repairs.js'
import type { ResourceType } from './types.js'
import { type EntityView, FIRST, type Slot, slotsIn, valueAt, withValueAt } from './views.js'

export type Item = JsonObject

/** An entity with the id that it is stored under. */
export interface Entity {
  readonly id: string
  /** In the form that its type is read in. */
  readonly item: Item
  /** Everything that was sent, on top of the item, where the item has no room for all of it. */
  readonly whole: Item | undefined
}

/** A file that came with a request. */
export interface SentFile {
  /** The field of a form that held it; empty for a body that is nothing but the file. */
  readonly field: string
  readonly name: string | undefined
  readonly type: string | undefined
  readonly size: number
}

export interface Birth {
  readonly operation: Operation | undefined
  readonly relations: readonly Relation[]
  readonly now: number
  readonly file?: SentFile | undefined
  /** What the API says of such a thing, as its answers were seen: all that there is besides what was sent. */
  readonly known?: Item | undefined
}

export type Change =
  | { readonly ok: true; readonly entity: Entity }
  | { readonly ok: false; readonly message: string }

export interface EntityFactory {
  readonly type: ResourceType
  /** How an entity is read. */
  readonly view: EntityView
  readonly identifiers: Identifiers
  /** Members that may identify an entity, by their paths, beside the one that it is stored under. */
  readonly further: readonly (readonly string[])[]
  /** Names that are never shown. */
  readonly hidden: ReadonlySet<string>
  readonly slots: readonly Slot[]
  /** The part of a request body that describes an entity, in the entity's own nesting. */
  payload(body: unknown): Item
  /** The id that a client chose, if the API lets it. */
  chosenId(payload: Item, operation: Operation): string | number | undefined
  create(payload: Item, id: unknown, birth: Birth): Entity
  merge(
    entity: Entity,
    payload: Item,
    operation: Operation | undefined,
    isMergePatch: boolean,
    now: number,
  ): Entity
  patch(entity: Entity, operations: readonly Item[], now: number): Change
  replace(entity: Entity, payload: Item, operation: Operation, now: number): Entity
  act(entity: Entity, payload: Item, verb: string, operation: Operation, now: number): Entity
  /** When an entity changed last, in milliseconds since the epoch; undefined where it does not say. */
  changedAt(entity: Entity): number | undefined
  /** What is known of an entity: its item, and what was sent beyond that. */
  full(entity: Entity): Item
  /** The names of members that an item shows and no schema of it describes. */
  undescribed(entity: Entity, operation?: Operation): ReadonlySet<string>
}

export interface FactoryParts {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
  readonly seed: string
}

/** How many differing samples new entities are made from; more would only cost time. */
const VARIANTS = 8

/**
 * @param views how answers show an entity, the one that it is read in first.
 * @param parameters the path parameters that hold ids of entities of the type.
 */
export function createEntityFactory(
  parts: FactoryParts,
  forms: Forms,
  projection: Projection,
  type: ResourceType,
  [view, ...others]: readonly [EntityView, ...EntityView[]],
  parameters: readonly Parameter[],
): EntityFactory {
  const { schemas, validation, sampler, seed } = parts
  const { schema, idPath } = view
  const validate = validation.ofSchema(schema)
  const options = forms.alternatives(schema)
  const slots = distinctSlots(options.flatMap((option) => slotsIn(forms, forms.of(option))))
  const required = forms.of(schema).shape.required
  const lifecycle = createLifecycle({ schemas, forms, projection }, slots, required)
  const requestForms = new WeakMap<Operation, readonly Form[]>()
  const samples = new Map<string, Item>()
  const names = idNamesOf(type.home)
  const nouns = nounsOf(type.home)
  const idSchemas = (one: EntityView): Schema[] => {
    if (one.idPath === undefined) return []
    return forms.alternatives(one.schema).flatMap((option) => {
      let form = forms.of(option)
      let found: Schema | undefined
      for (const name of one.idPath ?? []) {
        found = form.byName.get(normalizeName(name))?.schema
        if (found === undefined) return []
        form = forms.of(found)
      }
      return found === undefined ? [] : [found]
    })
  }
  const isOwnId = (slot: Slot): boolean => idPath !== undefined && slot.path.join('/') === idPath.join('/')
  const shown = [view, ...others].flatMap(idSchemas)
  // Paths that differ in the names of their parameters alone name a thing by several of its members.
  const twins = twinNames(type.home, parameters)
  const isTwin = (slot: Slot): boolean =>
    slot.path.length === 1 && twins.has(slot.normalized) && !isOwnId(slot)
  const isOtherId = ({ name }: Parameter): boolean =>
    slots.some((slot) => slot.normalized === normalizeName(name) && isTwin(slot))
  const ownParameters = parameters.filter((parameter) => !isOtherId(parameter))
  const identifiers = createIdentifiers(parts, type.name, ownParameters, shown)
  const ownIdTypes = idPath === undefined ? undefined : forms.types(joint(idSchemas(view).slice(0, 1)))
  const ownIds = idSchemas(view).map((own) => validation.ofSchema(own))
  const acceptsOwnId = (id: unknown): boolean =>
    ownIds.length === 0 || ownIds.some((accepts) => accepts(id).length === 0)
  // What paths call a thing by has to be there, whichever of them it was made at.
  const marks = new Set(
    others.flatMap((other) => (other.isSure && other.idPath !== undefined ? [other.idPath.join('/')] : [])),
  )
  const hidden = hiddenNames(parts.schemas, forms, type)
  const renamed = (sent: Item, operation: Operation | undefined): unknown => {
    const own = idPath === undefined || !isName(idPath) ? undefined : valueAt(sent, idPath)
    const isGiven = (typeof own === 'string' && own !== '') || typeof own === 'number'
    return isGiven && isSettable(operation, idPath ?? []) && acceptsOwnId(own) ? own : undefined
  }
  // Whether a schema contradicts itself: then every repair fails, and takes its time.
  let isHopeless = false

  const requestFormsOf = (operation: Operation | undefined): readonly Form[] => {
    if (operation === undefined) return []
    const known = requestForms.get(operation)
    if (known !== undefined) return known
    const found: Form[] = []
    for (const media of operation.body()?.content ?? []) {
      for (const option of forms.alternatives(schemas.convert(media.schema ?? true, 'request'))) {
        const outer = forms.of(option)
        found.push(outer)
        for (const [, member] of outer.byName) {
          const inner = forms.of(member.schema)
          const body = inner.isArray ? forms.of(inner.items) : inner
          if (body.byName.size > 0 && overlap(body, forms.of(schema)) >= 0.3) found.push(body)
        }
      }
    }
    requestForms.set(operation, found)
    return found
  }

  /** Whether an operation's body may set a member of the entity. */
  const isSettable = (operation: Operation | undefined, path: readonly string[]): boolean => {
    const wanted = path.map(normalizeName)
    const reaches = (form: Form, left: readonly string[]): boolean => {
      const [name, ...rest] = left
      if (name === undefined) return true
      const member = form.byName.get(name)
      if (member === undefined || isReadOnly(member.schema)) return false
      return rest.length === 0 || reaches(forms.of(member.schema), rest)
    }
    const last = wanted.at(-1)
    return requestFormsOf(operation).some(
      (form) => reaches(form, wanted) || (wanted.length > 1 && last !== undefined && reaches(form, [last])),
    )
  }

  const canRename = ({ changes }: Place) => changes.some((operation) => isSettable(operation, idPath ?? []))
  const further = [
    ...furtherIds(forms, slots, isOwnId, isTwin),
    ...(isName(idPath) && type.places.some(canRename) ? [idPath] : []),
  ]

  const sampleFor = (form: Form, text: string): Item => {
    const variant = hashText(text) % VARIANTS
    const key = `${variant} ${form.schema === schema ? '' : [...form.byName.keys()].join()}`
    const known = samples.get(key)
    if (known !== undefined) return known
    const name = `${seed}/${type.home.collection}/${variant}`
    let item: Item
    if (form.schema === schema || options.length === 1) {
      const { value, errors } = sampler.sample(schema, { seed: name })
      isHopeless ||= errors.length > 0
      item = isObject(value) ? value : {}
    } else {
      const made: Record<string, unknown> = {}
      for (const { name: own, schema: inner } of form.byName.values())
        setMember(made, own, projection.sample(inner, `${name}/${own}`))
      item = made
    }
    samples.set(key, item)
    return item
  }

  /** What a member holds that must be there and that nobody gave a value. */
  const unsaid = (schema: Schema | undefined, value: unknown): unknown => {
    if (schema === undefined) return value
    const { shape, byName } = forms.of(schema)
    const [fallback] = shape.defaults
    if (fallback !== undefined && fallback !== null) return fallback
    if (forms.types(schema)?.has('null') === true) return null
    if (Array.isArray(value) && (shape.low.get('minItems') ?? 0) === 0) return []
    if (isObject(value) && byName.size === 0 && (shape.low.get('minProperties') ?? 0) === 0) return {}
    return value
  }

  /** A sample without what a client could have said and did not. */
  const baseFor = (
    sample: Item,
    sent: Item,
    form: Form,
    operation: Operation | undefined,
    path: readonly string[],
  ): Item => {
    const base: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(sample)) {
      const own = memberOf(sent, name)
      const member = form.byName.get(normalizeName(name))
      if (own !== undefined) {
        if (isObject(own) && isObject(value) && member !== undefined)
          setMember(base, name, baseFor(value, own, forms.of(member.schema, own), operation, [...path, name]))
        continue
      }
      const couldBeSent = operation !== undefined && isSettable(operation, [...path, name])
      if (!couldBeSent) setMember(base, name, value)
      else if (form.shape.required.has(name)) setMember(base, name, unsaid(member?.schema, value))
      else if (member !== undefined) {
        const [fallback] = shapeOf(schemas, [member.schema]).defaults
        if (fallback !== undefined && fallback !== null) setMember(base, name, fallback)
      }
    }
    if (path.length === 0) {
      for (const { name, schema: own } of form.byName.values()) {
        const [fallback] = shapeOf(schemas, [own]).defaults
        if (
          fallback !== undefined &&
          fallback !== null &&
          memberOf(sent, name) === undefined &&
          isSettable(operation, [name])
        )
          setMember(base, name, fallback)
      }
    }
    return base
  }

  /** A copy that the schema accepts: what does not fit is made anew, the rest stays. */
  const fitting = (item: unknown, text: string): Item => {
    if (!isObject(item)) return {}
    if (isHopeless || validate(item).length === 0) return item
    const value = repaired(item, {
      errorsOf: validate,
      remake: () => sampler.sample(schema, { seed: text, base: item, requiredOnly: true }),
    })
    return isObject(value) ? value : item
  }

  const withId = (item: Item, id: unknown): Item => {
    if (idPath === undefined || id === undefined) return item
    const typed = typedId(id, ownIdTypes)
    // A path may name things by something else than the member that looks like their id.
    if (!acceptsOwnId(typed)) return item
    const copy = withValueAt(item, idPath, typed)
    return isObject(copy) ? copy : item
  }

  const entityOf = (id: unknown, item: Item, whole: Item): Entity => ({
    id: String(id),
    item,
    whole: covers(item, whole, hidden) ? undefined : { ...item, ...whole },
  })

  /** What was sent under names that neither the request's schema nor the answer's has: documents lag behind their clients. */
  const undescribedIn = (sent: Item, operation: Operation | undefined): ReadonlySet<string> => {
    const requests = requestFormsOf(operation)
    const form = forms.of(schema, sent)
    if (form.byName.size === 0 || (requests.length > 0 && requests.every(({ byName }) => byName.size === 0)))
      return new Set()
    return new Set(
      Object.keys(sent).filter((name) => {
        const normalized = normalizeName(name)
        return !form.byName.has(normalized) && !requests.some(({ byName }) => byName.has(normalized))
      }),
    )
  }

  /** What a file tells of itself in the members that ask for it. */
  const withFile = (
    entity: unknown,
    file: SentFile | undefined,
    isSent: (slot: Slot) => boolean,
  ): unknown => {
    if (file === undefined) return entity
    let copy = entity
    for (const slot of slots) {
      const meaning = slot.path.length === 1 ? FILE_MEMBERS.get(slot.normalized) : undefined
      if (meaning === undefined || isSent(slot)) continue
      const value = file[meaning]
      const types = forms.types(slot.schema)
      const typed =
        value === undefined || types === undefined ? (value ?? ABSENT) : coerce(types, value, undefined)
      if (typed !== ABSENT) copy = withValueAt(copy, slot.path, typed)
    }
    return copy
  }

  /** Whether a member that identifies a thing beside its id gets a value of the thing's own. */
  const needsMark = (slot: Slot, entity: unknown, operation: Operation | undefined): boolean => {
    const isAbsent = valueAt(entity, slot.path) === undefined
    if (marks.has(slot.path.join('/')) && slot.path.length === 1 && isAbsent) return true
    if (!(ID_ENDINGS as readonly string[]).includes(slot.normalized) && !isTwin(slot)) return false
    if (slot.path.length === 1) return !isAbsent && !isSettable(operation, slot.path)
    const isInHolder = HOLDERS.has(normalizeName(slot.path[0] ?? ''))
    return isInHolder && isObject(valueAt(entity, slot.path.slice(0, -1)))
  }

  const furtherMarks = (
    entity: unknown,
    id: unknown,
    isSent: (slot: Slot) => boolean,
    operation: Operation | undefined,
  ): unknown => {
    let copy = entity
    for (const slot of slots) {
      if (isOwnId(slot) || isSent(slot) || !needsMark(slot, copy, operation)) continue
      const accepts = validation.ofSchema(slot.schema)
      const number = hashText(String(id)) % 1_000_000
      const candidates = [
        typedId(id, forms.types(slot.schema)),
        number,
        uuidOf(createRandom(number), hashText(type.name), number),
      ]
      const fit = (
        slot.normalized === 'uid' || slot.normalized === 'uuid' ? candidates.reverse() : candidates
      ).find((one) => accepts(one).length === 0)
      if (fit !== undefined) copy = withValueAt(copy, slot.path, fit)
    }
    return copy
  }

  const keepIdentity = (before: Item, after: Item, sent: Item): Item => {
    let copy: unknown = after
    for (const slot of slots) {
      const isMark =
        isOwnId(slot) ||
        (ID_ENDINGS as readonly string[]).includes(slot.normalized) ||
        /^(created|creation)/.test(slot.normalized)
      const old = isMark ? valueAt(before, slot.path) : undefined
      if (old === undefined || valueAt(sent, slot.path) !== undefined) continue
      if (slot.path.length === 1 || isObject(valueAt(copy, slot.path.slice(0, -1))))
        copy = withValueAt(copy, slot.path, old)
    }
    return isObject(copy) ? copy : after
  }

  const changed = (entity: Entity, whole: Item, sent: Item, now: number, operation?: Operation): Entity => {
    const isSent = (slot: Slot) => valueAt(sent, slot.path) !== undefined
    const stamped = lifecycle.changed(whole, now, isSent)
    const undescribed = new Set([...undescribedIn(entity.item, undefined), ...undescribedIn(sent, operation)])
    const shown = projection.raw(schema, stamped, { seed: `${seed}/${entity.id}`, hidden, undescribed })
    const old = idPath === undefined ? undefined : (valueAt(entity.item, idPath) ?? entity.id)
    const id = renamed(sent, operation) ?? old
    const told = withHistories({ forms, projection }, forms.of(schema, entity.item), shown, sent)
    const item = withId(fitting(isObject(told) ? told : entity.item, 'change'), id)
    return entityOf(entity.id, item, isObject(stamped) ? stamped : whole)
  }

  const full = ({ item, whole }: Entity): Item =>
    whole === undefined ? item : { ...whole, ...item, ...deeper(whole, item) }

  const keepsNull = (path: readonly string[]): boolean => {
    let at = forms.of(schema)
    for (const [index, name] of path.entries()) {
      const member = at.byName.get(normalizeName(name))
      if (member === undefined) return false
      if (index === path.length - 1) return forms.types(member.schema)?.has('null') === true
      at = forms.of(member.schema)
    }
    return false
  }

  return {
    ...{ type, view, identifiers, further, hidden, slots, full },
    changedAt: (entity) => lifecycle.changedAt(full(entity)),
    undescribed: ({ item }, operation) => undescribedIn(item, operation),

    payload(body) {
      const form = forms.of(schema, isObject(body) ? body : undefined)
      const payload = withOwnNames(payloadIn(forms, form, view, nounOf(type.home), body), form, nouns)
      return withParts(forms, form, payload)
    },

    chosenId(payload, operation) {
      if (idPath === undefined || view.form.byName.size === 0) {
        // What a document leaves open is identified by what a client calls its id.
        const own = view.form.byName.size === 0 ? memberNamed(payload, names.sure) : undefined
        return identifiers.accepts(own) ? own : undefined
      }
      const name = idPath.at(-1) ?? ''
      const candidates = [
        valueAt(payload, idPath),
        memberNamed(payload, [normalizeName(name), ...(type.home.isCalled ? [] : [names.sure[0] ?? name])]),
      ]
      for (const value of candidates) {
        if ((typeof value !== 'string' && typeof value !== 'number') || value === '') continue
        const isAllowed = isSettable(operation, idPath) || isSettable(operation, [names.sure[0] ?? name])
        if (isAllowed && identifiers.accepts(value)) return value
      }
      return undefined
    },

    create(given, id, { operation, relations, now, file, known }) {
      const payload = withoutReadOnly(given, (path) => isReadOnlyIn(requestFormsOf(operation), path))
      const text = `${type.home.collection}/${String(id)}`
      // What a client called a thing stays its name, where only a guess makes it the id: paths may take another one.
      const named = view.isSure ? undefined : renamed(payload, operation)
      const form = forms.of(schema, payload)
      const base = known === undefined ? baseFor(sampleFor(form, text), payload, form, operation, []) : known
      const sent = new Set(Object.keys(payload).map(normalizeName))
      const isSent = (slot: Slot) =>
        valueAt(payload, slot.path) !== undefined || (slot.path.length === 1 && sent.has(slot.normalized))
      const shown = projection.raw(schema, payload, {
        seed: `${seed}/${text}`,
        base,
        hidden,
        undescribed: undescribedIn(payload, operation),
      })
      let made: unknown = isObject(shown) ? shown : base
      if (known === undefined)
        made = lifecycle.born(made, now, isSent, absentNames(requestFormsOf(operation), sent))
      made = withRelations(forms, slots, made, relations, isSent, isOwnId)
      made = withHistories({ forms, projection }, form, withFile(made, file, isSent), payload)
      // What a recorded thing has at the place of its id may be another name of it.
      const isSeen =
        known !== undefined && operation === undefined && valueAt(payload, idPath ?? []) !== undefined
      const own = isSeen ? undefined : (named ?? id)
      made = furtherMarks(withId(isObject(made) ? made : {}, own), id, isSent, operation)
      const item = withId(fitting(made, text), own)
      return entityOf(id, item, payload)
    },

    merge(entity, payload, operation, isMergePatch, now) {
      const before = full(entity)
      const sent = withoutReadOnly(
        payload,
        (path) => operation !== undefined && isReadOnlyIn(requestFormsOf(operation), path),
      )
      const whole = mergePatch(before, sent, isMergePatch ? undefined : keepsNull)
      return changed(entity, isObject(whole) ? whole : before, sent, now, operation)
    },

    patch(entity, operations, now) {
      const result = applyJsonPatch(full(entity), operations)
      if (!result.ok) return result
      const whole = isObject(result.value) ? result.value : full(entity)
      return { ok: true, entity: changed(entity, whole, {}, now) }
    },

    replace(entity, payload, operation, now) {
      const before = full(entity)
      const kept: Record<string, unknown> = {}
      for (const [name, value] of Object.entries(before)) {
        const isKept =
          !isSettable(operation, [name]) || (required.has(name) && !CONTENT_HOLDERS.has(normalizeName(name)))
        if (isKept && memberOf(entity.item, name) !== undefined) setMember(kept, name, value)
      }
      const content = Object.entries(payload).map(([name, value]) => {
        const old = memberOf(kept, name)
        const isContent = isObject(old) && isObject(value) && !isSettable(operation, [name])
        return [name, isContent ? { ...old, ...value } : value] as const
      })
      const whole = keepIdentity(before, { ...kept, ...Object.fromEntries(content) }, payload)
      return changed(entity, whole, payload, now, operation)
    },

    act(entity, payload, verb, operation, now) {
      const merged = this.merge(entity, payload, operation, false, now)
      const acted = lifecycle.acted(merged.item, verb, now)
      const item = isObject(acted) ? fitting(acted, 'act') : merged.item
      return { ...merged, item, whole: merged.whole === undefined ? undefined : { ...merged.whole, ...item } }
    },
  }
}

export { isJsonPatch }

/** Members of objects in both, those of the item winning. */
function deeper(whole: Item, item: Item): Item {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(item)) {
    const sent = memberOf(whole, name)
    if (isObject(value) && isObject(sent))
      setMember(result, name, { ...sent, ...value, ...deeper(sent, value) })
    else if (sent !== undefined && typeof sent !== typeof value) setMember(result, name, sent)
  }
  return result
}

/** Whether an item shows all of what was sent. */
function covers(item: unknown, sent: unknown, hidden: ReadonlySet<string>): boolean {
  if (!isObject(sent)) return equals(item, sent)
  if (!isObject(item)) return false
  return Object.entries(sent).every(
    ([name, value]) => Object.hasOwn(item, name) && covers(item[name], value, hidden),
  )
}

/** Whether people call a thing by a member, and may call it otherwise one day. */
const isName = (path: readonly string[] | undefined): path is readonly string[] => {
  const name = normalizeName(path?.at(-1) ?? '')
  return (
    path !== undefined &&
    ((NAME_MEMBERS as readonly string[]).includes(name) ||
      !ID_ENDINGS.some((ending) => name.endsWith(ending)))
  )
}

/** What else paths call the parameter that stands for an item of a place: `versionNumber` beside `versionId`. */
const twinNames = ({ param = '' }: Place, parameters: readonly Parameter[]): ReadonlySet<string> => {
  const names = new Set(parameters.map(({ name }) => normalizeName(name)))
  names.delete(normalizeName(param))
  return names
}

function distinctSlots(slots: readonly Slot[]): readonly Slot[] {
  return [...new Map(slots.map((slot) => [slot.path.join('/'), slot])).values()]
}

const isReadOnly = (schema: Schema): boolean =>
  isObject(schema) &&
  (schema.readOnly === true ||
    (Array.isArray(schema.allOf) &&
      (schema.allOf as Schema[]).some((part) => isObject(part) && part.readOnly === true)))

function isReadOnlyIn(requests: readonly Form[], path: readonly string[]): boolean {
  const [name = ''] = path
  if (path.length !== 1) return false
  const members = requests.flatMap((form) => form.byName.get(normalizeName(name)) ?? [])
  return members.length > 0 && members.every(({ schema }) => isReadOnly(schema))
}

function withoutReadOnly(payload: Item, isReadOnlyAt: (path: readonly string[]) => boolean): Item {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !isReadOnlyAt([name])))
}

const overlap = (a: Form, b: Form): number => {
  if (a.byName.size === 0) return 0
  const shared = [...a.byName.keys()].filter((name) => b.byName.has(name)).length
  return shared / a.byName.size
}

/** What a request could have said and did not. */
function absentNames(requests: readonly Form[], sent: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(requests.flatMap((form) => [...form.byName.keys()].filter((name) => !sent.has(name))))
}

function memberNamed(item: Item, wanted: readonly string[]): unknown {
  for (const name of wanted) {
    const own = Object.keys(item).find((candidate) => normalizeName(candidate) === name)
    if (own !== undefined) return item[own]
  }
  return undefined
}

function furtherIds(
  forms: Forms,
  slots: readonly Slot[],
  isOwnId: (slot: Slot) => boolean,
  isTwin: (slot: Slot) => boolean,
): readonly (readonly string[])[] {
  const wanted: ReadonlySet<string> = new Set<string>([...ID_ENDINGS, ...NAME_MEMBERS])
  return slots
    .filter((slot) => {
      const types = forms.types(slot.schema)
      const isScalar = types === undefined || types.has('string') || types.has('integer')
      return (wanted.has(slot.normalized) || isTwin(slot)) && isScalar && !isOwnId(slot)
    })
    .map(({ path }) => path)
}

/** Members that requests alone may hold. */
function hiddenNames(schemas: Schemas, forms: Forms, type: ResourceType): ReadonlySet<string> {
  const hidden = new Set<string>()
  for (const place of type.places) {
    for (const operation of [place.create, ...place.changes]) {
      for (const media of operation?.body()?.content ?? []) {
        for (const [name, { schema }] of forms.of(schemas.convert(media.schema ?? true, 'request')).byName)
          if (isObject(schema) && schema.writeOnly === true) hidden.add(name)
      }
    }
  }
  return hidden
}

/** Members that say which thing is meant, and nothing of it. */
const IDENTITY: ReadonlySet<string> = new Set<string>([
  ...ID_ENDINGS,
  'type',
  'object',
  'kind',
  'resourcetype',
])

interface Candidate {
  readonly inner: Item
  readonly around: Item
  readonly depth: number
  readonly key: string
  /** Whether it was sent as JSON in a field of a form. */
  readonly isText?: boolean
}

/** Finds the part of a body that describes an entity, and nests it as the entity does. */
function payloadIn(forms: Forms, form: Form, view: EntityView, noun: string, sent: unknown): Item {
  const body: unknown = Array.isArray(sent) ? sent[0] : sent
  if (!isObject(body)) return {}
  const candidates: Candidate[] = [{ inner: body, around: {}, depth: 0, key: '' }]
  const shownAs = view.path.findLast((name) => name !== FIRST)
  const walk = (at: Item, depth: number, around: Item) => {
    if (depth > 3) return
    for (const [name, value] of Object.entries(at)) {
      const text = parsedObject(value)
      const inner =
        text ??
        (Array.isArray(value) ? (value.length === 1 || name === shownAs ? value[0] : undefined) : value)
      if (!isObject(inner)) continue
      const { [name]: _, ...beside } = at
      candidates.push({
        inner,
        around: { ...around, ...beside },
        depth,
        key: normalizeName(name),
        isText: text !== undefined,
      })
      walk(inner, depth + 1, { ...around, ...beside })
    }
  }
  walk(body, 1, {})
  const known = (inner: Item, names: Form['byName']): number => {
    const keys = Object.keys(inner)
    return keys.length === 0 ? 0 : keys.filter((name) => names.has(normalizeName(name))).length / keys.length
  }
  const targets: { readonly path: readonly string[]; readonly names: Form['byName'] }[] = [
    { path: [], names: form.byName },
  ]
  for (const [normalized, member] of form.byName) {
    const inner = forms.of(member.schema)
    if (CONTENT_HOLDERS.has(normalized) && inner.byName.size > 0)
      targets.push({ path: [member.name], names: inner.byName })
  }
  let best: { readonly candidate: Candidate; readonly path: readonly string[] } = {
    candidate: candidates[0] as Candidate,
    path: [],
  }
  let score = known(body, form.byName) + 0.001
  for (const candidate of candidates) {
    // What the entity has a member for is that member, not the entity.
    const isMember =
      candidate.depth > 0 &&
      candidate.depth === 1 &&
      form.byName.has(candidate.key) &&
      candidate.key !== normalizeName(shownAs ?? '-')
    const isNamed =
      candidate.isText === true ||
      candidate.key === normalizeName(shownAs ?? '-') ||
      ENVELOPES.has(candidate.key) ||
      CONTENT_HOLDERS.has(candidate.key) ||
      singular(candidate.key) === noun
    for (const { path, names } of targets) {
      // An object of nothing but an id and a kind refers to another thing.
      const said = Object.keys(candidate.inner).filter(
        (name) => names.has(normalizeName(name)) && !IDENTITY.has(normalizeName(name)),
      )
      if (candidate.depth > 0 && !isNamed && said.length < 2) continue
      if (isMember && path.length === 0) continue
      if (isMember && candidate.key === normalizeName(path[0] ?? '')) continue
      const own = known(candidate.inner, names) - candidate.depth * 0.01 - path.length * 0.005
      if (
        own > score + 0.3 ||
        (own > score && candidate.key === normalizeName(shownAs ?? '-') && shownAs !== undefined)
      )
        [best, score] = [{ candidate, path }, own]
    }
  }
  const { inner, around } = best.candidate
  const nested = best.path.length === 0 ? inner : withValueAt({}, best.path, inner)
  const beside = Object.fromEntries(
    Object.entries(around).filter(([name]) => form.byName.has(normalizeName(name))),
  )
  return named(forms, form, { ...beside, ...(isObject(nested) ? nested : {}) }, 0)
}

/** What a thing is called, also under the name that its answers have for it. */
function withOwnNames(payload: Item, form: Form, nouns: readonly string[]): Item {
  const copy: Record<string, unknown> = { ...payload }
  const sent = new Map(Object.keys(payload).map((name) => [normalizeName(name), name]))
  for (const short of OWN_NAMES) {
    for (const long of nouns.map((noun) => noun + short)) {
      const [given, wanted] = sent.has(short) ? [short, long] : [long, short]
      const member = form.byName.get(wanted)
      const isElsewhere = sent.has(given) && !sent.has(wanted) && !form.byName.has(given)
      if (isElsewhere && member !== undefined)
        setMember(copy, member.name, memberOf(payload, sent.get(given) ?? given))
    }
  }
  return copy
}

/** What was sent of a thing stands in the one part of it that has room for it: SumUp's members, Docusign's agreements. */
function withParts(forms: Forms, form: Form, payload: Item): Item {
  if (form.byName.size === 0) return payload
  let copy = payload
  for (const [name, value] of Object.entries(payload)) {
    const normalized = normalizeName(name)
    const own = form.byName.get(normalized)
    if (own !== undefined && CONTENT_HOLDERS.has(normalized) && isObject(value))
      copy = withValueAt(copy, [name], withParts(forms, forms.of(own.schema, value), value)) as Item
    const isElsewhere = !form.byName.has(normalized) && !IDENTITY.has(normalized)
    const room = isElsewhere ? partsWith(forms, form, normalized, value) : []
    const [path] = room
    if (path !== undefined && room.length === 1 && valueAt(payload, path) === undefined)
      copy = withValueAt(copy, path, value) as Item
  }
  return copy
}

/** The members of a thing's parts that have a name, and a type that a value fits. */
const partsWith = (forms: Forms, form: Form, normalized: string, value: unknown): readonly string[][] =>
  [...form.byName.values()].flatMap((part) => {
    const inner = forms.of(part.schema)
    const member = inner.mayBeObject ? inner.byName.get(normalized) : undefined
    const types = member && forms.types(member.schema)
    // What has an id is another thing, which has a name of its own.
    const isOther = (OWN_NAMES as readonly string[]).includes(normalized) && inner.byName.has('id')
    const hasRoom = member !== undefined && !isOther && (types === undefined || fitsTypes(types, value))
    return hasRoom && !isReadOnly(member.schema) && !isReadOnly(part.schema) ? [[part.name, member.name]] : []
  })

/** The members of a payload under the names that the entity has for them. */
function named(forms: Forms, form: Form, payload: Item, depth: number): Item {
  if (form.byName.size === 0 || depth > 8) return payload
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(payload)) {
    const member = form.byName.get(normalizeName(name))
    const own = member === undefined || form.shape.properties.has(name) ? name : member.name
    const inner =
      member !== undefined && isObject(value)
        ? named(forms, forms.of(member.schema, value), value, depth + 1)
        : value
    if (own === name || !Object.hasOwn(payload, own)) setMember(result, own, inner)
  }
  return result
}

/** An object that a form holds as JSON in one of its fields. */
function parsedObject(value: unknown): Item | undefined {
  if (typeof value !== 'string' || !/^\s*\{/.test(value)) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isObject(parsed) && nestsAtMost(parsed, 100) ? parsed : undefined
  } catch {
    return undefined
  }
}
