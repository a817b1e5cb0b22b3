// Texts, numbers and listed values within the constraints of a shape.

import { compilePattern } from '../schema/patterns.js'
import { impliedTypes, type Shape } from '../schema/shape.js'
import { textMatching } from './pattern-text.js'
import { byFormat, byName, type Random } from './plausible.js'

/** Whether a value is of one of these JSON Schema types. */
export function fitsType(types: ReadonlySet<string>, value: unknown): boolean {
  if (Array.isArray(value)) return types.has('array')
  return types.has(typeof value) || (typeof value === 'number' && types.has('integer'))
}

const TYPE_ORDER = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']

/** The types that a value may have, the richest first. */
export function typesInOrder(shape: Shape): readonly string[] {
  const types = shape.types ?? impliedTypes(shape)
  if (types === undefined) return ['any']
  const named = TYPE_ORDER.filter((type) => types.has(type) && !(type === 'integer' && types.has('number')))
  const implied = shape.types === undefined ? undefined : impliedTypes(shape)
  return named.sort((a, b) => Number(implied?.has(b) ?? false) - Number(implied?.has(a) ?? false))
}

/** One of the listed values: the first that is not null, another one with every turn. */
export function makeValue(shape: Shape, values: readonly unknown[], turns: number): unknown {
  const fitting = values.filter(
    (value) => shape.types === undefined || value === null || fitsType(shape.types, value),
  )
  const usable = fitting.length > 0 ? fitting : values
  const ordered = [...usable.filter((value) => value !== null), ...usable.filter((value) => value === null)]
  return structuredClone(ordered[turns % ordered.length])
}

/** Text by format, name or pattern, another one with every turn. */
export function makeString(shape: Shape, name: string, random: Random, turns: number): string {
  const minLength = Math.min(shape.low.get('minLength') ?? 0, 100_000)
  const maxLength = Math.min(shape.high.get('maxLength') ?? 100_000, 100_000)
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    shape.patterns.every((pattern) => compilePattern(pattern).test(text))
  const format = shape.format === undefined ? undefined : byFormat.get(shape.format)
  const natural = format === undefined ? byName(name, random) : format(random)
  if (turns < 3 && fits(natural)) return natural
  for (let tries = 0; tries < 12 && shape.patterns.length > 0; tries++) {
    const pattern = shape.patterns[(turns + tries) % shape.patterns.length] ?? ''
    const text = textMatching(pattern, random, { minLength, maxLength })
    if (text !== undefined && fits(text)) return text
  }
  if (shape.patterns.length > 0)
    return textMatching(shape.patterns[0] ?? '', random, { minLength, maxLength }) ?? natural
  if (format !== undefined && turns < 3 && natural.length <= maxLength) return natural.padEnd(minLength, '0')
  return natural.slice(0, maxLength).padEnd(minLength, 'abcdefghij')
}

/** A number within its bounds and of its step; plausible where the name says what it is. */
export function makeNumber(
  shape: Shape,
  name: string,
  whole: boolean,
  random: Random,
  turns: number,
): number {
  const step =
    shape.multiples.length > 0 ? shape.multiples.reduce((a, b) => (a % b === 0 ? a : a * b)) : whole ? 1 : 0
  const floor = shape.low.get('minimum')
  const above = shape.low.get('exclusiveMinimum')
  const ceiling = shape.high.get('maximum')
  const below = shape.high.get('exclusiveMaximum')
  const low = Math.max(floor ?? Number.NEGATIVE_INFINITY, above ?? Number.NEGATIVE_INFINITY)
  const high = Math.min(ceiling ?? Number.POSITIVE_INFINITY, below ?? Number.POSITIVE_INFINITY)
  const natural = /lat/.test(name) ? 38.7 : /lo?ng/.test(name) ? -9.1 : Math.ceil(random() * 100)
  const start = Number.isFinite(low) ? low : Number.isFinite(high) ? Math.min(high, 100) - 99 : 1
  let value =
    natural >= low && natural <= high
      ? natural
      : start + Math.floor(random() * Math.min(100, Math.max(0, Number.isFinite(high) ? high - start : 100)))
  if (step > 0) {
    value = Math.ceil(value / step) * step
    if (value > high) value = Math.floor(high / step) * step
    if (value === above || value < low) value += step
    if (value === below || value > high) value -= step
    // 0.1 * 3 is not a multiple of 0.1.
    const decimals = (String(step).split('.')[1] ?? '').length
    return Number((value + step * (turns % 3 === 2 ? 1 : 0)).toFixed(decimals))
  }
  if (value <= (above ?? Number.NEGATIVE_INFINITY)) value = Number.isFinite(high) ? (low + high) / 2 : low + 1
  if (value >= (below ?? Number.POSITIVE_INFINITY)) value = Number.isFinite(low) ? (low + high) / 2 : high - 1
  return Math.min(Math.max(value, low), high)
}
