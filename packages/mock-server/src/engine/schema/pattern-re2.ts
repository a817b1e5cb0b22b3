// The same expression in the syntax of RE2, whose engine never goes back in a text. It knows neither look-around nor
// back-references, and its programs grow with counted repetitions.

import { createRequire } from 'node:module'
import type { AST } from '@eslint-community/regexpp'
import { LRUCache } from 'lru-cache'
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

/** A pattern as RE2 runs it. */
export interface Re2 {
  /** About how many instructions it has; undefined when RE2 cannot express it. */
  size(): number | undefined
  /** Whether it is found in a text; undefined when RE2 refuses it after all. */
  find(text: string): boolean | undefined
}

type Engine = InstanceType<typeof import('re2js').RE2Set>

/** What a pattern holds: its engine, until others need the room. */
interface Holder {
  engine: Engine | undefined
}

// Bytes: what an instruction takes, and what an engine may remember of the texts that it has read. What it forgets it
// computes again.
const BYTES_PER_INSTRUCTION = 150
const MIN_MEMORY = 64 * 1024
const MAX_MEMORY = 1024 * 1024
const MEMORY_PER_INSTRUCTION = 1024

/**
 * The engines of all patterns that are in use. Those that were used last stay, the others make room. It must not keep
 * any alive: the patterns of a document go when the document does.
 */
const engines = new LRUCache<object, WeakRef<Holder>>({
  maxSize: 32 * 1024 * 1024,
  dispose: (reference) => {
    const holder = reference.deref()
    if (holder !== undefined) holder.engine = undefined
  },
})

/** @param program makes the program, each time that an engine for it is compiled. */
export function createRe2(program: () => Program | undefined): Re2 {
  const size = lazy(() => program()?.size)
  const holder: Holder = { engine: undefined }
  const key = {}
  let isRefused = false
  return {
    size,
    find(text) {
      if (holder.engine === undefined && !isRefused) {
        holder.engine = compile(program())
        isRefused = holder.engine === undefined
        if (!isRefused) engines.set(key, new WeakRef(holder), { size: bytesOf(size() ?? 0) })
      }
      engines.get(key)
      return holder.engine && holder.engine.match(text).length > 0
    },
  }
}

const memoryOf = (size: number): number =>
  Math.min(Math.max(size * MEMORY_PER_INSTRUCTION, MIN_MEMORY), MAX_MEMORY)
const bytesOf = (size: number): number => Math.ceil(size * BYTES_PER_INSTRUCTION + memoryOf(size))

function compile(program: Program | undefined): Engine | undefined {
  if (program === undefined) return undefined
  try {
    const { RE2Set } = re2()
    // A set of one: unlike a single pattern, it can be told how much memory it may take.
    const set = new RE2Set(RE2Set.UNANCHORED, 0, memoryOf(program.size))
    set.add(program.source)
    set.compile()
    return set
  } catch {
    return undefined
  }
}
