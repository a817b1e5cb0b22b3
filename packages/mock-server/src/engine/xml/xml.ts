// XML both ways, by what the schemas of one document say of it. Nothing here is made before a message is XML.

import type { ApiDocument } from '../document/document.js'
import { lazy } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { createLayouts } from './layouts.js'
import { createXmlReader, type XmlValue } from './reading.js'
import { parseXml, type XmlLimits } from './tree.js'
import { createXmlWriter } from './writing.js'

export interface Xml {
  /** What a text says, in the types of a schema; the status and message that refuse it otherwise. */
  read(
    text: string,
    schema: Schema,
    limits: XmlLimits,
  ):
    | (XmlValue & { readonly ok: true })
    | { readonly ok: false; readonly status: 400 | 413; readonly message: string }
  write(value: unknown, schema: Schema): string
}

/** @param coerce gives a text the type that a schema asks for. */
export function createXml(
  document: ApiDocument,
  schemas: Schemas,
  coerce: (text: string, schema: Schema) => unknown,
): Xml {
  const layouts = lazy(() => createLayouts(schemas, /^3\.(?![01](\.|$))/.test(String(document.root.openapi))))
  const reader = lazy(() => createXmlReader(layouts(), coerce))
  const writer = lazy(() => createXmlWriter(layouts()))
  return {
    read(text, schema, limits) {
      const parsed = parseXml(text, limits)
      if (!parsed.ok) return parsed
      const found = reader()(parsed.root, schema)
      return found.ok ? found : { ...found, status: 400 }
    },
    write: (value, schema) => writer()(value, schema),
  }
}
