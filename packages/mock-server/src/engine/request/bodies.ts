// Reads request bodies: sizes and encodings first, then JSON, forms, multipart, text or bytes as the document
// describes them for the request's media type.

import { createRequire } from 'node:module'
import type { MediaType, RequestBody } from '../document/operation.js'
import { isObject, nestsAtMost } from '../json.js'
import type { MaybeLater } from '../later.js'
import { describeParts, isBinary, isMultipart } from '../multipart/descriptions.js'
import { MAX_PARTS, type PartReading, readParts } from '../multipart/reading.js'
import { framingOf } from '../response/framing.js'
import { linkOf, type Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { possibleTypes } from '../schema/shape.js'
import { MAX_XML_VALUES } from '../xml/tree.js'
import type { Xml } from '../xml/xml.js'
import type { Coercion } from './coercion.js'
import { type Decoded, refused, type UploadedFile } from './decoded.js'
import { formRulesOf, readForm, readMultipart } from './forms.js'
import { createJsonReader, type JsonReader, MAX_JSON_DEPTH } from './json-bodies.js'
import { asciiOf } from './latin1.js'
import { bestMatch, isJsonType, isXmlType, type MediaRange, parseMediaType } from './media-types.js'
import { tooLarge, type UnreadableBody } from './reading.js'
import type { Violation } from './violations.js'

export type { UploadedFile } from './decoded.js'

export interface DecodedBody {
  readonly value: unknown
  /** What the document says of it. */
  readonly schema: Schema
  /** False for bytes and text in formats that cannot be held against a schema. */
  readonly comparable: boolean
  /** What the document shows as bodies of this media type. */
  readonly examples?: readonly unknown[] | undefined
  /** The media type that was sent, without parameters. */
  readonly sentType?: string | undefined
  readonly files?: readonly UploadedFile[] | undefined
  /** What is wrong with how it was sent, whatever it says. */
  readonly violations?: readonly Violation[] | undefined
}

/** How much a request may send. */
export interface BodyLimit {
  readonly maxBytes: number
  /** How many times its bytes it may take in memory once it is decoded. */
  readonly growth: number
}

export interface BodyDecoder {
  /** The limit for what a request says that its body is. */
  limitOf(body: RequestBody | undefined, headers: Readonly<Record<string, unknown>>): BodyLimit
  /** Decodes bytes, decompressed ones. */
  decode(
    body: RequestBody,
    headers: Readonly<Record<string, unknown>>,
    bytes: Buffer,
  ): MaybeLater<DecodedBody | UnreadableBody>
  /** JSON that the document does not describe; undefined when it is none, or more than is read. */
  decodeUndescribed(headers: Readonly<Record<string, unknown>>, bytes: Buffer): unknown
}

/** The most bytes of a body, decompressed. */
export interface BodyLimits {
  /** Of JSON, forms without files, and text. */
  readonly text: number
  /** Of files, and forms that may hold some. */
  readonly files: number
}

const require = createRequire(import.meta.url)
const [TEXT_GROWTH, FILE_GROWTH] = [8, 3]

type Kind = 'json' | 'items' | 'yaml' | 'xml' | 'form' | 'multipart' | 'parts' | 'text' | 'bytes'

const kinds = new Map<string, Kind>()
const MAX_KINDS = 500

function kindOf(type: string): Kind {
  const known = kinds.get(type)
  if (known !== undefined) return known
  const kind = findKind(type)
  // Clients choose these texts: their number must not grow without end.
  if (kinds.size < MAX_KINDS && type.length < 200) kinds.set(type, kind)
  return kind
}

function findKind(type: string): Kind {
  if (type === 'multipart/form-data') return 'multipart'
  if (isMultipart(type)) return 'parts'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (/[/+]json$/.test(type) || type === '*/*') return 'json'
  if (framingOf(type)?.texts !== undefined) return 'items'
  if (/[/+](x-)?ya?ml$/.test(type)) return 'yaml'
  if (isXmlType(type)) return 'xml'
  return type.startsWith('text/') ? 'text' : 'bytes'
}

export interface BodyParts {
  readonly schemas: Schemas
  readonly coerce: Coercion
  readonly xml: Xml
}

export function createBodyDecoder(parts: BodyParts, bytes: BodyLimits): BodyDecoder {
  const { schemas, coerce } = parts
  const json = createJsonReader(bytes.text)
  const readers = createReaders(parts, json, bytes)
  const schemaOf = createBodySchemas(schemas)
  const areBytes = new WeakMap<MediaType, boolean>()
  const examples = new WeakMap<MediaType, readonly unknown[]>()

  const examplesOf = (media: MediaType): readonly unknown[] => {
    const known = examples.get(media)
    if (known !== undefined) return known
    const values = media.examples.map((example) => example.value)
    examples.set(media, values)
    return values
  }

  /** A schema that says `binary` of a whole body takes any bytes, whatever its media type says of them. */
  const isBytes = (media: MediaType): boolean => {
    const known = areBytes.get(media)
    if (known !== undefined) return known
    const are =
      media.type === 'application/octet-stream' ||
      isBinary(schemas, schemas.convert(media.schema ?? {}, 'request'))
    areBytes.set(media, are)
    return are
  }
  const mediaFor = (content: readonly MediaType[], sent: MediaRange): MediaType | undefined =>
    bestMatch(content, sent) ?? content.find(isBytes)

  /** @param sentType the media type that was sent, where it is the one that is read. */
  const read = (
    sentBytes: Buffer,
    sent: MediaRange,
    media: MediaType,
    sentType: string | undefined,
  ): MaybeLater<DecodedBody | UnreadableBody> => {
    const schema = schemaOf(media, sent.type)
    const kind = kindFor(schemas, sent.type, schema)
    const decoded = (found: Decoded): DecodedBody | UnreadableBody => {
      if (isBytes(media)) {
        const file = asFile(sentBytes, sent)
        const value = found.ok ? found.value : file.content
        return { value, schema, comparable: false, sentType, files: [file] }
      }
      if (!found.ok) return found.why
      const value = TYPED.has(kind) ? found.value : coerce(found.value, schema)
      const { files, violations } = found
      const comparable = isComparable(kind, sent.type)
      return { value, schema, comparable, examples: examplesOf(media), sentType, files, violations }
    }
    const found = readers[kind](sentBytes, { sent, media, schema })
    return found instanceof Promise ? found.then(decoded) : decoded(found)
  }

  return {
    limitOf(body, headers) {
      const sent = parseMediaType(String(headers['content-type'] ?? ''))
      const media = body && (sent === undefined ? body.content[0] : mediaFor(body.content, sent))
      const kind = kindOf(sent?.type ?? parseMediaType(media?.type ?? '')?.type ?? '*/*')
      const isFile = media !== undefined && (MAY_BE_FILES.has(kind) || isBytes(media))
      return isFile
        ? { maxBytes: bytes.files, growth: FILE_GROWTH }
        : { maxBytes: bytes.text, growth: TEXT_GROWTH }
    },
    decode(body, headers, sentBytes) {
      const sent = parseMediaType(String(headers['content-type'] ?? ''))
      const named = sent && mediaFor(body.content, sent)
      const media = named ?? unnamed(body.content, sentBytes, sent)
      if (media === undefined) {
        const known = body.content.map(({ type }) => type).join(', ')
        return { status: 415, message: `Unsupported media type ${sent?.type ?? ''}: send ${known}` }
      }
      const own = named === undefined ? parseMediaType(media.type) : sent
      const range = own ?? { type: '*/*', parameters: new Map() }
      return read(sentBytes, range, media, named === undefined ? undefined : sent?.type)
    },
    decodeUndescribed(headers, sentBytes) {
      if (!isJsonType(String(headers['content-type'] ?? ''))) return undefined
      const found = json.read(sentBytes.toString())
      return found.ok ? found.value : undefined
    },
  }
}

interface Described {
  readonly sent: MediaRange
  readonly media: MediaType
  readonly schema: Schema
}

type Reader = (bytes: Buffer, described: Described) => Decoded | Promise<Decoded>

function createReaders(
  bodyParts: BodyParts,
  json: JsonReader,
  limits: BodyLimits,
  within?: Nesting,
): Readonly<Record<Kind, Reader>> {
  const { schemas, xml } = bodyParts
  const { text: maxTextBytes } = limits
  const ofText =
    (read: (text: string, described: Described) => Decoded): Reader =>
    (bytes, described) => {
      const text = decode(bytes, described.sent.parameters.get('charset'))
      return typeof text === 'string' ? read(text, described) : { ok: false, why: text }
    }
  return {
    json: ofText((text) => json.read(text)),
    items: ofText((text, { sent }) => readItems(text, sent.type, json)),
    yaml: ofText(readYaml),
    xml: ofText((text, { schema }) => {
      const found = xml.read(text, schema, json.limits)
      return found.ok ? found : refused(found.status, found.message)
    }),
    form: ofText((text, { media, schema }) => readForm(text, formRulesOf(schemas, media, schema))),
    multipart: (bytes, { sent, media, schema }) => {
      const rules = formRulesOf(schemas, media, schema)
      return readMultipart(bytes, sent, { ...rules, maxTextBytes, parseJson: json.together() })
    },
    parts: (bytes, { sent, media, schema }) =>
      readParts(
        bytes,
        sent,
        describeParts(schemas, schema, media),
        partReading(bodyParts, json, limits, within),
      ),
    text: ofText((text) => ({ ok: true, value: text })),
    bytes: (bytes, { sent }) => {
      const file = asFile(bytes, sent)
      return { ok: true, value: file.content, files: [file] }
    },
  }
}

/** What all parts of a body may still take together, parts within parts included. */
interface Room {
  parts: number
  textBytes: number
  xmlValues: number
}

interface Nesting {
  readonly room: Room
  readonly depth: number
}

const MAX_PARTS_DEPTH = 4

/** How parts are read: as what they would be by themselves, except that forms and YAML are taken for text. */
function partReading(
  bodyParts: BodyParts,
  json: JsonReader,
  limits: BodyLimits,
  within: Nesting | undefined,
): PartReading {
  const { room, depth } = within ?? {
    room: { parts: MAX_PARTS, textBytes: limits.text, xmlValues: MAX_XML_VALUES },
    depth: 0,
  }
  const parse = within === undefined ? json.together() : json.read
  const together: JsonReader = {
    ...{ read: parse, together: () => parse },
    get limits() {
      return { ...json.limits, maxValues: Math.min(json.limits.maxValues, room.xmlValues) }
    },
  }
  const readers = createReaders(bodyParts, together, limits, { room, depth: depth + 1 })
  return {
    left: room,
    read(content, sent, part) {
      const own = part.isBinary ? 'bytes' : kindFor(bodyParts.schemas, sent.type, part.schema)
      const kind = AS_TEXT.has(own) ? 'text' : own
      if (kind === 'parts' && depth >= MAX_PARTS_DEPTH)
        return refused(400, 'There are parts within parts too often')
      room.textBytes -= kind === 'bytes' || kind === 'parts' ? 0 : content.length
      if (room.textBytes < 0) return { ok: false, why: tooLarge(limits.text) }
      const described = {
        ...{ ...part.encodings, type: sent.type },
        ...{ schema: undefined, itemSchema: undefined, examples: [] },
      }
      const decoded = readers[kind](content, { sent, media: described, schema: part.schema })
      if (kind === 'xml') room.xmlValues -= marksIn(content)
      return decoded
    },
  }
}

const AS_TEXT: ReadonlySet<Kind> = new Set(['form', 'multipart', 'yaml'])

/** At least as many as the elements and attributes of XML. */
function marksIn(bytes: Buffer): number {
  let marks = 0
  for (const byte of bytes) if (byte === LESS_THAN || byte === EQUALS) marks++
  return marks
}

const [LESS_THAN, EQUALS] = [0x3c, 0x3d]
const MAY_BE_FILES: ReadonlySet<Kind> = new Set(['multipart', 'parts', 'bytes'])

/** A body that is nothing but a file. */
const asFile = (bytes: Buffer, sent: MediaRange): UploadedFile => ({
  field: '',
  name: undefined,
  type: sent.type,
  content: bytes.toString('latin1'),
})

const isComparable = (kind: Kind, type: string): boolean =>
  kind !== 'bytes' && (kind !== 'text' || type === 'text/plain' || isXmlType(type))

/** The schema of a body. A stream is a list of items, which the document describes together or one by one. */
function createBodySchemas(schemas: Schemas): (media: MediaType, sentType: string) => Schema {
  const known = new WeakMap<MediaType, Schema>()
  return (media, sentType) => {
    const whole = schemas.convert(media.schema ?? {}, 'request')
    const kind = kindOf(sentType)
    if (kind !== 'items' && !(kind === 'parts' && media.itemSchema !== undefined)) return whole
    const schema = known.get(media) ?? listOf(schemas, media, whole)
    known.set(media, schema)
    return schema
  }
}

function listOf(schemas: Schemas, { itemSchema }: MediaType, whole: Schema): Schema {
  const isList = possibleTypes(schemas, whole)?.has('array') === true
  if (itemSchema === undefined) return isList ? whole : { type: 'array', items: whole }
  const list = { type: 'array', items: schemas.convert(itemSchema, 'request') }
  return isList ? { allOf: [whole, list] } : list
}

/** XML that a schema takes as a mere string is text, and a multipart body bytes. */
function kindFor(schemas: Schemas, type: string, schema: Schema): Kind {
  const kind = kindOf(type)
  if (kind === 'parts') return possibleTypes(schemas, schema)?.has('string') ? 'bytes' : kind
  if (kind !== 'xml' || linkOf(schema) !== undefined) return kind
  const types = possibleTypes(schemas, schema)
  const isText = types?.size === 1 && types.has('string')
  return isText && !(isObject(schema) && isObject(schema.xml)) ? 'text' : kind
}

/** Kinds whose values have types of their own, and bytes, which have none. */
const TYPED: ReadonlySet<Kind> = new Set(['json', 'items', 'yaml', 'xml', 'bytes'])

/**
 * For a body without a media type: the first described one, or JSON where the body looks like it. Text may be JSON as well:
 * browsers send it to other origins without asking them first (Fetch, "CORS-safelisted request-header").
 */
function unnamed(
  content: readonly MediaType[],
  bytes: Buffer,
  sent: MediaRange | undefined,
): MediaType | undefined {
  if (sent !== undefined && sent.type !== 'text/plain') return undefined
  const looksLikeJson = /^\s*[[{]/.test(bytes.subarray(0, 100).toString('latin1'))
  const json = looksLikeJson ? content.find(({ type }) => isJsonType(type)) : undefined
  return json ?? (sent === undefined ? content[0] : undefined)
}

function readItems(text: string, type: string, json: JsonReader): Decoded {
  const parse = json.together()
  const items: unknown[] = []
  for (const item of framingOf(type)?.texts?.(text) ?? []) {
    const found = parse(item)
    if (!found.ok && found.why.status === 413) return found
    if (!found.ok) return refused(400, `Item ${items.length + 1} of the body is not valid JSON`)
    items.push(found.value)
  }
  return { ok: true, value: items }
}

/** YAML takes long to read: what people write by hand is short. */
const MAX_YAML_LENGTH = 1024 * 1024

function readYaml(text: string): Decoded {
  if (text.length > MAX_YAML_LENGTH) return { ok: false, why: tooLarge(MAX_YAML_LENGTH) }
  const { parse } = require('yaml') as typeof import('yaml')
  try {
    const value: unknown = parse(text, { maxAliasCount: 100 })
    return nestsAtMost(value, MAX_JSON_DEPTH) ? { ok: true, value } : NOT_YAML
  } catch {
    return NOT_YAML
  }
}

const NOT_YAML = refused(400, 'The body is not valid YAML')

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Buffer, charset = 'utf-8'): string | UnreadableBody {
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = charset === 'utf-8' ? UTF_8 : new TextDecoder(charset, { fatal: true })
  } catch {
    return { status: 415, message: `Unsupported charset ${charset}` }
  }
  try {
    return (decoder === UTF_8 ? asciiOf(bytes) : undefined) ?? decoder.decode(bytes)
  } catch {
    return { status: 400, message: `The body is not valid ${charset}` }
  }
}
