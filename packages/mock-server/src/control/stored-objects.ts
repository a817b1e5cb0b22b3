// One stored object as people look at it in the dashboard: what it is, whether it can be edited, and the requests that made and
// changed it. What is redacted stays as it is when the rest is edited.

import { isObject, setMember } from '../engine/json.js'
import type { StoredItem } from '../storage/item-pages.js'
import type { Journal } from './journal.js'
import type { Redaction } from './redaction.js'
import { REDACTED } from './secrets.js'
import type { JournalLine, StoredObject } from './wire.js'

export interface StoredObjectOptions {
  readonly redaction: Redaction
  readonly journal: Journal
}

/** @param collection its path, as requests have it from their own beginning or behind a base path. */
export function storedObjectOf(
  { id, body }: StoredItem,
  collection: string,
  { redaction, journal }: StoredObjectOptions,
): StoredObject {
  const value: unknown = JSON.parse(body)
  const shown = redaction.body(value)
  return {
    id,
    value: shown,
    isEditable: withSecrets(shown, value) !== undefined,
    history: historyOf(id, collection, journal),
  }
}

/**
 * What was edited, with what was redacted as it is stored. Undefined where more than that was left out of what people saw, so that
 * an edit would lose it.
 *
 * @param shown what people saw, or made of it.
 */
export function withSecrets(shown: unknown, stored: unknown): { readonly value: unknown } | undefined {
  const seen = restored(shown, stored)
  return JSON.stringify(seen) === JSON.stringify(stored) ? { value: seen } : undefined
}

/** An edited value in which each `[redacted]` is what is stored at its place. */
export function restored(edited: unknown, stored: unknown): unknown {
  if (edited === REDACTED) return stored
  if (Array.isArray(edited)) {
    const own: readonly unknown[] = Array.isArray(stored) ? stored : []
    return edited.map((item, at) => restored(item, own[at]))
  }
  if (!isObject(edited)) return edited
  const own = isObject(stored) ? stored : {}
  const copy = {}
  for (const [name, value] of Object.entries(edited)) setMember(copy, name, restored(value, own[name]))
  return copy
}

const MAX_LINES = 20
/** How many creates are looked into for the one that made it. */
const MAX_CREATES = 200
const READING = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY'])

function historyOf(id: string, collection: string, journal: Journal): readonly JournalLine[] {
  const own = `${collection}/${encodeURIComponent(id)}`
  const isDone = ({ method, status }: JournalLine) => !READING.has(method) && status >= 200 && status < 300
  const pathOf = ({ path }: JournalLine) => path.split('?', 1)[0] ?? ''
  const changes = journal.lines({
    limit: MAX_LINES,
    matches: (line) => isDone(line) && (pathOf(line).endsWith(own) || pathOf(line).includes(`${own}/`)),
  })
  const made = journal
    .lines({ limit: MAX_CREATES, matches: (line) => isDone(line) && pathOf(line).endsWith(collection) })
    .find(({ number }) => namesId(journal.find(number)?.responseBody, id))
  return made === undefined ? changes : [...changes, made]
}

/** Whether an answer has an id as a value anywhere. */
function namesId(value: unknown, id: string): boolean {
  if (typeof value === 'string' || typeof value === 'number') return String(value) === id
  return typeof value === 'object' && value !== null && Object.values(value).some((one) => namesId(one, id))
}
