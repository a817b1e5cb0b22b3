// What a backtracking engine does at most with a regular expression and a text: a bound on its steps, computed from the
// expression alone. It never promises too little, so that what it calls cheap can be run natively.

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
  const { work, tries, ending } = createAnalysis(length, ignoreCase).whole(pattern.alternatives)
  const starts = isAnchored(pattern.alternatives) ? 1 : length + 1
  return starts * (work + tries + 1) + ending
}

/** What a part of a pattern costs from one place in the text, wherever that is. */
interface Cost {
  /** How often what comes after it is tried. */
  readonly tries: number
  /** How many of these get past the next character. */
  readonly live: number
  /** Steps spent in it altogether. */
  readonly work: number
  /** Steps spent before it has read a character. */
  readonly head: number
  /** Steps that it spends at one place in the text, where it is determined by the next character how to go on. */
  readonly weight: number
  /** Whether the next character always determines how to go on. */
  readonly isDetermined: boolean
}

/** What can be said of a part by itself. */
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

/**
 * Reads costs for texts of one length. `follow` is what the next character may be behind a part, nothing when the pattern
 * ends there; `isLast` says that a match is found once the part has matched.
 */
function createAnalysis(length: number, ignoreCase: boolean) {
  const forms = new Map<AST.Node, Form>()
  /** Steps of repetitions at the end, which go on as long as they can once nothing can fail any more. */
  let ending = 0

  const whole = (
    list: readonly AST.Alternative[],
  ): Pick<Cost, 'work' | 'tries'> & { readonly ending: number } => {
    const before = ending
    ending = 0
    const { work, tries } = alternatives(list, 0n, true)
    const own = ending
    ending = before
    return { work, tries, ending: own }
  }

  const formOf = (node: AST.Node): Form => {
    const known = forms.get(node)
    if (known !== undefined) return known
    const form = computeForm(node)
    forms.set(node, form)
    return form
  }
  const formOfSequence = (elements: readonly AST.Element[]): Form => {
    let { first, isNullable, shortest } = EMPTY
    for (const element of elements) {
      const own = formOf(element)
      if (isNullable) first |= own.first
      isNullable &&= own.isNullable
      shortest += own.shortest
    }
    return { first, isNullable, shortest }
  }
  const computeForm = (node: AST.Node): Form => {
    switch (node.type) {
      case 'Group':
      case 'CapturingGroup': {
        const all = node.alternatives.map(({ elements }) => formOfSequence(elements))
        return {
          first: all.reduce((set, { first }) => set | first, 0n),
          isNullable: all.some(({ isNullable }) => isNullable),
          shortest: Math.min(...all.map(({ shortest }) => shortest)),
        }
      }
      case 'Quantifier': {
        const own = formOf(node.element)
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
        return { first: charactersOf(node, ignoreCase), isNullable: false, shortest: 1 }
      case 'Backreference':
        return { first: ALL, isNullable: true, shortest: 0 }
      default:
        return EMPTY
    }
  }

  const costOf = (node: AST.Element, follow: bigint, isLast: boolean): Cost => {
    switch (node.type) {
      case 'Group':
      case 'CapturingGroup':
        return alternatives(node.alternatives, follow, isLast)
      case 'Quantifier':
        return quantifier(node, follow, isLast)
      case 'Assertion':
        return 'alternatives' in node ? lookaround(node) : ONE
      case 'Backreference':
        return { ...ONE, work: length + 1, head: length + 1, weight: length + 1 }
      default:
        return ONE
    }
  }

  const sequence = (elements: readonly AST.Element[], follow: bigint, isLast: boolean): Cost => {
    let rest = NOTHING
    let next = follow
    let isRestNullable = true
    for (let i = elements.length - 1; i >= 0; i--) {
      const element = elements[i] as AST.Element
      const { first, isNullable } = formOf(element)
      const own = costOf(element, next, isLast && i === elements.length - 1)
      rest = chain(own, rest, { isNullable, isRestNullable })
      isRestNullable &&= isNullable
      next = isNullable ? next | first : first
    }
    return capped(rest)
  }

  /** Where the next character determines how to go on, no place in the text is visited twice. */
  const capped = (cost: Cost): Cost =>
    cost.isDetermined
      ? {
          ...cost,
          live: 1,
          tries: Math.min(cost.tries, length + 1),
          work: Math.min(cost.work, (length + 1) * cost.weight),
        }
      : cost

  const alternatives = (list: readonly AST.Alternative[], follow: bigint, isLast: boolean): Cost => {
    const all = list.map(({ elements }) => sequence(elements, follow, isLast))
    const [only] = all
    if (all.length === 1 && only !== undefined) return only
    const lists = list.map(({ elements }) => formOfSequence(elements))
    let taken = 0n
    let isDetermined = lists.filter(({ isNullable }) => isNullable).length <= 1
    for (const [i, { first, isNullable }] of lists.entries()) {
      const begins = isNullable ? first | follow : first
      isDetermined &&= (taken & begins) === 0n && all[i]?.isDetermined === true
      taken |= begins
    }
    const head = sum(all, 'head') + all.length
    const weight = sum(all, 'weight') + all.length
    if (!isDetermined) {
      const [tries, live] = [sum(all, 'tries'), sum(all, 'tries')]
      return { tries, live, work: sum(all, 'work') + all.length, head, weight, isDetermined }
    }
    const [tries, work] = [most(all, 'tries') + 1, head + most(all, 'work')]
    return capped({ tries, live: 1, work, head, weight, isDetermined })
  }

  const quantifier = ({ element, min, max }: AST.Quantifier, follow: bigint, isLast: boolean): Cost => {
    if (max === 0) return NOTHING
    const { first, isNullable, shortest } = formOf(element)
    const own = costOf(element, max > 1 ? first | follow : follow, isLast && max === 1)
    // How often something that may be empty is tried is for each engine to know.
    if (isNullable && (max > 1 || !isLast)) return UNBOUNDED
    const most = Math.min(max, Math.floor(length / Math.max(1, shortest)) + 1)
    if (!isLast) return repeated(own, { min, most, max }, (first & follow) === 0n)
    ending += repeated(own, { min: 0, most, max }, true).work
    // Found that often, it is found: what comes after it is the end of the search.
    return { ...repeated(own, { min, most: Math.min(min, most), max: min }, true), tries: 1, live: 1 }
  }

  const repeated = (
    own: Cost,
    { min, most, max }: { readonly min: number; readonly most: number; readonly max: number },
    isDecided: boolean,
  ): Cost => {
    const [head, weight] = [own.head + 1, own.weight + 1]
    const isDetermined = own.isDetermined && (isDecided || min === max)
    if (!own.isDetermined) {
      const [tries, rounds] = [powers(own.tries, min, most), powers(own.tries, 0, most)]
      return { tries, live: tries, work: rounds * (own.work + 1), head, weight, isDetermined }
    }
    const tries = min === max ? own.tries * Math.max(1, most) : most * own.tries + 1
    const work = most * (own.work + own.tries * (own.head + 1)) + 1
    return capped({ tries, live: isDetermined ? 1 : most + 1, work, head, weight, isDetermined })
  }

  /** Found or not, it is left but once. */
  const lookaround = (node: AST.LookaroundAssertion): Cost => {
    // Backwards, an engine reads from the end: only what has one length is as easy to bound.
    const isReadable =
      node.kind === 'lookahead' ||
      node.alternatives.every(({ elements }) => elements.every(({ type }) => FIXED.has(type)))
    if (!isReadable) return UNBOUNDED
    const inner = whole(node.alternatives)
    const all = inner.work + inner.tries + inner.ending + 1
    return { ...NOTHING, work: all, head: all, weight: all }
  }

  return { whole }
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
