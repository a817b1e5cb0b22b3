// The status of a thing: the words that it may be, the one that it begins with, and those that actions and the server's own work
// lead to.

import { isObject, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { type Shape, shapeOf } from '../../engine/schema/shape.js'
import {
  FINAL_WORD,
  INITIAL_WORD,
  LEAVING_STATUS,
  LISTED_SENTENCE,
  MISSING_WORD,
  STATUS_MEMBER,
  WORK_WORDS,
} from '../conventions/life.js'
import type { Forms } from '../forms/forms.js'
import { type Slot, valueAt, withValueAt } from '../forms/slots.js'

export interface Status {
  readonly slot: Slot
  readonly words: readonly string[]
  /** A word as tables of words have it: `running` of `JOB_STATE_RUNNING`. */
  readonly plain: (word: string) => string
  /** The word at the end of the server's own work; undefined for what is none, or what clients move. */
  readonly finished?: string | undefined
  /** What the document says that a status is where nobody gave one. */
  readonly fallback: unknown
  /** Whether the document leaves the words open: it may tell of some in its description. */
  readonly isOpen: boolean
}

export interface StatusParts {
  readonly schemas: Schemas
  readonly forms: Forms
  /** Whether a client can give a member its value, by a body or by an action of this name. */
  isClients(slot: Slot, isLedTo: (verb: string) => boolean): boolean
  /** What requests say that a member of this name may be. */
  wordsElsewhere(normalized: string): readonly string[]
}

/** The status that a member holds; undefined for a member that holds none. */
export function statusOf(
  { schemas, forms, isClients, wordsElsewhere }: StatusParts,
  slot: Slot,
): Status | undefined {
  const isCalledSo = slot.path.length > 1 ? /^(status|state|phase)$/ : STATUS_MEMBER
  if (!isCalledSo.test(slot.normalized)) return undefined
  const shape = shapeOf(schemas, [slot.schema])
  const words = (shape.values ?? forms.of(slot.schema).shape.values ?? []).filter(
    (word): word is string => typeof word === 'string',
  )
  const fallback = shape.defaults[0]
  if (words.length < 2) {
    const told = openWords(shape, slot, wordsElsewhere)
    const isOpen = told !== undefined
    return isOpen
      ? { slot, words: told, plain: plainIn(told), fallback, finished: undefined, isOpen }
      : undefined
  }
  const status = { slot, words, plain: plainIn(words), fallback, isOpen: false }
  return { ...status, finished: finishedIn(status, isClients) }
}

/** The words that anything tells of a status which is a plain text, if only its name; undefined for what is none. */
function openWords(
  shape: Shape,
  { path, normalized, schema }: Slot,
  wordsElsewhere: StatusParts['wordsElsewhere'],
): readonly string[] | undefined {
  if (shape.values !== undefined || !isPlainText(shape)) return undefined
  const asked = path.length === 1 ? wordsElsewhere(normalized) : []
  if (asked.length > 1) return asked
  return /status$/.test(normalized) ? wordsTold(schema) : undefined
}

const isPlainText = ({ types, patterns, format, alternatives }: Shape): boolean =>
  types?.has('string') === true && patterns.length === 0 && format === undefined && alternatives.length === 0

const QUOTED = /[`'"“]([A-Za-z][\w -]{1,30})[`'"”]/g

/** The words that a description says a status may be: `` `pending` or `paid` ``, `One of: pending, paid`. */
function wordsTold(schema: Schema): readonly string[] {
  const { description = '' } = isObject(schema) ? schema : {}
  const text = typeof description === 'string' ? description.slice(0, MAX_TOLD) : ''
  const quoted = [...text.matchAll(QUOTED)].map(([, word = '']) => word)
  const listed = LISTED_SENTENCE.exec(text)?.[1]?.split(/, ?(?:or |and )?| or | ?[|/] ?/) ?? []
  return [quoted, listed].find((words) => words.length > 1) ?? []
}

const MAX_TOLD = 1_000

const plainWord = (word: string): string => word.toLowerCase().replace(/[\s-]+/g, '_')

/** Shorter beginnings are words of their own: `in_progress`, `in_review`. */
const MIN_PREFIX = 4

/** Without what all words of an enum begin with, as those of protobuf do. */
function plainIn(words: readonly string[]): Status['plain'] {
  const [head = '', ...others] = words.map(plainWord)
  const common = others.reduce(commonBeginning, head)
  const prefix = common.slice(0, common.lastIndexOf('_') + 1)
  const length = prefix.length < MIN_PREFIX ? 0 : prefix.length
  return (word) => plainWord(word).slice(length)
}

function commonBeginning(one: string, other: string): string {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return one.slice(0, length)
}

/** With the status of a new thing, where the one that it has is that of an end, or names what was not missing. */
export function begun(entity: unknown, status: Status, absent: ReadonlySet<string>): unknown {
  const { slot, words, fallback } = status
  const now = valueAt(entity, slot.path)
  if (typeof now !== 'string') return entity
  if (typeof fallback === 'string' && words.includes(fallback))
    return withValueAt(entity, slot.path, fallback)
  if (status.isOpen && !words.includes(now)) {
    const first = initial(status, absent)
    return first === undefined ? entity : withValueAt(entity, slot.path, first)
  }
  const plain = status.plain(now)
  const isOver = FINAL_WORD.test(plain) && !INITIAL_WORD.test(plain)
  const isFinal = now === status.finished || isOver || LEAVING_STATUS.test(plain)
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
    if (FINAL_WORD.test(plain) || LEAVING_STATUS.test(plain) || word === finished) return 9
    return INITIAL_WORD.test(plain) ? 1 : 3
  }
  return [...words].sort((a, b) => rank(a) - rank(b))[0]
}

function finishedIn(status: Status, isClients: StatusParts['isClients']): string | undefined {
  const { slot, words, plain } = status
  const has = (pattern: RegExp): boolean => words.some((word) => pattern.test(plain(word)))
  const isWork = has(WORK_WORDS.working) && has(WORK_WORDS.failed) && !has(WORK_WORDS.human)
  if (!isWork) return undefined
  const [finished] = WORK_WORDS.finished.flatMap((end) => words.filter((word) => plain(word) === end))
  if (finished === undefined) return undefined
  return isClients(slot, (verb) => statusAfter(verb, status) === finished) ? undefined : finished
}

export function isAtWork(now: unknown, { plain, finished }: Status): boolean {
  if (typeof now !== 'string' || finished === undefined || now === finished) return false
  return WORK_WORDS.working.test(plain(now)) || WORK_WORDS.waiting.test(plain(now))
}

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
    suspend: /^(suspended|idle|paused|stopped|inactive)/i,
    send: /^(sent|sending|queued|scheduled|open)/i,
    pay: /^paid/i,
    void: /^void/i,
    start: /^(started|running|in_?progress|active)/i,
    stop: /^(stopped|halted|off)/i,
    poweroff: /^(off|powered_?off|stopped)/i,
    poweron: /^(on$|powered_?on|running|active)/i,
    shutdown: /^(off|shut_?down|stopped)/i,
    finalize: /^(open|finali[sz]ed)/i,
    submit: /^(submitted|in_?review|pending)/i,
    capture: /^(captured|succeeded|completed)/i,
    confirm: /^(confirmed|succeeded|processing)/i,
    publish: /^(published|active|live)/i,
    unpublish: /^(unpublished|draft|inactive)/i,
    terminate: /^(terminated|closed|ended|inactive)/i,
  }),
)

/** What actions lead to where a document says only that a status is a text. */
const USUAL: ReadonlyMap<string, string> = new Map(
  Object.entries({
    activate: 'active',
    approve: 'approved',
    archive: 'archived',
    cancel: 'canceled',
    close: 'closed',
    complete: 'completed',
    confirm: 'confirmed',
    deactivate: 'inactive',
    decline: 'declined',
    disable: 'disabled',
    enable: 'enabled',
    expire: 'expired',
    pause: 'paused',
    publish: 'published',
    reactivate: 'active',
    reject: 'rejected',
    reopen: 'open',
    resolve: 'resolved',
    restore: 'active',
    resume: 'active',
    revoke: 'revoked',
    suspend: 'suspended',
    terminate: 'terminated',
    unarchive: 'active',
    unpause: 'active',
    unpublish: 'draft',
    unsuspend: 'active',
    void: 'voided',
  }),
)

export function statusAfter(verb: string, { words, plain, isOpen }: Status): string | undefined {
  const own = words.find((word) => {
    const status = normalizeName(plain(word))
    return status === verb || isPast(status, verb)
  })
  if (own !== undefined) return own
  const pattern = OPPOSITES.get(verb)
  const told = pattern && words.find((word) => pattern.test(plain(word)))
  return told ?? (isOpen && words.length === 0 ? USUAL.get(verb) : undefined)
}

/** Whether a word is the participle of a verb: `cancelled` of `cancel`, `revoked` of `revoke`, `verified` of `verify`. */
export function isPast(word: string, verb: string): boolean {
  const stem = verb.replace(/e$/, '').replace(/y$/, 'i')
  if (stem.length < 3 || !word.startsWith(stem)) return false
  return /^(e?d|[a-z]?ed|led|ned|ted|ed)$/.test(word.slice(stem.length))
}

/** Whether a word is the present participle of a verb: `following` of `follow`. */
export const isPresent = (word: string, verb: string): boolean =>
  verb.length > 2 && word === `${verb.replace(/e$/, '')}ing`

/** With the status that an action leads to. */
export function moved(entity: unknown, status: Status, verb: string): unknown {
  const { slot } = status
  const wanted = statusAfter(verb, status)
  return wanted !== undefined && valueAt(entity, slot.path) !== undefined
    ? withValueAt(entity, slot.path, wanted)
    : entity
}
