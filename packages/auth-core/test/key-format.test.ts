import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyFormat } from '../src/index.js'
import { isKeyId, keyIdFromDigest } from '../src/key-format.js'
import { documentedChecksum, withChecksum } from './support/keys.js'

const format = createKeyFormat()
const environment = fc.constantFrom('sandbox', 'production')
const base62 = (length: number) => fc.stringMatching(new RegExp(`^[0-9A-Za-z]{${length}}$`))
const anyKey = fc
  .tuple(fc.constantFrom('test', 'live'), base62(12), base62(43))
  .map(([tag, id, secret]) => withChecksum(`gsk_${tag}_${id}${secret}`))

describe('the layout', () => {
  it('is prefix, tag and 61 base62 characters: id 12, secret 43, checksum 6', () => {
    const { key, id } = format.generate('production')
    expect(key).toMatch(/^gsk_live_[0-9A-Za-z]{61}$/)
    expect(key.slice(9, 21)).toBe(id)
    expect(key).toHaveLength(70)
  })

  it('maps gsk_test_ to sandbox and gsk_live_ to production', () => {
    expect(format.parse(format.generate('sandbox').key)).toMatchObject({ environment: 'sandbox' })
    expect(format.generate('sandbox').key).toMatch(/^gsk_test_/)
    expect(format.parse(format.generate('production').key)).toMatchObject({ environment: 'production' })
  })

  it('ends in the CRC-32 of everything before it, six base62 digits, most significant first', () => {
    // 0xCBF43926 is the published check value of CRC-32 (IEEE) for "123456789".
    expect(documentedChecksum('123456789')).toBe('3jZRME')
    fc.assert(
      fc.property(environment, (name) => {
        const { key } = format.generate(name)
        expect(key.slice(-6)).toBe(documentedChecksum(key.slice(0, -6)))
      }),
    )
  })

  it('parses what it generates, 10,000 times', () => {
    fc.assert(
      fc.property(environment, (name) => {
        const generated = format.generate(name)
        expect(format.parse(generated.key)).toEqual(generated)
        expect(format.pattern.test(generated.key)).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })

  it('parses every well-formed key into its parts', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(format.parse(key)).toEqual({
          key,
          id: key.slice(9, 21),
          environment: key.startsWith('gsk_live_') ? 'production' : 'sandbox',
          start: key.slice(0, 9),
        })
      }),
    )
  })

  it('is never taken for a Groq key, whose scanners look for gsk_ and 52 alphanumerics', () => {
    const groq = /\bgsk_[a-zA-Z0-9]{52}\b|gsk_[a-zA-Z0-9]{20}WGdyb3FY[a-zA-Z0-9]{24}/
    for (let i = 0; i < 10_000; i++) expect(groq.test(format.generate('production').key)).toBe(false)
  })
})

describe('what does not parse', () => {
  const mutation = fc.oneof(
    fc.record({
      kind: fc.constant('substitute' as const),
      at: fc.nat(69),
      to: fc.string({ minLength: 1, maxLength: 1 }),
    }),
    fc.record({
      kind: fc.constant('insert' as const),
      at: fc.nat(70),
      to: fc.string({ minLength: 1, maxLength: 1 }),
    }),
    fc.record({ kind: fc.constant('delete' as const), at: fc.nat(69), to: fc.constant('') }),
    fc.record({ kind: fc.constant('swap' as const), at: fc.nat(68), to: fc.constant('') }),
  )

  it('is every single mutation of a key', () => {
    fc.assert(
      fc.property(anyKey, mutation, (key, { kind, at, to }) => {
        const edits = {
          substitute: () => key.slice(0, at) + to + key.slice(at + 1),
          insert: () => key.slice(0, at) + to + key.slice(at),
          delete: () => key.slice(0, at) + key.slice(at + 1),
          swap: () => key.slice(0, at) + key.charAt(at + 1) + key.charAt(at) + key.slice(at + 2),
        }
        const mutated = edits[kind]()
        fc.pre(mutated !== key)
        expect(format.parse(mutated)).toBeUndefined()
      }),
      { numRuns: 100_000 },
    )
  })

  it('is any value that is not a string, without coercion', () => {
    const { key } = format.generate('production')
    const values = [
      undefined,
      null,
      0,
      1n,
      true,
      {},
      [],
      [key],
      Buffer.from(key),
      Symbol('x'),
      Object(key),
      { toString: () => key },
    ]
    for (const value of values) expect(format.parse(value)).toBeUndefined()
    fc.assert(fc.property(fc.anything(), (value) => format.parse(value) === undefined))
  })

  it.each([
    ['a lone surrogate', '\ud800'],
    ['a NUL in the id', withChecksum(`gsk_live_${'a'.repeat(11)}\0${'b'.repeat(43)}`)],
    ['an environment that objects inherit', withChecksum(`gsk_constructor_${'a'.repeat(55)}`)],
    ['__proto__ as environment', withChecksum(`gsk___proto___${'a'.repeat(55)}`)],
    ['an unknown environment', withChecksum(`gsk_prod_${'a'.repeat(55)}`)],
    ['upper case', withChecksum(`GSK_LIVE_${'a'.repeat(55)}`)],
    ['full-width letters', withChecksum(`ｇｓｋ_live_${'a'.repeat(55)}`)],
    ['a doubled separator', withChecksum(`gsk__live_${'a'.repeat(55)}`)],
    ['a trailing line feed', `${withChecksum(`gsk_live_${'a'.repeat(55)}`)}\n`],
    ['the prefix alone', 'gsk_live_'],
    ['nothing', ''],
  ])('is %s', (_name, text) => {
    expect(format.parse(text)).toBeUndefined()
  })

  it('is a 10 MB string, at the cost of reading its length', () => {
    const long = 'a'.repeat(10_000_000)
    const before = process.cpuUsage().user
    for (let i = 0; i < 1_000; i++) format.parse(long)
    expect(process.cpuUsage(undefined).user - before).toBeLessThan(1_000_000)
  })
})

describe('what keeps a text from being a key', () => {
  const { key } = format.generate('production')
  const digit = key.at(-1) === 'a' ? 'b' : 'a'

  it.each([
    ['nothing, of a key', key, undefined],
    ['how it starts', `sk_live_${key.slice(9)}`, 'start'],
    ['how it starts, though its end is the start of a key', `${'a'.repeat(61)}gsk_live_`, 'start'],
    ['its length, with a character too few', key.slice(0, -1), 'length'],
    ['its length, with a character too many', `${key}a`, 'length'],
    ['its length, with nothing after the start', 'gsk_live_', 'length'],
    ['a character that no key has', `${key.slice(0, 30)}-${key.slice(31)}`, 'alphabet'],
    ['a last character that no key has', `${key.slice(0, -1)}-`, 'alphabet'],
    ['a mistyped character', `${key.slice(0, -1)}${digit}`, 'checksum'],
  ] as const)('is %s', (_name, text, expected) => {
    expect(format.malformation(text)).toBe(expected)
  })

  it('is told of any text, and is nothing where the text parses', () => {
    fc.assert(
      fc.property(fc.oneof(anyKey, fc.string()), (text) => {
        expect(format.malformation(text) === undefined).toBe(format.parse(text) !== undefined)
      }),
    )
  })

  it('goes by the longest start, where one begins with another', () => {
    const both = createKeyFormat({ environments: { '': 'production', test: 'sandbox' } })
    expect(both.malformation(both.generate('sandbox').key)).toBeUndefined()
    expect(both.malformation(both.generate('production').key)).toBeUndefined()
  })
})

describe('keys without a tag', () => {
  const one = createKeyFormat({ prefix: 'acme', environments: { '': 'production' } })
  const both = createKeyFormat({ prefix: 'acme', environments: { '': 'production', test: 'sandbox' } })

  it('have the prefix and 61 characters', () => {
    for (const format of [one, both]) {
      const { key, id, start } = format.generate('production')
      expect(start).toBe('acme_')
      expect(key).toMatch(/^acme_[0-9A-Za-z]{61}$/)
      expect(format.pattern.test(key)).toBe(true)
      expect(format.parse(key)).toMatchObject({ environment: 'production', start: 'acme_' })
      expect(format.redact('production', id)).toBe(`acme_${id}…`)
    }
  })

  it('stand beside keys with one, and no other tag is theirs', () => {
    expect(both.starts).toEqual(['acme_', 'acme_test_'])
    expect(both.pattern.test(both.generate('sandbox').key)).toBe(true)
    expect(one.pattern.test(both.generate('sandbox').key)).toBe(false)
    expect(both.parse(withChecksum(`acme_live_${'a'.repeat(55)}`))).toBeUndefined()
    expect(one.parse(withChecksum(`acme__${'a'.repeat(55)}`))).toBeUndefined()
  })
})

it.each([
  ['0123456789Ab', true],
  ['0123456789A', false],
  ['0123456789Abc', false],
  ['0123456789A-', false],
  ['0123456789Ab\n', false],
  ['-0123456789Ab', false],
  [['0123456789Ab'], false],
  [123_456_789_012, false],
  [undefined, false],
])('knows whether %j may be the id of a key: %s', (id, expected) => {
  expect(isKeyId(id)).toBe(expected)
})

describe('randomness', () => {
  it('gives 100,000 secrets without a duplicate and without a favoured digit', () => {
    const secrets = Array.from({ length: 100_000 }, () => format.generate('production').key.slice(21, 64))
    expect(new Set(secrets).size).toBe(secrets.length)
    const counts = new Map<string, number>()
    for (const secret of secrets) for (const digit of secret) counts.set(digit, (counts.get(digit) ?? 0) + 1)
    expect(counts.size).toBe(62)
    const expected = (secrets.length * 43) / 62
    const chiSquare = [...counts.values()].reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
    // 61 degrees of freedom: a fair source exceeds 140 about once in 30 million runs; byte % 62 gives about 28,000.
    expect(chiSquare).toBeLessThan(140)
  })

  it('comes from the CSPRNG only', () => {
    const directory = new URL('../src/', import.meta.url)
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.ts'))
        expect(readFileSync(new URL(name, directory), 'utf8'), name).not.toContain('Math.random')
    }
  })
})

describe('another product', () => {
  it('has its own prefix and environments', () => {
    const acme = createKeyFormat({
      prefix: 'acme',
      environments: { dev: 'development', stg: 'staging', live: 'live' },
    })
    const { key } = acme.generate('staging')
    expect(key).toMatch(/^acme_stg_[0-9A-Za-z]{61}$/)
    expect(acme.parse(key)).toMatchObject({ environment: 'staging' })
    expect(format.parse(key)).toBeUndefined()
    expect(() => acme.generate('production')).toThrow('development, staging, live')
    expect(() => acme.generate('production')).toThrow(
      expect.objectContaining({ name: 'ApiKeysError', code: 'invalid_argument' }),
    )
  })

  it.each([
    [{ prefix: '' }, 'prefix'],
    [{ prefix: 'Has_Separator' }, 'prefix'],
    [{ environments: {} }, 'at least one'],
    [{ environments: { LIVE: 'x' } }, 'LIVE'],
    [{ environments: { a: 'same', b: 'same' } }, 'two tags'],
    [{ environments: { a: '' } }, 'must name an environment'],
  ])('cannot be configured as %j', (options, message) => {
    expect(() => createKeyFormat(options)).toThrow(TypeError)
    expect(() => createKeyFormat(options)).toThrow(message)
  })
})

it('redacts to what comes before the secret', () => {
  const { key, id } = format.generate('production')
  expect(format.redact('production', id)).toBe(`${key.slice(0, 21)}…`)
})

it('derives key ids from digests without a separator, always 12 characters, and another for each', () => {
  const ids = [0, 1, 61, 62, 255].map((byte) => keyIdFromDigest(Buffer.from([byte])))
  expect(ids).toEqual(['000000000000', '100000000000', 'z00000000000', '010000000000', '740000000000'])
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(keyIdFromDigest(Buffer.from(bytes))).toMatch(/^[0-9A-Za-z]{12}$/)
    }),
  )
})
