// Writes values as multipart bodies: the members of an object as named parts, and the items of a list in their order.

import type { MediaType } from '../document/operation.js'
import { isObject } from '../json.js'
import { isXmlType, parseMediaType } from '../request/media-types.js'
import { serialize } from '../response/answers.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import type { Xml } from '../xml/xml.js'
import { describeParts, isMultipart, type PartDescription } from './descriptions.js'

export interface Written {
  /** With the boundary. */
  readonly type: string
  readonly bytes: Buffer
}

/** The parts of a body that is written piece by piece. */
export interface PartWriter {
  readonly type: string
  part(value: unknown, index: number): Buffer
  readonly end: string
}

export interface MultipartWriter {
  write(value: unknown, schema: Schema, media: MediaType): Written
  /** @param schema of the whole body. */
  items(schema: Schema, media: MediaType): PartWriter
}

/** What a text has as its boundary that is multipart already: it begins with one. */
const FIRST_LINE = /^--([^\r\n]{1,70})\r?\n/
const BOUNDARY = 'mock-part'
/** Parts that have parts end at a boundary of their own. */
const MAX_DEPTH = 4

export function createMultipartWriter(schemas: Schemas, xml: Xml): MultipartWriter {
  const contentOf = (value: unknown, type: string, description: PartDescription, depth: number): Written => {
    const { schema, encodings } = description
    if (isMultipart(type) && depth < MAX_DEPTH)
      return write(value, schema, { ...encodings, type, ...NO_MEDIA }, depth + 1)
    const isWritten = typeof value === 'string' || Buffer.isBuffer(value)
    const content = isXmlType(type) && !isWritten ? xml.write(value, schema) : serialize(value, type)
    return { type, bytes: Buffer.from(content ?? '') }
  }

  const partOf = (value: unknown, description: PartDescription, frame: Frame): Buffer => {
    const chosen = concrete(description.types) ?? defaultType(schemas, description.schema, value)
    const { type, bytes } = contentOf(value, chosen, description, frame.depth)
    const head = [`--${frame.boundary}`, ...dispositionOf(frame.name, type), `content-type: ${type}`, '', '']
    return Buffer.concat([Buffer.from(head.join('\r\n')), bytes, Buffer.from('\r\n')])
  }

  const write = (value: unknown, schema: Schema, media: MediaType, depth: number): Written => {
    const text = typeof value === 'string' ? FIRST_LINE.exec(value) : null
    if (text !== null)
      return { type: withBoundary(media.type, text[1] ?? ''), bytes: Buffer.from(String(value)) }
    const boundary = boundaryOf(media.type, depth)
    const described = describeParts(schemas, schema, media)
    const parts = isObject(value)
      ? Object.entries(value).flatMap(([name, member]) =>
          itemsOf(member, described.named(name)).map((item) =>
            partOf(item, described.named(name), { boundary, depth, name }),
          ),
        )
      : [value].flat().map((item, index) => partOf(item, described.at(index), { boundary, depth }))
    return {
      type: withBoundary(media.type, boundary),
      bytes: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    }
  }

  return {
    write: (value, schema, media) => write(value, schema, media, 0),
    items(schema, media) {
      const boundary = boundaryOf(media.type, 0)
      const described = describeParts(schemas, schema, media)
      return {
        type: withBoundary(media.type, boundary),
        part: (value, index) => partOf(value, described.at(index), { boundary, depth: 0 }),
        end: `--${boundary}--\r\n`,
      }
    },
  }
}

interface Frame {
  readonly boundary: string
  readonly depth: number
  readonly name?: string
}

const NO_MEDIA = { schema: undefined, itemSchema: undefined, examples: [] }

const boundaryOf = (type: string, depth: number): string =>
  parseMediaType(type)?.parameters.get('boundary') ?? (depth === 0 ? BOUNDARY : `${BOUNDARY}-${depth}`)

const withBoundary = (type: string, boundary: string): string =>
  parseMediaType(type)?.parameters.has('boundary')
    ? type
    : `${type}; boundary=${/^[\w-]+$/.test(boundary) ? boundary : `"${boundary}"`}`

const concrete = (types: readonly string[]): string | undefined => types.find((type) => !type.includes('*'))

/** What a part is where the document does not say (OpenAPI 3.2, section 4.15.1.1). */
function defaultType(schemas: Schemas, schema: Schema, value: unknown): string {
  const isBinary = Buffer.isBuffer(value) || shapeOf(schemas, [schema]).format === 'binary'
  if (isBinary) return 'application/octet-stream'
  return typeof value === 'string' ? 'text/plain' : 'application/json'
}

/** Only what has a file's name is taken for a file (RFC 7578, section 4.2). */
function dispositionOf(name: string | undefined, type: string): readonly string[] {
  if (name === undefined) return []
  const quoted = name.replaceAll('"', '%22').replace(/[\r\n]/g, '')
  const isFile = !/^text\/|json|xml/.test(type)
  return [`content-disposition: form-data; name="${quoted}"${isFile ? `; filename="${quoted}"` : ''}`]
}

/** A list is as many parts of one name, unless the document says that it is sent as one. */
const itemsOf = (value: unknown, { types }: PartDescription): readonly unknown[] =>
  Array.isArray(value) && types.length === 0 ? value : [value]
