// What is wrong with a request: where, in words for people, and which keyword of the schema says so.

import type { ParameterPlace } from '../document/operation.js'
import type { SchemaError } from '../schema/validation.js'

/** One thing wrong with a request. */
export interface Violation {
  readonly in: ParameterPlace | 'body'
  /** The parameter's name, or a JSON pointer into the body. */
  readonly location: string
  readonly message: string
  /** The keyword of JSON Schema that it fails; undefined when it is about no schema. */
  readonly keyword?: string | undefined
  /** The member that is missing, or that should not be there, if that is what is wrong. */
  readonly member?: string | undefined
  /** What was sent as the parameter. */
  readonly sent?: unknown
}

/** @param root where the value stands that was validated. */
export function violationOf(place: Violation['in'], root: string, error: SchemaError): Violation {
  const { keyword, params, instancePath } = error
  const member = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty
  return {
    ...{ in: place, location: root + instancePath, message: describe(error), keyword },
    member: typeof member === 'string' ? member : undefined,
  }
}

/** One violation in a line: where, and what. */
export const phraseOf = ({ in: place, location, message }: Violation): string =>
  `${place}${location === '' ? '' : ` ${location}`} ${message}`

/** What is wrong, in words for people. */
export function describe(error: SchemaError): string {
  const { keyword, params, message } = error
  if (keyword === 'required') return `must have the property ${JSON.stringify(params.missingProperty)}`
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    return `must not have the property ${JSON.stringify(params.additionalProperty ?? params.unevaluatedProperty)}`
  }
  if (keyword === 'enum') return `must be one of ${shorten(params.allowedValues)}`
  if (keyword === 'const') return `must be ${shorten(params.allowedValue)}`
  if (keyword === 'type') return `must be ${[params.type].flat().join(' or ')}`
  return message ?? `does not fit ${keyword}`
}

/** What the document allows, by the value of its schema: a request may fail the same list thousands of times. */
const shortened = new WeakMap<object, string>()

function shorten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return cut(value)
  let text = shortened.get(value)
  if (text === undefined) {
    text = cut(value)
    shortened.set(value, text)
  }
  return text
}

function cut(value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
