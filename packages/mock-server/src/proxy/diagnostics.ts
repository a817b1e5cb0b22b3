// What does not fit the document, in the form that Prism gives it: one object for each violation, and the `sl-violations`
// header that carries them.

import type { Violation } from '../engine/request/violations.js'
import type { SchemaError } from '../engine/schema/validation.js'

/** One violation, as the header and the bodies of errors show it. */
export interface Diagnostic {
  /** `['response', 'body', 'items', '0']`. */
  readonly location: readonly string[]
  readonly severity: 'Error' | 'Warning'
  /** The keyword of JSON Schema, or a status. */
  readonly code?: string | number | undefined
  readonly message: string
}

export const VIOLATIONS_HEADER = 'sl-violations'

/** Clients and proxies refuse header sections that are much longer than 8 KiB. */
const MAX_HEADER_LENGTH = 8 * 1024 - 100

export function violationsHeader(diagnostics: readonly Diagnostic[]): string {
  const text = JSON.stringify(diagnostics).replace(/[^\x20-\x7e]/g, escaped)
  return text.length > MAX_HEADER_LENGTH ? `Too many violations! ${text.slice(0, MAX_HEADER_LENGTH)}` : text
}

/** A letter that header fields cannot have, as JSON escapes it. */
const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** One violation in a line: `response.body.title must be string`. */
export const lineOf = ({ location, message }: Diagnostic): string => `${location.join('.')}: ${message}`

/** What is wrong with a request. */
export function ofRequest(violation: Violation): Diagnostic {
  const { in: place, location, keyword, member, message } = violation
  if (place === 'body' && location === '' && keyword === 'required' && member === undefined)
    return {
      location: ['request'],
      severity: 'Error',
      code: 'required',
      message: 'Body parameter is required',
    }
  const isMissing = place !== 'body' && keyword === 'required'
  const name = place === 'header' ? location.toLowerCase() : location
  const path = place === 'body' ? segmentsOf(location) : isMissing ? [] : [name]
  const wrong = keyword === undefined ? message : wordsFor(keyword, isMissing ? name : member, message)
  return {
    location: ['request', place, ...path],
    severity: 'Error',
    code: keyword,
    message: sentence('Request', place, path, wrong),
  }
}

/** What is wrong with a part of an answer. @param path where the value stands that was validated. */
export function ofResponse(
  place: 'body' | 'header',
  path: readonly string[],
  { instancePath, keyword, params, message = `does not fit ${keyword}` }: SchemaError,
): Diagnostic {
  const whole = [...path, ...segmentsOf(instancePath)]
  const { allowedValues, additionalProperty, unevaluatedProperty } = params
  const details = [
    Array.isArray(allowedValues) ? `: ${allowedValues.join(', ')}` : '',
    additionalProperty === undefined ? '' : `; found '${additionalProperty}'`,
    unevaluatedProperty === undefined ? '' : `: '${unevaluatedProperty}'`,
  ]
  const text = sentence('Response', place, whole, message + details.join(''))
  return { location: ['response', place, ...whole], severity: 'Error', code: keyword, message: text }
}

function wordsFor(keyword: string, member: string | undefined, message: string): string {
  if (member === undefined) return message
  if (keyword === 'required') return `must have required property '${member}'`
  if (keyword === 'additionalProperties') return `must NOT have additional properties; found '${member}'`
  return keyword === 'unevaluatedProperties' ? `must NOT have unevaluated properties: '${member}'` : message
}

function sentence(side: string, place: string, path: readonly string[], wrong: string): string {
  const kind = place === 'body' ? 'property' : 'parameter'
  return path.length === 0
    ? `${side} ${place} ${wrong}`
    : `${side} ${place} ${kind} ${path.join('.')} ${wrong}`
}

const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
