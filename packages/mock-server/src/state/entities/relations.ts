// How a thing belongs to others: through the path it was made at, or through a member that refers to them.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import {
  CONTENT_HOLDERS,
  ENVELOPES,
  HOLDERS,
  ID_ENDINGS,
  referentOf,
  SCOPE_MEMBER,
  singular,
  URL_NAMES,
} from '../conventions/names.js'
import { coerce } from '../forms/coercion.js'
import { type Form, joint } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { type Slot, valueAt, withValueAt } from '../forms/slots.js'
import { type Place, parameterNames, parentValues } from '../places/place.js'

/** One parameter above a thing, with the value that a request gave it. */
export interface Relation {
  readonly name: string
  /** The kind of thing that it names: `project` of `/projects/{id}`. */
  readonly referent: string
  /** What the things are called that the parameter stands for one of: `dnszone` of `/dns_zones/{zone_id}`. */
  readonly noun?: string
  readonly value: string
}

export function relationsOf(
  place: Place,
  operation: Operation,
  values: Readonly<Record<string, unknown>>,
): readonly Relation[] {
  const own = parentValues(place, operation, values)
  if (own.length === 0) return NO_RELATIONS
  return own.map(([name, value]) => ({
    ...{ name, value, referent: referentIn(place.collection, name) },
    noun: wordBefore(place.collection, name),
  }))
}

const NO_RELATIONS: readonly Relation[] = []
/**
 * What a path says of a thing that is read at another one, whose own parameter is called after a member of the thing:
 * `/orgs/{org}/repos` says who the `owner` at `/repos/{owner}/{repo}` is. Undefined where it says nothing of the kind.
 */
export function ownerRelation(
  home: Place,
  relations: readonly Relation[],
  hasMember: (normalized: string) => boolean,
): Relation | undefined {
  const own = parameterNames(home.collection).map((name) => ({
    name,
    referent: referentIn(home.collection, name),
  }))
  const isSame = (one: { readonly referent: string }, other: { readonly referent: string }): boolean =>
    one.referent === other.referent
  const [owner, ...otherOwners] = own.filter((one) => !relations.some((other) => isSame(one, other)))
  const [above, ...othersAbove] = relations.filter((one) => !own.some((other) => isSame(one, other)))
  if (owner === undefined || above === undefined || otherOwners.length + othersAbove.length > 0)
    return undefined
  const isShown = [...namesFor(above)].some(hasMember)
  return hasMember(owner.referent) && !isShown ? { ...owner, value: above.value } : undefined
}

function referentIn(template: string, name: string): string {
  const referent = referentOf(name)
  const isBare = BARE.has(referent) || referent === ''
  if (!isBare) return referent
  return wordBefore(template, name) || referent
}

/** The word before a parameter, as one of the things that it names; empty where another parameter stands there. */
function wordBefore(template: string, name: string): string {
  const before =
    template
      .slice(0, template.indexOf(`{${name}}`))
      .split('/')
      .filter(Boolean)
      .at(-1) ?? ''
  return before.includes('{') ? '' : singular(normalizeName(before))
}

const BARE: ReadonlySet<string> = new Set<string>([...ID_ENDINGS, 'name', 'key', 'slug'])
export const IDENTITIES: ReadonlySet<string> = new Set<string>([
  ...ID_ENDINGS,
  'name',
  'key',
  'slug',
  'login',
  'username',
  'code',
  'handle',
  'email',
])

/** Whether a name says by what a thing is known, and not which thing is. */
export const isIdentity = (name: string): boolean => IDENTITIES.has(normalizeName(name))

/** The normalised names of members that can say who a relation is with. */
function namesFor({ name, referent, noun = '' }: Relation): ReadonlySet<string> {
  const param = normalizeName(name)
  return new Set([
    ...(BARE.has(param) ? [] : [param]),
    referent,
    `${referent}s`,
    `${referent}ids`,
    ...[...IDENTITIES].map((ending) => referent + ending),
    ...(noun === '' || noun === referent ? [] : ID_ENDINGS.map((ending) => noun + ending)),
  ])
}

const refers = (value: unknown, wanted: string): boolean => {
  if (Array.isArray(value)) return value.some((one) => refers(one, wanted))
  if (isObject(value))
    return Object.entries(value).some(
      ([name, own]) =>
        IDENTITIES.has(normalizeName(name)) &&
        (typeof own === 'string' || typeof own === 'number') &&
        String(own) === wanted,
    )
  return (typeof value === 'string' || typeof value === 'number') && String(value) === wanted
}

function* membersOf(entity: Readonly<Record<string, unknown>>): Generator<readonly [string, unknown]> {
  for (const [name, value] of Object.entries(entity)) {
    const normalized = normalizeName(name)
    yield [normalized, value]
    if (
      isObject(value) &&
      (HOLDERS.has(normalized) || CONTENT_HOLDERS.has(normalized) || normalized === 'relationships')
    )
      for (const [inner, own] of Object.entries(value)) yield* namedIn(inner, own)
  }
}

/** What a part of a thing names: by its own name, and by the type that a relationship gives it (JSON:API, section 5.2.1). */
function* namedIn(name: string, own: unknown): Generator<readonly [string, unknown]> {
  const named = isObject(own) && 'data' in own ? own.data : own
  yield [normalizeName(name), named]
  const [type] = [named].flat().flatMap((one) => (isObject(one) ? [one.type] : []))
  if (typeof type === 'string') yield [singular(normalizeName(type)), named]
}

/**
 * Whether a thing belongs to what a relation names; undefined where nothing says so or otherwise.
 *
 * @param nouns what the document calls its things: ids of one kind say nothing of another.
 */
export function isRelated(
  entity: Readonly<Record<string, unknown>>,
  relation: Relation,
  remembered: Readonly<Record<string, string>>,
  nouns: ReadonlySet<string>,
): boolean | undefined {
  const names = namesFor(relation)
  let said: boolean | undefined
  let isReferred = false
  for (const [name, value] of membersOf(entity)) {
    if (value === null || value === undefined) continue
    if (names.has(name)) said = said === true || refers(value, relation.value)
    else if (
      isReference(name, value) &&
      !isOfKind(referentOf(singular(name)), nouns) &&
      !areOfOtherKinds(value, relation.referent, nouns) &&
      refers(value, relation.value)
    )
      isReferred = true
  }
  // What a thing says of itself by now counts for more than where it was made.
  if (said !== undefined || isReferred) return said === true || isReferred
  const own = remembered[normalizeName(relation.name)] ?? remembered[relation.referent]
  return own === undefined ? undefined : own === relation.value
}

/** Whether a member is called after one kind of things: `item` and `resource` may be of any. */
const isOfKind = (referent: string, nouns: ReadonlySet<string>): boolean =>
  nouns.has(referent) && !ENVELOPES.has(referent)

/** Whether what is referred to says that it is of other kinds than what a path is called after: `{ id: 7, type: 'server' }`. */
const areOfOtherKinds = (value: unknown, referent: string, nouns: ReadonlySet<string>): boolean =>
  [value].flat().every((one) => {
    const kind = isObject(one) && typeof one.type === 'string' ? normalizeName(one.type) : referent
    return kind !== referent && nouns.has(kind)
  })

/** Members that refer to something: objects with an id, and ids of others by name. */
const isReference = (name: string, value: unknown): boolean =>
  typeof value === 'object' || (!BARE.has(name) && ID_ENDINGS.some((ending) => name.endsWith(ending)))

/** What is remembered of the path that a thing was made at. */
export function rememberedOf(relations: readonly Relation[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    relations.flatMap(({ name, referent, value }) => [
      ...(BARE.has(normalizeName(name)) ? [] : [[normalizeName(name), value] as const]),
      [referent, value] as const,
    ]),
  )
}

/**
 * A copy of a thing with its relations in the members that show them.
 *
 * @param isTaken whether a member keeps what it has: a client sent it, or it is the thing's own id.
 */
export function withRelations(
  forms: Forms,
  slots: readonly Slot[],
  entity: unknown,
  relations: readonly Relation[],
  isTaken: (slot: Slot) => boolean,
): unknown {
  let copy = entity
  for (const relation of relations) {
    const names = namesFor(relation)
    for (const slot of slots) {
      if (!names.has(slot.normalized) || isTaken(slot)) continue
      if (slot.path.length > 1 && !isObject(valueAt(copy, slot.path.slice(0, -1)))) continue
      const value = relationIn(forms, slot, relation, valueAt(copy, slot.path))
      if (value !== undefined) copy = withValueAt(copy, slot.path, value)
    }
  }
  const nearest = relations.at(-1)
  return nearest === undefined
    ? copy
    : withScope(forms, slots, withKind(slots, copy, nearest, isTaken), nearest, isTaken)
}

/** With the kind of the thing above, where a member has a word for it: a variable of an environment has the `scope` `ENVIRONMENT`. */
function withScope(
  forms: Forms,
  slots: readonly Slot[],
  entity: unknown,
  { referent }: Relation,
  isTaken: (slot: Slot) => boolean,
): unknown {
  let copy = entity
  for (const slot of slots) {
    if (slot.path.length > 1 || !SCOPE_MEMBER.test(slot.normalized) || isTaken(slot)) continue
    const word = forms
      .of(slot.schema)
      .shape.values?.find((one) => typeof one === 'string' && singular(normalizeName(one)) === referent)
    if (word !== undefined && valueAt(copy, slot.path) !== undefined)
      copy = withValueAt(copy, slot.path, word)
  }
  return copy
}

/**
 * With the id of what a thing is about where two members say so together, of which kind it is and which one: the
 * `resource_type` and `resource_id` of an action (DigitalOcean), the `noteable_type` and `noteable_id` of a note (GitLab).
 */
function withKind(
  slots: readonly Slot[],
  entity: unknown,
  { referent, value }: Relation,
  isTaken: (slot: Slot) => boolean,
): unknown {
  let copy = entity
  for (const { path, normalized } of slots) {
    const kind = normalized.endsWith('type') && path.length === 1 ? valueAt(copy, path) : undefined
    if (typeof kind !== 'string' || singular(normalizeName(kind)) !== referent) continue
    const name = `${normalized.slice(0, -'type'.length)}id`
    const slot = slots.find((one) => one.path.length === 1 && one.normalized === name)
    const now = slot && valueAt(copy, slot.path)
    if (slot === undefined || name === 'id' || isTaken(slot) || now === undefined) continue
    const types = new Set(typeof now === 'number' ? ['integer'] : ['string'])
    const typed = coerce(types, value)
    if (typeof typed !== 'symbol') copy = withValueAt(copy, slot.path, typed)
  }
  return copy
}

/** An id is no name: `{project_id}` says what `project_id` is, and nothing of `project_name`. */
const endingsFor = (name: string): ReadonlySet<string> =>
  ID_ENDINGS.some((ending) => normalizeName(name).endsWith(ending)) ? IDS : BARE

const IDS: ReadonlySet<string> = new Set<string>(ID_ENDINGS)

/** What a member holds that shows a relation; undefined where it has no room for it. */
function relationIn(forms: Forms, slot: Slot, relation: Relation, now: unknown): unknown {
  const form = forms.of(slot.schema)
  const { types } = form.shape
  if (types !== undefined && !form.mayBeObject && !form.isArray) return idIn(slot, types, relation)
  if (form.byName.size === 0 || form.isArray) return undefined
  const told = slot.normalized === relation.referent ? referenceTo(forms, form, relation) : undefined
  if (isObject(now)) return told ? { ...now, ...told } : withIdentity(forms, form, now, relation.value)
  return now === undefined ? told : undefined
}

/** What has more members shows a thing, and not only which one it is. */
const MAX_REFERENCE_MEMBERS = 3

const KINDS = ['typeid', 'type', 'kind']

/** A reference by what a parameter calls a thing by: the `store: { typeId, key }` of what is made in `/in-store/key={storeKey}` (commercetools). */
function referenceTo(
  forms: Forms,
  { byName }: Form,
  { name, referent, value }: Relation,
): JsonObject | undefined {
  const param = normalizeName(name)
  const own = param.startsWith(referent) ? byName.get(param.slice(referent.length)) : undefined
  if (own === undefined || !isIdentity(own.name) || byName.size > MAX_REFERENCE_MEMBERS) return undefined
  const types = forms.types(own.schema)
  const typed = types === undefined ? value : coerce(types, value)
  const kinds = KINDS.flatMap((kind) => {
    const member = byName.get(kind)
    const word = member && forms.of(member.schema).shape.values?.find((one) => isCalled(one, referent))
    return member === undefined || word === undefined ? [] : [[member.name, word] as const]
  })
  return typeof typed === 'symbol' ? undefined : { ...Object.fromEntries(kinds), [own.name]: typed }
}

const isCalled = (word: unknown, referent: string): boolean =>
  typeof word === 'string' && normalizeName(word) === referent

function idIn(
  { normalized }: Slot,
  types: ReadonlySet<string>,
  { name, referent, noun, value }: Relation,
): unknown {
  // `{user}` of `/users/{user}` may be named by another member than its number.
  const isPlain =
    normalized === normalizeName(name) ||
    normalized === referent ||
    (noun !== undefined &&
      noun !== '' &&
      normalized.startsWith(noun) &&
      IDS.has(normalized.slice(noun.length))) ||
    endingsFor(name).has(normalized.slice(referent.length))
  const isNumber = /^-?\d{1,15}$/.test(value) && !types.has('string')
  const typed = coerce(types, isNumber ? Number(value) : value)
  return isPlain && typeof typed !== 'symbol' ? typed : undefined
}

/** An object that stands for another thing, with the other's id in the first member that takes it. */
function withIdentity(forms: Forms, form: Form, now: JsonObject, value: string): JsonObject | undefined {
  for (const name of [...ID_ENDINGS, ...URL_NAMES, ...IDENTITIES]) {
    const own = IDENTITIES.has(name) ? form.byName.get(name) : undefined
    if (own === undefined) continue
    const types = forms.types(joint([own.schema]))
    const typed = types === undefined ? value : coerce(types, value)
    if (typeof typed !== 'symbol') return { ...now, [own.name]: typed }
  }
  return undefined
}
