// An API's own rules: what they store counts together, what they schedule is done in its order and not forgotten.

import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { HandlerContext, JobContext, MockServer, MockServerOptions, Rules } from '../src/index.js'
import { document, folder, ok, send, start, stop } from './harness.js'

const error = {
  type: 'object',
  required: ['message'],
  properties: {
    message: { type: 'string' },
    code: { type: 'string' },
    details: { type: 'object' },
    retry_after_seconds: { type: 'integer' },
  },
}
const refused = { description: 'No', content: { 'application/json': { schema: error } } }
const call = (operationId: string) => ({
  operationId,
  requestBody: { content: { 'application/json': { schema: {} } } },
  ...ok({}),
})
const thing = { type: 'object', properties: { id: { type: 'string' } } }
const spec = document(
  {
    '/call': {
      post: {
        ...call('call'),
        responses: { 200: ok({}).responses[200], 409: refused, 429: refused, 500: refused },
      },
    },
    '/things': { get: ok({ type: 'array', items: thing }) },
    '/things/{id}': { get: ok(thing) },
    '/admin/tenants': { post: { ...call('addTenant'), security: [{ admin: [] }] } },
  },
  {
    security: [{}, { key: [] }],
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        admin: { type: 'apiKey', in: 'header', name: 'X-Admin-Key' },
      },
    },
  },
)

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

type Call = (context: HandlerContext) => unknown

/** A mock whose only operation does what a test says. */
async function mockWith(rules: Rules = {}, options: MockServerOptions = {}) {
  let current: Call = () => undefined
  const mock = await start({
    ...{ spec, seedItems: 0 },
    rules: {
      handlers: {
        call(context) {
          const body = current(context)
          return body instanceof Promise ? body.then((value) => ({ body: value })) : { body: body ?? null }
        },
      },
      ...rules,
    },
    ...options,
  })
  const run = async (call: Call, headers: Record<string, string> = {}) => {
    current = call
    return send(mock, 'POST /call', {}, headers)
  }
  return { mock, run, admin: { 'x-admin-key': mock.adminKey } }
}

const freeze = (mock: MockServer, at: string) =>
  send(mock, 'POST /_mock/clock', { freeze: at }, { 'x-admin-key': mock.adminKey })

describe('the store', () => {
  it('keeps objects in the order of creation, and finds them by their members', async () => {
    const { run } = await mockWith()
    const { json } = await run(({ store }) => {
      for (const [id, kind, isOpen] of [
        ['a', 'x', true],
        ['b', 'y', true],
        ['c', 'x', false],
        ['d', 'x', true],
      ] as const)
        store.insert('/notes', id, { id, kind, isOpen, closedAt: isOpen ? null : 'now' })
      store.put('/notes', 'a', { id: 'a', kind: 'x', isOpen: true, number: 1 })
      const ids = (query: object) => store.list<{ id: string }>('/notes', query).map(({ id }) => id)
      return {
        all: ids({}),
        latest: ids({ latestFirst: true, limit: 2 }),
        second: ids({ limit: 1, offset: 1 }),
        x: ids({ where: { kind: 'x' } }),
        openX: ids({ where: { kind: 'x', isOpen: true } }),
        notClosed: ids({ where: { closedAt: null } }),
        numbered: ids({ where: { number: 1 } }),
        text: ids({ where: { number: '1' } }),
        strange: ids({ where: { 'it\'s "odd"': 1 } }),
        count: [store.count('/notes'), store.count('/notes', { kind: 'x' })],
        missing: store.get('/notes', 'z') === undefined,
      }
    })
    expect(json).toEqual({
      all: ['a', 'b', 'c', 'd'],
      latest: ['d', 'c'],
      second: ['b'],
      x: ['a', 'c', 'd'],
      openX: ['a', 'd'],
      notClosed: ['a', 'b', 'd'],
      numbered: ['a'],
      text: [],
      strange: [],
      count: [4, 3],
      missing: true,
    })
  })

  it('gives an id once, takes one once, and puts what comes back at the end', async () => {
    const { run } = await mockWith()
    const { json } = await run(({ store }) => {
      store.put('/notes', '2', { id: '2' })
      const ids = [store.nextId('/notes'), store.nextId('/notes'), store.nextId('/others')]
      const taken = [store.insert('/notes', '1', { id: '1' }), store.insert('/notes', '1', { id: 'again' })]
      const removed = [store.remove('/notes', '2'), store.remove('/notes', '2')]
      store.insert('/notes', '2', { id: '2' })
      return { ids, taken, removed, list: store.list('/notes'), next: store.nextId('/notes') }
    })
    expect(json).toEqual({
      ids: ['1', '3', '1'],
      taken: [true, false],
      removed: [true, false],
      list: [{ id: '1' }, { id: '2' }],
      next: '4',
    })
  })

  it('is the one that the engine answers from', async () => {
    const { mock, run } = await mockWith()
    await run(({ store }) => store.put('/things', '7', { id: '7' }))
    expect((await send(mock, 'GET /things')).json).toEqual([{ id: '7' }])
  })

  it('shows at once what another mock on the same file has written', async () => {
    const db = join(await folder(), 'mock.db')
    const one = await mockWith({}, { db })
    const other = await mockWith({}, { db })
    for (let n = 1; n <= 5; n++) {
      await one.run(({ store }) => store.put('/notes', store.nextId('/notes'), { n }))
      expect((await other.run(({ store }) => store.list('/notes').length)).json).toBe(n)
      expect((await one.run(({ store }) => store.list('/notes').length)).json).toBe(n)
    }
  })

  it('shows each project and environment its own', async () => {
    const { mock, run, admin } = await mockWith()
    const other = (await send(mock, 'POST /admin/projects', { name: 'Other' }, admin)).json
    const line = `POST /admin/projects/${other.id}/keys`
    const { key } = (await send(mock, line, { environment: 'sandbox', label: 'x' }, admin)).json
    const keys = [mock.keys.test, mock.keys.live, key]
    for (const own of keys) {
      const { json } = await run(
        ({ store, environment, project }) => {
          const before = store.count('/notes')
          store.put('/notes', '1', { of: `${project.id}/${environment}` })
          return [before, store.nextId('/notes'), store.get('/notes', '1')]
        },
        { 'x-api-key': own },
      )
      expect(json.slice(0, 2)).toEqual([0, '2'])
    }
    const { json } = await run(({ everywhere }) =>
      everywhere().map(({ store }) => store.get<{ of: string }>('/notes', '1')?.of ?? null),
    )
    expect(json).toEqual(['42/sandbox', '42/production', `${other.id}/sandbox`, null])
  })
})

describe('one call', () => {
  it('that throws has written nothing, scheduled nothing, and is answered in the API’s own error shape', async () => {
    const lines: string[] = []
    const { mock, run } = await mockWith({ jobs: { never() {} } }, { onLog: (line) => lines.push(line) })
    const reply = await run(({ store, schedule, now }) => {
      store.put('/notes', '1', {})
      store.list('/notes', { where: { kind: 'x' } })
      schedule('never', {}, now() + 1_000)
      throw new Error('no such luck')
    })
    expect([reply.status, Object.keys(reply.json)]).toEqual([500, ['message']])
    expect(lines.join('\n')).toContain('no such luck')
    const { json } = await run(({ store }) => [
      store.count('/notes'),
      store.list('/notes', { where: { kind: 'x' } }),
    ])
    expect(json).toEqual([0, []])
    expect((await send(mock, 'GET /_mock/jobs', undefined, { 'x-admin-key': mock.adminKey })).json).toEqual(
      [],
    )
  })

  it('may undo a part of itself', async () => {
    const { run } = await mockWith()
    const { json } = await run(({ store, transact }) => {
      store.put('/notes', 'kept', {})
      try {
        transact(() => {
          store.put('/notes', 'undone', {})
          throw new Error('not this')
        })
      } catch {
        store.put('/notes', 'instead', {})
      }
      return [store.count('/notes'), store.get('/notes', 'undone') === undefined]
    })
    expect(json).toEqual([2, true])
  })

  it('refuses with the code, the details and the time to wait that the document has members for', async () => {
    const refusal = {
      status: 429,
      message: 'Slow down',
      code: 'TOO_FAST',
      details: { limit: 3 },
      retryAfterSeconds: 9,
    }
    const { mock } = await mockWith({ handlers: { call: () => ({ refusal }) } })
    const reply = await send(mock, 'POST /call', {})
    expect([reply.status, reply.headers.get('retry-after'), reply.json]).toEqual([
      429,
      '9',
      { message: 'Slow down', code: 'TOO_FAST', details: { limit: 3 }, retry_after_seconds: 9 },
    ])
  })

  it('of an asynchronous handler keeps what it wrote after it had to wait', async () => {
    const { run } = await mockWith()
    await run(async ({ store, transact }) => {
      store.put('/notes', '1', {})
      await new Promise((resolve) => setImmediate(resolve))
      transact(() => store.put('/notes', '2', {}))
      return null
    })
    expect((await run(({ store }) => store.count('/notes'))).json).toBe(2)
  })

  it('is counted with others at the same time, each by itself', async () => {
    const { mock } = await mockWith(
      {
        handlers: {
          call({ store, request }) {
            const { n } = request.body as { n: number }
            store.put('/notes', String(n), { n })
            if (n % 3 === 0) throw new Error('every third')
            return { body: store.nextId('/count') }
          },
        },
      },
      { db: join(await folder(), 'mock.db') },
    )
    const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => send(mock, 'POST /call', { n })))
    expect(replies.filter(({ status }) => status === 500)).toHaveLength(20)
    const ids = replies.filter(({ status }) => status === 200).map(({ json }) => Number(json))
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  })

  it('may come between changes of keys and projects in the same file', async () => {
    const { mock, run, admin } = await mockWith({}, { db: join(await folder(), 'mock.db') })
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        i % 3 === 0
          ? send(mock, 'POST /admin/projects', { name: `Project ${i}` }, admin)
          : i % 3 === 1
            ? send(mock, 'POST /admin/projects/42/keys', { environment: 'sandbox', label: `${i}` }, admin)
            : run(({ store }) => store.put('/notes', String(i), {})),
      ),
    )
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([200, 201]))
  })
})

describe('the guard', () => {
  it('puts its headers on every answer and refuses before anything is read', async () => {
    let left = 2
    const { mock } = await mockWith({
      guard({ request }) {
        const headers = { 'x-left': String(--left) }
        if (left >= 0) return { headers }
        return {
          headers,
          refusal: { status: 429, message: `${request.operationId} is tired`, retryAfterSeconds: 1 },
        }
      },
    })
    const replies = [
      await send(mock, 'POST /call', {}),
      await send(mock, 'POST /call', '{', { 'content-type': 'application/json' }),
      await send(mock, 'POST /call', '{', { 'content-type': 'application/json' }),
    ]
    expect(replies.map(({ status, headers }) => [status, headers.get('x-left')])).toEqual([
      [200, '1'],
      [400, '0'],
      [429, '-1'],
    ])
    expect(replies[2]?.json.message).toBe('call is tired')
  })

  it('is not asked about requests without a proper credential', async () => {
    let asked = 0
    const { mock } = await mockWith({ guard: () => void asked++ })
    await send(mock, 'POST /admin/tenants', {})
    await send(mock, 'GET /nowhere')
    expect(asked).toBe(0)
  })
})

describe('a job', () => {
  it('is done at its instant, in the order of instants and then of scheduling, with all that follows from it', async () => {
    const done: unknown[] = []
    const jobs = {
      note: ({ now }: JobContext, what: string) => void done.push([new Date(now()).toISOString(), what]),
      async slow({ now, schedule }: JobContext, what: string) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        done.push([new Date(now()).toISOString(), what])
        schedule('note', `after ${what}`, now() + 60_000)
      },
    }
    const { mock, run } = await mockWith({ jobs })
    await freeze(mock, '2026-01-15T10:00:00Z')
    await run(({ schedule, now }) => {
      schedule('note', 'last', now() + 3 * 3_600_000)
      schedule('slow', 'first', now() + 3_600_000)
      schedule('note', 'second', now() + 3_600_000)
      schedule('note', 'too late', now() + 100 * 3_600_000)
    })
    await mock.advance(25 * 3_600_000)
    expect(done).toEqual([
      ['2026-01-15T11:00:00.000Z', 'first'],
      ['2026-01-15T11:00:00.000Z', 'second'],
      ['2026-01-15T11:01:00.000Z', 'after first'],
      ['2026-01-15T13:00:00.000Z', 'last'],
    ])
    const admin = { 'x-admin-key': mock.adminKey }
    expect((await send(mock, 'GET /_mock/clock', undefined, admin)).json.now).toBe('2026-01-16T11:00:00.000Z')
    expect((await send(mock, 'GET /_mock/jobs', undefined, admin)).json).toEqual([
      {
        id: '4',
        job: 'note',
        projectId: '42',
        environment: 'sandbox',
        payload: 'too late',
        at: '2026-01-19T14:00:00.000Z',
        failures: 0,
      },
    ])
  })

  it('that is due at once is done by itself, without anyone moving the clock', async () => {
    const done = deferred<string>()
    const { run } = await mockWith({ jobs: { note: (_, what: string) => done.resolve(what) } })
    await run(({ schedule }) => schedule('note', 'now'))
    expect(await done.promise).toBe('now')
  })

  it('waits while time stands still', async () => {
    const done: string[] = []
    const { mock, run } = await mockWith({ jobs: { note: (_, what: string) => void done.push(what) } })
    await freeze(mock, '2026-01-15T10:00:00Z')
    await run(({ schedule, now }) => {
      schedule('note', 'later', now() + 1)
      schedule('note', 'now', now())
    })
    await mock.advance(0)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(done).toEqual(['now'])
    await mock.advance(1)
    expect(done).toEqual(['now', 'later'])
    for (const wrong of [-1, Number.NaN]) await expect(mock.advance(wrong)).rejects.toThrow(TypeError)
  })

  it('counts together with its removal, or is tried again after 1, 10 and 60 seconds and then given up', async () => {
    const tries: [number, number][] = []
    const lines: string[] = []
    const { mock, run } = await mockWith(
      {
        jobs: {
          fail({ store, now, attempt }) {
            store.put('/notes', String(attempt), {})
            tries.push([attempt, now()])
            throw new Error('out of order')
          },
        },
      },
      { onLog: (line) => lines.push(line) },
    )
    await freeze(mock, '2026-01-15T10:00:00Z')
    await run(({ schedule, now }) => schedule('fail', {}, now() + 1))
    await mock.advance(3_600_000)
    const [[, first] = [0, 0]] = tries
    expect(tries.map(([attempt, at]) => [attempt, at - first])).toEqual([
      [1, 0],
      [2, 1_000],
      [3, 11_000],
      [4, 71_000],
    ])
    expect(lines).toHaveLength(4)
    expect(lines[3]).toMatch(/fail.*given up.*out of order/)
    expect((await run(({ store }) => store.count('/notes'))).json).toBe(0)
  })

  it('can be cancelled until it has begun', async () => {
    const done: string[] = []
    const { mock, run } = await mockWith({ jobs: { note: (_, what: string) => void done.push(what) } })
    const { json } = await run(({ schedule, cancel, now }) => {
      const id = schedule('note', 'cancelled', now() + 1_000)
      schedule('note', 'done', now() + 1_000)
      return [cancel(id), cancel(id), cancel('x')]
    })
    await mock.advance(2_000)
    expect([json, done]).toEqual([[true, false, false], ['done']])
  })

  it('of an unknown name is refused when it is scheduled', async () => {
    const { run } = await mockWith()
    expect((await run(({ schedule }) => schedule('nothing', {}))).status).toBe(500)
  })

  it('that never ends is found out', async () => {
    const { mock, run } = await mockWith({ jobs: { again: ({ schedule }) => void schedule('again', {}) } })
    await freeze(mock, '2026-01-15T10:00:00Z')
    await run(({ schedule, now }) => schedule('again', {}, now() + 1))
    await expect(mock.advance(10)).rejects.toThrow(/No end of jobs at 2026-01-15T10:00:00.001Z.*again/)
    await mock.reset()
  })
})

describe('reset, snapshot and restore', () => {
  it('go for jobs and ids as for what is stored, and what a project begins with is there again', async () => {
    const done: string[] = []
    let forgotten = 0
    const { mock, run } = await mockWith({
      jobs: { note: (_, what: string) => void done.push(what) },
      seed: ({ store }) => store.put('/notes', 'seed', { id: 'seed' }),
      forget: () => void forgotten++,
    })
    const state = async () =>
      (await run(({ store }) => [store.list('/notes').length, store.get('/notes', 'seed') !== undefined]))
        .json
    await run(({ store, schedule, now }) => {
      store.put('/notes', store.nextId('/notes'), {})
      schedule('note', 'kept', now() + 60_000)
    })
    await mock.snapshot('one')
    await run(({ store, schedule, now }) => {
      store.put('/notes', store.nextId('/notes'), {})
      schedule('note', 'not kept', now() + 60_000)
    })
    expect(await state()).toEqual([3, true])
    await mock.restore('one')
    expect(await state()).toEqual([2, true])
    expect((await run(({ store }) => store.nextId('/notes'))).json).toBe('2')
    await mock.advance(120_000)
    expect(done).toEqual(['kept'])
    await mock.reset()
    expect(await state()).toEqual([1, true])
    await mock.restore('one')
    await mock.reset()
    await mock.advance(120_000)
    expect([done, forgotten]).toEqual([['kept'], 4])
  })

  it('end an advance on its way', async () => {
    const begun = deferred<void>()
    const jobs = {
      async slow({ signal }: JobContext) {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
      never() {
        expect.unreachable()
      },
    }
    const { mock, run } = await mockWith({ jobs })
    await run(({ schedule, now }) => {
      schedule('slow', {}, now() + 60_000)
      schedule('never', {}, now() + 120_000)
    })
    const advanced = mock.advance(3_600_000)
    await begun.promise
    await mock.reset()
    await advanced
    const { json } = await run(({ now }) => now())
    expect(Math.abs(json - Date.now())).toBeLessThan(30_000)
  })

  it('give up what is being done: nothing of it is stored afterwards', async () => {
    const begun = deferred<AbortSignal>()
    const ended = deferred<unknown>()
    const goOn = deferred<void>()
    const { mock, run } = await mockWith({
      jobs: {
        async slow({ store, signal }) {
          begun.resolve(signal)
          await goOn.promise
          try {
            store.put('/notes', 'stray', {})
          } catch (error) {
            ended.resolve(error)
          }
        },
      },
    })
    await run(({ schedule }) => schedule('slow', {}))
    const signal = await begun.promise
    await mock.reset()
    expect(signal.aborted).toBe(true)
    goOn.resolve()
    expect(String(await ended.promise)).toMatch(/exchanged/)
    expect((await run(({ store }) => store.count('/notes'))).json).toBe(0)
  })
})

describe('the clock over HTTP', () => {
  it('advances by durations as people and ISO 8601 write them, and answers when all is done', async () => {
    const done: string[] = []
    const jobs = {
      async note(_: JobContext, what: string) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        done.push(what)
      },
    }
    const { mock, run, admin } = await mockWith({ jobs })
    await freeze(mock, '2026-01-15T10:00:00Z')
    await run(({ schedule, now }) => schedule('note', 'done', now() + 3_600_000))
    const advance = async (by: unknown) => {
      const { status, json } = await send(mock, 'POST /_mock/clock', { advance: by }, admin)
      return status === 200 ? json.now : status
    }
    expect(await advance('25h')).toBe('2026-01-16T11:00:00.000Z')
    expect(done).toEqual(['done'])
    expect(await advance('PT25H')).toBe('2026-01-17T12:00:00.000Z')
    expect(await advance('90s')).toBe('2026-01-17T12:01:30.000Z')
    expect(await advance('1d 30m')).toBe('2026-01-18T12:31:30.000Z')
    expect(await advance('0s')).toBe('2026-01-18T12:31:30.000Z')
    expect(await advance('P1DT0.5S')).toBe('2026-01-19T12:31:30.500Z')
    for (const wrong of ['soon', '', '5', '-1h', 'P1M', 'PT', 'P', 7, null])
      expect(await advance(wrong)).toBe(400)
  })
})

describe('an API’s own controls and pages', () => {
  it('join the control plane, for the project and environment that the query names', async () => {
    const { mock, run, admin } = await mockWith({
      controls: {
        'POST /_mock/inbound/{from}': ({ store, parameters, body, environment }) => {
          store.put('/inbound', parameters.from ?? '', { body })
          return { environment }
        },
        'DELETE /_mock/inbound': ({ store }) => void store.remove('/inbound', '1'),
        'GET /_mock/inbound': () => ({ refusal: { status: 409, message: 'Not now' } }),
      },
    })
    const post = (query: string) => send(mock, `POST /_mock/inbound/1${query}`, { text: 'hi' }, admin)
    expect((await post('')).json).toEqual({ environment: 'sandbox' })
    expect((await post('?environment=production')).json).toEqual({ environment: 'production' })
    expect((await post('?project=7')).status).toBe(400)
    expect((await send(mock, 'POST /_mock/inbound/1', {})).status).toBe(401)
    expect((await send(mock, 'GET /_mock/inbound', undefined, admin)).status).toBe(409)
    expect((await run(({ store }) => store.get('/inbound', '1'))).json).toEqual({ body: { text: 'hi' } })
    expect((await send(mock, 'DELETE /_mock/inbound', undefined, admin)).status).toBe(204)
    expect((await run(({ store }) => store.count('/inbound'))).json).toBe(0)
    await expect(mockWith({ controls: { '/_mock/x': () => undefined } })).rejects.toThrow(TypeError)
  })

  it('answer at and below their path, read forms, and are closed to other sites', async () => {
    const { mock, run } = await mockWith({
      pages: {
        '/signup': ({ request, store }) => {
          if (request.path === '/signup/none') return undefined
          if (request.method === 'POST') store.put('/signups', '1', request.body as object)
          return { body: `<p>${request.path} ${request.query.get('x')}</p>` }
        },
      },
    })
    const page = await send(mock, 'GET /signup/7?x=1')
    expect([page.status, page.headers.get('content-type'), page.text]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<p>/signup/7 1</p>',
    ])
    expect((await send(mock, 'GET /signup/none')).status).toBe(404)
    expect((await send(mock, 'GET /signups')).status).toBe(404)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(
      (await send(mock, 'POST /signup', 'name=Rex', { ...form, origin: 'https://evil.example' })).status,
    ).toBe(403)
    expect((await send(mock, 'POST /signup', 'name=Rex', form)).status).toBe(200)
    expect((await run(({ store }) => store.get('/signups', '1'))).json).toEqual({ name: 'Rex' })
  })
})

describe('an operation for administrators', () => {
  it('is opened by the admin key and by no other, though its path begins like the mock’s own', async () => {
    const { mock, admin } = await mockWith()
    expect((await send(mock, 'POST /admin/tenants', {}, admin)).status).toBe(200)
    for (const wrong of [mock.keys.test, `${mock.adminKey}x`, ''])
      expect((await send(mock, 'POST /admin/tenants', {}, { 'x-admin-key': wrong })).status).toBe(401)
    expect((await send(mock, 'POST /call', {}, admin)).status).toBe(200)
    expect((await send(mock, 'GET /admin/projects', undefined, admin)).status).toBe(200)
  })
})

describe('kill -9', () => {
  let receiver: Server | undefined
  afterEach(() => receiver?.close())

  /** A mock in a process of its own, whose job `tell` posts its payload to a URL. */
  const boot = (db: string, target: string) =>
    new Promise<{ url: string; adminKey: string; kill: () => Promise<unknown> }>((resolve, reject) => {
      const code = `
        import { createMockServer } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
        const mock = await createMockServer({
          spec: ${JSON.stringify(spec)},
          db: ${JSON.stringify(db)},
          rules: {
            handlers: {
              call({ schedule, store }) {
                store.put('/notes', 'told', {})
                return { body: schedule('tell', store.nextId('/told')) }
              },
            },
            jobs: {
              async tell({ store }, payload) {
                await fetch(${JSON.stringify(target)}, { method: 'POST', body: payload })
                store.put('/notes', 'heard', {})
              },
            },
          },
        })
        console.log(JSON.stringify({ url: mock.url, adminKey: mock.adminKey }))`
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const gone = new Promise((done) => child.on('exit', done))
      child.on('error', reject)
      child.stdout.once('data', (line: Buffer) => {
        const { url, adminKey } = JSON.parse(line.toString()) as { url: string; adminKey: string }
        const kill = () => {
          child.kill('SIGKILL')
          return gone
        }
        resolve({ url, adminKey, kill })
      })
    })

  it('in the middle of a job lets the next process begin it anew, and only then is it done', {
    timeout: 60_000,
  }, async () => {
    const heard: string[] = []
    let hear: () => void = () => {}
    receiver = createServer(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      heard.push(text)
      // The first one is left waiting, and dies while it waits.
      if (heard.length > 1) response.end()
      hear()
    })
    const target = await new Promise<string>((resolve) => {
      receiver?.listen(0, '127.0.0.1', () => {
        const address = receiver?.address()
        resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
      })
    })
    const nextCall = () =>
      new Promise<void>((resolve) => {
        hear = resolve
      })
    const db = join(await folder(), 'mock.db')

    const first = await boot(db, target)
    const called = nextCall()
    const reply = await fetch(`${first.url}/call`, { method: 'POST' })
    expect(await reply.json()).toBe('1')
    await called
    await first.kill()

    const again = nextCall()
    const second = await boot(db, target)
    await again
    const jobs = async () => {
      const headers = { 'x-admin-key': second.adminKey }
      return (await (await fetch(`${second.url}/_mock/jobs`, { headers })).json()) as unknown[]
    }
    await expect.poll(jobs, { timeout: 10_000 }).toEqual([])
    await second.kill()
    expect(heard).toEqual(['1', '1'])

    const { run, mock } = await mockWith({}, { db })
    expect((await run(({ store }) => store.list('/notes').length)).json).toBe(2)
    await stop(mock)
  })
})
