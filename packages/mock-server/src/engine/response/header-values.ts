// What the text of a header field means, held against its schema: fields have no types of their own (OpenAPI, style `simple`).

import type { Schema } from '../schema/schema.js'
import type { SchemaError, Validation } from '../schema/validation.js'

/** Why none of the meanings of a text fits; none where one does. */
export function headerErrors(validation: Validation, schema: Schema, text: string): readonly SchemaError[] {
  const validate = validation.ofSchema(schema)
  const readings = readingsOf(text).map((reading) => validate(reading))
  return readings.some((errors) => errors.length === 0) ? [] : (readings.at(-1) ?? [])
}

function readingsOf(text: string): readonly unknown[] {
  const list = text.split(',').map((item) => item.trim())
  return [...scalars(text), ...[list, list.map((item) => scalars(item)[0])], text]
}

const scalars = (text: string): readonly unknown[] => [
  ...(text.trim() !== '' && Number.isFinite(Number(text)) ? [Number(text)] : []),
  ...(text === 'true' || text === 'false' ? [text === 'true'] : []),
  text,
]
