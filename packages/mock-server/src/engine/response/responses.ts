// Chooses what an operation answers with when nothing else decides: a documented status, a media type, an example or
// a sample, and the headers that go with it.

import type { MediaType, Operation, ResponseSpec } from '../document/operation.js'
import { isMultipart } from '../multipart/descriptions.js'
import type { MultipartWriter } from '../multipart/writing.js'
import { isStructuredType, isXmlType, negotiate, preferredType } from '../request/media-types.js'
import type { Preferences } from '../request/preferences.js'
import { schemaLike } from '../schema/likeness.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import type { SchemaError } from '../schema/validation.js'
import type { Xml } from '../xml/xml.js'
import { type Answer, concreteType, JSON_TYPE } from './answers.js'
import {
  createBodySamples,
  type DocumentedSample,
  isWritten,
  type SampleParts,
  shownAlone,
} from './body-samples.js'
import { chosenResponse, type Purpose } from './documented-responses.js'
import { createHeaderSamples } from './header-samples.js'
import { headerErrors } from './header-values.js'

/** The part of the document that an answer must fit. */
export interface Template {
  readonly operation: Operation
  readonly status: number
  readonly response: ResponseSpec | undefined
  readonly media: MediaType | undefined
  readonly schema: Schema
}

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

const WITHOUT_BODY = new Set([204, 205, 304])

export interface ResponsesOptions extends SampleParts {
  readonly xml: Xml
  readonly multipart: MultipartWriter
  /** Whether answers are made anew for every request unless a client says otherwise. */
  readonly dynamic: boolean
}

export function createResponses(options: ResponsesOptions): Responses {
  const { schemas, validation, xml, multipart } = options
  const bodies = createBodySamples(options)
  const open = new WeakMap<MediaType, boolean>()

  /** Whether the document says nothing that a body could be held against. */
  const takesAny = (media: MediaType): boolean => {
    const known = open.get(media)
    if (known !== undefined) return known
    const is = !isStructuredType(media.type) || shownAlone(media) !== undefined
    open.set(media, is)
    return is
  }
  const headersOf = createHeaderSamples(options)

  const answered = (
    { status, media, schema }: Template,
    body: unknown,
    headers: Answer['headers'],
  ): Answer => {
    const hasBody = body !== undefined && !WITHOUT_BODY.has(status)
    const mediaType = media === undefined ? undefined : concreteType(media.type, body)
    const answer = { status, headers, body: hasBody ? body : undefined, encoded: undefined, mediaType }
    const isPlain = media === undefined || mediaType === JSON_TYPE
    if (!hasBody || isPlain || Buffer.isBuffer(body)) return answer
    if (isMultipart(media.type)) {
      const { type, bytes } = multipart.write(body, schema, media)
      return { ...answer, mediaType: type, encoded: bytes }
    }
    const isXml = isXmlType(media.type) && !isWritten(media, body)
    return isXml ? { ...answer, encoded: xml.write(body, schema) } : answer
  }

  return {
    choose: createChoosing(createTemplates(schemas)),

    sample(template, { dynamic = options.dynamic, example }) {
      const { media } = template
      if (media === undefined) return { value: undefined, errors: [], source: 'generated' }
      return dynamic ? bodies.generated(template) : bodies.documented(media, template, example)
    },

    answer(template, body, headers = {}) {
      const { status, response } = template
      const sampled = response === undefined ? {} : headersOf(response, status)
      const isNone = Object.keys(sampled).length === 0
      return answered(template, body, isNone ? headers : { ...sampled, ...headers })
    },

    answerOf(template, body, headers = {}) {
      const { status, response } = template
      if (response === undefined) return answered(template, body, headers)
      const optional = new Set(
        response.headers.filter(({ required }) => !required).map(({ name }) => name.toLowerCase()),
      )
      const sampled = Object.entries(headersOf(response, status))
      const needed = Object.fromEntries(sampled.filter(([name]) => !optional.has(name)))
      return answered(template, body, { ...needed, ...headers })
    },

    check({ media, schema }, body) {
      const isAny = media === undefined || takesAny(media) || isWritten(media, body)
      return isAny ? [] : validation.ofSchema(schema)(body)
    },

    checkHeader({ response }, name, text) {
      const described = response?.headers.find((one) => one.name.toLowerCase() === name)
      return described?.schema === undefined
        ? []
        : headerErrors(validation, schemas.convert(described.schema, 'response'), text)
    },
  }
}

type MakeTemplate = (
  operation: Operation,
  status: number,
  response?: ResponseSpec,
  media?: MediaType,
) => Template

/** Makes one template for each status and media type of a response. */
function createTemplates(schemas: Schemas): MakeTemplate {
  const templates = new WeakMap<ResponseSpec, Template[]>()
  return (operation, status, response, media) => {
    if (response === undefined) return { operation, status, response, media, schema: true }
    const known = templates.get(response) ?? []
    const same = known.find((one) => one.status === status && one.media?.type === media?.type)
    if (same !== undefined) return same
    const shown = shownAlone(media)
    const schema =
      shown === undefined ? schemas.convert(media?.schema ?? true, 'response') : schemaLike(shown)
    const template = { operation, status, response, media, schema }
    known.push(template)
    templates.set(response, known)
    return template
  }
}

function createChoosing(templateOf: MakeTemplate): Responses['choose'] {
  return (operation, accept, { code, example }, purpose = 'sample') => {
    const found = chosenResponse(operation, code, purpose)
    if (found === undefined)
      return code === undefined
        ? { ok: true, template: templateOf(operation, 200) }
        : { ok: false, status: 404, message: `No response is documented for the preferred status ${code}` }
    const { status, response } = found
    if (response.content.length === 0 || WITHOUT_BODY.has(status))
      return { ok: true, template: templateOf(operation, status, response) }
    const media = mediaFor(operation, response, accept)
    if (media === undefined) {
      const types = response.content.map(({ type }) => type).join(', ')
      return { ok: false, status: 406, message: `Not acceptable: the available types are ${types}` }
    }
    if (example !== undefined && !media.examples.some(({ name }) => name === example))
      return { ok: false, status: 404, message: `No example is named ${JSON.stringify(example)}` }
    return { ok: true, template: templateOf(operation, status, response, media) }
  }
}

/** Undefined where the operation says that it refuses requests for other media types. */
function mediaFor(
  operation: Operation,
  { content }: ResponseSpec,
  accept: string | undefined,
): MediaType | undefined {
  const accepted = negotiate(content, accept)
  // Servers answer in what they have (RFC 9110, section 12.5.1), unless they say that they refuse.
  const refuses = accepted === undefined && operation.responses().some(({ status }) => status === '406')
  return refuses ? undefined : (accepted ?? preferredType(content))
}
