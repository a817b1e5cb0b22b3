// The part of a request's body that describes an entity, nested and named as the entity itself is.

import {
  isNested,
  isObject,
  type JsonObject,
  member as memberOf,
  nestsAtMost,
  normalizeName,
  setMember,
} from '../../engine/json.js'
import { CONTENT_HOLDERS, ENVELOPES, HANDLES, OWN_NAMES, singular } from '../conventions/names.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { FIRST, withValueAt } from '../forms/slots.js'
import { setByActions } from './actions.js'
import { IDENTITY, withParts } from './payload-parts.js'

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
    isNamed,
  }: Wanted & {
    readonly nouns: readonly string[]
    /** Whether paths call such things by a parameter of this name, normalised. */
    readonly isNamed: (name: string) => boolean
  },
  sent: unknown,
): JsonObject {
  const form = forms.of(view.schema, isObject(sent) ? sent : undefined)
  const body: unknown = Array.isArray(sent) ? sent[0] : sent
  const described = isObject(body)
    ? (setByActions(forms, form, body) ?? describedIn(forms, form, { view, noun }, body))
    : {}
  return withParts(forms, form, withUrlName(withOwnNames(described, form, nouns), form, isNamed))
}

/** The first name of an object that is meant, normalised. */
function nameIn(object: JsonObject, isMeant: (normalized: string) => boolean): string | undefined {
  for (const name in object) if (isMeant(normalizeName(name))) return name
  return undefined
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
  const targets = targetsIn(forms, form)
  // Nothing in it can be the entity but the body itself, and no part of the entity what the body describes.
  if (targets.length === 1 && !holdsObject(body)) return named(forms, form, body, 0)
  const shownAs = view.path.findLast((name) => name !== FIRST)
  const shownKey = shownAs === undefined ? undefined : normalizeName(shownAs)
  const whole: Candidate = { inner: body, around: () => ({}), depth: 0, key: '', isText: false }
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

function holdsObject(body: JsonObject): boolean {
  for (const name in body) {
    const value = body[name]
    if (typeof value === 'string' ? value.includes('{') : isNested(value)) return true
  }
  return false
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

const targetsOf = new WeakMap<Form, readonly Target[]>()

/** The entity, and those of its members that hold what people write. */
function targetsIn(forms: Forms, form: Form): readonly Target[] {
  const known = targetsOf.get(form)
  if (known !== undefined) return known
  const parts = [...form.byName].flatMap(([normalized, member]) => {
    const names = CONTENT_HOLDERS.has(normalized) ? forms.of(member.schema).byName : undefined
    return names === undefined || names.size === 0 ? [] : [{ path: [member.name], names }]
  })
  const found = [{ path: [], names: form.byName }, ...parts]
  targetsOf.set(form, found)
  return found
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

/** A name with what it is called where the words of its thing stand before it. */
type NamePair = readonly [short: string, long: string]

const namePairs = new WeakMap<
  Form,
  { readonly nouns: readonly string[]; readonly pairs: readonly NamePair[] }
>()

/** Pairs of names of which a form has one alone. */
function namePairsOf(form: Form, nouns: readonly string[]): readonly NamePair[] {
  const known = namePairs.get(form)
  if (known?.nouns === nouns) return known.pairs
  const pairs = OWN_NAMES.flatMap((short) =>
    nouns
      .flatMap((noun): readonly NamePair[] => [
        [short, noun + short],
        [short, `new${noun}${short}`],
      ])
      .filter(([, long]) => form.byName.has(short) !== form.byName.has(long)),
  )
  namePairs.set(form, { nouns, pairs })
  return pairs
}

/** What a thing is called, also under the name that its answers have for it. */
function withOwnNames(payload: JsonObject, form: Form, nouns: readonly string[]): JsonObject {
  const pairs = namePairsOf(form, nouns)
  const isNone = pairs.length === 0 || nameIn(payload, (name) => !form.byName.has(name)) === undefined
  if (isNone) return payload
  const sent = new Map(Object.keys(payload).map((name) => [normalizeName(name), name]))
  let copy: Record<string, unknown> | undefined
  for (const [short, long] of pairs) {
    const [given, wanted] = sent.has(short) ? [short, long] : [long, short]
    const member = form.byName.get(wanted)
    const isElsewhere = sent.has(given) && !sent.has(wanted) && !form.byName.has(given)
    if (!isElsewhere || member === undefined) continue
    copy ??= { ...payload }
    setMember(copy, member.name, memberOf(payload, sent.get(given) ?? given))
  }
  return copy ?? payload
}

/** What paths call a thing by, also under the name that its answers have for it: a `username` is the `login` (GitHub, Gitea). */
function withUrlName(payload: JsonObject, form: Form, isNamed: (name: string) => boolean): JsonObject {
  const sent = nameIn(payload, (name) => HANDLES.includes(name))
  const isElsewhere =
    sent !== undefined && isNamed(normalizeName(sent)) && !form.byName.has(normalizeName(sent))
  const [member, ...others] = isElsewhere ? HANDLES.flatMap((name) => form.byName.get(name) ?? []) : []
  return sent === undefined ||
    member === undefined ||
    others.length > 0 ||
    Object.hasOwn(payload, member.name)
    ? payload
    : { ...payload, [member.name]: payload[sent] }
}

/** Whether a payload has nothing in it but single values, under the names that the entity has for them or none. */
function isNamed({ byName, shape }: Form, payload: JsonObject): boolean {
  for (const name in payload) {
    if (isNested(payload[name])) return false
    const member = byName.get(normalizeName(name))
    if (member !== undefined && member.name !== name && !shape.properties.has(name)) return false
  }
  return true
}

/** The members of a payload under the names that the entity has for them. */
function named(forms: Forms, form: Form, payload: JsonObject, depth: number): JsonObject {
  if (form.byName.size === 0 || depth > 8 || isNamed(form, payload)) return payload
  const result: Record<string, unknown> = {}
  for (const name in payload) {
    const value = payload[name]
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
