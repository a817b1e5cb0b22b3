// Where in a thing a member stands that a request sends beside its part, or under another name than answers show it by.

import {
  grouped,
  isObject,
  type JsonObject,
  lazy,
  member as memberOf,
  normalizeName,
} from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import {
  CONTENT_HOLDERS,
  ID_ENDINGS,
  KIND_MEMBERS,
  OPEN_PARTS,
  OWN_NAMES,
  WORDS_AFTER,
  WORDS_BEFORE,
  wordsOf,
} from '../conventions/names.js'
import { type Form, fitsTypes, type Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { valueAt, withValueAt } from '../forms/slots.js'
import { isIdentity } from './relations.js'

/** Members that say which thing is meant, and nothing of it. */
export const IDENTITY: ReadonlySet<string> = new Set<string>([
  ...ID_ENDINGS,
  'type',
  'object',
  'kind',
  'resourcetype',
])

/** What was sent of a thing stands in the one part of it that has room for it. */
export function withParts(forms: Forms, form: Form, payload: JsonObject): JsonObject {
  if (form.byName.size === 0) return payload
  const told = withKindOfPart(forms, form, payload)
  const parts = lazy(() => partsOf(forms, form, told))
  let copy = told
  for (const name in payload) {
    const value = payload[name]
    const normalized = normalizeName(name)
    const own = form.byName.get(normalized)
    if (own !== undefined && CONTENT_HOLDERS.has(normalized) && isObject(value))
      copy = withValueAt(copy, [name], withParts(forms, forms.of(own.schema, value), value)) as JsonObject
    const isElsewhere = own === undefined && !IDENTITY.has(normalized)
    const path = isElsewhere ? roomFor(forms, form, parts(), { name, value }) : undefined
    if (path !== undefined && valueAt(payload, path) === undefined)
      copy = withValueAt(copy, path, value) as JsonObject
  }
  return withOpenPart(forms, form, copy)
}

/** A member that is an object with members of its own. */
interface Part {
  readonly name: string
  readonly form: Form
}

const partsOf = (forms: Forms, form: Form, payload: JsonObject): readonly Part[] =>
  [...form.byName.values()].flatMap(({ name, schema }) => {
    const inner = forms.isReadOnly(schema) ? undefined : forms.of(schema, memberOf(payload, name))
    return inner?.mayBeObject === true && inner.byName.size > 0 ? [{ name, form: inner }] : []
  })

interface SentMember {
  readonly name: string
  readonly value: unknown
}

/** The path of the one member that what was sent under another name, or beside its part, can mean. */
function roomFor(
  forms: Forms,
  form: Form,
  parts: readonly Part[],
  sent: SentMember,
): readonly string[] | undefined {
  const { name, value } = sent
  const near = partsWith(forms, parts, sent)
  const [room, ...others] = near.length > 0 ? near : deepParts(forms, form, sent)
  if (room !== undefined) return others.length === 0 ? room : undefined
  return (
    referenceOf(forms, form, name, value) ??
    longerNameOf(forms, form, name, value) ??
    shorterNameOf(forms, form, name, value)
  )
}

function shorterNameOf(
  forms: Forms,
  form: Form,
  name: string,
  value: unknown,
): readonly string[] | undefined {
  const words = wordsOf(name)
  const isBefore = WORDS_BEFORE.has(words[0] ?? '')
  if (words.length < 2 || !(isBefore || WORDS_AFTER.has(words.at(-1) ?? ''))) return undefined
  const short = (isBefore ? words.slice(1) : words.slice(0, -1)).join('')
  const member = form.byName.get(short) ?? form.byName.get(`${short}s`)
  return member !== undefined && hasRoom(forms, member.schema, value) ? [member.name] : undefined
}

/** What says of which kind a thing is, where only one part of it has kinds, and one so called: `{ type: 'text' }` (Karakeep). */
function withKindOfPart(forms: Forms, form: Form, payload: JsonObject): JsonObject {
  for (const name in payload) {
    const value = payload[name]
    const normalized = normalizeName(name)
    if (!KIND_MEMBERS.has(normalized) || form.byName.has(normalized)) continue
    const paths = kindsOfParts(forms, form, normalized).filter(({ values }) => values.has(value))
    const [only] = paths
    if (only !== undefined && paths.length === 1 && valueAt(payload, only.path) === undefined)
      return withValueAt(payload, only.path, value) as JsonObject
  }
  return payload
}

/** A member of a part that says of which of several kinds the part is. */
interface KindOfPart {
  readonly path: readonly string[]
  readonly values: ReadonlySet<unknown>
}

const partsWithKinds = new WeakMap<Form, Map<string, readonly KindOfPart[]>>()

function kindsOfParts(forms: Forms, form: Form, normalized: string): readonly KindOfPart[] {
  const known = partsWithKinds.get(form) ?? new Map<string, readonly KindOfPart[]>()
  partsWithKinds.set(form, known)
  const found =
    known.get(normalized) ??
    [...form.byName.values()].flatMap((part): readonly KindOfPart[] => {
      const options = forms.alternatives(part.schema)
      const members = options.flatMap((option) => forms.of(option).byName.get(normalized) ?? [])
      const [first] = members
      if (first === undefined || options.length < 2) return []
      const values = new Set(members.flatMap(({ schema }) => forms.of(schema).shape.values ?? []))
      return values.size === 0 ? [] : [{ path: [part.name, first.name], values }]
    })
  known.set(normalized, found)
  return found
}

/** Where a thing shows another one that a request names by a member of that: `plan_code` is the `code` of the `plan` (Recurly, Lago). */
function referenceOf(forms: Forms, form: Form, name: string, value: unknown): readonly string[] | undefined {
  const words = wordsOf(name)
  const last = words.at(-1) ?? ''
  const isScalar = typeof value === 'string' || typeof value === 'number'
  if (words.length < 2 || !isScalar || !isIdentity(last)) return undefined
  const other = form.byName.get(words.slice(0, -1).join(''))
  const inner = other && forms.of(other.schema)
  const member = inner?.mayBeObject === true ? inner.byName.get(last) : undefined
  const types = member && forms.types(member.schema)
  const hasRoom = member !== undefined && (types === undefined || fitsTypes(types, value))
  return other !== undefined && hasRoom ? [other.name, member.name] : undefined
}

/** The one member whose name says more than that of what was sent: `granted_to_email` of an `email` (Neon), `originalFileName` of a `fileName` (Webflow). */
function longerNameOf(forms: Forms, form: Form, name: string, value: unknown): readonly string[] | undefined {
  if (typeof value !== 'string' || name.length < MIN_NAME) return undefined
  const words = ` ${wordsOf(name).join(' ')}`
  const longer = wordedMembersOf(form).flatMap(([text, member]) => (text.endsWith(words) ? [member] : []))
  const [only, ...others] = longer
  if (only === undefined || others.length > 0 || forms.of(only.schema).shape.values !== undefined)
    return undefined
  const types = forms.types(only.schema)
  return types === undefined || fitsTypes(types, value) ? [only.name] : undefined
}

const wordedMembers = new WeakMap<Form, readonly (readonly [words: string, member: Member])[]>()

/** The members of a form with the words of their names, read once. */
function wordedMembersOf(form: Form): readonly (readonly [words: string, member: Member])[] {
  const worded =
    wordedMembers.get(form) ??
    [...form.byName.values()].map((member) => [wordsOf(member.name).join(' '), member] as const)
  wordedMembers.set(form, worded)
  return worded
}

/** Shorter names, and those of times and kinds, stand at the end of many others. */
const MIN_NAME = 5

/** What was sent beside a thing's members stands in the part of it that is open for any. */
function withOpenPart(forms: Forms, form: Form, payload: JsonObject): JsonObject {
  if (!OPEN_PARTS.some((name) => form.byName.has(name))) return payload
  const [part, ...others] = OPEN_PARTS.flatMap((name) => form.byName.get(name) ?? [])
  if (part === undefined || others.length > 0 || Object.hasOwn(payload, part.name)) return payload
  const inner = forms.of(part.schema)
  if (!inner.mayBeObject || inner.byName.size > 0 || inner.shape.nameRules.length === 0) return payload
  const beside = Object.entries(payload).filter(([name]) => {
    const normalized = normalizeName(name)
    return !form.byName.has(normalized) && !IDENTITY.has(normalized) && forms.room(inner, name) === true
  })
  return beside.length === 0 ? payload : { ...payload, [part.name]: Object.fromEntries(beside) }
}

/** The members of a thing's parts that have a name, and a type that a value fits. */
function partsWith(
  forms: Forms,
  parts: readonly Part[],
  { name, value }: SentMember,
): readonly (readonly string[])[] {
  const normalized = normalizeName(name)
  return parts.flatMap((part) => {
    const member = part.form.byName.get(normalized)
    // What has an id is another thing, which has a name of its own.
    const isOther = isOwnName(normalized) && part.form.byName.has('id')
    const isRoom = member !== undefined && !isOther && hasRoom(forms, member.schema, value)
    return isRoom ? [[part.name, member.name]] : []
  })
}

const isOwnName = (name: string): boolean => (OWN_NAMES as readonly string[]).includes(name)

function hasRoom(forms: Forms, schema: Schema, value: unknown): boolean {
  const types = forms.types(schema)
  return (types === undefined || fitsTypes(types, value)) && !forms.isReadOnly(schema)
}

/** How deep in a thing the part may stand that a request sends by itself: the `vectors` of `config.params` (Qdrant). */
const MAX_PART_DEPTH = 4
/** How many members are looked at to find it. */
const MAX_DEEP_MEMBERS = 5_000

interface DeepMember {
  readonly path: readonly string[]
  readonly schema: Schema
}

/** The members of a name in the parts of a thing's parts, where a value fits them: those that are nearest to the thing. */
function deepParts(forms: Forms, form: Form, { name, value }: SentMember): readonly (readonly string[])[] {
  const normalized = normalizeName(name)
  const found = isOwnName(normalized) ? [] : (deepMembersOf(forms, form).get(normalized) ?? [])
  return found.filter(({ schema }) => hasRoom(forms, schema, value)).map(({ path }) => path)
}

const deepMembers = new WeakMap<Form, ReadonlyMap<string, readonly DeepMember[]>>()

/** The members of a thing's parts' parts by their normalised names: of each name those that are nearest. */
function deepMembersOf(forms: Forms, form: Form): ReadonlyMap<string, readonly DeepMember[]> {
  const known = deepMembers.get(form)
  if (known !== undefined) return known
  const found = new Map<string, readonly DeepMember[]>()
  let level = partsBelow(
    forms,
    [...form.byName.values()].map(({ name, schema }) => ({ path: [name], schema })),
  )
  for (let depth = 2; depth < MAX_PART_DEPTH && found.size < MAX_DEEP_MEMBERS; depth++) {
    level = partsBelow(forms, level)
    const byName = grouped(level.map((one) => [normalizeName(one.path.at(-1) ?? ''), one]))
    for (const [name, members] of byName) if (!found.has(name)) found.set(name, members)
  }
  deepMembers.set(form, found)
  return found
}

/** The members of objects that are parts of a thing. What has an id is another thing, and says of itself what it is. */
const partsBelow = (forms: Forms, level: readonly DeepMember[]): readonly DeepMember[] =>
  level.slice(0, MAX_DEEP_MEMBERS).flatMap(({ path, schema }) => {
    const inner = forms.isReadOnly(schema) ? undefined : forms.of(schema)
    const isPart = inner?.mayBeObject === true && !inner.byName.has('id')
    return isPart
      ? [...inner.byName.values()].map((member) => ({ path: [...path, member.name], schema: member.schema }))
      : []
  })
