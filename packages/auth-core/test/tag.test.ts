import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { createTags, equalInConstantTime } from '../src/tag.js'

const KEY = 'gsk_live_7Yq0aZ3kPfXb'
const PEPPER = 'p'.repeat(32)
const OTHER_PEPPER = 'q'.repeat(32)
const digest = createHash('sha256').update(`gosend tag\0${KEY}`).digest('hex')

it('keeps eight bytes of a SHA-256 of the key and no more, so that 192 bits stay unknown', () => {
  expect(createTags([]).create(KEY)).toBe(`sha256.${digest.slice(0, 16)}`)
})

it('is a whole HMAC of the key under the pepper, and names the pepper by eight digits that do not contain it', () => {
  const name = createHmac('sha256', PEPPER).update('gosend pepper name').digest('hex').slice(0, 8)
  const hmac = createHmac('sha256', PEPPER).update(KEY).digest('hex')
  expect(createTags([PEPPER]).create(KEY)).toBe(`hmac.${name}.${hmac}`)
  expect(createTags([new TextEncoder().encode(PEPPER)]).create(KEY)).toBe(`hmac.${name}.${hmac}`)
})

it('is made with the first pepper, and compared with the one that made it', () => {
  const earlier = createTags([OTHER_PEPPER]).create(KEY)
  const tags = createTags([PEPPER, OTHER_PEPPER])
  expect(tags.create(KEY)).toBe(createTags([PEPPER]).create(KEY))
  expect([tags.compare(earlier, KEY), tags.compare(earlier, `${KEY}x`)]).toEqual(['possible', 'no'])
  expect([tags.isCurrent(tags.create(KEY)), tags.isCurrent(earlier)]).toEqual([true, false])
})

it.each([
  ['without a pepper', []],
  ['with one', [PEPPER]],
])('%s it refuses every other key, and only those', (_, peppers) => {
  const tags = createTags(peppers)
  const tag = tags.create(KEY)
  expect([tags.compare(tag, KEY), tags.compare(tag, `${KEY}x`), tags.compare(tag, '')]).toEqual([
    'possible',
    'no',
    'no',
  ])
  expect(tags.isCurrent(tag)).toBe(true)
})

it('made without a pepper still refuses keys once there is one, but is not current', () => {
  const tag = createTags([]).create(KEY)
  const tags = createTags([PEPPER])
  expect([tags.compare(tag, KEY), tags.compare(tag, 'x'), tags.isCurrent(tag)]).toEqual([
    'possible',
    'no',
    false,
  ])
})

it.each([
  ['of a pepper that is not configured', createTags([OTHER_PEPPER]).create(KEY)],
  ['that is too short', createTags([PEPPER]).create(KEY).slice(0, -1)],
  ['that is too long', `${createTags([PEPPER]).create(KEY)}0`],
  ['of SHA-256 that is whole', `sha256.${digest}`],
  ['of another kind', `md5.${digest.slice(0, 16)}`],
  ['of another kind that is as long', `sha512.${digest.slice(0, 16)}`],
  ['that is empty', ''],
])('%s decides nothing', (_, tag) => {
  expect(createTags([PEPPER]).compare(tag, KEY)).toBe('unknown')
})

it.each([
  ['31 characters', 'p'.repeat(31)],
  ['31 bytes', new Uint8Array(31)],
  ['a number', 12 as never],
])('refuses a pepper of %s', (_, pepper) => {
  expect(() => createTags([pepper])).toThrow(
    new TypeError('pepper: must have at least 32 bytes; openssl rand -base64 48 makes one'),
  )
})

it.each([
  ['', '', true],
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'ab', false],
  ['abc', 'abcd', false],
])('comparing %j with %j gives %s', (a, b, isEqual) => {
  expect(equalInConstantTime(a, b)).toBe(isEqual)
})
