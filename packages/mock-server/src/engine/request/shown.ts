// Values that a document shows as its own examples: an API takes them, even where the schema beside them says otherwise,
// because they are what its readers copy.

import { isDeepStrictEqual } from 'node:util'
import type { Parameter } from '../document/operation.js'
import { entriesOf, isObject, member, segmentsOf } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { flattened, shapeOf } from '../schema/shape.js'
import type { SchemaError } from '../schema/validation.js'

/** A body with what the document says of it. */
export interface ShownBody {
  readonly value: unknown
  readonly schema: Schema
  /** Of whole bodies. */
  readonly examples?: readonly unknown[] | undefined
}

/** How many places of one body are compared: a document contradicts itself in few. */
const MAX_PLACES = 32

/** The errors about values that the document does not itself show at their places. */
export function withoutShown(
  errors: readonly SchemaError[],
  body: ShownBody,
  schemas: Schemas,
): readonly SchemaError[] {
  if (errors.length === 0) return errors
  const places = [...new Set(errors.map(({ instancePath }) => instancePath))].slice(0, MAX_PLACES)
  const shown = places.filter((place) => isShown(body, segmentsOf(place), schemas))
  const isBelow = (path: string) => shown.some((place) => path === place || path.startsWith(`${place}/`))
  return errors.filter(({ instancePath }) => !isBelow(instancePath))
}

function isShown({ value, schema, examples = [] }: ShownBody, place: readonly string[], schemas: Schemas) {
  const sent = memberAt(value, place)
  return [
    ...examples.map((example) => memberAt(example, place)),
    ...schemaExamples(schema, place, schemas),
  ].some((example) => isDeepStrictEqual(example, sent))
}

/** What schemas give as examples of a member, by the names that lead to it. */
function schemaExamples(schema: Schema, place: readonly string[], schemas: Schemas): readonly unknown[] {
  let own: readonly Schema[] = [schema]
  for (const segment of place) {
    const { properties, items } = flattened(schemas, { allOf: own })
    own = properties.get(segment) ?? (/^\d+$/.test(segment) ? items : [])
    if (own.length === 0) return []
  }
  return shapeOf(schemas, own).examples
}

function memberAt(value: unknown, place: readonly string[]): unknown {
  let at = value
  for (const segment of place)
    at = Array.isArray(at) ? at[Number(segment)] : isObject(at) ? member(at, segment) : undefined
  return at
}

/** What the document gives as examples of a parameter, and what it takes where nothing is sent. */
export function examplesOf(schemas: Schemas, { raw, schema }: Parameter): readonly unknown[] {
  const named = entriesOf(raw, 'examples').map(([, example]) => member(example, 'value'))
  const { examples, defaults } = shapeOf(schemas, [schemas.convert(schema ?? {}, 'request')])
  return [raw.example, ...named, ...examples, ...defaults].filter(
    (value) => value !== undefined && value !== null,
  )
}
