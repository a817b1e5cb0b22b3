// What OpenAPI 3.2 adds, and what of 3.1 goes beyond single schemas: methods, whole queries, default alternatives,
// dynamic references, references to content, examples in files, and operations that their paths do not tell apart.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { document, folder, ok, send, start } from './harness.js'

const string = { type: 'string' }
const integer = { type: 'integer' }
const object = (properties: object, ...required: string[]) => ({ type: 'object', properties, required })
const json = (schema: object) => ({ 'application/json': { schema } })
const done = { responses: { 204: { description: 'done' } } }
const taking = (schema: object) => ({ requestBody: { content: json(schema) }, ...done })
const of32 = (paths: object, rest: object = {}) => document(paths, { openapi: '3.2.0', ...rest })

const warningsOf = async (mock: MockServer): Promise<string> =>
  JSON.stringify((await send(mock, 'GET /_mock', undefined, { 'x-admin-key': mock.adminKey })).json.warnings)

const statuses = async (mock: MockServer, line: string, bodies: readonly unknown[]) =>
  Promise.all(bodies.map(async (body) => (await send(mock, line, body)).status))

describe('a document of OpenAPI 3.2', () => {
  it('is served without a word about its version; a later one is read as 3.2', async () => {
    const warnings = async (openapi: string) =>
      warningsOf(await start({ spec: document({ '/a': { get: ok() } }, { openapi }) }))
    expect(await warnings('3.2.0')).toBe('[]')
    expect(await warnings('3.3.0')).toContain('3.3.0 is read as 3.2')
  })

  it('has operations of further methods, and of QUERY', async () => {
    const made = { responses: { 201: { description: 'made', content: json({ const: 'copied' }) } } }
    const spec = of32({
      '/books': {
        get: ok({ const: 'books' }),
        query: { ...taking({ type: 'object', required: ['q'], properties: { q: string } }) },
        additionalOperations: { COPY: made, FROB: made },
      },
    })
    const mock = await start({ spec })
    const copy = await send(mock, 'COPY /books')
    expect([copy.status, copy.json]).toEqual([201, 'copied'])
    expect(await statuses(mock, 'QUERY /books', [{ q: 'a' }, {}])).toEqual([204, 400])
    const { status, headers } = await send(mock, 'DELETE /books')
    expect([status, headers.get('allow')]).toEqual([405, 'COPY, GET, HEAD, OPTIONS, QUERY'])
    expect(await warningsOf(mock)).toMatch(/FROB.*not served/)
  })

  it('describes the whole query by one schema, as a form or as JSON', async () => {
    const term = { type: 'object', required: ['term'], properties: { term: string, page: integer } }
    const whole = (type: string, required: boolean) => ({
      parameters: [{ name: 'q', in: 'querystring', required, content: { [type]: { schema: term } } }],
      ...done,
    })
    const spec = of32({
      '/form': { get: whole('application/x-www-form-urlencoded', true) },
      '/free': { get: whole('application/x-www-form-urlencoded', false) },
      '/json': { get: whole('application/json', true) },
    })
    const mock = await start({ spec })
    const refusal = async (path: string) => {
      const { status, text } = await send(mock, `GET ${path}`)
      return status === 204 ? '' : `${status} ${text}`
    }
    expect(await refusal('/form?term=a+b&page=2')).toBe('')
    expect(await refusal('/form?nope=1')).toMatch(/^400 .*term/)
    expect(await refusal('/form?term=a&page=x')).toMatch(/^400 .*page/)
    expect(await refusal('/form')).toMatch(/^400/)
    expect(await refusal('/free')).toBe('')
    expect(await refusal(`/json?${encodeURIComponent('{"term":"a"}')}`)).toBe('')
    expect(await refusal(`/json?${encodeURIComponent('{"page":1}')}`)).toMatch(/^400 .*term/)
    expect(await refusal('/json?term=a')).toMatch(/^400 .*JSON/)
    expect(await refusal('/json')).toMatch(/^400 .*required/)
  })

  it('narrows, sorts and pages a list by the members of a whole query as by parameters', async () => {
    const pet = object({ id: { ...integer, readOnly: true }, name: string, kind: string, age: integer }, 'id')
    const members = {
      kind: string,
      limit: integer,
      page: { ...integer, minimum: 0 },
      order: { ...string, 'x-mock-query': 'sort' },
      of: { ...string, 'x-mock-filter': 'name' },
    }
    const asParameters = Object.entries(members).map(([name, schema]) => ({
      ...{ name, in: 'query', schema },
      ...Object.fromEntries(Object.entries(schema).filter(([key]) => key.startsWith('x-'))),
    }))
    const whole = (type: string) => [
      {
        name: 'q',
        in: 'querystring',
        content: { [type]: { schema: { $ref: '#/components/schemas/Query' } } },
      },
    ]
    const listOf = async (parameters: readonly object[], spell: (query: object) => string) => {
      const list = { parameters, ...ok({ type: 'array', items: pet }) }
      const components = { schemas: { Query: object(members) } }
      const mock = await start({
        spec: of32({ '/pets': { get: list, post: { ...taking(pet), ...ok(pet) } } }, { components }),
        seedItems: 0,
      })
      for (const [name, kind, age] of [
        ['a', 'cat', 3],
        ['b', 'dog', 1],
        ['c', 'cat', 2],
      ])
        await send(mock, 'POST /pets', { name, kind, age })
      const queries = [
        { kind: 'cat' },
        { limit: 2, page: 0 },
        { limit: 2, page: 1 },
        { order: 'age', limit: 3 },
        { of: 'b' },
        { kind: 'cat', limit: 1, page: 1 },
      ]
      const names = queries.map(async (query) =>
        (await send(mock, `GET /pets?${spell(query)}`)).json
          .map(({ name }: { name: string }) => name)
          .join(''),
      )
      return Promise.all(names)
    }
    const pairs = (query: object) => new URLSearchParams(query as Record<string, string>).toString()
    const expected = ['ac', 'ab', 'c', 'bca', 'b', 'c']
    expect(await listOf(asParameters, pairs)).toEqual(expected)
    expect(await listOf(whole('application/x-www-form-urlencoded'), pairs)).toEqual(expected)
    const json = (query: object) => encodeURIComponent(JSON.stringify(query))
    expect(await listOf(whole('application/json'), json)).toEqual(expected)
  })

  it('finds members of a whole query by whatever names they have', async () => {
    const seen: unknown[] = []
    const content = { 'application/json': { schema: { type: 'object' } } }
    const parameters = [{ name: 'q', in: 'querystring', required: true, content }]
    const mock = await start({
      spec: of32({ '/json': { get: { operationId: 'read', parameters, ...done } } }),
      handlers: {
        read({ request: { parameters } }) {
          const { query } = parameters
          seen.push(Object.getPrototypeOf(query), JSON.stringify(query))
          return { status: 204 }
        },
      },
    })
    const sent = '{"__proto__":{"a":1},"constructor":2}'
    const reply = await send(mock, `GET /json?${encodeURIComponent(sent)}`)
    expect([reply.status, reply.text]).toEqual([204, ''])
    expect(seen).toEqual([expect.toSatisfy((prototype) => Object(prototype).a === undefined), sent])
  })

  it('names the alternative for values that the discriminator does not know, and for none', async () => {
    const schemas = {
      Cat: {
        type: 'object',
        required: ['kind', 'meow'],
        properties: { kind: { const: 'Cat' }, meow: { type: 'boolean' } },
      },
      Other: { type: 'object', required: ['noise'], properties: { kind: string, noise: integer } },
    }
    const oneOf = [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Other' }]
    for (const defaultMapping of ['Other', '#/components/schemas/Other']) {
      const pet = { oneOf, discriminator: { propertyName: 'kind', defaultMapping } }
      const mock = await start({
        spec: of32({ '/pets': { post: taking(pet) } }, { components: { schemas } }),
      })
      const bodies = [
        { noise: 1 },
        { kind: 'Cow', noise: 1 },
        { kind: 'Cow' },
        { kind: 'Cat', noise: 1 },
        { kind: 'Cat', meow: true },
      ]
      expect(await statuses(mock, 'POST /pets', bodies)).toEqual([204, 204, 400, 400, 204])
    }
  })

  it('asks for what a security requirement names by reference, and for a token of the device flow', async () => {
    const device = {
      type: 'oauth2',
      deprecated: true,
      oauth2MetadataUrl: 'https://a.test/m',
      flows: {
        deviceAuthorization: {
          deviceAuthorizationUrl: 'https://a.test/d',
          tokenUrl: 'https://a.test/t',
          scopes: {},
        },
      },
    }
    const security = [{ '#/components/securitySchemes/device': [] }]
    const servers = [{ url: 'https://a.test/v1', name: 'production' }]
    const mock = await start({
      spec: of32(
        { '/a': { get: { ...done, security } } },
        { servers, components: { securitySchemes: { device } } },
      ),
    })
    expect((await send(mock, 'GET /v1/a')).status).toBe(401)
    expect((await send(mock, 'GET /v1/a', undefined, { authorization: 'Bearer t' })).status).toBe(204)
    expect(await warningsOf(mock)).toBe('[]')
  })
})

describe('a dynamic reference', () => {
  const list = (id: string, item: object) => ({
    $id: id,
    $defs: { item: { $dynamicAnchor: 'T', ...item } },
    $ref: '#/components/schemas/List',
  })
  const schemas = {
    List: {
      $id: 'https://a.test/list',
      type: 'object',
      required: ['items'],
      properties: { items: { type: 'array', minItems: 1, items: { $dynamicRef: '#T' } } },
      $defs: { any: { $dynamicAnchor: 'T' } },
    },
    Numbers: list('https://a.test/numbers', integer),
    Names: list('https://a.test/names', { ...string, minLength: 2 }),
    Tree: {
      $dynamicAnchor: 'node',
      type: 'object',
      properties: { data: true, children: { type: 'array', items: { $dynamicRef: '#node' } } },
    },
    StrictTree: { $dynamicAnchor: 'node', $ref: '#/components/schemas/Tree', unevaluatedProperties: false },
  }
  const at = (name: string) => ({ $ref: `#/components/schemas/${name}` })
  const spec = document(
    Object.fromEntries(
      Object.keys(schemas).map((name) => [`/${name}`, { get: ok(at(name)), post: taking(at(name)) }]),
    ),
    { components: { schemas } },
  )

  it('means the item that each list binds, in requests and in answers', async () => {
    const mock = await start({ spec, stateful: false })
    const bodies = [{ items: [1] }, { items: ['ab'] }, { items: ['a'] }]
    expect(await statuses(mock, 'POST /Numbers', bodies)).toEqual([204, 400, 400])
    expect(await statuses(mock, 'POST /Names', bodies)).toEqual([400, 204, 400])
    expect(await statuses(mock, 'POST /List', bodies)).toEqual([204, 204, 204])
    expect((await send(mock, 'GET /Numbers')).json.items[0]).toBeTypeOf('number')
    expect((await send(mock, 'GET /Names')).json.items[0]).toBeTypeOf('string')
  })

  it('holds every level of a tree to the outermost schema', async () => {
    const mock = await start({ spec, stateful: false })
    const tree = fc.letrec<{ tree: object }>((tie) => ({
      tree: fc.record(
        { data: fc.integer(), children: fc.array(tie('tree'), { maxLength: 2 }) },
        { requiredKeys: [] },
      ),
    })).tree
    await fc.assert(
      fc.asyncProperty(tree, fc.nat({ max: 3 }), async (value, depth) => {
        const stray = Array.from({ length: depth }).reduce<object>((inner) => ({ children: [inner] }), {
          daat: 1,
        })
        expect(await statuses(mock, 'POST /StrictTree', [value, stray])).toEqual([204, 400])
        expect(await statuses(mock, 'POST /Tree', [value, stray])).toEqual([204, 204])
      }),
      { numRuns: 15 },
    )
  })
})

describe('content', () => {
  it('may be a reference, to one media type or to all of them, as responses may', async () => {
    const rest = {
      components: {
        mediaTypes: { M: { schema: { const: 5 } } },
        responses: { Fine: { description: 'ok', content: json({ const: 6 }) } },
      },
      'x-content': json({ const: 7 }),
      'x-responses': { 200: { $ref: '#/components/responses/Fine' } },
    }
    const answering = (content: object) => ({ get: { responses: { 200: { description: 'ok', content } } } })
    const mock = await start({
      spec: of32(
        {
          '/one': answering({ 'application/json': { $ref: '#/components/mediaTypes/M' } }),
          '/all': answering({ $ref: '#/x-content' }),
          '/responses': { get: { responses: { $ref: '#/x-responses' } } },
        },
        rest,
      ),
    })
    const values = await Promise.all(
      ['/one', '/all', '/responses'].map(async (path) => (await send(mock, `GET ${path}`)).json),
    )
    expect(values).toEqual([5, 7, 6])
  })

  it('in a string is held against contentSchema, and made to fit it', async () => {
    const point = { type: 'object', required: ['x'], properties: { x: integer } }
    const text = { ...string, contentMediaType: 'application/json', contentSchema: point }
    const schema = { type: 'object', required: ['point'], properties: { point: text } }
    const mock = await start({
      spec: document({ '/a': { get: ok(schema), post: taking(schema) } }),
      stateful: false,
    })
    const bodies = ['{"x":1}', '{"x":"a"}', '{'].map((value) => ({ point: value }))
    expect(await statuses(mock, 'POST /a', bodies)).toEqual([204, 400, 400])
    expect((await send(mock, 'POST /a', bodies[1])).text).toContain('/point/x must be integer')
    expect(JSON.parse((await send(mock, 'GET /a')).json.point)).toEqual({ x: expect.any(Number) })
  })
})

describe('an example in a file', () => {
  it('is the answer, as data, text or bytes, wherever the document that names it stands', async () => {
    const path = await folder()
    await mkdir(join(path, 'parts'))
    const bytes = Buffer.from([0x25, 0x50, 0x00, 0xff])
    await writeFile(join(path, 'one.json'), '{"id": 77}')
    await writeFile(join(path, 'a.pdf'), bytes)
    await writeFile(join(path, 'parts', 'note.xml'), '<note/>')
    await writeFile(
      join(path, 'parts', 'note.yaml'),
      JSON.stringify({
        get: {
          responses: {
            200: {
              description: 'ok',
              content: { 'application/xml': { examples: { a: { externalValue: 'note.xml' } } } },
            },
          },
        },
      }),
    )
    const answering = (type: string, schema: object, externalValue: string) => ({
      get: {
        responses: {
          200: { description: 'ok', content: { [type]: { schema, examples: { a: { externalValue } } } } },
        },
      },
    })
    const id = { type: 'object', required: ['id'], properties: { id: integer } }
    const file = join(path, 'api.json')
    await writeFile(
      file,
      JSON.stringify(
        document({
          '/one': answering('application/json', id, './one.json'),
          '/pdf': answering('application/pdf', { ...string, format: 'binary' }, './a.pdf'),
          '/note': { $ref: './parts/note.yaml' },
          '/gone': answering('application/json', id, './gone.json'),
          '/outside': answering('application/json', id, '../../../etc/hostname'),
          '/far': answering('application/json', id, 'https://a.test/one.json'),
        }),
      ),
    )
    const mock = await start({ spec: file, stateful: false })
    expect((await send(mock, 'GET /one')).json).toEqual({ id: 77 })
    const pdf = await fetch(`${mock.url}/pdf`)
    expect(Buffer.from(await pdf.arrayBuffer())).toEqual(bytes)
    expect((await send(mock, 'GET /note')).text).toBe('<note/>')
    for (const other of ['/gone', '/outside', '/far']) {
      const { status, json } = await send(mock, `GET ${other}`)
      expect([status, json]).toEqual([200, { id: expect.any(Number) }])
    }
    const warnings = await warningsOf(mock)
    for (const other of ['gone.json', 'hostname', 'a.test']) expect(warnings).toContain(other)
    expect(warnings).not.toContain('./one.json names')
  })
})

describe('operations of one path and method', () => {
  it('are told apart by what their paths spell, in the query or in a form', async () => {
    const named = (name: string) => ({
      post: {
        ...ok({ const: name }),
        requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } },
      },
    })
    for (const mark of ['?', '#']) {
      const names = ['CreateUser', 'DeleteUser', 'ListUsers']
      const mock = await start({
        spec: document(Object.fromEntries(names.map((name) => [`/${mark}Action=${name}`, named(name)]))),
      })
      for (const name of names) {
        expect((await send(mock, `POST /?Version=1&Action=${name}`)).json).toBe(name)
        const form = { 'content-type': 'application/x-www-form-urlencoded' }
        expect((await send(mock, 'POST /', `Version=1&Action=${name}`, form)).json).toBe(name)
      }
      if (mark === '?')
        expect(
          (await send(mock, 'POST /', 'Action=Nope', { 'content-type': 'application/x-www-form-urlencoded' }))
            .status,
        ).toBe(405)
    }
  })

  it('are told apart by the media type that they take', async () => {
    const taking = (type: string, name: string) => ({
      post: { ...ok({ const: name }), requestBody: { content: { [type]: { schema: { type: 'object' } } } } },
    })
    const mock = await start({
      spec: document({
        '/x#POST-json': taking('application/json', 'json'),
        '/x#POST-form': taking('application/x-www-form-urlencoded', 'form'),
      }),
    })
    expect((await send(mock, 'POST /x', { a: 1 })).json).toBe('json')
    expect(
      (await send(mock, 'POST /x', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' })).json,
    ).toBe('form')
  })
})
