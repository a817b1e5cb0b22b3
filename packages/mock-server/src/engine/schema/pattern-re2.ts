// The same expression in the syntax of RE2, whose engine never goes back in a text. It knows neither look-around nor
// back-references, and its programs grow with counted repetitions.

import { createRequire } from 'node:module'
import type { AST } from '@eslint-community/regexpp'
import { lazy } from '../json.js'
import type { PatternFlags } from './pattern-cost.js'
import { type CharacterNode, rangesOf } from './pattern-sets.js'

const require = createRequire(import.meta.url)
const re2 = lazy(() => require('re2js') as typeof import('re2js'))

/** A program for RE2. */
export interface Program {
  readonly source: string
  /** About as many instructions: what a character of a text costs at most. */
  readonly size: number
}

const MAX_SIZE = 10_000
/** RE2 itself refuses more. */
const MAX_REPEAT = 1_000
// Characters that are no word at one side are looked at twice.
const BOUNDARY_SIZE = 4
// Its ranges are many.
const PROPERTY_SIZE = 20

class Untranslatable extends Error {}

/** Undefined for what RE2 cannot express, or could only with a program that is too large. */
export function programOf(
  pattern: AST.Pattern,
  { ignoreCase = false }: PatternFlags = {},
): Program | undefined {
  try {
    const { source, size } = translate(pattern)
    return { source: ignoreCase ? `(?i:${source})` : source, size }
  } catch (error) {
    if (error instanceof Untranslatable || error instanceof RangeError) return undefined
    throw error
  }
}

function translate(node: AST.Node): Program {
  switch (node.type) {
    case 'Pattern':
    case 'Group':
    case 'CapturingGroup':
      return grouped(node.alternatives)
    case 'Quantifier':
      return repeated(node)
    case 'Assertion':
      return asserted(node)
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return classOf(node)
    default:
      throw new Untranslatable()
  }
}

function grouped(alternatives: readonly AST.Alternative[]): Program {
  const parts = alternatives.map(({ elements }) => {
    const all = elements.map(translate)
    return { source: all.map(({ source }) => source).join(''), size: sizeOf(all) }
  })
  return { source: `(?:${parts.map(({ source }) => source).join('|')})`, size: sizeOf(parts) + parts.length }
}

const sizeOf = (parts: readonly Program[]): number => checked(parts.reduce((sum, { size }) => sum + size, 0))

function checked(size: number): number {
  if (size > MAX_SIZE) throw new Untranslatable()
  return size
}

function repeated({ element, min, max, greedy }: AST.Quantifier): Program {
  const { source, size } = translate(element)
  const isEndless = max === Number.POSITIVE_INFINITY
  if (min > MAX_REPEAT || (!isEndless && max > MAX_REPEAT)) throw new Untranslatable()
  const times = min === max ? `{${min}}` : `{${min},${isEndless ? '' : max}}`
  return {
    source: `(?:${source})${times}${greedy ? '' : '?'}`,
    size: checked((size + 1) * (isEndless ? min + 1 : max) + 1),
  }
}

function asserted(node: AST.Assertion): Program {
  switch (node.kind) {
    case 'start':
      return { source: '\\A', size: 1 }
    case 'end':
      return { source: '\\z', size: 1 }
    case 'word':
      return { source: node.negate ? '\\B' : '\\b', size: BOUNDARY_SIZE }
    default:
      throw new Untranslatable()
  }
}

function classOf(node: CharacterNode): Program {
  const ranges = rangesOf(node)
  if (ranges !== undefined) {
    if (ranges.some(([low, high]) => isHalf(low) && isHalf(high))) throw new Untranslatable()
    const text = ranges
      .map(([low, high]) => (low === high ? code(low) : `${code(low)}-${code(high)}`))
      .join('')
    return { source: ranges.length === 0 ? NO_CHARACTER : `[${text}]`, size: 1 + ranges.length / 4 }
  }
  if (node.type === 'CharacterSet') return { source: property(node), size: PROPERTY_SIZE }
  if (node.type !== 'CharacterClass') throw new Untranslatable()
  const parts = node.elements.map((element) => {
    if (element.type === 'ClassStringDisjunction') throw new Untranslatable()
    const { source, size } = classOf(element)
    return { source: source.replace(/^\[(.*)\]$/, '$1'), size }
  })
  return {
    source: `[${node.negate ? '^' : ''}${parts.map(({ source }) => source).join('')}]`,
    size: sizeOf(parts),
  }
}

const NO_CHARACTER = '[^\\x{0}-\\x{10ffff}]'
const code = (point: number): string => `\\x{${point.toString(16)}}`
/** Half of a pair that stands for one character: RE2 reads whole ones only. */
const isHalf = (point: number): boolean => point >= 0xd800 && point <= 0xdfff

/** RE2 knows general categories by their short names, and scripts. */
function property(node: AST.CharacterSet): string {
  if (node.kind !== 'property' || node.strings === true) throw new Untranslatable()
  const { key, value, negate } = node
  const isScript = value !== null && /^(Script|sc)$/.test(key)
  const category =
    value !== null && /^(General_Category|gc)$/.test(key) ? value : value === null ? key : undefined
  const name = isScript
    ? value
    : category !== undefined && /^[A-Z][a-z]?$/.test(category)
      ? category
      : undefined
  if (name === undefined) throw new Untranslatable()
  return `\\${negate ? 'P' : 'p'}{${name}}`
}

/** Bytes that one pattern may remember of what it has read: what it forgets it computes again. */
const MAX_MEMORY = 1024 * 1024
const MAX_COMPILED = 128

const compiled = new Map<string, { match(text: string): readonly number[] } | undefined>()

/** Whether RE2 finds the pattern in a text; undefined when it refuses the pattern after all. */
export function findsWithRe2({ source }: Program, text: string): boolean | undefined {
  let engine = compiled.get(source)
  if (engine === undefined && !compiled.has(source)) engine = compile(source)
  // Those that are used stay, the others make room.
  compiled.delete(source)
  compiled.set(source, engine)
  for (const [oldest] of compiled) {
    if (compiled.size <= MAX_COMPILED) break
    compiled.delete(oldest)
  }
  return engine === undefined ? undefined : engine.match(text).length > 0
}

function compile(source: string) {
  try {
    const { RE2Set } = re2()
    // A set of one: unlike a single pattern, it can be told how much memory it may take.
    const set = new RE2Set(RE2Set.UNANCHORED, 0, MAX_MEMORY)
    set.add(source)
    set.compile()
    return set
  } catch {
    return undefined
  }
}
