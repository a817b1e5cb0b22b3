// What a schema says at first sight: the type of a value, the members that it must have, and those that name its kind.
// Among hundreds of alternatives that is enough to pass over nearly all of them, and none of those is compiled.

import { escapeSegment, isObject, type JsonObject } from '../json.js'
import type { SchemaError } from './alternatives.js'
import { linkOf, type Schema } from './schema.js'

export interface Outline {
  /** Gives the faults of a value that an outline shows; none says only that the schema itself must be asked. */
  (value: unknown, instancePath: string): readonly SchemaError[]
  /** Whether the type of a value, or a member that names its kind, rules the schema out: the quick answer, without words. */
  readonly excludes: (value: unknown) => boolean
  /** The names of the members that name its kind. */
  readonly tags: readonly string[]
}

/** Schemas within `allOf`, or behind links, that are looked into. */
const MAX_PARTS = 16

/** @param target gives the schema behind a link. */
export function createOutlines(target: (link: string) => Schema): (schema: JsonObject) => Outline {
  const known = new WeakMap<object, Outline>()
  return (schema) => {
    const outline = known.get(schema) ?? outlineOf(schema, target)
    known.set(schema, outline)
    return outline
  }
}

function outlineOf(schema: JsonObject, target: (link: string) => Schema): Outline {
  const parts = partsOf(schema, target)
  const types = parts.flatMap(({ type }) => (type === undefined ? [] : [[type].flat()]))
  const required = [...new Set(parts.flatMap((part) => strings(part.required)))]
  const tags = parts.flatMap(tagsOf)
  const isAllowed = (value: unknown) =>
    types.every((some) => some.some((type) => isOfType(value, type))) &&
    (!isObject(value) ||
      tags.every(
        ({ name, allowed }) =>
          !Object.hasOwn(value, name) || !isPlain(value[name]) || allowed.includes(value[name]),
      ))
  const faultsOf = (value: unknown, instancePath: string): readonly SchemaError[] => {
    const faults: SchemaError[] = []
    const add = (keyword: string, path: string, params: Record<string, unknown>, message: string) =>
      faults.push({ keyword, instancePath: path, schemaPath: `#/${keyword}`, params, message })
    const wrong = types.find((some) => !some.some((type) => isOfType(value, type)))
    if (wrong !== undefined) add('type', instancePath, { type: wrong.join() }, `must be ${wrong.join()}`)
    if (!isObject(value)) return faults
    for (const name of required)
      if (!Object.hasOwn(value, name))
        add('required', instancePath, { missingProperty: name }, `must have required property '${name}'`)
    for (const { name, allowed } of tags)
      if (Object.hasOwn(value, name) && isPlain(value[name]) && !allowed.includes(value[name]))
        add(
          ...(['enum', `${instancePath}/${escapeSegment(name)}`] as const),
          ...([{ allowedValues: allowed }, 'must be equal to one of the allowed values'] as const),
        )
    return faults
  }
  return Object.assign(faultsOf, {
    excludes: (value: unknown) => !isAllowed(value),
    tags: tags.map(({ name }) => name),
  })
}

/** The schema, what it is a link to, and what it is all of. */
function partsOf(schema: JsonObject, target: (link: string) => Schema): readonly JsonObject[] {
  const parts: JsonObject[] = []
  const pending: unknown[] = [schema]
  for (let next = pending.pop(); next !== undefined && parts.length < MAX_PARTS; next = pending.pop()) {
    if (!isObject(next)) continue
    parts.push(next)
    const link = linkOf(next)
    if (link !== undefined) pending.push(target(link))
    if (Array.isArray(next.allOf)) pending.push(...next.allOf)
  }
  return parts
}

interface Tag {
  readonly name: string
  readonly allowed: readonly unknown[]
}

function tagsOf({ properties }: JsonObject): readonly Tag[] {
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([name, schema]) => {
    // Ajv passes over this name, and what it accepts is no fault.
    if (!isObject(schema) || name === '__proto__') return []
    const allowed = Object.hasOwn(schema, 'const') ? [schema.const] : schema.enum
    return Array.isArray(allowed) && allowed.every(isPlain) ? [{ name, allowed }] : []
  })
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/** What is equal to another value exactly where `===` says so. */
export const isPlain = (value: unknown): boolean => value === null || typeof value !== 'object'

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  array: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  null: (value) => value === null,
  number: (value) => typeof value === 'number',
  object: isObject,
  string: (value) => typeof value === 'string',
}

export const isOfType = (value: unknown, type: unknown): boolean =>
  typeof type !== 'string' || !Object.hasOwn(TYPES, type) || TYPES[type]?.(value) === true
