// The journal as this page keeps it: the latest part first, then only what is new, and older parts as people scroll to them.

import type { JournalLine, JournalPage } from '../../../src/control/wire.js'
import type { Api } from '../api.js'

export interface Log {
  /** The latest first. */
  readonly lines: readonly JournalLine[]
  /** How many are kept, whatever is asked for. */
  readonly kept: number
  /** Where older ones begin; null where there are none. */
  readonly next: number | null
}

/** What narrows the log, by the parameters of its query. */
export type LogFilter = Readonly<Record<string, string>>

const PAGE = 200

export async function readLog(api: Api, filter: LogFilter, was?: Log): Promise<Log> {
  const latest = was?.lines[0]?.number
  const since = latest === undefined ? { limit: PAGE } : { after: latest }
  const page = await api.get<JournalPage>('/log', { ...filter, ...since })
  const lines = page.lines.toReversed()
  const kept = keptIn(page)
  // There was more in between than one page has: what is known begins anew.
  if (was === undefined || latest === undefined || page.next !== null) return { lines, kept, next: page.next }
  const oldest = page.oldest ?? Number.POSITIVE_INFINITY
  const known = was.lines.filter(({ number }) => number >= oldest)
  const next = was.next !== null && was.next > oldest ? was.next : null
  return { lines: [...lines, ...known], kept, next }
}

/** What is older than what is known. */
export async function readOlder(api: Api, filter: LogFilter, before: number): Promise<Log> {
  const page = await api.get<JournalPage>('/log', { ...filter, before, limit: PAGE })
  return { lines: page.lines.toReversed(), kept: keptIn(page), next: page.next }
}

const keptIn = ({ oldest, latest }: JournalPage): number =>
  oldest === null || latest === null ? 0 : latest - oldest + 1

export type Outcome = 'good' | 'refused' | 'failed'

export const outcomeOf = (status: number): Outcome =>
  status === 0 || status >= 500 ? 'failed' : status >= 400 ? 'refused' : 'good'
