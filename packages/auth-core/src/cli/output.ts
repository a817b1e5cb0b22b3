// What people read: aligned columns, and instants to the minute. What comes from the database cannot drive the terminal.

import { type ApiKey, statusOf } from '../api-key.js'
import type { KeyStatus } from '../store.js'

/** Rows with their columns aligned; the last column is as wide as it likes. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const shown = rows.map((row) => row.map(plain))
  const widths = (shown[0] ?? []).map((_, i) => Math.max(...shown.map((row) => (row[i] ?? '').length)))
  return shown
    .map(
      (row) =>
        indent +
        row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd(),
    )
    .join('\n')
}

/** To the minute, in UTC. */
export function moment(date: Date | null): string {
  return date === null ? 'never' : date.toISOString().slice(0, 16).replace('T', ' ')
}

export function statusAt(record: ApiKey, now: number): KeyStatus {
  const ms = (date: Date | null) => date?.getTime() ?? null
  const { revokedAt, disabledAt, expiresAt } = record
  return statusOf({ revokedAt: ms(revokedAt), disabledAt: ms(disabledAt), expiresAt: ms(expiresAt) }, now)
}

export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : nouns}`
}

// Control characters and invisible ones, such as those that reverse the direction of writing.
const UNPRINTABLE = /[\p{Cc}\p{Cf}]/gu

export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(UNPRINTABLE, '?')
}
