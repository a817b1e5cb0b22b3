// Values in the types that a schema has for them.

import { fitsTypes } from './form.js'

/** No room: the value cannot stand here in any type. */
export const ABSENT = Symbol('absent')

/** A scalar in one of the types that a place wants; ABSENT where it is none of them. */
export function coerce(types: ReadonlySet<string>, value: unknown): unknown {
  if (fitsTypes(types, value)) return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return types.has('string') ? String(value) : ABSENT
  if (typeof value !== 'string') return ABSENT
  const number = types.has('number') || types.has('integer') ? numberIn(value) : undefined
  if (number !== undefined) return fitsTypes(types, number) ? number : ABSENT
  return types.has('boolean') && (value === 'true' || value === 'false') ? value === 'true' : ABSENT
}

/** Amounts and rates as texts have them: `25.0`, `0.50`. */
const DECIMAL = /^-?(0|[1-9]\d*)\.\d+$/

const MAX_DIGITS = 16

/** A number that was sent as text, or a time in seconds since the epoch. */
function numberIn(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  // Text that says more than a number can hold is none: `1e999`, or an id of twenty digits.
  const isExact = String(number) === text.trim() || (DECIMAL.test(text.trim()) && text.length <= MAX_DIGITS)
  if (Number.isFinite(number) && isExact) return number
  const instant = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(instant) ? Math.floor(instant / 1000) : undefined
}
