// Regular expressions that a document brings along: tested without a way to hang the process, and read backwards
// to make text that they match.

import { createRequire } from 'node:module'
import type { AST } from '@eslint-community/regexpp'
import { lazy } from '../json.js'

const require = createRequire(import.meta.url)
const parser = lazy(() => {
  const { RegExpParser } = require('@eslint-community/regexpp') as typeof import('@eslint-community/regexpp')
  return new RegExpParser({ ecmaVersion: 2024 })
})
const re2 = lazy(() => require('re2js') as typeof import('re2js'))

export interface TextTest {
  test(text: string): boolean
}

const MAX_PATTERN_LENGTH = 5_000
// A backtracking engine is at most quadratic on the patterns it gets, so their inputs stay short.
const MAX_BACKTRACKED_LENGTH = 2_000
const anything: TextTest = { test: () => true }

/** Why a pattern is not tested at all, or undefined when it is. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return `is longer than ${MAX_PATTERN_LENGTH} characters`
  const ast = parse(pattern)
  if (ast === undefined) return 'is not a valid regular expression'
  return isRisky(ast) && linear(pattern) === undefined ? 'could take for ever on some texts' : undefined
}

/** A test for a pattern; one that cannot be run safely accepts everything. */
export function compilePattern(pattern: string): TextTest {
  if (pattern.length > MAX_PATTERN_LENGTH) return anything
  const ast = parse(pattern)
  if (ast === undefined) return anything
  const risky = isRisky(ast)
  let slow: TextTest | undefined
  const linearTest = () => {
    slow ??= linear(pattern) ?? anything
    return slow
  }
  if (risky) return { test: (text) => linearTest().test(text) }
  const native = nativeExpression(pattern)
  return { test: (text) => (text.length <= MAX_BACKTRACKED_LENGTH ? native : linearTest()).test(text) }
}

function nativeExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return new RegExp(pattern)
  }
}

function linear(pattern: string): TextTest | undefined {
  try {
    // RE2 has no look-around and no back-references: such patterns are refused here.
    const { RE2JS } = re2()
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
    return { test: (text) => compiled.matcher(text).find() }
  } catch {
    return undefined
  }
}

function parse(pattern: string): AST.Pattern | undefined {
  for (const unicode of [true, false]) {
    try {
      return parser().parsePattern(pattern, 0, pattern.length, { unicode })
    } catch {
      // Patterns written for other engines often parse without the unicode flag only.
    }
  }
  return undefined
}

/** Whether repetitions nest or many of them follow each other: what makes a backtracking engine slow. */
function isRisky(pattern: AST.Pattern): boolean {
  let open = 0
  let nested = false
  const visit = (node: AST.Node, inside: boolean): void => {
    if (node.type === 'Quantifier') {
      const repeats = node.max > 25
      if (repeats) open += node.max === Number.POSITIVE_INFINITY ? 1 : 0
      if (repeats && inside) nested = true
      visit(node.element, inside || repeats)
    } else if ('alternatives' in node) {
      for (const alternative of node.alternatives) visit(alternative as AST.Node, inside)
      // Alternatives that overlap make a repetition of them exponential.
      if (inside && node.alternatives.length > 1) nested = true
    } else if (node.type === 'Alternative') for (const element of node.elements) visit(element, inside)
  }
  visit(pattern, false)
  return nested || open > 3
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Text that a pattern probably matches, of at least `minLength` and, if the pattern allows, at most `maxLength`
 * characters. The caller checks it: look-around and anchors in the middle are not understood here.
 *
 * @param random numbers from 0 to 1, so that callers decide what varies.
 */
export function textMatching(
  pattern: string,
  random: () => number,
  { minLength = 0, maxLength = 1_000 }: { readonly minLength?: number; readonly maxLength?: number } = {},
): string | undefined {
  const ast = pattern.length > MAX_PATTERN_LENGTH ? undefined : parse(pattern)
  if (ast === undefined) return undefined
  let text = ''
  for (let extra = 0; extra <= 64; extra = extra === 0 ? 1 : extra * 2) {
    text = write(ast, { random, extra, groups: new Map(), left: maxLength })
    // Without an end anchor more text may follow.
    if (text.length < minLength && !pattern.endsWith('$')) text = text.padEnd(minLength, 'a')
    if (text.length >= minLength) break
  }
  return text
}

interface Writing {
  readonly random: () => number
  /** How many times more than needed a repetition repeats. */
  readonly extra: number
  readonly groups: Map<AST.CapturingGroup, string>
  left: number
}

const pick = <T>(list: readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)]

function write(node: AST.Node, state: Writing): string {
  switch (node.type) {
    case 'Pattern':
    case 'Group':
      return write(pick(node.alternatives, state.random) ?? node, state)
    case 'CapturingGroup': {
      const text = write(pick(node.alternatives, state.random) ?? node, state)
      state.groups.set(node, text)
      return text
    }
    case 'Alternative':
      return node.elements.map((element) => write(element, state)).join('')
    case 'Quantifier': {
      const wanted =
        node.min === 0 && state.extra === 0 ? (state.random() < 0.5 ? 0 : 1) : node.min + state.extra
      const times = Math.min(node.max, Math.max(node.min, wanted), 10_000)
      let text = ''
      for (let i = 0; i < times && state.left > (i < node.min ? -10_000 : 0); i++)
        text += write(node.element, state)
      return text
    }
    case 'Backreference': {
      const group = Array.isArray(node.resolved) ? node.resolved[0] : node.resolved
      return (group && state.groups.get(group)) ?? ''
    }
    case 'Character':
      state.left--
      return String.fromCodePoint(node.value)
    case 'CharacterSet':
    case 'CharacterClass':
      state.left--
      return character(node, state.random)
    default:
      return ''
  }
}

const PREFERRED = [
  ...LETTERS,
  ...LETTERS.toUpperCase().slice(0, 26),
  ...'-_. /:+@#,=!?%&*()[]{}<>|~^$\'"\\;`',
]

function character(node: AST.CharacterSet | AST.CharacterClass, random: () => number): string {
  const letters = PREFERRED.filter((letter) => contains(node, letter))
  const alphanumeric = letters.filter((letter) => /[A-Za-z0-9]/.test(letter))
  const found = pick(alphanumeric.length > 0 ? alphanumeric : letters, random)
  if (found !== undefined) return found
  const range =
    node.type === 'CharacterClass'
      ? node.elements.find((element) => element.type === 'CharacterClassRange')
      : undefined
  if (range?.type === 'CharacterClassRange') return String.fromCodePoint(range.min.value)
  const single =
    node.type === 'CharacterClass' ? node.elements.find((element) => element.type === 'Character') : undefined
  if (single?.type === 'Character') return String.fromCodePoint(single.value)
  for (let code = 9; code < 0x2fff; code++) {
    const text = String.fromCodePoint(code)
    if (contains(node, text)) return text
  }
  return 'a'
}

type ClassElement = AST.CharacterClass['elements'][number] | AST.CharacterSet

function contains(node: AST.CharacterClass | ClassElement, letter: string): boolean {
  const code = letter.codePointAt(0) ?? 0
  switch (node.type) {
    case 'Character':
      return node.value === code
    case 'CharacterClassRange':
      return code >= node.min.value && code <= node.max.value
    case 'CharacterClass':
      return node.elements.some((element) => contains(element as ClassElement, letter)) !== node.negate
    case 'CharacterSet':
      return node.kind === 'any' ? letter !== '\n' && letter !== '\r' : new RegExp(node.raw, 'u').test(letter)
    default:
      return false
  }
}
