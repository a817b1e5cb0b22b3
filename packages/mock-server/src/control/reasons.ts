// Why a request was refused, in sentences for people: in the log, and for those who search it. Browsers have it too.

import type { JournalLine } from './wire.js'

/** What the reasons of refused credentials begin with. */
export const CREDENTIAL = 'credential: '

export const CREDENTIALS: Readonly<Record<string, string>> = {
  missing: 'There was no credential.',
  malformed: 'This is not a well-formed key: its length, characters or checksum are wrong.',
  unknown: 'No key with this id was ever issued here.',
  mismatch: 'A key has this id, but its secret is different.',
  wrong: 'This is not one of the credentials that the mock was given.',
  revoked: 'The key has been revoked.',
  expired: 'The key has expired, by the clock of the mock.',
  wrong_environment: 'The key is for the other environment.',
  project_inactive: 'The project is suspended: none of its keys work.',
  ip_not_allowed: "The address is not on the key's allowlist.",
  missing_scope: 'The key lacks a scope that this operation needs.',
  unavailable: 'The credential could not be checked.',
}

/** Undefined where the request was not refused. */
export function reasonOf({ reason, status }: Pick<JournalLine, 'reason' | 'status'>): string | undefined {
  if (reason === null) return status === 0 ? 'The connection was ended without an answer.' : undefined
  if (reason === 'fault')
    return status === 0 ? 'A fault ended the connection without an answer.' : 'A fault was asked for.'
  if (!reason.startsWith(CREDENTIAL)) return reason
  return CREDENTIALS[reason.slice(CREDENTIAL.length)] ?? reason
}
