// What a member of an error means: by its name, and by its type, its examples and the members beside it.

import { STATUS_CODES } from 'node:http'
import { type Meaning, type MemberRole, meaningOf } from './error-members.js'
import type { ErrorMember, ErrorNode } from './error-shapes.js'
import { isCode, kindOfWord } from './error-words.js'

/** What is known of a scalar member. */
export interface Scalar {
  readonly name: string
  readonly level: 'top' | 'entry'
  readonly types: ReadonlySet<string> | undefined
  readonly values: readonly unknown[] | undefined
  readonly seen: readonly unknown[]
}

export function meaningOfScalar(scalar: Scalar): Meaning | undefined {
  const { name, level, types } = scalar
  const named: Meaning | undefined = name === '' ? { role: 'text' } : meaningOf(name, level)
  if (types === undefined || types.has('string')) return meaningOfText(named, scalar)
  const byType = types.has('boolean')
    ? FLAGS
    : types.has('integer') || types.has('number')
      ? NUMBERS
      : undefined
  if (byType === undefined) return meaningOfText(named, scalar)
  const role = named && byType[named.role]
  return role && { role }
}

type Roles = Readonly<Partial<Record<MemberRole, MemberRole>>>
/** What names mean of members that are true or false, and of numbers; other names mean nothing there. */
const FLAGS: Roles = {
  maybeText: 'isError',
  isError: 'isError',
  isSuccess: 'isSuccess',
  status: 'isSuccess',
}
const NUMBERS: Roles = { code: 'status', status: 'status', retryAfter: 'retryAfter' }

function meaningOfText(named: Meaning | undefined, { seen, values = [] }: Scalar): Meaning | undefined {
  const texts = [...seen, ...values].filter((value): value is string => typeof value === 'string')
  const areCodes = texts.length > 0 && texts.every(isWordForPrograms)
  // Beside a text, such a name is often the code: `error` in RFC 6749, section 5.2.
  if (named?.role === 'maybeText' && areCodes) return { role: 'code' }
  if (named !== undefined) return named
  const isAboutErrors = areCodes && texts.some((text) => kindOfWord(text) !== undefined)
  return isAboutErrors ? { role: 'code' } : undefined
}

const isWordForPrograms = (text: string): boolean =>
  isCode(text) || (/^[A-Za-z]+$/.test(text) && !STATUS_NAMES.has(text) && kindOfWord(text) !== undefined)
const STATUS_NAMES: ReadonlySet<string> = new Set(Object.values(STATUS_CODES).map(String))

/** A member whose node may still change by those beside it. */
export interface DraftMember extends ErrorMember {
  node: ErrorNode
}

/** Changes what members mean because of those beside them. */
export function settle(members: readonly DraftMember[]): void {
  const [only] = members
  if (members.length === 1 && only?.node.kind === 'object') only.node = { ...only.node, envelope: 2 }
  const error = members.find(({ name }) => name === 'error')
  if (error?.node.kind === 'leaf' && members.some(({ name }) => name === 'error_description'))
    error.node = { ...error.node, meaning: { role: 'oauthCode' } }
  const isStatus = ({ node }: DraftMember): boolean => node.kind === 'leaf' && node.meaning?.role === 'status'
  const isNumeric = ({ node }: DraftMember): boolean =>
    node.kind === 'leaf' && node.types?.has('integer') === true
  if (!members.some((one) => isStatus(one) && isNumeric(one))) return
  for (const one of members) {
    const { node } = one
    if (node.kind === 'leaf' && isStatus(one) && !isNumeric(one) && node.seen.length === 0 && !node.values)
      one.node = { ...node, meaning: one.required ? { role: 'outcome' } : undefined }
  }
}
