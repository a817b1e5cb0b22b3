// What a document says of the parts of a multipart body: each is a member of an object, by its name, or an item of a
// list, by its place (OpenAPI 3.2, section 4.15).

import { type Encodings, encodingsOf } from '../document/operation.js'
import { lazy, stringMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { possibleTypes, shapeOf } from '../schema/shape.js'

export interface PartDescription {
  readonly schema: Schema
  /** Whether it is bytes, whatever its content type. */
  readonly isBinary: boolean
  /** The content types that it may have; none where the document leaves them open. */
  readonly types: readonly string[]
  /** What is said of its own parts, where it is multipart itself. */
  readonly encodings: Encodings
}

export interface PartDescriptions {
  /** The names of the parts; undefined where they are items of a list. */
  readonly names: readonly string[] | undefined
  named(name: string): PartDescription
  at(index: number): PartDescription
}

export const isMultipart = (type: string): boolean => /^multipart\//i.test(type)

/** @param schema of the whole body. */
export function describeParts(schemas: Schemas, schema: Schema, encodings: Encodings): PartDescriptions {
  const { properties, items, prefixItems } = shapeOf(schemas, [schema])
  const { encoding, prefixEncoding, itemEncoding } = encodings
  const types = possibleTypes(schemas, schema)
  const isNamed = types?.has('object') === true && !types.has('array')
  const describe = (own: Schema, how: unknown) => described(schemas, own, how)
  // There may be thousands of them.
  const byName = new Map<string, PartDescription>()
  const others = lazy(() => describe(jointly(items), itemEncoding))
  return {
    names: isNamed ? [...properties.keys()] : undefined,
    named(name) {
      const known = byName.get(name) ?? describe(jointly(properties.get(name) ?? []), encoding[name])
      if (properties.has(name)) byName.set(name, known)
      return known
    },
    at: (index) =>
      index >= prefixItems.length && index >= prefixEncoding.length
        ? others()
        : describe(prefixItems[index] ?? jointly(items), prefixEncoding[index] ?? itemEncoding),
  }
}

/** Whether a schema says that what it describes is bytes. */
export function isBinary(schemas: Schemas, schema: Schema): boolean {
  const { types, format } = shapeOf(schemas, [schema])
  return format === 'binary' && types?.has('string') === true
}

function jointly(all: readonly Schema[]): Schema {
  if (all.length > 1) return { allOf: all }
  return all[0] ?? true
}

const described = (schemas: Schemas, schema: Schema, encoding: unknown): PartDescription => ({
  schema,
  isBinary: isBinary(schemas, schema),
  types: (stringMember(encoding, 'contentType') ?? '')
    .split(',')
    .map((type) => type.trim())
    .filter((type) => type !== ''),
  encodings: encodingsOf(encoding),
})
