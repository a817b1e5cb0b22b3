// The formats of strings: what they accept, and that no text takes long to be held against them.

import { createRequire } from 'node:module'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addFormats, EXPRESSIONS } from '../src/engine/schema/formats.js'
import { library } from '../src/engine/schema/library.js'
import { stepsOf } from '../src/engine/schema/pattern-cost.js'
import { parsePattern } from '../src/engine/schema/patterns.js'
import { cpuMs } from './harness.js'

type Tests = Readonly<Record<string, (text: string) => boolean>>

const testsOf = (ajv: Ajv2020): Tests =>
  Object.fromEntries(
    Object.entries(ajv.formats).map(([name, format]) => [
      name,
      (text) => {
        const own = typeof format === 'object' && 'validate' in format ? format.validate : format
        if (own instanceof RegExp) return own.test(text)
        return typeof own === 'function' ? (own as (text: string) => boolean)(text) : true
      },
    ]),
  )

const ours = new Ajv2020({ validateSchema: false })
addFormats(ours, library(), () => {})
const plain = new Ajv2020({ validateSchema: false })
const addAll = createRequire(import.meta.url)('ajv-formats') as (ajv: Ajv2020) => void
addAll(plain)
const [formats, theirs] = [testsOf(ours), testsOf(plain)]
const OF_NUMBERS = new Set(['int32', 'int64', 'float', 'double'])
const names = Object.keys(formats).filter((name) => !OF_NUMBERS.has(name))

describe('a format', () => {
  it.each(Object.entries(EXPRESSIONS))(
    'is made of expressions that read a text but a few times: %s',
    (_, { source, flags }) => {
      const parsed = parsePattern(source)
      const steps = parsed && stepsOf(parsed.ast, 65_536, { ignoreCase: flags.includes('i') })
      expect(steps).toBeLessThan(64 * 65_536)
    },
  )

  it.each(names)('takes no text long: %s', (name) => {
    const fits = formats[name]
    const units = [
      'a',
      '.',
      ':',
      '@',
      '-',
      '/',
      '%41',
      'a.',
      'a:',
      'a@',
      'a-',
      '/~0',
      '~',
      '1',
      '1:',
      '(',
      '[',
      ' ',
      't',
      '{a',
      ',a',
      'é',
      '?',
      '#',
    ]
    const starts = [
      '',
      'http://',
      'http://a@',
      'a@',
      'a.',
      '{a',
      'P',
      '2020-01-01T00:00:00.',
      '/',
      '#',
      '1:',
      'mailto:',
    ]
    for (const start of starts)
      for (const unit of units)
        for (const end of ['', ' ', '!', '@', '.']) {
          const sent = start + unit.repeat(64_000) + end
          expect([start, unit, end, cpuMs(() => fits?.(sent)) < 200]).toEqual([start, unit, end, true])
        }
  })

  it('of an address of a million characters takes a thousand times as long as one of a thousand', () => {
    for (const unit of [':', '@', 'a@', 'a.', 'a-', '/']) {
      const [short, long] = [1_000, 1_000_000].map((length) => {
        const sent = `http://${unit.repeat(length / unit.length)}`
        const times = 1_000_000 / length
        return cpuMs(() => {
          for (let i = 0; i < times; i++) formats.url?.(sent)
        })
      })
      // As many characters altogether: what is quadratic would take a thousand times as long.
      expect([unit, (long ?? 0) < 20 * (short ?? 0) + 100]).toEqual([unit, true])
    }
  })

  it('accepts what ajv-formats accepts, but for slips of its own', () => {
    const samples: Readonly<Record<string, readonly string[]>> = {
      email: [
        'a@example.com',
        'a.b+c@x-y.co',
        'a@b',
        '@b.c',
        'a..b@c.d',
        'a@-b.c',
        'a@b-.c',
        'a@b--c.d',
        'a@b.c.',
      ],
      hostname: [
        'a',
        'a.b',
        'a.b.',
        '.a',
        'a..b',
        '-a.b',
        'a-.b',
        `${'a'.repeat(63)}.b`,
        `${'a'.repeat(64)}.b`,
        'a_b',
        '',
      ],
      uri: [
        ...[
          'http://a/b',
          'http://a:80/b?c=d#e',
          'urn:a:b',
          'mailto:a@b.c',
          'a',
          '/a',
          'http://[::1]/',
          'http://[::g]/',
        ],
        ...[
          'http://a b',
          'http://a/%41',
          'http://a/%4',
          'http://u:p@h',
          '1a:b',
          'http://[v1.a]:8/',
          'ftp://h/;x=1',
        ],
      ],
      'uri-reference': [
        '',
        'a',
        '/a',
        '?a',
        '#a',
        '//a/b',
        'a:b',
        '1:b',
        'a b',
        '%',
        '%41',
        '/a//b',
        'http://a',
        '#a#b',
      ],
      'uri-template': ['/a/{b}', '{?a,b*}', '{+a:3}', '{a', 'a b', '%41', '{}', '{a:0}', '/~a/{b.c}'],
      url: [
        ...[
          'http://example.com',
          'https://a.b.co/x?y#z',
          'ftp://u:p@h.io:21/',
          'http://localhost',
          'http://10.0.0.1',
        ],
        ...[
          'http://8.8.8.8/',
          'http://192.168.1.1',
          'http://172.16.0.1',
          'http://a.b:1',
          'http://a b.co',
          'x://a.co',
        ],
        ...[
          'http://a@b@c.de/',
          'http://a-b.co',
          'http://a--b.co',
          'http://-a.co',
          'http://müller.de',
          'http://a.c1',
        ],
        ...[
          'http://@a.co',
          'http://a.co:123456',
          'http://223.255.255.254',
          'http://0.0.0.0',
          'http://1.2.3',
          'http://a.co?x',
        ],
      ],
      'json-pointer': ['', '/', '/a/~0~1', '/~', '/~2', 'a'],
      'relative-json-pointer': ['0', '1#', '2/a', '01', '/a', '0/~0', '0#/'],
      'json-pointer-uri-fragment': ['#', '#/a', '#/%41', '#/~1', '#/~', '/a'],
      regex: ['^a$', '(', '[a-z', '\\d+', 'a\\Z'],
      duration: ['P1D', 'PT1H', 'P1W', 'P', 'PT', 'P1D1W', 'P1Y2M3DT4H5M6S'],
      'date-time': [
        '2020-01-01T00:00:00Z',
        '2020-13-01T00:00:00Z',
        '2020-01-01T00:00:00.123456789+01:00',
        '2020-01-01',
      ],
      uuid: ['123e4567-e89b-12d3-a456-426614174000', '123e4567e89b12d3a456426614174000'],
      ipv4: ['1.2.3.4', '1.2.3.256', '01.2.3.4'],
      ipv6: ['::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', ':::', '1::2::3'],
    }
    for (const [name, texts] of Object.entries(samples))
      for (const text of texts)
        expect([name, text, formats[name]?.(text)]).toEqual([name, text, theirs[name]?.(text)])
  })

  it('decides as ajv-formats does about texts that were made by chance', () => {
    const letters = fc.constantFrom(
      ...'aZ09-._~:/?#[]@!$&(*+,;=% {}|^é'.split(''),
      '%41',
      'http://',
      'a.co',
      '::',
      '1.2.3.4',
    )
    const same = names.filter((name) => !['uri', 'uri-reference', 'byte'].includes(name))
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 10 }), fc.constantFrom(...same), (parts, name) => {
        const text = parts.join('')
        expect([name, text, formats[name]?.(text)]).toEqual([name, text, theirs[name]?.(text)])
      }),
      { numRuns: 20_000 },
    )
  })
})
