// Which alternative of a schema a value is of: the one that a discriminator names, else the one that suits it best.

import { isObject, type JsonObject, member, normalizeName } from '../../engine/json.js'
import { linkOf, type Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import type { Alternatives, Shape } from '../../engine/schema/shape.js'
import type { Validation } from '../../engine/schema/validation.js'
import { type Form, fitsTypes } from './form.js'

/** How many alternatives are compared. */
export const MAX_CHOICES = 64

export interface ChoiceParts {
  readonly schemas: Schemas
  readonly validation: Validation
  types(schema: Schema): ReadonlySet<string> | undefined
  /** What a schema says before any of its alternatives is chosen. */
  shape(schema: Schema): Shape
  /** The form of a schema that no value decides. */
  plain(schema: Schema): Form
}

export const isNull = ({ types }: Shape): boolean => types?.size === 1 && types.has('null')

/** Where an answer may be a thing, a list or a text, the thing is what it is about. */
export function firstOf({ shape }: Pick<ChoiceParts, 'shape'>, { options }: Alternatives): Schema {
  const usable = options.slice(0, MAX_CHOICES).filter((one) => !isNull(shape(one)))
  const [only] = usable
  const isThing = (option: Schema) => {
    const { properties, alternatives, types } = shape(option)
    return (properties.size > 0 || alternatives.length > 0) && types?.has('array') !== true
  }
  return (usable.length > 1 ? usable.find(isThing) : undefined) ?? only ?? true
}

/** The alternative of a schema that suits a value best. */
export function bestOf(parts: ChoiceParts, alternatives: Alternatives, value: unknown): Schema {
  const named = byDiscriminator(parts, alternatives, value)
  if (named !== undefined) return named
  const usable = usableOf(parts, alternatives)
  const [only] = usable
  if (usable.length < 2) return only ?? true
  let found = only ?? true
  let score = Number.NEGATIVE_INFINITY
  const names = new Set(isObject(value) ? Object.keys(value).map(normalizeName) : [])
  for (const option of likelyOf(parts, usable, value).slice(0, MAX_CHOICES)) {
    const own = scoreOf(parts, option, value, names)
    if (own > score) [found, score] = [option, own]
  }
  return found
}

const usableOptions = new WeakMap<readonly Schema[], readonly Schema[]>()

/** Each value asks for those that are not only null. */
function usableOf({ shape }: ChoiceParts, { options }: Alternatives): readonly Schema[] {
  const known = usableOptions.get(options) ?? options.filter((one) => !isNull(shape(one)))
  usableOptions.set(options, known)
  return known
}

/** Of many alternatives, those that are left by what decides which these are. */
interface Likely {
  /** The members that name the kind of some alternative. */
  readonly tags: readonly string[]
  readonly known: Map<string, readonly Schema[]>
}

const likelyAmong = new WeakMap<readonly Schema[], Likely>()
/** What is remembered of the values of clients. */
const [MAX_KNOWN, MAX_KEY_LENGTH] = [500, 200]

/** Of more alternatives than are compared, those that neither the type nor a member that names a kind rules out. */
function likelyOf({ schemas }: ChoiceParts, options: readonly Schema[], value: unknown): readonly Schema[] {
  if (options.length <= MAX_CHOICES) return options
  const { tags, known } = likelyAmong.get(options) ?? {
    tags: [...new Set(options.flatMap((one) => (isObject(one) ? schemas.outline(one).tags : [])))],
    known: new Map<string, readonly Schema[]>(),
  }
  likelyAmong.set(options, { tags, known })
  const key = kindOf(value, tags)
  const before = known.get(key)
  if (before !== undefined) return before
  const likely: Schema[] = []
  for (const one of options) {
    if (!isObject(one) || !schemas.outline(one).excludes(value)) likely.push(one)
    if (likely.length === MAX_CHOICES) break
  }
  const found = likely.length > 0 ? likely : options
  if (known.size < MAX_KNOWN && key.length < MAX_KEY_LENGTH) known.set(key, found)
  return found
}

/** All that types and the members that name a kind look at. */
function kindOf(value: unknown, tags: readonly string[]): string {
  if (!isObject(value))
    return Array.isArray(value)
      ? 'array'
      : value === null
        ? 'null'
        : `${typeof value} ${Number.isInteger(value)}`
  const plain = tags.map((name) => {
    const own = member(value, name)
    return own === undefined || (own !== null && typeof own === 'object') ? [] : [own]
  })
  return JSON.stringify(plain)
}

const namedOptions = new WeakMap<readonly Schema[], ReadonlyMap<string, Schema>>()

/** The alternatives by what the discriminator calls them; of two with one name, the first. */
function namedOf(
  { schemas }: ChoiceParts,
  { options, discriminator }: Alternatives,
): ReadonlyMap<string, Schema> {
  const known = namedOptions.get(options)
  if (known !== undefined) return known
  const values = isObject(discriminator?.values) ? discriminator.values : {}
  const found = new Map<string, Schema>()
  for (const option of options) {
    const link = linkOf(option)
    if (link === undefined) continue
    const name = String(values[link] ?? schemas.nameOf(link))
    if (!found.has(name)) found.set(name, option)
  }
  namedOptions.set(options, found)
  return found
}

function byDiscriminator(parts: ChoiceParts, alternatives: Alternatives, value: unknown): Schema | undefined {
  const property = alternatives.discriminator?.property
  if (!isObject(value) || typeof property !== 'string') return undefined
  const name = value[property]
  return typeof name === 'string' ? namedOf(parts, alternatives).get(name) : undefined
}

/** @param names the normalised names of an object's members. */
function scoreOf(parts: ChoiceParts, option: Schema, value: unknown, names: ReadonlySet<string>): number {
  const { validation, types, plain } = parts
  const own = types(option)
  if (own !== undefined && !fitsTypes(own, value)) return -100
  if (!isObject(value)) return validation.fitsAll(value, [option]) ? 2 : 0
  const form = plain(option)
  const known = [...names].filter((name) => form.byName.has(name)).length
  const missing = missingIn(form.shape, names)
  return known * 2 - missing * 0.5 - contradictions(parts, form, value) * 2
}

const missingIn = ({ required }: Shape, names: ReadonlySet<string>): number =>
  [...required].filter((name) => !names.has(normalizeName(name))).length

/** How much of a value is not what an alternative lists; less than nothing for what it does list. */
function contradictions({ shape }: ChoiceParts, { byName }: Form, value: JsonObject): number {
  let count = 0
  for (const [name, member] of Object.entries(value)) {
    const at = byName.get(normalizeName(name))
    if (at === undefined || (member !== null && typeof member === 'object')) continue
    const { values } = shape(at.schema)
    // A discriminator is a member with one value, whether or not it is called so.
    if (values !== undefined) count += values.includes(member) ? -2 : 3
  }
  return count
}
