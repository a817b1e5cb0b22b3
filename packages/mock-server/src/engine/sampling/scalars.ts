// Texts, numbers and listed values within the constraints of a schema.

import type { Patterns } from '../schema/patterns.js'
import { impliedTypes, type Shape } from '../schema/shape.js'
import { textMatching } from './pattern-text.js'
import { byFormat, byName, type Random } from './plausible.js'

/** Whether a value is of one of these JSON Schema types. */
export function fitsType(types: ReadonlySet<string>, value: unknown): boolean {
  if (Array.isArray(value)) return types.has('array')
  return types.has(typeof value) || (typeof value === 'number' && types.has('integer'))
}

const RICHNESS: ReadonlyMap<string, number> = new Map([
  ['object', 2],
  ['array', 1],
  ['string', 0],
  ['integer', 0],
  ['number', 0],
  ['boolean', 0],
  ['null', -1],
])

/** The types that a value may have, the richest first. Of scalars the document names first what a value mostly is. */
export function typesInOrder(shape: Shape): readonly string[] {
  const types = shape.types ?? impliedTypes(shape)
  if (types === undefined) return ['any']
  const isRepeated = (type: string) => type === 'integer' && types.has('number')
  const named = [...types].filter((type) => RICHNESS.has(type) && !isRepeated(type))
  const implied = shape.types === undefined ? undefined : impliedTypes(shape)
  const rankOf = (type: string) => (implied?.has(type) === true ? 10 : 0) + (RICHNESS.get(type) ?? 0)
  return named.sort((a, b) => rankOf(b) - rankOf(a))
}

/** One of the listed values, what says nothing last. Each attempt takes another one. */
export function makeListed({ types }: Shape, values: readonly unknown[], attempt: number): unknown {
  const ordered = orderOf(types, values)
  return structuredClone(ordered[attempt % ordered.length])
}

const orders = new WeakMap<readonly unknown[], Map<string, readonly unknown[]>>()

/** The order is kept: each item of a list takes one of the same values. */
function orderOf(types: Shape['types'], values: readonly unknown[]): readonly unknown[] {
  const key = types === undefined ? '' : [...types].join()
  const known = orders.get(values) ?? new Map<string, readonly unknown[]>()
  orders.set(values, known)
  const found = known.get(key)
  if (found !== undefined) return found
  const fitting = values.filter((value) => types === undefined || value === null || fitsType(types, value))
  const usable = fitting.length > 0 ? fitting : values
  const order = usable.toSorted((one, other) => emptiness(one) - emptiness(other))
  known.set(key, order)
  return order
}

/** How little a listed value says: null says least, and the zero of a list next. */
function emptiness(value: unknown): number {
  if (value === null) return 2
  return isUnspecified(value) ? 1 : 0
}

/** Whether a value is what Protocol Buffers call the zero of a list: it stands for no value. */
export const isUnspecified = (value: unknown): boolean =>
  typeof value === 'string' && /(?:^|_)UNSPECIFIED$/.test(value)

const MAX_LENGTH = 100_000
/** After so many attempts, a natural text is no longer tried. */
const NATURAL_ATTEMPTS = 3

/** Text by format, name or pattern. Each attempt makes another one. */
export function makeString(
  { compiled }: Patterns,
  shape: Shape,
  name: string,
  random: Random,
  attempt: number,
): string {
  const minLength = Math.min(shape.low.get('minLength') ?? 0, MAX_LENGTH)
  const maxLength = Math.min(shape.high.get('maxLength') ?? MAX_LENGTH, MAX_LENGTH)
  const { patterns } = shape
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    patterns.every((pattern) => compiled(pattern).test(text))
  const format = shape.format === undefined ? undefined : byFormat.get(shape.format)
  const natural = format === undefined ? byName(name, random) : format(random)
  if (attempt < NATURAL_ATTEMPTS && fits(natural)) return natural
  if (patterns.length > 0) {
    const make = (pattern: string) => textMatching(pattern, random, { minLength, maxLength })
    return patternText(patterns, attempt, make, fits) ?? natural
  }
  if (format !== undefined && attempt < NATURAL_ATTEMPTS && natural.length <= maxLength)
    return natural.padEnd(minLength, '0')
  return natural.slice(0, maxLength).padEnd(minLength, 'abcdefghij')
}

/** A text that fits all patterns, or at least the first of them. */
function patternText(
  patterns: readonly string[],
  attempt: number,
  make: (pattern: string) => string | undefined,
  fits: (text: string) => boolean,
): string | undefined {
  for (let tries = 0; tries < 12; tries++) {
    const text = make(patterns[(attempt + tries) % patterns.length] ?? '')
    if (text !== undefined && fits(text)) return text
  }
  return make(patterns[0] ?? '')
}

interface Bounds {
  readonly low: number
  readonly high: number
  /** The exclusive bounds. */
  readonly above: number
  readonly below: number
}

function boundsOf({ low, high }: Shape): Bounds {
  const above = low.get('exclusiveMinimum') ?? Number.NEGATIVE_INFINITY
  const below = high.get('exclusiveMaximum') ?? Number.POSITIVE_INFINITY
  return {
    low: Math.max(low.get('minimum') ?? Number.NEGATIVE_INFINITY, above),
    high: Math.min(high.get('maximum') ?? Number.POSITIVE_INFINITY, below),
    above,
    below,
  }
}

/** A number within its bounds and of its step, plausible for its name. */
export function makeNumber(
  shape: Shape,
  name: string,
  isWhole: boolean,
  random: Random,
  attempt: number,
): number {
  const bounds = boundsOf(shape)
  const value = plausibleNumber(bounds, name, random)
  const { multiples } = shape
  const step = multiples.length > 0 ? multiples.reduce(commonMultiple) : isWhole ? 1 : 0
  return step > 0 ? roundToStep(value, step, bounds, attempt) : moveInside(value, bounds)
}

export const commonMultiple = (a: number, b: number): number => (a % b === 0 ? a : a * b)

function plausibleNumber({ low, high }: Bounds, name: string, random: Random): number {
  const natural = /lat/.test(name) ? 38.7 : /lo?ng/.test(name) ? -9.1 : Math.ceil(random() * 100)
  if (natural >= low && natural <= high) return natural
  const start = Number.isFinite(low) ? low : Number.isFinite(high) ? Math.min(high, 100) - 99 : 1
  const range = Number.isFinite(high) ? high - start : 100
  return start + Math.floor(random() * Math.min(100, Math.max(0, range)))
}

function roundToStep(
  near: number,
  step: number,
  { low, high, above, below }: Bounds,
  attempt: number,
): number {
  let value = Math.ceil(near / step) * step
  if (value > high) value = Math.floor(high / step) * step
  if (value === above || value < low) value += step
  if (value === below || value > high) value -= step
  // 0.1 * 3 is not a multiple of 0.1.
  const decimals = (String(step).split('.')[1] ?? '').length
  return Number((value + step * (attempt % 3 === 2 ? 1 : 0)).toFixed(decimals))
}

function moveInside(near: number, { low, high, above, below }: Bounds): number {
  let value = near
  if (value <= above) value = Number.isFinite(high) ? (low + high) / 2 : low + 1
  if (value >= below) value = Number.isFinite(low) ? (low + high) / 2 : high - 1
  return Math.min(Math.max(value, low), high)
}
