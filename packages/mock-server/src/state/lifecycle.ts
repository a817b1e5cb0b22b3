// What a server says of a thing at its birth and when it changes: times, and a status and flags that fit a thing at the
// beginning of its life.

import { isObject, normalizeName } from '../engine/json.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { shapeOf } from '../engine/schema/shape.js'
import {
  COUNT_MEMBER,
  FINAL_FLAG,
  FINAL_WORD,
  INITIAL_WORD,
  MISSING_WORD,
  STATUS_MEMBER,
  TIMES,
} from './conventions.js'
import type { Forms } from './forms.js'
import type { Projection } from './projection.js'
import { type Slot, valueAt, withoutValueAt, withValueAt } from './views.js'

export interface Lifecycle {
  /** @param isSent whether a client set a member, which then stays as it is. @param absent names a request could have had. */
  born(entity: unknown, now: number, isSent: (slot: Slot) => boolean, absent: ReadonlySet<string>): unknown
  changed(entity: unknown, now: number, isSent: (slot: Slot) => boolean): unknown
  /** When it changed last, in milliseconds since the epoch; undefined where it does not say. */
  changedAt(entity: unknown): number | undefined
  /** What an action of this name leaves behind: `cancel` a status `cancelled`, `lock` a flag `locked`. */
  acted(entity: unknown, verb: string, now: number): unknown
}

interface Clocked {
  readonly slot: Slot
  readonly kind: 'created' | 'updated' | 'final'
  write(now: number): unknown
}

export function createLifecycle(
  {
    schemas,
    forms,
    projection,
  }: { readonly schemas: Schemas; readonly forms: Forms; readonly projection: Projection },
  slots: readonly Slot[],
  required: ReadonlySet<string>,
): Lifecycle {
  const times = slots.flatMap((slot) => clockOf(schemas, projection, slot) ?? [])
  const nullable = (schema: Schema): boolean => forms.types(schema)?.has('null') === true
  const statuses = slots.flatMap((slot) => {
    if (slot.path.length > 1 && !/^(status|state|phase)$/.test(slot.normalized)) return []
    const shape = shapeOf(schemas, [slot.schema])
    const words = (shape.values ?? valuesOf(forms, slot.schema)).filter(
      (word): word is string => typeof word === 'string',
    )
    return STATUS_MEMBER.test(slot.normalized) && words.length > 1
      ? [{ slot, words, fallback: shape.defaults[0] }]
      : []
  })
  const flags = slots.filter(
    ({ normalized, schema }) => FINAL_FLAG.test(normalized) && forms.types(schema)?.has('boolean') === true,
  )
  const counts = slots.filter(
    ({ normalized, schema }) =>
      COUNT_MEMBER.test(normalized) &&
      forms.types(schema)?.has('integer') === true &&
      shapeOf(schemas, [schema]).low.get('minimum') === undefined,
  )

  const stamp = (
    entity: unknown,
    kind: 'created' | 'updated',
    now: number,
    isSent: (slot: Slot) => boolean,
  ) => {
    let copy = entity
    for (const { slot, kind: own, write } of times) {
      if (own === 'final' || (kind === 'updated' && own === 'created') || isSent(slot)) continue
      if (slot.path.length > 1 && !isObject(valueAt(copy, slot.path.slice(0, -1)))) continue
      copy = withValueAt(copy, slot.path, write(now))
    }
    return copy
  }

  const initial = (words: readonly string[], absent: ReadonlySet<string>): string | undefined => {
    const rank = (word: string): number => {
      const plain = word.toLowerCase().replace(/[\s-]+/g, '_')
      const missing = MISSING_WORD.exec(plain)?.[1]
      if (missing !== undefined) return absent.has(normalizeName(missing)) ? 0 : 2
      if (FINAL_WORD.test(plain)) return 9
      return INITIAL_WORD.test(plain) ? 1 : 3
    }
    return [...words].sort((a, b) => rank(a) - rank(b))[0]
  }

  return {
    born(entity, now, isSent, absent) {
      let copy = stamp(entity, 'created', now, isSent)
      for (const { slot, kind } of times) {
        if (kind !== 'final' || isSent(slot) || valueAt(copy, slot.path) === undefined) continue
        if (nullable(slot.schema)) copy = withValueAt(copy, slot.path, null)
        else if (slot.path.length > 1 || !required.has(slot.path[0] ?? ''))
          copy = withoutValueAt(copy, slot.path)
      }
      for (const { slot, words, fallback } of statuses) {
        const now = valueAt(copy, slot.path)
        if (isSent(slot) || typeof now !== 'string') continue
        const known = typeof fallback === 'string' && words.includes(fallback) ? fallback : undefined
        const plain = now.toLowerCase().replace(/[\s-]+/g, '_')
        const isFinal = FINAL_WORD.test(plain) && !INITIAL_WORD.test(plain)
        const isMissing = words.some((word) => absent.has(normalizeName(MISSING_WORD.exec(word)?.[1] ?? '-')))
        if (known !== undefined) copy = withValueAt(copy, slot.path, known)
        else if (isFinal || isMissing) copy = withValueAt(copy, slot.path, initial(words, absent) ?? now)
      }
      for (const flag of flags)
        if (!isSent(flag) && valueAt(copy, flag.path) === true) copy = withValueAt(copy, flag.path, false)
      for (const count of counts)
        if (!isSent(count) && typeof valueAt(copy, count.path) === 'number')
          copy = withValueAt(copy, count.path, 0)
      return copy
    },

    changed: (entity, now, isSent) => stamp(entity, 'updated', now, isSent),

    changedAt(entity) {
      const time = times.find(({ kind, slot }) => kind === 'updated' && !slot.normalized.endsWith('by'))
      const value = time && valueAt(entity, time.slot.path)
      if (typeof value === 'number') return value > 100_000_000_000 ? value : value * 1_000
      const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
      return Number.isNaN(at) ? undefined : at
    },

    acted(entity, verb, now) {
      let copy = entity
      const word = normalizeName(verb)
      const isUndone = /^(un|re)(?=[a-z]{3})/.test(word)
      const base = word.replace(/^un/, '')
      for (const { slot, words } of statuses) {
        const wanted = statusAfter(word, words)
        if (wanted !== undefined && valueAt(copy, slot.path) !== undefined)
          copy = withValueAt(copy, slot.path, wanted)
      }
      for (const flag of slots) {
        if (
          forms.types(flag.schema)?.has('boolean') !== true ||
          !isPast(flag.normalized.replace(/^is/, ''), base)
        )
          continue
        copy = withValueAt(copy, flag.path, !(isUndone && word.startsWith('un')))
      }
      for (const { slot, kind, write } of times) {
        const event = slot.normalized.replace(/(at|on|time|date|timestamp|datetime)$/, '')
        if (kind === 'final' && isPast(event, word)) copy = withValueAt(copy, slot.path, write(now))
      }
      return copy
    },
  }
}

const OPPOSITES: Readonly<Record<string, RegExp>> = {
  reopen: /^(re)?open/i,
  resume: /^(active|running|in_?progress|resumed|enabled)/i,
  unpause: /^(active|running|in_?progress)/i,
  enable: /^(enabled|active)/i,
  disable: /^(disabled|inactive)/i,
  activate: /^(active|activated|enabled)/i,
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
}

function statusAfter(verb: string, words: readonly string[]): string | undefined {
  const own = words.find((word) => isPast(normalizeName(word), verb))
  if (own !== undefined) return own
  const pattern = OPPOSITES[verb]
  return pattern && words.find((word) => pattern.test(word))
}

/** Whether a word is the participle of a verb: `cancelled` of `cancel`, `revoked` of `revoke`. */
function isPast(word: string, verb: string): boolean {
  const stem = verb.replace(/e$/, '')
  if (stem.length < 3 || !word.startsWith(stem)) return false
  return /^(e?d|[a-z]?ed|led|ned|ted|ed)$/.test(word.slice(stem.length))
}

function valuesOf(forms: Forms, schema: Schema): readonly unknown[] {
  return forms.of(schema).shape.values ?? []
}

function clockOf(schemas: Schemas, projection: Projection, slot: Slot): Clocked | undefined {
  const { normalized, schema } = slot
  const kind = TIMES.final.test(normalized)
    ? 'final'
    : TIMES.created.test(normalized)
      ? 'created'
      : TIMES.updated.test(normalized)
        ? 'updated'
        : undefined
  if (kind === undefined) return undefined
  const property = shapeOf(schemas, [schema])
  const types =
    property.types ?? new Set(property.alternatives.length > 0 ? possibly(schemas, property) : ['string'])
  if (types.has('integer') || (types.has('number') && !types.has('string'))) {
    const value = projection.sample(schema, 'time')
    const inMilliseconds = typeof value === 'number' && value > 100_000_000_000
    return { slot, kind, write: (now) => (inMilliseconds ? now : Math.floor(now / 1000)) }
  }
  if (!types.has('string') || property.patterns.length > 0 || property.values !== undefined) return undefined
  const isTime =
    property.format !== undefined ||
    /(at|on|time|date|timestamp|datetime)$/.test(normalized) ||
    /^date/.test(normalized) ||
    property.alternatives.length > 0
  // `created` may be a person as well as a time; a bare word is one only where the document says so.
  if (!isTime && !/^(created|updated|modified)$/.test(normalized)) return undefined
  const format =
    property.format ??
    formatOf(
      schemas,
      property.alternatives.flatMap(({ options }) => options),
    )
  return { slot, kind, write: (now) => (WRITERS[format ?? ''] ?? iso)(new Date(now)) }
}

const possibly = (schemas: Schemas, shape: ReturnType<typeof shapeOf>): readonly string[] =>
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
