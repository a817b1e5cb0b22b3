// From whatever the management API threw to a status and a message. Nothing thrown is shown unless it was made to be.

import { STATUS_CODES } from 'node:http'
import type { ApiKeysError, ApiKeysErrorCode } from '@gosend/auth-core'
import { type ErrorAnswer, unavailable } from '@gosend/auth-core/http'
import { NO_INSTANT } from '@gosend/options'
import type { ValidateError } from './tsoa-runtime.js'

/** A refusal with a message that is meant for the client. */
export class ManagementError extends Error {
  override readonly name = 'ManagementError'
  readonly answer: ErrorAnswer

  constructor(answer: ErrorAnswer) {
    super(answer.message)
    this.answer = answer
  }
}

/** One answer for a key that is not there and for one that is out of reach: they must not differ. */
export const notFound: ErrorAnswer = { status: 404, message: 'Not found' }

export const otherSite: ErrorAnswer = {
  status: 403,
  message: 'This must not be called from another website; allowedOrigins names those that may',
}

const statusOfCode: Readonly<Partial<Record<ApiKeysErrorCode, number>>> = {
  invalid_argument: 400,
  conflict: 409,
  version_mismatch: 412,
  idempotency_conflict: 409,
  key_limit_reached: 409,
}

const conflicts = ['conflict', 'idempotency_conflict', 'key_limit_reached'] as const

// The types of body-parser's errors; its messages quote the body.
const bodyProblems = new Map<unknown, string>([
  ['entity.parse.failed', 'The body is not a JSON object'],
  ['entity.too.large', 'The body is too large'],
  ['charset.unsupported', 'The body must be UTF-8'],
  ['encoding.unsupported', 'The body must not be compressed'],
])

/** By its name, for a host may have put a copy of the core into a bundle. */
const isApiKeysError = (error: unknown): error is ApiKeysError =>
  error instanceof Error && error.name === 'ApiKeysError'

/** The answer to an error. One that nobody foresaw is answered like an outage: it fails closed and shows nothing. */
export function answerToError(error: unknown): ErrorAnswer {
  if (error instanceof ManagementError) return error.answer
  if (isValidateError(error)) return { status: 400, message: describe(error.fields) }
  if (isApiKeysError(error)) {
    if (error.code === 'not_found') return notFound
    const status = statusOfCode[error.code]
    if (status === undefined) return unavailable
    const code = conflicts.find((one) => one === error.code)
    return { status, message: error.message, ...(code !== undefined && { code }) }
  }
  const { status, type } = Object(error) as { status?: unknown; type?: unknown }
  if (typeof status !== 'number' || status < 400 || status > 499) return unavailable
  return { status, message: bodyProblems.get(type) ?? STATUS_CODES[status] ?? 'Bad Request' }
}

// By name, because the class itself is loaded with the routes.
function isValidateError(error: unknown): error is ValidateError {
  return error instanceof Error && error.name === 'ValidateError' && 'fields' in error
}

const MAX_PROBLEMS = 10

function describe(fields: ValidateError['fields']): string {
  return Object.entries(fields)
    .slice(0, MAX_PROBLEMS)
    .map(([path, { message }]) => `${path.replace(/^(?:body|query)\./, '')}: ${plain(message)}`)
    .join('; ')
}

function plain(message: string): string {
  if (message.startsWith(NO_MEMBER)) {
    const attempts = message.slice(NO_MEMBER.length)
    if (attempts.includes(NO_INSTANT)) return `${NO_INSTANT}, or null for never`
    const choices = choicesOf(attempts)
    return choices === undefined ? 'has a wrong type or value' : `must be one of ${choices.join(', ')}`
  }
  return message.includes('excess property') ? 'is not a known field' : message
}

// tsoa quotes its attempts at every member of a union, values included.
const NO_MEMBER = 'Could not match the union against any of the items. Issues: '

/** The members, when all of them are fixed words. */
function choicesOf(attempts: string): string[] | undefined {
  const issues: readonly Record<string, { readonly message: string }>[] = JSON.parse(attempts)
  const words = issues
    .flatMap((issue) => Object.values(issue))
    .map(({ message }) => /^should be one of the following; \['([^']*)'\]$/.exec(message)?.[1])
  return words.every((word) => word !== undefined) ? words : undefined
}
