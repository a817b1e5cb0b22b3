// A guard that is made from an OpenAPI document: each operation asks for what the document says.

import express from 'express'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FailureEvent, type FromOpenApiOptions, requireApiKey } from '../src/index.js'
import { createTestKeys, listen } from './host.js'

const header = (name: string) => ({ type: 'apiKey', in: 'header', name })
const schemes = {
  key: header('X-API-Key'),
  acme: header('x-acme-key'),
  token: { type: 'http', scheme: 'bearer' },
  query: { type: 'apiKey', in: 'query', name: 'api_key' },
  login: { type: 'oauth2', flows: {} },
}
const operation = (...security: object[]) => ({ security, responses: {} })

const document = {
  openapi: '3.1.0',
  security: [{ key: [] }],
  components: { securitySchemes: schemes },
  paths: {
    '/messages': { get: {}, post: operation({ key: ['messages:write'] }) },
    '/messages/{id}': { get: operation({ key: ['messages:read'] }) },
    '/messages/latest': { get: operation({ key: ['admin'] }) },
    '/messages/{id}.json': { get: operation({ key: ['export'] }) },
    '/either': { get: operation({ key: ['a'] }, { key: ['b'] }) },
    '/anywhere': { get: operation({ key: [] }, { token: [] }, { acme: [] }) },
    '/maybe': { get: operation({ key: [] }, {}) },
    '/open': { get: operation() },
    '/further': { additionalOperations: { PURGE: operation({ key: ['admin'] }) } },
  },
}

async function guarded(options: FromOpenApiOptions = {}, spec: object = document) {
  const { apiKeys } = createTestKeys()
  const failures: FailureEvent[] = []
  const app = express()
  app.use(
    '/v1',
    requireApiKey.fromOpenApi(apiKeys, spec, { onFailure: (event) => failures.push(event), ...options }),
  )
  app.use((request, response) => void response.json({ key: request.apiKey?.label ?? null }))
  const { url } = await listen(app)
  const issue = async (...scopes: string[]) => {
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'mine', scopes })
    return key
  }
  const send = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(url + path, { method, headers })
    return response.status
  }
  return { failures, issue, send }
}

describe('a guard made from a document', () => {
  it.each([
    ['GET', '/v1/messages', [], 200],
    ['HEAD', '/v1/messages', [], 200],
    ['POST', '/v1/messages', [], 403],
    ['POST', '/v1/messages', ['messages:write'], 200],
    ['GET', '/v1/messages/7', ['messages:read'], 200],
    ['GET', '/v1/messages/latest', ['messages:read'], 403],
    ['GET', '/v1/messages/latest', ['admin'], 200],
    ['GET', '/v1/messages/7.json', ['messages:read'], 403],
    ['GET', '/v1/messages/7.json', ['export'], 200],
    ['GET', '/v1/either', ['b'], 200],
    ['GET', '/v1/either', ['c'], 403],
    ['GET', '/v1/either', ['*'], 200],
    ['POST', '/v1/messages', ['messages:*'], 200],
    ['PURGE', '/v1/further', ['b'], 403],
    ['PURGE', '/v1/further', ['admin'], 200],
    ['GET', '/v1/nowhere', [], 200],
    ['DELETE', '/v1/messages', [], 200],
  ])('%s %s with the scopes %j is answered %i', async (method, path, scopes, status) => {
    const { issue, send } = await guarded()
    expect(await send(path, {}, method)).toBe(401)
    expect(await send(path, { 'X-API-Key': await issue(...scopes) }, method)).toBe(status)
  })

  it('leaves open what the document leaves open, and takes a key where it may be missing', async () => {
    const { issue, send } = await guarded()
    expect(await send('/v1/open')).toBe(200)
    expect(await send('/v1/maybe')).toBe(200)
    expect(await send('/v1/maybe', { 'X-API-Key': await issue() })).toBe(200)
    expect(await send('/v1/maybe', { 'X-API-Key': 'wrong' })).toBe(401)
  })

  it('reads the key from the headers of all alternatives, and from no other', async () => {
    const { issue, send } = await guarded()
    const key = await issue()
    expect(await send('/v1/anywhere', { Authorization: `Bearer ${key}` })).toBe(200)
    expect(await send('/v1/anywhere', { 'X-Acme-Key': key })).toBe(200)
    expect(await send('/v1/messages', { Authorization: `Bearer ${key}` })).toBe(401)
  })

  it('asks for the scopes of the alternatives that have the key where the request has it', async () => {
    const paths = {
      '/files': { put: operation({ token: ['write'] }, { acme: [] }, { token: ['admin'] }) },
    }
    const { issue, send } = await guarded({}, { ...document, paths })
    const [reader, writer, admin] = await Promise.all([issue('read'), issue('write'), issue('admin')])
    expect(await send('/v1/files', {}, 'PUT')).toBe(401)
    expect(await send('/v1/files', { Authorization: `Bearer ${reader}` }, 'PUT')).toBe(403)
    expect(await send('/v1/files', { Authorization: `Bearer ${writer}` }, 'PUT')).toBe(200)
    expect(await send('/v1/files', { Authorization: `Bearer ${admin}` }, 'PUT')).toBe(200)
    expect(await send('/v1/files', { 'X-Acme-Key': reader }, 'PUT')).toBe(200)
    const both = { Authorization: `Bearer ${reader}`, 'X-Acme-Key': reader }
    expect(await send('/v1/files', both, 'PUT')).toBe(401)
  })

  it('reports a request that is refused once, with the reason of the last alternative', async () => {
    const { failures, issue, send } = await guarded()
    await send('/v1/either', { 'X-API-Key': await issue() })
    expect(failures.map(({ reason, status }) => [reason, status])).toEqual([['missing_scope', 403]])
  })

  it('passes without a key where a scheme that is checked elsewhere is enough', async () => {
    const paths = {
      '/a': { get: operation({ key: [] }, { login: [] }) },
      '/b': { get: operation({ key: [], login: [] }) },
    }
    const { send } = await guarded({ elsewhere: ['login'] }, { ...document, paths })
    expect([await send('/v1/a'), await send('/v1/b')]).toEqual([200, 401])
  })

  it('takes keys for tokens of OAuth where the host says so, with their scopes', async () => {
    const paths = { '/a': { get: operation({ login: ['read'] }) } }
    const { issue, send } = await guarded({ schemes: ['login', 'key'] }, { ...document, paths })
    expect(await send('/v1/a', { Authorization: `Bearer ${await issue('read')}` })).toBe(200)
    expect(await send('/v1/a', { Authorization: `Bearer ${await issue()}` })).toBe(403)
  })

  it('reads Swagger 2 as well', async () => {
    const { issue, send } = await guarded(
      {},
      {
        swagger: '2.0',
        securityDefinitions: { key: header('X-API-Key') },
        security: [{ key: [] }],
        paths: { '/a': { get: {} } },
      },
    )
    expect(await send('/v1/a')).toBe(401)
    expect(await send('/v1/a', { 'X-API-Key': await issue() })).toBe(200)
  })

  it('asks for the scopes of an operation however its path is spelt', async () => {
    const { issue, send } = await guarded()
    const key = await issue()
    const spelling = fc
      .array(fc.constantFrom('m', 'e', 's', 'a', 'g'), { maxLength: 3 })
      .chain((changed) => fc.tuple(fc.constant(changed), fc.boolean(), fc.boolean(), fc.boolean()))
    await fc.assert(
      fc.asyncProperty(spelling, async ([changed, isEncoded, isSlashed, isDoubled]) => {
        const spelt = changed.reduce(
          (word, letter) =>
            word.replace(letter, isEncoded ? `%${letter.charCodeAt(0).toString(16)}` : letter.toUpperCase()),
          'messages',
        )
        const path = `/v1/${isDoubled ? '/' : ''}${spelt}/latest${isSlashed ? '/' : ''}`
        expect(await send(path, { 'X-API-Key': key })).toBe(403)
      }),
      { numRuns: 50 },
    )
  })
})

describe('a document that cannot be kept', () => {
  const { apiKeys } = createTestKeys()
  it.each<[string, object, FromOpenApiOptions, string]>([
    ['that is none', {}, {}, 'document: must be an OpenAPI document'],
    [
      'without a scheme for a key',
      { openapi: '3.1.0', paths: {} },
      {},
      'has no security scheme with a header',
    ],
    [
      'whose operation needs something else',
      { ...document, paths: { '/a': { get: operation({ login: [] }) } } },
      {},
      'document: GET /a needs login, which is no key; name it in schemes, or in elsewhere',
    ],
    [
      'with the key in the query',
      document,
      { schemes: ['query'] },
      'the security scheme query has it; use a header',
    ],
    [
      'without the scheme that is named',
      document,
      { elsewhere: ['jwt'] },
      'has no security scheme jwt; it has key',
    ],
    [
      'beside an option that the document decides',
      document,
      { scopes: ['a'] } as never,
      'scopes: no such option',
    ],
  ])('%s is refused when the guard is made', (_case, spec, options, complaint) => {
    expect(() => requireApiKey.fromOpenApi(apiKeys, spec, options)).toThrow(complaint)
  })
})
