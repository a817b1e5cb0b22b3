// Error answers in the API's own words: its error schema where the operation documents one for the status, else the
// standard shape.

import { STATUS_CODES } from 'node:http'
import type { Operation, ResponseSpec } from '../document/operation.js'
import { isObject, normalizeName } from '../json.js'
import { negotiate } from '../request/media-types.js'
import type { Violation } from '../request/violations.js'
import type { Sampler } from '../sampling/sampler.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { possibleTypes, shapeOf } from '../schema/shape.js'
import { type Answer, concreteType, standardError } from './answers.js'

export interface Refusal {
  readonly status: number
  readonly message: string
  /** What went wrong, for programs: for a member that is called so. */
  readonly code?: string | undefined
  /** More about it, likewise. */
  readonly details?: object | undefined
  readonly violations?: readonly Violation[] | undefined
  readonly headers?: Answer['headers'] | undefined
  readonly retryAfterSeconds?: number | undefined
}

export interface Refusals {
  /** The answer for a refused request. */
  answer(operation: Operation | undefined, refusal: Refusal, accept?: string): Answer
  /** A refusal in one line, for people. */
  describe(refusal: Refusal): string
  /** The status for a request that does not fit its description. */
  invalidStatus(operation: Operation, isMalformed: boolean): number
}

/** The response documented for a status: its own, then that of its class, then the default one. */
function responseFor(operation: Operation, status: number): ResponseSpec | undefined {
  const responses = operation.responses()
  const find = (name: string) => responses.find((response) => response.status === name)
  return find(String(status)) ?? find(`${Math.floor(status / 100)}XX`) ?? find('default')
}

export function createRefusals(schemas: Schemas, sampler: Sampler): Refusals {
  const knowledge = (name: string, refusal: Refusal, schema: Schema): unknown => {
    const { status, message, code, details, violations = [], retryAfterSeconds } = refusal
    const types = possibleTypes(schemas, schema)
    const accepts = (type: string) => types === undefined || types.has(type)
    const normalized = normalizeName(name)
    if (normalized === 'retryafterseconds' && accepts('integer')) return retryAfterSeconds
    if (normalized === 'details' && details !== undefined && accepts('object')) return details
    if (code !== undefined && (normalized === 'code' || normalized === 'errorcode') && accepts('string'))
      return code
    const text = TEXTS.get(normalized)?.(status, message)
    if (text !== undefined && accepts('string')) return text
    if (CODES.has(normalized) && accepts('integer')) return status
    if (normalized === 'statuscode' && accepts('string')) return String(status)
    if (FLAGS.has(normalized) && accepts('boolean')) return normalized === 'error'
    if (LISTS.has(normalized) && types?.has('array')) return violationList(violations, schema, message)
    return undefined
  }

  /** One entry per violation; the message itself where there are none. */
  const violationList = (violations: readonly Violation[], schema: Schema, message: string): unknown[] => {
    const [item = true] = shapeOf(schemas, [schema]).items
    const isText = possibleTypes(schemas, item)?.has('string') === true
    const names = [...shapeOf(schemas, [item]).properties.keys()]
    if (violations.length === 0 && isText) return [message]
    const listed = violations.length === 0 ? [{ in: undefined, location: '', message }] : violations
    return listed.slice(0, MAX_VIOLATIONS).map((violation) => {
      if (isText) return phrase(violation)
      const entry: Record<string, unknown> = {}
      for (const name of names) {
        const normalized = normalizeName(name)
        if (PLACES.has(normalized) && violation.location !== '') entry[name] = violation.location
        else if ((normalized === 'in' || normalized === 'location') && violation.in !== undefined)
          entry[name] = violation.in
        else if (TEXTS.has(normalized)) entry[name] = violation.message
      }
      return entry
    })
  }

  const inOwnShape = (schema: Schema, refusal: Refusal, seed: string): unknown => {
    const shape = shapeOf(schemas, [schema])
    for (const { options } of shape.alternatives) {
      const [first] = options
      if (first !== undefined && shape.properties.size === 0) return inOwnShape(first, refusal, seed)
    }
    if (shape.properties.size === 0) return undefined
    const own: Record<string, unknown> = {}
    for (const [name, parts] of shape.properties) {
      const part: Schema = parts.length === 1 ? (parts[0] ?? true) : { allOf: parts }
      const known = knowledge(name, refusal, part)
      if (known !== undefined) own[name] = known
      else if (isObject(part) && possibleTypes(schemas, part)?.has('object')) {
        const inner = ENVELOPES.has(normalizeName(name)) ? inOwnShape(part, refusal, seed) : undefined
        if (inner !== undefined) own[name] = inner
      }
    }
    return own
  }

  return {
    answer(operation, refusal, accept) {
      const { status, message, violations, retryAfterSeconds } = refusal
      const wait = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
      const headers = {
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...wait,
        ...refusal.headers,
      }
      const full = { ...refusal, message: withViolations(message, violations) }
      const standard = {
        ...standardError(status, full.message),
        ...(retryAfterSeconds === undefined || status !== 429
          ? {}
          : { retry_after_seconds: retryAfterSeconds }),
        ...(refusal.code === undefined ? {} : { code: refusal.code }),
        ...(refusal.details === undefined ? {} : { details: refusal.details }),
      }
      const response = operation === undefined ? undefined : responseFor(operation, status)
      const media =
        response === undefined ? undefined : (negotiate(response.content, accept) ?? response.content[0])
      const isJson = media !== undefined && /json|\*\/\*/i.test(media.type)
      if (operation === undefined || media?.schema === undefined || !isJson)
        return { status, headers, body: standard, source: 'error' }
      const schema = schemas.convert(media.schema, 'response')
      const own = inOwnShape(schema, full, operation.id)
      const { value, errors } = sampler.sample(schema, {
        seed: operation.id,
        base: own ?? standard,
        lean: true,
      })
      const mediaType = concreteType(media.type, value)
      return errors.length > 0
        ? { status, headers, body: standard, source: 'error' }
        : { status, headers, body: value, mediaType, source: 'error' }
    },

    describe: ({ message, violations }) => withViolations(message, violations),

    invalidStatus(operation, isMalformed) {
      const documented = new Set(operation.responses().map((response) => response.status))
      const hint = operation.extension('x-mock-validation-status')
      if (typeof hint === 'number') return hint
      const [first, second] = isMalformed ? [400, 422] : [422, 400]
      return documented.has(String(first)) || !documented.has(String(second)) ? first : second
    },
  }
}

const MAX_VIOLATIONS = 50

const phrase = (
  violation: Pick<Violation, 'location' | 'message'> & { readonly in: string | undefined },
): string =>
  `${violation.in}${violation.location === '' ? '' : ` ${violation.location}`} ${violation.message}`

function withViolations(message: string, violations: readonly Violation[] = []): string {
  if (violations.length === 0) return message
  const more = violations.length > MAX_VIOLATIONS ? [`and ${violations.length - MAX_VIOLATIONS} more`] : []
  return `${message}: ${[...violations.slice(0, MAX_VIOLATIONS).map(phrase), ...more].join('; ')}`
}

type Writer = (status: number, message: string) => string
const sayMessage: Writer = (_status, message) => message
const sayName: Writer = (status) => STATUS_CODES[status] ?? 'Error'

/** What the text members of error bodies mean, by their normalised names. */
const TEXTS: ReadonlyMap<string, Writer> = new Map([
  ...[
    'message',
    'msg',
    'detail',
    'errormessage',
    'description',
    'errordescription',
    'reason',
    'developermessage',
    'usermessage',
  ].map((name) => [name, sayMessage] as const),
  ...['error', 'title', 'name'].map((name) => [name, sayName] as const),
])
const CODES = new Set(['statuscode', 'status', 'code', 'httpstatus', 'httpstatuscode', 'errorcode'])
const FLAGS = new Set(['success', 'ok', 'error'])
const LISTS = new Set([
  'errors',
  'details',
  'violations',
  'issues',
  'invalidparams',
  'fielderrors',
  'message',
])
const PLACES = new Set([
  'field',
  'path',
  'param',
  'parameter',
  'name',
  'pointer',
  'property',
  'source',
  'loc',
])
const ENVELOPES = new Set(['error', 'fault', 'meta', 'data'])
