// What requests are counted in: a stretch of time for one key, project or owner, and its name in a database.

import { createHash } from 'node:crypto'

/** How long a window is: a word of the calendar, or a number of seconds, minutes, hours or days. Credits have no end. */
export type Period =
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'credits'
  | `${number}${'s' | 'm' | 'h' | 'd'}`

/** One stretch of time, in UTC, for one key, project or owner. */
export interface Window {
  readonly period: Period
  /** Whose requests are counted: the id of a key or project, or a name for more than one. */
  readonly subject: string
  /** Milliseconds since the epoch, inclusive. */
  readonly startsAt: number
  /** Milliseconds since the epoch, exclusive; infinite for credits. */
  readonly endsAt: number
}

/** A name for a window in a database, at most 80 characters, such as `month:2026-11:42`. */
export function nameOf(window: Window, stretch: string): string {
  const { period, subject } = window
  const isShort = subject.length <= 48
  return `${period}:${stretch}:${isShort ? subject : createHash('sha256').update(subject).digest('base64url')}`
}

// What is enough of an instant to tell the windows of a period apart.
const dateLengths: Partial<Readonly<Record<Period, number>>> = { day: 10, week: 10, month: 7 }

/** The name of a window among those of its period, by the instant at which it starts. */
export function stretchOf({ period, startsAt }: Window): string {
  return period === 'credits' ? '' : new Date(startsAt).toISOString().slice(0, dateLengths[period] ?? 19)
}
