// Instants in words, by the mock's clock.

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dayAndTime = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' })
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
export const exactly = (instant: string): string => exact.format(new Date(instant))

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
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

/** How long something took. */
export const tookOf = (milliseconds: number): string =>
  milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : milliseconds < 10_000
      ? `${Math.round(milliseconds)} ms`
      : lengthOf(milliseconds)
