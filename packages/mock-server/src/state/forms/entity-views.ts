// How an answer shows one thing: which of the objects in it that is, and what its id is called.

import { normalizeName } from '../../engine/json.js'
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
  SAYS_LITTLE,
  singular,
  wordsOf,
} from '../conventions/names.js'
import type { Form, Member } from './form.js'
import type { Forms } from './forms.js'
import { FIRST } from './slots.js'

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

interface InnerObject {
  readonly path: readonly string[]
  readonly schema: Schema
  readonly form: Form
}

const MAX_ENVELOPES = 3

const MAX_ENVELOPE_MEMBERS = 2

const MAX_OBJECTS = 60

const MAX_MEMBERS = 200

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
export function* objectsIn(forms: Forms, schema: Schema): Generator<InnerObject> {
  const found: InnerObject[] = [{ path: [], schema, form: forms.of(schema) }]
  for (let i = 0; i < found.length; i++) {
    const at = found[i]
    if (at === undefined) break
    yield at
    if (at.path.length < MAX_ENVELOPES && found.length < MAX_OBJECTS) found.push(...objectsOf(forms, at))
  }
}

/** Members that can lead to what an answer is about: what has more is no envelope. */
export const membersOf = ({ byName }: Form): readonly (readonly [string, Member])[] =>
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
export function innerAt(forms: Forms, schema: Schema, envelope: readonly string[]): InnerObject | undefined {
  let at: InnerObject = { path: [], schema, form: forms.of(schema) }
  for (const name of envelope) {
    const member = at.form.byName.get(normalizeName(name))
    if (member === undefined) return undefined
    at = { path: [...at.path, member.name], schema: member.schema, form: forms.of(member.schema) }
  }
  return at
}

export function hintedEntity(
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
export function entityIn(forms: Forms, schema: Schema, ids: IdNames, noun: string): EntityView {
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
      ? enveloped.find((one) => isRepeatedBy(forms, outer, one, names))
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

/** Whether an answer only repeats the id of the thing in it: `{ member_id, member: { member_id, name }, organization }` (Stytch). */
function isRepeatedBy(
  forms: Forms,
  outer: InnerObject,
  { path, form }: InnerObject,
  names: readonly string[],
): boolean {
  const [own, inner] = [outer.form, form].map((one) => idPathIn(forms, one, names)?.join())
  const [name = ''] = path
  const isCalledSo = own !== undefined && wordsOf(own).slice(0, -1).join('') === normalizeName(name)
  return path.length === 1 && isCalledSo && own === inner
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
      !SAYS_LITTLE.has(name) && (isScalar(forms, schema) || forms.types(schema)?.has('boolean') === true),
  ).length >= MUCH

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

export const isListName = (normalized: string, noun: string): boolean => {
  const one = singular(normalized)
  return (
    LIST_NAMES.has(normalized) || one === noun || (noun !== '' && (noun.endsWith(one) || one.endsWith(noun)))
  )
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
