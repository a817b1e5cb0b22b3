// What passes is written as a HAR that other programs read, and that survives whatever ends the process.

import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { entriesIn, type HarEntry, openHarFile } from '../src/recording/har-file.js'
import { document, folder, ok, send, start, stop } from './harness.js'
import { boot } from './process.js'

const spec = document(
  {
    '/notes': {
      get: {
        ...ok({ type: 'array', items: { $ref: '#/components/schemas/Note' } }),
        operationId: 'listNotes',
      },
      post: {
        operationId: 'createNote',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Note' } } } },
        ...ok({ $ref: '#/components/schemas/Note' }),
      },
    },
  },
  {
    components: {
      schemas: {
        Note: {
          type: 'object',
          properties: { id: { type: 'integer', readOnly: true }, text: { type: 'string' }, password: {} },
        },
      },
    },
  },
)
const LONG = 'long '.repeat(20_000)

const read = async (file: string) => entriesIn(await readFile(file, 'utf8'), file)
const sentIn = ({ request }: HarEntry) => JSON.parse(request.postData?.text ?? 'null')
const answeredIn = ({ response }: HarEntry) => JSON.parse(response.content?.text ?? 'null')

describe('a recording', () => {
  it('has each exchange with its method, address, bodies and status, as HAR 1.2', async () => {
    const file = join(await folder(), 'a.har')
    const mock = await start({ spec, record: { file } })
    await send(mock, 'POST /notes?x=1', { text: 'one' })
    await send(mock, 'GET /nowhere')
    await stop(mock)
    const { log } = JSON.parse(await readFile(file, 'utf8'))
    expect(log.version).toBe('1.2')
    const [first, second] = await read(file)
    expect(first?.request).toMatchObject({ method: 'POST', url: `${mock.url}/notes?x=1` })
    expect(sentIn(first as HarEntry)).toEqual({ text: 'one' })
    expect(first?.response.status).toBe(200)
    expect(answeredIn(first as HarEntry)).toMatchObject({ text: 'one' })
    expect(second?.response.status).toBe(404)
  })

  it('has no credential, wherever it stands', async () => {
    const file = join(await folder(), 'a.har')
    const mock = await start({ spec, record: { file } })
    const secrets = [mock.keys.test, mock.adminKey, 'hunter2-hunter2']
    await send(
      mock,
      `POST /notes?api_key=${mock.keys.live}`,
      { text: mock.adminKey, password: 'hunter2-hunter2' },
      { authorization: `Bearer ${mock.keys.test}` },
    )
    await stop(mock)
    const text = await readFile(file, 'utf8')
    expect(text).toContain('[redacted]')
    for (const secret of [...secrets, mock.keys.live]) expect(text).not.toContain(secret)
  })

  it('keeps lists whole, and of long bodies what the journal keeps, or more for who asks', async () => {
    const path = await folder()
    const [short, long] = [join(path, 'short.har'), join(path, 'long.har')]
    const seedData = { '/notes': Array.from({ length: 150 }, (_, i) => ({ id: i + 1, text: `note ${i}` })) }
    for (const record of [{ file: short }, { file: long, maxBodyBytes: 1_000_000 }]) {
      const mock = await start({ spec, record, seedData })
      await send(mock, 'GET /notes')
      await send(mock, 'POST /notes', { text: LONG })
      expect(JSON.stringify(mock.requests()).length).toBeLessThan(200_000)
      expect(mock.requests()[1]?.bodyBytes).toBeGreaterThan(100_000)
      await stop(mock)
    }
    const [listed, cut] = await read(short)
    expect(answeredIn(listed as HarEntry)).toHaveLength(150)
    expect(cut?.request.postData?.text?.length).toBe(65_536)
    expect(cut?.response.content).not.toHaveProperty('text')
    const whole = (await read(long))[1] as HarEntry
    expect([sentIn(whole).text, answeredIn(whole).text]).toEqual([LONG, LONG])
  })

  it('is whole at every moment, and goes on where an earlier run was killed', async () => {
    const path = await folder()
    const [file, own] = [join(path, 'a.har'), join(path, 'spec.json')]
    await writeFile(own, JSON.stringify(spec))
    const first = await boot(':memory:', [own, '--record', file])
    for (let i = 0; i < 20; i++) await first.post('/notes', { text: `note ${i}` })
    await first.kill()
    expect(JSON.parse(await readFile(file, 'utf8')).log.entries.length).toBeGreaterThanOrEqual(19)
    // A power cut, unlike a kill, may leave half of a write.
    await truncate(file, Buffer.byteLength(await readFile(file, 'utf8')) - 200)
    const kept = (await read(file)).length
    expect(kept).toBeGreaterThanOrEqual(18)
    const second = await boot(':memory:', [own, '--record', file])
    // An entry is written once its answer has left: the second answer tells that the first entry is there.
    for (let i = 0; i < 2; i++) await second.get('/notes')
    await second.kill()
    const entries = JSON.parse(await readFile(file, 'utf8')).log.entries as HarEntry[]
    expect(entries.length).toBeGreaterThan(kept)
    expect(entries[kept]?.request.method).toBe('GET')
  })

  it('reads the HAR of another program, cut off or not, at any place', async () => {
    const exported = JSON.stringify(
      {
        log: {
          creator: { name: 'a browser' },
          pages: [{ id: '"entries": ]}' }],
          entries: ['{', '"\\', '}'].map((text, i) => ({
            request: { method: 'POST', url: `https://api.example.com/${i}`, postData: { text } },
            response: { status: 200, content: { text } },
          })),
        },
      },
      undefined,
      2,
    )
    expect(entriesIn(exported, 'a.har').map(({ request }) => request.postData?.text)).toEqual([
      '{',
      '"\\',
      '}',
    ])
    let most = 0
    for (let length = exported.indexOf('"entries": [') + 12; length < exported.length; length++) {
      const found = entriesIn(exported.slice(0, length), 'a.har').length
      expect(found).toBeGreaterThanOrEqual(most)
      most = found
    }
    expect(most).toBe(3)
    const file = join(await folder(), 'other.har')
    await writeFile(file, exported)
    const mock = await start({ spec, record: { file } })
    await send(mock, 'GET /notes')
    await stop(mock)
    expect(await read(file)).toHaveLength(4)
  })

  it('refuses a file that is no HAR, and leaves it as it is', async () => {
    const file = join(await folder(), 'a.har')
    await writeFile(file, 'my notes')
    await expect(start({ spec, record: { file } })).rejects.toThrow(/record\.file: .*is no HAR/)
    expect(await readFile(file, 'utf8')).toBe('my notes')
    expect(() => openHarFile(join(file, 'below'))).toThrow()
  })
})
