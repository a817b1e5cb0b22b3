// The schema of what a document shows by examples alone: it names their members and types, and forbids nothing.

import { grouped, isObject, setMember } from '../json.js'
import type { Schema } from './schema.js'

const MAX_DEPTH = 16
const MAX_EXAMPLES = 50

const FORMATS: readonly (readonly [format: string, pattern: RegExp])[] = [
  ['date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d/],
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
]

/** A schema for values that look like these. */
export function schemaLike(values: readonly unknown[], depth = 0): Schema {
  const given = values.filter((value) => value !== null && value !== undefined)
  const [first] = given
  if (first === undefined || depth > MAX_DEPTH) return {}
  if (given.every(isObject)) return { type: ['object', 'null'], properties: membersLike(given, depth) }
  if (given.every((value) => Array.isArray(value))) {
    const items = given.flat().slice(0, MAX_EXAMPLES)
    return { type: ['array', 'null'], items: schemaLike(items, depth + 1) }
  }
  const type = typeof first
  if (isObject(first) || Array.isArray(first) || given.some((value) => typeof value !== type)) return {}
  return { type: [type, 'null'], examples: [first], ...formatOf(given) }
}

function membersLike(values: readonly Readonly<Record<string, unknown>>[], depth: number): Schema {
  const byName = grouped(values.flatMap((value) => Object.entries(value)))
  const properties: Record<string, unknown> = {}
  for (const [name, own] of byName) setMember(properties, name, schemaLike(own, depth + 1))
  return properties
}

function formatOf(values: readonly unknown[]): { readonly format?: string } {
  const found = FORMATS.find(([, pattern]) =>
    values.every((value) => typeof value === 'string' && pattern.test(value)),
  )
  return found === undefined ? {} : { format: found[0] }
}
