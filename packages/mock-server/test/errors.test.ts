// What errors look like: in the API's own shape, with the reason and the member at fault, and valid by the document.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { gosend, type MockServer } from '../src/index.js'
import { document, ok, type Reply, send, start } from './harness.js'

const withFormats = addFormats as unknown as (ajv: Ajv2020) => void
const ajv = new Ajv2020({ strict: false })
withFormats(ajv)

const text = { type: 'string' }
const object = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  required,
  properties,
})
const list = (items: object) => ({ type: 'array', items })
const json = (schema: object | undefined, rest: object = {}) => ({
  description: 'x',
  content: { 'application/json': { ...(schema === undefined ? {} : { schema }), ...rest } },
})
const named = (schema: object) => ({ requestBody: { required: true, ...json(schema) } })
const body = named(object({ name: text, size: { type: 'integer' } }, ['name']))
const NAMELESS = 'Validation failed: body must have the property "name"'

/** A mock whose one operation takes a name, with these responses besides its success. */
const withErrors = (responses: object, rest: object = {}): Promise<MockServer> =>
  start({
    spec: document(
      { '/things': { post: { ...body, responses: { ...ok({}).responses, ...responses } } } },
      rest,
    ),
  })
const nameless = (mock: MockServer): Promise<Reply> => send(mock, 'POST /things', {})

describe('a document that leaves open what its errors hold', () => {
  const said = { statusCode: 400, message: NAMELESS, error: 'Bad Request' }
  it.each([
    ['an empty schema', {}, said],
    ['an object', { type: 'object' }, said],
    ['an object of anything', { type: 'object', additionalProperties: true }, said],
    ['a map of texts', { type: 'object', additionalProperties: text }, { error: NAMELESS }],
    ['a text', text, NAMELESS],
  ])('is answered with the reason: %s', async (_, schema, expected) => {
    const mock = await withErrors({ 400: json(schema) })
    const { status, json: answer } = await nameless(mock)
    expect([status, answer]).toEqual([400, expected])
  })
})

describe('an invalid request is answered in the API’s own shape', () => {
  const entry = { loc: list({ anyOf: [text, { type: 'integer' }] }), msg: text, type: text }
  const problem = {
    type: { ...text, format: 'uri-reference' },
    title: text,
    status: { type: 'integer' },
    detail: text,
  }
  const kinds = ['api_error', 'card_error', 'invalid_request_error', 'authentication_error']
  it.each([
    [
      'a list of violations with their location',
      object({ detail: list(object(entry)) }, []),
      { detail: [{ loc: ['body', 'name'], msg: 'must have the property "name"', type: 'missing' }] },
    ],
    [
      'errors with a source',
      object({
        errors: list(
          object({
            status: text,
            title: text,
            detail: text,
            source: object({ pointer: text, parameter: text }, []),
          }),
        ),
      }),
      {
        errors: [
          {
            status: '400',
            title: 'Bad Request',
            detail: 'must have the property "name"',
            source: { pointer: '/name' },
          },
        ],
      },
    ],
    [
      'problem details',
      object({ ...problem, instance: text }),
      { type: 'about:blank', title: 'Bad Request', status: 400, detail: NAMELESS, instance: '/things' },
    ],
    [
      'problem details without a detail',
      object({ type: text, title: text }),
      { type: 'about:blank', title: NAMELESS },
    ],
    [
      'a status by its name',
      object({
        error: object({
          code: { type: 'integer' },
          message: text,
          status: { ...text, enum: ['INVALID_ARGUMENT', 'NOT_FOUND'] },
        }),
      }),
      { error: { code: 400, message: NAMELESS, status: 'INVALID_ARGUMENT' } },
    ],
    [
      'a family of errors and the parameter',
      object({
        error: object({ type: { ...text, enum: kinds }, message: text, param: { type: ['string', 'null'] } }),
      }),
      { error: { type: 'invalid_request_error', message: NAMELESS, param: 'name' } },
    ],
    [
      'codes of the document for each violation',
      object({
        errors: list(
          object({
            category: { enum: ['API_ERROR', 'INVALID_REQUEST_ERROR'] },
            code: { enum: ['NOT_FOUND', 'MISSING_REQUIRED_PARAMETER', 'INVALID_VALUE'] },
            detail: text,
            field: text,
          }),
        ),
      }),
      {
        errors: [
          {
            category: 'INVALID_REQUEST_ERROR',
            code: 'MISSING_REQUIRED_PARAMETER',
            detail: 'must have the property "name"',
            field: 'name',
          },
        ],
      },
    ],
    [
      'texts by the names of members',
      object({ message: text, errors: { type: 'object', additionalProperties: list(text) } }),
      { message: NAMELESS, errors: { name: ['must have the property "name"'] } },
    ],
    [
      'an open object beside a text',
      object({ status: { type: 'integer' }, error: text, error_details: { type: 'object' } }),
      { status: 400, error: NAMELESS, error_details: { name: 'must have the property "name"' } },
    ],
    [
      'messages that are fixed, with details',
      object({
        name: { enum: ['INVALID_REQUEST'] },
        message: { enum: ['The request is not well-formed.'] },
        details: list(object({ field: text, issue: text, description: text }, ['issue'])),
      }),
      {
        name: 'INVALID_REQUEST',
        message: 'The request is not well-formed.',
        details: [{ field: 'name', issue: 'MISSING_FIELD', description: 'must have the property "name"' }],
      },
    ],
    ['a list of texts', object({ errors: list(text) }), { errors: ['body must have the property "name"'] }],
    [
      'entries that name no member by themselves',
      object({ errors: list(object({ message: text })) }),
      { errors: [{ message: 'body must have the property "name"' }] },
    ],
    ['a flag and an error', object({ ok: { const: false }, error: text }), { ok: false, error: NAMELESS }],
    ['nothing but a text', text, NAMELESS],
    [
      'a list at the top',
      list(object({ message: text, errorCode: text, fields: list(text) })),
      [{ message: 'must have the property "name"', errorCode: 'missing_field', fields: ['name'] }],
    ],
    [
      'RFC 6749',
      object({ error: text, error_description: text }),
      { error: 'invalid_request', error_description: NAMELESS },
    ],
    [
      'the alternative that fits',
      {
        oneOf: [
          object({ name: { enum: ['AUTHENTICATION_FAILURE'] }, message: text }),
          object({ name: { enum: ['INVALID_REQUEST'] }, message: text }),
        ],
      },
      { name: 'INVALID_REQUEST', message: NAMELESS },
    ],
  ])('%s', async (_name, schema, expected) => {
    const mock = await withErrors({ 400: json(schema) })
    const { status, json: answer, headers } = await nameless(mock)
    expect([status, answer]).toEqual([400, expected])
    expect(ajv.validate(schema, answer)).toBe(true)
    expect(headers.get('mock-source')).toBe('error')
  })

  it('with an entry for each violation, by whatever part of the request it is in', async () => {
    const schema = object({ errors: list(object({ message: text, field: text, in: text })) })
    const parameters = [{ name: 'limit', in: 'query', schema: { type: 'integer' } }]
    const spec = document({
      '/things': { post: { ...body, parameters, responses: { ...ok({}).responses, 400: json(schema) } } },
    })
    const mock = await start({ spec })
    expect((await send(mock, 'POST /things?limit=many', { size: 'big' })).json.errors).toEqual([
      { message: 'must be integer', field: 'limit', in: 'query' },
      { message: 'must have the property "name"', field: 'name', in: 'body' },
      { message: 'must be integer', field: 'size', in: 'body' },
    ])
  })

  it('in the media type of the document’s errors', async () => {
    const error = object({ detail: text })
    const content = { 'application/problem+json': { schema: error } }
    const reply = await nameless(await withErrors({ 400: { description: 'x', content } }))
    expect([reply.headers.get('content-type'), reply.json.detail]).toEqual([
      'application/problem+json',
      NAMELESS,
    ])
    const plain = { description: 'x', content: { 'text/plain': { schema: text } } }
    const words = await nameless(await withErrors({ 400: plain }))
    expect([words.headers.get('content-type'), words.text]).toEqual(['text/plain', NAMELESS])
  })

  it('as examples show it where there is no schema', async () => {
    const example = { fault: { faultstring: 'Name is too long', detail: { errorcode: 'bad_request' } } }
    const { json: answer } = await nameless(await withErrors({ 400: json(undefined, { example }) }))
    expect(answer).toEqual({ fault: { faultstring: NAMELESS, detail: { errorcode: 'bad_request' } } })
  })
})

describe('an error that its operation does not document', () => {
  const error = object({
    error: object({ message: text, type: { ...text, enum: ['invalid_request_error', 'auth_error'] } }),
  })
  const other = { '/others': { get: { responses: { ...ok({}).responses, 404: json(error) } } } }

  it('has the shape that the document’s other errors have', async () => {
    const mock = await start({ spec: document({ ...other, '/things': { post: { ...body, ...ok({}) } } }) })
    const expected = { error: { message: NAMELESS, type: 'invalid_request_error' } }
    expect((await nameless(mock)).json).toEqual(expected)
    for (const [line, message] of [
      ['GET /nowhere', 'Cannot GET /nowhere'],
      ['DELETE /things', 'Cannot DELETE /things'],
    ] as const)
      expect((await send(mock, line)).json).toEqual({ error: { message, type: 'invalid_request_error' } })
  })

  it.each([
    ['a schema that is named an error', { components: { schemas: { ApiError: error } } }, {}],
    ['a response that no operation uses', { components: { responses: { NotFound: json(error) } } }, {}],
    ['what is beside the data of a success', {}, ok(object({ thing: {}, ...error.properties }, []))],
    [
      'an answer that leaves everything open',
      {},
      { responses: { ...ok({}).responses, 400: json({ type: 'object' }), 404: json(error) } },
    ],
  ])('has the shape of %s', async (_name, rest, operation) => {
    const spec = document({ '/things': { post: { ...body, ...ok({}), ...operation } } }, rest)
    expect((await nameless(await start({ spec }))).json).toEqual({
      error: { message: NAMELESS, type: 'invalid_request_error' },
    })
  })

  it('has the standard shape where the document has no error at all', async () => {
    const spec = document({ '/things': { post: { ...body, ...ok({}) } } })
    expect((await nameless(await start({ spec }))).json).toEqual({
      statusCode: 400,
      message: NAMELESS,
      error: 'Bad Request',
    })
  })

  it('is a text in place of a list in which each entry is about a place in the request', async () => {
    const entry = object({ loc: list(text), msg: text, type: text })
    const spec = document({
      '/things': {
        post: { ...body, responses: { ...ok({}).responses, 422: json(object({ detail: list(entry) }, [])) } },
      },
    })
    expect((await send(await start({ spec }), 'GET /nowhere')).json).toEqual({
      detail: 'Cannot GET /nowhere',
    })
  })
})

describe('the status of an invalid request', () => {
  const only = (...statuses: number[]) =>
    Object.fromEntries(statuses.map((status) => [status, { description: 'x' }]))
  it.each([
    ['what the operation documents', only(422), {}, 422],
    ['what the operation documents, also against the rest', only(400), { 422: 3 }, 400],
    ['422 where both are documented', only(400, 422), {}, 422],
    [
      'the one of both that is said to be for it',
      { 400: { description: 'The input is invalid.' }, 422: { description: 'Too many writes at once.' } },
      {},
      400,
    ],
    ['what most operations document', {}, { 422: 2, 400: 1 }, 422],
    ['400 where as many document either', {}, { 422: 1, 400: 1 }, 400],
    ['400 where nothing is documented', {}, {}, 400],
  ])('is %s', async (_name, responses, others: Record<string, number>, expected) => {
    const paths = Object.entries(others).flatMap(([status, count]) =>
      Array.from({ length: count }, (_, i) => [
        `/${status}/${i}`,
        { get: { responses: { ...ok({}).responses, ...only(Number(status)) } } },
      ]),
    )
    const things = { post: { ...body, responses: { ...ok({}).responses, ...responses } } }
    const mock = await start({ spec: document({ ...Object.fromEntries(paths), '/things': things }) })
    expect((await nameless(mock)).status).toBe(expected)
  })
})

describe('a list of errors', () => {
  it('is never empty, whatever is wrong', async () => {
    const error = object({ errors: list(object({ message: text, code: text })) })
    const item = object({ id: text, name: text })
    const paths = {
      '/things': { post: { ...body, responses: { 201: json(item), 400: json(error) } }, get: ok(list(item)) },
      '/things/{id}': { get: { responses: { ...ok(item).responses, 404: json(error), 500: json(error) } } },
    }
    const mock = await start({ spec: document(paths) })
    expect((await send(mock, 'GET /things/nope')).json.errors).toEqual([
      { message: 'Nothing is stored at /things/nope', code: 'not_found' },
    ])
    mock.setFaults([{ operation: 'GET /things/{id}', status: 500 }])
    expect((await send(mock, 'GET /things/nope')).json.errors).toMatchObject([{ code: 'internal_error' }])
    expect((await nameless(mock)).json.errors).toHaveLength(1)
  })
})

describe('the code of an error', () => {
  it.each([
    [401, ['invalid_request', 'invalid_api_key', 'rate_limited'], 'invalid_api_key'],
    [404, ['GenericError', 'ResourceNotFound', 'InvalidArgument'], 'ResourceNotFound'],
    [409, ['bad-request', 'already-exists'], 'already-exists'],
    [429, ['THROTTLED', 'OTHER'], 'THROTTLED'],
    [403, ['not_found', 'missing_scope'], 'missing_scope'],
    [500, ['api_error', 'invalid_request_error'], 'api_error'],
    [404, ['api_error', 'invalid_request_error'], 'invalid_request_error'],
  ])('for %i is the one of %j that fits', async (status, codes, expected) => {
    const mock = await withErrors({ [status]: json(object({ code: { enum: codes }, message: text })) })
    mock.setFaults([{ operation: 'POST /things', status }])
    expect((await nameless(mock)).json.code).toBe(expected)
  })

  it('is written as the document’s examples write it, and left out where it may be and the document names none', async () => {
    const error = (code: object, required = ['code']) =>
      object({ code: { ...text, ...code }, message: text }, required)
    const codeFor = async (schema: object) => {
      const mock = await withErrors({ 404: json(schema) })
      mock.setFaults([{ operation: 'POST /things', status: 404 }])
      return (await nameless(mock)).json.code
    }
    expect(await codeFor(error({ example: 'ALREADY_TAKEN' }))).toBe('NOT_FOUND')
    expect(await codeFor(error({ example: 'already-taken' }))).toBe('not-found')
    expect(await codeFor(error({}, []))).toBeUndefined()
    expect(await codeFor(error({ example: 'ALREADY_TAKEN' }, []))).toBeUndefined()
  })
})

describe('a refused credential', () => {
  const OWN =
    'Only keys of this mock are accepted: start it with --auth any to accept any, or --auth off for none'
  const ANY = 'Any will do: --credential NAME=VALUE says which, and --auth off asks for none'
  const schemes = {
    login: { type: 'http', scheme: 'basic' },
    token: { type: 'http', scheme: 'bearer' },
    inQuery: { type: 'apiKey', in: 'query', name: 'token' },
    inHeader: { type: 'apiKey', in: 'header', name: 'X-Token' },
    inCookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
  }
  const secured = (security: object[], responses: object = {}, options: object = {}) =>
    start({
      ...options,
      spec: document(
        { '/books': { get: { security, responses: { ...ok({}).responses, ...responses } } } },
        { components: { securitySchemes: schemes } },
      ),
    })

  it('is told which does where the mock was given some', async () => {
    const mock = await secured([{ token: [] }], {}, { credentials: { token: ['right'] } })
    const { json: answer } = await send(mock, 'GET /books', undefined, { authorization: 'Bearer wrong' })
    expect(answer.message).toContain('Only what --credential gives is accepted')
    expect(answer.message).not.toContain('right')
  })

  it.each([
    ['login', 'a user name and a password (HTTP Basic)', ANY, 'Basic realm="api"', 'Authorization'],
    ['token', 'a bearer token', ANY, 'Bearer realm="api"', 'Authorization'],
    ['inQuery', 'an API key in the query parameter token', OWN, 'ApiKey realm="api"', undefined],
    ['inHeader', 'an API key in the header X-Token', OWN, 'ApiKey realm="api"', 'X-Token'],
    ['inCookie', 'an API key in the cookie sid', OWN, 'ApiKey realm="api"', 'Cookie'],
  ])('is spoken of in the words of its scheme: %s', async (scheme, words, accepted, challenge, vary) => {
    const { status, json: answer, headers } = await send(await secured([{ [scheme]: [] }]), 'GET /books')
    expect([status, answer.message]).toEqual([
      401,
      `Invalid or missing credentials: send ${words}. ${accepted}`,
    ])
    expect([headers.get('www-authenticate'), headers.get('vary')]).toEqual([
      challenge,
      [vary ?? [], 'Origin'].flat().join(', '),
    ])
  })

  it('names all that would be taken', async () => {
    const mock = await secured([{ login: [] }, { token: [], inQuery: [] }])
    const { json: answer, headers } = await send(mock, 'GET /books')
    expect(answer.message).toMatch(
      /a user name and a password \(HTTP Basic\), or a bearer token and an API key in the query parameter token\. /,
    )
    expect(headers.get('vary')).toBe('Authorization, Origin')
  })

  it('is answered in the document’s own words where it has some for it', async () => {
    const error = object({ message: text })
    const example = { message: 'Unable to authenticate you' }
    const mock = await secured([{ token: [] }], { 401: json(error, { example }) })
    expect((await send(mock, 'GET /books')).json).toEqual(example)
    const of404 = await secured([{ token: [] }], {
      401: json(error, { example: { message: 'No such book' } }),
    })
    expect((await send(of404, 'GET /books')).json.message).toMatch(/^Invalid or missing credentials/)
  })

  it('leaves what is open for everyone to any cache', async () => {
    const mock = await secured([{ inQuery: [] }])
    const reply = await send(mock, `GET /books?token=${mock.keys.test}`)
    expect([reply.status, reply.headers.get('vary')]).toEqual([200, 'Origin'])
  })
})

describe('every error', () => {
  const member = fc.constantFrom(
    'message',
    'detail',
    'error_message',
    'description',
    'msg',
    'reason',
    'title',
    'error',
  )
  const code = fc.oneof(
    fc.constantFrom<object>(
      { type: 'integer' },
      text,
      { ...text, pattern: '^[A-Z_]+$' },
      { ...text, maxLength: 12 },
    ),
    fc.constantFrom<object>(
      { enum: ['validation_error', 'not_found'] },
      { enum: ['E1', 'E2'] },
      { type: ['string', 'null'] },
    ),
  )
  const extras = fc.dictionary(
    fc.constantFrom(
      'code',
      'type',
      'status',
      'statusCode',
      'id',
      'request_id',
      'timestamp',
      'path',
      'category',
    ),
    code,
    { maxKeys: 4 },
  )
  const required = (properties: Record<string, object>) =>
    fc.subarray(Object.keys(properties)).map((names) => ({ type: 'object', properties, required: names }))
  const flat = fc.tuple(member, extras).chain(([name, others]) => required({ ...others, [name]: text }))
  const entry = fc
    .tuple(member, fc.constantFrom('field', 'param', 'path', 'loc', 'pointer', 'source'), extras)
    .chain(([name, place, others]) => {
      const source = object({ pointer: text }, [])
      const at = place === 'loc' ? list(text) : place === 'source' ? source : text
      return required({ ...others, [name]: text, [place]: at })
    })
  const violations = fc
    .tuple(fc.constantFrom('errors', 'details', 'violations', 'issues'), entry)
    .map(([name, items]) => object({ [name]: { ...list(items), minItems: 1 } }))
  const both = fc.tuple(flat, violations).map(([a, b]) => ({ allOf: [a, b] }))
  const schemas = fc.oneof(
    ...[flat, violations, both],
    fc
      .tuple(fc.constantFrom('error', 'fault'), fc.oneof(flat, both))
      .map(([name, inner]) => object({ [name]: inner })),
    fc.tuple(flat, violations).map((oneOf) => ({ anyOf: oneOf })),
  )

  it('is valid by the schema that the document gives it, and tells the reason and the member', async () => {
    const property = fc.asyncProperty(
      schemas,
      fc.constantFrom(400, 422),
      fc.constantFrom('plain', 'UPPER_CASE', 'with-dash', 'a/b', 'ß'),
      async (schema, status, name) => {
        const taken = named(object({ [name]: { type: 'integer' } }))
        const spec = document({
          '/things': { post: { ...taken, responses: { ...ok({}).responses, [status]: json(schema) } } },
        })
        const mock = await start({ spec })
        for (const sent of [{}, { [name]: 'text' }]) {
          const reply = await send(mock, 'POST /things', sent)
          expect([reply.status, ajv.validate(schema, reply.json), reply.json]).toEqual([
            status,
            true,
            reply.json,
          ])
          expect(JSON.stringify(reply.json)).toContain(
            Object.keys(sent).length === 0 ? 'must have' : 'must be integer',
          )
          expect(reply.text).toContain(name.replace('/', '~1').slice(0, 1))
        }
        await mock.close()
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })

  const { resolve } = createRequire(import.meta.url)
  it('of GoSendAPI is valid by its document, for every operation and status', async () => {
    const spec = JSON.parse(readFileSync(resolve('@gosend/openapi/gosend.json'), 'utf8'))
    const documents = new Ajv2020({ strict: false, validateFormats: false })
    documents.addSchema(spec, 'doc')
    const follow = (node: { $ref?: string }): Record<string, never> =>
      node.$ref === undefined
        ? (node as Record<string, never>)
        : node.$ref
            .slice(2)
            .split('/')
            .reduce((at, name) => at[name], spec)
    const mock = await start({ api: gosend({ rateLimits: 'off' }) })
    for (const [path, item] of Object.entries<Record<string, { operationId?: string; responses?: object }>>(
      spec.paths,
    )) {
      for (const [method, { operationId, responses = {} }] of Object.entries(item)) {
        for (const [status, response] of Object.entries(responses)) {
          const content = follow(response).content as Record<string, { schema: object }> | undefined
          const schema = content?.['application/json']?.schema
          if (operationId === undefined || schema === undefined || Number(status) < 400) continue
          mock.setFaults([{ operation: operationId, status: Number(status) }])
          const line = `${method.toUpperCase()} /v1${path.replace(/\{\w+\}/g, '1')}`
          const credentials = { 'x-api-key': mock.keys.test, 'x-admin-key': mock.adminKey }
          const reply = await send(mock, line, undefined, credentials)
          const pointer = JSON.stringify(schema).replaceAll('"#/', '"doc#/')
          const isValid = documents.validate(JSON.parse(pointer), reply.json)
          expect([line, reply.status, isValid, documents.errors]).toEqual([line, Number(status), true, null])
        }
      }
    }
  })
})
