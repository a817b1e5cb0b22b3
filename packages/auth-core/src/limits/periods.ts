// How long a limit's windows are, and where they begin. One table owns the words; nothing else reads them.

import { type Check, OptionError } from '@gosend/options'
import type { Period } from './window.js'

/** `1m`: a whole number of seconds, minutes, hours or days; or a word of the calendar. */
export type Per =
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | `${number}${'s' | 'm' | 'h' | 'd'}`

export interface PeriodRule {
  readonly period: Exclude<Period, 'credits'>
  /** By which clock its windows go: the calendar's, or the time that passes. */
  readonly clock: 'wall' | 'steady'
  /** How long a window is, of those of different lengths the shortest. */
  readonly lengthMs: number
  readonly bounds: (now: number) => readonly [startsAt: number, endsAt: number]
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DAY_MS = UNITS.d
const MAX_DAYS = 366

const words: ReadonlyMap<unknown, PeriodRule> = new Map(
  (
    [
      evenly('second', UNITS.s),
      evenly('minute', UNITS.m),
      evenly('hour', UNITS.h),
      evenly('day', DAY_MS),
      // The epoch was a Thursday, and weeks begin on Mondays.
      evenly('week', 7 * DAY_MS, 4 * DAY_MS),
      { period: 'month', clock: 'wall', lengthMs: 28 * DAY_MS, bounds: everyMonth },
    ] satisfies readonly PeriodRule[]
  ).map((rule) => [rule.period, rule]),
)

/** @throws OptionError when it is no period. */
export function periodOf(value: unknown, path: string): PeriodRule {
  const word = words.get(value)
  if (word !== undefined) return word
  const [, count, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(typeof value === 'string' ? value : '') ?? []
  const lengthMs = Number(count) * (UNITS[unit as keyof typeof UNITS] ?? Number.NaN)
  if (!(lengthMs <= MAX_DAYS * DAY_MS)) {
    const known = [...words.keys()].join(', ')
    throw new OptionError(
      path,
      `must be a time such as 30s, 15m, 12h or 7d, at most ${MAX_DAYS}d, or ${known}`,
    )
  }
  // 60s and 1m are the same windows, which must not be counted twice.
  return (
    [...words.values()].find(
      (rule) => rule.period !== 'week' && rule.lengthMs === lengthMs && rule.period !== 'month',
    ) ?? evenly(nameOfLength(lengthMs), lengthMs)
  )
}

export const per: Check<Per> = (value, path) => {
  periodOf(value, path)
  return value as Per
}

function nameOfLength(lengthMs: number): PeriodRule['period'] {
  const units = Object.entries(UNITS) as readonly (readonly ['s' | 'm' | 'h' | 'd', number])[]
  const [unit, size] = units.findLast(([, ms]) => lengthMs % ms === 0) ?? ['s', UNITS.s]
  return `${lengthMs / size}${unit}`
}

// The epoch began at midnight UTC, and Unix time knows no leap seconds.
function evenly(period: PeriodRule['period'], lengthMs: number, offsetMs = 0): PeriodRule {
  return {
    period,
    // A wall clock that is set must neither lock anyone out nor give anyone more; days are those of the calendar.
    clock: lengthMs < DAY_MS ? 'steady' : 'wall',
    lengthMs,
    bounds(now) {
      const startsAt = Math.floor((now - offsetMs) / lengthMs) * lengthMs + offsetMs
      return [startsAt, startsAt + lengthMs]
    },
  }
}

function everyMonth(now: number) {
  const date = new Date(now)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)] as const
}
