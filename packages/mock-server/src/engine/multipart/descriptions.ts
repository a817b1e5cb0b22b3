// What a document says of the parts of a multipart body: each is a member of an object, by its name, or an item of a
// list, by its place (OpenAPI 3.2, section 4.15).

import { type Encodings, encodingsOf } from '../document/operation.js'
import { stringMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { possibleTypes, shapeOf } from '../schema/shape.js'

export interface PartDescription {
  readonly schema: Schema
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
  return {
    names: isNamed ? [...properties.keys()] : undefined,
    named: (name) => described(jointly(properties.get(name) ?? []), encoding[name]),
    at: (index) => described(prefixItems[index] ?? jointly(items), prefixEncoding[index] ?? itemEncoding),
  }
}

function jointly(all: readonly Schema[]): Schema {
  if (all.length > 1) return { allOf: all }
  return all[0] ?? true
}

const described = (schema: Schema, encoding: unknown): PartDescription => ({
  schema,
  types: (stringMember(encoding, 'contentType') ?? '')
    .split(',')
    .map((type) => type.trim())
    .filter((type) => type !== ''),
  encodings: encodingsOf(encoding),
})
