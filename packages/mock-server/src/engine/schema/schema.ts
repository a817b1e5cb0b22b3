// A JSON Schema 2020-12, as all dialects' schemas are converted to.

import { type JsonObject, stringMember } from '../json.js'

export type Schema = boolean | JsonObject

/** The keyword that holds a link. */
export const LINK = 'x-link'

/** The link of a schema that is nothing but one. */
export function linkOf(schema: Schema): string | undefined {
  return stringMember(schema, LINK)
}
