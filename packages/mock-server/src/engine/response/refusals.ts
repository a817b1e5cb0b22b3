// Error answers in the API's own words: in the schema that the operation documents for the status, else in that of the
// document's other errors, else in the standard shape.

import type { ApiDocument } from '../document/document.js'
import type { Operation } from '../document/operation.js'
import { isXmlType } from '../request/media-types.js'
import { phraseOf, type Violation } from '../request/violations.js'
import type { Sampler } from '../sampling/sampler.js'
import type { Schemas } from '../schema/schemas.js'
import type { Validation } from '../schema/validation.js'
import type { Xml } from '../xml/xml.js'
import { type Answer, concreteType, standardError } from './answers.js'
import { createErrorFiller, type FillError } from './error-bodies.js'
import type { ErrorFacts } from './error-facts.js'
import { createErrorSchemas, type ErrorSchema, type ErrorSchemas, isStructured } from './error-schemas.js'
import { type ErrorNode, nameOfPlacedErrors } from './error-shapes.js'
import { type ErrorKind, kindOfStatus } from './error-words.js'

export interface Refusal {
  readonly status: number
  readonly message: string
  /** Default: what the status says. */
  readonly kind?: ErrorKind | undefined
  /** What went wrong, for programs: for a member that is called so. */
  readonly code?: string | undefined
  /** More about it, likewise. */
  readonly details?: object | undefined
  readonly violations?: readonly Violation[] | undefined
  readonly headers?: Answer['headers'] | undefined
  readonly retryAfterSeconds?: number | undefined
  /** Whether it is for want of any credential. */
  readonly isAnonymous?: boolean | undefined
  /** Whether it is because the thing that the request is about is not there. */
  readonly isMissing?: boolean | undefined
  /** Whether it is because the id of what is to be made is taken. */
  readonly isTaken?: boolean | undefined
  /** Whether the document's own words for this status say as much as `message`. */
  readonly isCommonplace?: boolean | undefined
}

/** What of a request its error may depend on. */
export interface RefusedRequest {
  readonly accept?: string | undefined
  readonly path?: string | undefined
}

export interface Refusals {
  /** The answer for a refused request. */
  answer(operation: Operation | undefined, refusal: Refusal, request?: RefusedRequest): Answer
  /** A refusal in one line, for people. */
  describe(refusal: Refusal): string
  /** The status for a request that does not fit its description. */
  invalidStatus(operation: Operation, isMalformed: boolean): number
}

export interface RefusalsParts {
  readonly document: ApiDocument
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
  readonly xml: Xml
}

export function createRefusals(parts: RefusalsParts): Refusals {
  const errors = createErrorSchemas(parts.document, parts.schemas)
  const body = createBodies(parts, errors)
  return {
    answer(operation, refusal, { accept, path } = {}) {
      const { status, retryAfterSeconds } = refusal
      const facts = factsOf(refusal, path)
      const headers = {
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
        ...refusal.headers,
      }
      const own = body(operation, facts, accept) ?? { body: standardBody(facts), mediaType: undefined }
      return { status, headers, ...own, source: 'error' }
    },

    describe: ({ message, violations }) => withViolations(message, violations),

    invalidStatus(operation, isMalformed) {
      const hint = operation.extension('x-mock-validation-status')
      if (typeof hint === 'number') return hint
      const described = new Map(operation.responses().map((one) => [one.status, one.description]))
      const documented = (isMalformed ? [400, 422] : [422, 400]).filter((one) => described.has(String(one)))
      // Where both are, one of them may be about something else: 422 for too many requests (OpenFGA).
      const told = documented.filter((one) => INVALID.test(described.get(String(one)) ?? ''))
      return (told.length === 1 ? told : documented)[0] ?? errors.usualInvalidStatus()
    },
  }
}

/** How descriptions say that a status is for requests that are wrong in themselves. */
const INVALID = /\b(?:in)?valid(?:ation|ity)?\b|\bmalformed\b|\bunprocessable\b|\bmissing\b|\bincorrect\b/i

function factsOf(refusal: Refusal, path: string | undefined): ErrorFacts {
  const { status, message, violations = [], retryAfterSeconds } = refusal
  return {
    kind: refusal.kind ?? kindOfStatus(status),
    status,
    message: withViolations(message, violations),
    code: refusal.code,
    details: refusal.details,
    violations,
    retryAfterSeconds,
    path,
    isCommonplace: refusal.isCommonplace ?? false,
    isSpecific: false,
    isOwn: false,
    model: undefined,
  }
}

type Body = Pick<Answer, 'body' | 'mediaType' | 'encoded'>

/** Writes bodies in the schemas of a document; undefined where none can say what went wrong. */
function createBodies({ validation, sampler, xml }: RefusalsParts, errors: ErrorSchemas) {
  const fill = createErrorFiller(validation)

  /** The body in a schema, completed and valid; undefined when there is none. */
  const inSchema = (error: ErrorSchema, facts: ErrorFacts): Body | undefined => {
    const { schema, mediaType, shape, isSpecific, model } = error
    if (!isStructured(mediaType))
      return { body: facts.message, mediaType: concreteType(mediaType, facts.message) }
    // Where a list of violations makes a body invalid, the text alone may do.
    const attempts = facts.violations.length === 0 ? [facts] : [facts, { ...facts, violations: [] }]
    for (const attempt of attempts) {
      const base = fill(shape, { ...attempt, isSpecific, model })?.value
      const { value, errors: faults } = sampler.sample(schema, { seed: facts.kind, base, requiredOnly: true })
      if (faults.length > 0) continue
      const answer = { body: value, mediaType: concreteType(mediaType, value) }
      return isXmlType(mediaType) ? { ...answer, encoded: xml.write(value, schema) } : answer
    }
    return undefined
  }

  /** The body in the schema that says it best, of those that other errors of the document have. */
  const inOthers = (operation: Operation | undefined, facts: ErrorFacts): Body | undefined => {
    for (const group of errors.elsewhere(operation, facts.status)) {
      const chosen = mostTelling(fill, group, facts)
      if (chosen === undefined) continue
      const name = facts.violations.length === 0 ? nameOfPlacedErrors(chosen.shape) : undefined
      if (name !== undefined) return { body: { [name]: facts.message } }
      const body = inSchema(chosen, facts)
      if (body !== undefined) return body
    }
    return undefined
  }

  /** A schema that leaves everything open lets errors look as they do elsewhere, or as they do where nothing is documented. */
  const inOpen = (
    { shape, schema, mediaType }: ErrorSchema,
    operation: Operation | undefined,
    facts: ErrorFacts,
  ): Body | undefined => {
    if (!isStructured(mediaType)) return undefined
    const plain = isUnsaid(shape) && !isXmlType(mediaType) ? plainBodies(facts, mediaType) : []
    const other = inOthers(operation, facts)
    // Nor is a bare text the way of an API, unless its schema is that of a text.
    const isText = typeof other?.body === 'string' && plain.length > 0
    const candidates = other === undefined || isText ? plain : [other, ...plain]
    return candidates.find(({ body }) => validation.ofSchema(schema)(body).length === 0)
  }

  return (
    operation: Operation | undefined,
    facts: ErrorFacts,
    accept: string | undefined,
  ): Body | undefined => {
    const own = operation && errors.own(operation, facts.status, accept)
    if (own === undefined) return inOthers(operation, facts)
    if (own.eloquence > 0 && !isAnything(own.shape)) return inSchema(own, { ...facts, isOwn: true })
    return inOpen(own, operation, facts) ?? inSchema(own, facts)
  }
}

/** The points of a body that has the reason, and no word that means something else. */
const ENOUGH = 10

/** The schema of a group that says best what went wrong: the most usual one, unless its words are of something else. */
function mostTelling(
  fill: FillError,
  group: Iterable<ErrorSchema>,
  facts: ErrorFacts,
): ErrorSchema | undefined {
  let best: { readonly found: ErrorSchema; readonly points: number } | undefined
  for (const found of group) {
    const { shape, isSpecific, model } = found
    if (found.eloquence < 2 || !isStructured(found.mediaType)) continue
    const points = fill(shape, { ...facts, isSpecific, model })?.points ?? 0
    if (best === undefined || points > best.points) best = { found, points }
    if (points >= ENOUGH) break
  }
  return best?.found
}

const isAnything = (shape: ErrorNode): boolean => shape.kind === 'leaf' && shape.types === undefined

/** Whether a schema names no members of an error. */
const isUnsaid = (shape: ErrorNode): boolean =>
  isAnything(shape) || shape.kind === 'map' || (shape.kind === 'object' && shape.members.length === 0)

/** What says what went wrong where no schema says how. A map of texts, as handlers in Go write it, has room for one. */
const plainBodies = (facts: ErrorFacts, mediaType: string): readonly Body[] =>
  [standardBody(facts), { error: facts.message }].map((body) => ({
    body,
    mediaType: concreteType(mediaType, body),
  }))

const standardBody = ({ status, message, retryAfterSeconds, code, details }: ErrorFacts): object => ({
  ...standardError(status, message),
  ...(retryAfterSeconds === undefined || status !== 429 ? {} : { retry_after_seconds: retryAfterSeconds }),
  ...(code === undefined ? {} : { code }),
  ...(details === undefined ? {} : { details }),
})

const MAX_VIOLATIONS = 50

function withViolations(message: string, violations: readonly Violation[] = []): string {
  if (violations.length === 0) return message
  const more = violations.length > MAX_VIOLATIONS ? [`and ${violations.length - MAX_VIOLATIONS} more`] : []
  return `${message}: ${[...violations.slice(0, MAX_VIOLATIONS).map(phraseOf), ...more].join('; ')}`
}
