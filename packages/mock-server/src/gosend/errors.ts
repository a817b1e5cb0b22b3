// GoSendAPI's error codes: the status of each, and the refusal of a request by its code.

import type { HandlerRefusal } from '../rules/handlers.js'

const STATUS_OF = {
  MISSING_REQUIRED_FIELD: 400,
  INVALID_PHONE_NUMBER: 400,
  INVALID_E164: 400,
  INVALID_PHONE_NUMBER_ID: 400,
  INVALID_MESSAGE_TYPE: 400,
  PHONE_NUMBER_NOT_IN_TENANT: 403,
  TEMPLATE_NOT_IN_WABA: 403,
  OUTSIDE_24H_WINDOW: 403,
  WABA_SUSPENDED: 403,
  TEMPLATE_NOT_FOUND: 404,
  IDEMPOTENCY_KEY_CONFLICT: 409,
  IDEMPOTENCY_KEY_IN_USE: 409,
  MEDIA_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TEMPLATE_NOT_APPROVED: 422,
  TEMPLATE_PARAM_MISMATCH: 422,
  MEDIA_DOWNLOAD_FAILED: 422,
  RATE_LIMIT_EXCEEDED: 429,
  PHONE_QUEUE_FULL: 429,
  QUOTA_EXCEEDED: 429,
  META_UPSTREAM_ERROR: 502,
} as const

export type ErrorCode = keyof typeof STATUS_OF

export interface Particulars {
  /** Of the error's `details`: the member at fault, with dots for members of members. */
  readonly field?: string | undefined
  readonly value?: unknown
  readonly limit?: number
  readonly resets_at?: string
}

/** The error with a code. */
export const refuse = (
  code: ErrorCode,
  message: string,
  details?: Particulars,
  retryAfterSeconds?: number,
): HandlerRefusal => ({
  refusal: { status: STATUS_OF[code], code, message, details, retryAfterSeconds },
})

/** An error that its status says enough about. */
export const refuseWith = (status: number, message: string, details?: Particulars): HandlerRefusal => ({
  refusal: { status, message, details },
})
