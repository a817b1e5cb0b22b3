// Which alternative of a schema a value is of: the one that a discriminator names, else the one that suits it best.

import { isObject, type JsonObject, normalizeName } from '../../engine/json.js'
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

/** Of more alternatives than are compared, those that neither the type nor a member that names a kind rules out. */
function likelyOf({ schemas }: ChoiceParts, options: readonly Schema[], value: unknown): readonly Schema[] {
  if (options.length <= MAX_CHOICES) return options
  const likely = options.filter((one) => !isObject(one) || !schemas.outline(one).excludes(value))
  return likely.length > 0 ? likely : options
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
  if (!isObject(value)) return validation.ofSchema(option)(value).length === 0 ? 2 : 0
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
