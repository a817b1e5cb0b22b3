// What a request may look like, and how everything wrong with it is told at once.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HandlerContext, MockServer } from '../src/index.js'
import { document, ok, send, start } from './harness.js'

/** A mock of one operation that answers with what it was given. */
async function echo(operation: object, path = '/echo', method = 'get'): Promise<MockServer> {
  const spec = document({ [path]: { [method]: { operationId: 'echo', ...ok({}), ...operation } } })
  const answer = ({ request: { parameters, body } }: HandlerContext) => ({
    body: { ...parameters, body: body ?? null },
  })
  return start({ spec, handlers: { echo: answer } })
}

const parameter = (name: string, schema: object, rest: object = {}) => ({
  name,
  in: 'query',
  required: true,
  schema,
  ...rest,
})
const numbers = { type: 'array', items: { type: 'integer' } }
const point = {
  type: 'object',
  properties: { x: { type: 'integer' }, y: { type: 'integer' } },
  required: ['x'],
}

describe('a query parameter', () => {
  it.each([
    ['form, exploded', parameter('v', numbers), 'v=1&v=2', [1, 2]],
    ['form, not exploded', parameter('v', numbers, { explode: false }), 'v=1,2', [1, 2]],
    ['space', parameter('v', numbers, { style: 'spaceDelimited', explode: false }), 'v=1%202', [1, 2]],
    ['pipe', parameter('v', numbers, { style: 'pipeDelimited', explode: false }), 'v=1|2', [1, 2]],
    ['brackets', parameter('v', numbers), 'v[]=1&v[]=2', [1, 2]],
    ['deepObject', parameter('v', point, { style: 'deepObject' }), 'v[x]=1&v[y]=2', { x: 1, y: 2 }],
    ['object, exploded', parameter('v', point), 'x=1&y=2', { x: 1, y: 2 }],
    [
      'object, exploded, without any of its members',
      parameter('v', { type: 'object', properties: point.properties }),
      '',
      {},
    ],
    ['object, not exploded', parameter('v', point, { explode: false }), 'v=x,1,y,2', { x: 1, y: 2 }],
    [
      'content',
      { name: 'v', in: 'query', content: { 'application/json': { schema: point } } },
      'v=%7B%22x%22%3A1%7D',
      { x: 1 },
    ],
    ['boolean', parameter('v', { type: 'boolean' }), 'v=true', true],
    ['either', parameter('v', { anyOf: [{ type: 'integer' }, { type: 'string', enum: ['all'] }] }), 'v=3', 3],
    ['text that looks like a number', parameter('v', { type: 'string' }), 'v=007', '007'],
    ['plus for a space', parameter('v', { type: 'string' }), 'v=a+b%2Bc', 'a b+c'],
    ['default', { ...parameter('v', { type: 'integer', default: 5 }), required: false }, '', 5],
    ['list or null, repeated', parameter('v', { anyOf: [numbers, { type: 'null' }] }), 'v=1&v=2', [1, 2]],
    ['list or null, one', parameter('v', { anyOf: [numbers, { type: 'null' }] }), 'v=1', [1]],
    ['list by two types', parameter('v', { ...numbers, type: ['array', 'null'] }), 'v=1', [1]],
    ['number or list, one', parameter('v', { oneOf: [{ type: 'integer' }, numbers] }), 'v=1', 1],
    ['number or list, two', parameter('v', { oneOf: [{ type: 'integer' }, numbers] }), 'v=1&v=2', [1, 2]],
    ['commas where names should be repeated', parameter('v', numbers), 'v=1,2', [1, 2]],
    ['commas that a library has encoded', parameter('v', numbers, { explode: false }), 'v=1%2C2', [1, 2]],
    ['a comma in a text', parameter('v', { type: 'array', items: { type: 'string' } }), 'v=a,b', ['a,b']],
    ['indexes', parameter('v', numbers), 'v[0]=1&v[1]=2', [1, 2]],
    ['a list as JSON', parameter('v', numbers), 'v=[1,2]', [1, 2]],
    ['an object as JSON', parameter('v', point), 'v={"x":1}', { x: 1 }],
    [
      'objects in a list',
      parameter('v', { type: 'array', items: point }),
      'v[0][x]=1&v[1][x]=2',
      [{ x: 1 }, { x: 2 }],
    ],
    ['Python’s boolean', parameter('v', { type: 'boolean' }), 'v=True', true],
    ['PHP’s boolean', parameter('v', { type: 'boolean' }), 'v=0', false],
    ['a whole number with a point', parameter('v', { type: 'integer' }), 'v=5.0', 5],
    ['no number', { ...parameter('v', { type: 'integer', default: 5 }), required: false }, 'v=', 5],
    ['nothing', parameter('v', { type: ['integer', 'null'] }), 'v=', null],
  ])('is read by its style: %s', async (_name, own, query, expected) => {
    const mock = await echo({ parameters: [own] })
    expect((await send(mock, `GET /echo?${query}`)).json.query.v).toEqual(expected)
  })

  it.each([
    ['without them', 'v=1&v=2'],
    ['with indexes', 'v[0]=1&v[1]=2'],
    ['as it is called', 'v[]=1&v[]=2'],
  ])('whose name has the brackets of a list may be sent %s', async (_name, query) => {
    const mock = await echo({ parameters: [parameter('v[]', numbers)] })
    expect((await send(mock, `GET /echo?${query}`)).json.query['v[]']).toEqual([1, 2])
  })

  it('that nobody described is passed over', async () => {
    const mock = await echo({ parameters: [parameter('v', { type: 'integer' })] })
    expect((await send(mock, 'GET /echo?v=1&utm_source=x&v2[]=2')).json.query).toEqual({ v: 1 })
  })

  it.each(['v=ten', 'v=1,ten', 'v=1&v=ten', 'v[0]=ten', 'v=[1,"ten"]'])(
    'of numbers is refused when one is none: %s',
    async (query) => {
      const mock = await echo({ parameters: [parameter('v', numbers)] })
      expect((await send(mock, `GET /echo?${query}`)).status).toBe(400)
    },
  )

  it('is refused with all the others that are wrong', async () => {
    const mock = await echo({
      parameters: [
        parameter('a', { type: 'integer', maximum: 9 }),
        parameter('b', { enum: ['x', 'y'] }),
        parameter('c', {}),
      ],
    })
    const { status, json } = await send(mock, 'GET /echo?a=ten&b=z')
    expect(status).toBe(400)
    expect(json.message).toBe(
      'Validation failed: query a must be integer; query b must be one of ["x","y"]; query c is required',
    )
  })

  it('cannot be sent a hundred thousand times, nor nested a thousand levels', async () => {
    const mock = await echo({
      parameters: [{ ...parameter('a', point, { style: 'deepObject' }), required: false }],
    })
    expect((await send(mock, `GET /echo?${'a&'.repeat(5_000)}`)).status).toBe(400)
    expect((await send(mock, `GET /echo?a${'[b]'.repeat(1_000)}=1`)).status).toBe(400)
  })
})

describe('path, header and cookie parameters', () => {
  it('that no path has a place for are not asked for', async () => {
    const mock = await start({
      spec: document({
        '/a': {
          parameters: [{ name: 'gone', in: 'path', required: true, schema: { type: 'integer' } }],
          get: { responses: { 204: { description: 'OK' } } },
        },
      }),
    })
    expect((await send(mock, 'GET /a')).status).toBe(204)
  })

  it('are read by their styles', async () => {
    const parameters = [
      { name: 'label', in: 'path', required: true, style: 'label', explode: true, schema: numbers },
      { name: 'matrix', in: 'path', required: true, style: 'matrix', schema: point },
      { name: 'X-Ids', in: 'header', schema: numbers },
      { name: 'session', in: 'cookie', schema: { type: 'integer' } },
    ]
    const mock = await echo({ parameters }, '/p/{label}/{matrix}')
    const { json } = await send(mock, 'GET /p/.1.2/;matrix=x,1,y,2', undefined, {
      'x-ids': '3, 4',
      cookie: 'a=1; session=5',
    })
    expect(json).toMatchObject({
      path: { label: [1, 2], matrix: { x: 1, y: 2 } },
      header: { 'X-Ids': [3, 4] },
      cookie: { session: 5 },
    })
    expect((await send(mock, 'GET /p/.1.x/;matrix=y,2')).json.message).toContain(
      'path label/1 must be integer; path matrix must have the property "x"',
    )
  })
})

const body = (type: string, schema: object, rest: object = {}) => ({
  requestBody: { required: true, content: { [type]: { schema, ...rest } } },
})
const person = {
  type: 'object',
  required: ['id', 'name'],
  properties: {
    id: { type: 'integer', readOnly: true },
    name: { type: 'string', maxLength: 3 },
    age: { type: 'integer' },
    email: { type: 'string', format: 'email' },
  },
}

describe('a body', () => {
  it('names every fault with its place', async () => {
    const mock = await echo(body('application/json', person), '/echo', 'post')
    const { status, json } = await send(mock, 'POST /echo', { name: 'Adam', age: '5', email: 'no' })
    expect(status).toBe(400)
    for (const part of [
      'body /name must NOT have more than 3 characters',
      'body /age must be integer',
      'body /email must match format "email"',
    ]) {
      expect(json.message).toContain(part)
    }
    expect((await send(mock, 'POST /echo')).json.message).toContain('body is required')
  })

  it('may say what the document itself shows, though its schema says otherwise, and nothing else that is wrong', async () => {
    const hours = {
      type: 'object',
      required: ['from', 'days'],
      properties: {
        from: { type: 'string', format: 'time', example: '09:00:00' },
        days: { type: 'array', items: { type: 'integer' } },
      },
    }
    const operation = {
      parameters: [
        { name: 'zone', in: 'query', example: 'utc', schema: { type: 'string', minLength: 5 } },
        { name: 'limit', in: 'query', schema: { type: 'integer' } },
      ],
      requestBody: {
        content: {
          'application/json': { schema: hours, examples: { week: { value: { days: 'Mon-Fri' } } } },
        },
      },
      ...ok({ type: 'object' }),
    }
    const mock = await start({ spec: document({ '/hours': { post: operation } }) })
    const status = async (query: string, sent: unknown) =>
      (await send(mock, `POST /hours${query}`, sent)).status
    expect(await status('?zone=utc', { from: '09:00:00', days: [1] })).toBe(200)
    expect(await status('', { from: '10:00:00Z', days: 'Mon-Fri' })).toBe(200)
    expect(await status('?zone=gmt', { from: '09:00:00', days: [1] })).toBe(400)
    expect(await status('', { from: '10:00', days: [1] })).toBe(400)
    expect(await status('', { days: 'Mon-Fri', from: 5 })).toBe(400)
    // As a whole, the example lacks a member that has to be there.
    expect(await status('', { days: 'Mon-Fri' })).toBe(200)
    expect(await status('', { days: 'Mon-Sun' })).toBe(400)
  })

  it('needs no readOnly members', async () => {
    const mock = await echo(body('application/json', person), '/echo', 'post')
    expect((await send(mock, 'POST /echo', { name: 'Ada' })).json.body).toEqual({ name: 'Ada' })
  })

  it.each([
    ['', {}],
    [', beside unevaluatedProperties', { unevaluatedProperties: false }],
  ])('follows its discriminator and hears of that alternative only%s', async (_name, rest) => {
    const schema = {
      oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
      discriminator: { propertyName: 'kind', mapping: { dog: '#/components/schemas/Dog' } },
      ...rest,
    }
    const schemas = {
      Cat: {
        type: 'object',
        required: ['kind', 'lives'],
        properties: { kind: { type: 'string' }, lives: { type: 'integer' } },
      },
      Dog: {
        type: 'object',
        required: ['kind', 'bark'],
        properties: { kind: { type: 'string' }, bark: { type: 'string', maxLength: 5 } },
      },
    }
    const spec = document(
      { '/pets': { post: { ...body('application/json', schema), ...ok() } } },
      { components: { schemas } },
    )
    const mock = await start({ spec })
    const answer = async (pet: unknown) => {
      const { status, json } = await send(mock, 'POST /pets', pet)
      return status === 200 ? status : json.message
    }
    const prefix = 'Validation failed: body'
    expect(await answer({ kind: 'dog', bark: 'wuff' })).toBe(200)
    expect(await answer({ kind: 'Cat', lives: 9 })).toBe(200)
    expect(await answer({ kind: 'dog' })).toBe(`${prefix} must have the property "bark"`)
    expect(await answer({ kind: 'Cat', lives: 'nine' })).toBe(`${prefix} /lives must be integer`)
    expect(await answer({ kind: 'cow' })).toBe(`${prefix} /kind must be one of ["Cat","dog"]`)
    expect(await answer({ bark: 'wuff' })).toBe(`${prefix} must have the property "kind"`)
    expect(await answer([])).toBe(`${prefix} must be object`)
  })

  describe('of which no alternative fits', () => {
    const card = {
      type: 'object',
      required: ['object', 'number', 'cvc'],
      properties: { object: { const: 'card' }, number: { type: 'string' }, cvc: { type: 'integer' } },
    }
    const account = {
      type: 'object',
      required: ['object', 'bank', 'country'],
      properties: { object: { const: 'account' }, bank: { type: 'string' }, country: { type: 'string' } },
    }
    const tree = {
      type: 'object',
      required: ['children'],
      properties: {
        object: { const: 'tree' },
        children: { type: 'array', items: { $ref: '#/components/schemas/Source' } },
      },
    }
    const source = { anyOf: [{ $ref: '#/components/schemas/Tree' }, card, account, { type: 'string' }] }
    const schemas = { Source: source, Tree: tree }

    it.each([
      ['by its tag', { object: 'card', number: '42' }, 'must have the property "cvc"'],
      [
        'by its tag, however much it lacks',
        { object: 'account', number: '42', cvc: 3 },
        'must have the property "bank"',
      ],
      ['by its kind', { children: 3 }, '/children must be array'],
      [
        'in the depth of a tree',
        { children: [{ children: [{ object: 'card', number: '4', cvc: 'x' }] }] },
        'cvc',
      ],
    ])('hears of the one that it is nearest to: %s', async (_name, sent, expected) => {
      const request = {
        post: { ...body('application/json', { $ref: '#/components/schemas/Source' }), ...ok() },
      }
      const mock = await start({ spec: document({ '/sources': request }, { components: { schemas } }) })
      const { status, json } = await send(mock, 'POST /sources', sent)
      expect(status).toBe(400)
      expect(json.message).toContain(expected)
      for (const other of 'object' in sent && sent.object === 'account'
        ? ['cvc', 'number']
        : ['bank', 'country'])
        expect(json.message).not.toContain(`"${other}"`)
    })

    it('hears nothing of members that no alternative could take', async () => {
      const closed = { anyOf: [card, account], unevaluatedProperties: false }
      const mock = await echo(body('application/json', closed), '/echo', 'post')
      const { json } = await send(mock, 'POST /echo', { object: 'card', number: '42', cvc: 'x' })
      expect(json.message).toBe(
        'Validation failed: body /cvc must be integer; body must match a schema in anyOf',
      )
    })

    it('hears of all that are as near as each other', async () => {
      const either = { type: 'object', anyOf: [{ required: ['email'] }, { required: ['phone'] }] }
      const mock = await echo(body('application/json', either), '/echo', 'post')
      const { json } = await send(mock, 'POST /echo', {})
      expect(json.message).toMatch(/"email".*"phone"/)
    })

    it('hears that two fit where one may, and not why a third does not', async () => {
      const one = { oneOf: [card, { required: ['a'] }, { required: ['b'] }] }
      const mock = await echo(body('application/json', one), '/echo', 'post')
      const { json } = await send(mock, 'POST /echo', { a: 1, b: 2 })
      expect(json.message).toBe('Validation failed: body must match exactly one schema in oneOf')
    })

    it('is taken where alternatives overlap by nature, so that none could be meant alone', async () => {
      const page = (...names: readonly string[]) => ({
        type: 'object',
        required: ['page'],
        properties: {
          page: {
            type: 'object',
            properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
          },
        },
      })
      const pages = { oneOf: [page('title', 'text'), page('title')] }
      const mock = await echo(body('application/json', pages), '/echo', 'post')
      expect((await send(mock, 'POST /echo', { page: { title: 'a' } })).status).toBe(200)
      expect((await send(mock, 'POST /echo', { page: { title: 7 } })).status).toBe(400)
      expect((await send(mock, 'POST /echo', {})).status).toBe(400)
    })
  })

  describe('of which there are hundreds', () => {
    const kinds = Array.from({ length: 300 }, (_, i) => [
      `Kind${i}`,
      {
        type: 'object',
        required: ['type', `of${i}`],
        properties: { type: { type: 'string', enum: [`kind${i}`] }, [`of${i}`]: { type: 'string' } },
      },
    ])
    const all = kinds.map(([name]) => ({ $ref: `#/components/schemas/${name}` }))

    const discriminator = {
      propertyName: 'type',
      mapping: Object.fromEntries(kinds.map((_, i) => [`kind${i}`, `#/components/schemas/Kind${i}`])),
    }

    it.each([
      ['of any', { anyOf: all }],
      ['of one', { oneOf: all }],
      ['by a discriminator', { oneOf: all, discriminator }],
    ])('keeps what one of them has, and tells of that one only: %s', async (_name, schema) => {
      const thing = { schema }
      const answer = { description: 'OK', content: { 'application/json': thing } }
      const list = { ...thing, schema: { type: 'array', items: thing.schema } }
      const spec = document(
        {
          '/things': {
            get: { responses: { 200: { ...answer, content: { 'application/json': list } } } },
            post: { ...body('application/json', thing.schema), responses: { 201: answer } },
          },
        },
        { components: { schemas: Object.fromEntries(kinds) } },
      )
      const mock = await start({ spec, seedItems: 0 })
      const { status, json } = await send(mock, 'POST /things', { type: 'kind299', of299: 'hi' })
      expect([status, json]).toEqual([201, { type: 'kind299', of299: 'hi' }])
      expect((await send(mock, 'GET /things')).json).toEqual([{ type: 'kind299', of299: 'hi' }])
      const refused = await send(mock, 'POST /things', { type: 'kind298', of299: 'hi' })
      expect(refused.status).toBe(400)
      expect(refused.json.message).toContain('must have the property "of298"')
      expect(refused.json.message).not.toContain('of0')
      expect((await send(mock, 'POST /things', { type: 'kind300', of299: 'hi' })).status).toBe(400)
    })

    it('accepts and refuses what it would if they were few', async () => {
      const name = fc.constantFrom('a', 'b', '__proto__', 'x/y')
      const value = fc.constantFrom<unknown>(1, 1.5, 'a', 'b', null, true, [], {}, { a: 1 })
      const member = fc.oneof(
        fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => ({ enum: values })),
        value.map((one) => ({ const: one })),
        fc.constantFrom<object>(
          { type: 'string' },
          { type: ['null', 'number'] },
          { $ref: '#/components/schemas/A' },
        ),
      )
      const { one: alternative } = fc.letrec<{ one: object }>((tie) => ({
        one: fc.record(
          {
            type: fc.constantFrom<unknown>(
              'object',
              'array',
              'integer',
              ['object', 'null'],
              ['string', 'number'],
            ),
            required: fc.uniqueArray(name, { maxLength: 2 }),
            properties: fc.dictionary(name, member, { maxKeys: 2 }),
            allOf: fc.array(
              fc.oneof({ maxDepth: 1 }, fc.constant({ $ref: '#/components/schemas/A' }), tie('one')),
              {
                maxLength: 2,
              },
            ),
          },
          { requiredKeys: [] },
        ),
      }))
      const sent = fc.oneof(value, fc.dictionary(name, value, { maxKeys: 3 }))
      const never = Array.from({ length: 70 }, () => ({ const: 'never' }))
      const cases = fc.record({
        keyword: fc.constantFrom('anyOf', 'oneOf'),
        few: fc.array(alternative, { minLength: 1, maxLength: 4 }),
        A: alternative,
        bodies: fc.array(sent, { minLength: 5, maxLength: 10 }),
      })
      await fc.assert(
        fc.asyncProperty(cases, async ({ keyword, few, A, bodies }) => {
          const post = (schema: object) => ({ post: { ...body('application/json', schema), ...ok() } })
          const paths = { '/few': post({ [keyword]: few }), '/many': post({ [keyword]: [...never, ...few] }) }
          const mock = await start({
            spec: document(paths, { openapi: '3.1.0', components: { schemas: { A } } }),
          })
          for (const one of bodies) {
            const [asFew, asMany] = [await send(mock, 'POST /few', one), await send(mock, 'POST /many', one)]
            expect(asMany.status).toBe(asFew.status)
          }
          await mock.close()
        }),
        { numRuns: 40 },
      )
    }, 120_000)
  })

  it('has its members held against hundreds of names and patterns as against few', async () => {
    const name = fc.constantFrom('a', 'b', 'xa', 'xb', 'constructor', 'x/y')
    const value = fc.constantFrom<unknown>(1, 1.5, 'a', null, true, [], {}, { a: 1 })
    const schema = fc.constantFrom<unknown>(true, false, { type: 'string' }, { type: ['null', 'number'] }, {})
    const pattern = fc.constantFrom('^x', 'a$', '^a', '/')
    const cases = fc.record({
      members: fc.record(
        {
          properties: fc.dictionary(name, schema, { maxKeys: 3 }),
          patternProperties: fc.dictionary(pattern, schema, { maxKeys: 2 }),
          additionalProperties: schema,
          required: fc.uniqueArray(name, { maxLength: 1 }),
        },
        { requiredKeys: [] },
      ),
      key: fc.constantFrom<'properties' | 'patternProperties'>('properties', 'patternProperties'),
      bodies: fc.array(fc.dictionary(name, value, { maxKeys: 4 }), { minLength: 5, maxLength: 10 }),
    })
    const faultsIn = (json: { message?: string } | undefined) =>
      json?.message?.replace('Validation failed: ', '').split('; ').sort()
    const more = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`^never${i}$`, false]))
    await fc.assert(
      fc.asyncProperty(cases, async ({ members, key, bodies }) => {
        const post = (rest: object) => ({
          post: { ...body('application/json', { type: 'object', ...members, ...rest }), ...ok() },
        })
        const paths = { '/few': post({}), '/many': post({ [key]: { ...more, ...members[key] } }) }
        const mock = await start({ spec: document(paths, { openapi: '3.1.0' }) })
        for (const one of bodies) {
          const [asFew, asMany] = [await send(mock, 'POST /few', one), await send(mock, 'POST /many', one)]
          expect([asMany.status, faultsIn(asMany.json)]).toEqual([asFew.status, faultsIn(asFew.json)])
        }
        await mock.close()
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  it('may be a form, with brackets and repeated names', async () => {
    const schema = {
      type: 'object',
      properties: {
        amount: { type: 'integer' },
        card: { type: 'object', properties: { exp: { type: 'array', items: { type: 'integer' } } } },
        tags: { type: 'array', items: { type: 'string' } },
      },
      required: ['amount'],
    }
    const mock = await echo(body('application/x-www-form-urlencoded', schema), '/echo', 'post')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const { json } = await send(mock, 'POST /echo', 'amount=5&card[exp][]=1&card[exp][]=2&tags=a', form)
    expect(json.body).toEqual({ amount: 5, card: { exp: [1, 2] }, tags: ['a'] })
    expect((await send(mock, 'POST /echo', 'amount=five', form)).status).toBe(400)
    expect((await send(mock, 'POST /echo', '', form)).json.message).toContain(
      'must have the property "amount"',
    )
  })

  it('may be a form whose lists are in one field each, with the separator that is described', async () => {
    const properties = { ids: numbers, tags: { type: 'array', items: { type: 'string' } }, others: numbers }
    const encoding = { ids: { explode: false }, tags: { style: 'pipeDelimited', explode: false } }
    const content = {
      'application/x-www-form-urlencoded': { schema: { type: 'object', properties }, encoding },
    }
    const mock = await echo({ requestBody: { content } }, '/echo', 'post')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const sent = async (text: string) => (await send(mock, 'POST /echo', text, form)).json.body
    expect(await sent('ids=1,2&tags=a%2Cb|c')).toEqual({ ids: [1, 2], tags: ['a,b', 'c'] })
    expect(await sent('ids=1&ids=2&tags=a&others=1,2')).toEqual({ ids: [1, 2], tags: ['a'], others: [1, 2] })
  })

  it('may be a form of Swagger 2.0, whose lists have commas unless something else is said', async () => {
    const list = (name: string, rest: object = {}) => ({
      ...{ name, in: 'formData', type: 'array', items: { type: 'integer' } },
      ...rest,
    })
    const parameters = [
      list('ids'),
      list('tags', { collectionFormat: 'pipes' }),
      list('more', { collectionFormat: 'multi' }),
    ]
    const post = {
      operationId: 'echo',
      consumes: ['application/x-www-form-urlencoded'],
      parameters,
      responses: { 200: {} },
    }
    const spec = { swagger: '2.0', info: { title: 'Test', version: '1' }, paths: { '/echo': { post } } }
    const mock = await start({ spec, handlers: { echo: ({ request }) => ({ body: request.body }) } })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await send(mock, 'POST /echo', 'ids=1,2&tags=3|4&more=5&more=6', form)).json).toEqual({
      ids: [1, 2],
      tags: [3, 4],
      more: [5, 6],
    })
    expect((await send(mock, 'POST /echo', 'ids=1,x', form)).status).toBe(400)
  })

  it('may have members of forms in brackets, as deep as lists of objects', async () => {
    const item = { type: 'object', required: ['price'], properties: { price: { type: 'integer' } } }
    const properties = {
      items: { type: 'array', items: item },
      metadata: { type: 'object', additionalProperties: { type: 'string' } },
      expand: { type: 'array', items: { type: 'string' } },
    }
    const mock = await echo(
      body('application/x-www-form-urlencoded', { type: 'object', properties }),
      '/echo',
      'post',
    )
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const sent = 'items[0][price]=5&items[1][price]=6&metadata[k]=1&expand[]=a&expand[]=b'
    expect((await send(mock, 'POST /echo', sent, form)).json.body).toEqual({
      items: [{ price: 5 }, { price: 6 }],
      metadata: { k: '1' },
      expand: ['a', 'b'],
    })
    expect((await send(mock, 'POST /echo', 'items[0][price]=five', form)).status).toBe(400)
  })

  it.each(['application/json', 'multipart/form-data', 'application/octet-stream'])(
    'that is described as bytes may be anything, as %s',
    async (type) => {
      const mock = await echo(body(type, { type: 'string', format: 'binary' }), '/echo', 'post')
      const form = new FormData()
      form.set('file', new Blob(['hello']), 'a.txt')
      const json = { 'content-type': 'application/json' }
      expect((await send(mock, 'POST /echo', { name: 'acme' })).status).toBe(200)
      expect((await send(mock, 'POST /echo', 'no JSON', json)).status).toBe(200)
      expect((await send(mock, 'POST /echo', form)).status).toBe(200)
      expect((await send(mock, 'POST /echo', '\x89PNG', { 'content-type': 'image/png' })).status).toBe(200)
    },
  )

  it('without a media type is read as JSON where it looks like it', async () => {
    const form = { schema: { type: 'object' } }
    const content = { 'application/x-www-form-urlencoded': form, 'application/json': { schema: person } }
    const mock = await echo({ requestBody: { content } }, '/echo', 'post')
    const bytes = new TextEncoder().encode('{"name":"Ann"}')
    const response = await fetch(`${mock.url}/echo`, { method: 'POST', body: bytes })
    expect((await response.json()) as object).toMatchObject({ body: { name: 'Ann' } })
  })

  it('may be YAML where that is described', async () => {
    const mock = await echo(body('application/apply-patch+yaml', person), '/echo', 'post')
    const yaml = { 'content-type': 'application/apply-patch+yaml' }
    expect((await send(mock, 'POST /echo', 'name: Ann\n', yaml)).json.body).toEqual({ name: 'Ann' })
    expect((await send(mock, 'POST /echo', 'name: 5\n', yaml)).status).toBe(400)
    expect((await send(mock, 'POST /echo', '{', yaml)).status).toBe(400)
  })

  it('may remove members by a merge patch, whatever their types, and be a JSON patch beside it', async () => {
    const patch = { schema: { type: 'object', properties: { nick: { type: 'string' }, meta: point } } }
    const content = { 'application/merge-patch+json': patch, 'application/json-patch+json': {} }
    const mock = await echo({ requestBody: { content } }, '/echo', 'patch')
    const as = (type: string) => ({ 'content-type': `application/${type}+json` })
    const merge = JSON.stringify({ nick: null, meta: { x: 1, y: null } })
    expect((await send(mock, 'PATCH /echo', merge, as('merge-patch'))).json.body).toEqual(JSON.parse(merge))
    expect((await send(mock, 'PATCH /echo', '{"nick":5}', as('merge-patch'))).status).toBe(400)
    const list = '[{"op":"remove","path":"/nick"}]'
    expect((await send(mock, 'PATCH /echo', list, as('json-patch'))).json.body).toEqual(JSON.parse(list))
  })

  it('that nobody described is passed over, and read where it is JSON', async () => {
    const mock = await echo({}, '/echo', 'delete')
    expect((await send(mock, 'DELETE /echo', { a: 1 })).json.body).toEqual({ a: 1 })
    expect((await send(mock, 'DELETE /echo', 'text', { 'content-type': 'text/plain' })).json.body).toBeNull()
  })

  it('may be multipart with files and JSON parts, and a broken one is refused', async () => {
    const schema = {
      type: 'object',
      required: ['file', 'meta'],
      properties: {
        file: { type: 'string', format: 'binary' },
        meta: { type: 'object', properties: { n: { type: 'integer' } } },
        count: { type: 'integer' },
      },
    }
    const mock = await echo(body('multipart/form-data', schema), '/echo', 'post')
    const form = new FormData()
    form.set('file', new Blob(['bytes']), 'a.bin')
    form.set('meta', '{"n":1}')
    form.set('count', '2')
    expect((await send(mock, 'POST /echo', form)).json.body).toEqual({
      file: 'bytes',
      meta: { n: 1 },
      count: 2,
    })
    const broken = { 'content-type': 'multipart/form-data; boundary=x' }
    expect((await send(mock, 'POST /echo', '--x\r\nContent-Disposition: form', broken)).status).toBe(400)
    expect((await send(mock, 'POST /echo', 'x', { 'content-type': 'multipart/form-data' })).status).toBe(400)
  })

  it('may be a form whose fields have brackets in their own names, or that is nothing but a list', async () => {
    const form = (fields: Readonly<Record<string, string>>) => {
      const sent = new FormData()
      for (const [name, value] of Object.entries(fields)) sent.set(name, value)
      return sent
    }
    const fields = { 'digital[id]': { type: 'string' }, tag: { type: 'object' } }
    const schema = { type: 'object', required: ['digital[id]'], properties: fields }
    for (const type of ['multipart/form-data', 'application/x-www-form-urlencoded']) {
      const mock = await echo(body(type, schema), '/echo', 'post')
      const text = 'digital%5Bid%5D=1&tag%5Bname%5D=a'
      const reply =
        type === 'multipart/form-data'
          ? await send(mock, 'POST /echo', form({ 'digital[id]': '1', 'tag[name]': 'a' }))
          : await send(mock, 'POST /echo', text, { 'content-type': type })
      expect(reply.json.body).toEqual({ 'digital[id]': '1', tag: { name: 'a' } })
    }
    const list = { type: 'array', items: { type: 'string' } }
    const mock = await echo(body('multipart/form-data', list), '/echo', 'post')
    expect((await send(mock, 'POST /echo', form({ a: '1', b: '2' }))).json.body).toEqual(['1', '2'])
  })

  it('may be JSON that is sent as text, as browsers send it without a preflight', async () => {
    const schema = { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } }
    const mock = await echo(body('application/json', schema), '/echo', 'post')
    const plain = { 'content-type': 'text/plain' }
    expect((await send(mock, 'POST /echo', ' {"a":1}', plain)).json.body).toEqual({ a: 1 })
    expect((await send(mock, 'POST /echo', '{"a":"x"}', plain)).status).toBe(400)
    expect((await send(mock, 'POST /echo', 'a=1', plain)).status).toBe(415)
  })

  it('must be of a described media type and charset, well-formed, not too large and not too deep', async () => {
    const spec = document({ '/echo': { post: { ...body('application/json', {}), ...ok() } } })
    const mock = await start({ spec, maxBodyBytes: 100_000 })
    const json = (charset = '') => ({ 'content-type': `application/json${charset}` })
    expect((await send(mock, 'POST /echo', '<a/>', { 'content-type': 'text/xml' })).status).toBe(415)
    expect((await send(mock, 'POST /echo', '1', json('; charset=klingon'))).status).toBe(415)
    expect((await send(mock, 'POST /echo', '1', json('; charset=utf-8'))).status).toBe(200)
    expect((await send(mock, 'POST /echo', '{"a":', json())).status).toBe(400)
    expect((await send(mock, 'POST /echo', `"${'x'.repeat(100_000)}"`, json())).status).toBe(413)
    expect((await send(mock, 'POST /echo', '['.repeat(40_000) + ']'.repeat(40_000), json())).status).toBe(400)
  })
})

describe('what is written otherwise than the document says', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }

  it('is refused: reserved letters in a form field that allows none', async () => {
    const content = (allowReserved: boolean | undefined) => ({
      'application/x-www-form-urlencoded': {
        schema: { type: 'object', properties: { url: { type: 'string' }, other: { type: 'string' } } },
        encoding: { url: allowReserved === undefined ? {} : { allowReserved } },
      },
    })
    for (const allowReserved of [true, false, undefined]) {
      const post = {
        requestBody: { content: content(allowReserved) },
        responses: { 204: { description: 'ok' } },
      }
      const mock = await start({ spec: document({ '/f': { post } }) })
      const status = async (body: string) => (await send(mock, 'POST /f', body, form)).status
      expect(await status('url=a:/?@b')).toBe(allowReserved === false ? 400 : 204)
      expect(await status(`url=${encodeURIComponent('a:/?@b')}+c&other=a:b`)).toBe(204)
    }
  })

  it('is refused: a list with another delimiter than that of its style', async () => {
    const delimiters = { pipeDelimited: '|', spaceDelimited: ' ', form: ',' }
    const list = { type: 'array', minItems: 2, items: { type: 'string' } }
    const get = (style: string) => ({
      get: { parameters: [{ name: 'l', in: 'query', style, explode: false, schema: list }], ...ok() },
    })
    const mock = await start({
      spec: document(Object.fromEntries(Object.keys(delimiters).map((style) => [`/${style}`, get(style)]))),
    })
    for (const style of Object.keys(delimiters))
      for (const [other, delimiter] of Object.entries(delimiters)) {
        const wanted = style === other ? 200 : 400
        for (const text of [`a${delimiter}b`, `a${encodeURIComponent(delimiter)}b`])
          expect([
            style,
            text,
            (await send(mock, `GET /${style}?l=${text.replace(' ', '+')}`)).status,
          ]).toEqual([style, text, wanted])
      }
  })
})

describe('the answer to a wrong request', () => {
  const problem = (schema: object, status = 400) => ({
    responses: {
      200: { description: 'OK' },
      [status]: { description: 'No', content: { 'application/json': { schema } } },
    },
  })
  const limit = { parameters: [parameter('limit', { type: 'integer' })] }

  it('has the status and the schema that the document gives errors', async () => {
    const schema = {
      type: 'object',
      required: ['code', 'detail', 'errors', 'trace'],
      properties: {
        code: { type: 'integer' },
        detail: { type: 'string' },
        trace: { type: 'string', format: 'uuid' },
        errors: {
          type: 'array',
          items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    }
    const mock = await start({ spec: document({ '/a': { get: { ...limit, ...problem(schema) } } }) })
    const { status, json } = await send(mock, 'GET /a?limit=x')
    expect(status).toBe(400)
    expect(json).toMatchObject({
      code: 400,
      detail: 'Validation failed: query limit must be integer',
      errors: [{ field: 'limit', message: 'must be integer' }],
    })
    expect(json.trace).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is found inside an envelope too', async () => {
    const schema = {
      type: 'object',
      required: ['error'],
      properties: {
        error: {
          type: 'object',
          required: ['message'],
          properties: { message: { type: 'string' }, status: { type: 'string' } },
        },
      },
    }
    const mock = await start({ spec: document({ '/a': { get: { ...limit, ...problem(schema, 422) } } }) })
    expect((await send(mock, 'GET /a')).json.error.message).toBe('Validation failed: query limit is required')
  })

  it('is the standard shape where the document says nothing, and the hint decides its status', async () => {
    const mock = await start({
      spec: document({
        '/a': { get: { ...limit, ...ok() } },
        '/b': { get: { 'x-mock-validation-status': 422, ...limit, ...ok() } },
      }),
    })
    expect((await send(mock, 'GET /a')).text).toBe(
      '{"statusCode":400,"message":"Validation failed: query limit is required","error":"Bad Request"}',
    )
    expect((await send(mock, 'GET /b')).status).toBe(422)
  })
})

describe('a request that does not fit the document', () => {
  const spec = document({
    '/things': {
      post: {
        parameters: [{ ...parameter('limit', { type: 'integer' }), required: false }],
        ...body('application/json', {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string' } },
        }),
        ...ok({ type: 'object', properties: { done: { const: true } }, required: ['done'] }),
      },
    },
  })
  const wrong = (mock: MockServer) => send(mock, 'POST /things?limit=ten', {})
  const unreadable = (mock: MockServer) =>
    send(mock, 'POST /things', '{', { 'content-type': 'application/json' })

  it('is refused', async () => {
    const mock = await start({ spec })
    expect([(await wrong(mock)).status, (await unreadable(mock)).status]).toEqual([400, 400])
  })

  it('is answered with requests: warn, which says what is wrong in a header and in the journal', async () => {
    const lines: string[] = []
    const mock = await start({ spec, requests: 'warn', onExchange: (line) => lines.push(line) })
    const { status, json, headers } = await wrong(mock)
    expect([status, json]).toEqual([200, { done: true }])
    const violations = 'Validation failed: query limit must be integer; body must have the property "name"'
    expect(headers.get('mock-violations')).toBe(violations)
    expect(mock.requests().at(-1)?.reason).toBe(`answered all the same: ${violations}`)
    expect(lines.at(-1)).toContain(violations)
    expect((await unreadable(mock)).headers.get('mock-violations')).toBe('The body is not valid JSON')
    expect((await send(mock, 'POST /things', { name: 'Ann' })).headers.get('mock-violations')).toBeNull()
  })

  it('is answered with requests: off, which says nothing', async () => {
    const mock = await start({ spec, requests: 'off' })
    const { status, headers } = await wrong(mock)
    expect([status, headers.get('mock-violations'), mock.requests().at(-1)?.reason]).toEqual([
      200,
      null,
      null,
    ])
    expect((await unreadable(mock)).status).toBe(200)
  })

  it('is refused in any case when it is too large', async () => {
    for (const requests of ['warn', 'off'] as const) {
      const mock = await start({ spec, requests, maxBodyBytes: 10 })
      expect((await send(mock, 'POST /things', { name: 'Annabel' })).status).toBe(413)
    }
  })
})
