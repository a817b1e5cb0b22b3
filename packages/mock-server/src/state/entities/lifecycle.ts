// What a server says of a thing at its birth and when it changes: times, and a status and flags that fit a thing at the
// beginning of its life.

import { isObject, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { type Shape, shapeOf } from '../../engine/schema/shape.js'
import {
  COUNT_MEMBER,
  FINAL_FLAG,
  FINAL_WORD,
  INITIAL_WORD,
  MISSING_WORD,
  REVISION_MEMBER,
  STATUS_MEMBER,
  SWITCHES,
  TIMES,
  UNDONE,
  WORK_WORDS,
} from '../conventions.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'
import { type Slot, valueAt, withoutValueAt, withValueAt } from '../forms/views.js'

export interface Lifecycle {
  /** @param isSent whether a client set a member, which then stays as it is. @param absent names a request could have had. */
  born(entity: unknown, now: number, isSent: IsSent, absent: ReadonlySet<string>): unknown
  changed(entity: unknown, now: number, isSent: IsSent): unknown
  /** When it changed last, in milliseconds since the epoch; undefined where it does not say. */
  changedAt(entity: unknown): number | undefined
  /** What an action of this name leaves behind: `cancel` a status `cancelled`, `lock` a flag `locked`. */
  acted(entity: unknown, verb: string, now: number): unknown
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

interface Status {
  readonly slot: Slot
  readonly words: readonly string[]
  /** A word as tables of words have it: `running` of `JOB_STATE_RUNNING`. */
  readonly plain: (word: string) => string
  /** The word at the end of the server's own work; undefined for what is none, or what clients move. */
  readonly finished?: string | undefined
  /** What the document says that a status is where nobody gave one. */
  readonly fallback: unknown
}

type IsSent = (slot: Slot) => boolean

export interface LifecycleParts {
  readonly schemas: Schemas
  readonly forms: Forms
  readonly projection: Projection
  /** Whether a change may name a member, as it names a version of the thing. */
  isNamedByChanges(slot: Slot): boolean
  /** Whether a client can give a member its value, by a body or by an action of this name. */
  isClients(slot: Slot, isLedTo: (verb: string) => boolean): boolean
}

/** @param required the members that a thing has to have. */
export function createLifecycle(
  { schemas, forms, projection, isNamedByChanges, isClients }: LifecycleParts,
  slots: readonly Slot[],
  required: ReadonlySet<string>,
): Lifecycle {
  const times = slots.flatMap((slot) => clockOf(schemas, projection, slot) ?? [])
  const statuses = slots
    .flatMap((slot) => statusOf(schemas, forms, slot) ?? [])
    .map((status): Status => ({ ...status, finished: finishedIn(status, isClients) }))
  const booleans = slots.filter(({ schema }) => forms.types(schema)?.has('boolean') === true)
  const flags = booleans.filter(({ normalized }) => FINAL_FLAG.test(normalized))
  const counts = slots.filter(
    ({ normalized, schema }) =>
      COUNT_MEMBER.test(normalized) &&
      forms.types(schema)?.has('integer') === true &&
      shapeOf(schemas, [schema]).low.get('minimum') === undefined,
  )
  const numbered = slots.filter(
    ({ normalized, schema }) =>
      REVISION_MEMBER.test(normalized) && forms.types(schema)?.has('integer') === true,
  )
  const revisions = numbered.filter(isNamedByChanges)
  const changing = times.filter(({ kind }) => kind !== 'created')
  const ends = times.filter(({ kind }) => kind === 'final')

  /** Without the time of an end, or with null in its place. */
  const withoutEnd = (entity: unknown, { path, schema }: Slot): unknown => {
    if (valueAt(entity, path) === undefined) return entity
    if (forms.types(schema)?.has('null') === true) return withValueAt(entity, path, null)
    return path.length > 1 || !required.has(path[0] ?? '') ? withoutValueAt(entity, path) : entity
  }

  return {
    born(entity, now, isSent, absent) {
      const isOurs = (slot: Slot): boolean => !isSent(slot)
      let copy = stamp(times, entity, now, isSent)
      copy = ends
        .map(({ slot }) => slot)
        .filter(isOurs)
        .reduce(withoutEnd, copy)
      copy = statuses
        .filter(({ slot }) => isOurs(slot))
        .reduce((at, status) => begun(at, status, absent), copy)
      copy = flags.filter(isOurs).reduce(lowered, copy)
      copy = numbered.filter(isOurs).reduce(first, copy)
      return counts.filter(isOurs).reduce(zeroed, copy)
    },

    changed: (entity, now, isSent) => revisions.reduce(next, stamp(changing, entity, now, isSent)),

    changedAt(entity) {
      const time = times.find(({ kind, slot }) => kind === 'updated' && !slot.normalized.endsWith('by'))
      const value = time && valueAt(entity, time.slot.path)
      if (typeof value === 'number') return value > 100_000_000_000 ? value : value * 1_000
      const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
      return Number.isNaN(at) ? undefined : at
    },

    acted(entity, verb, now) {
      const word = normalizeName(verb)
      const base = word.replace(/^un/, '')
      const isUndone = /^un(?=[a-z]{3})/.test(word)
      let copy = statuses.reduce((at, status) => moved(at, status, word), entity)
      const undone = isUndone ? [base] : (UNDONE.get(word) ?? [])
      for (const { normalized, path } of booleans) {
        const now = switched(normalized.replace(/^is/, ''), word, undone)
        if (now !== undefined) copy = withValueAt(copy, path, now)
      }
      copy = ends
        .map(({ slot }) => slot)
        .filter((slot) => undone.some((done) => isPast(endOf(slot), done)))
        .reduce(withoutEnd, copy)
      return ends
        .filter(({ slot }) => isPast(endOf(slot), word))
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

/** What an action of this name makes of a flag; undefined where it has nothing to do with it. @param undone what it takes back. */
function switched(flag: string, verb: string, undone: readonly string[]): boolean | undefined {
  const known = SWITCHES.get(verb)?.get(flag)
  if (known !== undefined) return known
  const isBack = (word: string): boolean => undone.some((done) => isPast(word, done))
  if (isBack(flag) || isPast(flag, verb)) return !isBack(flag)
  const [, positive] = /^(?:un|not)(.+)$/.exec(flag) ?? []
  return positive !== undefined && (isPast(positive, verb) || isBack(positive)) ? isBack(positive) : undefined
}

const TIME_ENDING = /(at|on|time|date|timestamp|datetime)$/

/** What the time of an end says has happened: `paused` of `paused_at`. */
const endOf = ({ normalized }: Slot): string => normalized.replace(TIME_ENDING, '')

const lowered = (entity: unknown, { path }: Slot): unknown =>
  valueAt(entity, path) === true ? withValueAt(entity, path, false) : entity

const first = (entity: unknown, { path }: Slot): unknown =>
  typeof valueAt(entity, path) === 'number' ? withValueAt(entity, path, 1) : entity

const next = (entity: unknown, { path }: Slot): unknown => {
  const revision = valueAt(entity, path)
  return typeof revision === 'number' ? withValueAt(entity, path, revision + 1) : entity
}

const zeroed = (entity: unknown, { path }: Slot): unknown =>
  typeof valueAt(entity, path) === 'number' ? withValueAt(entity, path, 0) : entity

/** With the status that an action leads to. */
function moved(entity: unknown, status: Status, verb: string): unknown {
  const { slot } = status
  const wanted = statusAfter(verb, status)
  return wanted !== undefined && valueAt(entity, slot.path) !== undefined
    ? withValueAt(entity, slot.path, wanted)
    : entity
}

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

function statusOf(schemas: Schemas, forms: Forms, slot: Slot): Status | undefined {
  if (slot.path.length > 1 && !/^(status|state|phase)$/.test(slot.normalized)) return undefined
  const shape = shapeOf(schemas, [slot.schema])
  const words = (shape.values ?? valuesOf(forms, slot.schema)).filter(
    (word): word is string => typeof word === 'string',
  )
  return STATUS_MEMBER.test(slot.normalized) && words.length > 1
    ? { slot, words, plain: plainIn(words), fallback: shape.defaults[0] }
    : undefined
}

const plainWord = (word: string): string => word.toLowerCase().replace(/[\s-]+/g, '_')

/** Shorter beginnings are words of their own: `in_progress`, `in_review`. */
const MIN_PREFIX = 4

/** Without what all words of an enum begin with, as those of protobuf do. */
function plainIn(words: readonly string[]): Status['plain'] {
  const [head = '', ...others] = words.map(plainWord)
  let prefix = head.slice(0, head.lastIndexOf('_') + 1)
  while (prefix !== '' && !others.every((word) => word.startsWith(prefix)))
    prefix = prefix.slice(0, prefix.slice(0, -1).lastIndexOf('_') + 1)
  const length = prefix.length < MIN_PREFIX ? 0 : prefix.length
  return (word) => plainWord(word).slice(length)
}

/** With the status of a new thing, where the one that it has is that of an end, or names what was not missing. */
function begun(entity: unknown, status: Status, absent: ReadonlySet<string>): unknown {
  const { slot, words, fallback } = status
  const now = valueAt(entity, slot.path)
  if (typeof now !== 'string') return entity
  if (typeof fallback === 'string' && words.includes(fallback))
    return withValueAt(entity, slot.path, fallback)
  const plain = status.plain(now)
  const isFinal = now === status.finished || (FINAL_WORD.test(plain) && !INITIAL_WORD.test(plain))
  const isMissing = words.some((word) => absent.has(normalizeName(MISSING_WORD.exec(word)?.[1] ?? '-')))
  return isFinal || isMissing ? withValueAt(entity, slot.path, initial(status, absent) ?? now) : entity
}

/** The word that is likeliest at the beginning of a life. */
function initial(
  { words, plain: plainOf, finished }: Status,
  absent: ReadonlySet<string>,
): string | undefined {
  const rank = (word: string): number => {
    const plain = plainOf(word)
    const missing = MISSING_WORD.exec(plain)?.[1]
    if (missing !== undefined) return absent.has(normalizeName(missing)) ? 0 : 2
    if (FINAL_WORD.test(plain) || word === finished) return 9
    return INITIAL_WORD.test(plain) ? 1 : 3
  }
  return [...words].sort((a, b) => rank(a) - rank(b))[0]
}

function finishedIn(status: Status, isClients: LifecycleParts['isClients']): string | undefined {
  const { slot, words, plain } = status
  const has = (pattern: RegExp): boolean => words.some((word) => pattern.test(plain(word)))
  const isWork = has(WORK_WORDS.working) && has(WORK_WORDS.failed) && !has(WORK_WORDS.human)
  if (!isWork) return undefined
  const [finished] = WORK_WORDS.finished.flatMap((end) => words.filter((word) => plain(word) === end))
  if (finished === undefined) return undefined
  return isClients(slot, (verb) => statusAfter(verb, status) === finished) ? undefined : finished
}

function isAtWork(now: unknown, { plain, finished }: Status): boolean {
  if (typeof now !== 'string' || finished === undefined || now === finished) return false
  return WORK_WORDS.working.test(plain(now)) || WORK_WORDS.waiting.test(plain(now))
}

const isDone = (end: string): boolean => (WORK_WORDS.finished as readonly string[]).includes(end)

const OPPOSITES: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    reopen: /^(re)?open/i,
    resume: /^(active|running|in_?progress|resumed|enabled)/i,
    unpause: /^(active|running|in_?progress)/i,
    enable: /^(enabled|active)/i,
    disable: /^(disabled|inactive)/i,
    activate: /^(active|activated|enabled)/i,
    reactivate: /^(active|reactivated|enabled)/i,
    deactivate: /^(inactive|deactivated|disabled)/i,
    unarchive: /^(active|open|unarchived)/i,
    restore: /^(active|open|restored|live)/i,
    send: /^(sent|sending|queued|scheduled|open)/i,
    pay: /^paid/i,
    void: /^void/i,
    start: /^(started|running|in_?progress|active)/i,
    stop: /^(stopped|halted|off)/i,
    finalize: /^(open|finali[sz]ed)/i,
    submit: /^(submitted|in_?review|pending)/i,
    capture: /^(captured|succeeded|completed)/i,
    confirm: /^(confirmed|succeeded|processing)/i,
  }),
)

function statusAfter(verb: string, { words, plain }: Status): string | undefined {
  const own = words.find((word) => isPast(normalizeName(plain(word)), verb))
  if (own !== undefined) return own
  const pattern = OPPOSITES.get(verb)
  return pattern && words.find((word) => pattern.test(plain(word)))
}

/** Whether a word is the participle of a verb: `cancelled` of `cancel`, `revoked` of `revoke`, `verified` of `verify`. */
function isPast(word: string, verb: string): boolean {
  const stem = verb.replace(/e$/, '').replace(/y$/, 'i')
  if (stem.length < 3 || !word.startsWith(stem)) return false
  return /^(e?d|[a-z]?ed|led|ned|ted|ed)$/.test(word.slice(stem.length))
}

function valuesOf(forms: Forms, schema: Schema): readonly unknown[] {
  return forms.of(schema).shape.values ?? []
}

function kindOf(normalized: string): Clocked['kind'] | undefined {
  if (TIMES.final.test(normalized)) return 'final'
  if (TIMES.created.test(normalized)) return 'created'
  return TIMES.updated.test(normalized) ? 'updated' : undefined
}

function clockOf(schemas: Schemas, projection: Projection, slot: Slot): Clocked | undefined {
  const kind = kindOf(slot.normalized)
  if (kind === undefined) return undefined
  const shape = shapeOf(schemas, [slot.schema])
  const types = shape.types ?? new Set(shape.alternatives.length > 0 ? possibly(schemas, shape) : ['string'])
  if (types.has('integer') || (types.has('number') && !types.has('string'))) {
    const value = projection.sample(slot.schema, 'time')
    const inMilliseconds = typeof value === 'number' && value > 100_000_000_000
    return { slot, kind, write: (now) => (inMilliseconds ? now : Math.floor(now / 1000)) }
  }
  if (!types.has('string') || !isTimeText(slot.normalized, shape)) return undefined
  const options = shape.alternatives.flatMap((alternatives) => alternatives.options)
  const format = shape.format ?? formatOf(schemas, options)
  return { slot, kind, write: (now) => (WRITERS[format ?? ''] ?? iso)(new Date(now)) }
}

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
