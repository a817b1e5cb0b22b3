// Instants in words.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const units = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' })
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })
const dayOfMonth = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })

/** How far an instant is from now: `3 days ago`, `in 2 hours`, `just now`. */
export function ago(instant: string, now: number): string {
  const distance = Date.parse(instant) - now
  const found = units.find(([, length]) => Math.abs(distance) >= length)
  if (found === undefined) return 'just now'
  const [unit, length] = found
  return relative.format(Math.trunc(distance / length), unit)
}

/** Date, time to the second and time zone. */
export const exactly = (instant: string): string => exact.format(new Date(instant))

export const dateOf = (instant: string): string => day.format(new Date(instant))

/** `Jan 31` for a UTC day, `YYYY-MM-DD`. */
export const shortDay = (utcDay: string): string => dayOfMonth.format(new Date(utcDay))
