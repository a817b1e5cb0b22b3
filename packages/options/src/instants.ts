// Instants as text, in the form of RFC 3339.

const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * The instant that a text names, or undefined: it must have a date that there is, a time and an offset (RFC 3339, section
 * 5.6). Without its offset a time would mean another instant on every machine. What is finer than a millisecond is cut off.
 */
export function instantOf(text: string): Date | undefined {
  const [, day = '', hour, minute, second, fraction = '', offset = ''] = DATE_TIME.exec(text) ?? []
  if (!isDay(day)) return undefined
  const isLeap = second === '60'
  const time = `${hour}:${minute}:${isLeap ? '59' : second}.${fraction.padEnd(3, '0').slice(0, 3)}`
  const at = Date.parse(`${day}T${time}${offset.toUpperCase()}`)
  const instant = isLeap ? afterLeap(at) : at
  // Its offset may lead out of the years that RFC 3339 can write in UTC.
  return instant >= EARLIEST && instant <= LATEST ? new Date(instant) : undefined
}

const EARLIEST = Date.parse('0000-01-01T00:00:00Z')
const LATEST = Date.parse('9999-12-31T23:59:59.999Z')

/** A leap second is the last of a day in UTC. Unix time has none: it is the first of the next day there. */
function afterLeap(at: number): number {
  const next = Math.floor(at / 1_000) * 1_000 + 1_000
  return next % 86_400_000 === 0 ? next : Number.NaN
}

/** Whether a text is a day of the calendar: `2026-01-31`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  // Some engines take the 30th of February for a day in March.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** What is wrong with a text that is no instant. */
export const NO_INSTANT = 'must be an instant with its offset, such as 2030-06-01T00:00:00Z'
