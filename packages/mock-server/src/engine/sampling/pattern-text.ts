// A pattern read backwards: text that it probably matches, in a bounded number of steps.

import type { AST } from '@eslint-community/regexpp'
import { LRUCache } from 'lru-cache'
import { parsePattern, withoutSlashes } from '../schema/patterns.js'
import type { Random } from './plausible.js'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** Parts of a pattern that are written for one text, those without a character included. */
const MAX_STEPS = 50_000

/**
 * Text that a pattern probably matches, of at least `minLength` and, if the pattern allows, at most `maxLength`
 * characters. The caller checks it: look-around and anchors in the middle are not understood here.
 *
 * @param random numbers from 0 to 1, so that callers decide what varies.
 */
export function textMatching(
  given: string,
  random: Random,
  { minLength = 0, maxLength = 1_000 }: { readonly minLength?: number; readonly maxLength?: number } = {},
): string | undefined {
  const pattern = withoutSlashes(given)
  const parsed = parsePattern(pattern)
  if (parsed === undefined) return undefined
  const hasEnd = pattern.endsWith('$')
  let steps = MAX_STEPS
  let text = ''
  for (let extra = 0; extra <= 64 && steps > 0; extra = extra === 0 ? 1 : extra * 2) {
    const writer = createWriter({ random, extra, steps, maxLength })
    text = writer.write(parsed.ast)
    steps = writer.stepsLeft()
    // Without an end anchor more text may follow.
    if (text.length < minLength && !hasEnd) text = text.padEnd(minLength, 'a')
    if (text.length >= minLength) break
  }
  return text
}

interface WriterOptions {
  readonly random: Random
  /** How many times more than needed a repetition repeats. */
  readonly extra: number
  readonly steps: number
  readonly maxLength: number
}

function createWriter({ random, extra, steps, maxLength }: WriterOptions) {
  const groups = new Map<AST.CapturingGroup, string>()
  let stepsLeft = steps
  let room = maxLength

  const write = (node: AST.Node): string => {
    if (--stepsLeft < 0) return ''
    switch (node.type) {
      case 'Pattern':
      case 'Group':
        return write(pick(node.alternatives, random) ?? node)
      case 'CapturingGroup': {
        const text = write(pick(node.alternatives, random) ?? node)
        groups.set(node, text)
        return text
      }
      case 'Alternative':
        return node.elements.map((element) => (isAny(element) ? period(element) : write(element))).join('')
      case 'Quantifier':
        return repeat(node)
      case 'Backreference': {
        const group = Array.isArray(node.resolved) ? node.resolved[0] : node.resolved
        const text = (group && groups.get(group)) ?? ''
        room -= text.length
        return room < 0 ? '' : text
      }
      case 'Character':
        room--
        return String.fromCodePoint(node.value)
      case 'CharacterSet':
      case 'CharacterClass':
        room--
        return pick(lettersOf(node), random) ?? 'a'
      default:
        return ''
    }
  }

  // Who writes a single `.` mostly means a period, as in `example.com`, and forgot that it stands for anything.
  const period = (node: AST.Node): string => {
    write(node)
    return '.'
  }

  const repeat = ({ element, min, max }: AST.Quantifier): string => {
    const wanted = min === 0 && extra === 0 ? (random() < 0.5 ? 0 : 1) : min + extra
    const times = Math.min(max, Math.max(min, wanted))
    const parts: string[] = []
    // What must be there is, even if it is more than there is room for.
    for (let i = 0; i < times && stepsLeft > 0 && (i < min || room > 0); i++) parts.push(write(element))
    return parts.join('')
  }

  return { write, stepsLeft: () => stepsLeft }
}

const isAny = (node: AST.Node): boolean => node.type === 'CharacterSet' && node.kind === 'any'

const pick = <T>(list: readonly T[], random: Random): T | undefined =>
  list[Math.floor(random() * list.length)]

const PREFERRED = [
  ...LETTERS,
  ...LETTERS.toUpperCase().slice(0, 26),
  ...'-_. /:+@#,=!?%&*()[]{}<>|~^$\'"\\;`',
]

/** Documents share most of these. Each holds on to the pattern that it was a part of. */
const known = new LRUCache<string, readonly string[]>({
  max: 500,
  maxSize: 100_000,
  sizeCalculation: (letters, raw) => raw.length + letters.length,
})

function lettersOf(node: AST.CharacterSet | AST.CharacterClass): readonly string[] {
  let letters = known.get(node.raw)
  if (letters === undefined) {
    letters = preferredOf(node)
    known.set(node.raw, letters)
  }
  return letters
}

/** The characters of a set that people like to read; others only where there are none of these. */
function preferredOf(node: AST.CharacterSet | AST.CharacterClass): readonly string[] {
  const letters = PREFERRED.filter((letter) => contains(node, letter))
  const alphanumeric = letters.filter((letter) => /[A-Za-z0-9]/.test(letter))
  if (alphanumeric.length > 0) return alphanumeric
  if (letters.length > 0) return letters
  const elements = node.type === 'CharacterClass' ? node.elements : []
  const range = elements.find((element) => element.type === 'CharacterClassRange')
  if (range?.type === 'CharacterClassRange') return [String.fromCodePoint(range.min.value)]
  const single = elements.find((element) => element.type === 'Character')
  if (single?.type === 'Character') return [String.fromCodePoint(single.value)]
  for (let code = 9; code < 0x2fff; code++) {
    const text = String.fromCodePoint(code)
    if (contains(node, text)) return [text]
  }
  return []
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
      return node.kind === 'any' ? letter !== '\n' && letter !== '\r' : setOf(node.raw).test(letter)
    default:
      return false
  }
}

const MAX_SETS = 500
const sets = new Map<string, RegExp>()

/** What `\d` or `\p{L}` stands for. */
function setOf(raw: string): RegExp {
  const set = sets.get(raw) ?? new RegExp(raw, 'u')
  if (sets.size < MAX_SETS) sets.set(raw, set)
  return set
}
