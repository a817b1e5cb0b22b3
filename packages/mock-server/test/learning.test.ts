// What is learned from recorded traffic of a real program makes the mock answer as that program does.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { learnTraffic, type MockServer, type MockServerOptions } from '../src/index.js'
import { idFrom, idLessonOf } from '../src/learning/ids.js'
import { membersOf } from '../src/learning/members.js'
import { shapeDifferences } from '../src/replaying/shapes.js'
import { document, folder, send, start, stop } from './harness.js'

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const response = (schema: object) => ({ description: 'As it says', ...json(schema) })
const Booking = { $ref: '#/components/schemas/Booking' }
const Problem = { $ref: '#/components/schemas/Problem' }
const errors = { '404': response(Problem), '409': response(Problem), '422': response(Problem) }

/** What a document says of the program below, which has rules of its own. */
const spec = document(
  {
    '/bookings': {
      get: { operationId: 'listBookings', responses: { '200': response({ type: 'array', items: Booking }) } },
      post: {
        operationId: 'createBooking',
        requestBody: { required: true, ...json(Booking) },
        responses: { '201': response(Booking), ...errors },
      },
    },
    '/bookings/{id}': {
      get: { operationId: 'getBooking', responses: { '200': response(Booking), ...errors } },
      patch: {
        operationId: 'changeBooking',
        requestBody: json({ type: 'object' }),
        responses: { '200': response(Booking), ...errors },
      },
      delete: { operationId: 'dropBooking', responses: { '204': { description: 'Gone' }, ...errors } },
    },
    '/price/{nights}/{rate}': {
      get: {
        operationId: 'price',
        parameters: ['nights', 'rate'].map((name) => ({
          ...{ name, in: 'path', required: true },
          schema: { type: 'integer' },
        })),
        responses: {
          '200': response({
            type: 'object',
            required: ['total', 'says', 'at', 'currency'],
            properties: {
              total: { type: 'number' },
              says: { type: 'string' },
              at: { type: 'string', format: 'date-time' },
              currency: { type: 'string' },
            },
          }),
        },
      },
    },
    '/town': {
      get: {
        operationId: 'town',
        parameters: [{ name: 'zip', in: 'query', schema: { type: 'string' } }],
        responses: { '200': response({ type: 'object', properties: { town: { type: 'string' } } }) },
      },
    },
  },
  {
    components: {
      schemas: {
        Booking: {
          type: 'object',
          required: ['guest'],
          properties: {
            id: { type: 'string', readOnly: true },
            guest: { type: 'string' },
            password: { type: 'string' },
            state: { type: 'string', readOnly: true },
            house: { type: 'string', readOnly: true },
            createdAt: { type: 'string', format: 'date-time', readOnly: true },
          },
        },
        Problem: { type: 'object', properties: { problem: { type: 'string' }, hint: { type: 'string' } } },
      },
    },
  },
)

interface Program {
  readonly server: Server
  readonly url: string
}

type Reply = readonly [status: number, body?: unknown]

/** A program with rules that no document tells: ids, words, states, prices, towns. */
function rulesOfProgram(): (method: string, url: URL, body: Record<string, unknown>) => Reply {
  const first = { id: 'bkg_0aZ3', guest: 'Ada', state: 'checked-in', house: 'North' }
  const bookings = new Map<string, Record<string, unknown>>([
    ['bkg_0aZ3', { ...first, createdAt: '2026-01-02T03:04:05Z' }],
  ])
  const towns: Record<string, string> = { '8000': 'Zurich', '3000': 'Bern' }
  let made = 0

  const create = (body: Record<string, unknown>): Reply => {
    if (body.guest === undefined) return [422, { problem: 'Who is it for?', hint: 'send a guest' }]
    if (body.guest === 'Mallory') return [409, { problem: 'Mallory is not welcome' }]
    const id = `bkg_${(++made * 7919 + 46656).toString(36).padStart(4, '0').slice(-4)}`
    const createdAt = new Date().toISOString()
    const { password, ...rest } = body
    const booking = { id, ...rest, state: 'awaiting-deposit', house: 'South', createdAt }
    bookings.set(id, booking)
    return [201, { ...booking, password }]
  }
  const one = (method: string, id: string, body: Record<string, unknown>): Reply => {
    const found = bookings.get(id)
    if (found === undefined) return [404, { problem: `No booking ${id} here`, hint: 'look at /bookings' }]
    if (method === 'DELETE') {
      bookings.delete(id)
      return [204]
    }
    if (method === 'PATCH') Object.assign(found, body)
    return [200, found]
  }
  const price = (nights: string, rate: string): Reply => [
    200,
    {
      ...{ total: Number(nights) * Number(rate), says: `${nights} nights at ${rate} each` },
      ...{ at: new Date().toISOString(), currency: 'CHF' },
    },
  ]
  return (method, url, body) => {
    const [, place, id = '', rate = ''] = url.pathname.split('/')
    if (place === 'price') return price(id, rate)
    if (place === 'town') return [200, { town: towns[url.searchParams.get('zip') ?? ''] ?? 'nowhere' }]
    if (id !== '') return one(method, id, body)
    return method === 'GET' ? [200, [...bookings.values()]] : create(body)
  }
}

async function program(): Promise<Program> {
  const reply = rulesOfProgram()
  const server = createServer(async (request, answer) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
    const url = new URL(request.url ?? '', 'http://here')
    const [status, value] = reply(request.method ?? 'GET', url, body)
    answer.writeHead(status, { 'content-type': 'application/json' })
    answer.end(value === undefined ? undefined : JSON.stringify(value))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const SECRET = 'hunter2-hunter2'

/** What clients do, with the ids that the API gave them. */
async function firstHalf(mock: MockServer): Promise<void> {
  await send(mock, 'GET /bookings')
  for (const guest of ['Grace', 'Linus', 'Margaret'])
    await send(mock, 'POST /bookings', { guest, password: SECRET }, { authorization: `Bearer ${SECRET}` })
  const { json: listed } = await send(mock, 'GET /bookings')
  await send(mock, `GET /bookings/${listed[1].id}`)
  await send(mock, `PATCH /bookings/${listed[1].id}`, { guest: 'Grace Hopper' })
  await send(mock, `DELETE /bookings/${listed[2].id}`)
  await send(mock, `GET /bookings/${listed[2].id}`)
  await send(mock, 'GET /bookings/bkg_none')
  await send(mock, 'POST /bookings', {})
  await send(mock, 'POST /bookings', { guest: 'Mallory' })
  for (const path of ['/price/2/90', '/price/3/110', '/price/7/85']) await send(mock, `GET ${path}`)
  for (const zip of ['8000', '3000', '1']) await send(mock, `GET /town?zip=${zip}`)
}

let real: Program
let har = ''
let recorded: Awaited<ReturnType<typeof learnTraffic>>
let work = ''

beforeAll(async () => {
  real = await program()
  const { mkdtemp } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  work = await mkdtemp(join(tmpdir(), 'learning-'))
  har = join(work, 'api.har')
  const proxy = await start({ spec, proxy: { url: real.url }, record: { file: har } })
  await firstHalf(proxy)
  await stop(proxy)
  recorded = await learnTraffic(spec, [har])
})

afterAll(async () => {
  real.server.closeAllConnections()
  real.server.close()
  const { rm } = await import('node:fs/promises')
  await rm(work, { recursive: true, force: true })
})

const mocked = (options: MockServerOptions = {}) => start({ spec, learned: recorded.learned, ...options })

/** Without what is another at each run. */
const fixed = (text: string) => text.replace(/"(id|at|createdAt)":"[^"]*",?/g, '')

/** How many calls the mock answers as the program does: by shape, and by value. */
async function likeness(
  mock: MockServer,
  calls: readonly (readonly [line: string, body?: object])[],
): Promise<readonly [shapes: number, values: number]> {
  let [shapes, values] = [0, 0]
  for (const [line, body] of calls) {
    const [method = '', path = ''] = line.split(' ')
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const there = await fetch(real.url + path, { method, ...sent })
    const [here, text] = [await send(mock, line, body), await there.text()]
    const parsed = text === '' ? undefined : JSON.parse(text)
    if (here.status !== there.status || shapeDifferences(here.json, parsed).length > 0) continue
    shapes++
    if (fixed(here.text) === fixed(text)) values++
  }
  return [shapes, values]
}

describe('a mock that has learned', () => {
  it('shows the things that were there, as they were left, and says that they are learned', async () => {
    const mock = await mocked()
    const { json: listed } = await send(mock, 'GET /bookings')
    expect(listed).toEqual((await (await fetch(`${real.url}/bookings`)).json()) as unknown)
    expect(listed.map(({ guest }: { guest: string }) => guest)).toEqual(['Ada', 'Grace Hopper', 'Margaret'])
    const one = await send(mock, 'GET /bookings/bkg_0aZ3')
    expect(one.json).toMatchObject({ guest: 'Ada', state: 'checked-in', house: 'North' })
    expect(one.headers.get('mock-source')).toBe('learned')
  })

  it('changes and removes them like things that clients stored', async () => {
    const mock = await mocked()
    const changed = await send(mock, 'PATCH /bookings/bkg_0aZ3', { guest: 'Ada L.' })
    expect(changed.json).toMatchObject({ guest: 'Ada L.', state: 'checked-in' })
    expect((await send(mock, 'GET /bookings/bkg_0aZ3')).headers.get('mock-source')).toBe('stored')
    expect((await send(mock, 'DELETE /bookings/bkg_0aZ3')).status).toBe(204)
    expect((await send(mock, 'GET /bookings')).json).toHaveLength(2)
    await mock.reset()
    expect((await send(mock, 'GET /bookings')).json).toHaveLength(3)
  })

  it('makes new things with ids of the same form and what the API adds to each', async () => {
    const mock = await mocked()
    const { json: made, status } = await send(mock, 'POST /bookings', { guest: 'Barbara' })
    expect(status).toBe(201)
    expect(made).toMatchObject({ guest: 'Barbara', state: 'awaiting-deposit', house: 'South' })
    expect(made.id).toMatch(/^bkg_[a-z0-9]{4}$/)
    expect(Math.abs(Date.parse(made.createdAt) - Date.now())).toBeLessThan(60_000)
    expect((await send(mock, `GET /bookings/${made.id}`)).json).toEqual(made)
  })

  it('refuses in the words of the API, for the same reasons', async () => {
    const mock = await mocked()
    const refused = async (line: string, body?: object) => {
      const { status, json, headers } = await send(mock, line, body)
      return [status, json, headers.get('mock-source')]
    }
    expect(await refused('GET /bookings/bkg_zzzz')).toEqual([
      404,
      { problem: 'No booking bkg_zzzz here', hint: 'look at /bookings' },
      'learned',
    ])
    expect(await refused('POST /bookings', {})).toEqual([
      422,
      { problem: 'Who is it for?', hint: 'send a guest' },
      'learned',
    ])
    expect(await refused('POST /bookings', { guest: 'Mallory' })).toEqual([
      409,
      { problem: 'Mallory is not welcome' },
      'learned',
    ])
  })

  it('repeats what was sent, computes from it, tells the time, and knows what was asked before', async () => {
    const mock = await mocked()
    const { json, headers } = await send(mock, 'GET /price/5/120')
    expect(json).toMatchObject({ total: 600, says: '5 nights at 120 each', currency: 'CHF' })
    expect(Math.abs(Date.parse(json.at) - Date.now())).toBeLessThan(60_000)
    expect(headers.get('mock-source')).toBe('learned')
    expect((await send(mock, 'GET /town?zip=3000')).json).toEqual({ town: 'Bern' })
    expect((await send(mock, 'GET /town?zip=8000')).json).toEqual({ town: 'Zurich' })
  })

  it('answers what it has not seen as the API does, by shape in nine of ten and by value in most', async () => {
    const mock = await mocked()
    const known = (await send(mock, 'GET /bookings')).json.map(({ id }: { id: string }) => id) as string[]
    const calls: readonly (readonly [line: string, body?: object])[] = [
      ...known.map((id) => [`GET /bookings/${id}`] as const),
      ...known.map((id) => [`PATCH /bookings/${id}`, { guest: `New ${id}` }] as const),
      ...known.map((id) => [`GET /bookings/${id}`] as const),
      ['GET /bookings'],
      [`DELETE /bookings/${known[2]}`],
      [`GET /bookings/${known[2]}`],
      ['POST /bookings', { guest: 'Katherine' }],
      ['POST /bookings', { guest: 'Mallory' }],
      ['POST /bookings', {}],
      ['PATCH /bookings/bkg_gone', { guest: 'Nobody' }],
      ...[4, 6, 9].map((nights) => [`GET /price/${nights}/77`] as const),
      ...['8000', '3000', '1'].map((zip) => [`GET /town?zip=${zip}`] as const),
    ]
    const [shapes, values] = await likeness(mock, calls)
    expect(shapes / calls.length).toBeGreaterThanOrEqual(0.9)
    expect(values / calls.length).toBeGreaterThanOrEqual(0.6)
  })

  it('never answers what the document does not allow', async () => {
    const strange = structuredClone(recorded.learned) as unknown as {
      operations: Record<string, { answers: { status: number; body: unknown }[] }>
    }
    for (const { answers } of Object.values(strange.operations))
      for (const answer of answers) answer.body = { total: 'much', problem: 7, guest: 7, town: 7 }
    const mock = await start({ spec, learned: strange as unknown as typeof recorded.learned })
    const price = await send(mock, 'GET /price/1/2')
    expect([typeof price.json.total, price.headers.get('mock-source')]).toEqual(['number', 'generated'])
    expect(typeof (await send(mock, 'GET /town?zip=9')).json.town).toBe('string')
    expect(typeof (await send(mock, 'GET /bookings/none')).json.problem).toBe('string')
    for (const { guest } of (await send(mock, 'GET /bookings')).json) expect(typeof guest).toBe('string')
  })
})

describe('the learned file', () => {
  it('holds no credential, and no place for one', async () => {
    expect(await readFile(har, 'utf8')).not.toContain(SECRET)
    // A recording of another program hides nothing.
    const open = join(work, 'open.har')
    await writeFile(open, (await readFile(har, 'utf8')).replaceAll('[redacted]', SECRET))
    const { learned } = await learnTraffic(spec, [open])
    expect(JSON.stringify(learned)).not.toContain(SECRET)
    expect(JSON.stringify(learned.things)).not.toContain('password')
    expect(learned.things['/bookings']).toHaveLength(3)
  })

  it('is the same for the same recording, with all of it in a fixed order', async () => {
    const { learned } = await learnTraffic(spec, [har])
    expect(JSON.stringify(learned)).toBe(JSON.stringify(recorded.learned))
    expect(Object.keys(learned.operations)).toEqual(Object.keys(learned.operations).toSorted())
    expect(learned.ids['/bookings']).toEqual({ like: 'bkg_[a-z0-9]{4}' })
  })

  it('is written beside the document by the command, and found there', async () => {
    const path = await folder()
    await writeFile(join(path, 'openapi.json'), JSON.stringify(spec))
    const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
    const run = promisify(execFile)
    const { stderr } = await run(process.execPath, [bin, 'learn', har], { cwd: path })
    expect(stderr).toContain('openapi.learned.yaml: learned from')
    const text = await readFile(join(path, 'openapi.learned.yaml'), 'utf8')
    expect(text).toMatch(/^gosend-learned: 1\n/)
    const child = run(process.execPath, [bin, 'openapi.json', '--port', '0', '--db', ':memory:'], {
      cwd: path,
    })
    let greeting = ''
    for await (const chunk of child.child.stderr ?? []) {
      greeting += String(chunk)
      if (greeting.includes('curl ')) break
    }
    child.child.kill()
    await child.catch(() => {})
    expect(greeting).toMatch(/Learned +openapi\.learned\.yaml/)
    await expect(run(process.execPath, [bin, 'learn'], { cwd: path })).rejects.toThrow('learn needs recorded')
  })

  it('is refused where it is of another version, or something else', async () => {
    const other = { ...recorded.learned, 'gosend-learned': 2 } as unknown as typeof recorded.learned
    await expect(start({ spec, learned: other })).rejects.toThrow('has version 2, and this program reads 1')
    await expect(start({ spec, learned: {} as typeof other })).rejects.toThrow('is no learned file')
  })
})

describe('other recordings', () => {
  const learnedFrom = async (content: object) => {
    const file = join(await folder(), 'recording.json')
    await writeFile(file, JSON.stringify(content))
    return (await learnTraffic(spec, [file])).learned
  }

  it('are Postman collections with saved answers', async () => {
    const learned = await learnedFrom({
      info: { schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
      variable: [{ key: 'who', value: 'Edsger' }],
      item: [
        {
          name: 'Bookings',
          item: [
            {
              name: 'create',
              request: { method: 'POST', url: '{{host}}/bookings' },
              response: [
                {
                  originalRequest: {
                    method: 'POST',
                    url: { raw: '{{host}}/bookings' },
                    body: { mode: 'raw', raw: '{"guest":"{{who}}"}' },
                  },
                  code: 201,
                  body: '{"id":"bkg_x1y2","guest":"Edsger","state":"new"}',
                },
              ],
            },
            {
              request: {
                method: 'GET',
                url: { raw: '{{host}}/bookings/:id', variable: [{ key: 'id', value: 'bkg_9' }] },
              },
              response: [{ code: 404, body: '{"problem":"gone"}' }],
            },
          ],
        },
      ],
    })
    expect(learned.things['/bookings']).toEqual([
      { id: 'bkg_x1y2', thing: { id: 'bkg_x1y2', guest: 'Edsger', state: 'new' } },
    ])
    expect(learned.operations.getBooking?.answers[0]).toMatchObject({
      status: 404,
      body: { problem: 'gone' },
    })
  })

  it('are mappings of WireMock', async () => {
    const learned = await learnedFrom({
      mappings: [
        {
          request: { method: 'GET', urlPath: '/town', queryParameters: { zip: { equalTo: '1200' } } },
          response: { status: 200, jsonBody: { town: 'Geneva' } },
        },
        { request: { method: 'GET', url: '/bookings/b1' }, response: { body: '{"id":"b1","guest":"Alan"}' } },
        { request: { method: 'GET', urlPattern: '/bookings/.*' }, response: { status: 500 } },
      ],
    })
    expect(learned.things['/bookings']).toEqual([{ id: 'b1', thing: { id: 'b1', guest: 'Alan' } }])
    const mock = await start({ spec, learned })
    expect((await send(mock, 'GET /town?zip=1200')).json).toEqual({ town: 'Geneva' })
  })

  it('are the exports of browsers, of which only what the document knows is learned', async () => {
    const entry = (url: string, value: object) => ({
      request: { method: 'GET', url, headers: [{ name: 'Cookie', value: 'session=1' }] },
      response: { status: 200, content: { mimeType: 'application/json', text: JSON.stringify(value) } },
    })
    const file = join(await folder(), 'browser.har')
    const entries = [
      entry('https://cdn.example.com/town?zip=1', { town: 'an advertisement' }),
      entry('https://api.example.com/bookings/b1', { id: 'b1', guest: 'Ada' }),
      entry('https://api.example.com/town?zip=2', { town: 'Basel' }),
      entry('https://api.example.com/metrics', {}),
    ]
    await writeFile(file, JSON.stringify({ log: { entries } }))
    const { learned, report } = await learnTraffic(spec, [file])
    expect(report).toMatchObject({ used: 2, unknown: ['GET /metrics'] })
    expect(JSON.stringify(learned)).not.toMatch(/advertisement|session/)
  })

  it('that are none of these are named', async () => {
    await expect(learnedFrom({ hello: 1 })).resolves.toMatchObject({ operations: {} })
    const file = join(await folder(), 'notes.txt')
    await writeFile(file, 'hello')
    await expect(learnTraffic(spec, [file])).rejects.toThrow(/neither a HAR nor a Postman collection/)
  })
})

const Parcel = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, weight: { type: 'integer' } },
}
const planned = (status: string, schema?: object) => ({
  [status]: {
    description: 'As it says',
    headers: { 'X-Plan': { schema: { type: 'string', enum: ['gold', 'free'] } }, 'X-Trace': { schema: {} } },
    ...(schema === undefined ? {} : json(schema)),
  },
})
const gone = { type: 'object', properties: { gone: { type: 'string' } } }
const parcels = (base = '') =>
  document(
    {
      '/parcels': {
        post: {
          operationId: 'createParcel',
          requestBody: { required: true, ...json(Parcel) },
          responses: { ...planned('201', Parcel), ...planned('400', gone) },
        },
        get: { operationId: 'listParcels', responses: planned('200', { type: 'array', items: Parcel }) },
      },
      '/parcels/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: { operationId: 'getParcel', responses: { ...planned('200', Parcel), ...planned('410', gone) } },
        put: {
          requestBody: json(Parcel),
          responses: { ...planned('200', Parcel), ...planned('410', gone) },
        },
        delete: { operationId: 'dropParcel', responses: planned('204') },
      },
    },
    { servers: [{ url: `https://parcels.example.com${base}` }] },
  )

/** What a program answers that has other statuses than most, and says something in header fields. */
const parcelTraffic = (plan = 'gold') => {
  let trace = 0
  const entry = (line: string, sent: object | undefined, status: number, answer?: object, headers = {}) => {
    const [method = '', path = ''] = line.split(' ')
    const fields = { 'X-Plan': plan, 'X-Trace': `t${++trace}`, 'X-Powered-By': 'parcels', ...headers }
    return {
      request: {
        ...{ method, url: `https://parcels.example.com${path}`, headers: [] },
        ...(sent === undefined
          ? {}
          : { postData: { mimeType: 'application/json', text: JSON.stringify(sent) } }),
      },
      response: {
        status,
        headers: Object.entries(fields).map(([name, value]) => ({ name, value })),
        content: { mimeType: 'application/json', text: answer === undefined ? '' : JSON.stringify(answer) },
      },
    }
  }
  const made = (id: string) =>
    entry('POST /parcels', { id }, 201, { id }, { Location: `https://parcels.example.com/box/${id}` })
  return [
    ...[made('p1'), made('p2'), entry('POST /parcels', { id: 'p2' }, 400, { gone: 'p2 is taken' })],
    entry('GET /parcels/p1', undefined, 200, { id: 'p1' }, { 'Cache-Control': 'max-age=60' }),
    ...[1, 2].map(() => entry('DELETE /parcels/p1', undefined, 204)),
    entry('GET /parcels/p1', undefined, 410, { gone: 'p1 has left' }, { 'Retry-After': '7' }),
    entry('GET /parcels/p9', undefined, 410, { gone: 'p9 has left' }, { 'Retry-After': '7' }),
  ]
}

async function learnedParcels(plan?: string) {
  const file = join(await folder(), 'parcels.har')
  await writeFile(file, JSON.stringify({ log: { entries: parcelTraffic(plan) } }))
  return (await learnTraffic(parcels(), [file])).learned
}

describe('habits of an API', () => {
  it('are learned: what it answers where a thing is missing or an id taken', async () => {
    const learned = await learnedParcels()
    expect(learned.operations.getParcel).toMatchObject({ success: 200, missing: 410 })
    expect(learned.operations.createParcel).toMatchObject({ success: 201, taken: 400 })
    expect(learned.operations.dropParcel?.missing).toBe(204)
    const mock = await start({ spec: parcels(), learned })
    expect(await send(mock, 'GET /parcels/p7')).toMatchObject({ status: 410, json: { gone: 'p7 has left' } })
    // Another operation at the same path finds the same things.
    expect(await send(mock, 'PUT /parcels/p7', { id: 'p7' })).toMatchObject({ status: 410 })
    expect((await send(mock, 'DELETE /parcels/p7')).status).toBe(204)
    expect((await send(mock, 'POST /parcels', { id: 'p2' })).status).toBe(400)
    expect((await send(mock, 'POST /parcels', { id: 'p7' })).status).toBe(201)
    expect((await send(mock, 'GET /parcels/p7')).status).toBe(200)
  })

  it('are learned: header fields that say something, as far as the document allows them', async () => {
    const learned = await learnedParcels()
    const { answers = [] } = learned.operations.createParcel ?? {}
    expect(answers[0]?.headers).toEqual({ location: { says: '/box/{body.id}' }, 'x-plan': 'gold' })
    const mock = await start({ spec: parcels(), learned })
    const made = await send(mock, 'POST /parcels', { id: 'p7' })
    expect([made.headers.get('x-plan'), made.headers.get('x-powered-by')]).toEqual(['gold', null])
    // The mock tells where it shows a new thing.
    expect(made.headers.get('location')).toBe('/parcels/p7')
    expect((await send(mock, 'GET /parcels/p7')).headers.get('cache-control')).toBe('max-age=60')
    expect((await send(mock, 'GET /parcels/none')).headers.get('retry-after')).toBe('7')
    const other = await start({ spec: parcels(), learned: await learnedParcels('platinum') })
    expect((await send(other, 'GET /parcels/p2')).headers.get('x-plan')).not.toBe('platinum')
  })

  it('of several documents are learned for each', async () => {
    const documents = [
      { spec: parcels('/a'), learned: await learnedParcels('gold') },
      { spec: parcels('/b'), learned: await learnedParcels('free') },
      { spec: parcels('/c') },
    ]
    const mock = await start({ documents })
    const plans = []
    for (const path of ['/a', '/b'])
      plans.push((await send(mock, `GET ${path}/parcels/p2`)).headers.get('x-plan'))
    expect(plans).toEqual(['gold', 'free'])
    expect((await send(mock, 'GET /c/parcels')).headers.get('mock-source')).not.toBe('learned')
    await send(mock, 'DELETE /a/parcels/p2')
    await mock.reset()
    expect((await send(mock, 'GET /a/parcels')).json).toEqual([{ id: 'p2' }])
    const [first] = documents
    await expect(start({ documents, learned: first?.learned })).rejects.toThrow(
      'of several, each has its own',
    )
  })
})

describe('what is found by comparing', () => {
  it('are forms of ids', () => {
    const uuids = ['0d9e8f34-1b2c-4d5e-8f90-a1b2c3d4e5f6', '1d9e8f34-1b2c-4d5e-9f90-a1b2c3d4e5f7']
    expect(idLessonOf([5, 6, 8], [1, 9])).toEqual({ counts: '#', last: 9 })
    expect(idLessonOf(['todo4', 'todo5'], [])).toEqual({ counts: 'todo#', last: 5 })
    expect(idLessonOf(['cus_9x8y7z6a5b4c3d', 'cus_a1b2c3d4e5f6g7'], [])).toEqual({ like: 'cus_[a-z0-9]{14}' })
    expect(idLessonOf(['red', 'green'], [])).toBeUndefined()
    for (const known of [uuids, ['cus_9x8y7z6a5b4c3d', 'cus_a1b2c3d4e5f6g7']]) {
      const lesson = idLessonOf(known, known)
      const made = Array.from({ length: 50 }, (_, i) => idFrom(lesson ?? { like: '' }, i + 1, 'mock'))
      expect(new Set(made).size).toBe(50)
      expect(idLessonOf([...known, ...(made as string[])], [])).toEqual(lesson)
    }
  })

  it('are members that repeat, move, or differ', () => {
    const sample = (name: string, n: number) => ({
      sent: { path: { id: String(n) }, query: {}, body: { name, size: n } },
      body: {
        id: n,
        name,
        text: `Hello ${name}`,
        at: `2026-01-0${n}T00:00:00Z`,
        kind: 'x',
        double: n * n,
        odd: n === 2 ? 'a' : 'b',
      },
    })
    expect(membersOf([sample('Rex', 2), sample('Tom', 3), sample('Ada', 5)], undefined)).toEqual({
      '/at': { moves: 'date-time' },
      '/double': { computes: 'path.id * path.id' },
      '/id': { echoes: 'path.id' },
      '/name': { echoes: 'body.name' },
      '/odd': { is: 'other' },
      '/text': { says: 'Hello {body.name}' },
    })
  })
})
