// Documents and references that lead to other machines: what is read, what is not, and what happens without a network.

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMockServer, type MockServerOptions } from '../src/index.js'
import { document, folder, ok, send, start, stop } from './harness.js'

const servers = new Set<Server>()

afterEach(async () => {
  await Promise.all([...servers].map((server) => close(server)))
})

async function close(server: Server): Promise<void> {
  servers.delete(server)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

type Page = string | object | ((request: IncomingMessage, response: ServerResponse) => unknown)

interface Site {
  readonly url: string
  /** Paths with their queries, in the order in which they were asked for. */
  readonly asked: string[]
  readonly pages: Record<string, Page>
  close(): Promise<void>
}

async function site(pages: Record<string, Page>, host = '127.0.0.1'): Promise<Site> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    asked.push(url)
    const page = pages[url.replace(/\?.*/, '')]
    if (page === undefined) response.writeHead(404).end()
    else if (typeof page === 'function') page(request, response)
    else response.end(typeof page === 'string' ? page : JSON.stringify(page))
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  servers.add(server)
  const { port } = server.address() as { port: number }
  return { url: `http://${host}:${port}`, asked, pages, close: () => close(server) }
}

const refTo = (reference: string) => ({ get: ok({ $ref: reference }) })
const redirect = (location: string) => (_: IncomingMessage, response: ServerResponse) =>
  response.writeHead(302, { location }).end()

let cache: string
beforeEach(async () => {
  cache = join(await folder(), 'documents')
})

const serve = (spec: string | object, options: MockServerOptions = {}) =>
  start({ spec, documentCache: cache, ...options })

const refusalOf = (spec: string, options: MockServerOptions = {}): Promise<string> =>
  createMockServer({ spec, documentCache: cache, ...options }).then(
    (mock) => mock.close().then(() => 'served'),
    (error: Error) => error.message,
  )

describe('a document by its address', () => {
  it('is served with all that lies below its folder, and with nothing from elsewhere unless that is allowed', async () => {
    const other = await site({ '/shared/owner.yaml': 'Owner: { const: elsewhere }' })
    const home = await site({
      '/specs/v1/openapi.json': document({
        '/pets': refTo('./schemas/pet.yaml#/Pet'),
        '/owners': refTo(`${other.url}/shared/owner.yaml#/Owner`),
        '/above': refTo('../common/types.yaml#/Type'),
        '/hidden': refTo('./..%2f..%2fadmin.json'),
      }),
      '/specs/v1/schemas/pet.yaml': "Pet: { $ref: 'parts/name.json' }",
      '/specs/v1/schemas/parts/name.json': { const: 'Rex' },
      '/specs/common/types.yaml': 'Type: { const: above }',
    })
    const address = `${home.url}/specs/v1/openapi.json`
    const mock = await serve(address)
    expect((await send(mock, 'GET /pets')).json).toBe('Rex')
    expect((await send(mock, 'GET /owners')).status).toBe(200)
    expect(mock.overview().warnings).toHaveLength(3)
    for (const warning of mock.overview().warnings)
      expect(warning).toMatch(/openapi\.json:\d+ .* is not below|openapi\.json:\d+ .*--allow-remote-refs/)
    expect([other.asked, home.asked.filter((path) => !path.startsWith('/specs/v1/'))]).toEqual([[], []])

    const wide = await serve(address, { allowRemoteRefs: true, allowRefHosts: ['127.0.0.1'] })
    expect((await send(wide, 'GET /owners')).json).toBe('elsewhere')
    expect((await send(wide, 'GET /above')).json).toBe('above')
  })

  it('answers with examples that are at addresses, by the rules for references', async () => {
    const png = Buffer.from([0x89, 0x50, 0x00, 0xff])
    const other = await site({ '/one.json': { id: 7 } })
    const answering = (type: string, externalValue: string) => ({
      get: {
        responses: {
          200: {
            description: 'ok',
            content: { [type]: { schema: {}, examples: { a: { externalValue } } } },
          },
        },
      },
    })
    const home = await site({
      '/v1/api.json': document({
        '/near': answering('application/json', 'examples/near.json'),
        '/text': answering('text/csv', './examples/table.csv'),
        '/bytes': answering('image/png', './examples/a.png'),
        '/far': answering('application/json', `${other.url}/one.json?token=hidden`),
        '/part': { $ref: './parts/part.yaml' },
        '/gone': answering('application/json', './examples/gone.json'),
      }),
      '/v1/examples/near.json': { id: 1 },
      '/v1/examples/table.csv': 'a,b',
      '/v1/examples/a.png': (_, response) => response.end(png),
      '/v1/parts/part.yaml': JSON.stringify(answering('application/json', 'own.json')),
      '/v1/parts/own.json': { id: 2 },
    })
    const mock = await serve(`${home.url}/v1/api.json`, { stateful: false })
    expect((await send(mock, 'GET /near')).json).toEqual({ id: 1 })
    expect((await send(mock, 'GET /text')).text).toBe('a,b')
    expect((await send(mock, 'GET /part')).json).toEqual({ id: 2 })
    expect(Buffer.from(await (await fetch(`${mock.url}/bytes`)).arrayBuffer())).toEqual(png)
    const warnings = mock.overview().warnings.join('\n')
    expect(warnings).toMatch(/one\.json\?… is not below .*--allow-remote-refs.*; an example is made up/)
    expect(warnings).toMatch(/gone\.json cannot be read \(.*status 404\); an example is made up/)
    expect([warnings.includes('hidden'), other.asked]).toEqual([false, []])

    const wide = { allowRemoteRefs: true, allowRefHosts: ['127.0.0.1'], stateful: false }
    const path = join(await folder(), 'api.json')
    await writeFile(
      path,
      JSON.stringify(document({ '/far': answering('application/json', `${other.url}/one.json`) })),
    )
    for (const spec of [`${home.url}/v1/api.json`, path])
      expect((await send(await serve(spec, wide), 'GET /far')).json).toEqual({ id: 7 })
    await other.close()
    expect((await send(await serve(path, wide), 'GET /far')).json).toEqual({ id: 7 })
  })

  it('is served from its copy while its server is out of reach, and anew as soon as it answers', async () => {
    const home = await site({
      '/api.json': document({ '/a': refTo('b.json') }),
      '/b.json': { const: 1 },
    })
    await stop(await serve(`${home.url}/api.json`))
    home.pages['/b.json'] = { const: 2 }
    const second = await serve(`${home.url}/api.json`)
    expect((await send(second, 'GET /a')).json).toBe(2)
    home.pages['/b.json'] = (_, response) => response.writeHead(503).end()
    const log: string[] = []
    const third = await serve(`${home.url}/api.json`, { onLog: (line) => log.push(line) })
    expect((await send(third, 'GET /a')).json).toBe(2)
    expect(log.join()).toMatch(
      /b\.json cannot be read \(the answer has status 503\); the copy of .* is served/,
    )
    await home.close()
    expect((await send(await serve(`${home.url}/api.json`), 'GET /a')).json).toBe(2)
  })

  it('is followed, with what lies below its folder, and asked for by its tag', async () => {
    const asked: unknown[] = []
    const tagged = (value: object) => (request: IncomingMessage, response: ServerResponse) => {
      const text = JSON.stringify(value)
      const etag = `"${text.length}"`
      const isKnown = request.headers['if-none-match'] === etag
      asked.push(isKnown)
      response.writeHead(isKnown ? 304 : 200, { etag }).end(isKnown ? undefined : text)
    }
    const api = document({ '/a': refTo('parts/b.json') })
    const home = await site({ '/v1/api.json': tagged(api), '/v1/parts/b.json': { const: 1 } })
    const log: string[] = []
    const mock = await serve(`${home.url}/v1/api.json`, { watch: true, onLog: (line) => log.push(line) })
    const shown = async () => (await send(mock, 'GET /a')).json
    const becomes = (value: unknown) => expect.poll(shown, { timeout: 15_000 }).toBe(value)
    await expect.poll(() => asked.slice(0, 2), { timeout: 15_000 }).toEqual([false, true])
    expect(log).toEqual([])
    home.pages['/v1/parts/b.json'] = { const: 2 }
    await becomes(2)
    home.pages['/v1/api.json'] = 'openapi: ['
    const problems = () => log.filter((line) => line.includes('the last good one stays')).length
    await expect.poll(problems, { timeout: 15_000 }).toBe(1)
    expect(await shown()).toBe(2)
    home.pages['/v1/parts/b.json'] = { const: 3 }
    home.pages['/v1/api.json'] = tagged({ ...api, tags: [] })
    await becomes(3)
    expect(problems()).toBe(1)
  })

  it('may have moved: what it refers to is beside the place that it has moved to', async () => {
    const home = await site({
      '/latest': redirect('/v2/api.json'),
      '/v2/api.json': document({ '/a': refTo('b.json') }),
      '/v2/b.json': { const: 'moved' },
    })
    expect((await send(await serve(`${home.url}/latest`), 'GET /a')).json).toBe('moved')
  })

  it.each([
    ['/gone.json', /status 404/],
    ['/page', /is a web page/],
    ['/list.json', /not an OpenAPI document/],
    ['/circle', /more than 5 redirects/],
    ['/inside', /169\.254\.169\.254.*--allow-ref-host/],
    ['/other-port', /--allow-ref-host/],
    ['/zipped', /compressed/],
    ['/huge', /larger than 32 MB/],
    ['/cut', /closed|could not be reached/],
  ])('that cannot be read keeps the mock from starting, with the reason: %s', async (path, why) => {
    const other = await site({ '/': document({}) })
    const home = await site({
      '/page': '<!doctype html><title>Sign in</title>',
      '/list.json': '[]',
      '/circle': redirect('/circle'),
      '/inside': redirect('http://169.254.169.254/latest/meta-data'),
      '/other-port': redirect(other.url),
      '/zipped': (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
      '/huge': (_, response) => {
        const chunk = Buffer.alloc(1024 * 1024, ' ')
        const more = () => void (response.destroyed || response.write(chunk, more))
        more()
      },
      '/cut': (request) => request.socket.destroy(),
    })
    expect(await refusalOf(`${home.url}${path}?token=hidden`)).toMatch(why)
    expect(await refusalOf(`${home.url.replace('//', '//me:hidden@')}${path}`)).not.toContain('hidden')
    expect(other.asked).toEqual([])
  })

  it('gets the credentials in its address, which no other origin gets and nobody is shown', async () => {
    const seen: (string | undefined)[] = []
    const note =
      (page: object): Page =>
      (request, response) => {
        seen.push(request.headers.authorization)
        response.end(JSON.stringify(page))
      }
    const other = await site({ '/c.json': note({ const: 3 }) })
    const home = await site({
      '/api.json': note(document({ '/a': refTo('b.json'), '/c': refTo('c.json') })),
      '/b.json': note({ allOf: [{ $ref: '#/gone' }] }),
      '/c.json': redirect(`${other.url}/c.json`),
    })
    const log: string[] = []
    const mock = await serve(`${home.url.replace('//', '//me:hidden@')}/api.json?token=hidden`, {
      ...{ allowRemoteRefs: true, allowRefHosts: ['127.0.0.1'] },
      onLog: (line) => log.push(line),
    })
    expect((await send(mock, 'GET /c')).json).toBe(3)
    const basic = `Basic ${Buffer.from('me:hidden').toString('base64')}`
    expect(seen.sort()).toEqual([basic, basic, undefined])
    expect(JSON.stringify([log, mock.overview()])).not.toContain('hidden')
    expect(mock.overview().warnings.join()).toMatch(/b\.json#\/gone leads nowhere|#\/gone leads nowhere/)
  })
})

describe('a reference to another machine', () => {
  const files = async (reference: string): Promise<string> => {
    const path = join(await folder(), 'api.json')
    await writeFile(path, JSON.stringify(document({ '/a': refTo(reference), '/ok': { get: ok() } })))
    return path
  }

  it('is followed when that is allowed, once: from then on its copy is read', async () => {
    const other = await site({
      '/types/a.yaml': "A: { $ref: './b.yaml#/B' }",
      '/types/b.yaml': 'B: { const: far }',
    })
    const spec = await files(`${other.url}/types/a.yaml#/A`)
    const options = { allowRemoteRefs: true, allowRefHosts: ['127.0.0.0/8'] }
    const first = await Promise.all([serve(spec, options), serve(spec, options)])
    for (const mock of first) expect((await send(mock, 'GET /a')).json).toBe('far')
    const before = other.asked.length
    await other.close()
    const mock = await serve(spec, options)
    expect([(await send(mock, 'GET /a')).json, mock.overview().warnings, other.asked.length]).toEqual([
      ...['far', []],
      before,
    ])
  })

  it('reads again what is damaged on disk', async () => {
    const other = await site({ '/a.yaml': 'A: { const: whole }' })
    const spec = await files(`${other.url}/a.yaml#/A`)
    const options = { allowRemoteRefs: true, allowRefHosts: ['127.0.0.1'] }
    await stop(await serve(spec, options))
    const [name = ''] = await readdir(cache)
    const whole = await readFile(join(cache, name))
    const damaged = [
      whole.subarray(0, -3),
      Buffer.concat([whole, Buffer.from('x')]),
      Buffer.from('{}\n'),
      Buffer.alloc(0),
    ]
    for (const content of damaged) {
      await writeFile(join(cache, name), content)
      expect((await send(await serve(spec, options), 'GET /a')).json).toBe('whole')
      expect(await readFile(join(cache, name), 'utf8')).toContain('whole')
    }
    expect(await readdir(cache)).toEqual([name])
  })

  it.each([
    '127.0.0.1',
    '[::1]',
    'localhost',
    '10.0.0.1',
    '169.254.169.254',
    '[fd00::1]',
    '0x7f.1',
    '2130706433',
  ])('never leads to a private address: %s', async (host) => {
    const canary = await site({ '/a.json': {} })
    const { port } = new URL(canary.url)
    for (const scheme of ['http', 'https']) {
      const spec = await files(`${scheme}://${host}:${port}/a.json`)
      const mock = await serve(spec, { allowRemoteRefs: true })
      expect(mock.overview().warnings).toEqual([
        expect.stringMatching(/cannot be read.*(--allow-ref-host|https only)/),
      ])
      expect((await send(mock, 'GET /ok')).status).toBe(200)
    }
    expect(canary.asked).toEqual([])
  })

  it('is not redirected to a private address either', async () => {
    const inside = await site({ '/secret.json': { const: 'secret' } }, '127.0.0.2')
    const other = await site({ '/a.json': redirect(`${inside.url}/secret.json`) })
    const mock = await serve(await files(`${other.url}/a.json`), {
      ...{ allowRemoteRefs: true, allowRefHosts: ['127.0.0.1'] },
    })
    expect(mock.overview().warnings).toEqual([expect.stringMatching(/127\.0\.0\.2.*--allow-ref-host/)])
    expect(inside.asked).toEqual([])
  })

  it('of an object is followed as well', async () => {
    const other = await site({ '/a.json': { const: 'far' } })
    const spec = document({ '/a': refTo(`${other.url}/a.json`), '/b': refTo('./b.json') })
    const mock = await serve(spec, { allowRemoteRefs: true, allowRefHosts: ['127.0.0.1'] })
    expect((await send(mock, 'GET /a')).json).toBe('far')
    await expect(serve(spec, { allowRemoteRefs: true, allowRefHosts: ['a b'] })).rejects.toThrow(
      /^allowRefHosts: /,
    )
  })
})
