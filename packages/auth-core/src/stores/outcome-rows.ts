// Outcomes and refusals as rows of tables, which SQLite and Postgres have alike.

import type { AddressUse, KeyRefusal, OutcomeCount } from '../outcome-store.js'

// Postgres gives bigint as text, unless the host has told its driver otherwise.
type Integer = number | string

/** Of `key_id, hour, outcome, reason, count`. An accepted request has no reason, which a primary key holds as an empty text. */
export function decodeCount(row: unknown): OutcomeCount {
  const [keyId, hour, outcome, reason, count] = row as readonly [
    keyId: string,
    hour: Integer,
    outcome: OutcomeCount['outcome'],
    reason: string,
    count: Integer,
  ]
  return { keyId, hour: Number(hour), outcome, reason: reason === '' ? null : reason, count: Number(count) }
}

/** Of `key_id, at, outcome, reason, address`. */
export function decodeRefusal(row: unknown): KeyRefusal {
  const [keyId, at, outcome, reason, address] = row as readonly [
    keyId: string,
    at: Integer,
    outcome: KeyRefusal['outcome'],
    reason: string,
    address: string | null,
  ]
  return { keyId, at: Number(at), outcome, reason, address }
}

/** Of `key_id, address, at`. */
export function decodeAddress(row: unknown): AddressUse {
  const [keyId, address, at] = row as readonly [keyId: string, address: string, at: Integer]
  return { keyId, address, at: Number(at) }
}
