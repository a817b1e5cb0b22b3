// Instants and lengths of time in words.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const DISTANCES = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
] as const

/**
 * The tag in which a reader is used to see dates and numbers: the browser's own variant of the page's language, such as `en-GB` for
 * `en`. A tag with a region of its own stays as it is.
 */
export function readersOwn(language: string): string {
  const own = globalThis.navigator?.languages?.find((tag) => tag.startsWith(`${language}-`))
  return own ?? language
}

/** Formats are dear to make, and pages have one language or two. */
/* @__NO_SIDE_EFFECTS__ */
function perLanguage<Format>(make: (language: string) => Format): (language?: string) => Format {
  const made = new Map<string, Format>()
  return (language = readersOwn('en')) => {
    const format = made.get(language) ?? make(language)
    made.set(language, format)
    return format
  }
}

// Scripts that use none of these dates leave them out.
/* @__NO_SIDE_EFFECTS__ */
const dates = (options: Intl.DateTimeFormatOptions) => {
  const format = perLanguage((language) => new Intl.DateTimeFormat(language, options))
  return (instant: string, language?: string): string => format(language).format(new Date(instant))
}

export const timeOf = dates({ timeStyle: 'medium' })
export const dayAndTimeOf = dates({
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
})
export const dayOf = dates({ weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' })
export const dateOf = dates({ dateStyle: 'medium' })
/** Date, time to the second and time zone. */
export const exactly = dates({ dateStyle: 'medium', timeStyle: 'long' })
/** `Jan 31` for a UTC day, `YYYY-MM-DD`. */
export const shortDay = dates({ month: 'short', day: 'numeric', timeZone: 'UTC' })

/** Whether instants lie on several days, so that times of day alone would mislead. */
export const spanDays = (instants: readonly string[]): boolean =>
  new Set(instants.map((instant) => dayOf(instant))).size > 1

const numbers = perLanguage((language) => new Intl.NumberFormat(language))
export const numberOf = (value: number, language?: string): string => numbers(language).format(value)

const relative = perLanguage((language) => new Intl.RelativeTimeFormat(language, { numeric: 'always' }))

const UNITS = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', 1_000],
] as const

const lengths = perLanguage((language) => {
  const inUnits = UNITS.map(([unit]) => {
    return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' })
  })
  return (count: number, unit: number) => inUnits[unit]?.format(count) ?? ''
})

/** `23 hr 59 min`, of which only the two largest units count. */
export function lengthOf(milliseconds: number, language?: string): string {
  const format = lengths(language)
  let rest = Math.abs(milliseconds)
  const found = UNITS.findIndex(([, length]) => rest >= length)
  const first = found < 0 ? UNITS.length - 1 : found
  const parts: string[] = []
  for (const [at, [, length]] of UNITS.entries()) {
    if (at < first || at > first + 1) continue
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(format(count, at))
  }
  return parts.join(' ') || format(0, UNITS.length - 1)
}

/** How far an instant is from now: `3 days ago`, `in 2 hours`, `just now`. */
export function ago(
  instant: string,
  now: number,
  words: { readonly language: string; readonly justNow: string },
): string {
  const distance = Date.parse(instant) - now
  const found = DISTANCES.find(([, length]) => Math.abs(distance) >= length)
  if (found === undefined) return words.justNow
  const [unit, length] = found
  return relative(words.language).format(Math.trunc(distance / length), unit)
}

/** How long something took. */
export const tookOf = (milliseconds: number): string =>
  milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : milliseconds < 10_000
      ? `${Math.round(milliseconds)} ms`
      : lengthOf(milliseconds)
