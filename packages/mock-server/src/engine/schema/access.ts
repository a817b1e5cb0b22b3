// Who sets and who sees a value: `readOnly` and `writeOnly`, said by a schema itself, by what it refers to, or by a part of it.

import { isObject } from '../json.js'
import { linkOf, type Schema } from './schema.js'
import type { Schemas } from './schemas.js'

export type Access = 'readOnly' | 'writeOnly'

const MAX_DEPTH = 4

export function isMarked(schemas: Schemas, schema: Schema | undefined, access: Access, depth = 0): boolean {
  if (!isObject(schema) || depth > MAX_DEPTH) return false
  if (schema[access] === true) return true
  const link = linkOf(schema)
  const parts = Array.isArray(schema.allOf) ? (schema.allOf as Schema[]) : []
  return [link === undefined ? undefined : schemas.target(link), ...parts].some((part) =>
    isMarked(schemas, part, access, depth + 1),
  )
}
