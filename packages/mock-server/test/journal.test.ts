// The journal by itself: what it keeps, in memory and beyond, and what it forgets.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createJournal, type Journal } from '../src/control/journal.js'
import { noted } from '../src/control/noted-exchanges.js'
import { createRedaction } from '../src/control/redaction.js'
import { type Database, openDatabase } from '../src/storage/database.js'
import { cpuMs } from './harness.js'

const databases: Database[] = []
afterEach(() => {
  for (const database of databases.splice(0)) database.close()
})

function open(size: number): Journal {
  const database = openDatabase(':memory:', () => 0)
  databases.push(database)
  const redaction = createRedaction(() => new Set(['ticket']), ['a-known-secret'])
  return createJournal({ size, redaction, table: database.journal, onRecord: () => {}, onError: fail })
}

const fail = (error: unknown) => {
  throw error
}

const record = (journal: Journal, body: unknown = null, query = '') => {
  const text = JSON.stringify(body)
  journal.record({
    ...{ at: 0, method: 'POST', path: '/a', query, headers: { host: 'here', 'x-api-key': 'hidden' } },
    ...{ note: { body: noted(body, text.length) }, durationMs: 1 },
    ...{ status: 200, responseHeaders: {}, responseBody: undefined },
  })
}
const recordMany = (journal: Journal, count: number, body: string) => {
  for (let i = 0; i < count; i++) record(journal, body)
}
const numbers = (all: readonly { readonly number: number }[]) => all.map(({ number }) => number)
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
/** What is held in memory once nothing waits for the garbage collector. */
const heldBytes = (): number => {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Every way to read a journal shows these numbers and no others. @param last the latest that was given. */
function expectKept(journal: Journal, kept: readonly number[], last: number) {
  const latestFirst = kept.toReversed()
  expect(journal.oldest()).toBe(kept[0])
  expect(numbers(journal.lines({ limit: 1_000 }))).toEqual(latestFirst.slice(0, 1_000))
  expect(numbers(journal.lines({ after: last - 3, limit: 9 }))).toEqual(latestFirst.slice(0, 3))
  const before = last - 300
  const even = latestFirst.filter((number) => number < before && number % 2 === 0)
  const matches = ({ number }: { readonly number: number }) => number % 2 === 0
  expect(numbers(journal.lines({ before, limit: 250, matches }))).toEqual(even.slice(0, 250))
  const first = kept[0] ?? last + 1
  for (const wanted of [first - 1, first, last, last + 1])
    expect(journal.find(wanted)?.number).toBe(kept.includes(wanted) ? wanted : undefined)
}

describe('a journal', () => {
  it('keeps the latest exchanges in their order, wherever they are kept', async () => {
    const step = fc.record({
      count: fc.integer({ min: 0, max: 700 }),
      kilobytes: fc.constantFrom(0, 0, 1, 60),
      isTurn: fc.boolean(),
      isCleared: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
    })
    const sizes = fc.constantFrom(0, 1, 2, 400, 500, 501, 900, 5_000)
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(step, { minLength: 1, maxLength: 5 }), async (size, steps) => {
        const journal = open(size)
        let last = 0
        let cleared = 0
        for (const { count, kilobytes, isTurn, isCleared } of steps) {
          recordMany(journal, count, 'x'.repeat(kilobytes * 1024))
          last += count
          if (isTurn) await nextTurn()
          if (isCleared) {
            journal.clear()
            cleared = last
          }
          const kept = range(Math.max(cleared, last - size) + 1, last + 1)
          expectKept(journal, kept, last)
          // What is read at once is bounded too.
          const entries = numbers(journal.entries())
          expect(entries).toEqual(kept.slice(kept.length - entries.length))
        }
      }),
      { numRuns: 8 },
    )
  }, 120_000)

  it('keeps fifty thousand exchanges and more, and little of them in memory', async () => {
    const journal = open(50_000)
    const before = heldBytes()
    for (let i = 0; i < 60_000; i++) {
      record(journal, { name: `thing ${i}`, list: [{}, {}, {}] })
      if (i % 100 === 0) await nextTurn()
    }
    expect((heldBytes() - before) / 2 ** 20).toBeLessThan(10)
    expect(journal.oldest()).toBe(10_001)
    expect(journal.find(10_001)?.body).toEqual({ name: 'thing 10000', list: [{}, {}, {}] })
    expect(numbers(journal.entries())).toEqual(range(10_001, 60_001))
  }, 60_000)

  it('shows no credential, in memory or beyond', async () => {
    const journal = open(2_000)
    const body = { name: 'a-known-secret', password: 'hidden', shown: 'yes' }
    for (let i = 0; i < 1_000; i++) record(journal, body, 'ticket=hidden&a=b')
    await nextTurn()
    const [first] = journal.entries()
    expect(first).toMatchObject({ body: { name: '[redacted]', shown: 'yes' }, headers: { host: 'here' } })
    expect(JSON.stringify([journal.entries(), journal.lines({ limit: 1_000 }), journal.find(1)])).not.toMatch(
      /hidden|known/,
    )
  })

  it('goes on when it cannot keep an exchange, and says so', () => {
    const broken = () => {
      throw new Error('database or disk is full')
    }
    const database = openDatabase(':memory:', () => 0)
    databases.push(database)
    const table = { ...database.journal, add: broken }
    const errors: unknown[] = []
    const journal = createJournal({
      ...{ size: 2_000, table, redaction: createRedaction(() => new Set(), []) },
      ...{ onRecord: () => {}, onError: (error) => errors.push(error) },
    })
    for (let i = 0; i < 600; i++) record(journal)
    expect(numbers(journal.entries())).toEqual(range(101, 601))
    expect(errors).toEqual([new Error('database or disk is full')])
  })

  it('forgets what it could not write before it was closed', async () => {
    const journal = open(2_000)
    for (let i = 0; i < 600; i++) record(journal)
    for (const database of databases.splice(0)) database.close()
    await nextTurn()
    expect(numbers(journal.entries())).toEqual(range(101, 601))
  })

  it('says how long a body was that it does not keep', () => {
    const journal = open(10)
    for (const body of ['x'.repeat(70_000), Buffer.alloc(10)]) record(journal, body)
    const [long, bytes] = journal.entries()
    expect([long?.body, noted(Buffer.alloc(10), 10)]).toEqual(['[70002 bytes]', '"[10 bytes]"'])
    expect(bytes?.body).toMatch(/^\[\d+ bytes\]$/)
  })
})

describe('the text of a body', () => {
  const { source } = createRedaction(() => new Set(['ticket']), [])
  const JSON_TYPE = 'application/json'
  const writers: Readonly<Record<string, readonly [string, (name: string, secret: string) => string]>> = {
    JSON: [JSON_TYPE, (name, secret) => `{"a": "seen", "list": [{"${name}": "${secret}"}], "z": 1}`],
    'nested JSON': [JSON_TYPE, (name, secret) => `{"a":"seen","${name}": {"b": ["${secret}"]}}`],
    'JSON that is none': [JSON_TYPE, (name, secret) => `{"a":"seen","${name}" : "x\\"${secret}", }`],
    'a form': ['application/x-www-form-urlencoded', (name, secret) => `a=seen&${name}=${secret}&z=1`],
    'a form of parts': [
      'multipart/form-data; boundary=xyz',
      (name, secret) =>
        `--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\nseen\r\n--xyz\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: text/plain\r\n\r\n${secret}\r\n--xyz--`,
    ],
    'an element of XML': [
      'application/xml',
      (name, secret) => `<r><a>seen</a><x:${name} n="1">${secret}</x:${name}></r>`,
    ],
    'an attribute of XML': ['text/xml', (name, secret) => `<r><a>seen</a><b ${name}='${secret}'/></r>`],
    YAML: ['application/yaml', (name, secret) => `a: seen\n${name}: ${secret}\nz: 1\n`],
  }
  const names = fc.constantFrom('password', 'ticket', 'client_secret', 'user.apiKey', 'X-Api-Key')
  const secrets = fc.stringMatching(/^[A-Za-z0-9]{12}$/)

  it.each(Object.keys(writers))('hides the credentials of %s, whole and cut off anywhere', (format) => {
    const [type, write] = writers[format] ?? ['', () => '']
    fc.assert(
      fc.property(names, secrets, fc.nat(200), (name, secret, cut) => {
        const text = write(name, secret)
        expect(source(text, type)).not.toContain(secret)
        expect(source(text, type)).toContain('seen')
        const part = text.slice(0, cut)
        const known = secret.slice(0, 6)
        expect(source(part, type)).not.toContain(known)
      }),
    )
  })

  it('is otherwise what was sent, letter for letter', () => {
    for (const [type, write] of Object.values(writers)) {
      const text = write('colour', 'a light  red')
      expect(source(text, type)).toBe(text)
    }
  })

  it('takes no longer for a hostile one', () => {
    const hostile = ['a.'.repeat(32_768), '"password":"'.repeat(5_000), `name="${'a'.repeat(60_000)}`]
    hostile.push(
      '<a '.repeat(20_000),
      `password${' '.repeat(65_000)}`,
      '['.repeat(65_000),
      '\\'.repeat(65_000),
    )
    for (const text of hostile)
      for (const type of [JSON_TYPE, 'multipart/form-data', 'text/xml'])
        expect(cpuMs(() => source(text, type))).toBeLessThan(500)
  })
})
