// A request as its operation describes it: parameters and body decoded, and everything that is wrong with them.

import type { Operation } from '../document/operation.js'
import { isObject, setMember } from '../json.js'
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
  read(operation: Operation, raw: RawParameters, bytes: Buffer): Promise<ReadRequest>
}

export function createRequestReader(
  parameters: ParameterDecoder,
  bodies: BodyDecoder,
  schemas: Schemas,
  validation: Validation,
): RequestReader {
  const violationsOf = (body: DecodedBody, type: string): readonly Violation[] => {
    const { value, schema, comparable } = body
    // A JSON patch is a list (RFC 6902), whatever schema a document gives it.
    const isPatch = type === 'application/json-patch+json' && Array.isArray(value)
    if (!comparable || isPatch) return []
    const isMerge = type === 'application/merge-patch+json'
    const errors = validation.ofSchema(schema)(isMerge ? withoutNulls(value) : value)
    return withoutShown(errors, body, schemas).map((error) => violationOf('body', '', error))
  }

  return {
    async read(operation, raw, bytes) {
      const { values, assumed, violations } = parameters.decode(operation, raw)
      const sentType = String(raw.headers['content-type'] ?? '')
      const bodyType = sentType === '' ? undefined : bareType(sentType)
      const read = {
        parameters: values,
        assumed,
        body: undefined,
        bodyType,
        files: undefined,
        violations,
        unreadable: undefined,
      }
      const description = operation.body()
      if (description === undefined) {
        if (bytes.length === 0) return read
        if (takesNoBody(operation))
          return { ...read, unreadable: { status: 415, message: 'A body is not expected here' } }
        // A document may forget a body that its clients send.
        return { ...read, body: bodies.decodeUndescribed(raw.headers, bytes) }
      }
      // A form without fields has no bytes, and is a body all the same.
      if (bytes.length === 0 && !FORM.test(sentType)) {
        const missing = { in: 'body', location: '', message: 'is required', keyword: 'required' } as const
        return description.required ? { ...read, violations: [...violations, missing] } : read
      }
      const body = await bodies.decode(description, raw.headers, bytes)
      if ('status' in body) return { ...read, unreadable: body }
      const { value, files } = body
      return {
        ...read,
        body: value,
        files,
        violations: [...violations, ...violationsOf(body, bodyType ?? '')],
      }
    },
  }
}

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
