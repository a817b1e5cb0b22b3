// Which operation answers a path.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadDocument } from '../src/engine/document/document.js'
import { createRouter } from '../src/engine/request/router.js'
import { cpuMs, document, ok, send, start } from './harness.js'

const routerFor = (paths: readonly string[], servers: readonly string[] = []) => {
  const operations = Object.fromEntries(paths.map((path) => [path, { get: { operationId: path, ...ok() } }]))
  return createRouter(
    loadDocument(document(operations, { servers: servers.map((url) => ({ url })) })).operations,
  )
}

const found = (paths: readonly string[], path: string, query = '') => {
  const match = routerFor(paths).match('GET', path, query)
  return match.kind === 'found' ? [match.operation.id, match.params] : match.kind
}

describe('a path', () => {
  it.each([
    [['/a/{b}', '/a/b'], '/a/b', '/a/b', {}],
    [['/a/{b}', '/a/b'], '/a/c', '/a/{b}', { b: 'c' }],
    [['/a/{b}', '/a/{b}.json'], '/a/c.json', '/a/{b}.json', { b: 'c' }],
    [['/x/{id}', '/x/{id}:cancel'], '/x/7:cancel', '/x/{id}:cancel', { id: '7' }],
    [['/{a}-{b}-{c}'], '/1-2-3-4', '/{a}-{b}-{c}', { a: '1', b: '2', c: '3-4' }],
    [['/{a}{b}'], '/xyz', '/{a}{b}', { a: 'x', b: 'yz' }],
    [['/a/{b}/c', '/a/x/d'], '/a/x/c', '/a/{b}/c', { b: 'x' }],
    [['/a/'], '/a', '/a/', {}],
    [['/a'], '/a/', '/a', {}],
    [['/a/{b}'], '/a/%2Fx%20y', '/a/{b}', { b: '/x y' }],
    [['/caf%C3%A9'], '/café', '/caf%C3%A9', {}],
    [['/(.*)+'], '/(.*)+', '/(.*)+', {}],
  ])('among %j: %s is %s', (paths, path, expected, params) => {
    expect(found(paths, path)).toEqual([expected, params])
  })

  it('is told from another by the query that its template spells out', () => {
    const paths = ['/x?action=start', '/x?action=stop', '/x']
    expect(found(paths, '/x', 'action=stop')).toEqual(['/x?action=stop', {}])
    expect(found(paths, '/x', 'other=1')).toEqual(['/x', {}])
  })

  it('ends in a word where its parameter lists the word that another template has there', async () => {
    const parameters = (...names: readonly string[]) =>
      names.map((name) => ({
        ...{ name, in: 'path', required: true },
        schema: { type: 'string', ...(name === 'kind' ? { enum: ['helm', 'opa'] } : {}) },
      }))
    const shown = (title: string) => ok({ const: title }, title)
    const mock = await start({
      spec: document({
        '/packages/helm/{name}/{version}': {
          get: { parameters: parameters('name', 'version'), ...shown('version') },
        },
        '/packages/{kind}/{name}/summary': {
          get: { parameters: parameters('kind', 'name'), ...shown('summary') },
        },
        '/users/me/{key}': { get: { parameters: parameters('key'), ...shown('mine') } },
        '/users/{id}/posts': { get: { parameters: parameters('id'), ...shown('posts') } },
      }),
    })
    const at = async (path: string) => (await send(mock, `GET ${path}`)).json
    expect(await at('/packages/helm/a/summary')).toBe('summary')
    expect(await at('/packages/opa/a/summary')).toBe('summary')
    expect(await at('/packages/helm/a/1.0.0')).toBe('version')
    expect(await at('/users/me/posts')).toBe('mine')
    expect(await at('/users/7/posts')).toBe('posts')
  })

  it('may have its query in its template, which is no part of it', async () => {
    const appId = { name: 'app_id', in: 'path', required: true, schema: { type: 'string', minLength: 3 } }
    const shown = ok({ type: 'object', properties: { url: { type: 'string' } } })
    const paths = { '/players/export?app={app_id}': { post: { parameters: [appId], ...shown } } }
    const mock = await start({ spec: document(paths) })
    expect((await send(mock, 'POST /players/export?app=one')).status).toBe(200)
    expect((await send(mock, 'POST /players/export?app=x')).status).toBe(400)
    expect((await send(mock, 'POST /players/export')).text).toContain('query app is required')
  })

  it('asks for no body that a GET cannot carry', async () => {
    const requestBody = { required: true, content: { 'application/json': { schema: { type: 'object' } } } }
    const shown = ok({ type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } })
    const paths = { '/logs': { get: { requestBody, ...shown }, post: { requestBody, ...shown } } }
    const mock = await start({ spec: document(paths) })
    expect((await send(mock, 'GET /logs')).status).toBe(200)
    expect((await send(mock, 'POST /logs')).status).toBe(400)
  })

  it('works with and without the base paths of the servers', () => {
    const router = routerFor(['/pets'], ['https://api.example.com/v2', '/other/'])
    for (const path of ['/pets', '/v2/pets', '/other/pets'])
      expect(router.match('GET', path, '').kind).toBe('found')
    expect(router.match('GET', '/v3/pets', '').kind).toBe('unknown')
    expect(router.match('GET', '/v2pets', '').kind).toBe('unknown')
  })

  it('is 404 when unknown, 405 with Allow for another method, 400 when badly encoded; HEAD is GET without a body', async () => {
    const mock = await start({ spec: document({ '/a': { get: ok({ type: 'string' }, 'x'), put: ok() } }) })
    expect((await send(mock, 'GET /b')).status).toBe(404)
    const other = await send(mock, 'DELETE /a')
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, PUT'])
    const options = await send(mock, 'OPTIONS /a')
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, PUT'])
    expect((await send(mock, 'GET /%E0%A4%A')).status).toBe(400)
    const head = await send(mock, 'HEAD /a')
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '3'])
  })

  it('cannot make the router slow', () => {
    const router = routerFor([
      '/{a}-{b}-{c}',
      '/{a}{b}{c}{d}x',
      ...Array.from({ length: 12 }, (_, i) => `${'/{x}'.repeat(i + 1)}/end${i}`),
    ])
    for (const path of [
      `/${'-'.repeat(60_000)}`,
      `/${'a-'.repeat(30_000)}`,
      '/a'.repeat(30_000),
      `/${'x'.repeat(64_000)}`,
    ]) {
      expect(cpuMs(() => router.match('GET', path, ''))).toBeLessThan(50)
    }
  })

  it('gives back the values that were put into its template', () => {
    const value = fc.stringMatching(/^[a-z0-9]{1,8}$/)
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
        const template = values.map((_, i) => `/{p${i}}`).join('/mid')
        const path = values.map((text) => `/${encodeURIComponent(text)}`).join('/mid')
        expect(found([template], path)).toEqual([
          template,
          Object.fromEntries(values.map((text, i) => [`p${i}`, text])),
        ])
      }),
    )
  })
})
