// Credentials in texts: found however they are written there, and nothing else is hidden.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSecretFilter } from '../src/control/secrets.js'
import { cpuMs } from './harness.js'

const CHARACTERS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz']
const text = (min: number, max: number) =>
  fc.array(fc.constantFrom(...CHARACTERS), { minLength: min, maxLength: max }).map((all) => all.join(''))
const key = fc
  .tuple(fc.constantFrom('test', 'live', 'admin'), text(61, 61))
  .map(([tag, rest]) => `gsk_${tag}_${rest}`)
const hex = (letter: string, width: number) => letter.charCodeAt(0).toString(16).padStart(width, '0')

/** Some of the characters, as something else. */
const each =
  (chosen: (letter: string) => boolean, written: (letter: string) => string) =>
  (value: string): string =>
    [...value].map((letter) => (chosen(letter) ? written(letter) : letter)).join('')
const all = () => true
const marks = (letter: string) => letter === '_'
const base64 = (value: string) => Buffer.from(value).toString('base64')

const WRITTEN: readonly (readonly [string, (value: string) => string])[] = [
  ['as it is', (value) => value],
  ['percent-encoded', each(all, (letter) => `%${hex(letter, 2)}`)],
  ['percent-encoded in part', each(marks, (letter) => `%${hex(letter, 2).toUpperCase()}`)],
  ['escaped in JSON', each(all, (letter) => `\\u${hex(letter, 4)}`)],
  ['escaped in JavaScript', each(marks, (letter) => `\\x${hex(letter, 2)}`)],
  ['escaped in JavaScript by its point', each(marks, (letter) => `\\u{${hex(letter, 1)}}`)],
  ['escaped in HTML', each(all, (letter) => `&#${letter.charCodeAt(0)};`)],
  ['escaped in HTML by hexadecimals', each(marks, (letter) => `&#x${hex(letter, 2)};`)],
  ['in Base64', base64],
  ['in Base64 for URLs', (value) => Buffer.from(value).toString('base64url')],
  ['in Base64 as Basic sends it', (value) => base64(`someone:${value}`)],
  ['in Base64 as Basic sends it as a name', (value) => base64(`${value}:`)],
]

describe('a filter of secrets', () => {
  it('hides a credential however it is written, and leaves what stands around it', () => {
    const around = fc.constantFrom('', ' ', '"', '?a=', '&b=', '{"a":"', '<p>', '日本', ':', ', ')
    const written = fc.constantFrom(...WRITTEN)
    const known = text(4, 40)
    const secret = fc.oneof(
      key,
      known.map((value) => `pw.${value}+$`),
    )
    fc.assert(
      fc.property(secret, written, written, around, around, (value, [, first], [, second], before, after) => {
        const once = `${before}${first(value)}${after}`
        const filter = createSecretFilter([value])
        expect(filter(once)).toBe(`${before}[redacted]${after}`)
        const twice = filter(`${before}${second(first(value))}${after}`)
        expect(twice).toContain('[redacted]')
        expect(twice).not.toContain(second(first(value)))
      }),
      { numRuns: 300 },
    )
  })

  it('hides keys of any mock, without knowing them, and in any case', () => {
    fc.assert(
      fc.property(key, (value) => {
        const filter = createSecretFilter([])
        for (const [, write] of WRITTEN) expect(filter(`a ${write(value)} b`)).toBe('a [redacted] b')
        expect(filter(value.toUpperCase())).toBe('[redacted]')
      }),
      { numRuns: 30 },
    )
  })

  it('changes no text without a credential', () => {
    const filter = createSecretFilter(['correct horse battery', 'short'])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (value) => filter(value) === value),
    )
    for (const value of ['short', 'gsk_test_abc', 'a%20b', '\\u0041', '&#65;', base64('x'.repeat(300))])
      expect(filter(value)).toBe(value)
  })

  it.each([
    ['no end of a key', 'gsk_a_'],
    ['percent signs', '%25'],
    ['entities', '&#x26;'],
    ['Base64', 'QUFBQUFB'],
    ['letters', 'gsk_aaaaaaaa'],
    ['escapes', '\\u005c'],
  ])('takes no time for a long text of %s', (_name, piece) => {
    const filter = createSecretFilter(['correct horse battery'])
    const long = piece.repeat(Math.ceil(1_000_000 / piece.length))
    expect(cpuMs(() => filter(long))).toBeLessThan(2_000)
  })
})
