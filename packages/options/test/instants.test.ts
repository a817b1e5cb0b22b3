// Instants as people and programs write them, and what of it is taken.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { instantOf, isDay } from '../src/index.js'

it.each([
  ['2030-06-01T00:00:00Z', '2030-06-01T00:00:00.000Z'],
  ['2030-06-01t00:00:00z', '2030-06-01T00:00:00.000Z'],
  ['2030-06-01T00:00:00+05:30', '2030-05-31T18:30:00.000Z'],
  ['2030-06-01T00:00:00-00:00', '2030-06-01T00:00:00.000Z'],
  ['2030-06-01T00:00:00.5Z', '2030-06-01T00:00:00.500Z'],
  ['2030-06-01T00:00:00.123456789Z', '2030-06-01T00:00:00.123Z'],
  ['2028-02-29T12:00:00Z', '2028-02-29T12:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['2017-01-01T05:29:60.7+05:30', '2017-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
])('%s is %s', (text, instant) => {
  expect(instantOf(text)?.toISOString()).toBe(instant)
})

it.each([
  '2030-06-01',
  '2030-06-01T00:00:00',
  '2030-06-01 00:00:00Z',
  '2030-06-01T00:00Z',
  '2030-06-01T00:00:00+0530',
  '2030-06-01T24:00:00Z',
  '2030-06-01T00:00:61Z',
  '2030-06-01T12:00:60Z',
  '2030-02-30T00:00:00Z',
  '2029-02-29T00:00:00Z',
  '2030-13-01T00:00:00Z',
  '9999-12-31T23:59:59-00:01',
  '9999-12-31T23:59:60Z',
  '0000-01-01T00:00:00+00:01',
  '2030-00-10T00:00:00Z',
  '2030-06-01T00:00:00+24:00',
  '30-06-01T00:00:00Z',
  '+002030-06-01T00:00:00Z',
  '2030-W22-6T00:00:00Z',
  '1906502400000',
  'Sat, 01 Jun 2030 00:00:00 GMT',
  'tomorrow',
  '',
])('%j is no instant', (text) => {
  expect(instantOf(text)).toBeUndefined()
})

it('every instant is read back from what toISOString writes, wherever it is read', () => {
  const zone = process.env.TZ
  try {
    for (const TZ of ['America/New_York', 'Asia/Kolkata', 'UTC']) {
      process.env.TZ = TZ
      fc.assert(
        fc.property(
          fc.date({
            min: new Date('0000-01-01T00:00:00Z'),
            max: new Date('9999-12-31T23:59:59.999Z'),
            noInvalidDate: true,
          }),
          (date) => {
            expect(instantOf(date.toISOString())).toEqual(date)
            expect(isDay(date.toISOString().slice(0, 10))).toBe(true)
          },
        ),
      )
    }
  } finally {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  }
})

it('never throws, and takes no date that there is not', () => {
  fc.assert(
    fc.property(fc.nat(9999), fc.nat(99), fc.nat(99), (year, month, day) => {
      const two = (n: number) => String(n).padStart(2, '0')
      const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
      const lengths = [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28]
      const last = [lengths[0], lengths[1], 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
      expect(isDay(text)).toBe(day >= 1 && day <= last)
      expect(instantOf(`${text}T00:00:00Z`) !== undefined).toBe(isDay(text))
    }),
    { numRuns: 5_000 },
  )
})
