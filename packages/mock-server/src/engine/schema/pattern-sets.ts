// The characters that a part of a regular expression stands for: as a set of ASCII characters and of all others
// together, which is enough to tell that two parts can never begin alike; and as exact ranges.

import type { AST } from '@eslint-community/regexpp'

/** A bit for each ASCII character, and one for all others. */
const OTHERS = 1n << 128n
export const ALL = (OTHERS << 1n) - 1n

export type CharacterNode =
  | AST.Character
  | AST.CharacterSet
  | AST.CharacterClass
  | AST.CharacterClassRange
  | AST.ExpressionCharacterClass

/** What reads exactly one character. */
export const FIXED: ReadonlySet<string> = new Set([
  'Character',
  'CharacterSet',
  'CharacterClass',
  'ExpressionCharacterClass',
])

/** The characters that a part may read, and perhaps some more. */
export function charactersOf(node: CharacterNode, ignoreCase: boolean): bigint {
  const ranges = rangesOf(node)
  if (ranges === undefined) return ALL
  let set = 0n
  for (const [low, high] of ranges) {
    if (high > 127) set |= OTHERS
    if (low <= 127) set |= bits(low, Math.min(high, 127))
  }
  return ignoreCase ? withBothCases(set) : set
}

const bits = (low: number, high: number): bigint => ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low)

const [UPPER, LOWER] = [bits(65, 90), bits(97, 122)]
/** The letters of which one beyond ASCII is another case: the Kelvin sign and the long s. */
const FOLDED = bits(75, 75) | bits(83, 83) | bits(107, 107) | bits(115, 115)

function withBothCases(set: bigint): bigint {
  const both = set | ((set & UPPER) << 32n) | ((set & LOWER) >> 32n)
  return (both & (OTHERS | FOLDED)) === 0n ? both : both | OTHERS | (set & OTHERS ? FOLDED : 0n)
}

/** From the first to the last code point, both included. */
export type Range = readonly [low: number, high: number]

const HIGHEST = 0x10ffff
const DIGITS: readonly Range[] = [[48, 57]]
const WORDS: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
]
const SPACES: readonly Range[] = [
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
const LINE_ENDS: readonly Range[] = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
]

/** The code points that a part reads, in order and without overlaps; undefined for those that only Unicode's tables know. */
export function rangesOf(node: CharacterNode): readonly Range[] | undefined {
  switch (node.type) {
    case 'Character':
      return [[node.value, node.value]]
    case 'CharacterClassRange':
      return [[node.min.value, node.max.value]]
    case 'CharacterSet':
      if (node.kind === 'any') return complement(LINE_ENDS)
      if (node.kind === 'property') return undefined
      return complementIf(node.negate, { digit: DIGITS, word: WORDS, space: SPACES }[node.kind])
    case 'CharacterClass': {
      const parts = node.elements.map((element) =>
        element.type === 'ClassStringDisjunction' ? undefined : rangesOf(element),
      )
      const known = parts.filter((part) => part !== undefined)
      return known.length < parts.length ? undefined : complementIf(node.negate, merged(known.flat()))
    }
    default:
      return undefined
  }
}

const complementIf = (isNegated: boolean, ranges: readonly Range[]): readonly Range[] =>
  isNegated ? complement(ranges) : ranges

function complement(ranges: readonly Range[]): readonly Range[] {
  const gaps: Range[] = []
  let next = 0
  for (const [low, high] of ranges) {
    if (low > next) gaps.push([next, low - 1])
    next = high + 1
  }
  return next > HIGHEST ? gaps : [...gaps, [next, HIGHEST]]
}

function merged(ranges: readonly Range[]): readonly Range[] {
  const result: [number, number][] = []
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else result.push([low, high])
  }
  return result
}
