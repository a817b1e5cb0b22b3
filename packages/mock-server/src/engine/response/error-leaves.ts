// Fills the single values of an error: with the best of what a member may say that fits its schema.

import { type ErrorFacts, type FillContext, type Filled, namesOf, POINTS } from './error-facts.js'
import type { MemberRole } from './error-members.js'
import type { ErrorLeaf } from './error-shapes.js'
import { VALUES } from './error-values.js'
import {
  chooseWord,
  closeness,
  codesOf,
  inMannerOf,
  isPlain,
  KINDS,
  kindOfWord,
  OAUTH_CODES,
  typesOf,
  type Wanted,
} from './error-words.js'

/** @param isLead whether this is the member that says what is wrong where no text does. */
export function fillLeaf(leaf: ErrorLeaf, context: FillContext, isLead: boolean): Filled | undefined {
  const role = roleOf(leaf, isLead)
  if (role === undefined || isOfPart(leaf, role, context)) return onlyValue(leaf)
  if (WORDS.has(role)) return fillWord(leaf, role, context)
  const candidates = VALUES[role]?.(context, leaf) ?? []
  const points = pointsOf(role, context)
  const value = firstFitting(leaf, candidates, context)
  const isGiven = role === 'retryAfter' && context.facts.retryAfterSeconds !== undefined
  if (value !== undefined) return { value, points, isGiven }
  // A shorter reason is better than none.
  const [text] = candidates
  const short = typeof text === 'string' && leaf.maxLength !== undefined && text.slice(0, leaf.maxLength)
  if (short !== false && context.fits(leaf, short)) return { value: short, points: points / 2 }
  return leaf.values === undefined ? undefined : fillWord(leaf, role, context)
}

function roleOf({ meaning }: ErrorLeaf, isLead: boolean): MemberRole | undefined {
  if (meaning?.role !== 'maybeText') return meaning?.role
  return isLead ? 'text' : (meaning.otherwise ?? 'title')
}

/** Whether a member says what a part of an error is called, which is not what went wrong. */
const isOfPart = ({ meaning }: ErrorLeaf, role: MemberRole, { isToldAbove }: FillContext): boolean =>
  isToldAbove === true && (meaning?.rank === 4 || role === 'schemaName')

/** What a member has that can have nothing else. */
function onlyValue({ values }: ErrorLeaf): Filled | undefined {
  const only = values?.filter((value) => value !== null)
  return only?.length === 1 ? { value: only[0], points: 0 } : undefined
}

const firstFitting = (leaf: ErrorLeaf, candidates: readonly unknown[], { fits }: FillContext): unknown =>
  candidates.find((candidate) => candidate !== undefined && fits(leaf, candidate))

const pointsOf = (role: MemberRole, { violation, facts }: FillContext): number => {
  if (role === 'text' || role === 'phrase') return POINTS.text
  const isField = role === 'field' || role === 'pointer' || role === 'parameter'
  return isField && (violation ?? facts.violations[0]) !== undefined ? POINTS.field : 1
}

/** Members that are chosen among the words of a document. */
const WORDS: ReadonlySet<MemberRole> = new Set(['code', 'family', 'violationType', 'oauthCode'])

/** A value that programs compare: one that the document names, or else a usual one in the manner of its examples. */
function fillWord(leaf: ErrorLeaf, role: MemberRole, context: FillContext): Filled | undefined {
  const { facts } = context
  if (facts.code !== undefined && role === 'code' && context.fits(leaf, facts.code))
    return { value: facts.code, points: POINTS.word, isGiven: true }
  const wanted = wantedFor(role, context)
  if (leaf.values !== undefined) return fillNamedWord(leaf.values, facts.status, wanted)
  if (leaf.types !== undefined && !leaf.types.has('string')) return undefined
  const seen = leaf.seen.filter((value): value is string => typeof value === 'string' && value !== '')
  const [first] = seen
  const own = ownWord(seen, facts, wanted)
  const usual = usualWord(wanted, first ?? facts.model)
  const constant = isConstant(first, role, context) ? first : undefined
  const value = firstFitting(leaf, [own, constant, usual], context)
  if (value === undefined) return undefined
  return { value, points: POINTS.word / 2, isInvented: value === usual && value !== own }
}

/** The word of the document's examples that says it. */
function ownWord(seen: readonly string[], facts: ErrorFacts, wanted: Wanted): string | undefined {
  // Words that other operations use may say something of theirs.
  const isTaken = (word: string) => (facts.isOwn && facts.isSpecific) || isPlain(word, wanted)
  return chooseWord(
    seen.filter((word) => kindOfWord(word) === wanted.kind && isTaken(word)),
    wanted,
  )
}

/** Numbers of an API's own, such as `702`, can only come from its examples. */
function isConstant(first: string | undefined, role: MemberRole, { violation, facts }: FillContext): boolean {
  if (first === undefined || violation !== undefined || kindOfWord(first) !== undefined) return false
  return role === 'family' || facts.isSpecific
}

function usualWord({ words: [word] }: Wanted, model: string | undefined): string | undefined {
  const isNumber = /^[A-Z]*\d+$/.test(model ?? '')
  return word === undefined || isNumber ? undefined : inMannerOf(word, model)
}

function fillNamedWord(values: readonly unknown[], status: number, wanted: Wanted): Filled | undefined {
  const texts = values.filter((value) => typeof value === 'string')
  const word = chooseWord(texts, wanted)
  if (word !== undefined) return { value: word, points: (POINTS.word * closeness(word, wanted)) / 2 }
  const isClient = status < 500
  const near = [status, ...(isClient ? [400, 422] : [500])].find((one) => values.includes(one))
  const value = near ?? values.find((one) => one !== null)
  return value === undefined
    ? undefined
    : { value, points: near === status ? POINTS.word : POINTS.strangeWord }
}

function wantedFor(role: MemberRole, context: FillContext): Wanted {
  const { facts, violation, isEntry } = context
  const words = KINDS[facts.kind]
  const about = violation ?? facts.violations[0]
  const member = about === undefined ? '' : (namesOf(about).at(-1) ?? '')
  if (role === 'family' || role === 'status') return { kind: facts.kind, words: words.families, member }
  const { kind } = facts
  const oauth = OAUTH_CODES[kind]
  if (role === 'oauthCode' && oauth !== undefined) return { kind, words: [oauth, ...words.codes], member }
  if (role === 'violationType' && about !== undefined) return { kind, words: typesOf(about), member }
  // A code of its own for one violation; for all of them together the general one comes first.
  const own = about === undefined ? [] : codesOf(about)
  const codes = isEntry ? [...own, ...words.codes] : [...words.codes, ...own]
  return { kind, words: [...codes, ...words.families], member }
}
