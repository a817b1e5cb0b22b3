// Where a body holds what an operation is about: the thing behind envelopes, the list among page counters, and the
// members that can identify it.

import { isObject, normalizeName, setMember } from '../../engine/json.js'
import { FAILURES } from '../../engine/sampling/sampler.js'
import type { Schema } from '../../engine/schema/schema.js'
import { LIST_NAMES } from '../conventions/lists.js'
import {
  CONTENT_HOLDERS,
  ENVELOPES,
  HOLDERS,
  ID_ENDINGS,
  NAME_AFFIXES,
  NAME_MEMBERS,
  singular,
} from '../conventions/names.js'
import type { Form, Member } from './form.js'
import type { Forms } from './forms.js'

/** Leads to the first entry of a list, among the members that lead to a thing. */
export const FIRST = '0'

/** Names of members that hold an id, normalised, the likeliest first. */
export interface IdNames {
  /** The path's own parameter says so, or everyone does. */
  readonly sure: readonly string[]
  readonly guesses: readonly string[]
  /** Whether the first member is the id where no name fits and it is called one: `acme_id`. */
  readonly mayBeFirst?: boolean
}

export interface EntityView {
  /** Members to follow from the body to the thing. */
  readonly path: readonly string[]
  /** From the thing to its id; undefined when it shows none. */
  readonly idPath: readonly string[] | undefined
  readonly schema: Schema
  readonly form: Form
  /** Whether the names left no doubt. */
  readonly isSure: boolean
}

export interface ListView {
  /** Members to follow from the body to the list. */
  readonly path: readonly string[]
  /** How an entry of the list shows the thing. */
  readonly item: EntityView
  readonly itemSchema: Schema
  /** Whether entries are ids and not objects. */
  readonly idsOnly: boolean
}

export interface Views {
  /** @param envelope the members that lead to the thing, where a hint names them; the same for a list. */
  entity(schema: Schema, ids: IdNames, noun: string, envelope?: readonly string[]): EntityView
  list(schema: Schema, ids: IdNames, noun: string, envelope?: readonly string[]): ListView | undefined
  hasList(schema: Schema, noun: string): boolean
}

interface InnerObject {
  readonly path: readonly string[]
  readonly schema: Schema
  readonly form: Form
}

const MAX_ENVELOPES = 3
const MAX_ENVELOPE_MEMBERS = 2
const MAX_OBJECTS = 60
const MAX_MEMBERS = 200

export function createViews(forms: Forms): Views {
  return {
    entity: (schema, ids, noun, envelope) =>
      (envelope && hintedEntity(forms, schema, ids, envelope)) ?? entityIn(forms, schema, ids, noun),
    list(schema, ids, noun, envelope) {
      const hinted = envelope && innerAt(forms, schema, envelope)
      return hinted?.form.isArray === true
        ? listView(forms, hinted.path, hinted.form.items, ids, noun)
        : listIn(forms, schema, ids, noun)
    },
    hasList: (schema, noun) => hasList(forms, schema, noun),
  }
}

function isScalar(forms: Forms, schema: Schema): boolean {
  const types = forms.types(schema)
  return types === undefined || ['string', 'integer', 'number'].some((type) => types.has(type))
}

function idIn(forms: Forms, form: Form, names: readonly string[]): string | undefined {
  for (const wanted of names) {
    const found = form.byName.get(wanted)
    if (found !== undefined && isScalar(forms, found.schema)) return found.name
  }
  return undefined
}

function firstId(forms: Forms, { byName }: Form): string | undefined {
  const [entry] = byName
  if (entry === undefined) return undefined
  const [normalized, { name, schema }] = entry
  const isId = ID_ENDINGS.some((ending) => normalized.endsWith(ending))
  return isId && isScalar(forms, schema) ? name : undefined
}

/** The id of an object, by itself or in the part of it that holds what a server says of it. */
function idPathIn(forms: Forms, form: Form, names: readonly string[]): readonly string[] | undefined {
  const own = idIn(forms, form, names)
  if (own !== undefined) return [own]
  for (const [normalized, member] of form.byName) {
    const inner = HOLDERS.has(normalized) ? idIn(forms, forms.of(member.schema), names) : undefined
    if (inner !== undefined) return [member.name, inner]
  }
  return undefined
}

/** Objects inside a schema, the outermost first. */
function* objectsIn(forms: Forms, schema: Schema): Generator<InnerObject> {
  const found: InnerObject[] = [{ path: [], schema, form: forms.of(schema) }]
  for (let i = 0; i < found.length; i++) {
    const at = found[i]
    if (at === undefined) break
    yield at
    if (at.path.length < MAX_ENVELOPES && found.length < MAX_OBJECTS) found.push(...objectsOf(forms, at))
  }
}

/** Members that can lead to what an answer is about: what has more is no envelope. */
const membersOf = ({ byName }: Form): readonly (readonly [string, Member])[] =>
  [...byName].slice(0, MAX_MEMBERS)

function objectsOf(forms: Forms, { path, form }: InnerObject): readonly InnerObject[] {
  return membersOf(form).flatMap(([normalized, { name, schema }]) => {
    // What describes a thing is no thing by itself, and failures are another one.
    if (HOLDERS.has(normalized) || FAILURES.has(normalized)) return []
    const inner = forms.of(schema)
    const isObject = inner.byName.size > 0 && inner.mayBeObject
    return isObject ? [{ path: [...path, name], schema, form: inner }] : []
  })
}

/** Some answers hold what was made or read as the only one of a list. */
function aloneInList(
  forms: Forms,
  objects: readonly InnerObject[],
  names: readonly string[],
  noun: string,
): EntityView | undefined {
  for (const { path, form } of objects.filter((one) => one.path.length < 2)) {
    // Among many members a list is what a thing has, such as its owners, unless it is called what it lists.
    const isPart = ({ below: [name = ''] }: { readonly below: readonly string[] }): boolean =>
      form.byName.size > MAX_ENVELOPE_MEMBERS && !isListName(normalizeName(name), noun)
    const lists = form.isArray
      ? [{ below: [], array: form }]
      : listsOf(forms, form).filter((one) => !isPart(one))
    for (const { below, array } of lists) {
      const entry = forms.of(array.items)
      const idPath = idPathIn(forms, entry, names)
      if (idPath === undefined) continue
      return { path: [...path, ...below, FIRST], idPath, schema: array.items, form: entry, isSure: true }
    }
  }
  return undefined
}

function listsOf(forms: Forms, form: Form): readonly { below: readonly string[]; array: Form }[] {
  return membersOf(form).flatMap(([, { name, schema }]) => {
    const array = forms.of(schema)
    return array.isArray && !FAILURES.has(normalizeName(name)) ? [{ below: [name], array }] : []
  })
}

const isEnvelopeFor = (path: readonly string[], noun: string): boolean =>
  path.every((name) => {
    const normalized = normalizeName(name)
    return ENVELOPES.has(normalized) || singular(normalized) === noun || noun.endsWith(singular(normalized))
  })

/** What these members lead to; undefined where the schema has none of these names. */
function innerAt(forms: Forms, schema: Schema, envelope: readonly string[]): InnerObject | undefined {
  let at: InnerObject = { path: [], schema, form: forms.of(schema) }
  for (const name of envelope) {
    const member = at.form.byName.get(normalizeName(name))
    if (member === undefined) return undefined
    at = { path: [...at.path, member.name], schema: member.schema, form: forms.of(member.schema) }
  }
  return at
}

function hintedEntity(
  forms: Forms,
  schema: Schema,
  ids: IdNames,
  envelope: readonly string[],
): EntityView | undefined {
  const inner = innerAt(forms, schema, envelope)
  if (inner === undefined) return undefined
  const { items, isArray } = inner.form
  const only = isArray ? { path: [...inner.path, FIRST], schema: items, form: forms.of(items) } : inner
  const sure = idPathIn(forms, only.form, ids.sure)
  return { ...only, idPath: sure ?? idPathIn(forms, only.form, ids.guesses), isSure: sure !== undefined }
}

/** What an answer shows of a thing: the object with its id, else the first that may have one, else what is enveloped. */
function entityIn(forms: Forms, schema: Schema, ids: IdNames, noun: string): EntityView {
  const objects = [...objectsIn(forms, schema)]
  const enveloped = objects.filter(({ path }) => path.length > 0 && isEnvelopeFor(path, noun))
  for (const [names, isSure] of [
    [ids.sure, true],
    [[...ids.sure, ...ids.guesses], false],
  ] as const) {
    const found =
      identifiedIn(forms, objects, enveloped, names, isSure) ?? aloneInList(forms, objects, ids.sure, noun)
    if (found !== undefined) return found
  }
  // What is alone in another object, under a name that says nothing of it, is enveloped by that: an `entry`.
  const isAlone = objects[0]?.form.byName.size === 1 && NAME_AFFIXES.has(objects[1]?.path.join() ?? '')
  const outer = objects.slice(0, isAlone ? 2 : 1)
  for (const one of ids.mayBeFirst === true ? [...enveloped, ...outer] : []) {
    const first = firstId(forms, one.form)
    if (first !== undefined) return { ...one, idPath: [first], isSure: false }
  }
  return (
    unidentifiedIn(objects, noun) ??
    openIn(forms, schema, ids) ?? {
      path: [],
      idPath: openId(forms, schema, ids),
      schema,
      form: forms.of(schema),
      isSure: false,
    }
  )
}

/** The object with an id of these names: the answer itself, else what it envelops, else any in it. */
function identifiedIn(
  forms: Forms,
  objects: readonly InnerObject[],
  enveloped: readonly InnerObject[],
  names: readonly string[],
  isSure: boolean,
): EntityView | undefined {
  const [outer] = objects
  const own = outer && idPathIn(forms, outer.form, names)
  if (outer !== undefined && own !== undefined) {
    // Envelopes before other members: what is beside them is about the answer.
    const isAnswer = isSure || outer.form.byName.size > 3
    const inner = isAnswer
      ? undefined
      : enveloped.find(({ form }) => idPathIn(forms, form, names)?.length === own.length)
    return inner === undefined
      ? { ...outer, idPath: own, isSure }
      : { ...inner, idPath: idPathIn(forms, inner.form, names), isSure }
  }
  return insideOf(forms, [...enveloped, ...objects], names, (inner, idPath) => {
    const thing = writtenPartOf(enveloped, inner)
    if (thing !== undefined)
      return { ...thing, idPath: [...inner.path.slice(thing.path.length), ...idPath], isSure }
    const isMember = isOwnMember(forms, outer, inner)
    if (!isMember || outer === undefined) return { ...inner, idPath, isSure }
    // A thing may be known by another one that it shows: the add-on of a plan (OpenMeter).
    return enveloped.includes(inner)
      ? { ...outer, idPath: [...inner.path, ...idPath], isSure: false }
      : undefined
  })
}

/** The thing in an envelope that an object with its id is what people write of: `{ rule: { spec: { id }, description } }`. */
function writtenPartOf(enveloped: readonly InnerObject[], { path }: InnerObject): InnerObject | undefined {
  const last = normalizeName(path.at(-1) ?? '')
  if (!CONTENT_HOLDERS.has(last) || ENVELOPES.has(last)) return undefined
  const around = path.slice(0, -1).join('.')
  return enveloped.find((one) => one.path.join('.') === around && one.form.byName.size > 1)
}

/** The first of several objects with an id of these names that something can be made of. */
function insideOf(
  forms: Forms,
  objects: readonly InnerObject[],
  names: readonly string[],
  make: (inner: InnerObject, idPath: readonly string[]) => EntityView | undefined,
): EntityView | undefined {
  for (const inner of objects) {
    const idPath = idPathIn(forms, inner.form, names)
    const view = idPath && make(inner, idPath)
    if (view !== undefined) return view
  }
  return undefined
}

/** Whether an object is a part of an answer that says much of itself, and no envelope leads to it. */
function isOwnMember(forms: Forms, outer: InnerObject | undefined, { path: [first] }: InnerObject): boolean {
  if (outer === undefined || first === undefined || ENVELOPES.has(normalizeName(first))) return false
  return saysMuch(forms, outer.form)
}

/** So many members of its own make an answer a thing itself, and what it shows of others a part of it. */
const MUCH = 4

const saysMuch = (forms: Forms, { byName }: Form): boolean =>
  [...byName].filter(
    ([name, { schema }]) =>
      !ABOUT_ANSWERS.has(name) && (isScalar(forms, schema) || forms.types(schema)?.has('boolean') === true),
  ).length >= MUCH

/** What answers say of themselves beside a thing. */
const ABOUT_ANSWERS: ReadonlySet<string> = new Set(
  `status statuscode code message msg success ok error errors requestid traceid timestamp version time duration count total
  object type kind url`.split(/\s+/),
)

/** The one object in an answer that is little more than its envelope. */
function unidentifiedIn(objects: readonly InnerObject[], noun: string): EntityView | undefined {
  const [outer] = objects
  const inner = objects.filter(({ path }) => path.length === 1)
  const [only] = inner
  const isEnvelope = only !== undefined && inner.length === 1 && (outer?.form.byName.size ?? 0) <= 2
  return isEnvelope && isEnvelopeFor(only.path, noun)
    ? { ...only, idPath: undefined, isSure: false }
    : undefined
}

/** What an object that is described no further is identified by: what paths call it, else `id`. */
function openId(forms: Forms, schema: Schema, { sure }: IdNames): readonly string[] | undefined {
  const { byName, shape } = forms.of(schema)
  const isOpen = byName.size === 0 && shape.nameRules.length === 0
  if (!isOpen || forms.types(schema)?.has('object') !== true || sure.length === 0) return undefined
  const [name = 'id'] = sure
  return [(NAME_MEMBERS as readonly string[]).includes(name) ? name : 'id']
}

/** What stands in an envelope and is described no further: it holds whatever was sent. */
function openIn(forms: Forms, schema: Schema, ids: IdNames): EntityView | undefined {
  const { byName } = forms.of(schema)
  const others = [...byName.keys()].filter(
    (name) => !ENVELOPES.has(name) && !FAILURES.has(name) && name !== 'meta',
  )
  if (others.length > 0) return undefined
  for (const [normalized, { name, schema: inner }] of byName) {
    const idPath = openId(forms, inner, ids)
    if (idPath !== undefined && ENVELOPES.has(normalized))
      return { path: [name], idPath, schema: inner, form: forms.of(inner), isSure: false }
  }
  return undefined
}

function listView(
  forms: Forms,
  path: readonly string[],
  itemSchema: Schema,
  ids: IdNames,
  noun: string,
): ListView {
  const item = entityIn(forms, itemSchema, ids, noun)
  const types = forms.types(itemSchema)
  const idsOnly =
    item.form.byName.size === 0 && (types?.has('string') === true || types?.has('integer') === true)
  return { path, itemSchema, idsOnly, item }
}

/** Whether an array lists things: what a thing has several of, such as its tags, stands beside its id. */
const isListIn = (forms: Forms, owner: Form, normalized: string, array: Form, noun: string): boolean =>
  array.isArray &&
  forms.of(array.items).shape.values === undefined &&
  (!owner.byName.has('id') || isListName(normalized, noun))

/** Where an answer may be one thing or a list of them, the list is what it lists. */
const listAmong = (forms: Forms, schema: Schema): Schema | undefined =>
  forms.alternatives(schema).find((one) => one !== schema && forms.of(one).isArray)

function listIn(forms: Forms, schema: Schema, ids: IdNames, noun: string): ListView | undefined {
  const root = forms.of(schema)
  if (root.isArray) return listView(forms, [], root.items, ids, noun)
  const many = listAmong(forms, schema)
  if (many !== undefined) return listView(forms, [], forms.of(many).items, ids, noun)
  const candidates: { readonly view: ListView; readonly score: number }[] = []
  for (const { path, form } of objectsIn(forms, schema)) {
    for (const [normalized, member] of membersOf(form)) {
      const array = forms.of(member.schema)
      if (!isListIn(forms, form, normalized, array, noun)) continue
      const view = listView(forms, [...path, member.name], array.items, ids, noun)
      candidates.push({ view, score: likelihoodOf(view, normalized, noun) })
    }
  }
  const [best] = candidates.sort((a, b) => b.score - a.score)
  return best?.view
}

/** How likely a list is the one that an answer is about. */
function likelihoodOf({ path, item }: ListView, normalized: string, noun: string): number {
  const around = path
    .slice(0, -1)
    .map(normalizeName)
    .filter((name) => !ENVELOPES.has(name) && name !== 'embedded')
  return (
    (item.idPath === undefined ? 0 : 4) +
    (item.form.byName.size > 0 ? 2 : 0) +
    (isListName(normalized, noun) ? 3 : 0) -
    (FAILURES.has(normalized) ? 10 : 0) -
    around.length
  )
}

function hasList(forms: Forms, schema: Schema, noun: string): boolean {
  if (forms.of(schema).isArray || listAmong(forms, schema) !== undefined) return true
  for (const { form } of objectsIn(forms, schema)) {
    for (const [normalized, member] of membersOf(form))
      if (isListIn(forms, form, normalized, forms.of(member.schema), noun)) return true
  }
  return false
}

const isListName = (normalized: string, noun: string): boolean => {
  const one = singular(normalized)
  return (
    LIST_NAMES.has(normalized) || one === noun || (noun !== '' && (noun.endsWith(one) || one.endsWith(noun)))
  )
}

/** The members of a thing that can say something of it as a whole: its own, and those of the parts that are about it. */
export interface Slot {
  readonly path: readonly string[]
  readonly normalized: string
  readonly schema: Schema
}

export function slotsIn(forms: Forms, form: Form): readonly Slot[] {
  const slots: Slot[] = []
  for (const [normalized, member] of form.byName) {
    slots.push({ path: [member.name], normalized, schema: member.schema })
    if (!HOLDERS.has(normalized) && !CONTENT_HOLDERS.has(normalized)) continue
    for (const [inner, own] of forms.of(member.schema).byName)
      slots.push({ path: [member.name, own.name], normalized: inner, schema: own.schema })
  }
  return slots
}

/** The value behind members of nested objects. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => {
    if (Array.isArray(at) && name === FIRST) return at[0]
    return isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, value)
}

/** A copy of a value with another one put behind its members. */
export function withValueAt(value: unknown, path: readonly string[], inner: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return inner
  if (name === FIRST && !isObject(value))
    return [withValueAt(Array.isArray(value) ? value[0] : undefined, rest, inner)]
  const copy = isObject(value) ? { ...value } : {}
  setMember(copy, name, withValueAt(copy[name], rest, inner))
  return copy
}

/** A copy of a value without what is behind these members. */
export function withoutValueAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (name !== undefined && Array.isArray(value)) {
    const index = Number(name)
    return rest.length === 0
      ? value.filter((_, i) => i !== index)
      : value.map((one, i) => (i === index ? withoutValueAt(one, rest) : one))
  }
  if (name === undefined || !isObject(value) || !Object.hasOwn(value, name)) return value
  const copy = { ...value }
  if (rest.length === 0) delete copy[name]
  else setMember(copy, name, withoutValueAt(copy[name], rest))
  return copy
}

/** More kinds of one thing would take too long to read. */
const MAX_KINDS = 100

/** The members of a thing of whichever of its kinds, by their normalised names. */
export function membersOfAny(
  forms: Forms,
  { form, schema }: Pick<EntityView, 'form' | 'schema'>,
): ReadonlyMap<string, Member> {
  const kinds = forms.alternatives(schema).slice(0, MAX_KINDS).toReversed()
  return new Map([...kinds.map((kind) => forms.of(kind)), form].flatMap(({ byName }) => [...byName]))
}
