// What is wrong with a request that does not fit the document, in GoSendAPI's words and with its codes.

import { isObject } from '../json.js'
import type { Fault } from '../request/wrongs.js'
import type { HandlerRefusal } from '../rules/handlers.js'
import type { InvalidRequest } from '../rules.js'
import { type ErrorCode, refuse } from './errors.js'

type Refusal = HandlerRefusal['refusal']

/** What a fault means by the operation and the member it is about: the code, and words for it. */
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
export function invalid({ operationId, status, body, faults }: InvalidRequest): Partial<Refusal> | undefined {
  const [first] = faults
  if (status === 413) return operationId === 'uploadMedia' ? { code: 'MEDIA_TOO_LARGE' } : undefined
  if (status === 415) return { code: 'UNSUPPORTED_MEDIA_TYPE' }
  if (first === undefined) return { status: 400 }
  const fault = faults.find((one) => meaningOf(operationId, one) !== undefined) ?? first
  const meaning = meaningOf(operationId, fault)
  const field = fieldOf(fault)
  const value = fault.in === 'body' ? valueAt(body, fault.location) : fault.sent
  const isShown = fault.member === undefined && isShort(value)
  const details = field === '' ? undefined : { field, ...(isShown ? { value } : {}) }
  const phrases = faults.slice(0, MAX_PHRASES).map((one) => phraseOf(operationId, one))
  const message = `Validation failed: ${[...new Set(phrases)].join('; ')}`
  return meaning === undefined
    ? { status: 400, message, details }
    : refuse(meaning[0], message, details).refusal
}

const MAX_PHRASES = 20

function meaningOf(operationId: string | undefined, fault: Fault): readonly [ErrorCode, string] | undefined {
  if (fault.keyword === 'required') return ['MISSING_REQUIRED_FIELD', 'is required']
  return MEANINGS[`${operationId} ${fieldOf(fault)}`]
}

function phraseOf(operationId: string | undefined, fault: Fault): string {
  const usual = fault.member === undefined ? fault.message : 'is not known here'
  const [, meaning] = meaningOf(operationId, fault) ?? [undefined, usual]
  const field = fieldOf(fault)
  return field === '' ? `the ${fault.in} ${meaning}` : `'${field}' ${meaning}`
}

/** `text.body`, with dots as in the documentation. */
const fieldOf = ({ location, member }: Fault): string =>
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
