// Streams: server-sent events, JSON lines, JSON text sequences and parts, made from the document alone.

import { once } from 'node:events'
import { get } from 'node:http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { document, send, start } from './harness.js'

const streaming = (type: string, media: object, operation: object = {}) =>
  document({
    '/stream': {
      get: { ...operation, responses: { 200: { description: 'ok', content: { [type]: media } } } },
    },
  })

function eventsIn(text: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => events.push(event) })
  parser.feed(text)
  return events
}

async function eventsOf(media: object, operation?: object, headers: Record<string, string> = {}) {
  const mock = await start({ spec: streaming('text/event-stream', media, operation) })
  const { status, text } = await send(mock, 'GET /stream', undefined, headers)
  expect(status).toBe(200)
  return eventsIn(text)
}

const linesIn = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const count = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }

const journal = async (mock: MockServer) =>
  (await send(mock, 'GET /_mock/requests', undefined, { 'x-admin-key': mock.adminKey })).json

describe('the events of a stream', () => {
  it('are those that the example spells, to its very end', async () => {
    const example = ': hello\n\nevent: tick\nid: 1\ndata: {"n":1}\n\ndata: a\ndata: b\n\ndata: [DONE]\n\n'
    const mock = await start({
      spec: streaming('text/event-stream', { schema: { type: 'string' }, example }),
    })
    const { text, headers } = await send(mock, 'GET /stream')
    expect(text).toBe(example)
    expect(headers.get('content-type')).toBe('text/event-stream')
    expect(headers.get('mock-source')).toBe('example')
  })

  it('are the items of an example that is an array, in order', async () => {
    const example = [{ n: 3 }, { n: 1 }, { n: 2 }]
    const events = await eventsOf({ schema: { type: 'array', items: count }, example })
    expect(events.map(({ data }) => JSON.parse(data))).toEqual(example)
  })

  it('are the named examples in order, or the one that a client prefers', async () => {
    const media = { itemSchema: count, examples: { one: { value: { n: 1 } }, two: { value: { n: 2 } } } }
    const data = async (headers: Record<string, string>) =>
      (await eventsOf(media, {}, headers)).map((event) => event.data)
    expect(await data({})).toEqual(['{"n":1}', '{"n":2}'])
    expect(await data({ prefer: 'example=two' })).toEqual(['{"n":2}'])
  })

  it('each fit the schema when there is no example', async () => {
    const fits = new Ajv2020().compile(count)
    for (const media of [{ schema: count }, { itemSchema: count }]) {
      const events = await eventsOf(media)
      expect(events.length).toBeGreaterThan(1)
      for (const { data } of events) expect(fits(JSON.parse(data))).toBe(true)
    }
  })

  it('have the fields that the schema of an item names', async () => {
    const properties = {
      event: { const: 'tick' },
      id: { type: 'string' },
      data: { type: 'string', contentMediaType: 'application/json', contentSchema: count },
    }
    const events = await eventsOf({
      itemSchema: { type: 'object', required: ['event', 'id', 'data'], properties },
    })
    for (const { event, id, data } of events) {
      expect([event, typeof id]).toEqual(['tick', 'string'])
      expect(JSON.parse(data)).toEqual({ n: expect.any(Number) })
    }
  })

  it('are one of each alternative: what opens first, what closes last, and no failure', async () => {
    const named = (type: string) => ({
      type: 'object',
      required: ['type'],
      properties: { type: { const: type } },
    })
    const types = ['block_stop', 'text.delta', 'error', 'message_start', 'message_stop', 'message_failed']
    const events = await eventsOf({ schema: { oneOf: types.map(named) } })
    expect(events.map(({ event }) => event)).toEqual([
      'message_start',
      'text.delta',
      'block_stop',
      'message_stop',
    ])
    expect(events.map(({ data }) => JSON.parse(data).type)).toEqual(events.map(({ event }) => event))
  })

  it('end with [DONE] where the document says so', async () => {
    const ended = await eventsOf({ schema: count }, { description: 'The stream ends with `data: [DONE]`.' })
    expect(ended.at(-1)?.data).toBe('[DONE]')
    expect((await eventsOf({ schema: count })).at(-1)?.data).not.toBe('[DONE]')
  })

  it('are as many as x-mock-stream says', async () => {
    expect(await eventsOf({ schema: count }, { 'x-mock-stream': { count: 7 } })).toHaveLength(7)
  })
})

describe('a stream of another media type', () => {
  it('has one JSON text on each line', async () => {
    for (const type of ['application/jsonl', 'application/x-ndjson', 'application/ndjson']) {
      const mock = await start({ spec: streaming(type, { itemSchema: count }) })
      const { text, headers } = await send(mock, 'GET /stream')
      expect(linesIn(text)).toEqual([
        { n: expect.any(Number) },
        { n: expect.any(Number) },
        { n: expect.any(Number) },
      ])
      expect(headers.get('content-type')).toBe(type)
    }
  })

  it('sends the lines of an example as they are', async () => {
    const mock = await start({ spec: streaming('application/jsonl', { example: '{"n":1}\n{"n":2}' }) })
    expect(linesIn((await send(mock, 'GET /stream')).text)).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('sets each text of a JSON sequence off by a record separator', async () => {
    for (const type of ['application/json-seq', 'application/geo+json-seq']) {
      const mock = await start({ spec: streaming(type, { itemSchema: count }) })
      const texts = (await send(mock, 'GET /stream')).text.split('\x1e')
      expect(texts.shift()).toBe('')
      expect(texts.map((text) => JSON.parse(text))).toEqual(Array(3).fill({ n: expect.any(Number) }))
    }
  })

  it('sends parts between boundaries', async () => {
    const mock = await start({ spec: streaming('multipart/mixed', { itemSchema: count }) })
    const { text, headers } = await send(mock, 'GET /stream')
    const boundary = /boundary=(\S+)/.exec(headers.get('content-type') ?? '')?.[1]
    const parts = text.split(`--${boundary}`)
    expect([parts[0], parts.at(-1)]).toEqual(['', '--\r\n'])
    const bodies = parts.slice(1, -1).map((part) => JSON.parse(part.split('\r\n\r\n')[1] ?? ''))
    expect(bodies).toEqual(Array(3).fill({ n: expect.any(Number) }))
  })
})

describe('a request for a stream', () => {
  const chat = document({
    '/chat': {
      post: {
        requestBody: {
          content: {
            'application/json': { schema: { type: 'object', properties: { stream: { type: 'boolean' } } } },
          },
        },
        responses: {
          200: {
            description: 'ok',
            content: {
              'application/json': { schema: { type: 'object', properties: { whole: { type: 'string' } } } },
              'text/event-stream': { schema: count },
            },
          },
        },
      },
    },
  })

  it('is a member `stream: true`, whatever Accept says', async () => {
    const mock = await start({ spec: chat })
    for (const accept of ['application/json', '*/*', 'text/event-stream']) {
      const { headers, text } = await send(mock, 'POST /chat', { stream: true }, { accept })
      expect(headers.get('content-type')).toBe('text/event-stream')
      expect(eventsIn(text)).toHaveLength(3)
    }
  })

  it('is an Accept that names the stream', async () => {
    const mock = await start({ spec: chat })
    const { headers } = await send(mock, 'POST /chat', {}, { accept: 'text/event-stream' })
    expect(headers.get('content-type')).toBe('text/event-stream')
  })

  it('is nothing else', async () => {
    const mock = await start({ spec: chat })
    for (const body of [{}, { stream: false }]) {
      const { headers } = await send(mock, 'POST /chat', body, { accept: 'application/json' })
      expect(headers.get('content-type')).toBe('application/json')
    }
  })

  it('with HEAD gets the header section alone', async () => {
    const mock = await start({ spec: streaming('text/event-stream', { schema: count }) })
    const { status, text } = await send(mock, 'HEAD /stream')
    expect([status, text]).toEqual([200, ''])
  })
})

describe('a stream on its way', () => {
  it('sends each event by itself, as far apart as Prefer or x-mock-stream says', async () => {
    const paced: [object, Record<string, string>][] = [
      [{}, { prefer: 'delay=80' }],
      [{ 'x-mock-stream': { intervalMs: 80 } }, {}],
    ]
    for (const [operation, headers] of paced) {
      const mock = await start({ spec: streaming('text/event-stream', { schema: count }, operation) })
      const [response] = await once(get(`${mock.url}/stream`, { headers }), 'response')
      const pieces: string[] = []
      for await (const piece of response) pieces.push(String(piece))
      expect(eventsIn(pieces[0] ?? '')).toHaveLength(1)
      expect(eventsIn(pieces.join(''))).toHaveLength(3)
    }
  })

  it('does not keep the mock from closing', async () => {
    const operation = { 'x-mock-stream': { count: 500, intervalMs: 20 } }
    const mock = await start({ spec: streaming('text/event-stream', { schema: count }, operation) })
    const { body } = await fetch(`${mock.url}/stream`)
    const reader = body?.getReader()
    const ended = (async () => {
      while (!(await reader?.read())?.done);
    })().catch(() => 'broken')
    await mock.close()
    await ended
  })

  it('stops when the client goes away, and the journal has the events that were sent', async () => {
    const operation = { 'x-mock-stream': { count: 500, intervalMs: 20 } }
    const mock = await start({ spec: streaming('text/event-stream', { schema: count }, operation) })
    const request = get(`${mock.url}/stream`)
    const [response] = await once(request, 'response')
    await once(response, 'data')
    request.destroy()
    await expect.poll(async () => (await journal(mock)).length).toBe(1)
    const [entry] = await journal(mock)
    const sent = eventsIn(entry.responseBody)
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.length).toBeLessThan(500)
  })
})

describe('a stream as a request', () => {
  const NDJSON = 'application/x-ndjson'
  const taking = (type: string, media: object) =>
    document({
      '/in': {
        post: {
          requestBody: { required: true, content: { [type]: media } },
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: true } } } },
        },
      },
    })
  const post = (mock: MockServer, type: string, text: string) =>
    send(mock, 'POST /in', text, { 'content-type': type })

  it('is held item by item against itemSchema, against the schema of an array, or against that of one item', async () => {
    for (const media of [
      { itemSchema: count },
      { schema: { type: 'array', items: count } },
      { schema: count },
    ])
      for (const type of ['application/jsonl', NDJSON, 'application/json-seq', 'application/geo+json-seq']) {
        const mock = await start({ spec: taking(type, media) })
        const [before, after] = type.endsWith('seq') ? ['\x1e', '\n'] : ['', '\r\n']
        const body = (...items: unknown[]) =>
          items.map((item) => before + JSON.stringify(item) + after).join('')
        expect((await post(mock, type, body({ n: 1 }, { n: 2 }))).status).toBe(200)
        const refused = await post(mock, type, body({ n: 1 }, { m: 2 }))
        expect([refused.status, refused.text]).toEqual([
          400,
          expect.stringContaining('/1 must have the property'),
        ])
        const broken = await post(mock, type, `${body({ n: 1 })}${before}{"n":${after}`)
        expect([broken.status, broken.text]).toEqual([400, expect.stringContaining('Item 2')])
        await mock.close()
      }
  })

  it('is held against the schema of all items too', async () => {
    const mock = await start({
      spec: taking(NDJSON, { schema: { type: 'array', maxItems: 1 }, itemSchema: count }),
    })
    const [one, two] = await Promise.all([
      post(mock, NDJSON, '{"n":1}'),
      post(mock, NDJSON, '{"n":1}\n{"n":2}'),
    ])
    expect([one.status, two.status]).toEqual([200, 400])
    expect((await post(mock, NDJSON, '[]')).status).toBe(400)
  })
})
