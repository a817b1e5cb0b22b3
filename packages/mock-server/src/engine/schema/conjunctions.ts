// What the parts of a conjunction, an `allOf`, say of each other: what one of them requires and another says the other
// direction has, and what one forbids and another describes.

import { arrayMember, entriesOf, isObject, type JsonObject, member, setMember } from '../json.js'

export interface ConjunctionOptions {
  readonly mode: 'request' | 'response'
  deref(node: unknown): unknown
  /** Whether a name fits a pattern; yes where that cannot be told. */
  matches(pattern: string, name: string): boolean
  /**
   * A copy takes the place of a part. Where that part is a reference, the copy becomes a link: a schema that contains
   * itself would otherwise be copied for ever. Equal variants of one part share a link.
   */
  inPlaceOf(part: unknown, copy: JsonObject, variant: string): JsonObject
}

type Draft = Record<string, unknown>

/** More parts than a conjunction has, unless it is circular or hostile. */
const MAX_PARTS = 500

export function requiredOf(node: JsonObject): readonly string[] {
  const names = arrayMember(node, 'required')
  if (names.length === 0) return NO_NAMES
  const isName = (name: unknown): name is string => typeof name === 'string' && !isNamePattern(node, name)
  return [...new Set(names.filter(isName))]
}

const NO_NAMES: readonly string[] = []

/**
 * A rule for the names of properties, as RAML 1.0 writes it (`/^[a-z]{2}$/`, under "Additional Properties"): documents that
 * were made from RAML require it as if it were a name.
 */
const isNamePattern = (node: JsonObject, name: string): boolean =>
  /^\/\^.*\/$|^\/.*\$\/$/.test(name) && member(node.properties, name) === undefined

/**
 * A copy that requires no property of the other direction. Which properties these are is said anywhere in the
 * conjunction: one part of an `allOf` may require what another part describes as `readOnly`.
 */
export function withoutOneSided(node: JsonObject, conversion: ConjunctionOptions): JsonObject {
  const parts = arrayMember(node, 'allOf')
  if (parts.length === 0 && requiredOf(node).length === 0) return node
  const names = oneSidedIn(node, conversion)
  if (names.size === 0) return node
  const own = requiring(node, names)
  const walk: Walk = { conversion, left: MAX_PARTS }
  const allOf = parts.map((part) => partWithout(part, names, walk, []))
  return allOf.every((part, i) => part === parts[i]) ? own : { ...own, allOf }
}

interface Walk {
  readonly conversion: ConjunctionOptions
  /** How many parts may still be looked at: parts that share parts double with each level. */
  left: number
}

/**
 * A part that requires none of these properties; the same object where it does not anyway.
 *
 * @param around the schemas that it is a part of: one that is a part of itself is left as it is.
 */
function partWithout(
  part: unknown,
  names: ReadonlySet<string>,
  walk: Walk,
  around: readonly JsonObject[],
): unknown {
  const target = walk.conversion.deref(part)
  if (!isObject(target) || around.includes(target) || walk.left-- <= 0) return part
  const own = oneSidedIn(target, walk.conversion)
  const further = new Set([...names].filter((name) => !own.has(name)))
  const whole = requiring(target, further)
  const parts = arrayMember(target, 'allOf')
  const allOf = parts.map((inner) => partWithout(inner, further, walk, [...around, target]))
  const isWhole = allOf.every((inner, i) => inner === parts[i])
  if (isWhole && whole === target) return part
  const copy = isWhole ? whole : { ...whole, allOf }
  return walk.conversion.inPlaceOf(part, copy, `without ${[...further].sort().join()}`)
}

function requiring(node: JsonObject, dropped: ReadonlySet<string>): JsonObject {
  const required = requiredOf(node)
  const kept = required.filter((name) => !dropped.has(name))
  return kept.length === required.length ? node : { ...node, required: kept }
}

/**
 * Parts of an `allOf` that each forbid all other names let nothing pass where the whole requires them, and no request that
 * says what another of these parts describes. What their author means is that the names of all parts are the only ones.
 * A schema that requires a name which it forbids means to have it, as one that forbids all names and lists alternatives,
 * or parts, that describe some.
 */
export function closedTogether(given: JsonObject, conversion: ConjunctionOptions): JsonObject {
  const node = openedToAlternatives(given, conversion)
  const parts = arrayMember(node, 'allOf')
  if (parts.length === 0 && !isClosed(node)) return node
  const all = conjunctsOf(node, conversion)
  const closed = all.filter(isClosed)
  const required = all.flatMap(requiredOf)
  // What extends others and forbids all other names forbids none of theirs.
  const meant = conversion.mode === 'request' ? described(isClosed(node) ? all : closed) : []
  const wanted = [...new Set([...required, ...meant])]
  const hasRoom = (part: JsonObject) =>
    hasRoomFor(part, wanted, conversion) && (describes(part) || !all.some(describes))
  if (closed.every(hasRoom)) return node
  const names: Draft = {}
  for (const name of [...described(all), ...required]) setMember(names, name, {})
  const patterns: Draft = {}
  for (const [pattern] of closed.flatMap((part) => entriesOf(part, 'patternProperties')))
    setMember(patterns, pattern, {})
  const only = { properties: names, patternProperties: patterns, additionalProperties: false }
  const walk: Walk = { conversion, left: MAX_PARTS }
  const opened = parts.map((part) => partOpened(part, walk, []))
  return { ...open(node), allOf: [...opened, only] }
}

/** Whether a part that forbids all names but its own has each of these. */
function hasRoomFor(part: JsonObject, wanted: readonly string[], { matches }: ConjunctionOptions): boolean {
  const others = wanted.filter((name) => member(part.properties, name) === undefined)
  const patterns = entriesOf(part, 'patternProperties').map(([pattern]) => pattern)
  // So many would take too long to compare: they are taken as they are.
  if (others.length * patterns.length > MAX_COMPARED) return true
  return others.every((name) => patterns.some((pattern) => matches(pattern, name)))
}

const MAX_COMPARED = 10_000

/** The same without what forbids the names of its alternatives. */
function openedToAlternatives(node: JsonObject, conversion: ConjunctionOptions): JsonObject {
  if (!isClosed(node)) return node
  const alternatives = [...arrayMember(node, 'oneOf'), ...arrayMember(node, 'anyOf')]
    .map(conversion.deref)
    .filter(isObject)
  const names = described(alternatives.flatMap((one) => conjunctsOf(one, conversion)))
  return names.every((name) => member(node.properties, name) !== undefined) ? node : open(node)
}

const described = (parts: readonly JsonObject[]): readonly string[] =>
  parts.flatMap((part) => entriesOf(part, 'properties').map(([name]) => name))

const describes = (part: JsonObject): boolean =>
  [...entriesOf(part, 'properties'), ...entriesOf(part, 'patternProperties')].length > 0

const open = (node: JsonObject): JsonObject =>
  isClosed(node) ? withoutMember(node, 'additionalProperties') : node

const isClosed = (part: JsonObject): boolean => part.additionalProperties === false

/** A part that forbids no names; the same object where it does not anyway. */
function partOpened(part: unknown, walk: Walk, around: readonly JsonObject[]): unknown {
  const target = walk.conversion.deref(part)
  if (!isObject(target) || around.includes(target) || walk.left-- <= 0) return part
  const parts = arrayMember(target, 'allOf')
  const allOf = parts.map((inner) => partOpened(inner, walk, [...around, target]))
  const isWhole = allOf.every((inner, i) => inner === parts[i])
  if (isWhole && !isClosed(target)) return part
  const own = open(target)
  return walk.conversion.inPlaceOf(part, isWhole ? own : { ...own, allOf }, 'open')
}

const withoutMember = (node: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(node).filter(([own]) => own !== name))

/** The properties that a conjunction describes as `readOnly`, for requests, or as `writeOnly`, for responses. */
function oneSidedIn(node: JsonObject, conversion: ConjunctionOptions): ReadonlySet<string> {
  const { mode, deref } = conversion
  const flag = mode === 'request' ? 'readOnly' : 'writeOnly'
  const names = new Set<string>()
  for (const part of conjunctsOf(node, conversion))
    for (const [name, property] of entriesOf(part, 'properties'))
      if (member(deref(property), flag) === true) names.add(name)
  return names
}

/** A schema and the parts of its `allOf`, and theirs; no more than {@link MAX_PARTS}. */
function conjunctsOf(node: JsonObject, { deref }: ConjunctionOptions): readonly JsonObject[] {
  const seen = new Set<JsonObject>()
  const open: unknown[] = [node]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const part = deref(at)
    if (!isObject(part) || seen.has(part) || seen.size > MAX_PARTS) continue
    seen.add(part)
    open.push(...arrayMember(part, 'allOf'))
  }
  return [...seen]
}
