// An upper bound on the steps that a backtracking engine takes for a regular expression and a text, computed from the
// expression alone. The bound is never too low, so an expression with a low bound can be run natively.

import type { AST } from '@eslint-community/regexpp'
import { ALL, charactersOf, FIXED } from './pattern-sets.js'

export interface PatternFlags {
  readonly ignoreCase?: boolean
}

/**
 * The most steps that a search for a pattern takes in a text of some length, matched or not; Infinity when no useful
 * bound is known.
 */
export function stepsOf(
  pattern: AST.Pattern,
  length: number,
  { ignoreCase = false }: PatternFlags = {},
): number {
  const analysis: Analysis = { length, ignoreCase, forms: new Map(), ending: 0 }
  const { work, tries, ending } = wholeCost(analysis, pattern.alternatives)
  const starts = isAnchored(pattern.alternatives) ? 1 : length + 1
  return starts * (work + tries + 1) + ending
}

/** What a part of a pattern costs at most from one position in the text. */
interface Cost {
  /** How often what comes after it is tried. */
  readonly tries: number
  /** How many of these get past the next character. */
  readonly live: number
  /** Steps spent in it altogether. */
  readonly work: number
  /** Steps spent before it has read a character. */
  readonly head: number
  /** Steps at one position in the text, if the next character determines how to go on. */
  readonly weight: number
  /** Whether the next character always determines how to go on. */
  readonly isDetermined: boolean
}

/** What is known of a part by itself. */
interface Form {
  /** The characters that it may begin with. */
  readonly first: bigint
  readonly isNullable: boolean
  /** The length of the shortest text that it matches. */
  readonly shortest: number
}

const NOTHING: Cost = { tries: 1, live: 1, work: 0, head: 0, weight: 0, isDetermined: true }
const ONE: Cost = { tries: 1, live: 1, work: 1, head: 1, weight: 1, isDetermined: true }
const EMPTY: Form = { first: 0n, isNullable: true, shortest: 0 }
const UNBOUNDED: Cost = {
  ...{ tries: Infinity, live: Infinity, work: Infinity, head: Infinity, weight: Infinity },
  isDetermined: false,
}

/** What is known of a pattern for texts of one length. */
interface Analysis {
  readonly length: number
  readonly ignoreCase: boolean
  readonly forms: Map<AST.Node, Form>
  /** Steps of repetitions at the end, which go on as long as they can because nothing after them can fail. */
  ending: number
}

/**
 * What comes after a part. `follow` is the set of characters that may be next, empty where the pattern ends; `isLast`
 * says that a match is found once the part has matched.
 */
interface Rest {
  readonly follow: bigint
  readonly isLast: boolean
}

function wholeCost(
  analysis: Analysis,
  list: readonly AST.Alternative[],
): Pick<Cost, 'work' | 'tries'> & { readonly ending: number } {
  const before = analysis.ending
  analysis.ending = 0
  const { work, tries } = alternatives(analysis, list, { follow: 0n, isLast: true })
  const { ending } = analysis
  analysis.ending = before
  return { work, tries, ending }
}

function formOf(analysis: Analysis, node: AST.Node): Form {
  const known = analysis.forms.get(node)
  if (known !== undefined) return known
  const form = computeForm(analysis, node)
  analysis.forms.set(node, form)
  return form
}

function formOfSequence(analysis: Analysis, elements: readonly AST.Element[]): Form {
  let { first, isNullable, shortest } = EMPTY
  for (const element of elements) {
    const own = formOf(analysis, element)
    if (isNullable) first |= own.first
    isNullable &&= own.isNullable
    shortest += own.shortest
  }
  return { first, isNullable, shortest }
}

function computeForm(analysis: Analysis, node: AST.Node): Form {
  switch (node.type) {
    case 'Group':
    case 'CapturingGroup': {
      const all = node.alternatives.map(({ elements }) => formOfSequence(analysis, elements))
      return {
        first: all.reduce((set, { first }) => set | first, 0n),
        isNullable: all.some(({ isNullable }) => isNullable),
        shortest: Math.min(...all.map(({ shortest }) => shortest)),
      }
    }
    case 'Quantifier': {
      const own = formOf(analysis, node.element)
      return {
        first: node.max === 0 ? 0n : own.first,
        isNullable: node.min === 0 || own.isNullable,
        shortest: node.min * own.shortest,
      }
    }
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      return { first: charactersOf(node, analysis.ignoreCase), isNullable: false, shortest: 1 }
    case 'Backreference':
      return { first: ALL, isNullable: true, shortest: 0 }
    default:
      return EMPTY
  }
}

function costOf(analysis: Analysis, node: AST.Element, rest: Rest): Cost {
  switch (node.type) {
    case 'Group':
    case 'CapturingGroup':
      return alternatives(analysis, node.alternatives, rest)
    case 'Quantifier':
      return quantifier(analysis, node, rest)
    case 'Assertion':
      return 'alternatives' in node ? lookaround(analysis, node) : ONE
    case 'Backreference': {
      const steps = analysis.length + 1
      return { ...ONE, work: steps, head: steps, weight: steps }
    }
    default:
      return ONE
  }
}

function sequence(analysis: Analysis, elements: readonly AST.Element[], { follow, isLast }: Rest): Cost {
  let rest = NOTHING
  let next = follow
  let isRestNullable = true
  for (let i = elements.length - 1; i >= 0; i--) {
    const element = elements[i] as AST.Element
    const { first, isNullable } = formOf(analysis, element)
    const own = costOf(analysis, element, { follow: next, isLast: isLast && i === elements.length - 1 })
    rest = chain(own, rest, { isNullable, isRestNullable })
    isRestNullable &&= isNullable
    next = isNullable ? next | first : first
  }
  return capped(analysis, rest)
}

/** If the next character determines how to go on, the engine visits each position in the text only once. */
const capped = ({ length }: Analysis, cost: Cost): Cost =>
  cost.isDetermined
    ? {
        ...cost,
        live: 1,
        tries: Math.min(cost.tries, length + 1),
        work: Math.min(cost.work, (length + 1) * cost.weight),
      }
    : cost

function alternatives(analysis: Analysis, list: readonly AST.Alternative[], rest: Rest): Cost {
  const all = list.map(({ elements }) => sequence(analysis, elements, rest))
  const [only] = all
  if (all.length === 1 && only !== undefined) return only
  const lists = list.map(({ elements }) => formOfSequence(analysis, elements))
  let taken = 0n
  let isDetermined = lists.filter(({ isNullable }) => isNullable).length <= 1
  for (const [i, { first, isNullable }] of lists.entries()) {
    const begins = isNullable ? first | rest.follow : first
    isDetermined &&= (taken & begins) === 0n && all[i]?.isDetermined === true
    taken |= begins
  }
  const head = sum(all, 'head') + all.length
  const weight = sum(all, 'weight') + all.length
  if (!isDetermined) {
    const tries = sum(all, 'tries')
    return { tries, live: tries, work: sum(all, 'work') + all.length, head, weight, isDetermined }
  }
  const [tries, work] = [most(all, 'tries') + 1, head + most(all, 'work')]
  return capped(analysis, { tries, live: 1, work, head, weight, isDetermined })
}

function quantifier(
  analysis: Analysis,
  { element, min, max }: AST.Quantifier,
  { follow, isLast }: Rest,
): Cost {
  if (max === 0) return NOTHING
  const { first, isNullable, shortest } = formOf(analysis, element)
  const next = { follow: max > 1 ? first | follow : follow, isLast: isLast && max === 1 }
  const own = costOf(analysis, element, next)
  // Engines differ in how often they try something that may be empty.
  if (isNullable && (max > 1 || !isLast)) return UNBOUNDED
  const most = Math.min(max, Math.floor(analysis.length / Math.max(1, shortest)) + 1)
  if (!isLast) return repeated(analysis, own, { min, most, max }, (first & follow) === 0n)
  analysis.ending += repeated(analysis, own, { min: 0, most, max }, true).work
  // At the end of the pattern, the least number of repetitions already is a match.
  const least = { min, most: Math.min(min, most), max: min }
  return { ...repeated(analysis, own, least, true), tries: 1, live: 1 }
}

function repeated(
  analysis: Analysis,
  own: Cost,
  { min, most, max }: { readonly min: number; readonly most: number; readonly max: number },
  isDecided: boolean,
): Cost {
  const [head, weight] = [own.head + 1, own.weight + 1]
  const isDetermined = own.isDetermined && (isDecided || min === max)
  if (!own.isDetermined) {
    const [tries, rounds] = [powers(own.tries, min, most), powers(own.tries, 0, most)]
    return { tries, live: tries, work: rounds * (own.work + 1), head, weight, isDetermined }
  }
  const tries = min === max ? own.tries * Math.max(1, most) : most * own.tries + 1
  const work = most * (own.work + own.tries * (own.head + 1)) + 1
  return capped(analysis, { tries, live: isDetermined ? 1 : most + 1, work, head, weight, isDetermined })
}

/** An engine leaves an assertion only once, whether it holds or not. */
function lookaround(analysis: Analysis, node: AST.LookaroundAssertion): Cost {
  // An engine reads a lookbehind from its end: a bound is known only if its length is fixed.
  const isReadable =
    node.kind === 'lookahead' ||
    node.alternatives.every(({ elements }) => elements.every(({ type }) => FIXED.has(type)))
  if (!isReadable) return UNBOUNDED
  const inner = wholeCost(analysis, node.alternatives)
  const all = inner.work + inner.tries + inner.ending + 1
  return { ...NOTHING, work: all, head: all, weight: all }
}

/** One part after the other. */
function chain(
  own: Cost,
  rest: Cost,
  { isNullable, isRestNullable }: { readonly isNullable: boolean; readonly isRestNullable: boolean },
): Cost {
  const passing = own.isDetermined ? 1 : own.live
  return {
    tries: passing * rest.tries + (isRestNullable ? own.tries : 0),
    live: passing * rest.live,
    work: own.work + own.tries * rest.head + passing * rest.work,
    head: own.head + (isNullable ? own.tries * rest.head : 0),
    weight: own.weight + rest.weight,
    isDetermined: own.isDetermined && rest.isDetermined,
  }
}

/** base^low + … + base^high */
function powers(base: number, low: number, high: number): number {
  if (base <= 1) return Math.max(1, high - low + 1)
  return Math.max(1, high - low + 1) * base ** high
}

const sum = (costs: readonly Cost[], name: 'tries' | 'work' | 'head' | 'weight'): number =>
  costs.reduce((total, cost) => total + cost[name], 0)
const most = (costs: readonly Cost[], name: 'tries' | 'work'): number =>
  costs.reduce((highest, cost) => Math.max(highest, cost[name]), 0)

const isAnchored = (alternatives: readonly AST.Alternative[]): boolean =>
  alternatives.every(({ elements: [first] }) =>
    first?.type === 'Group' || first?.type === 'CapturingGroup'
      ? isAnchored(first.alternatives)
      : first?.type === 'Assertion' && first.kind === 'start',
  )
