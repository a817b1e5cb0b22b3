// What requests are counted in: a period of the calendar for one key or project, and its name in a database.

import { createHash } from 'node:crypto'

export type Period = 'second' | 'day' | 'month'

/** One stretch of the calendar, in UTC, for one key or project. */
export interface Window {
  readonly period: Period
  /** The id of the key or project whose requests are counted. */
  readonly subject: string
  /** Milliseconds since the epoch, inclusive. */
  readonly startsAt: number
  /** Milliseconds since the epoch, exclusive. */
  readonly endsAt: number
}

/** A name for a window in a database, at most 80 characters, such as `month:2026-11:42`. */
export function nameOf(window: Window, stretch: string): string {
  const { period, subject } = window
  const isShort = subject.length <= 48
  return `${period}:${stretch}:${isShort ? subject : createHash('sha256').update(subject).digest('base64url')}`
}
