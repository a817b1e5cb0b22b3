// Regular expressions that a document brings along, tested in time that grows with the text alone: natively where a
// bound on the steps shows that they are few, else by RE2. What neither can promise is not tested.

import type { AST } from '@eslint-community/regexpp'
import { loadLibrary } from '../../libraries.js'
import { lazy } from '../json.js'
import { type PatternFlags, stepsOf } from './pattern-cost.js'
import { createRe2, programOf, type Re2 } from './pattern-re2.js'

const parser = lazy(() => {
  const { RegExpParser } = loadLibrary<typeof import('@eslint-community/regexpp')>('regexpp')
  return new RegExpParser({ ecmaVersion: 2024 })
})

export interface CompiledPattern {
  /** Why the pattern is not tested, or not on every text; undefined when it always is. */
  readonly problem: string | undefined
  /** Whether the pattern is found in a text; undefined when this cannot be told in time. */
  find(text: string): boolean | undefined
  /** The same, where what cannot be told is taken for a yes. */
  test(text: string): boolean
}

export const MAX_PATTERN_LENGTH = 5_000
/** What reads a pattern calls itself for each group: beyond this, what else is on the stack would decide whether it can. */
const MAX_NESTING = 200
// Native steps take some nanoseconds each.
const MAX_STEPS = 20_000_000
/** More than this is left to RE2, if it can do it, so that a thousand texts do not take a thousand times as long. */
const isFew = (steps: number, length: number): boolean => steps <= Math.min(20_000 + 64 * length, MAX_STEPS)
const MAX_STEPS_WITHOUT_RE2 = 1_000_000
/** Instructions times characters: 200 ms at worst. */
const MAX_RE2_STEPS = 4_000_000
/** A pattern that is not tested on texts longer than this is worth a warning. */
const USUAL_LENGTH = 1_024

/** The patterns of one document, and what was made of them: as many as the document has, and gone when it is. */
export interface Patterns {
  /** A test for a pattern, the same one for the same pattern. It is compiled when the first text needs it. */
  compiled(pattern: string): CompiledPattern
}

export function createPatterns(): Patterns {
  const known = new Map<string, CompiledPattern>()
  return {
    compiled(pattern) {
      let compiled = known.get(pattern)
      if (compiled === undefined) {
        compiled = compilePattern(pattern)
        known.set(pattern, compiled)
      }
      return compiled
    },
  }
}

interface Parsed {
  readonly ast: AST.Pattern
  readonly isUnicode: boolean
}

/** How many groups lie within each other. */
function nestingOf(pattern: string): number {
  let depth = 0
  let deepest = 0
  for (const [token] of pattern.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|[()]/gs)) {
    if (token === '(') deepest = Math.max(deepest, ++depth)
    else if (token === ')') depth--
  }
  return deepest
}

/** The syntax tree of a pattern; undefined when it has none. */
export function parsePattern(pattern: string): Parsed | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return undefined
  for (const unicode of [true, false]) {
    try {
      return { ast: parser().parsePattern(pattern, 0, pattern.length, { unicode }), isUnicode: unicode }
    } catch {
      // Patterns written for other engines often parse without the unicode flag only.
    }
  }
  return undefined
}

/**
 * What stands between the slashes of a pattern that is written as a literal of a programming language, as Recurly and Novu
 * write some: read as it stands, nothing is before the begin and after the end of a text, so that it would refuse all.
 */
const LITERAL = /^\/(?<source>\^.*\$)\/(?<flags>[dgimsuvy]*)$/s

/** A pattern without the slashes and the flags of a literal. */
export const withoutSlashes = (pattern: string): string => LITERAL.exec(pattern)?.groups?.source ?? pattern

/** A test for a pattern, which is compiled when the first text needs it. */
export function compilePattern(pattern: string, flags: PatternFlags = {}): CompiledPattern {
  const literal = LITERAL.exec(pattern)?.groups
  if (literal?.source !== undefined)
    return compilePattern(literal.source, { ...flags, ignoreCase: literal.flags?.includes('i') === true })
  if (pattern.length > MAX_PATTERN_LENGTH) return untested(`is longer than ${MAX_PATTERN_LENGTH} characters`)
  if (nestingOf(pattern) > MAX_NESTING) return untested(`nests more than ${MAX_NESTING} groups`)
  const parsed = parsePattern(pattern)
  if (parsed === undefined) return untested('is not a valid regular expression')
  const whole = createTest(pattern, parsed, flags)
  if (whole.problem === undefined) return whole
  const parts = conjunctsOf(parsed.ast)
  const tests = parts.map(({ source, isWanted }) => ({ isWanted, pattern: compilePattern(source, flags) }))
  if (tests.length === 0) return whole
  const find = (text: string): boolean | undefined => {
    const found = whole.find(text)
    if (found !== undefined) return found
    const verdicts = tests.map(({ isWanted, pattern: part }) => {
      const verdict = part.find(text)
      return verdict === undefined ? undefined : verdict === isWanted
    })
    return verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true
  }
  return tested(tests.find(({ pattern: part }) => part.problem !== undefined)?.pattern.problem, find)
}

const tested = (
  problem: string | undefined,
  find: (text: string) => boolean | undefined,
): CompiledPattern => ({ problem, find, test: (text) => find(text) !== false })

const untested = (problem: string): CompiledPattern => tested(`${problem}; it is not tested`, () => undefined)

function createTest(pattern: string, { ast, isUnicode }: Parsed, flags: PatternFlags): CompiledPattern {
  // A syntax tree takes hundreds of bytes a character, and little is asked of it once the pattern is known.
  let parsed: AST.Pattern | undefined = ast
  const tree = () => parsed ?? (parsePattern(pattern) as Parsed).ast
  const bound = createBound((length) => boundOf(tree(), length, flags))
  const native = lazy(() => new RegExp(pattern, (isUnicode ? 'u' : '') + (flags.ignoreCase ? 'i' : '')))
  const re2 = createRe2(() => programOf(tree(), flags))
  const { start, end } = flags.ignoreCase === true ? NO_EDGES : edgesOf(ast)
  const find = (text: string): boolean | undefined => {
    const { length } = text
    const steps = bound(length)
    // An engine takes its time for the first test of a pattern, and a document may have thousands of them.
    if (isFew(steps, length))
      return text.startsWith(start) && text.endsWith(end) && findNatively(native(), text)
    const size = re2.size()
    const found = size === undefined || size * length > MAX_RE2_STEPS ? undefined : re2.find(text)
    return found ?? (steps <= MAX_STEPS_WITHOUT_RE2 ? findNatively(native(), text) : undefined)
  }
  const problem = problemOf(bound, re2)
  parsed = undefined
  return tested(problem, find)
}

interface Edges {
  readonly start: string
  readonly end: string
}

const NO_EDGES: Edges = { start: '', end: '' }

/** What every text begins and ends with in which a pattern is found, as far as it says so in plain characters: `^x-`, `-id$`. */
function edgesOf({ alternatives: [only, ...others] }: AST.Pattern): Edges {
  if (only === undefined || others.length > 0) return NO_EDGES
  const { elements } = only
  return {
    start: isEdge(elements[0], 'start') ? plainIn(elements.slice(1)) : '',
    end: isEdge(elements.at(-1), 'end') ? plainIn(elements.slice(0, -1).reverse(), true) : '',
  }
}

/** The characters that come first. */
function plainIn(elements: readonly AST.Element[], isBackward = false): string {
  let text = ''
  for (const element of elements) {
    if (element.type !== 'Character') break
    const character = String.fromCodePoint(element.value)
    text = isBackward ? character + text : text + character
  }
  return text
}

function problemOf(bound: Bound, { size }: Re2): string | undefined {
  const isTestable = (length: number) => {
    const steps = bound(length)
    return isFew(steps, length) || size() !== undefined || steps <= MAX_STEPS_WITHOUT_RE2
  }
  if (isTestable(USUAL_LENGTH)) return undefined
  let length = USUAL_LENGTH
  while (length > 1 && !isTestable(length)) length /= 2
  return length > 1
    ? `can take for ever on long texts; it is tested on those of up to ${length} characters only`
    : 'can take for ever on some texts; it is not tested'
}

type Bound = (length: number) => number

/** The bound for a text, computed once for all of about its length. */
function createBound(compute: Bound): Bound {
  const bounds: (number | undefined)[] = []
  return (length) => {
    const scale = Math.max(5, 32 - Math.clz32(length))
    let steps = bounds[scale]
    if (steps === undefined) {
      steps = compute(2 ** scale)
      bounds[scale] = steps
    }
    return steps
  }
}

function boundOf(ast: AST.Pattern, length: number, flags: PatternFlags): number {
  try {
    const steps = stepsOf(ast, length, flags)
    return Number.isNaN(steps) ? Number.POSITIVE_INFINITY : steps
  } catch (error) {
    // It nests more deeply than this can look.
    if (error instanceof RangeError) return Number.POSITIVE_INFINITY
    throw error
  }
}

function findNatively(native: RegExp, text: string): boolean | undefined {
  try {
    return native.test(text)
  } catch {
    // Even a few steps can be too many for the engine to remember.
    return undefined
  }
}

interface Conjunct {
  readonly source: string
  /** Whether it must be found, or must not. */
  readonly isWanted: boolean
}

/**
 * Patterns that together say the same, for one with look-around at its beginning or its end, as `^(?=A)(?!B)C(?<!D)$`
 * has; none for others.
 */
function conjunctsOf({ alternatives }: AST.Pattern): readonly Conjunct[] {
  const [only, ...others] = alternatives
  if (only === undefined || others.length > 0 || /\\(?:[1-9]|k<)/.test(only.raw)) return []
  const elements = [...only.elements]
  const conjuncts: Conjunct[] = []
  if (isEdge(elements[0], 'start')) {
    for (let next = elements[1]; isLookaround(next, 'lookahead'); next = elements[1]) {
      conjuncts.push({ source: `^(?:${insideOf(next)})`, isWanted: !next.negate })
      elements.splice(1, 1)
    }
  }
  if (isEdge(elements.at(-1), 'end')) {
    for (let last = elements.at(-2); isLookaround(last, 'lookbehind'); last = elements.at(-2)) {
      conjuncts.push({ source: `(?:${insideOf(last)})$`, isWanted: !last.negate })
      elements.splice(-2, 1)
    }
  }
  if (conjuncts.length === 0) return []
  return [...conjuncts, { source: elements.map(({ raw }) => raw).join(''), isWanted: true }]
}

const isEdge = (element: AST.Element | undefined, kind: 'start' | 'end'): boolean =>
  element?.type === 'Assertion' && element.kind === kind

const isLookaround = <Kind extends AST.LookaroundAssertion['kind']>(
  element: AST.Element | undefined,
  kind: Kind,
): element is AST.LookaroundAssertion & { kind: Kind } =>
  element?.type === 'Assertion' && element.kind === kind

const insideOf = ({ alternatives }: AST.LookaroundAssertion): string =>
  alternatives.map(({ raw }) => raw).join('|')
