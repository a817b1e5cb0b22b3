// Chooses what an operation answers with when nothing else decides: a documented status, a media type, an example or
// a sample, and the headers that go with it.

import type { MediaType, Operation, ResponseSpec } from '../document/operation.js'
import { isObject, member } from '../json.js'
import { isStructuredType, isXmlType, negotiate, preferredType } from '../request/media-types.js'
import type { Preferences } from '../request/preferences.js'
import type { Sample, SampleOptions, Sampler } from '../sampling/sampler.js'
import { schemaLike } from '../schema/likeness.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import type { SchemaError, Validation } from '../schema/validation.js'
import type { Xml } from '../xml/xml.js'
import type { Answer } from './answers.js'
import { concreteType } from './answers.js'
import { TAG_FORMS } from './conditions.js'
import { headerErrors } from './header-values.js'
import type { MockSource } from './sources.js'

/** The part of the document that an answer must fit. */
export interface Template {
  readonly operation: Operation
  readonly status: number
  readonly response: ResponseSpec | undefined
  readonly media: MediaType | undefined
  readonly schema: Schema
}

/** A sample, and why none of the document's examples could be it. */
export interface DocumentedSample extends Sample {
  readonly contradictions?: readonly SchemaError[]
  readonly source: MockSource
}

/** What an answer is for: just to show one, or to tell that something was stored, or made. */
export type Purpose = 'sample' | 'store' | 'create'

export type Choice =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly status: 404 | 406; readonly message: string }

export interface Responses {
  /** The template of the success, or of the status that a client prefers. */
  choose(
    operation: Operation,
    accept: string | undefined,
    preferences: Preferences,
    purpose?: Purpose,
  ): Choice
  /** The example or sample of a template. */
  sample(template: Template, preferences: Preferences): DocumentedSample
  /** An answer with this body and the template's headers. */
  answer(template: Template, body: unknown, headers?: Answer['headers']): Answer
  /** The same for who knows which headers there are to be: only those that must be there are added. */
  answerOf(template: Template, body: unknown, headers?: Answer['headers']): Answer
  /** What is wrong with a body, held against its template. */
  check(template: Template, body: unknown): readonly SchemaError[]
  /** What is wrong with a header field; nothing where the template says nothing of it. */
  checkHeader(template: Template, name: string, text: string): readonly SchemaError[]
}

const MAX_HEADER_LENGTH = 1_024
const WITHOUT_BODY = new Set([204, 205, 304])
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

export interface ResponsesOptions {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
  readonly xml: Xml
  readonly seed: string
  /** Whether answers are made anew for every request unless a client says otherwise. */
  readonly dynamic: boolean
}

export function createResponses({
  schemas,
  validation,
  sampler,
  xml,
  seed,
  dynamic,
}: ResponsesOptions): Responses {
  const samples = new Map<MediaType, Map<string, DocumentedSample>>()
  const headerSamples = new WeakMap<ResponseSpec, Readonly<Record<string, string>>>()
  const templates = new WeakMap<ResponseSpec, Map<string, Template>>()
  let turn = 0

  const templateOf = (
    operation: Operation,
    status: number,
    response: ResponseSpec | undefined,
    media: MediaType | undefined,
  ): Template => {
    if (response === undefined) return { operation, status, response, media, schema: true }
    const known = templates.get(response) ?? new Map<string, Template>()
    templates.set(response, known)
    const name = `${status} ${media?.type ?? ''}`
    let template = known.get(name)
    if (template === undefined) {
      const shown = shownAlone(media)
      const schema =
        shown === undefined ? schemas.convert(media?.schema ?? true, 'response') : schemaLike(shown)
      template = { operation, status, response, media, schema }
      known.set(name, template)
    }
    return template
  }

  return {
    choose(operation, accept, preferences, purpose = 'sample') {
      const found =
        preferences.code === undefined
          ? successOf(operation, purpose)
          : withStatus(operation, preferences.code)
      if (found === undefined) {
        return preferences.code === undefined
          ? { ok: true, template: templateOf(operation, 200, undefined, undefined) }
          : {
              ok: false,
              status: 404,
              message: `No response is documented for the preferred status ${preferences.code}`,
            }
      }
      const { status, response } = found
      if (response.content.length === 0 || WITHOUT_BODY.has(status)) {
        return { ok: true, template: templateOf(operation, status, response, undefined) }
      }
      const accepted = negotiate(response.content, accept)
      // Servers answer in what they have (RFC 9110, section 12.5.1), unless they say that they refuse.
      const isRefused = accepted === undefined && operation.responses().some((one) => one.status === '406')
      const media = accepted ?? preferredType(response.content)
      if (isRefused || media === undefined) {
        const types = response.content.map(({ type }) => type).join(', ')
        return { ok: false, status: 406, message: `Not acceptable: the available types are ${types}` }
      }
      const { example } = preferences
      if (example !== undefined && !media.examples.some(({ name }) => name === example)) {
        return { ok: false, status: 404, message: `No example is named ${JSON.stringify(example)}` }
      }
      return { ok: true, template: templateOf(operation, status, response, media) }
    },

    sample(template, preferences) {
      const { media, schema, operation, status } = template
      if (media === undefined) return { value: undefined, errors: [], source: 'generated' }
      const isDynamic = preferences.dynamic ?? dynamic
      const isSuccess = status < 400
      if (isDynamic) {
        const sample = sampler.sample(schema, { seed: `${seed}/${turn++}`, examples: false, isSuccess })
        return { ...sample, source: 'generated' }
      }
      const known = samples.get(media) ?? new Map<string, DocumentedSample>()
      samples.set(media, known)
      const name = preferences.example ?? ''
      let sample = known.get(name)
      if (sample === undefined) {
        const options = { seed: `${seed}/${operation.id}/${status}`, isSuccess }
        sample = makeSample(media, schema, options, preferences.example)
        if (known.size < 64) known.set(name, sample)
      }
      return sample
    },

    answer(template, body, headers = {}) {
      const { status, response } = template
      const sampled = response === undefined ? {} : sampledHeaders(response, status)
      return answered(template, body, { ...sampled, ...headers })
    },

    answerOf(template, body, headers = {}) {
      const { status, response } = template
      if (response === undefined) return answered(template, body, headers)
      const optional = new Set(
        response.headers.filter(({ required }) => !required).map(({ name }) => name.toLowerCase()),
      )
      const sampled = Object.entries(sampledHeaders(response, status))
      const needed = Object.fromEntries(sampled.filter(([name]) => !optional.has(name)))
      return answered(template, body, { ...needed, ...headers })
    },

    check({ media, schema }, body) {
      const isText = media === undefined || !isStructuredType(media.type) || isWritten(media, body)
      return isText || shownAlone(media) !== undefined ? [] : validation.ofSchema(schema)(body)
    },

    checkHeader({ response }, name, text) {
      const described = response?.headers.find((one) => one.name.toLowerCase() === name)
      return described?.schema === undefined
        ? []
        : headerErrors(validation, schemas.convert(described.schema, 'response'), text)
    },
  }

  function answered({ status, media, schema }: Template, body: unknown, headers: Answer['headers']): Answer {
    const hasBody = body !== undefined && !WITHOUT_BODY.has(status)
    const mediaType = media === undefined ? undefined : concreteType(media.type, body)
    const answer = { status, headers, body: hasBody ? body : undefined, mediaType }
    const isXml = hasBody && media !== undefined && isXmlType(media.type) && !isWritten(media, body)
    return isXml ? { ...answer, encoded: xml.write(body, schema) } : answer
  }

  function makeSample(
    media: MediaType,
    schema: Schema,
    options: SampleOptions,
    exampleName: string | undefined,
  ): DocumentedSample {
    const { examples } = media
    const preferred = examples.filter(({ name }) => exampleName !== undefined && name === exampleName)
    const [given] = [...preferred, ...examples]
    const isValue = isStructuredType(media.type) || media.type.startsWith('*/*')
    if (given !== undefined && (!isValue || isWritten(media, given.value)))
      return { value: given.value, errors: [], source: 'example' }
    const validate = validation.ofSchema(schema)
    const valid = [...preferred, ...examples].find(({ value }) => validate(value).length === 0)
    const base = valid ?? preferred[0] ?? examples[0]
    const sample = sampler.sample(schema, { ...options, base: base?.value })
    const contradictions = valid === undefined && base !== undefined ? [...validate(base.value)] : []
    const isExample = base !== undefined || shapeOf(schemas, [schema]).examples.length > 0
    return { ...sample, contradictions, source: isExample ? 'example' : 'generated' }
  }

  /** The form of the entity tags that a header describes; undefined where none of them fits. */
  function tagForm(schema: Schema, example: unknown): string | undefined {
    const isValid = validation.ofSchema(schema)
    const isLike = (form: string) =>
      typeof example !== 'string' || form.charAt(0) === (/^(?:W\/)?"/.exec(example)?.[0].charAt(0) ?? '0')
    return TAG_FORMS.find((form) => isLike(form) && isValid(form).length === 0)
  }

  function sampledHeaders(response: ResponseSpec, status: number): Readonly<Record<string, string>> {
    const known = headerSamples.get(response)
    if (known !== undefined) return known
    const headers: Record<string, string> = {}
    for (const { name, schema, example } of response.headers) {
      const lower = name.toLowerCase()
      // A made-up cookie would be sent back for ever; one from the document's example is what its clients wait for.
      if (lower === 'set-cookie' && typeof example !== 'string') continue
      if (NEVER_SAMPLED.has(lower) || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower)) continue
      const converted = schemas.convert(schema ?? { type: 'string' }, 'response')
      const tag = lower === 'etag' ? tagForm(converted, example) : undefined
      if (tag !== undefined) {
        headers.etag = tag
        continue
      }
      const { value } = sampler.sample(converted, { seed: `${seed}/${name}`, base: example })
      const text = Array.isArray(value) ? value.map(inHeader).join(',') : inHeader(value)
      // Clients give up on long header sections.
      if (text.length <= MAX_HEADER_LENGTH) headers[lower] = text.replace(/[^\t\x20-\x7e]/g, '')
    }
    if (status >= 300 && status < 400) headers.location ??= '/'
    headerSamples.set(response, headers)
    return headers
  }
}

/** Whether a value is the XML itself, as examples often spell it. */
const isWritten = ({ type }: MediaType, value: unknown): boolean =>
  isXmlType(type) && (Buffer.isBuffer(value) || (typeof value === 'string' && /^\s*</.test(value)))

/** What a document shows by examples and has no schema for, as tools write it that record answers. */
function shownAlone(media: MediaType | undefined): readonly unknown[] | undefined {
  const values = media?.examples.map(({ value }) => value) ?? []
  const isJson = media !== undefined && isStructuredType(media.type) && !isXmlType(media.type)
  const isAlone = isJson && values.length > 0 && values.every((value) => saysNoMore(media.schema, value))
  return isAlone ? values : undefined
}

/** Whether a schema has no more to say of a value than whether it is an object or a list. */
function saysNoMore(schema: unknown, value: unknown): boolean {
  if (schema === undefined) return true
  const says = isObject(schema) ? Object.keys(schema) : ['$ref']
  const type = Array.isArray(value) ? 'array' : typeof value
  return (
    says.every((name) => ['type', 'title', 'description'].includes(name)) && member(schema, 'type') === type
  )
}

interface Found {
  readonly status: number
  readonly response: ResponseSpec
}

/** The lowest documented success, `201` first for a creation; else the default, a redirect, or what there is. */
function successOf(operation: Operation, purpose: Purpose): Found | undefined {
  const responses = operation.responses()
  const rank = ({ status }: ResponseSpec): number => {
    if (purpose === 'create' && status === '201') return 0
    if (/^2\d\d$/.test(status)) return Number(status)
    if (status === '2XX') return 300
    if (status === 'default') return 400
    if (/^3/.test(status)) return 500
    return /^1/.test(status) ? 700 : 600
  }
  const [best] = [...responses].sort((a, b) => rank(a) - rank(b))
  // An interim status is no answer; errors alone mean that there is no success, and the first one is the answer.
  if (best === undefined || /^1/.test(best.status)) return undefined
  // What was stored has succeeded, whatever the document forgot to say.
  if (purpose !== 'sample' && /^[45]/.test(best.status)) return undefined
  const { status } = best
  const ofClass = status === '3XX' ? 302 : /^[45]XX$/.test(status) ? Number(status.charAt(0)) * 100 : 200
  return { response: best, status: /^\d{3}$/.test(status) ? Number(status) : ofClass }
}

function withStatus(operation: Operation, status: number): Found | undefined {
  const responses = operation.responses()
  const response =
    responses.find((candidate) => candidate.status === String(status)) ??
    responses.find((candidate) => candidate.status === `${Math.floor(status / 100)}XX`) ??
    responses.find((candidate) => candidate.status === 'default')
  return response && { response, status }
}

/** Objects have no text of their own here: what they hold may be called `toString`. */
const inHeader = (value: unknown): string =>
  value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value)
