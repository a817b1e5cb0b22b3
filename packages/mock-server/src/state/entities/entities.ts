// Makes and changes entities: all that a client sent, kept whole, on top of what a server adds (ids, times, a status),
// in the form that its type is read in.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, lazy, member as memberOf, normalizeName, setMember } from '../../engine/json.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { NEW_VERSION_SENTENCE } from '../conventions/actions.js'
import { TIMES } from '../conventions/life.js'
import { CONTENT_HOLDERS, FILE_MEMBERS, FILE_PARTS, ID_ENDINGS, singular } from '../conventions/names.js'
import { ABSENT, coerce } from '../forms/coercion.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'
import { type Slot, slotsIn, valueAt, withValueAt } from '../forms/slots.js'
import { applyJsonPatch, equals, isJsonPatch, mergePatch } from '../patches.js'
import { nounOf, nounsOf } from '../places/paths.js'
import type { ResourceType } from '../places/types.js'
import { askedWordsOf } from './asked-words.js'
import { type Birth, type Entity, type EntityFactory, full, type Item, type SentFile } from './entity.js'
import { createEntityBase, type EntityBase } from './entity-base.js'
import { withEntryIds } from './entry-ids.js'
import { fullNamesIn } from './full-names.js'
import { heldVersion } from './held-versions.js'
import { withHistories } from './histories.js'
import { createIdMembers, type EntityKind, type IdMembers } from './id-members.js'
import type { IdentifierParts } from './identifiers.js'
import { createLifecycle, type Lifecycle, type LifecycleParts } from './lifecycle.js'
import { payloadOf } from './payload.js'
import { withRelations } from './relations.js'
import { createRenamedLists } from './renamed-lists.js'
import { createRequestMembers, type RequestMembers } from './request-members.js'

export interface EntityParts extends IdentifierParts {
  readonly forms: Forms
  readonly projection: Projection
}

export function createEntityFactory(parts: EntityParts, kind: EntityKind): EntityFactory {
  const { forms } = parts
  const { type } = kind
  const made = createMaking(parts, kind)
  const { view, ids, hidden, slots, requests, lifecycle } = made
  const named = new Set(type.places.map(({ param = '' }) => normalizeName(param)))
  const isNamed = (name: string): boolean => named.has(name)
  const wanted = { view, noun: nounOf(type.home), nouns: nounsOf(type.home), isNamed }
  const { identifiers, further, prefixed } = ids
  const merge: EntityFactory['merge'] = (entity, payload, operation, isMergePatch, now) => {
    const sent = requests.withoutReadOnly(payload, operation)
    const keepsNull = isMergePatch ? undefined : (path: readonly string[]) => mayBeNull(forms, view, path)
    const whole = mergePatch(full(entity), sent, keepsNull)
    return changed(made, entity, { whole: isObject(whole) ? whole : full(entity), sent, operation, now })
  }

  return {
    ...{ type, view, identifiers, further, prefixed, hidden, slots, full, merge },
    payload: (body) => payloadOf(forms, wanted, body),
    chosenId: ids.chosen,
    create: (payload, id, birth) => created(made, payload, id, birth),
    changedAt: (entity) => lifecycle.changedAt(full(entity)),
    canBe: (verb) => lifecycle.canBe(verb),
    isKnownToFit: made.base.isKnownToFit,
    undescribed: ({ item }, operation) => requests.undescribed(item, operation),
    likeness: (entity) => likeness(made, entity),
    unmapped: ({ item, whole, ...entity }, payload) => ({
      ...entity,
      item: withoutMaps(forms, view.form, item, payload),
      whole: whole && withoutMaps(forms, view.form, whole, payload),
    }),

    patch(entity, operations, now) {
      const result = applyJsonPatch(full(entity), operations)
      if (!result.ok) return result
      const whole = isObject(result.value) ? result.value : full(entity)
      return { ok: true, entity: changed(made, entity, { whole, sent: {}, operation: undefined, now }) }
    },

    replace(entity, payload, operation, now) {
      const whole = replaced(made, entity, payload, operation)
      return changed(made, entity, { whole, sent: payload, operation, now })
    },

    finished(entity, now) {
      const item = lifecycle.finished(entity.item, now)
      if (!isObject(item)) return undefined
      const whole = { ...full(entity), ...item }
      return changed(made, entity, { whole, sent: {}, operation: undefined, now })
    },

    act(entity, payload, verb, operation, now) {
      const merged = merge(entity, payload, operation, false, now)
      const acted = lifecycle.acted(merged.item, verb, now, payload)
      const item = isObject(acted) ? made.base.fitting(acted, 'act') : merged.item
      return { ...merged, item, whole: merged.whole === undefined ? undefined : { ...merged.whole, ...item } }
    },
  }
}

export { isJsonPatch }

/** What entities of one type are made and changed with. */
interface Making {
  readonly forms: Forms
  readonly projection: Projection
  readonly seed: string
  readonly kind: string
  readonly noun: string
  readonly identifierParts: IdentifierParts
  readonly view: EntityView
  readonly slots: readonly Slot[]
  /** The members that an entity has to have. */
  readonly required: ReadonlySet<string>
  readonly hidden: ReadonlySet<string>
  readonly ids: IdMembers
  readonly requests: RequestMembers
  readonly base: EntityBase
  readonly lifecycle: Lifecycle
  /** A thing with the names that are put together from what else it says. */
  readonly withFullNames: (entity: unknown, isSent: (slot: Slot) => boolean) => unknown
  /** What was sent, with the lists that answers call otherwise as answers call them. @param seed names the thing. */
  readonly withRenamedLists: (payload: Item, seed: string) => Item
}

function createMaking(parts: EntityParts, entityKind: EntityKind): Making {
  const { schemas, seed, forms, projection } = parts
  const { type, views, verbs, madeNouns } = entityKind
  const [view] = views
  const { schema } = view
  const kind = type.home.collection
  const slots = distinctSlots(
    forms.alternatives(schema).flatMap((option) => slotsIn(forms, forms.of(option))),
  )
  const { required } = forms.of(schema).shape
  const requests = createRequestMembers(schemas, forms, schema)
  const changes = type.places.flatMap((place) => place.changes)
  const isHeldAgainst = ({ path, normalized }: Slot): boolean =>
    path.length === 1 &&
    changes.some((operation) => normalizeName(heldVersion(forms, schemas, operation)) === normalized)
  const isNamedByChanges = ({ path }: Slot): boolean =>
    changes.some((operation) => requests.isSettable(operation, path) || saysNewVersion(operation))
  const findFilledLater = (path: readonly string[]): boolean => {
    const name = normalizeName(path.at(-1) ?? '')
    const noun = singular(name)
    return (
      changes.some((operation) => requests.isSettable(operation, path)) ||
      changes.some((operation) =>
        [`add${name}`, `${name}toadd`].some((own) => requests.isSettable(operation, [own])),
      ) ||
      madeNouns().has(noun) ||
      // The `dataConnections` of a company are connections (Codat).
      [...madeNouns()].some((made) => made.length > 5 && noun.endsWith(made)) ||
      [name, `add${noun}`].some((verb) => verbs.includes(verb))
    )
  }
  const filledLater = new Map<string, boolean>()
  const isFilledLater = (path: readonly string[]): boolean => {
    const text = path.length === 1 ? (path[0] ?? '') : `\u0000${JSON.stringify(path)}`
    const known = filledLater.get(text)
    if (known !== undefined) return known
    const is = findFilledLater(path)
    // Clients may choose these names.
    if (filledLater.size < MAX_KNOWN) filledLater.set(text, is)
    return is
  }
  const creations = type.places.flatMap(({ create }) => create ?? [])
  const isClients: LifecycleParts['isClients'] = ({ path }, isLedTo) =>
    [...creations, ...changes].some((operation) => requests.isSettable(operation, path)) ||
    verbs.some(isLedTo)
  const wordsElsewhere = askedWordsOf(schemas, forms, type)
  const hasWords = (normalized: string): boolean => wordsElsewhere(normalized).length > 1
  const isMade = (noun: string): boolean => madeNouns().has(noun)
  return {
    ...{ forms, projection, seed, kind, view, slots, required, requests },
    ...{ noun: nounOf(type.home), identifierParts: parts },
    hidden: hiddenNames(schemas, forms, type),
    ids: createIdMembers(parts, forms, { ...entityKind, slots, requests }),
    base: createEntityBase(parts, forms, projection, { schema, kind, requests, isFilledLater, hasWords }),
    withRenamedLists: createRenamedLists(parts, schema),
    withFullNames: fullNamesIn(slots, type.home, (slot) => isClients(slot, () => false)),
    lifecycle: createLifecycle(
      {
        schemas,
        forms,
        projection,
        isNamedByChanges,
        isHeldAgainst,
        isClients,
        isMade,
        verbs,
        wordsElsewhere,
      },
      slots,
      required,
    ),
  }
}

/** Of how many members it is remembered whether they are filled later. */
const MAX_KNOWN = 2_000

const saysNewVersion = (operation: Operation): boolean =>
  NEW_VERSION_SENTENCE.test(`${operation.summary ?? ''} ${String(operation.extension('description') ?? '')}`)

/** A new entity: what was sent of it, in the form of its type, with all that a server adds. */
function created(making: Making, given: Item, id: unknown, birth: Birth): Entity {
  const {
    forms,
    projection,
    seed,
    kind,
    view,
    slots,
    hidden,
    ids,
    requests,
    base,
    lifecycle,
    withFullNames,
  } = making
  const { operation, relations, now, file, known } = birth
  const text = `${kind}/${String(id)}`
  const payload = making.withRenamedLists(requests.withoutReadOnly(given, operation), text)
  const sent = new Set(Object.keys(payload).map(normalizeName))
  const isSent = (slot: Slot): boolean =>
    valueAt(payload, slot.path) !== undefined || (slot.path.length === 1 && sent.has(slot.normalized))
  const under = known ?? base.of(payload, operation, text)
  const shown = projection.raw(view.schema, payload, {
    seed: `${seed}/${text}`,
    base: under,
    hidden,
    undescribed: requests.undescribed(payload, operation),
  })
  let made: unknown = isObject(shown) ? shown : under
  const absent = lazy(() => requests.absent(operation, sent))
  if (known === undefined) made = lifecycle.born(made, now, isSent, absent)
  made = withRelations(forms, slots, made, relations, (slot) => isSent(slot) || ids.isOwn(slot))
  made = withFile(making, made, file, isSent)
  made = withHistories({ forms, projection }, forms.of(view.schema, payload), made, payload)
  made = withEntryIds(making, made, payload, { id, text })
  const own = memberIdOf(making, payload, id, birth)
  made = ids.withFurther(ids.withId(itemOf(made), own), id, isSent, operation)
  if (known === undefined) made = withFullNames(made, isSent)
  return entityOf(making, id, ids.withId(base.fitting(itemOf(made), text), own), payload)
}

/** The id that the member of a new entity holds; undefined where it keeps what it has. */
function memberIdOf({ view, ids }: Making, payload: Item, id: unknown, { operation, known }: Birth): unknown {
  // What a recorded thing has at the place of its id may be another name of it.
  const isSeen = known !== undefined && operation === undefined
  if (isSeen && valueAt(payload, view.idPath ?? []) !== undefined) return undefined
  // What a client called a thing stays its name, where only a guess makes it the id: paths may take another one.
  return (view.isSure ? undefined : ids.sentId(payload, operation)) ?? id
}

interface ChangeMade {
  /** All that is known of the entity after the change. */
  readonly whole: Item
  readonly sent: Item
  readonly operation: Operation | undefined
  readonly now: number
}

export function changed(making: Making, entity: Entity, { whole, sent, operation, now }: ChangeMade): Entity {
  const { forms, projection, seed, view, hidden, ids, requests, base, lifecycle, withFullNames } = making
  const isSent = (slot: Slot): boolean => valueAt(sent, slot.path) !== undefined
  const stamped = withFullNames(lifecycle.changed(whole, now, sent), isSent)
  const shown = projection.raw(view.schema, stamped, {
    seed: `${seed}/${entity.id}`,
    hidden,
    undescribed: new Set([
      ...requests.undescribed(entity.item, undefined),
      ...requests.undescribed(sent, operation),
    ]),
  })
  const old = view.idPath === undefined ? undefined : (valueAt(entity.item, view.idPath) ?? entity.id)
  const told = withHistories({ forms, projection }, forms.of(view.schema, entity.item), shown, sent)
  const fitted = base.fitting(isObject(told) ? told : entity.item, 'change')
  const item = ids.withId(fitted, ids.sentId(sent, operation) ?? old)
  return entityOf(making, entity.id, item, isObject(stamped) ? stamped : whole)
}

/** What a replacement leaves of an entity: what it says, and what clients cannot say. */
function replaced(
  { view, ids, requests, required }: Making,
  entity: Entity,
  payload: Item,
  operation: Operation,
): Item {
  const before = full(entity)
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(before)) {
    const isKept =
      !requests.isSettable(operation, [name]) ||
      (required.has(name) && !CONTENT_HOLDERS.has(normalizeName(name)))
    if (isKept && memberOf(entity.item, name) !== undefined) setMember(kept, name, value)
  }
  const content = Object.entries(payload).map(([name, value]) => {
    const old = memberOf(kept, name)
    const isContent = isObject(old) && isObject(value) && !requests.isSettable(operation, [name])
    return [name, isContent ? { ...old, ...value } : value] as const
  })
  const assumed = [...requests.defaults(operation)].flatMap(([normalized, fallback]) => {
    const name = view.form.byName.get(normalized)?.name
    return name === undefined ? [] : [[name, fallback] as const]
  })
  const after = { ...kept, ...Object.fromEntries([...assumed, ...content]) }
  return ids.withIdentityOf(before, after, payload)
}

const itemOf = (value: unknown): Item => (isObject(value) ? value : {})

const entityOf = ({ hidden }: Making, id: unknown, item: Item, whole: Item): Entity => ({
  id: String(id),
  item,
  whole: covers(item, whole, hidden) ? undefined : { ...item, ...whole },
})

/** An item without the entries of the maps that a payload sends anew, at any depth. */
function withoutMaps(forms: Forms, form: Form, item: Item, payload: Item): Item {
  const copy: Record<string, unknown> = { ...item }
  for (const [name, sent] of Object.entries(payload)) {
    const own = memberOf(item, name)
    const member = form.byName.get(normalizeName(name))
    if (member === undefined || !isObject(own) || !isObject(sent)) continue
    const inner = forms.of(member.schema, sent)
    setMember(copy, name, inner.byName.size === 0 ? {} : withoutMaps(forms, inner, own, sent))
  }
  return copy
}

export function likeness({ slots, ids }: Making, entity: Entity): Item {
  const own = new Set(slots.filter(ids.isOwn).map(({ path }) => normalizeName(path[0] ?? '')))
  const isOwn = (name: string): boolean =>
    own.has(name) ||
    (ID_ENDINGS as readonly string[]).includes(name) ||
    Object.values(TIMES).some((times) => times.test(name))
  return Object.fromEntries(Object.entries(full(entity)).filter(([name]) => !isOwn(normalizeName(name))))
}

/** Whether a member may be null: then null is its value, and does not remove it. */
function mayBeNull(forms: Forms, { schema }: Pick<EntityView, 'schema'>, path: readonly string[]): boolean {
  const [name, ...rest] = path
  const member = forms.of(schema).byName.get(normalizeName(name ?? ''))
  if (member === undefined) return false
  if (rest.length === 0) return forms.types(member.schema)?.has('null') === true
  return mayBeNull(forms, member, rest)
}

/** What a file tells of itself in the members that ask for it. */
function withFile(
  { forms, slots }: Making,
  entity: unknown,
  file: SentFile | undefined,
  isSent: (slot: Slot) => boolean,
): unknown {
  if (file === undefined) return entity
  let copy = entity
  for (const slot of slots) {
    const meaning = FILE_MEMBERS.get(slot.normalized)
    const isOwn = slot.path.length === 1 || (slot.path.length === 2 && isAboutFile(slot))
    if (meaning === undefined || !isOwn || isSent(slot)) continue
    const value = file[meaning]
    const types = forms.types(slot.schema)
    const typed = value === undefined || types === undefined ? (value ?? ABSENT) : coerce(types, value)
    if (typed !== ABSENT) copy = withValueAt(copy, slot.path, typed)
  }
  return copy
}

/** Whether a part says what a file is like: `metadata.size` (Camunda, Supabase). */
const isAboutFile = ({ path: [part = ''] }: Slot): boolean => FILE_PARTS.has(normalizeName(part))

/** Whether an item shows all of what was sent. */
function covers(item: unknown, sent: unknown, hidden: ReadonlySet<string>): boolean {
  if (!isObject(sent)) return equals(item, sent)
  if (!isObject(item)) return false
  for (const name in sent)
    if (!Object.hasOwn(item, name) || !covers(item[name], sent[name], hidden)) return false
  return true
}

function distinctSlots(slots: readonly Slot[]): readonly Slot[] {
  return [...new Map(slots.map((slot) => [slot.path.join('/'), slot])).values()]
}

/** Members that requests alone may hold. */
function hiddenNames(schemas: Schemas, forms: Forms, type: ResourceType): ReadonlySet<string> {
  const operations = type.places.flatMap(({ create, changes }) => [create, ...changes])
  const bodies = operations.flatMap((operation) => operation?.body()?.content ?? [])
  const members = bodies.flatMap((media) => [
    ...forms.of(schemas.convert(media.schema ?? true, 'request')).byName,
  ])
  return new Set(members.flatMap(([name, { schema }]) => (forms.isWriteOnly(schema) ? [name] : [])))
}
