// Fills the shape of an error with what went wrong: which text, code, member and status each of its members gets.

import { STATUS_CODES } from 'node:http'
import { isObject, normalizeName, segmentsOf, setMember } from '../json.js'
import { phraseOf, type Violation } from '../request/violations.js'
import type { Validation } from '../schema/validation.js'
import type { MemberRole } from './error-members.js'
import type { ErrorLeaf, ErrorList, ErrorMap, ErrorNode, ErrorObject } from './error-shapes.js'
import {
  chooseWord,
  closeness,
  codesOf,
  type ErrorKind,
  inMannerOf,
  isPlain,
  KINDS,
  kindOfWord,
  OAUTH_CODES,
  typesOf,
  type Wanted,
} from './error-words.js'

/** What went wrong, as far as anyone knows. */
export interface ErrorFacts {
  readonly kind: ErrorKind
  readonly status: number
  /** For people, violations included. */
  readonly message: string
  readonly code: string | undefined
  readonly details: object | undefined
  readonly violations: readonly Violation[]
  readonly retryAfterSeconds: number | undefined
  /** Of the request. */
  readonly path: string | undefined
  /** Whether the document's own words for this status are as good as `message`. */
  readonly isCommonplace: boolean
  /** Whether the shape's examples are of exactly this status. */
  readonly isSpecific: boolean
  /** Whether the shape is the operation's own. */
  readonly isOwn: boolean
  /** A word of the shape, for the manner of others. */
  readonly model: string | undefined
}

export type FillError = (node: ErrorNode, facts: ErrorFacts) => Filled | undefined

const MAX_ENTRIES = 50

/** A value, and how well it says what went wrong: more is better. */
export interface Filled {
  readonly value: unknown
  readonly points: number
  /** Whether the document has no such value. */
  readonly isInvented?: boolean
  /** Whether who refused the request said so. */
  readonly isGiven?: boolean
}

interface Context {
  readonly facts: ErrorFacts
  /** Of an entry: what it is about, if it is about a member. */
  readonly violation: Violation | undefined
  readonly isEntry: boolean
  /** Whether a text must say where as well. */
  readonly isAlone?: boolean
  /** Whether a text around it says what is wrong. */
  readonly isTold?: boolean
  /** Whether that text is in an object further out. */
  readonly isToldAbove?: boolean
}

const POINTS = { text: 10, field: 4, word: 2, strangeWord: -6 } as const

export function createErrorFiller(validation: Validation): FillError {
  const fill = (node: ErrorNode, context: Context, isLead = false): Filled | undefined => {
    switch (node.kind) {
      case 'leaf':
        return fillLeaf(node, context, isLead)
      case 'object':
        return fillObject(node, context)
      case 'list':
        return fillList(node, context)
      case 'map':
        return fillMap(node, context)
      case 'choice': {
        const filled = node.options
          .map((option) => fill(option, context, isLead))
          .filter((one) => one !== undefined)
        return filled.reduce<Filled | undefined>(
          (best, one) => (best === undefined || one.points > best.points ? one : best),
          undefined,
        )
      }
    }
  }

  const fits = (leaf: ErrorLeaf, value: unknown): boolean => {
    const { types, values } = leaf
    if (
      types !== undefined &&
      !types.has(typeOf(value)) &&
      !(types.has('number') && typeof value === 'number')
    )
      return false
    if (values !== undefined && !values.includes(value)) return false
    return !leaf.isConstrained || validation.ofSchema(leaf.schema)(value).length === 0
  }

  const firstFitting = (leaf: ErrorLeaf, candidates: readonly unknown[]): unknown =>
    candidates.find((candidate) => candidate !== undefined && fits(leaf, candidate))

  const fillLeaf = (leaf: ErrorLeaf, context: Context, isLead: boolean): Filled | undefined => {
    const { meaning, values, maxLength } = leaf
    const role =
      meaning?.role === 'maybeText' ? (isLead ? 'text' : (meaning.otherwise ?? 'title')) : meaning?.role
    const only = values?.filter((value) => value !== null)
    // What a part of an error is called is not what went wrong.
    const isOfPart = context.isToldAbove === true && (meaning?.rank === 4 || role === 'schemaName')
    if (role === undefined || isOfPart) return only?.length === 1 ? { value: only[0], points: 0 } : undefined
    if (WORDS.has(role)) return fillWord(leaf, role, context)
    const candidates = VALUES[role]?.(context, leaf) ?? []
    const value = firstFitting(leaf, candidates)
    const isGiven = role === 'retryAfter' && context.facts.retryAfterSeconds !== undefined
    if (value !== undefined) return { value, points: pointsOf(role, context), isGiven }
    // A shorter reason is better than none.
    const [text] = candidates
    const short = typeof text === 'string' && maxLength !== undefined ? text.slice(0, maxLength) : undefined
    if (short !== undefined && fits(leaf, short)) return { value: short, points: pointsOf(role, context) / 2 }
    return values === undefined ? undefined : fillWord(leaf, role, context)
  }

  /** A value that programs compare: one that the document names, or else a usual one in the manner of its examples. */
  const fillWord = (leaf: ErrorLeaf, role: MemberRole, context: Context): Filled | undefined => {
    const { facts } = context
    if (facts.code !== undefined && role === 'code' && fits(leaf, facts.code))
      return { value: facts.code, points: POINTS.word, isGiven: true }
    const wanted = wantedFor(role, context)
    if (leaf.values !== undefined) return fillNamedWord(leaf.values, facts.status, wanted)
    if (leaf.types !== undefined && !leaf.types.has('string')) return undefined
    const seen = leaf.seen.filter((value): value is string => typeof value === 'string' && value !== '')
    const model = seen[0] ?? facts.model
    // Words that other operations use may say something of theirs.
    const isTaken = (word: string) => (facts.isOwn && facts.isSpecific) || isPlain(word, wanted)
    const own = chooseWord(
      seen.filter((word) => kindOfWord(word) === wanted.kind && isTaken(word)),
      wanted,
    )
    // Numbers of an API's own, such as `702`, can only come from its examples.
    const isMute =
      seen[0] !== undefined && kindOfWord(seen[0]) === undefined && context.violation === undefined
    const isConstant = isMute && (role === 'family' || facts.isSpecific)
    const isNumber = /^[A-Z]*\d+$/.test(model ?? '')
    const usual = wanted.words[0] === undefined || isNumber ? undefined : inMannerOf(wanted.words[0], model)
    const value = firstFitting(leaf, [own, isConstant ? seen[0] : undefined, usual])
    return value === undefined
      ? undefined
      : { value, points: POINTS.word / 2, isInvented: value === usual && value !== own }
  }

  const fillNamedWord = (values: readonly unknown[], status: number, wanted: Wanted): Filled | undefined => {
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

  const fillObject = (node: ErrorObject, around: Context): Filled | undefined => {
    const object = {}
    let points = 0
    const context: Context = {
      ...around,
      isAlone: around.isEntry && !node.hasPlace,
      isTold: around.isTold === true || node.hasText,
      isToldAbove: around.isTold === true,
    }
    for (const { name, required, nullable, node: inner } of node.members) {
      const details =
        normalizeName(name) === 'details' && inner.kind !== 'leaf' ? context.facts.details : undefined
      const isShown = required || node.shown === undefined || node.shown.has(name)
      const filled =
        details === undefined
          ? fillMember(node, name, inner, context, required)
          : { value: details, points: 0 }
      // What an example of this very error leaves out is left out, unless it says what is wrong.
      const isTelling = says(inner) || (filled?.points ?? 0) >= POINTS.field || filled?.isGiven === true
      const isWanted = details !== undefined || isShown || isTelling

      // Where nothing has to be said, a word that the document does not know is worse than none.
      const isStrange =
        filled !== undefined && (filled.points < 0 || filled.isInvented) && (!required || nullable)
      if (filled !== undefined && isWanted && !isStrange) {
        setMember(object, name, filled.value)
        points += filled.points
      } else if (required && nullable) setMember(object, name, null)
    }
    return { value: object, points }
  }

  const fillMember = (
    { hasText, lead }: ErrorObject,
    name: string,
    node: ErrorNode,
    context: Context,
    required: boolean,
  ): Filled | undefined => {
    if (isValue(node)) return fill(node, context, !context.isTold && name === lead)
    if (node.kind === 'object' && (node.envelope === 0 || (node.envelope === 1 && hasText))) return undefined
    // Beside a text, a list or an object is worth its place only when it says more.
    const isWorth =
      required || !hasText || context.violation !== undefined || context.facts.violations.length > 0
    const filled = isWorth ? fill(node, context) : undefined
    return filled !== undefined && (required || filled.points >= POINTS.field) ? filled : undefined
  }

  const fillList = (node: ErrorList, context: Context): Filled | undefined => {
    const { facts, violation } = context
    if (context.isEntry && isOfNames(node)) return fillNames(node, violation)
    if (!node.isKnown) return undefined
    const listed =
      violation !== undefined ? [violation] : facts.violations.length > 0 ? facts.violations : [undefined]
    const filled = listed
      .slice(0, Math.min(MAX_ENTRIES, node.maxItems))
      .map((one) => fill(node.items, { facts, violation: one, isEntry: true }, true))
      .filter((one) => one !== undefined)
    const [first] = filled
    // An entry about a member is better than a text, and a text better than an entry about none.
    const extra = listed[0] === undefined ? -1 : 1
    return first === undefined
      ? undefined
      : { value: filled.map(({ value }) => value), points: first.points + extra }
  }

  /** A list of names that leads to the member at fault. */
  const fillNames = ({ items, meaning }: ErrorList, violation: Violation | undefined): Filled | undefined => {
    const role = meaning?.role
    if (violation === undefined) return role === 'location' ? { value: [], points: 0 } : undefined
    const names = namesOf(violation)
    const takesNumbers = takes(items, 'integer')
    const plain = names.map((name) => (takesNumbers && /^\d+$/.test(name) ? Number(name) : name))
    if (role === 'location') return { value: [violation.in, ...plain], points: POINTS.field }
    return { value: role === 'segments' ? plain : [names.join('.')], points: POINTS.field }
  }

  const fillMap = (node: ErrorMap, { facts, violation }: Context): Filled | undefined => {
    const listed = violation === undefined ? facts.violations : [violation]
    if (!node.isKnown || listed.length === 0) return undefined
    const object = {}
    let points = 0
    for (const one of listed.slice(0, MAX_ENTRIES)) {
      const filled = fill(node.values, { facts, violation: one, isEntry: true }, true)
      if (filled === undefined) continue
      const name = namesOf(one).join('.') || one.in
      const known = Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined
      const all =
        Array.isArray(known) && Array.isArray(filled.value) ? [...known, ...filled.value] : filled.value
      setMember(object, name, all)
      points = filled.points + POINTS.field
    }
    return points === 0 ? undefined : { value: object, points }
  }

  return (node, facts) => fill(node, { facts, violation: undefined, isEntry: false }, true)
}

/** Members that are chosen among the words of a document. */
const WORDS: ReadonlySet<MemberRole> = new Set(['code', 'family', 'violationType', 'oauthCode'])
/** Members that say what is wrong, and so are there whatever an example shows. */
const SAYING: ReadonlySet<MemberRole> = new Set(['text', 'maybeText', 'field', 'pointer'])

function says(node: ErrorNode): boolean {
  if (node.kind === 'choice') return node.options.some(says)
  return node.kind === 'leaf' && node.meaning !== undefined && SAYING.has(node.meaning.role)
}

/** Whether a node is nothing but a single value, whatever its kind. */
function isValue(node: ErrorNode): boolean {
  return node.kind === 'choice' ? node.options.every(isValue) : node.kind === 'leaf'
}

const pointsOf = (role: MemberRole, { violation, facts }: Context): number => {
  if (role === 'text' || role === 'phrase') return POINTS.text
  const isField = role === 'field' || role === 'pointer' || role === 'parameter'
  return isField && (violation ?? facts.violations[0]) !== undefined ? POINTS.field : 1
}

type Candidates = (context: Context, leaf: ErrorLeaf) => readonly unknown[]

const aboutOf = ({ violation, facts, isEntry }: Context): Violation | undefined =>
  violation ?? (isEntry ? undefined : facts.violations[0])

const textsOf: Candidates = ({ violation, facts, isAlone }, { seen }) => {
  if (violation !== undefined) return [isAlone ? phraseOf(violation) : violation.message]
  const isAboutThis = (text: unknown) => typeof text === 'string' && kindOfWord(text) === facts.kind
  return [...(facts.isCommonplace ? seen.filter(isAboutThis) : []), facts.message]
}

/** The values that a member may have, the best first, by what it means. */
const VALUES: Readonly<Partial<Record<MemberRole, Candidates>>> = {
  text: textsOf,
  phrase: (context, leaf) =>
    context.violation === undefined ? textsOf(context, leaf) : [phraseOf(context.violation)],
  title: ({ facts }) => [STATUS_CODES[facts.status] ?? 'Error'],
  status: ({ facts }, leaf) => statusesOf(facts, leaf),
  place: ({ violation }) => [violation?.in],
  field: (context, leaf) => {
    const violation = aboutOf(context)
    if (violation === undefined) return []
    const names = namesOf(violation)
    if (names.length === 0) return [violation.in]
    const pointer = `/${names.join('/')}`
    const [model] = leaf.seen
    return typeof model === 'string' && model.startsWith('/')
      ? [pointer, names.join('.')]
      : [names.join('.'), pointer]
  },
  parameter: (context) => {
    const violation = aboutOf(context)
    return violation === undefined || (context.isEntry && violation.in === 'body')
      ? []
      : [namesOf(violation).join('.')]
  },
  header: ({ violation }) => [violation?.in === 'header' ? violation.location : undefined],
  pointer: (context) => {
    const violation = aboutOf(context)
    return violation?.in === 'body' ? [['', ...namesOf(violation)].join('/')] : []
  },
  keyword: ({ violation }) => [violation?.keyword],
  request: ({ facts }) => [facts.path],
  schemaName: (_context, { within }) => [/^[A-Z]\w*$/.exec(within.split('.').at(-1) ?? '')?.[0]],
  outcome: () => ['error'],
  isError: () => [true],
  isSuccess: () => [false],
  retryAfter: ({ facts: { status, retryAfterSeconds } }) => [
    retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined),
  ],
  problemType: problemTypesOf,
}

/** That of an example of the same kind, else the one that says no more than the status (RFC 9457, section 4.2.1). */
function problemTypesOf({ facts: { kind, isSpecific } }: Context, { seen }: ErrorLeaf): readonly unknown[] {
  const wanted = { kind, words: [...KINDS[kind].codes, ...KINDS[kind].families], member: '' }
  const own = seen.find((text) => {
    const last = typeof text === 'string' ? (text.split(/[/#:]/).at(-1) ?? '') : ''
    const meant = kindOfWord(last)
    return meant === kind ? isPlain(last, wanted) : meant === undefined && isSpecific && last !== ''
  })
  return [own, 'about:blank']
}

/** As a number, as text, or as a word where the document has words here: `fail`, `INVALID_ARGUMENT`. */
function statusesOf({ status, kind, isSpecific }: ErrorFacts, { seen }: ErrorLeaf): readonly unknown[] {
  const words = seen.filter((text): text is string => typeof text === 'string' && !/^\d*$/.test(text))
  const [model] = words
  if (model === undefined) return [status, String(status)]
  const own = words.find((word) => kindOfWord(word) === kind)
  const isConstant = kindOfWord(model) === undefined || /^(error|fail|failed|failure)$/i.test(model)
  const word = own ?? (isConstant || isSpecific ? model : inMannerOf(KINDS[kind].codes[0], model))
  return [status, word, String(status)]
}

function wantedFor(role: MemberRole, context: Context): Wanted {
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

/** Where a violation is: the names and positions that lead to the member. */
function namesOf({ in: place, location, member }: Violation): readonly string[] {
  const names = place === 'body' ? segmentsOf(location) : location.split('/').filter(Boolean)
  return member === undefined ? names : [...names, member]
}

/** Whether a list in an entry leads to the member at fault. */
function isOfNames({ meaning, items }: ErrorList): boolean {
  return (
    meaning !== undefined && NAMES.has(meaning.role) && (items.kind === 'leaf' || items.kind === 'choice')
  )
}

const NAMES: ReadonlySet<MemberRole> = new Set(['location', 'segments', 'field'])

function takes(node: ErrorNode, type: string): boolean {
  if (node.kind === 'choice') return node.options.some((option) => takes(option, type))
  return node.kind === 'leaf' && (node.types === undefined || node.types.has(type))
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (isObject(value)) return 'object'
  return Number.isInteger(value) ? 'integer' : typeof value
}
