// What steps of time are called: an hour in the reader's time, a day and a month in UTC, in which they are counted.

import type { Step } from './timeline.js'

const FULL: Readonly<Record<Step, Intl.DateTimeFormatOptions>> = {
  hour: { weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' },
  day: { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' },
  month: { month: 'long', year: 'numeric', timeZone: 'UTC' },
}

const SHORT: Readonly<Record<Step, Intl.DateTimeFormatOptions>> = {
  hour: { weekday: 'short', hour: 'numeric' },
  day: { month: 'short', day: 'numeric', timeZone: 'UTC' },
  month: { month: 'short', timeZone: 'UTC' },
}

export const labelsOf = (step: Step, language: string): ((start: Date) => string) =>
  formatter(FULL[step], language)

const formatter = (options: Intl.DateTimeFormatOptions, language: string) => {
  const format = new Intl.DateTimeFormat(language, options)
  return (start: Date) => format.format(start)
}

const LABEL_WIDTH = 72

/** Those that stand below the axis, as many as there is room for, counted from the last. */
export function axisLabels(
  starts: readonly Date[],
  step: Step,
  width: number,
  language: string,
): readonly string[] {
  const every = Math.max(1, Math.ceil((starts.length * LABEL_WIDTH) / Math.max(1, width)))
  const label = formatter(SHORT[step], language)
  return starts.map((start, place) => {
    const isFirst = place === 0 && starts.length % every !== 1 && every > 1
    return (starts.length - 1 - place) % every === 0 && place >= every / 2 && !isFirst ? label(start) : ''
  })
}
