// The part of a request's body that describes an entity, nested and named as the entity itself is.

import {
  isObject,
  type JsonObject,
  member as memberOf,
  nestsAtMost,
  normalizeName,
  setMember,
} from '../../engine/json.js'
import {
  ACTION_LISTS,
  CONTENT_HOLDERS,
  ENVELOPES,
  ID_ENDINGS,
  OWN_NAMES,
  SETTING_ACTION,
  singular,
  wordsOf,
} from '../conventions.js'
import { type Form, fitsTypes } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { type EntityView, FIRST, valueAt, withValueAt } from '../forms/views.js'
import { isIdentity } from './relations.js'

/** Members that say which thing is meant, and nothing of it. */
const IDENTITY: ReadonlySet<string> = new Set<string>([
  ...ID_ENDINGS,
  'type',
  'object',
  'kind',
  'resourcetype',
])

/**
 * @param sent a whole request body: an envelope, a batch of one, or the entity itself.
 * @param noun what the API calls such a thing. @param nouns the words that stand before its members' names.
 */
export function payloadOf(
  forms: Forms,
  {
    view,
    noun,
    nouns,
  }: { readonly view: EntityView; readonly noun: string; readonly nouns: readonly string[] },
  sent: unknown,
): JsonObject {
  const form = forms.of(view.schema, isObject(sent) ? sent : undefined)
  const body: unknown = Array.isArray(sent) ? sent[0] : sent
  const described = isObject(body)
    ? (setByActions(form, body) ?? describedIn(forms, form, { view, noun }, body))
    : {}
  return withParts(forms, form, withOwnNames(described, form, nouns))
}

/** What a list of actions sets: `{ actions: [{ action: 'setKey', key: 'a' }] }`, `{ requests: [{ setKey: { key: 'a' } }] }`. */
function setByActions(form: Form, body: JsonObject): JsonObject | undefined {
  const [name, list] = Object.entries(body).find(([own]) => ACTION_LISTS.has(normalizeName(own))) ?? []
  if (name === undefined || !Array.isArray(list) || form.byName.has(normalizeName(name))) return undefined
  const { [name]: _, ...beside } = body
  const set = list.filter(isObject).flatMap((entry) => setIn(entry))
  const known = set.flatMap((one) =>
    Object.entries(one).flatMap(([own, value]) => {
      const member = form.byName.get(normalizeName(own))
      return member === undefined ? [] : [[member.name, value] as const]
    }),
  )
  return { ...beside, ...Object.fromEntries(known) }
}

/** What one action says of the entity. */
function setIn(entry: JsonObject): readonly JsonObject[] {
  const { action, ...said } = entry
  if (typeof action === 'string') return SETTING_ACTION.test(action) ? [said] : []
  return Object.entries(entry).flatMap(([name, inner]) =>
    SETTING_ACTION.test(name) && isObject(inner) ? [inner] : [],
  )
}

/** An object in a body that may be the entity. */
interface Candidate {
  readonly inner: JsonObject
  /** Gives what stands beside it and around it. */
  readonly around: () => JsonObject
  readonly depth: number
  /** The normalised name of the member that holds it. */
  readonly key: string
  /** Whether it was sent as JSON in a field of a form. */
  readonly isText: boolean
}

/** A part of the entity that a body may describe by itself. */
interface Target {
  readonly path: readonly string[]
  readonly names: Form['byName']
}

interface Wanted {
  readonly view: EntityView
  readonly noun: string
}

const MAX_DEPTH = 3

function describedIn(forms: Forms, form: Form, { view, noun }: Wanted, body: JsonObject): JsonObject {
  const shownAs = view.path.findLast((name) => name !== FIRST)
  const shownKey = shownAs === undefined ? undefined : normalizeName(shownAs)
  const whole: Candidate = { inner: body, around: () => ({}), depth: 0, key: '', isText: false }
  const targets = targetsIn(forms, form)
  let best: { readonly candidate: Candidate; readonly path: readonly string[] } = {
    candidate: whole,
    path: [],
  }
  let score = shareKnown(body, form.byName) + 0.001
  for (const candidate of [whole, ...candidatesIn(body, 1, () => ({}), shownAs)]) {
    const isShownHere = candidate.key === shownKey
    for (const target of targets) {
      if (!mayDescribe(candidate, target, { form, noun, isShownHere })) continue
      const own =
        shareKnown(candidate.inner, target.names) - candidate.depth * 0.01 - target.path.length * 0.005
      const isBetter = own > score + 0.3 || (own > score && isShownHere)
      if (isBetter) [best, score] = [{ candidate, path: target.path }, own]
    }
  }
  return nestedAs(forms, form, best.candidate, best.path)
}

/** The objects in a body, those in a list of one and those that are written as JSON included. */
function* candidatesIn(
  at: JsonObject,
  depth: number,
  around: Candidate['around'],
  shownAs: string | undefined,
): Generator<Candidate> {
  if (depth > MAX_DEPTH) return
  for (const [name, value] of Object.entries(at)) {
    const text = parsedObject(value)
    const inner = text ?? (Array.isArray(value) ? onlyOf(value, name === shownAs) : value)
    if (!isObject(inner)) continue
    const outside = (): JsonObject => {
      const { [name]: _, ...beside } = at
      return { ...around(), ...beside }
    }
    yield { inner, around: outside, depth, key: normalizeName(name), isText: text !== undefined }
    yield* candidatesIn(inner, depth + 1, outside, shownAs)
  }
}

const onlyOf = (list: readonly unknown[], isShown: boolean): unknown =>
  list.length === 1 || isShown ? list[0] : undefined

/** The entity, and those of its members that hold what people write. */
function targetsIn(forms: Forms, form: Form): readonly Target[] {
  const parts = [...form.byName].flatMap(([normalized, member]) => {
    const names = CONTENT_HOLDERS.has(normalized) ? forms.of(member.schema).byName : undefined
    return names === undefined || names.size === 0 ? [] : [{ path: [member.name], names }]
  })
  return [{ path: [], names: form.byName }, ...parts]
}

/** How much of an object has a name that is known. */
function shareKnown(inner: JsonObject, names: Form['byName']): number {
  const keys = Object.keys(inner)
  return keys.length === 0 ? 0 : keys.filter((name) => names.has(normalizeName(name))).length / keys.length
}

function mayDescribe(
  { inner, depth, key, isText }: Candidate,
  { path, names }: Target,
  { form, noun, isShownHere }: { readonly form: Form; readonly noun: string; readonly isShownHere: boolean },
): boolean {
  if (depth === 0) return true
  const isNamed =
    isText || isShownHere || ENVELOPES.has(key) || CONTENT_HOLDERS.has(key) || singular(key) === noun
  // An object of nothing but an id and a kind refers to another thing.
  const said = Object.keys(inner)
    .map(normalizeName)
    .filter((name) => names.has(name) && !IDENTITY.has(name))
  if (!isNamed && said.length < 2) return false
  // What the entity has a member for is that member, not the entity.
  const isMember = depth === 1 && form.byName.has(key) && !isShownHere
  return !isMember || (path.length > 0 && key !== normalizeName(path[0] ?? ''))
}

/** A candidate in the place that it takes in the entity, with what the entity has room for around it. */
function nestedAs(
  forms: Forms,
  form: Form,
  { inner, around }: Candidate,
  path: readonly string[],
): JsonObject {
  const nested = path.length === 0 ? inner : withValueAt({}, path, inner)
  const beside = Object.fromEntries(
    Object.entries(around()).filter(([name]) => form.byName.has(normalizeName(name))),
  )
  return named(forms, form, { ...beside, ...(isObject(nested) ? nested : {}) }, 0)
}

/** What a thing is called, also under the name that its answers have for it. */
function withOwnNames(payload: JsonObject, form: Form, nouns: readonly string[]): JsonObject {
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

/** What was sent of a thing stands in the one part of it that has room for it. */
function withParts(forms: Forms, form: Form, payload: JsonObject): JsonObject {
  if (form.byName.size === 0) return payload
  let copy = withKindOfPart(forms, form, payload)
  for (const [name, value] of Object.entries(payload)) {
    const normalized = normalizeName(name)
    const own = form.byName.get(normalized)
    if (own !== undefined && CONTENT_HOLDERS.has(normalized) && isObject(value))
      copy = withValueAt(copy, [name], withParts(forms, forms.of(own.schema, value), value)) as JsonObject
    const isElsewhere = !form.byName.has(normalized) && !IDENTITY.has(normalized)
    const room = isElsewhere ? partsWith(forms, form, { normalized, value, beside: copy }) : []
    const [
      path = isElsewhere
        ? (referenceOf(forms, form, name, value) ?? longerNameOf(forms, form, name, value))
        : undefined,
    ] = room
    if (path !== undefined && room.length < 2 && valueAt(payload, path) === undefined)
      copy = withValueAt(copy, path, value) as JsonObject
  }
  return withOpenPart(forms, form, copy)
}

/** What says of which kind a thing is, where only one part of it has kinds, and one so called: `{ type: 'text' }` (Karakeep). */
function withKindOfPart(forms: Forms, form: Form, payload: JsonObject): JsonObject {
  for (const [name, value] of Object.entries(payload)) {
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

const KIND_MEMBERS: ReadonlySet<string> = new Set(['type', 'kind', 'object'])

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
  const longer = [...form.byName.values()].filter((member) => wordsOf(member.name).join(' ').endsWith(words))
  const [only, ...others] = longer
  if (only === undefined || others.length > 0 || forms.of(only.schema).shape.values !== undefined)
    return undefined
  const types = forms.types(only.schema)
  return types === undefined || fitsTypes(types, value) ? [only.name] : undefined
}

/** Shorter names, and those of times and kinds, stand at the end of many others. */
const MIN_NAME = 5

/** Parts that hold whatever a client wrote of a thing, under names that the client chose: Knock, PostHog, Weaviate. */
const OPEN_PARTS = ['properties', 'attributes'] as const

/** What was sent beside a thing's members stands in the part of it that is open for any. */
function withOpenPart(forms: Forms, form: Form, payload: JsonObject): JsonObject {
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
const partsWith = (
  forms: Forms,
  form: Form,
  { normalized, value, beside }: { normalized: string; value: unknown; beside: JsonObject },
): readonly string[][] =>
  [...form.byName.values()].flatMap((part) => {
    const inner = forms.of(part.schema, memberOf(beside, part.name))
    const member = inner.mayBeObject ? inner.byName.get(normalized) : undefined
    const types = member && forms.types(member.schema)
    // What has an id is another thing, which has a name of its own.
    const isOther = (OWN_NAMES as readonly string[]).includes(normalized) && inner.byName.has('id')
    const hasRoom = member !== undefined && !isOther && (types === undefined || fitsTypes(types, value))
    const isTheirs = !hasRoom || forms.isReadOnly(member.schema) || forms.isReadOnly(part.schema)
    return isTheirs ? [] : [[part.name, member.name]]
  })

/** The members of a payload under the names that the entity has for them. */
function named(forms: Forms, form: Form, payload: JsonObject, depth: number): JsonObject {
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
function parsedObject(value: unknown): JsonObject | undefined {
  if (typeof value !== 'string' || !/^\s*\{/.test(value)) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isObject(parsed) && nestsAtMost(parsed, 100) ? parsed : undefined
  } catch {
    return undefined
  }
}
