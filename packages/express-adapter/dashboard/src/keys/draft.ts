// What people enter about a key, and how that becomes a request.

import { DAY_MS } from '@gosend/dashboard-ui'
import type { Key } from '../client.js'
import { type Translate, translateToEnglish } from '../locale.js'
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
export const expiries = ['never', '7', '30', '90', '365', 'date'] as const

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
export function problemsWith(
  draft: KeyDraft,
  now: number,
  keptDate = '',
  t: Translate = translateToEnglish,
): DraftProblems {
  const isNewDate = draft.expiry === 'date' && (draft.date === '' || draft.date !== keptDate)
  const problems = {
    label: labelProblem(draft.label.trim(), t),
    date: isNewDate ? dateProblem(draft.date, now, t) : undefined,
    scopes: scopesProblem(scopesOf(draft), t),
    allowlist: draft.isRestricted ? allowlistProblem(draft.allowlist, t) : undefined,
  }
  return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== undefined))
}

function labelProblem(label: string, t: Translate): string | undefined {
  if (label.length > MAX_LABEL_LENGTH) return t('labelTooLong', { max: MAX_LABEL_LENGTH })
  if (CONTROL.test(label)) return t('labelControl')
  return VISIBLE.test(label) ? undefined : t('labelMissing')
}

function dateProblem(date: string, now: number, t: Translate): string | undefined {
  if (date === '') return t('dateMissing')
  return endOf(date).getTime() <= now ? t('dateOver') : undefined
}

function scopesProblem(scopes: readonly string[], t: Translate): string | undefined {
  if (scopes.length > MAX_SCOPES) return t('scopesTooMany', { max: MAX_SCOPES })
  const wrong = scopes.find((scope) => !SCOPE.test(scope))
  if (wrong !== undefined) return t('scopeWrong', { scope: wrong })
  const partial = scopes.find((scope) => /[^:/@]\*|\*[^:/@]/.test(scope))
  return partial && t('scopePartial', { scope: partial })
}

function allowlistProblem(allowlist: string, t: Translate): string | undefined {
  const [first, ...more] = readAllowlist(allowlist, t).problems
  return first === undefined || more.length === 0
    ? first
    : t('andMore', { problem: first, count: more.length })
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
