// What the mock answers when nothing is stored: examples first, samples that fit otherwise.

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rules } from '../src/index.js'
import { document, ok, send, start, withCpuMs } from './harness.js'

const plugin = ('default' in addFormats ? addFormats.default : addFormats) as unknown as (
  ajv: Ajv2020,
) => void
const ajv = new Ajv2020({ strict: false })
plugin(ajv)

describe('a sample', () => {
  const schemas: Record<string, object> = {
    bounds: { type: 'integer', exclusiveMinimum: 10, maximum: 20, multipleOf: 5 },
    decimals: { type: 'number', multipleOf: 0.1, minimum: 0.25 },
    pattern: { type: 'string', pattern: '^[A-Z]{2}[0-9]{8}(-[a-f]+)?$', minLength: 14 },
    lookahead: { type: 'string', pattern: '^(?=.*[0-9])[a-z0-9]{6,}$' },
    formats: {
      type: 'object',
      required: ['a', 'b', 'c', 'd'],
      properties: {
        a: { type: 'string', format: 'uuid' },
        b: { type: 'string', format: 'ipv6' },
        c: { type: 'string', format: 'date-time' },
        d: { type: 'string', format: 'uri', maxLength: 60 },
      },
    },
    unique: { type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 3, uniqueItems: true },
    'many distinct texts': { type: 'array', items: { type: 'string' }, minItems: 300, uniqueItems: true },
    'many distinct values': { type: 'array', items: {}, minItems: 300, uniqueItems: true },
    'many distinct numbers': { type: 'array', items: { type: 'integer' }, minItems: 200, uniqueItems: true },
    tuple: { type: 'array', prefixItems: [{ type: 'integer' }, { const: 'x' }], items: false, minItems: 2 },
    oneOf: {
      oneOf: [
        { type: 'object', required: ['a'], properties: { a: {} } },
        { type: 'object', required: ['b'], properties: { b: { type: 'integer' } } },
      ],
    },
    all: {
      allOf: [
        { type: 'object', properties: { a: { type: 'integer', minimum: 5 } } },
        { required: ['a'], properties: { a: { maximum: 6 } } },
      ],
    },
    not: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      not: { required: ['a'] },
    },
    unevaluated: {
      allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }],
      properties: { b: { type: 'integer' } },
      unevaluatedProperties: false,
    },
    map: {
      type: 'object',
      minProperties: 2,
      propertyNames: { pattern: '^x-[a-z]+$' },
      additionalProperties: { type: 'integer' },
    },
    named: {
      type: 'object',
      minProperties: 1,
      patternProperties: { '^S_': { type: 'string' } },
      additionalProperties: false,
    },
    conditional: {
      type: 'object',
      required: ['kind'],
      properties: { kind: { const: 'card' } },
      if: { properties: { kind: { const: 'card' } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['number'], properties: { number: { type: 'string', pattern: '^[0-9]{16}$' } } },
    },
    contains: { type: 'array', contains: { const: 7 }, items: { type: 'integer' }, minItems: 2 },
    nothing: { type: ['null', 'string'], maxLength: 3 },
    dependent: {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      dependentRequired: { a: ['b'] },
    },
  }
  it.each(Object.entries(schemas))('fits its schema: %s', async (_name, schema) => {
    const mock = await start({ spec: document({ '/a': { get: ok(schema) } }), strict: true })
    const { status, json } = await send(mock, 'GET /a')
    expect(status).toBe(200)
    expect([json, ajv.validate(schema, json)]).toEqual([json, true])
    const anew = await send(mock, 'GET /a', undefined, { prefer: 'dynamic=true' })
    expect([anew.json, ajv.validate(schema, anew.json)]).toEqual([anew.json, true])
  })

  it('fits whatever schema of bounds, lists and alternatives it is made from', async () => {
    const leaf = fc.oneof(
      fc.record({
        type: fc.constant('integer'),
        minimum: fc.integer({ min: -50, max: 50 }),
        maximum: fc.integer({ min: 51, max: 99 }),
      }),
      fc.record({
        type: fc.constant('string'),
        minLength: fc.integer({ min: 0, max: 5 }),
        maxLength: fc.integer({ min: 5, max: 40 }),
      }),
      fc.record({
        enum: fc.uniqueArray(fc.oneof(fc.integer(), fc.string()), { minLength: 1, maxLength: 3 }),
      }),
      fc.constant({ type: 'boolean' }),
    )
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof({ maxDepth: 3 }, leaf, tie('object'), tie('array'), tie('either')),
      object: fc
        .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('schema'), { maxKeys: 4 })
        .map((properties) => ({
          type: 'object',
          properties,
          required: Object.keys(properties).slice(0, 2),
          additionalProperties: false,
        })),
      array: fc.record({
        type: fc.constant('array'),
        items: tie('schema'),
        minItems: fc.integer({ min: 0, max: 3 }),
      }),
      either: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    }))
    const list = fc.sample(schema, 40) as object[]
    const paths = Object.fromEntries(list.map((own, i) => [`/s${i}`, { get: ok(own) }]))
    const mock = await start({ spec: document(paths), stateful: false })
    for (const [i, own] of list.entries()) {
      const { json } = await send(mock, `GET /s${i}`)
      expect([own, json, ajv.validate(own, json)]).toEqual([own, json, true])
    }
  })

  it('is of the type that the document names first, where several are as good', async () => {
    const place = {
      latitude: { type: ['number', 'string'] },
      house: { type: ['string', 'integer'] },
      since: { type: ['null', 'integer', 'string'] },
    }
    const properties = { type: 'object', required: Object.keys(place), properties: place }
    const mock = await start({ spec: document({ '/a': { get: ok(properties) } }, { openapi: '3.1.0' }) })
    const { latitude, house, since } = (await send(mock, 'GET /a')).json
    expect([typeof latitude, typeof house, typeof since]).toEqual(['number', 'string', 'number'])
  })

  it('looks like what its name says, and is the same for the same seed', async () => {
    const schema = {
      type: 'object',
      required: ['email', 'firstName', 'city'],
      properties: { email: { type: 'string' }, firstName: { type: 'string' }, city: { type: 'string' } },
    }
    const spec = document({ '/a': { get: ok(schema) } })
    const [one, same, other] = await Promise.all([
      start({ spec }),
      start({ spec }),
      start({ spec, seed: 'other' }),
    ])
    const { json } = await send(one, 'GET /a')
    expect(json.email).toMatch(/@example\.com$/)
    expect((await send(same, 'GET /a')).json).toEqual(json)
    expect((await send(other, 'GET /a')).json).not.toEqual(json)
  })

  it('leaves out what is writeOnly, and stops in a circle', async () => {
    const node = {
      type: 'object',
      required: ['name', 'secret'],
      properties: {
        name: { type: 'string' },
        secret: { type: 'string', writeOnly: true },
        next: { $ref: '#/components/schemas/Node' },
        others: { type: 'array', items: { $ref: '#/components/schemas/Node' } },
      },
    }
    const mock = await start({
      spec: document(
        { '/a': { get: ok({ $ref: '#/components/schemas/Node' }) } },
        { components: { schemas: { Node: node } } },
      ),
    })
    const { json } = await send(mock, 'GET /a')
    expect(json).not.toHaveProperty('secret')
    expect(JSON.stringify(json).length).toBeLessThan(500)
  })

  it('is clamped where a document asks for the impossible, quickly', async () => {
    const schemas = [
      { type: 'array', items: {}, minItems: 1e9 },
      { type: 'string', minLength: 1e9 },
      { type: 'array', minItems: 1e9, items: { type: 'string', minLength: 1e9 } },
      { type: 'integer', minimum: 5, maximum: 1 },
      { type: 'number', multipleOf: 0 },
      { type: 'string', format: 'evil' },
      { enum: Array.from({ length: 100_000 }, (_, i) => i) },
      { type: 'nonsense' },
      { pattern: '(', type: 'string' },
      false,
    ]
    const mock = await start({
      spec: document(
        Object.fromEntries(schemas.map((schema, i) => [`/s${i}`, { get: ok(schema as object) }])),
      ),
    })
    for (const i of schemas.keys()) {
      const [answer, ms] = await withCpuMs(() => send(mock, `GET /s${i}`))
      expect(answer.status).toBe(200)
      expect(ms).toBeLessThan(1_500)
    }
  })
})

describe('a map', () => {
  it('of thousands of patterns is filled, in time, by names that some of them allow', async () => {
    const patterns = Array.from({ length: 2_000 }, (_, i) => [`^p${i}$`, i % 2 === 0 ? false : { const: i }])
    const schema = { type: 'object', patternProperties: Object.fromEntries(patterns), minProperties: 10 }
    const closed = { ...schema, additionalProperties: false }
    const forbidding = Object.fromEntries(patterns.map(([name]) => [name, false]))
    const impossible = { ...closed, patternProperties: forbidding }
    const paths = { '/a': { get: ok(schema) }, '/b': { get: ok(closed) }, '/c': { get: ok(impossible) } }
    const mock = await start({ spec: document(paths) })
    for (const path of ['/a', '/b']) {
      const [{ json }, ms] = await withCpuMs(() => send(mock, `GET ${path}`))
      expect([path, ms < 1_500, Object.keys(json).length]).toEqual([path, true, 10])
      for (const [name, value] of Object.entries(json)) expect(name).toBe(`p${value}`)
    }
    const [{ status }, ms] = await withCpuMs(() => send(mock, 'GET /c'))
    expect([status, ms < 1_500]).toEqual([200, true])
  })
})

describe('a list of distinct values', () => {
  it('of which two parts allow thousands is made in time, of what both allow', async () => {
    const values = Array.from({ length: 20_000 }, (_, i) => `value-${i}`)
    const items = { allOf: [{ enum: values }, { enum: values.slice(10_000) }] }
    const mock = await start({
      spec: document({ '/a': { get: ok({ type: 'array', uniqueItems: true, minItems: 50, items }) } }),
    })
    const [{ json }, ms] = await withCpuMs(() => send(mock, 'GET /a'))
    expect([new Set(json).size, json.every((one: string) => values.indexOf(one) >= 10_000)]).toEqual([
      50,
      true,
    ])
    expect(ms).toBeLessThan(2_500)
  })
})

describe('an example', () => {
  const integer = {
    type: 'object',
    required: ['id', 'name'],
    properties: { id: { type: 'integer' }, name: { type: 'string' } },
  }
  const responses = {
    200: {
      description: 'OK',
      content: {
        'application/json': {
          schema: integer,
          examples: {
            bad: { value: { id: 'x', name: 'kept' } },
            first: { value: { id: 1, name: 'One' } },
            second: { value: { id: 2, name: 'Two' } },
          },
        },
      },
    },
    404: { description: 'No', content: { 'application/json': { example: { gone: true } } } },
    '5XX': { description: 'Oops' },
  }
  const spec = document({
    '/a': { get: { responses } },
    '/b': { get: ok(integer, { id: 'x', name: 'kept' }) },
  })

  it('is answered when it fits its schema, and repaired when none does', async () => {
    const mock = await start({ spec })
    expect((await send(mock, 'GET /a')).json).toEqual({ id: 1, name: 'One' })
    const { json } = await send(mock, 'GET /b')
    expect([typeof json.id, json.name]).toEqual(['number', 'kept'])
  })

  it('that contradicts its schema is an error with --strict, naming the place', async () => {
    const mock = await start({ spec, strict: true })
    const { status, json } = await send(mock, 'GET /b')
    expect(status).toBe(500)
    expect(json.message).toContain('/paths/~1b/get: /id must be integer')
  })

  it('or a status can be preferred, by header or query, as with Prism', async () => {
    const mock = await start({ spec })
    const prefer = async (value: string) => send(mock, 'GET /a', undefined, { prefer: value })
    expect((await prefer('example=second')).json).toEqual({ id: 2, name: 'Two' })
    expect((await send(mock, 'GET /a?__example=second')).json).toEqual({ id: 2, name: 'Two' })
    const missing = await prefer('code=404')
    expect([missing.status, missing.json]).toEqual([404, { gone: true }])
    expect((await send(mock, 'GET /a?__code=503')).status).toBe(503)
    expect((await prefer('code=302')).status).toBe(404)
    expect((await prefer('example=unheard-of')).status).toBe(404)
    const started = performance.now()
    await prefer('delay=120')
    expect(performance.now() - started).toBeGreaterThanOrEqual(115)
  })
})

describe('an answer', () => {
  it('is in the media type that the client likes best, or else in the usual one', async () => {
    const types = [
      'application/json',
      'application/xml',
      'text/csv',
      'image/png',
      'application/x-www-form-urlencoded',
    ]
    const schema = { type: 'object', required: ['a'], properties: { a: { type: 'string', const: '<x>' } } }
    const content = Object.fromEntries(types.map((type) => [type, { schema }]))
    const mock = await start({
      spec: document({ '/a': { get: { responses: { 200: { description: 'OK', content } } } } }),
    })
    const get = async (accept: string) => {
      const { status, headers, text } = await send(mock, 'GET /a', undefined, { accept })
      return [status, headers.get('content-type'), text] as const
    }
    expect(await get('*/*')).toEqual([200, 'application/json', '{"a":"<x>"}'])
    expect(await get('application/xml, application/json;q=0.5')).toEqual([
      200,
      'application/xml',
      '<?xml version="1.0" encoding="UTF-8"?>\n<root><a>&lt;x&gt;</a></root>',
    ])
    expect((await get('image/*'))[1]).toBe('image/png')
    expect((await get('application/x-www-form-urlencoded'))[2]).toBe('a=%3Cx%3E')
    for (const unknown of ['audio/ogg', 'application/vnd.acme.v3+json', 'nonsense', 'application/json;q=0'])
      expect([unknown, ...(await get(unknown))]).toEqual([unknown, 200, 'application/json', '{"a":"<x>"}'])
  })

  it('is 406 for a type that there is not only where the document says so', async () => {
    const responses = { ...ok({ type: 'object' }, {}).responses, 406: { description: 'Not acceptable' } }
    const mock = await start({ spec: document({ '/a': { get: { responses } } }) })
    const get = async (accept: string) => (await send(mock, 'GET /a', undefined, { accept })).status
    expect([await get('audio/ogg'), await get('application/*'), await get('audio/ogg, */*;q=0.1')]).toEqual([
      406, 200, 200,
    ])
  })

  it('is in the version of a media type that its parameters name', async () => {
    const version = (n: number) => ({ example: { [`v${n}`]: n } })
    const content = { 'application/json;version=1': version(1), 'application/json; version=2': version(2) }
    const mock = await start({
      spec: document({ '/a': { get: { responses: { 200: { description: 'OK', content } } } } }),
    })
    const get = async (accept: string) => {
      const { headers, text } = await send(mock, 'GET /a', undefined, { accept })
      return [headers.get('content-type'), text]
    }
    expect(await get('application/json;version=2')).toEqual(['application/json; version=2', '{"v2":2}'])
    for (const first of ['application/json', 'application/json;version=3', 'application/json; charset=utf-8'])
      expect(await get(first)).toEqual(['application/json;version=1', '{"v1":1}'])
  })

  it('sets the cookie of the document’s example, and none that is made up', async () => {
    const header = { schema: { type: 'string' } }
    const answer = (cookie: object) => ({
      post: { responses: { 204: { description: 'In', headers: { 'Set-Cookie': cookie } } } },
    })
    const example = 'sid=abc123; Path=/; HttpOnly'
    const mock = await start({
      spec: document({ '/login': answer({ ...header, example }), '/other': answer(header) }),
    })
    expect((await send(mock, 'POST /login')).headers.getSetCookie()).toEqual([example])
    expect((await send(mock, 'POST /other')).headers.getSetCookie()).toEqual([])
  })

  it('carries the documented headers, but none that would break the connection', async () => {
    const headers = Object.fromEntries(
      ['X-Rate', 'Content-Length', 'Transfer-Encoding', 'Connection'].map((name) => [
        name,
        { schema: { type: 'integer', enum: [7] } },
      ]),
    )
    const mock = await start({
      spec: document({
        '/a': {
          get: {
            responses: {
              200: { description: 'OK', headers, content: { 'text/plain': { example: 'hello' } } },
            },
          },
        },
      }),
    })
    const reply = await send(mock, 'GET /a')
    expect([reply.text, reply.headers.get('x-rate'), reply.headers.get('content-length')]).toEqual([
      'hello',
      '7',
      '5',
    ])
  })

  it('writes a date where clients read one, whatever the document says of it', async () => {
    const text = { schema: { type: 'string' } }
    const headers = { 'Last-Modified': text, Expires: { ...text, example: '0' }, 'X-Label': text }
    const content = { 'text/plain': { example: 'hello' } }
    const mock = await start({
      spec: document({ '/a': { get: { responses: { 200: { description: 'OK', headers, content } } } } }),
    })
    const { headers: own } = await send(mock, 'GET /a')
    const modified = String(own.get('last-modified'))
    expect(new Date(modified).toUTCString()).toBe(modified)
    expect(own.get('expires')).toBe('0')
    expect(own.get('x-label')).not.toMatch(/GMT/)
  })

  it('has no body where the status allows none, and follows a documented redirect', async () => {
    const response = (status: string, rest = {}) => ({
      get: { responses: { [status]: { description: 'x', ...rest } } },
    })
    const content = { content: { 'application/json': { example: { a: 1 } } } }
    const mock = await start({
      spec: document({
        '/none': response('204', content),
        '/moved': response('302', { headers: { Location: { schema: { const: '/none' } } } }),
        '/default': response('default', content),
      }),
    })
    expect([(await send(mock, 'GET /none')).status, (await send(mock, 'GET /none')).text]).toEqual([204, ''])
    const moved = await send(mock, 'GET /moved')
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/none'])
    expect((await send(mock, 'GET /default')).json).toEqual({ a: 1 })
  })

  it('leaves its connection open for longer than clients keep an idle one: Go for 90 s', async () => {
    const mock = await start({ spec: document({ '/a': { get: ok() } }) })
    const [, seconds] =
      /^timeout=(\d+)$/.exec((await send(mock, 'GET /a')).headers.get('keep-alive') ?? '') ?? []
    expect(Number(seconds)).toBeGreaterThan(90)
  })
})

describe('a handler', () => {
  it('answers its operation, knows who asks, and may change what the mock would say', async () => {
    const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer', const: 1 } } }
    const spec = document({
      '/a': { get: { operationId: 'a', ...ok(schema) } },
      '/b': { get: { operationId: 'b', ...ok(schema) } },
    })
    const log: string[] = []
    const mock = await start({
      spec,
      strict: true,
      onExchange: (line) => log.push(line),
      handlers: {
        a: async ({ fallback, project, environment }) => ({
          status: 200,
          headers: { 'x-project': `${project.name} ${environment}` },
          body: (await fallback()).body,
        }),
        b: () => ({ body: { n: 2 } }),
      },
    })
    const reply = await send(mock, 'GET /a')
    expect([reply.json, reply.headers.get('x-project')]).toEqual([{ n: 1 }, 'Test sandbox'])
    expect((await send(mock, 'GET /b')).status).toBe(500)
    expect(log.at(-1)).toContain('/n must be 1')
  })

  it('may change the body that the mock would send, and changes nothing else by that', async () => {
    const list = { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } }
    const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
    const spec = document({
      '/a': { get: { operationId: 'a', ...ok({ type: 'object' }, { n: 1, deep: { list: [1] } }) } },
      '/pets': { get: { operationId: 'pets', ...ok(list) } },
      '/pets/{id}': { get: { ...ok(list.items), parameters: [id] } },
    })
    const handlers: Rules['handlers'] = {
      async a({ fallback }) {
        const answer = await fallback()
        const body = answer.body as { n: number; deep: { list: number[] } }
        body.n += 1
        body.deep.list.push(2)
        return answer
      },
      async pets({ fallback }) {
        const answer = await fallback()
        for (const pet of answer.body as { name?: string }[]) pet.name = `${pet.name ?? ''}!`
        return answer
      },
    }
    const mock = await start({ spec, handlers, seedData: { '/pets': [{ id: '1', name: 'Rex' }] } })
    for (const _ of [1, 2]) {
      expect((await send(mock, 'GET /a')).json).toEqual({ n: 2, deep: { list: [1, 2] } })
      expect((await send(mock, 'GET /pets')).json).toEqual([{ id: '1', name: 'Rex!' }])
    }
  })

  it('that throws costs one 500 and no more', async () => {
    const spec = document({ '/a': { get: { operationId: 'a', ...ok() } } })
    const log: string[] = []
    const handlers = { a: () => Promise.reject(new Error('secret detail')) }
    const mock = await start({ spec, handlers, onLog: (line) => log.push(line) })
    const reply = await send(mock, 'GET /a')
    expect(reply.status).toBe(500)
    expect(reply.text).not.toContain('secret detail')
    expect(log.join()).toContain('secret detail')
    expect((await send(mock, 'GET /b')).status).toBe(404)
  })
})

describe('every answer', () => {
  it('says in Mock-Source where it comes from, and so does the journal', async () => {
    const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }
    const named = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
    const spec = document({
      '/example': { get: ok(schema, { n: 7 }) },
      '/schema-example': { get: ok({ ...schema, example: { n: 8 } }) },
      '/sample': { get: ok(schema) },
      '/handled': { get: { operationId: 'handled', ...ok(schema) } },
      '/pets': { get: ok({ type: 'array', items: named }), post: ok(named) },
      '/pets/{id}': { get: ok(named) },
    })
    const mock = await start({ spec, handlers: { handled: () => ({ body: { n: 1 } }) } })
    const expected = [
      ['GET /example', 'example'],
      ['GET /schema-example', 'example'],
      ['GET /sample', 'generated'],
      ['GET /handled', 'rule'],
      ['GET /pets', 'stored'],
      ['GET /nowhere', 'error'],
      ['DELETE /sample', 'error'],
    ] as const
    for (const [line, source] of expected)
      expect([line, (await send(mock, line)).headers.get('mock-source')]).toEqual([line, source])
    const dynamic = await send(mock, 'GET /example', undefined, { prefer: 'dynamic=true' })
    expect(dynamic.headers.get('mock-source')).toBe('generated')
    expect(mock.requests().map(({ source }) => source)).toEqual([
      ...expected.map(([, source]) => source),
      'generated',
    ])
  })
})

describe('what is writeOnly', () => {
  const secret = { type: 'string', writeOnly: true }
  it.each([
    ['itself', secret],
    ['by what it refers to', { $ref: '#/components/schemas/Secret' }],
    ['by a part of it', { allOf: [{ $ref: '#/components/schemas/Secret' }] }],
    ['by what that refers to', { $ref: '#/components/schemas/Alias' }],
  ])('is never shown, where a schema says so %s', async (_, password) => {
    const user = {
      type: 'object',
      properties: { id: { type: 'string' }, name: { type: 'string' }, password },
    }
    const requestBody = { content: { 'application/json': { schema: user } } }
    const mock = await start({
      spec: document(
        {
          '/users': { get: ok({ type: 'array', items: user }), post: { requestBody, ...ok(user) } },
          '/users/{id}': {
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            get: ok(user),
            patch: { requestBody, ...ok(user) },
          },
        },
        {
          components: { schemas: { Secret: secret, Alias: { $ref: '#/components/schemas/Secret' } } },
        },
      ),
    })
    const made = await send(mock, 'POST /users', { name: 'Ann', password: 'hunter2' })
    const path = `/users/${made.json.id}`
    const answers = [
      made,
      await send(mock, 'GET /users'),
      await send(mock, `PATCH ${path}`, { password: 'hunter3' }),
      await send(mock, `GET ${path}`),
    ]
    for (const { status, text } of answers) {
      expect(status).toBeLessThan(300)
      expect(text).toContain('name')
      expect(text).not.toContain('password')
      expect(text).not.toContain('hunter')
    }
  })
})
