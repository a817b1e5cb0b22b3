// The status that a document gives to requests without the right credentials.

import type { Operation } from '../engine/document/operation.js'
import type { Refusal } from '../engine/response/refusals.js'

/** How descriptions of a 403 say that it is about who calls, and not about what the caller may do. */
const ABOUT_CREDENTIALS = /\bauthentication (?:error|failed|failure)\b|\bunauthenticated\b/i

/** An API that answers wrong credentials with 403 documents that, and no 401: Datadog, Xray, Coinbase Commerce. */
export function withDocumentedStatus(refusal: Refusal, operation: Operation): Refusal {
  if (refusal.status !== 401) return refusal
  const responses = operation.responses()
  const forbidden = responses.find(({ status }) => status === '403')
  const isTold = forbidden !== undefined && ABOUT_CREDENTIALS.test(forbidden.description)
  return isTold && !responses.some(({ status }) => status === '401')
    ? { ...refusal, status: 403, kind: 'unauthenticated' }
    : refusal
}
