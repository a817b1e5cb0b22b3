// Counts over time as a chart needs them: the same steps for all series, also those in which nothing happened.

import type { OutcomePoint, Usage } from '../api.js'
import type { DashboardTranslate } from '../locale.js'
import { reasonName } from '../reasons.js'

export type Step = 'hour' | 'day' | 'month'

/** So many steps are shown, the last one being now. */
const LENGTHS: Readonly<Record<Step, number>> = { hour: 48, day: 30, month: 12 }

export interface Series {
  readonly id: string
  readonly name: string
  /** The class of its colour. */
  readonly tint: string
  /** One for each step. */
  readonly counts: readonly number[]
  readonly total: number
}

export interface Timeline {
  readonly step: Step
  /** When each step begins. */
  readonly starts: readonly Date[]
  readonly series: readonly Series[]
}

/** When the steps begin that are shown, in UTC as the service counts them. */
export function startsOf(step: Step, now: number): readonly Date[] {
  const at = new Date(now)
  const [year, month, day, hour] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()]
  const back: Readonly<Record<Step, (steps: number) => number>> = {
    hour: (steps) => Date.UTC(year, month, day, hour - steps),
    day: (steps) => Date.UTC(year, month, day - steps),
    month: (steps) => Date.UTC(year, month - steps),
  }
  const length = LENGTHS[step]
  return Array.from({ length }, (_, place) => new Date(back[step](length - 1 - place)))
}

/** The most frequent of what was refused comes last, so that it lies on top. */
export function timelineOf(
  points: readonly OutcomePoint[],
  step: Step,
  now: number,
  t: DashboardTranslate,
): Timeline {
  const starts = startsOf(step, now)
  const places = new Map(starts.map((start, place) => [start.getTime(), place]))
  const counts = new Map<string, number[]>()
  const kinds = new Map<string, OutcomePoint>()
  for (const point of points) {
    const place = places.get(Date.parse(point.at))
    if (place === undefined) continue
    const id = `${point.outcome} ${point.reason ?? ''}`
    const row = counts.get(id) ?? new Array<number>(starts.length).fill(0)
    row[place] = (row[place] ?? 0) + point.count
    counts.set(id, row)
    kinds.set(id, point)
  }
  const series = [...kinds].map(([id, { outcome, reason }]) => {
    const row = counts.get(id) ?? []
    return {
      id,
      name: nameOf(outcome, reason, t),
      tint: tintOf(outcome, reason),
      counts: row,
      total: sum(row),
    }
  })
  return { step, starts, series: series.sort((a, b) => rankOf(a) - rankOf(b) || b.total - a.total) }
}

/** Of accepted requests alone, which every service counts by the day. */
export function usesOf({ days }: Usage, step: 'day' | 'month', now: number, t: DashboardTranslate): Timeline {
  const points = days.map(({ day, count }) => {
    const at = step === 'day' ? day : `${day.slice(0, 7)}-01`
    return { at: `${at}T00:00:00Z`, outcome: 'accepted', reason: null, count } as const
  })
  return timelineOf(points, step, now, t)
}

const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0)

const RANKS = ['accepted', 'limited', 'refused']
const rankOf = ({ id }: { readonly id: string }) => RANKS.indexOf(id.slice(0, id.indexOf(' ')))

const nameOf = (outcome: OutcomePoint['outcome'], reason: string | null, t: DashboardTranslate) =>
  reason === null ? t(`outcome.${outcome}`) : `${t(`outcome.${outcome}`)}: ${reasonName(reason, t)}`

/** A reason keeps its colour, whatever else there is. */
const TINTS = [
  ...['expired', 'revoked', 'disabled', 'mismatch'],
  ...['ip_not_allowed', 'missing_scope', 'wrong_environment', 'project_inactive'],
]

function tintOf(outcome: OutcomePoint['outcome'], reason: string | null): string {
  if (outcome !== 'refused' || reason === null) return outcome
  return TINTS.includes(reason) ? reason.replaceAll('_', '-') : 'refused'
}
