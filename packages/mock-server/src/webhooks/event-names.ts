// What the names of events say: `order.created`, `newPet` and `pet_deleted` each name a kind of change and a thing, and
// `invoice.paid` a state that a thing has come to.

import { normalizeName } from '../engine/json.js'
import { FINAL_WORD, INITIAL_WORD } from '../state/conventions/life.js'
import { singular, wordsOf } from '../state/conventions/names.js'
import type { ChangeKind, EntityChange } from '../state/entities/entity-changes.js'

const WORDS: Readonly<Record<ChangeKind, string>> = {
  create: 'create created creation creating new add added adding insert inserted make made import imported',
  update: `update updated updating change changed changes modify modified modification edit edited patch patched replace
    replaced save saved`,
  delete:
    'delete deleted deletion deleting remove removed removal destroy destroyed erase erased purge purged',
}

const KINDS: ReadonlyMap<string, ChangeKind> = new Map(
  (Object.entries(WORDS) as [ChangeKind, string][]).flatMap(([kind, words]) =>
    words.split(/\s+/).map((word) => [word, kind] as const),
  ),
)

/** Words that stand for the beginning of some things, and for something that happens to others later. */
const BEGINNINGS = new Set(
  `register registered registration place placed submit submitted receive received issue issued upload uploaded open opened
   book booked start started post posted`.split(/\s+/),
)

export const PAST: Readonly<Record<ChangeKind, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
}

/** What a noun has in common with its plural: `response` and `responses`. */
export const stemOf = (word: string): string => singular(word).replace(/e$/, '')

/** What the name of an event, or a sentence about it, says. */
export interface EventName {
  /** Their stems, in lower case. */
  readonly words: readonly string[]
  readonly kinds: ReadonlySet<ChangeKind>
  /** Words that may name a state. */
  readonly states: readonly string[]
  /** Whether one of its states may be the beginning of a thing. */
  readonly mayBegin: boolean
}

export function readEventName(name: string): EventName {
  const words = wordsOf(name)
  const kinds = new Set(
    words.flatMap((word) => (word === 'upsert' ? ['create', 'update'] : KINDS.get(word)) ?? []),
  )
  const states = words.filter((word) => word.length > 2 && isState(word))
  const mayBegin = kinds.size === 0 && words.some((word) => BEGINNINGS.has(word))
  return { words: words.map(stemOf), kinds: kinds as ReadonlySet<ChangeKind>, states, mayBegin }
}

const isState = (word: string): boolean =>
  !KINDS.has(word) &&
  (BEGINNINGS.has(word) ||
    /ed$/.test(word) ||
    FINAL_WORD.test(word) ||
    (INITIAL_WORD.test(word) && word !== 'new'))

/** Whether a change is what a name tells of, apart from whose change it is. */
export function isOfKind(
  { kinds, states }: Pick<EventName, 'kinds' | 'states'>,
  change: EntityChange,
  verb: string,
): boolean {
  if (kinds.has(change.kind)) return true
  return change.kind !== 'delete' && states.some((state) => comesTo(state, change, verb))
}

/** Whether a thing has come to a state: a member of it says so now, or the path was asked to bring it there. */
function comesTo(state: string, { entity, before }: EntityChange, verb: string): boolean {
  const wanted = rootOf(state)
  if (before !== undefined && rootOf(normalizeName(verb)) === wanted) return true
  return Object.entries(entity.item).some(([name, value]) => {
    if (before !== undefined && before.item[name] === value) return false
    if (value === true) return rootOf(normalizeName(name)) === wanted
    return typeof value === 'string' && value.length < 100 && rootOf(normalizeName(value)) === wanted
  })
}

/** What forms of a verb have in common: `cancel`, `canceled` and `cancelled`, `ship` and `shipped`. */
const rootOf = (word: string): string =>
  word
    .replace(/i?ed$/, '')
    .replace(/([^aeiou])\1$/, '$1')
    .replace(/[ey]$/, '')

/** Whether two names are of one event: `order.created` and `orderCreated`, or `order.*` and both. */
export function isSameEvent(pattern: string, name: string): boolean {
  if (/^(\*|all|any|everything)$/i.test(pattern)) return true
  if (pattern.endsWith('*')) return normalizeName(name).startsWith(normalizeName(pattern))
  if (normalizeName(pattern) === normalizeName(name)) return true
  const [a, b] = [readEventName(pattern), readEventName(name)]
  return keyOf(a) === keyOf(b) && a.kinds.size + a.states.length > 0
}

/** Words of no weight, and those that name a kind of change, by their stems. */
const FILLERS = new Set(
  [
    ...'event webhook hook on notify notification callback publish send the a'.split(' '),
    ...KINDS.keys(),
  ].map(stemOf),
)

const keyOf = ({ words, kinds }: EventName): string =>
  [...words.filter((word) => !FILLERS.has(word)), ...[...kinds].map((kind) => `:${kind}`)].sort().join(' ')
