// Which part of the journal somebody wants to see, as a query says it: `?status=4xx&operation=createPet&before=170`.

import { BadCommand } from './controls.js'
import type { LineFilter, LineRange } from './journal.js'
import { reasonOf } from './reasons.js'
import type { JournalLine } from './wire.js'

const MAX_LINES = 1_000

/** @throws BadCommand with the name of what cannot be read. */
export function logRangeOf(query: URLSearchParams): LineRange {
  return {
    after: wholeOf(query, 'after') ?? 0,
    before: wholeOf(query, 'before'),
    limit: Math.min(MAX_LINES, Math.max(1, wholeOf(query, 'limit') ?? MAX_LINES)),
    matches: logFilterOf(query),
  }
}

function wholeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new BadCommand(`${name} must be a whole number`)
  return Number(text)
}

const STATUS = /^(ok|none|[1-5]xx|[1-5]\d\d)$/

/** What each parameter asks of a line. */
const FILTERS: Readonly<Record<string, (wanted: string) => LineFilter>> = {
  method: (wanted) => (line) => line.method === wanted.toUpperCase(),
  status(wanted) {
    if (!STATUS.test(wanted)) throw new BadCommand('status must be a status such as 404, or 4xx, ok or none')
    if (wanted === 'none') return ({ status }) => status === 0
    if (wanted === 'ok') return ({ status }) => status > 0 && status < 400
    const beginning = wanted.replace('xx', '')
    return ({ status }) => String(status).startsWith(beginning)
  },
  operation: (wanted) => (line) => line.operationId === wanted,
  key: (wanted) => (line) => line.keyId === wanted,
  environment: (wanted) => (line) => line.environment === wanted,
  // Those of a project, and those that nobody was let in with.
  project: (wanted) => (line) => line.projectId === null || line.projectId === wanted,
  reason: (wanted) => (line) => line.reason?.startsWith(wanted) === true,
  text(wanted) {
    const words = wanted.trim().toLowerCase()
    return (line) => textOf(line).includes(words)
  },
}

/** A parameter that is empty asks for nothing. @throws BadCommand for a status that is none. */
export function logFilterOf(query: URLSearchParams): LineFilter {
  const filters = Object.entries(FILTERS).flatMap(([name, filter]) => {
    const wanted = query.get(name) ?? ''
    return wanted === '' ? [] : [filter(wanted)]
  })
  return (line) => filters.every((matches) => matches(line))
}

function textOf(line: JournalLine): string {
  const { method, path, operationId, status, keyId } = line
  return `${method} ${path} ${operationId} ${reasonOf(line)} ${status} ${keyId}`.toLowerCase()
}
