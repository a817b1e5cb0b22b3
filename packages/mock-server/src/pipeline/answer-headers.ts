// The header fields of an answer but those about the bytes of its body.

import type { IncomingHttpHeaders } from 'node:http'
import { type Answer, isolationOf } from '../engine/response/answers.js'
import { httpDate } from '../engine/response/conditions.js'
import { SOURCE_HEADER } from '../engine/response/sources.js'
import type { Cors } from '../security/cors.js'
import type { RequestState } from './request-state.js'

export function headersOf(answer: Answer, state: RequestState, cors: Cors): Answer['headers'] {
  const { headers, source, etag, modifiedAt } = answer
  const own: Record<string, string | string[]> = {}
  for (const name in headers) own[name] = headers[name] ?? []
  if (state.headers !== undefined) Object.assign(own, state.headers)
  const isolation = isolationOf(answer, own)
  for (const name in isolation) own[name] = isolation[name] ?? []
  if (state.warning !== undefined) own['mock-violations'] = warningOf(state.warning)
  if (source !== undefined) own[SOURCE_HEADER] = source
  if (etag !== undefined) own.etag = etag
  if (modifiedAt !== undefined) {
    own['last-modified'] = httpDate(modifiedAt)
    // Else caches may take the answer for fresh (RFC 9111, section 4.2.2).
    own['cache-control'] ??= 'no-cache'
  }
  const asked: IncomingHttpHeaders = state.request.headers
  const granted = answer.isOwnPage === true ? {} : cors.headersFor(asked, own)
  // What one key, or one page, may see must not be kept for another.
  const vary = joined(state.fields, own.vary, granted.vary)
  for (const name in granted) own[name] = granted[name] ?? ''
  if (vary !== undefined) own.vary = vary
  return own
}

const joined = (...fields: (string | string[] | undefined)[]): string | undefined => {
  let text: string | undefined
  for (const field of fields)
    if (field !== undefined) text = text === undefined ? String(field) : `${text}, ${field}`
  return text
}

/** As long as clients accept, and in the letters that headers allow. */
const warningOf = (warning: string): string => warning.slice(0, 1_000).replace(/[^\x20-\x7e]/g, '?')
