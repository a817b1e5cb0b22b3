// The mock's own addresses beside those of the document: who has which, and who is handed the admin key.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { receiver } from './gosend/receiver.js'
import { document, folder, ok, send, start } from './harness.js'

const shell = promisify(execFile)
const plain = (html: string): string =>
  html
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const OWN = ['/dashboard', '/admin/projects', '/_mock', '/reference'] as const
const page = (html: string) => ({
  get: { responses: { 200: { description: '', content: { 'text/html': { example: html } } } } },
})

describe('the mock’s own addresses', () => {
  it('stay its own whatever templates the document has', async () => {
    const part = fc.constantFrom('{a}', '{b}', '{c}.html', 'x{d}', 'dash{e}', '{f}board')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
        async (all) => {
          const paths = Object.fromEntries(all.map((parts) => [`/${parts.join('/')}`, page('theirs')]))
          const lines: string[] = []
          const mock = await start({ spec: document(paths), onLog: (line) => lines.push(line) })
          for (const path of OWN) {
            const { status, headers } = await send(mock, `GET ${path}`, undefined, {
              'x-admin-key': mock.adminKey,
            })
            // Only what comes from the document names its source.
            expect([path, status < 400, headers.get('mock-source')]).toEqual([path, true, null])
          }
          expect(mock.dashboardUrl).toContain(mock.adminKey)
          expect(lines.filter((line) => line.includes('out of reach'))).toEqual([])
        },
      ),
      { numRuns: 10 },
    )
  })

  it.each([
    ['/dashboard', [], '/dashboard'],
    ['/%64ashboard', [], '/dashboard'],
    ['/projects', ['https://api.example.com/admin'], '/admin/projects'],
    ['/admin/projects/{id}', [], '/admin/projects/42'],
    ['/_mock/reset?force=true', [], '/_mock/reset'],
    ['/reference', ['/'], '/reference'],
  ])(
    'are the document’s where it has %s by name below %j: with a warning, and no key in an address',
    async (path, servers, at) => {
      const lines: string[] = []
      const spec = document({ [path]: page('theirs') }, { servers: servers.map((url) => ({ url })) })
      const mock = await start({ spec, onLog: (line) => lines.push(line) })
      const query = path.includes('?') ? '?force=true' : ''
      expect((await send(mock, `GET ${at}${query}`)).text).toBe('theirs')
      expect(lines).toEqual([
        expect.stringContaining(`Warning: the document has GET ${path}, so the mock's own`),
      ])
      expect(mock.dashboardUrl).toBe(`${mock.url}/dashboard`)
    },
  )

  const scheme = (name: string) => ({ type: 'apiKey', in: 'header', name })
  const oauth = { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: {} } } }
  const schemes = {
    ...{ one: scheme('X-One'), two: scheme('X-Two'), asked: { type: 'apiKey', in: 'query', name: 'key' } },
    ...{ cookie: { type: 'apiKey', in: 'cookie', name: 'session' }, oauth, tls: { type: 'mutualTLS' } },
    ...{ basic: { type: 'http', scheme: 'basic' }, bearer: { type: 'http', scheme: 'bearer' } },
    ...{ digest: { type: 'http', scheme: 'digest' } },
  }
  const named = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, []]))

  it.each<readonly (readonly (keyof typeof schemes)[])[]>([
    [],
    ...Object.keys(schemes).flatMap((name) => (name === 'tls' ? [] : [[[name]] as never])),
    [['one', 'two']],
    [['one', 'asked', 'cookie']],
    [['one', 'two'], ['asked']],
    [['one'], ['basic'], ['oauth']],
    [['tls'], ['bearer']],
    [[], ['bearer']],
  ])('begin with a command that works as it is pasted: %j, %j, %j', async (...alternatives) => {
    const security = alternatives.map((names) => named(...names))
    const parameters = [{ name: 'kind', in: 'query', required: true, schema: { enum: ["rock 'n' roll"] } }]
    const mock = await start({
      spec: {
        ...{ openapi: '3.1.0', info: { title: 'Pets', version: '1' }, security },
        components: { securitySchemes: schemes },
        paths: { '/pets': { get: { parameters, ...ok({ type: 'string' }) } } },
      },
    })
    const { text } = await send(mock, 'GET /', undefined, { accept: 'text/html' })
    const commands = [...text.matchAll(/<code>(.*?)<\/code>/gs)].map(([, command = '']) => plain(command))
    expect(commands).toHaveLength(1)
    const ending = `--silent --output /dev/null --write-out '%{http_code}'`
    const { stdout } = await shell('bash', ['-c', `${commands.join()} ${ending}`], {
      env: { PATH: process.env.PATH },
    })
    expect([commands, stdout]).toEqual([commands, '200'])
  })

  it('begin with a request that one credential is enough for, where there is one', async () => {
    const get = (...security: readonly object[]) => ({ get: { security, ...ok({ type: 'string' }) } })
    const both = named('one', 'two')
    const mock = await start({
      spec: {
        ...{ openapi: '3.1.0', info: { title: 'Pets', version: '1' } },
        components: { securitySchemes: schemes },
        paths: { '/a': get(both), '/longer': get(named('two')) },
      },
    })
    const { text } = await send(mock, 'GET /', undefined, { accept: 'text/html' })
    expect(plain(text)).toContain(`curl '${mock.url}/longer' -H 'X-Two: ${mock.keys.test}'`)
  })

  it('have a front door at `/`, for people and for programs, unless the document has one', async () => {
    const spec = document({ '/pets': { get: ok({ type: 'array', items: { type: 'string' } }) } })
    const mock = await start({ spec })
    const places = { dashboard: `${mock.url}/dashboard`, reference: `${mock.url}/reference` }
    expect((await send(mock, 'GET /')).json).toMatchObject({ operations: 1, ...places })
    const { text, headers } = await send(mock, 'GET /', undefined, { accept: 'text/html,*/*;q=0.8' })
    expect([headers.get('content-type'), headers.get('vary')]).toEqual(['text/html; charset=utf-8', 'Accept'])
    expect(plain(text)).toContain(`curl '${mock.url}/pets'`)
    expect(text).not.toContain(mock.adminKey)
    // What changes something is the API's, and stands in the journal.
    expect((await send(mock, 'POST /')).status).toBe(404)
    expect(mock.requests().map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /'])

    const own = await start({ spec: document({ '/': page('theirs') }) })
    expect((await send(own, 'GET /')).text).toBe('theirs')
  })

  it('leave a document what is its own below /admin, and all of management is among them', async () => {
    const paths = ['/admin/tenants', '/admin/{section}', '/admin/{section}/{id}']
    const lines: string[] = []
    const mock = await start({
      spec: document(Object.fromEntries(paths.map((path) => [path, page('theirs')]))),
      onLog: (line) => lines.push(line),
    })
    for (const path of ['/admin/tenants', '/admin/users', '/admin/users/1'])
      expect([path, (await send(mock, `GET ${path}`)).text]).toEqual([path, 'theirs'])
    const key = { 'x-admin-key': mock.adminKey }
    const management = createRequire(import.meta.url)('@gosend/openapi/management.json') as { paths: object }
    const own = Object.keys(management.paths).map((path) => path.replaceAll(/\{.*?\}/g, '42'))
    for (const path of [...own.map((one) => `/admin${one.replace(/^\/admin/, '')}`), '/admin/sandbox/log'])
      expect([path, (await send(mock, `GET ${path}`, undefined, key)).text]).not.toEqual([path, 'theirs'])
    expect([lines, mock.dashboardUrl.includes(mock.adminKey)]).toEqual([[], true])
  })

  it('are not taken by a document that changes while the key is in an address', async () => {
    const file = join(await folder(), 'api.json')
    await writeFile(file, JSON.stringify(document({ '/a': { get: ok() } })))
    const lines: string[] = []
    const mock = await start({ spec: file, watch: true, onLog: (line) => lines.push(line) })
    await writeFile(file, JSON.stringify(document({ '/b': { get: ok() }, '/dashboard': page('theirs') })))
    await expect.poll(async () => (await send(mock, 'GET /b')).status, { timeout: 10_000 }).toBe(200)
    expect((await send(mock, 'GET /dashboard')).text).not.toBe('theirs')
    await expect.poll(() => lines.join()).toContain("which is not served: /dashboard is the mock's own")
  })

  it.each([
    ['its own answers', false],
    ['the real API behind it', true],
  ])('share their admin key with no API, callback or rule: %s', async (_, isProxied) => {
    const to = await receiver()
    to.answer((_received, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    )
    const callback = { post: { responses: { 200: { description: '' } } } }
    const callbacks = Object.fromEntries(
      ['x-admin-key', 'authorization', 'x-other', 'x-name'].map((name) => [
        name,
        { [`${to.url}/made?name={$request.header.${name}}`]: callback },
      ]),
    )
    const post = { operationId: 'make', ...ok({ type: 'object' }), callbacks }
    const mock = await start({
      spec: document({ '/{bucket}/{key}': { post } }),
      auth: 'off',
      ...(isProxied && { proxy: { url: to.url } }),
    })
    const key = mock.adminKey
    const carrying = {
      'x-admin-key': key,
      authorization: `Bearer ${key}`,
      cookie: `a=1; key=${key}`,
      'x-other': key,
    }
    const headers = { ...carrying, 'x-name': 'kept', 'content-type': 'application/json' }
    expect((await send(mock, 'POST /a/b', {}, headers)).status).toBe(200)
    const [one] = await to.until(1)
    expect([one?.headers['x-name'] ?? new URL(one?.path ?? '', to.url).searchParams.get('name')]).toEqual([
      'kept',
    ])
    expect(JSON.stringify(to.received.map(({ path, headers }) => [path, headers]))).not.toContain(key)
    expect(JSON.stringify(mock.requests())).not.toContain(key)
  })
})
