// What people enter about a key, and how that becomes a request.

import { DAY_MS } from '@gosend/dashboard-ui'
import type { Key } from '../api.js'
import { readAllowlist } from './allowlist.js'

export interface KeyDraft {
  readonly label: string
  readonly environment: string
  /** Days from now, `never`, or `date`. */
  readonly expiry: string
  /** `YYYY-MM-DD` in the reader's time zone; counts when the expiry is `date`. */
  readonly date: string
  readonly scopes: string
  readonly isRestricted: boolean
  readonly allowlist: string
}

/** When a key can end, as a list to choose from. */
export const expiries = [
  ['never', 'Never'],
  ['7', 'In 7 days'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In one year'],
  ['date', 'On a date…'],
] as const

export const emptyDraft = (environment: string): KeyDraft => ({
  label: '',
  environment,
  expiry: 'never',
  date: '',
  scopes: '',
  isRestricted: false,
  allowlist: '',
})

export const draftOf = (key: Key): KeyDraft => ({
  label: key.label,
  environment: key.environment,
  expiry: key.expiresAt === null ? 'never' : 'date',
  date: key.expiresAt === null ? '' : localDay(new Date(key.expiresAt)),
  scopes: key.scopes.join(' '),
  isRestricted: key.allowedIps !== null,
  allowlist: (key.allowedIps ?? []).join('\n'),
})

export type DraftProblems = Partial<Record<keyof KeyDraft, string>>

const MAX_LABEL_LENGTH = 255
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u
const CONTROL = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u
const MAX_SCOPES = 100
// RFC 6749, section 3.3.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/

/** @param keptDate the day on which the key ends as it is: it may be over, and then stays. */
export function problemsWith(draft: KeyDraft, now: number, keptDate = ''): DraftProblems {
  const isNewDate = draft.expiry === 'date' && (draft.date === '' || draft.date !== keptDate)
  const problems = {
    label: labelProblem(draft.label.trim()),
    date: isNewDate ? dateProblem(draft.date, now) : undefined,
    scopes: scopesProblem(scopesOf(draft)),
    allowlist: draft.isRestricted ? allowlistProblem(draft.allowlist) : undefined,
  }
  return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== undefined))
}

function labelProblem(label: string): string | undefined {
  if (label.length > MAX_LABEL_LENGTH) return `At most ${MAX_LABEL_LENGTH} characters.`
  if (CONTROL.test(label)) return 'It has an invisible control character in it. Enter it again.'
  return VISIBLE.test(label) ? undefined : 'Give the key a label, so that you know it again.'
}

function dateProblem(date: string, now: number): string | undefined {
  if (date === '') return 'Choose a day.'
  return endOf(date).getTime() <= now ? 'This day is over.' : undefined
}

function scopesProblem(scopes: readonly string[]): string | undefined {
  if (scopes.length > MAX_SCOPES) return `At most ${MAX_SCOPES} scopes.`
  const wrong = scopes.find((scope) => !SCOPE.test(scope))
  if (wrong !== undefined) return `“${wrong}” is no scope: plain characters only, no quotes.`
  const partial = scopes.find((scope) => /[^:/@]\*|\*[^:/@]/.test(scope))
  return partial && `“${partial}”: * stands for whole parts only, as in messages:*.`
}

function allowlistProblem(allowlist: string): string | undefined {
  const [first, ...more] = readAllowlist(allowlist).problems
  return first === undefined || more.length === 0 ? first : `${first} And ${more.length} more.`
}

export const scopesOf = ({ scopes }: KeyDraft): string[] => [
  ...new Set(scopes.split(/[\s,]+/).filter(Boolean)),
]

/** The attributes of a draft without problems. */
export function attributesOf(draft: KeyDraft, now: number) {
  return {
    label: draft.label.trim(),
    expiresAt: expiryOf(draft, now),
    scopes: scopesOf(draft),
    allowedIps: draft.isRestricted ? [...readAllowlist(draft.allowlist).entries] : null,
  }
}

/** Only what differs from the key as it is. */
export function changesOf(draft: KeyDraft, key: Key, now: number): Partial<ReturnType<typeof attributesOf>> {
  const before = draftOf(key)
  const after = attributesOf(draft, now)
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  return {
    ...(after.label !== key.label && { label: after.label }),
    ...((draft.expiry !== before.expiry || draft.date !== before.date) && { expiresAt: after.expiresAt }),
    ...(!isSame(after.scopes, key.scopes) && { scopes: after.scopes }),
    ...(!isSame(after.allowedIps, key.allowedIps) && { allowedIps: after.allowedIps }),
  }
}

export function expiryOf({ expiry, date }: Pick<KeyDraft, 'expiry' | 'date'>, now: number): string | null {
  if (expiry === 'never') return null
  return (expiry === 'date' ? endOf(date) : new Date(now + Number(expiry) * DAY_MS)).toISOString()
}

const endOf = (day: string) => new Date(`${day}T23:59:59`)

const localDay = (date: Date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
