// Ids of new things: drawn once, from what every place that will show or ask for them accepts, and never altered after.

import type { Parameter } from '../../engine/document/operation.js'
import { hashText, isObject } from '../../engine/json.js'
import { examplesOf } from '../../engine/request/shown.js'
import { byName, createRandom, uuidOf } from '../../engine/sampling/plausible.js'
import type { Sampler } from '../../engine/sampling/sampler.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { possibleTypes, shapeOf } from '../../engine/schema/shape.js'
import type { Validation } from '../../engine/schema/validation.js'

export interface Identifiers {
  /** Whether an id fits every parameter and body that holds it. */
  fits(id: unknown): id is string | number
  /** Whether every parameter takes an id that a client chose. */
  accepts(id: unknown): id is string | number
  /** Whether the document uses an id as an example of its parameter: such a thing exists from the start. */
  isExample(id: unknown): boolean
  /** A new id, another one for every number. @param within what numbers are counted in, where that is not all there is. */
  draw(number: number, within?: string): string | number
}

export interface IdentifierParts {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
  readonly seed: string
}

/**
 * @param parameters the path parameters that hold ids of the things.
 * @param shown the schemas of the members that show them.
 */
export function createIdentifiers(
  { schemas, validation, sampler, seed }: IdentifierParts,
  group: string,
  parameters: readonly Parameter[],
  shown: readonly Schema[],
): Identifiers {
  const asked = parameters.map(({ schema }) => schemas.convert(schema ?? {}, 'request'))
  // A path that lists ids, such as `~` for all of them, says nothing of what others take.
  const open = asked.filter((schema) => shapeOf(schemas, [schema]).values === undefined)
  const taken = byFrequency(open.length > 0 ? open : asked)
  const { agreed, typedApart } = agreeing(schemas, sampler, [...byFrequency(shown), ...taken])
  // Digits in a text are a number where a path asks for one.
  const held = [...agreed, ...typedApart]
  const isAgreed = new Set(held.map(textOf))
  const typed = (schema: Schema) => {
    const types = possibleTypes(schemas, schema)
    const validate = validation.ofSchema(schema)
    return { types, fits: (id: unknown) => validate(typedId(id, types)).length === 0 }
  }
  const ofParameters = byFrequency(asked)
    .filter((schema) => isAgreed.has(textOf(schema)))
    .map(typed)
  const ofPlaces = [...new Map(held.map((schema) => [ruleOf(schema), schema])).values()].map(typed)
  const fitsAll = (id: unknown, among: readonly { fits(id: unknown): boolean }[]) =>
    among.every(({ fits }) => fits(id))
  const isNumeric = ofPlaces.some(
    ({ types }) =>
      types !== undefined && !types.has('string') && (types.has('integer') || types.has('number')),
  )
  const given = parameters.flatMap((parameter) => examplesOf(schemas, parameter))
  const examples = new Set(given.filter((one) => typeof one !== 'object').map(String))
  const drawn = drawnFrom(schemas, agreed)
  const { low, format, patterns } = shapeOf(schemas, [drawn])
  const least = Math.max(low.get('minimum') ?? 1, (low.get('exclusiveMinimum') ?? 0) + 1, 1)
  // What a body shows is nearer to what ids look like than what a path asks for.
  const models = agreed.flatMap((schema) => shapeOf(schemas, [schema]).examples)
  const example = models.find((one) => typeof one === 'string' && one.length > 3)
  const isUuid = format === 'uuid' || format === 'guid' || UUID.test(String(example))
  const isDigits =
    patterns.some((pattern) => /^\^?\(?(\\d|\[0-9\])[^A-Za-z]*$/.test(pattern)) ||
    /^\d{6,}$/.test(String(example))
  /** How new ids may look, the likeliest first. */
  const writers: readonly ((count: number, kind: string) => string | number)[] = [
    ...(isNumeric ? [(count: number) => least + count - 1] : []),
    ...(isUuid ? [(count: number, kind: string) => uuidFor(seed, kind, count)] : []),
    ...(example === undefined ? [] : [(count: number, kind: string) => mimic(example, kind, count)]),
    ...(isDigits || format === 'snowflake' ? [(count: number, kind: string) => digitsFor(kind, count)] : []),
    (count, kind) => seedId(kind, count),
  ]
  // Then the first writer writes one, and nobody needs to look whether it is one.
  const isUuidAlone = isUuid && held.every((schema) => UUID_RULES.has(ruleOf(schema)))
  const fits = (id: unknown): id is string | number =>
    (typeof id === 'number' || typeof id === 'string') && id !== '' && fitsAll(id, ofPlaces)
  let isHopeless = false
  const sampled = (schema: Schema, count: number): string | number | undefined => {
    const { value, errors } = sampler.sample(schema, {
      seed: `${seed}/${group}/id/${count}`,
      examples: false,
    })
    isHopeless ||= errors.length > 0
    return typeof value === 'string' || typeof value === 'number' ? value : undefined
  }

  return {
    fits,
    accepts: (id): id is string | number =>
      (typeof id === 'number' || typeof id === 'string') && id !== '' && fitsAll(id, ofParameters),
    isExample: (id) => examples.has(String(id)),
    draw(count, within = '') {
      const kind = group + within
      for (const write of writers) {
        const id = write(count, kind)
        if (isUuidAlone || fits(id)) return id
      }
      const text = seedId(kind, count)
      if (isHopeless) return text
      return sampled(drawn, count) ?? text
    },
  }
}

function uuidFor(seed: string, kind: string, count: number): string {
  const number = hashText(kind)
  return uuidOf(createRandom(hashText(seed, number + count)), number, count)
}

/** Digits, as Twitter's snowflakes have them. */
const digitsFor = (kind: string, count: number): string =>
  String(1_100_000_000_000_000_000n + BigInt(hashText(kind) % 1000) * 1_000_000_000n + BigInt(count))

/** An id in one of the types that a place wants. */
export function typedId(id: unknown, types: ReadonlySet<string> | undefined): unknown {
  if (types === undefined) return id
  if (typeof id === 'number') return types.has('integer') || types.has('number') ? id : String(id)
  if (types.has('string')) return id
  const number = id === '' ? Number.NaN : Number(id)
  const isNumber = types.has('number')
    ? Number.isFinite(number)
    : types.has('integer') && Number.isSafeInteger(number)
  return isNumber ? number : id
}

const textOf = (schema: Schema): string => JSON.stringify(schema)

/** What a schema may ask for that any UUID fits. */
const UUID_RULES: ReadonlySet<string> = new Set([
  '{"type":"string"}',
  '{"type":"string","format":"uuid"}',
  '{"format":"uuid","type":"string"}',
])

/** What a schema asks for, without what it tells people: each id is held against one of those that ask for the same. */
function ruleOf(schema: Schema): string {
  if (!isObject(schema)) return textOf(schema)
  const { title, description, examples, example, readOnly, deprecated, ...rule } = schema
  return textOf(rule)
}

/** Distinct schemas, those that most places have first. */
function byFrequency(list: readonly Schema[]): readonly Schema[] {
  const counted = new Map<string, { readonly schema: Schema; readonly count: number }>()
  for (const schema of list) {
    const text = textOf(schema)
    counted.set(text, { schema, count: (counted.get(text)?.count ?? 0) + 1 })
  }
  return [...counted.values()].sort((a, b) => b.count - a.count).map(({ schema }) => schema)
}

/**
 * What an id must fit: all places, as far as they agree, the first ones before the others. A document may ask for a
 * UUID at one path and for another text at the next.
 */
function agreeing(
  schemas: Schemas,
  sampler: Sampler,
  places: readonly Schema[],
): { readonly agreed: readonly Schema[]; readonly typedApart: readonly Schema[] } {
  const canBe = (joint: readonly Schema[]): boolean =>
    sampler.sample(drawnFrom(schemas, joint), { seed: 'id', examples: false }).errors.length === 0
  const agreed: Schema[] = []
  const typedApart: Schema[] = []
  for (const place of places) {
    const joint = [...agreed, place]
    if (shapeOf(schemas, joint).impossible) {
      typedApart.push(place)
      continue
    }
    // What cannot be made by itself contradicts nothing, as far as is known.
    if (agreed.length === 0 || canBe(joint) || !canBe([place])) agreed.push(place)
  }
  return { agreed, typedApart }
}

function drawnFrom(schemas: Schemas, places: readonly Schema[]): Schema {
  const shape = shapeOf(schemas, places)
  return shape.types === undefined && shape.values === undefined
    ? { type: 'string', allOf: [...places] }
    : { allOf: [...places] }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
/** In Crockford's Base 32, which has no `i`, `l`, `o` and `u`; the first digit holds three bits. */
const ULID = /^[0-7](?=.*[0-9].*[a-z])[0-9a-hjkmnp-tv-z]{25}$/i

/** Text of the same form as an example: digits stay digits, letters letters, and a prefix such as `cus_` itself. */
function mimic(example: unknown, group: string, number: number): string {
  const text = String(example)
  const random = createRandom(hashText(`${group}/${text}`, number))
  const prefix = /^(?:[A-Za-z]+[_-])+/.exec(text)?.[0] ?? /^[A-Z]{2}(?=[0-9a-f]{16})/.exec(text)?.[0] ?? ''
  const own = text.slice(prefix.length)
  const isUlid = ULID.test(own)
  const letters = isUlid
    ? 'abcdefghjkmnpqrstvwxyz'
    : /^[0-9a-f-]+$/i.test(own)
      ? 'abcdef'
      : 'abcdefghijklmnopqrstuvwxyz'
  const firstDigits = isUlid ? '1234567' : '123456789'
  const pick = (from: string) => from.charAt(Math.floor(random() * from.length))
  const isUuid = UUID.test(text)
  return [...text]
    .map((letter, i) => {
      // The version and variant of a UUID are no digits of its number.
      if (i < prefix.length || (isUuid && (i === 14 || i === 19))) return letter
      if (/[0-9]/.test(letter)) return pick(i === prefix.length ? firstDigits : '0123456789')
      if (/[a-z]/.test(letter)) return pick(letters)
      return /[A-Z]/.test(letter) ? pick(letters).toUpperCase() : letter
    })
    .join('')
}

/** Like `amber3f9a2c41`: short, plausible and never the same; a thing of another kind has another one. */
function seedId(group: string, number: number): string {
  const random = createRandom(hashText(`${group}/id`, number))
  return byName('id', random) + number.toString(36)
}
