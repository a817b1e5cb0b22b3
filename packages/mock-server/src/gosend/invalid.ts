// What is wrong with a request that does not fit the document, in GoSendAPI's words and with its codes.

import { isObject } from '../engine/json.js'
import type { Violation } from '../engine/request/violations.js'
import type { HandlerRefusal } from '../rules/handlers.js'
import type { InvalidRequest } from '../rules/rules.js'
import { type ErrorCode, refuse } from './errors.js'

type Refusal = HandlerRefusal['refusal']

/** What a violation means by the operation and the member it is about: the code, and words for it. */
const MEANINGS: Readonly<Record<string, readonly [code: ErrorCode, message: string]>> = {
  'sendMessage to': ['INVALID_PHONE_NUMBER', 'must be E164 format'],
  'sendMessage type': ['INVALID_MESSAGE_TYPE', 'must be a message type'],
  'sendMessage phone_number_id': ['INVALID_PHONE_NUMBER_ID', 'is not a number of this project'],
  'uploadMedia phone_number_id': ['INVALID_PHONE_NUMBER_ID', 'is not a number of this project'],
  'uploadMedia type': ['UNSUPPORTED_MEDIA_TYPE', 'is not a type of file that WhatsApp takes'],
  'listMessages to': ['INVALID_E164', 'must be E164 format'],
}

const MAX_SHOWN = 100

/** For the hook of the same name. */
export function invalid({
  operationId,
  status,
  body,
  violations,
}: InvalidRequest): Partial<Refusal> | undefined {
  const [first] = violations
  if (status === 413) return operationId === 'uploadMedia' ? { code: 'MEDIA_TOO_LARGE' } : undefined
  if (status === 415) return { code: 'UNSUPPORTED_MEDIA_TYPE' }
  if (first === undefined) return { status: 400 }
  const violation = violations.find((one) => meaningOf(operationId, one) !== undefined) ?? first
  const meaning = meaningOf(operationId, violation)
  const field = fieldOf(violation)
  const value = violation.in === 'body' ? valueAt(body, violation.location) : violation.sent
  const isShown = violation.member === undefined && isShort(value)
  const details = field === '' ? undefined : { field, ...(isShown ? { value } : {}) }
  const phrases = violations.slice(0, MAX_PHRASES).map((one) => phraseOf(operationId, one))
  const message = `Validation failed: ${[...new Set(phrases)].join('; ')}`
  return meaning === undefined
    ? { status: 400, message, details }
    : refuse(meaning[0], message, details).refusal
}

const MAX_PHRASES = 20

function meaningOf(
  operationId: string | undefined,
  violation: Violation,
): readonly [ErrorCode, string] | undefined {
  if (violation.keyword === 'required') return ['MISSING_REQUIRED_FIELD', 'is required']
  return MEANINGS[`${operationId} ${fieldOf(violation)}`]
}

function phraseOf(operationId: string | undefined, violation: Violation): string {
  const usual = violation.member === undefined ? violation.message : 'is not known here'
  const [, meaning] = meaningOf(operationId, violation) ?? [undefined, usual]
  const field = fieldOf(violation)
  return field === '' ? `the ${violation.in} ${meaning}` : `'${field}' ${meaning}`
}

/** `text.body`, with dots as in the documentation. */
const fieldOf = ({ location, member }: Violation): string =>
  [...location.split('/').filter(Boolean), ...(member === undefined ? [] : [member])].join('.')

const valueAt = (body: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => {
      if (Array.isArray(at)) return at[Number(name)]
      return isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
    }, body)

const isShort = (value: unknown): boolean =>
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= MAX_SHOWN)
