// The version of a key as an entity tag, and what `If-Match` demands of it (RFC 9110, section 13.1.1).

import type { ApiKey } from '@gosend/auth-core'
import { ManagementError } from './errors.js'

/** The value of `ETag`. */
export const tagOf = ({ version }: Pick<ApiKey, 'version'>): string => `"${version}"`

/**
 * What a change is to be made with, so that it is refused once the key has another version.
 *
 * @throws ManagementError 412 when no version can match.
 */
export function versionIn(ifMatch: string | undefined, { version }: ApiKey): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined
  const versions = ifMatch.split(',').flatMap((tag) => {
    const [, digits] = /^\s*"([1-9]\d{0,14})"\s*$/.exec(tag) ?? []
    return digits === undefined ? [] : [Number(digits)]
  })
  const [first] = versions
  if (first === undefined) throw new ManagementError({ status: 412, message: NO_MATCH })
  // The core compares it, after it has looked for an earlier call with the same idempotency key.
  return versions.includes(version) ? version : first
}

/** For what looks at no version itself. */
export function refuseOtherVersion(ifMatch: string | undefined, record: ApiKey): void {
  const version = versionIn(ifMatch, record)
  if (version === undefined || version === record.version) return
  throw new ManagementError({ status: 412, message: NO_MATCH })
}

const NO_MATCH = 'If-Match: must be the ETag of the key as you have read it'
