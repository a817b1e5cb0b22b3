// A request as its operation describes it: parameters and body decoded, and everything that is wrong with them.

import type { Operation, RequestBody } from '../document/operation.js'
import { isObject, setMember } from '../json.js'
import type { MaybeLater } from '../later.js'
import type { Overlaps } from '../sampling/overlaps.js'
import { nearest } from '../schema/alternatives.js'
import type { Schemas } from '../schema/schemas.js'
import type { Validation } from '../schema/validation.js'
import type { BodyDecoder, DecodedBody, UploadedFile } from './bodies.js'
import { bareType } from './media-types.js'
import type { ParameterValues } from './parameter-values.js'
import type { ParameterDecoder, RawParameters } from './parameters.js'
import type { UnreadableBody } from './reading.js'
import { withoutShown } from './shown.js'
import { type Violation, violationOf } from './violations.js'

export interface ReadRequest {
  readonly parameters: ParameterValues
  readonly assumed: ReadonlySet<string>
  /** Undefined when there is none, or when it cannot be read. */
  readonly body: unknown
  /** The media type that the body was sent in. */
  readonly bodyType: string | undefined
  readonly files: readonly UploadedFile[] | undefined
  readonly violations: readonly Violation[]
  /** Why the body cannot be read. */
  readonly unreadable: UnreadableBody | undefined
}

export interface RequestReader {
  read(operation: Operation, raw: RawParameters, bytes: Buffer): MaybeLater<ReadRequest>
}

export function createRequestReader(
  parameters: ParameterDecoder,
  bodies: BodyDecoder,
  schemas: Schemas,
  validation: Validation,
  overlaps: Overlaps,
): RequestReader {
  const violationsOf = (body: DecodedBody, type: string): readonly Violation[] => {
    const { value, schema, comparable } = body
    // A JSON patch is a list (RFC 6902), whatever schema a document gives it.
    const isPatch = type === 'application/json-patch+json' && Array.isArray(value)
    if (!comparable || isPatch) return []
    const isMerge = type === 'application/merge-patch+json'
    const sent = isMerge ? withoutNulls(value) : value
    const found = validation.ofSchema(schema)(sent)
    if (found.length === 0) return NONE
    const errors = overlaps.without(found, schema, sent)
    return nearest(withoutShown(errors, body, schemas)).map((error) => violationOf('body', '', error))
  }

  const withUndescribed = (read: ReadRequest, operation: Operation, raw: RawParameters, bytes: Buffer) => {
    if (bytes.length === 0) return read
    if (takesNoBody(operation)) return { ...read, unreadable: UNEXPECTED }
    // A document may forget a body that its clients send.
    return { ...read, body: bodies.decodeUndescribed(raw.headers, bytes) }
  }

  const withBody = (read: ReadRequest, body: RequestBody, raw: RawParameters, bytes: Buffer) => {
    // A form without fields has no bytes, and is a body all the same.
    if (bytes.length === 0 && !FORM.test(String(raw.headers['content-type'] ?? '')))
      return body.required ? { ...read, violations: [...read.violations, MISSING] } : read
    const decoded = bodies.decode(body, raw.headers, bytes)
    return decoded instanceof Promise
      ? decoded.then((one) => withDecoded(read, one))
      : withDecoded(read, decoded)
  }

  const withDecoded = (read: ReadRequest, decoded: DecodedBody | UnreadableBody): ReadRequest => {
    if ('status' in decoded) return { ...read, unreadable: decoded }
    const { parameters, assumed, bodyType, unreadable } = read
    const { value: body, files, violations: ofSending = [] } = decoded
    const violations = [...read.violations, ...ofSending, ...violationsOf(decoded, bodyType ?? '')]
    return { parameters, assumed, body, bodyType, files, violations, unreadable }
  }

  return {
    read(operation, raw, bytes) {
      const { values, assumed, violations } = parameters.decode(operation, raw)
      const sentType = String(raw.headers['content-type'] ?? '')
      const bodyType = sentType === '' ? undefined : bareType(sentType)
      const read: ReadRequest = {
        parameters: values,
        assumed,
        body: undefined,
        bodyType,
        files: undefined,
        violations,
        unreadable: undefined,
      }
      const body = operation.body()
      return body === undefined
        ? withUndescribed(read, operation, raw, bytes)
        : withBody(read, body, raw, bytes)
    },
  }
}

const UNEXPECTED: UnreadableBody = { status: 415, message: 'A body is not expected here' }
const NONE: readonly Violation[] = []
const MISSING: Violation = { in: 'body', location: '', message: 'is required', keyword: 'required' }

/** Bodies that nobody described are passed over, unless the document says that they are refused. */
const takesNoBody = (operation: Operation): boolean =>
  operation.responses().some(({ status }) => status === '415')

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i

/** In a merge patch (RFC 7396) null is no value: it says what is to be removed. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value
  const kept = {}
  for (const [name, child] of Object.entries(value))
    if (child !== null) setMember(kept, name, withoutNulls(child))
  return kept
}
