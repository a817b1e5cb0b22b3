// Instants and lengths of time in words.

import type { Words } from './words.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dayAndTime = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const DISTANCES = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
] as const

/** Formats are dear to make, and pages have one language or two. */
function perLanguage<Format>(make: (language: string) => Format): (language: string) => Format {
  const made = new Map<string, Format>()
  return (language) => {
    const format = made.get(language) ?? make(language)
    made.set(language, format)
    return format
  }
}

const relative = perLanguage((language) => new Intl.RelativeTimeFormat(language, { numeric: 'always' }))
const day = perLanguage((language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }))
const dayOfMonth = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })
const exact = perLanguage(
  (language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long' }),
)
const whole = new Intl.DateTimeFormat('en', {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
})

export const timeOf = (instant: string): string => time.format(new Date(instant))
/** Whether instants lie on several days, so that times of day alone would mislead. */
export const spanDays = (instants: readonly string[]): boolean =>
  new Set(instants.map((instant) => whole.format(new Date(instant)))).size > 1

export const dayOf = (instant: string): string => whole.format(new Date(instant))
export const dayAndTimeOf = (instant: string): string => dayAndTime.format(new Date(instant))
/** Date, time to the second and time zone. */
export const exactly = (instant: string, language = 'en'): string => exact(language).format(new Date(instant))

const UNITS = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['min', MINUTE_MS],
  ['s', 1_000],
] as const

/** `23 h 59 min`, of which only the two largest units count. */
export function lengthOf(milliseconds: number): string {
  const at = Math.max(
    0,
    UNITS.findIndex(([, length]) => Math.abs(milliseconds) >= length),
  )
  let rest = Math.abs(milliseconds)
  const shown = UNITS.slice(rest < 1_000 ? UNITS.length - 1 : at)
    .slice(0, 2)
    .flatMap(([unit, length]) => {
      const count = Math.floor(rest / length)
      rest -= count * length
      return count === 0 ? [] : [`${count} ${unit}`]
    })
  return shown.length === 0 ? '0 s' : shown.join(' ')
}

/** How far an instant is from now: `3 days ago`, `in 2 hours`, `just now`. */
export function ago(instant: string, now: number, words: Pick<Words, 'language' | 'justNow'>): string {
  const distance = Date.parse(instant) - now
  const found = DISTANCES.find(([, length]) => Math.abs(distance) >= length)
  if (found === undefined) return words.justNow
  const [unit, length] = found
  return relative(words.language).format(Math.trunc(distance / length), unit)
}

export const dateOf = (instant: string, language = 'en'): string => day(language).format(new Date(instant))

/** `Jan 31` for a UTC day, `YYYY-MM-DD`. */
export const shortDay = (utcDay: string): string => dayOfMonth.format(new Date(utcDay))

/** How long something took. */
export const tookOf = (milliseconds: number): string =>
  milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : milliseconds < 10_000
      ? `${Math.round(milliseconds)} ms`
      : lengthOf(milliseconds)
