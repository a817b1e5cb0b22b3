// Reads forms, urlencoded and multipart. Names with brackets spell objects and lists.

import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import type { MediaType } from '../document/operation.js'
import { isObject, member, setMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { possibleTypes, shapeOf } from '../schema/shape.js'
import { type Decoded, refused, type UploadedFile } from './decoded.js'
import { isJsonType, type MediaRange } from './media-types.js'
import { decodeText, putBracketed } from './pairs.js'
import { tooLarge } from './reading.js'
import { separatorOf } from './styles.js'

const require = createRequire(import.meta.url)
const MAX_FIELDS = 10_000
const TOO_MANY_FIELDS = refused(413, `The form has more than ${MAX_FIELDS} fields`)
const MALFORMED = refused(400, 'Malformed multipart body')

/** How the document says that the fields of a form are written. */
export interface FormRules {
  /** What stands between the items of lists that a form sends as one field, by its name. */
  readonly separators: ReadonlyMap<string, RegExp>
  /** Fields whose reserved letters must be percent-encoded, because the document says so. */
  readonly encoded: ReadonlySet<string>
  /** Fields whose own names have brackets: `digital[attachment]`, `files[0]`. */
  readonly literal: ReadonlySet<string>
  /** Whether the form is described as a list, which holds what its fields do. */
  readonly isList: boolean
}

/** RFC 3986, section 2.2, without what a form uses itself. */
const RESERVED = /[:/?#[\]@!$'()*,;]/

export function formRulesOf(schemas: Schemas, { encoding }: MediaType, schema: Schema): FormRules {
  const { properties, types } = shapeOf(schemas, [schema])
  const isList = (name: string) => {
    const own = properties.get(name)
    return own !== undefined && possibleTypes(schemas, { allOf: own })?.has('array') === true
  }
  const separators = new Map<string, RegExp>()
  const encoded = new Set<string>()
  for (const [name, how] of Object.entries(encoding)) {
    if (member(how, 'allowReserved') === false) encoded.add(name)
    const style = styleOfOneField(how)
    if (style !== undefined && isList(name)) separators.set(name, separatorOf(style))
  }
  const literal = new Set([...properties.keys()].filter((name) => name.includes('[')))
  return { separators, encoded, literal, isList: types?.has('array') === true && !types.has('object') }
}

/** The style of a list that is written as one field; undefined where each item is a field. */
function styleOfOneField(how: unknown): string | undefined {
  if (!isObject(how)) return undefined
  const style = typeof how.style === 'string' ? how.style : 'form'
  const isOne = how.explode === false || (style !== 'form' && how.explode !== true)
  return isOne && style !== 'deepObject' ? style : undefined
}

export function readForm(text: string, rules: FormRules): Decoded {
  const pairs = text.split('&', MAX_FIELDS + 1)
  if (pairs.length > MAX_FIELDS) return TOO_MANY_FIELDS
  const tree = {}
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeText(equals < 0 ? pair : pair.slice(0, equals))
    const raw = equals < 0 ? '' : pair.slice(equals + 1)
    if (hasReserved(name, raw, rules))
      return refused(400, `The form field ${name} has reserved letters that are not percent-encoded`)
    putField(tree, name, raw, rules, decodeText)
  }
  return { ok: true, value: asDescribed(tree, rules) }
}

const asDescribed = (tree: object, { isList }: FormRules): unknown =>
  isList ? Object.values(tree).flat() : tree

const hasReserved = (name: string, raw: string, { separators, encoded }: FormRules): boolean =>
  encoded.has(name) && RESERVED.test(separators.has(name) ? raw.replaceAll(',', '') : raw)

function putField(
  tree: object,
  name: string,
  raw: string,
  rules: FormRules,
  decode: (text: string) => string,
): void {
  const separator = rules.separators.get(name)
  if (separator === undefined) putValue(tree, name, decode(raw), rules)
  else putValue(tree, name, raw === '' ? [] : raw.split(separator).map(decode), rules)
}

/** Puts a value where its name leads: into objects and lists by its brackets, unless those are its name. */
function putValue(tree: object, name: string, value: unknown, { literal }: FormRules): void {
  if (literal.has(name)) setMember(tree, name, value)
  else putBracketed(tree, name, value)
}

export interface MultipartRules extends FormRules {
  readonly maxTextBytes: number
  readonly parseJson: (text: string) => Decoded
}

/** The fields of a multipart form, files as their bytes in Latin-1. */
export function readMultipart(bytes: Buffer, sent: MediaRange, rules: MultipartRules): Promise<Decoded> {
  return new Promise((resolve) => {
    const boundary = sent.parameters.get('boundary')
    if (boundary === undefined) return resolve(MALFORMED)
    const tree = {}
    const files: UploadedFile[] = []
    const addField = fieldReader(tree, rules)
    const busboy = require('busboy') as typeof import('busboy')
    try {
      const form = busboy({
        headers: { 'content-type': `multipart/form-data; boundary="${boundary.replaceAll('"', '')}"` },
        limits: { parts: MAX_FIELDS, fieldSize: rules.maxTextBytes + 1 },
      })
      form.on('partsLimit', () => resolve(TOO_MANY_FIELDS))
      form.on('field', (name, value, { mimeType }) => {
        const problem = addField(name, value, mimeType)
        if (problem !== undefined) resolve(problem)
      })
      form.on('file', (field, stream, { filename, mimeType }) => {
        const parts: string[] = []
        stream.on('data', (chunk: Buffer) => parts.push(chunk.toString('latin1')))
        stream.on('error', () => resolve(MALFORMED))
        stream.on('end', () => {
          const content = parts.join('')
          files.push({ field, name: filename, type: mimeType, content })
          putValue(tree, field, content, rules)
        })
      })
      form.on('error', () => resolve(MALFORMED))
      form.on('close', () => resolve({ ok: true, value: asDescribed(tree, rules), files }))
      Readable.from([bytes]).pipe(form)
    } catch {
      resolve(MALFORMED)
    }
  })
}

/** Adds one field after the other to a tree, until they are too much together. */
function fieldReader(tree: object, rules: MultipartRules) {
  let length = 0
  return (name: string, value: string, type: string): Decoded | undefined => {
    length += value.length
    if (length > rules.maxTextBytes) return { ok: false, why: tooLarge(rules.maxTextBytes) }
    const json = isJsonType(type) ? rules.parseJson(value) : undefined
    if (json?.ok === false && json.why.status === 413) return json
    if (json?.ok === true) putValue(tree, name, json.value, rules)
    else putField(tree, name, value, rules, (text) => text)
    return undefined
  }
}
