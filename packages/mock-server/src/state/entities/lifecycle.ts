// What a server says of a thing at its birth and when it changes: times, and a status and flags that fit a thing at the
// beginning of its life.

import { hashText, isObject, type JsonObject, lazy, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { type Shape, shapeOf } from '../../engine/schema/shape.js'
import {
  ALLOWANCE_WORDS,
  COUNT_MEMBER,
  COUNT_WORDS,
  EPOCH_ENDING,
  FINAL_FLAG,
  REVISION_MEMBER,
  TIME_ENDING,
  TIMES,
  WORK_WORDS,
  ZERO_ENDS,
} from '../conventions/life.js'
import { singular, wordsOf } from '../conventions/names.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'
import { type Slot, valueAt, withoutValueAt, withValueAt } from '../forms/slots.js'
import { derivedIn } from './derived.js'
import { isToggle, raises, switchedBy, turned, undoneBy, wordOf } from './flags.js'
import {
  begun,
  isAtWork,
  isPast,
  moved,
  type Status,
  type StatusParts,
  statusAfter,
  statusOf,
} from './statuses.js'

export interface Lifecycle {
  /** @param isSent whether a client set a member, which then stays as it is. @param absent names a request could have had. */
  born(entity: unknown, now: number, isSent: IsSent, absent: () => ReadonlySet<string>): unknown
  /** @param sent what a change says: `is_archived: true` sets an `archived_at`. */
  changed(entity: unknown, now: number, sent: JsonObject): unknown
  /** When it changed last, in milliseconds since the epoch; undefined where it does not say. */
  changedAt(entity: unknown): number | undefined
  /**
   * What an action of this name leaves behind: `cancel` a status `cancelled`, `lock` a flag `locked`.
   *
   * @param sent what its request says of the thing.
   */
  acted(entity: unknown, verb: string, now: number, sent: JsonObject): unknown
  /** Whether a thing has a status for what an action of this name leaves behind. */
  canBe(verb: string): boolean
  /** What the server's own work leaves behind once it is done: `completed` of `queued`; undefined where none is at hand. */
  finished(entity: unknown, now: number): unknown
}

interface Clocked {
  readonly slot: Slot
  readonly kind: 'created' | 'updated' | 'final'
  write(now: number): unknown
}

type IsSent = (slot: Slot) => boolean

export interface LifecycleParts extends StatusParts {
  readonly projection: Projection
  /** What is done to things by paths of their own, normalised. */
  readonly verbs: readonly string[]
  /** Whether clients make things that are called so: `comment`. */
  isMade(noun: string): boolean
  /** Whether a change may name a member, as it names a version of the thing. */
  isNamedByChanges(slot: Slot): boolean
  /** Whether changes that name another state by a member than the thing has are refused. */
  isHeldAgainst(slot: Slot): boolean
}

/** @param required the members that a thing has to have. */
export function createLifecycle(
  {
    schemas,
    forms,
    projection,
    isNamedByChanges,
    isHeldAgainst,
    isClients,
    isMade,
    verbs,
    wordsElsewhere,
  }: LifecycleParts,
  slots: readonly Slot[],
  required: ReadonlySet<string>,
): Lifecycle {
  const times = slots.flatMap((slot) => clockOf(schemas, projection, slot) ?? [])
  const statuses = slots.flatMap(
    (slot) => statusOf({ schemas, forms, isClients, wordsElsewhere }, slot) ?? [],
  )
  const isBoolean = ({ schema }: Slot) => forms.types(schema)?.has('boolean') === true
  const booleans = lazy(() => slots.filter(isBoolean))
  const isRaised = (slot: Slot): boolean =>
    shapeOf(schemas, [slot.schema]).defaults.length === 0 && verbs.some((verb) => raises(verb, slot, verbs))
  const flags = slots.filter(
    (slot) => isBoolean(slot) && (FINAL_FLAG.test(slot.normalized) || isRaised(slot)),
  )
  const isWhole = (slot: Slot): boolean => isWholeNumber(forms, slot)
  const isCount = (slot: Slot): boolean =>
    COUNT_MEMBER.test(slot.normalized) || (isCounting(slot, isMade) && !isClients(slot, () => false))
  const counts = slots.filter((slot) => isCount(slot) && isWhole(slot) && mayBeNone(schemas, slot))
  const versions = slots.filter((slot) => REVISION_MEMBER.test(slot.normalized) && isWhole(slot))
  const revisions = versions.filter(isNamedByChanges)
  const marks = slots.filter((slot) => isHeldAgainst(slot) && isText(forms, slot) && !isWhole(slot))
  const changing = times.filter(({ kind }) => kind !== 'created')
  const ends = times.filter(({ kind }) => kind === 'final')
  const isTimeless = [times, statuses, flags, versions, counts].every(({ length }) => length === 0)

  const derived = derivedIn(forms, slots, (slot) => isClients(slot, () => false))
  const { withoutEnd, endSaid } = endings(forms, required, statuses)
  return {
    born(entity, now, isSent, absent) {
      if (isTimeless) return derived(entity)
      const isOurs = (slot: Slot): boolean => !isSent(slot)
      let copy = stamp(times, entity, now, isSent)
      copy = ends
        .map(({ slot }) => slot)
        .filter(isOurs)
        .reduce(withoutEnd, copy)
      copy = statuses
        .filter(({ slot }) => isOurs(slot))
        .reduce((at, status) => begun(at, status, absent()), copy)
      copy = flags.filter(isOurs).reduce(lowered, copy)
      copy = versions.filter(isOurs).reduce(first, copy)
      return derived(counts.filter(isOurs).reduce(zeroed, copy))
    },

    changed(entity, now, sent) {
      const isSent = (slot: Slot): boolean => valueAt(sent, slot.path) !== undefined
      const copy = ends
        .filter(({ slot }) => !isSent(slot))
        .reduce((at, end) => endSaid(at, end, sent, now), stamp(changing, entity, now, isSent))
      return derived(marks.reduce(renewed, revisions.reduce(next, copy)))
    },

    changedAt(entity) {
      const time = times.find(({ kind, slot }) => kind === 'updated' && !slot.normalized.endsWith('by'))
      const value = time && valueAt(entity, time.slot.path)
      if (typeof value === 'number') return value > 100_000_000_000 ? value : value * 1_000
      const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
      return Number.isNaN(at) ? undefined : at
    },

    acted(entity, verb, now, sent) {
      const word = wordOf(verb)
      if (isToggle(word)) return turned(booleans(), word, entity, sent)
      let copy = statuses.reduce((at, status) => moved(at, status, word), entity)
      copy = switchedBy(word, booleans(), counts, copy)
      const undone = undoneBy(word)
      copy = ends
        .map(({ slot }) => slot)
        .filter((slot) => undone.some((done) => isPast(endOf(slot), done)))
        .reduce(withoutEnd, copy)
      return ends
        .filter(({ slot }) => endOf(slot) === word || isPast(endOf(slot), word))
        .reduce((at, { slot, write }) => withValueAt(at, slot.path, write(now)), copy)
    },

    canBe: (verb) => statuses.some((status) => statusAfter(verb, status) !== undefined),

    finished(entity, now) {
      const work = statuses.find((one) => isAtWork(valueAt(entity, one.slot.path), one))
      if (work === undefined) return undefined
      return ends
        .filter(({ slot }) => isDone(endOf(slot)))
        .reduce(
          (at, { slot, write }) => withValueAt(at, slot.path, write(now)),
          withValueAt(entity, work.slot.path, work.finished),
        )
    },
  }
}

const mayBeNone = (schemas: Schemas, { schema }: Slot): boolean =>
  (shapeOf(schemas, [schema]).low.get('minimum') ?? 0) <= 0

/** What changes do to the times of ends. */
function endings(forms: Forms, required: ReadonlySet<string>, statuses: readonly Status[]) {
  /** Without the time of an end, or with null in its place. */
  const withoutEnd = (entity: unknown, { path, schema }: Slot): unknown => {
    if (valueAt(entity, path) === undefined) return entity
    const types = forms.types(schema)
    if (types?.has('null') === true) return withValueAt(entity, path, null)
    // A number that has to be there tells of no time as 0 does.
    if (types?.size === 1 && types.has('integer') && ZERO_ENDS.test(normalizeName(path.at(-1) ?? '')))
      return withValueAt(entity, path, 0)
    return path.length > 1 || !required.has(path[0] ?? '') ? withoutValueAt(entity, path) : entity
  }
  return {
    withoutEnd,
    /** With the time of an end that a change says has come, or without one that it says has not. */
    endSaid(entity: unknown, { slot, write }: Clocked, sent: JsonObject, now: number): unknown {
      const isOver = said(sent, endOf(slot)) ?? saidByStatus(statuses, sent, endOf(slot))
      if (isOver === false) return withoutEnd(entity, slot)
      const isNew = isOver === true && (valueAt(entity, slot.path) ?? null) === null
      return isNew ? withValueAt(entity, slot.path, write(now)) : entity
    },
  }
}

/** Whether a change says that a thing is something, or that it is not; undefined where it says neither. */
function said(sent: JsonObject, word: string): boolean | undefined {
  const [flag] = Object.entries(sent).flatMap(([name, value]) =>
    typeof value === 'boolean' && normalizeName(name).replace(/^is/, '') === word ? [value] : [],
  )
  return flag
}

/** The same as the status says it that a change gives a thing: `closed_at` has come with `closed`, and not with `open`. */
function saidByStatus(statuses: readonly Status[], sent: JsonObject, end: string): boolean | undefined {
  for (const { slot, words, plain } of statuses) {
    const status = valueAt(sent, slot.path)
    const isEnd = (word: string): boolean => {
      const own = normalizeName(plain(word))
      return own === end || isPast(end, own)
    }
    if (typeof status === 'string' && words.some(isEnd)) return isEnd(status)
  }
  return undefined
}

/** Whether a member says how many there are of what clients make: `open_issues` of a milestone, `callsCounterEnded` of a campaign. */
function isCounting({ path, normalized }: Slot, isMade: (noun: string) => boolean): boolean {
  const words = wordsOf(path.at(-1) ?? '')
  if (path.length > 1 || words.some((word) => ALLOWANCE_WORDS.has(word))) return false
  const last = words.at(-1) ?? ''
  const nouns = [singular(last), singular(normalized)]
  return words.some((word) => COUNT_WORDS.has(word)) || (singular(last) !== last && nouns.some(isMade))
}

const isDone = (end: string): boolean => (WORK_WORDS.finished as readonly string[]).includes(end)

/** What the time of an end says has happened: `paused` of `paused_at`. */
const endOf = ({ normalized }: Slot): string => normalized.replace(TIME_ENDING, '')

const lowered = (entity: unknown, { path }: Slot): unknown =>
  valueAt(entity, path) === true ? withValueAt(entity, path, false) : entity

/** A number anew, which may be written as a text; what is none stays. */
const numbered = (entity: unknown, { path }: Slot, of: (old: number) => number): unknown => {
  const old = valueAt(entity, path)
  if (typeof old === 'number') return withValueAt(entity, path, of(old))
  const isText = typeof old === 'string' && /^\d{1,15}$/.test(old)
  return isText ? withValueAt(entity, path, String(of(Number(old)))) : entity
}

const first = (entity: unknown, slot: Slot): unknown => numbered(entity, slot, () => 1)
const next = (entity: unknown, slot: Slot): unknown => numbered(entity, slot, (old) => old + 1)
/** Another text for a version that clients send back to say which state they change: `1.5.1` after `1.5.0`, other digits of a hash. */
const renewed = (entity: unknown, { path }: Slot): unknown => {
  const now = valueAt(entity, path)
  if (typeof now !== 'string') return entity
  const isHash = /^[0-9a-f]{16,}$/.test(now)
  const after = isHash
    ? hashText(now).toString(16).padStart(8, '0').repeat(8).slice(0, now.length)
    : now.replace(/\d+(?=\D*$)|$/, (digits) => String(Number(digits) + 1))
  return withValueAt(entity, path, after)
}
const zeroed = (entity: unknown, slot: Slot): unknown => numbered(entity, slot, () => 0)

const isText = (forms: Forms, { schema }: Slot): boolean => forms.types(schema)?.has('string') === true

const isWholeNumber = (forms: Forms, { schema }: Slot): boolean =>
  forms.types(schema)?.has('integer') === true || isWholeText(forms.of(schema).shape)

/** Whether a text has to be a whole number, as Protocol Buffers write those of 64 bits. */
const isWholeText = ({ types, format, values }: Shape): boolean =>
  types?.has('string') === true && values === undefined && /^u?int(32|64)$/.test(format ?? '')

/** Sets the times that are not those of an end. */
function stamp(times: readonly Clocked[], entity: unknown, now: number, isSent: IsSent): unknown {
  let copy = entity
  for (const { slot, kind, write } of times) {
    if (kind === 'final' || isSent(slot)) continue
    if (slot.path.length > 1 && !isObject(valueAt(copy, slot.path.slice(0, -1)))) continue
    copy = withValueAt(copy, slot.path, write(now))
  }
  return copy
}

function kindOf(name: string): Clocked['kind'] | undefined {
  const normalized = name.replace(EPOCH_ENDING, '')
  if (TIMES.final.test(normalized)) return 'final'
  if (TIMES.created.test(normalized)) return 'created'
  return TIMES.updated.test(normalized) ? 'updated' : undefined
}

function clockOf(schemas: Schemas, projection: Projection, slot: Slot): Clocked | undefined {
  const kind = kindOf(slot.normalized)
  if (kind === undefined) return undefined
  const shape = shapeOf(schemas, [slot.schema])
  const types = shape.types ?? new Set(shape.alternatives.length > 0 ? possibly(schemas, shape) : ['string'])
  const isText = isWholeText(shape)
  if (isText || types.has('integer') || (types.has('number') && !types.has('string'))) {
    const value = projection.sample(slot.schema, 'time')
    const isFine = isInMilliseconds(slot) || Number(value) > 100_000_000_000
    const number = (now: number) => (isFine ? now : Math.floor(now / 1000))
    return { slot, kind, write: (now) => (isText ? String(number(now)) : number(now)) }
  }
  if (!types.has('string') || !isTimeText(slot.normalized, shape)) return undefined
  const options = shape.alternatives.flatMap((alternatives) => alternatives.options)
  const format = shape.format ?? formatOf(schemas, options)
  return { slot, kind, write: (now) => (WRITERS[format ?? ''] ?? iso)(new Date(now)) }
}

const isInMilliseconds = ({ normalized, schema }: Slot): boolean =>
  /sinceepoch$|millis|ms$/.test(normalized) ||
  (isObject(schema) && /\bmilli(second)?s?\b/i.test(String(schema.description ?? '')))

/** `created` may be a person as well as a time; a bare word is one only where the document says so. */
const isTimeText = (normalized: string, { patterns, values, format, alternatives }: Shape): boolean =>
  patterns.length === 0 &&
  values === undefined &&
  (format !== undefined ||
    alternatives.length > 0 ||
    /(at|on|time|date|timestamp|datetime)$|^date|^(created|updated|modified)$/.test(normalized))

const possibly = (schemas: Schemas, shape: Shape): readonly string[] =>
  shape.alternatives.flatMap(({ options }) =>
    options.flatMap((option) => [...(shapeOf(schemas, [option]).types ?? [])]),
  )

const formatOf = (schemas: Schemas, options: readonly Schema[]): string | undefined =>
  options.map((option) => shapeOf(schemas, [option]).format).find((format) => format !== undefined)

const iso = (date: Date): string => date.toISOString()
const WRITERS: Readonly<Record<string, ((date: Date) => string) | undefined>> = {
  date: (date) => date.toISOString().slice(0, 10),
  'date-time-rfc-2822': (date) => date.toUTCString().replace('GMT', '+0000'),
}
