// Patterns and formats: what they mean, and that no text takes long to be held against them.

import type { AST } from '@eslint-community/regexpp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textMatching } from '../src/engine/sampling/pattern-text.js'
import { stepsOf } from '../src/engine/schema/pattern-cost.js'
import { programOf } from '../src/engine/schema/pattern-re2.js'
import { compilePattern, parsePattern } from '../src/engine/schema/patterns.js'
import { cpuMs } from './harness.js'

const astOf = (pattern: string): AST.Pattern => {
  const parsed = parsePattern(pattern)
  if (parsed === undefined) throw new Error(`${pattern} does not parse`)
  return parsed.ast
}

/** Patterns over a small alphabet, so that their parts overlap. */
const pattern = fc.letrec<{ element: string; sequence: string; whole: string }>((tie) => ({
  element: fc.oneof(
    { depthIdentifier: 'pattern', maxDepth: 3 },
    fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\d', '\\b'),
    fc
      .tuple(tie('sequence'), fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}', '{1,3}', '+?', '*?'))
      .map(([inside, times]) => `(?:${inside})${times}`),
    fc
      .tuple(fc.constantFrom('a', 'b', '[bc]', '.'), fc.constantFrom('*', '+', '?', '{2,}', '{1,4}'))
      .map((parts) => parts.join('')),
    fc.tuple(tie('sequence'), tie('sequence')).map((sides) => `(?:${sides.join('|')})`),
    fc.tuple(fc.constantFrom('?=', '?!'), tie('sequence')).map(([kind, inside]) => `(${kind}${inside})`),
    fc.constantFrom('(?<=a)', '(?<!b)', '(a|b)\\1'),
  ),
  sequence: fc.array(tie('element'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
  whole: fc
    .tuple(fc.constantFrom('^', ''), tie('sequence'), fc.constantFrom('$', ''))
    .map((parts) => parts.join('')),
})).whole
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' '), maxLength: 14 }),
  fc
    .tuple(fc.constantFrom('a', 'ab', 'aab', 'bc'), fc.nat(6))
    .map(([part, times]) => `${part.repeat(times)}!`),
)

it('a pattern finds what the native engine finds, whatever it begins and ends with', () => {
  const edges = fc.tuple(
    fc.constantFrom('', '^', '^a', '^ab', '^a?', '^\\.', '^(?:a|b)'),
    pattern.map((source) => `(?:${source.replace(/[\^$]/g, '')})`),
    fc.constantFrom('', '$', 'a$', 'bc$', 'c+$', '!$', '\\.$'),
  )
  let found = 0
  fc.assert(
    fc.property(edges, text, (parts, sent) => {
      const source = parts.join('')
      const verdict = compilePattern(source).find(sent)
      if (verdict === undefined) return
      found += Number(verdict)
      expect([source, sent, verdict]).toEqual([source, sent, new RegExp(source, 'u').test(sent)])
    }),
    { numRuns: 3_000 },
  )
  expect(found).toBeGreaterThan(100)
})

describe('the bound on the steps of a search', () => {
  it('is never below what an engine does that goes back for every choice', () => {
    let bounded = 0
    fc.assert(
      fc.property(pattern, text, (source, sent) => {
        const ast = astOf(source)
        const bound = stepsOf(ast, sent.length)
        if (bound > 100_000 || Number.isNaN(bound)) return
        bounded++
        const taken = countSteps(ast, sent)
        expect([source, sent, taken <= 8 * bound + 8]).toEqual([source, sent, true])
      }),
      { numRuns: 5_000 },
    )
    expect(bounded).toBeGreaterThan(2_000)
  })

  it('grows no faster than the text for what people write, and without end for what never ends', () => {
    const usual = [
      '^[a-z]+$',
      '^\\d{3}-\\d{4}$',
      '^[a-z0-9]+(?:-[a-z0-9]+)*$',
      '^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,}$',
      '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$',
      '^(?:(?!foo).)*$',
      '^arn:aws[a-z-]*:iam::\\d{12}:role/[\\w+=,.@-]{1,64}$',
    ]
    for (const source of usual) {
      const [short, long] = [1_000, 64_000].map((length) => stepsOf(astOf(source), length))
      expect([source, (long ?? 0) / (short ?? 1) <= 64.1]).toEqual([source, true])
    }
    for (const source of [
      '^(a+)+$',
      '^(a|a)*$',
      '(.*)*x',
      '^([a-z]+ ?){1,20}$',
      '^(\\w|[a-z]){25}$',
      'a*a*a*b',
    ])
      expect([source, stepsOf(astOf(source), 1_000) > 1_000_000]).toEqual([source, true])
  })
})

describe('a pattern', () => {
  it('says the same as the engine of the language, whatever runs it', () => {
    let byRe2 = 0
    fc.assert(
      fc.property(pattern, text, (source, sent) => {
        const program = programOf(astOf(source))
        const meant = new RegExp(source, 'u').test(sent)
        expect([source, sent, compilePattern(source).find(sent) ?? meant]).toEqual([source, sent, meant])
        if (program === undefined) return
        byRe2++
        // The same pattern, made too dear for the native engine.
        const dear = compilePattern(`${source}(?:|(?:(?:x*)*)*y)`)
        const extended = new RegExp(source, 'u').test(sent)
        expect([source, sent, dear.find(sent)]).toEqual([source, sent, extended])
      }),
      { numRuns: 3_000 },
    )
    expect(byRe2).toBeGreaterThan(500)
  })

  it.each([
    ['^(a+)+$', 'aaa', 'ab'],
    ['^\\d{3}-\\d{4}$', '123-4567', '1234567'],
    ['^(?=.*\\d)\\w+$', 'a1', 'ab'],
    ['^(?=.{2,5}$)(?!x)(?:[a-z]+ ?)+$', 'a b', 'xa'],
    ['^(?:[a-z]+ ?)+(?<! )$', 'a b', 'a b '],
    ['^\\p{L}+$', 'né', 'n1'],
    ['^(\\p{L}+ ?)+$', 'né né', 'n1'],
    ['^(\\s|\\S)+ .$', 'a\u00a0 b', 'ab'],
    ['^([^\\n]+,?)+[.]$', 'a.', 'a\n.'],
    ['^(.+)+$', 'ab', 'a\u2028b'],
    ['^([\\u{1F300}-\\u{1FAFF}]+ ?)+$', '😀 😀', 'x'],
    ['^([\\w-]+\\.)+[\\W_]$', 'a-b._', 'a-b.c'],
    ['b', 'abc', 'ac'],
    ['^(["\']).*\\1$', '"a"', '"a'],
  ])('that means something means it: %s', (source, right, wrong) => {
    const { problem, find } = compilePattern(source)
    expect([source, find(right), find(wrong)]).toEqual([source, true, false])
    expect(problem === undefined || problem.includes('up to')).toBe(true)
  })

  it('that cannot be tested says so, and accepts', () => {
    for (const [source, problem] of [
      ['(', /not a valid/],
      ['a'.repeat(100_000), /longer/],
      ['^([a-z]+ ?){1,5000}(?=x)y$', /for ever/],
      [`${'('.repeat(2_400)}a${')'.repeat(2_400)}`, /nests/],
      [`${'(?:a|'.repeat(201)}b${')*'.repeat(201)}`, /nests/],
    ] as const) {
      const compiled = compilePattern(source)
      expect(compiled.problem).toMatch(problem)
      expect(compiled.test('anything')).toBe(true)
    }
  })

  // Bounded repeats, overlapping alternatives, polynomial ones, and what RE2 itself finds hard.
  it.each([
    '^(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    '(.*)*x',
    '^([a-zA-Z]+)*$',
    '(\\w+\\s?)*$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '\\s+$',
    '^.*.*.*.*.*x$',
    '^([A-Za-z]+ ?){1,20}$',
    '^(\\w|[a-z]|\\d|[a-f]){25}$',
    'a*a*a*b',
    '^(?:a|b|c|d|e|f|(?:gh)+)*$',
    '^(?=(a+)+$)a',
    '^(?!(a+)+$)a',
    '^a(?=(?:a|a)*b)',
    '(?<!(a|a)*)b',
    '(a*)*\\1b',
    '^(?:(?:(?:x{0}){3000}){3000}){3000}$',
    '^(?:(?:(?=a){3000}){3000}){3000}a$',
    '(?:[ab]*a[ab]{900})+[cd]',
    '(?:(?:a|b|ab|ba|aab|bba){1,30}){1,30}[cd]',
    '(?:[ab]*a[ab]{20})+\\b[cd]',
    '\\p{L}'.repeat(700),
    `^(?:${Array.from({ length: 500 }, (_, i) => `a{${i}}`).join('|')})$`,
  ])('takes no text long: %s', (source) => {
    for (const unit of ['a', 'ab', 'aab', ' ', 'x', 'é', 'abbabaab'])
      for (const length of [30, 200, 2_000, 40_000, 1_000_000]) {
        const sent = `${unit.repeat(length / unit.length)}!`
        expect([unit, length, cpuMs(() => compilePattern(source).test(sent)) < 700]).toEqual([
          unit,
          length,
          true,
        ])
      }
  })

  it('that was made by chance takes no text long', () => {
    const long = fc
      .tuple(fc.constantFrom('a', 'ab', 'aab', 'b', 'abc', ' a'), fc.constantFrom('!', '', 'c'))
      .map(([part, end]) => part.repeat(3_000) + end)
    fc.assert(
      fc.property(pattern, long, (source, sent) => {
        expect([source, cpuMs(() => compilePattern(source).test(sent)) < 700]).toEqual([source, true])
      }),
      { numRuns: 1_000 },
    )
  })

  it('keeps little of the texts that it was held against', () => {
    const random = (count: number, seed: number) =>
      Array.from({ length: count }, (_, i) => ((i * 7_919 + seed * 104_729) % 1_009 < 500 ? 'a' : 'b')).join(
        '',
      )
    const before = process.memoryUsage().rss
    for (let i = 0; i < 200; i++) compilePattern(`(?:[ab]*a[ab]{${200 + i}})+[cd]`).test(random(4_000, i))
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(300)
  })
})

describe('a pattern read backwards', () => {
  it('gives text that matches', () => {
    const simple = [
      '^[a-f0-9]{8}$',
      '^(foo|bar)-\\d+$',
      '^[^a-z]{4}$',
      '^x{2,3}y?z*$',
      '^\\w+@\\w+\\.com$',
      '^[\\u4e00-\\u9fff]{2}$',
      '^\\p{Script=Thai}{3}$',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...simple),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (source, numbers) => {
          const made = textMatching(source, () => numbers.next().value)
          expect([source, made, new RegExp(source, 'u').test(made ?? '')]).toEqual([source, made, true])
        },
      ),
    )
  })

  it.each([
    '^(?:(?:(?:x{0}){3000}){3000}){3000}$',
    '^(?:(?:(?=a){3000}){3000}){3000}a$',
    '^(?:(?:(?:a{3000}){3000}){3000}){3000}$',
    '^(?:(?:(?:|){9999}){9999}){9999}b$',
    '(a{100})\\1\\1\\1\\1'.repeat(300),
    '^\\p{Script=Thai}{50000}$',
    `^[${'\\p{Script=Thai}'.repeat(300)}]{5000}$`,
  ])('ends soon: %s', (source) => {
    for (const maxLength of [10, 1_000, 100_000]) {
      let made: string | undefined
      expect([
        maxLength,
        cpuMs(() => (made = textMatching(source, Math.random, { minLength: 5, maxLength }))) < 300,
      ]).toEqual([maxLength, true])
      expect((made ?? '').length).toBeLessThan(200_000)
    }
  })
})

/** What a plain engine does that tries one choice after the other. Ends early where it would take too long. */
function countSteps(pattern: AST.Pattern, sent: string): number {
  let steps = 0
  const MAX = 2_000_000
  const groups = new Map<AST.CapturingGroup, string>()
  type Next = (at: number) => boolean
  const read = (node: AST.Node, at: number, next: Next): boolean => {
    if (++steps > MAX) return true
    switch (node.type) {
      case 'Group':
      case 'CapturingGroup':
        return node.alternatives.some((one) =>
          sequence(one.elements, 0, at, (end) => {
            if (node.type === 'CapturingGroup') groups.set(node, sent.slice(at, end))
            return next(end)
          }),
        )
      case 'Quantifier':
        return repeat(node, 0, at, next)
      case 'Assertion':
        return asserts(node, at) && next(at)
      case 'Backreference': {
        const group = Array.isArray(node.resolved) ? node.resolved[0] : node.resolved
        const wanted = (group && groups.get(group)) ?? ''
        steps += wanted.length
        return sent.startsWith(wanted, at) && next(at + wanted.length)
      }
      default:
        return at < sent.length && new RegExp(`^${node.raw}$`, 'u').test(sent.charAt(at)) && next(at + 1)
    }
  }
  const sequence = (elements: readonly AST.Element[], i: number, at: number, next: Next): boolean => {
    const element = elements[i]
    return element === undefined ? next(at) : read(element, at, (end) => sequence(elements, i + 1, end, next))
  }
  const repeat = (node: AST.Quantifier, done: number, at: number, next: Next): boolean => {
    steps++
    const more = () =>
      done < node.max &&
      read(node.element, at, (end) => (end > at || done < node.min) && repeat(node, done + 1, end, next))
    if (done < node.min) return more()
    return node.greedy ? more() || next(at) : next(at) || more()
  }
  const asserts = (node: AST.Assertion, at: number): boolean => {
    if (node.kind === 'start') return at === 0
    if (node.kind === 'end') return at === sent.length
    if (node.kind === 'word') {
      const [before, after] = [sent.charAt(at - 1), sent.charAt(at)].map((one) => /\w/.test(one))
      return (before !== after) !== node.negate
    }
    if (!('alternatives' in node)) return true
    const starts = node.kind === 'lookahead' ? [at] : Array.from({ length: at + 1 }, (_, i) => i)
    const holds = starts.some((from) =>
      node.alternatives.some((one) =>
        sequence(one.elements, 0, from, (end) => node.kind === 'lookahead' || end === at),
      ),
    )
    return holds !== node.negate
  }
  for (let from = 0; from <= sent.length; from++)
    if (pattern.alternatives.some((one) => sequence(one.elements, 0, from, () => true))) break
  return steps
}
