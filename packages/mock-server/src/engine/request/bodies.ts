// Reads request bodies: sizes and encodings first, then JSON, forms, multipart, text or bytes as the document
// describes them for the request's media type.

import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import type { MediaType, RequestBody } from '../document/operation.js'
import { isObject, member, nestsAtMost } from '../json.js'
import { framingOf } from '../response/framing.js'
import { linkOf, type Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { possibleTypes, shapeOf } from '../schema/shape.js'
import type { Xml } from '../xml/xml.js'
import { bestMatch, isJsonType, isXmlType, type MediaRange, parseMediaType } from './media-types.js'
import { type Coercion, decodeText, putBracketed, separatorOf } from './parameters.js'
import { tooLarge, type UnreadableBody } from './reading.js'
import { createCounter, type Excess, type StructureCounter } from './structure.js'

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
}

/** A file of a form, or a body that is one. */
export interface UploadedFile {
  /** The field of the form; empty for a body that is nothing but the file. */
  readonly field: string
  readonly name: string | undefined
  readonly type: string | undefined
  /** Its bytes as Latin-1, as they stand in the decoded value. */
  readonly content: string
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
  ): Promise<DecodedBody | UnreadableBody>
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
const MAX_JSON_DEPTH = 100
const MAX_FIELDS = 10_000
/** Shorter texts hold too little to be counted. */
const MAX_UNCOUNTED_LENGTH = 16_384
/** The least that a value takes in a body that is no bomb, on the average. */
const BYTES_PER_VALUE = 10
/** The same for a name of a member that is unlike the others. */
const BYTES_PER_NAME = 200
const [TEXT_GROWTH, FILE_GROWTH] = [8, 3]

type Kind = 'json' | 'items' | 'yaml' | 'xml' | 'form' | 'multipart' | 'text' | 'bytes'

function kindOf(type: string): Kind {
  if (type === 'multipart/form-data') return 'multipart'
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

export function createBodyDecoder({ schemas, coerce, xml }: BodyParts, bytes: BodyLimits): BodyDecoder {
  const itemSchemas = new WeakMap<MediaType, Schema>()
  const limits = {
    maxDepth: MAX_JSON_DEPTH,
    maxValues: Math.ceil(bytes.text / BYTES_PER_VALUE),
    maxNames: Math.ceil(bytes.text / BYTES_PER_NAME),
  }
  const tooMany = (number: number, what: string): UnreadableBody => ({
    status: 413,
    message: `The body holds more than ${number} ${what}; a larger --max-body (maxBodyBytes) allows more`,
  })
  const excesses: Readonly<Record<Excess, UnreadableBody>> = {
    maxDepth: { status: 400, message: `The body nests deeper than ${MAX_JSON_DEPTH} levels` },
    maxValues: tooMany(limits.maxValues, 'values'),
    maxNames: tooMany(limits.maxNames, 'different names'),
  }

  return {
    limitOf(body, headers) {
      const sent = parseMediaType(String(headers['content-type'] ?? ''))
      const media = body && (sent === undefined ? body.content[0] : mediaFor(body.content, sent))
      const kind = kindOf(sent?.type ?? parseMediaType(media?.type ?? '')?.type ?? '*/*')
      const isFile = media !== undefined && (kind === 'multipart' || kind === 'bytes' || isBytes(media))
      return isFile
        ? { maxBytes: bytes.files, growth: FILE_GROWTH }
        : { maxBytes: bytes.text, growth: TEXT_GROWTH }
    },
    async decode(body, headers, sentBytes) {
      const sent = parseMediaType(String(headers['content-type'] ?? ''))
      const media = sent === undefined ? unnamed(body.content, sentBytes) : mediaFor(body.content, sent)
      if (media === undefined) {
        const known = body.content.map(({ type }) => type).join(', ')
        return { status: 415, message: `Unsupported media type ${sent?.type ?? ''}: send ${known}` }
      }
      const range = sent ?? parseMediaType(media.type) ?? { type: '*/*', parameters: new Map() }
      const decoded = await read(sentBytes, range, media)
      return 'status' in decoded ? decoded : { ...decoded, sentType: sent?.type }
    },
    decodeUndescribed(headers, sentBytes) {
      if (!isJsonType(String(headers['content-type'] ?? ''))) return undefined
      const found = parseJson(sentBytes.toString())
      return found.ok ? found.value : undefined
    },
  }

  /** A schema that says `binary` of a whole body takes any bytes, whatever its media type says of them. */
  function isBytes({ schema }: MediaType): boolean {
    const { types, format } = shapeOf(schemas, [schemas.convert(schema ?? {}, 'request')])
    return format === 'binary' && types?.has('string') === true
  }

  function mediaFor(content: readonly MediaType[], sent: MediaRange): MediaType | undefined {
    return bestMatch(content, sent) ?? content.find(isBytes)
  }

  async function read(
    sentBytes: Buffer,
    sent: MediaRange,
    media: MediaType,
  ): Promise<DecodedBody | UnreadableBody> {
    const schema = schemaOf(media, sent.type)
    const kind = kindFor(sent.type, schema)
    const isComparable =
      kind !== 'bytes' && (kind !== 'text' || sent.type === 'text/plain' || isXmlType(sent.type))
    const found = await parse(kind, sentBytes, sent, schema, formRulesOf(media, schema))
    if (isBytes(media)) {
      const content = sentBytes.toString('latin1')
      const file = { field: '', name: undefined, type: sent.type, content }
      return { value: found.ok ? found.value : content, schema, comparable: false, files: [file] }
    }
    if (!found.ok) return found.why
    const value = TYPED.has(kind) ? found.value : coerce(found.value, schema)
    const examples = media.examples.map((example) => example.value)
    return { value, schema, comparable: isComparable, examples, files: found.files }
  }

  /** A stream is a list of items, which its schema describes together or one by one. */
  function schemaOf(media: MediaType, sentType: string): Schema {
    const whole = schemas.convert(media.schema ?? {}, 'request')
    if (kindOf(sentType) !== 'items') return whole
    const known = itemSchemas.get(media)
    if (known !== undefined) return known
    const isList = possibleTypes(schemas, whole)?.has('array') === true
    const items = media.itemSchema === undefined ? whole : schemas.convert(media.itemSchema, 'request')
    const list = { type: 'array', items }
    const schema = media.itemSchema === undefined && isList ? whole : isList ? { allOf: [whole, list] } : list
    itemSchemas.set(media, schema)
    return schema
  }

  function readItems(text: string, type: string): Found {
    const parse = parser(createCounter(limits))
    const items: unknown[] = []
    for (const item of framingOf(type)?.texts?.(text) ?? []) {
      const found = parse(item)
      if (!found.ok && found.why.status === 413) return found
      if (!found.ok) return refused(400, `Item ${items.length + 1} of the body is not valid JSON`)
      items.push(found.value)
    }
    return { ok: true, value: items }
  }

  /** XML that a schema takes as a mere string is text. */
  function kindFor(type: string, schema: Schema): Kind {
    const kind = kindOf(type)
    if (kind !== 'xml' || linkOf(schema) !== undefined) return kind
    const types = possibleTypes(schemas, schema)
    const isText = types?.size === 1 && types.has('string')
    return isText && !(isObject(schema) && isObject(schema.xml)) ? 'text' : kind
  }

  function parse(
    kind: Kind,
    sentBytes: Buffer,
    sent: MediaRange,
    schema: Schema,
    rules: FormRules,
  ): Found | Promise<Found> {
    if (kind === 'bytes') {
      const content = sentBytes.toString('latin1')
      return { ok: true, value: content, files: [{ field: '', name: undefined, type: sent.type, content }] }
    }
    if (kind === 'multipart')
      return readMultipart(sentBytes, sent, {
        maxTextBytes: bytes.text,
        parseJson: parser(createCounter(limits)),
        separators: rules.separators,
      })
    const text = decode(sentBytes, sent.parameters.get('charset'))
    if (typeof text !== 'string') return { ok: false, why: text }
    if (kind === 'form') return readForm(text, rules)
    if (kind === 'yaml') return readYaml(text)
    if (kind === 'items') return readItems(text, sent.type)
    if (kind === 'xml') return readXml(text, schema)
    return kind === 'text' ? { ok: true, value: text } : parseJson(text)
  }

  function readXml(text: string, schema: Schema): Found {
    const found = xml.read(text, schema, limits)
    return found.ok ? found : refused(found.status, found.message)
  }

  function formRulesOf({ encoding }: MediaType, schema: Schema): FormRules {
    const separators = new Map<string, RegExp>()
    const encoded = new Set<string>()
    for (const [name, how] of Object.entries(encoding)) {
      if (member(how, 'allowReserved') === false) encoded.add(name)
      const style = isObject(how) && typeof how.style === 'string' ? how.style : 'form'
      const isOne = isObject(how) && (how.explode === false || (style !== 'form' && how.explode !== true))
      const own = shapeOf(schemas, [schema]).properties.get(name)
      const isList = own !== undefined && possibleTypes(schemas, { allOf: own })?.has('array') === true
      if (isOne && isList && style !== 'deepObject') separators.set(name, separatorOf(style))
    }
    return { separators, encoded }
  }

  function parser(count: StructureCounter) {
    return (text: string): Found => {
      const excess = count(text)
      if (excess !== undefined) return { ok: false, why: excesses[excess] }
      try {
        return { ok: true, value: JSON.parse(text) as unknown }
      } catch {
        return NOT_JSON
      }
    }
  }

  function parseJson(text: string): Found {
    if (text.length > MAX_UNCOUNTED_LENGTH) return parser(createCounter(limits))(text)
    try {
      const value: unknown = JSON.parse(text)
      return nestsAtMost(value, MAX_JSON_DEPTH) ? { ok: true, value } : { ok: false, why: excesses.maxDepth }
    } catch {
      return NOT_JSON
    }
  }
}

/** What stands between the items of lists that a form sends as one field, by its name. */
type Separators = ReadonlyMap<string, RegExp>

/** How the document says that the fields of a form are written. */
interface FormRules {
  readonly separators: Separators
  /** Fields whose reserved letters must be percent-encoded, because the document says so. */
  readonly encoded: ReadonlySet<string>
}

/** RFC 3986, section 2.2, without what a form uses itself. */
const RESERVED = /[:/?#[\]@!$'()*,;]/

/** Kinds whose values have types of their own, and bytes, which have none. */
const TYPED: ReadonlySet<Kind> = new Set(['json', 'items', 'yaml', 'xml', 'bytes'])

/** For a body without a media type: the first described one, or JSON where the body looks like it. */
function unnamed(content: readonly MediaType[], bytes: Buffer): MediaType | undefined {
  const looksLikeJson = /^\s*[[{]/.test(bytes.subarray(0, 100).toString('latin1'))
  return (looksLikeJson ? content.find(({ type }) => isJsonType(type)) : undefined) ?? content[0]
}

/** YAML takes long to read: what people write by hand is short. */
const MAX_YAML_LENGTH = 1024 * 1024

function readYaml(text: string): Found {
  if (text.length > MAX_YAML_LENGTH) return { ok: false, why: tooLarge(MAX_YAML_LENGTH) }
  const { parse } = require('yaml') as typeof import('yaml')
  try {
    const value: unknown = parse(text, { maxAliasCount: 100 })
    return nestsAtMost(value, MAX_JSON_DEPTH) ? { ok: true, value } : NOT_YAML
  } catch {
    return NOT_YAML
  }
}

type Found =
  | { readonly ok: true; readonly value: unknown; readonly files?: readonly UploadedFile[] }
  | { readonly ok: false; readonly why: UnreadableBody }

const refused = (status: UnreadableBody['status'], message: string): Found => ({
  ok: false,
  why: { status, message },
})

function decode(bytes: Buffer, charset = 'utf-8'): string | UnreadableBody {
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(charset, { fatal: true })
  } catch {
    return { status: 415, message: `Unsupported charset ${charset}` }
  }
  try {
    return decoder.decode(bytes)
  } catch {
    return { status: 400, message: `The body is not valid ${charset}` }
  }
}

const NOT_JSON = refused(400, 'The body is not valid JSON')
const NOT_YAML = refused(400, 'The body is not valid YAML')
const TOO_MANY_FIELDS = `The form has more than ${MAX_FIELDS} fields`

function readForm(text: string, { separators, encoded }: FormRules): Found {
  const pairs = text.split('&', MAX_FIELDS + 1)
  if (pairs.length > MAX_FIELDS) return refused(413, TOO_MANY_FIELDS)
  const tree = {}
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeText(equals < 0 ? pair : pair.slice(0, equals))
    const raw = equals < 0 ? '' : pair.slice(equals + 1)
    const separator = separators.get(name)
    if (encoded.has(name) && RESERVED.test(separator === undefined ? raw : raw.replaceAll(',', '')))
      return refused(400, `The form field ${name} has reserved letters that are not percent-encoded`)
    if (separator === undefined) putBracketed(tree, name, decodeText(raw))
    else putBracketed(tree, name, raw === '' ? [] : raw.split(separator).map(decodeText))
  }
  return { ok: true, value: tree }
}

interface FormLimits {
  readonly maxTextBytes: number
  readonly parseJson: (text: string) => Found
  readonly separators: Separators
}

/** The fields of a multipart form, files as their bytes in Latin-1. */
function readMultipart(
  bytes: Buffer,
  sent: MediaRange,
  { maxTextBytes, parseJson, separators }: FormLimits,
): Promise<Found> {
  return new Promise((resolve) => {
    const malformed = refused(400, 'Malformed multipart body')
    const boundary = sent.parameters.get('boundary')
    if (boundary === undefined) return resolve(malformed)
    const tree = {}
    const files: UploadedFile[] = []
    let textLength = 0
    const busboy = require('busboy') as typeof import('busboy')
    try {
      const form = busboy({
        headers: { 'content-type': `multipart/form-data; boundary="${boundary.replaceAll('"', '')}"` },
        limits: { parts: MAX_FIELDS, fieldSize: maxTextBytes + 1 },
      })
      form.on('partsLimit', () => resolve(refused(413, TOO_MANY_FIELDS)))
      form.on('field', (name, value, { mimeType }) => {
        textLength += value.length
        if (textLength > maxTextBytes) return resolve({ ok: false, why: tooLarge(maxTextBytes) })
        const json = isJsonType(mimeType) ? parseJson(value) : undefined
        if (json?.ok === false && json.why.status === 413) return resolve(json)
        const separator = separators.get(name)
        if (json?.ok === true) putBracketed(tree, name, json.value)
        else if (separator === undefined) putBracketed(tree, name, value)
        else putBracketed(tree, name, value === '' ? [] : value.split(separator))
      })
      form.on('file', (name, stream, { filename, mimeType }) => {
        const parts: string[] = []
        stream.on('data', (chunk: Buffer) => parts.push(chunk.toString('latin1')))
        stream.on('error', () => resolve(malformed))
        stream.on('end', () => {
          const content = parts.join('')
          files.push({ field: name, name: filename, type: mimeType, content })
          putBracketed(tree, name, content)
        })
      })
      form.on('error', () => resolve(malformed))
      form.on('close', () => resolve({ ok: true, value: tree, files }))
      Readable.from([bytes]).pipe(form)
    } catch {
      resolve(malformed)
    }
  })
}
