// Things that a server works on once they are made, such as batches, transcripts and deployments: nobody's request moves them on.

import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, folder, ok, send, start, stop } from './harness.js'

const text = { type: 'string' }
const WORDS = ['queued', 'running', 'completed', 'failed', 'cancelled']

interface Described {
  readonly words?: readonly string[]
  readonly sent?: object
  readonly more?: object
  readonly hint?: object
}

/** An API of exports, which its server works on. */
function exportsApi({ words = WORDS, sent = {}, more = {}, hint = {} }: Described = {}) {
  const properties = {
    id: text,
    table: text,
    status: { type: 'string', enum: words },
    updated_at: { type: 'string', format: 'date-time' },
    completed_at: { type: ['string', 'null'], format: 'date-time' },
    failed_at: { type: ['string', 'null'], format: 'date-time' },
  }
  const one = { type: 'object', properties, required: ['id', 'status'] }
  const schema = { type: 'object', properties: { table: text, ...sent } }
  const body = { requestBody: { content: { 'application/json': { schema } } } }
  const parameters = [{ name: 'export_id', in: 'path', required: true, schema: text }]
  return document({
    '/exports': { post: { ...hint, ...body, ...ok(one) }, get: ok({ type: 'array', items: one }) },
    '/exports/{export_id}': { parameters, get: ok(one) },
    '/exports/{export_id}/cancel': { parameters, post: ok(one) },
    ...more,
  })
}

const NOON = '2026-01-15T12:00:00.000Z'

async function begun(described?: Described, options: object = {}) {
  const mock = await start({ spec: exportsApi(described), seedItems: 1, ...options })
  await send(mock, 'POST /_mock/clock', { freeze: NOON }, { 'x-admin-key': mock.adminKey })
  const { json: made } = await send(mock, 'POST /exports', { table: 'orders' })
  const read = async () => (await send(mock, `GET /exports/${made.id}`)).json
  return { mock, made, read }
}

describe('a thing that its server works on', () => {
  it('is read as it was made, and is finished a second later, in its list as well', async () => {
    const { mock, made, read } = await begun()
    expect(made).toMatchObject({ table: 'orders', status: 'queued' })
    expect(made.completed_at ?? null).toBeNull()
    await mock.advance(999)
    expect(await read()).toEqual(made)
    await mock.advance(1)
    const at = '2026-01-15T12:00:01.000Z'
    const finished = await read()
    expect(finished).toEqual({ ...made, status: 'completed', completed_at: at, updated_at: at })
    expect((await send(mock, 'GET /exports')).json).toContainEqual(finished)
  })

  it('finishes as time passes by itself', async () => {
    const mock = await start({ spec: exportsApi({ hint: { 'x-mock-finish': 20 } }) })
    const { json: made } = await send(mock, 'POST /exports', { table: 'orders' })
    await expect
      .poll(async () => (await send(mock, `GET /exports/${made.id}`)).json.status, { timeout: 5_000 })
      .toBe('completed')
  })

  it('is told apart by its words, however an API writes them', async () => {
    const working = ['queued', 'running', 'in_progress', 'processing', 'preparing', 'provisioning']
    const finished = ['succeeded', 'success', 'completed', 'complete', 'finished', 'done', 'ready', 'ended']
    const failed = ['failed', 'failure', 'error', 'errored', 'crashed']
    const written: readonly ((word: string) => string)[] = [
      (word) => word,
      (word) => word.toUpperCase(),
      (word) => word.replace(/_/g, '-'),
      (word) => `JOB_STATE_${word.toUpperCase()}`,
    ]
    const from = (words: readonly string[]) => fc.constantFrom(...words)
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(from(working), from(finished), from(failed)),
        fc.constantFrom(...written),
        fc.boolean(),
        async (words, write, isReversed) => {
          const enumerated = words.map(write)
          const { mock, made, read } = await begun({
            words: isReversed ? enumerated.toReversed() : enumerated,
          })
          expect(made.status).toBe(enumerated[0])
          await mock.advance(1_000)
          expect((await read()).status).toBe(enumerated[1])
          await stop(mock)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  it('stays what a client has made of it meanwhile', async () => {
    const { mock, made, read } = await begun()
    await send(mock, `POST /exports/${made.id}/cancel`)
    await mock.advance(60_000)
    expect((await read()).status).toBe('cancelled')
  })

  it('finishes after a restart as well', async () => {
    const db = join(await folder(), 'mock.db')
    const { mock, made } = await begun({}, { db })
    await stop(mock)
    const again = await start({ spec: exportsApi(), seedItems: 1, db })
    await again.advance(1_000)
    expect((await send(again, `GET /exports/${made.id}`)).json.status).toBe('completed')
  })

  it('is worked on for as long as the document says, or does not finish by itself', async () => {
    const slow = await begun({ hint: { 'x-mock-finish': 60_000 } })
    await slow.mock.advance(59_999)
    expect((await slow.read()).status).toBe('queued')
    await slow.mock.advance(1)
    expect((await slow.read()).status).toBe('completed')
    const never = await begun({ hint: { 'x-mock-finish': false } })
    await never.mock.advance(60_000)
    expect((await never.read()).status).toBe('queued')
  })

  it('is told of by webhooks when it is finished', async () => {
    const spec = {
      ...exportsApi(),
      webhooks: {
        'export.updated': {
          post: {
            requestBody: {
              content: {
                'application/json': { schema: { type: 'object', properties: { id: text, status: text } } },
              },
            },
            responses: { 200: { description: 'Taken' } },
          },
        },
      },
    }
    const mock = await start({ spec, webhooks: ['http://127.0.0.1:9/hook'] })
    await send(mock, 'POST /exports', { table: 'orders' })
    await mock.advance(1_000)
    const admin = { 'x-admin-key': mock.adminKey }
    const deliveries = (await send(mock, 'GET /_mock/webhook-deliveries', undefined, admin)).json
    expect(JSON.stringify(deliveries)).toContain('completed')
  })
})

describe('a thing whose status clients or people move', () => {
  const cases: Readonly<Record<string, Described>> = {
    'because a request may set it': { sent: { status: { type: 'string', enum: WORDS } } },
    'because an action leads to its end': {
      more: {
        '/exports/{export_id}/complete': {
          parameters: [{ name: 'export_id', in: 'path', required: true, schema: text }],
          post: ok({ type: 'object', properties: { id: text, status: { type: 'string', enum: WORDS } } }),
        },
      },
    },
    'because no work is at hand': { words: ['pending', 'completed', 'failed'] },
    'because people do it': { words: ['assigned', 'in_progress', 'completed', 'failed'] },
    'because it cannot fail': { words: ['queued', 'running', 'completed'] },
    'because it has no end': { words: ['queued', 'running', 'failed'] },
  }
  for (const [name, described] of Object.entries(cases))
    it(`stays as it is ${name}`, async () => {
      const { mock, made, read } = await begun(described)
      await mock.advance(60_000)
      expect(await read()).toEqual(made)
    })

  it('stays as it is where only the document shows it', async () => {
    const mock = await start({ spec: exportsApi(), seedItems: 2 })
    const before = (await send(mock, 'GET /exports')).json
    await mock.advance(60_000)
    expect((await send(mock, 'GET /exports')).json).toEqual(before)
  })
})
