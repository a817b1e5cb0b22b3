// What does not fit its schema, made to fit with as little lost as possible.

import { segmentsOf } from '../../engine/json.js'
import type { SchemaError } from '../../engine/schema/validation.js'
import { withoutValueAt } from './slots.js'

/** More faults than this, and a value is better made anew. */
const MAX_FAULTS = 8

export interface RepairParts {
  errorsOf(value: unknown): readonly SchemaError[]
  /** The value with everything made anew that does not fit. */
  remake(): { readonly value: unknown; readonly errors: readonly unknown[] }
}

/**
 * A value that fits and keeps most of another one; undefined where there is none. Where the alternatives of a schema all
 * fail, whoever makes a value anew begins with nothing: then members that do not fit are better left out.
 */
export function repaired(value: unknown, { errorsOf, remake }: RepairParts): unknown {
  const { value: remade, errors } = remake()
  const whole = errors.length === 0 ? remade : undefined
  const cut = withoutFaults(value, errorsOf)
  if (cut === undefined) return whole
  return whole === undefined || sharedLeaves(cut, value) > sharedLeaves(whole, value) ? cut : whole
}

/** A value without the members that do not fit, as few as possible; undefined where it cannot do without them. */
function withoutFaults(value: unknown, errorsOf: RepairParts['errorsOf']): unknown {
  let copy = value
  for (let tries = 0; tries < MAX_FAULTS; tries++) {
    const errors = errorsOf(copy)
    if (errors.length === 0) return copy
    const [deepest] = errors
      .map(({ instancePath }) => segmentsOf(instancePath))
      .sort((a, b) => b.length - a.length)
    if (deepest === undefined || deepest.length === 0) return undefined
    copy = withoutValueAt(copy, deepest)
  }
  return undefined
}

/** How many of the values in one value another one has at the same places. */
function sharedLeaves(value: unknown, other: unknown): number {
  if (value === null || typeof value !== 'object') return value === other ? 1 : 0
  if (other === null || typeof other !== 'object') return 0
  const theirs = new Map(Object.entries(other))
  return Object.entries(value).reduce(
    (sum, [name, own]) => sum + (theirs.has(name) ? sharedLeaves(own, theirs.get(name)) : 0),
    0,
  )
}
