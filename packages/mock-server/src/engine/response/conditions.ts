// Conditional requests (RFC 9110, section 13): entity tags and times of change, and what a request makes of them.

import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What tells one state of a thing from another. */
export interface Validators {
  /** As the `ETag` field has it. */
  readonly etag: string
  /** When the thing changed last, in milliseconds since the epoch. */
  readonly modifiedAt?: number | undefined
  /** Further texts that clients may have as its version, such as a member of the body. */
  readonly versions?: readonly string[] | undefined
}

/** What stands for the digest in the form that a document gives its entity tags. */
export const TAG_PLACEHOLDER = '0'.repeat(32)

/** The forms that documents give `ETag`: as RFC 9110 has it, weak, and without quotes. */
export const TAG_FORMS: readonly string[] = [
  `"${TAG_PLACEHOLDER}"`,
  `W/"${TAG_PLACEHOLDER}"`,
  TAG_PLACEHOLDER,
]

const digestOf = (bytes: string | Buffer): string =>
  hash('sha1', bytes, 'hex').slice(0, TAG_PLACEHOLDER.length)

/** The entity tag of bytes. @param form what the document has: one with a placeholder, or a fixed one. */
export function entityTag(bytes: string | Buffer, form?: string): string {
  if (form === undefined) return `"${digestOf(bytes)}"`
  return form.includes(TAG_PLACEHOLDER) ? form.replace(TAG_PLACEHOLDER, digestOf(bytes)) : form
}

let lastSecond = -1
let lastText = ''

/** A time as header fields have it. */
export function httpDate(at: number): string {
  const second = Math.floor(at / 1_000)
  if (second !== lastSecond) {
    lastText = new Date(at).toUTCString()
    lastSecond = second
  }
  return lastText
}

/** Each content coding has a tag of its own (RFC 9110, section 8.8.3.3). */
export const codedTag = (etag: string, coding: string): string =>
  etag.endsWith('"') ? `${etag.slice(0, -1)}-${coding}"` : `${etag}-${coding}`

const CODED = /-(?:br|gzip|deflate)(?="?$)/
const TAGS = /(?:W\/)?"[^"]*"|[^\s,"]+/g
const opaque = (tag: string): string => tag.replace(/^W\//, '').replace(CODED, '').replace(/^"|"$/g, '')

function matches(field: string, { etag, versions = [] }: Validators, isStrong: boolean): boolean {
  if (field.trim() === '*') return true
  const own = opaque(etag)
  // A document whose tags are weak, or without quotes, means them to be compared all the same.
  const isComparable = (tag: string) => !isStrong || !tag.startsWith('W/') || etag.startsWith('W/')
  return (field.match(TAGS) ?? []).some(
    (tag) => versions.includes(opaque(tag)) || (isComparable(tag) && opaque(tag) === own),
  )
}

/** Seconds, as dates in header fields have them; NaN for a text that is none. */
const secondsOf = (field: string): number => Math.floor(Date.parse(field) / 1_000)
const isNewerThan = (field: string, modifiedAt: number): boolean =>
  Math.floor(modifiedAt / 1_000) > secondsOf(field)

export const hasPrecondition = (headers: IncomingHttpHeaders): boolean =>
  headers['if-match'] !== undefined ||
  headers['if-none-match'] !== undefined ||
  headers['if-unmodified-since'] !== undefined

/** Whether what a request that reads comes to depends on the state. */
export const isConditional = (headers: IncomingHttpHeaders): boolean =>
  hasPrecondition(headers) || headers['if-modified-since'] !== undefined

/** Whether a request says which state of a thing it is about. */
export const namesItsState = (headers: IncomingHttpHeaders): boolean =>
  headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined

/** Whether a request is about another state than the one that there is. */
function isOutdated(headers: IncomingHttpHeaders, current: Validators | undefined): boolean {
  const { 'if-match': match, 'if-unmodified-since': since } = headers
  if (match !== undefined) return current === undefined || !matches(match, current, true)
  const modifiedAt = current?.modifiedAt
  return since !== undefined && modifiedAt !== undefined && isNewerThan(since, modifiedAt)
}

/** Whether a client that reads has this state already. */
function isKnown(
  { 'if-modified-since': since }: IncomingHttpHeaders,
  modifiedAt: number | undefined,
): boolean {
  return since !== undefined && modifiedAt !== undefined && modifiedAt / 1_000 < secondsOf(since) + 1
}

/**
 * What the conditions of a request come to, in the order of RFC 9110, section 13.2.2.
 *
 * @param current undefined when there is no such thing.
 */
export function evaluate(
  method: string,
  headers: IncomingHttpHeaders,
  current: Validators | undefined,
): 'met' | 'not modified' | 'failed' {
  if (isOutdated(headers, current)) return 'failed'
  const isReading = method === 'GET' || method === 'HEAD'
  const noneMatch = headers['if-none-match']
  if (noneMatch === undefined)
    return isReading && isKnown(headers, current?.modifiedAt) ? 'not modified' : 'met'
  if (current === undefined || !matches(noneMatch, current, false)) return 'met'
  return isReading ? 'not modified' : 'failed'
}

/** Whether a range is wanted of this very state (RFC 9110, section 13.1.5). */
export function wantsRangeOf(ifRange: string | undefined, { etag, modifiedAt }: Validators): boolean {
  if (ifRange === undefined) return true
  if (/^(W\/)?"/.test(ifRange)) return ifRange === etag && !etag.startsWith('W/')
  return modifiedAt !== undefined && !isNewerThan(ifRange, modifiedAt)
}
