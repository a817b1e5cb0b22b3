// What a member of an error may say by what it means, the best first.

import { STATUS_CODES } from 'node:http'
import { phraseOf, type Violation } from '../request/violations.js'
import { type ErrorFacts, type FillContext, namesOf } from './error-facts.js'
import type { MemberRole } from './error-members.js'
import type { ErrorLeaf } from './error-shapes.js'
import { inMannerOf, isPlain, KINDS, kindOfWord } from './error-words.js'

type Candidates = (context: FillContext, leaf: ErrorLeaf) => readonly unknown[]

const aboutOf = ({ violation, facts, isEntry }: FillContext): Violation | undefined =>
  violation ?? (isEntry ? undefined : facts.violations[0])

const textsOf: Candidates = ({ violation, facts, isAlone }, { seen }) => {
  if (violation !== undefined) return [isAlone ? phraseOf(violation) : violation.message]
  const isAboutThis = (text: unknown) => typeof text === 'string' && kindOfWord(text) === facts.kind
  return [...(facts.isCommonplace ? seen.filter(isAboutThis) : []), facts.message]
}

/** The values that a member may have, the best first, by what it means. */
export const VALUES: Readonly<Partial<Record<MemberRole, Candidates>>> = {
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
function problemTypesOf(
  { facts: { kind, isSpecific } }: FillContext,
  { seen }: ErrorLeaf,
): readonly unknown[] {
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
