// Samples of the headers that a response documents.

import type { Header, ResponseSpec } from '../document/operation.js'
import type { Schema } from '../schema/schema.js'
import type { Validation } from '../schema/validation.js'
import type { SampleParts } from './body-samples.js'
import { TAG_FORMS } from './conditions.js'

const MAX_HEADER_LENGTH = 1_024
// Node, a proxy or the mock itself decides these; a sample of them breaks the connection.
const NEVER_SAMPLED = new Set([
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
  'content-encoding',
  'keep-alive',
  'upgrade',
  'date',
  'trailer',
  'te',
  'access-control-allow-origin',
  'access-control-allow-credentials',
])

/** What clients read as a date (RFC 9110, sections 5.6.7 and 8.8.2; RFC 9111; RFC 8594), whatever the document says of it. */
const DATES = new Set(['last-modified', 'expires', 'sunset'])

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

export type HeaderSamples = (response: ResponseSpec, status: number) => Readonly<Record<string, string>>

export function createHeaderSamples(parts: SampleParts): HeaderSamples {
  const samples = new WeakMap<ResponseSpec, Readonly<Record<string, string>>>()
  return (response, status) => {
    const known = samples.get(response)
    if (known !== undefined) return known
    const headers: Record<string, string> = {}
    for (const header of response.headers) {
      const name = header.name.toLowerCase()
      const value = isSampled(name, header) ? sampleOf(name, header, parts) : undefined
      if (value !== undefined) headers[name] = value
    }
    if (status >= 300 && status < 400) headers.location ??= '/'
    samples.set(response, headers)
    return headers
  }
}

function isSampled(name: string, { example }: Header): boolean {
  // A made-up cookie would be sent back for ever; one from the document's example is what its clients wait for.
  if (name === 'set-cookie' && typeof example !== 'string') return false
  return !NEVER_SAMPLED.has(name) && TOKEN.test(name)
}

/** Undefined for a value that no header can have. */
function sampleOf(
  name: string,
  header: Header,
  { schemas, validation, sampler, seed }: SampleParts,
): string | undefined {
  const { example } = header
  const schema = schemas.convert(header.schema ?? { type: 'string' }, 'response')
  const tag = name === 'etag' ? tagForm(validation, schema, example) : undefined
  if (tag !== undefined) return tag
  const options = { seed: `${seed}/${header.name}` }
  if (DATES.has(name) && example === undefined) {
    const { value: time } = sampler.sample({ type: 'string', format: 'date-time' }, options)
    const date = new Date(String(time)).toUTCString()
    if (validation.ofSchema(schema)(date).length === 0) return date
  }
  const { value } = sampler.sample(schema, { ...options, base: example })
  const text = Array.isArray(value) ? value.map(inHeader).join(',') : inHeader(value)
  // Clients give up on long header sections.
  return text.length > MAX_HEADER_LENGTH ? undefined : text.replace(/[^\t\x20-\x7e]/g, '')
}

/** The form of the entity tags that a header describes; undefined where none of them fits. */
function tagForm(validation: Validation, schema: Schema, example: unknown): string | undefined {
  const isValid = validation.ofSchema(schema)
  const isLike = (form: string) =>
    typeof example !== 'string' || form.charAt(0) === (/^(?:W\/)?"/.exec(example)?.[0].charAt(0) ?? '0')
  return TAG_FORMS.find((form) => isLike(form) && isValid(form).length === 0)
}

/** Objects have no text of their own here: what they hold may be called `toString`. */
const inHeader = (value: unknown): string =>
  value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value)
