// The validating proxy in front of a real HTTP server.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProxyOptions } from '../src/index.js'
import { document, folder, ok, send, start } from './harness.js'

let server: Server
let url = ''
const seen: {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: string
}[] = []

const WRONG = JSON.stringify({ id: 'one', extra: 'é' })

/** What the real API answers, by path. */
const answers: Readonly<
  Record<string, (request: IncomingMessage, response: import('node:http').ServerResponse) => void>
> = {
  '/wrong': (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(WRONG),
  '/zipped': (_, response) => {
    const fields = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    response.writeHead(200, fields).end(gzipSync(WRONG))
  },
  '/status/501': (_, response) => response.writeHead(501).end(),
  '/status/204': (_, response) => response.writeHead(204).end(),
  '/moved': (request, response) => {
    const location = `http://${request.headers.host}/base/wrong?x=1`
    const cookies = ['a=1; Domain=127.0.0.1; Path=/', 'b=2; Domain=other.example']
    response
      .writeHead(302, { location, 'set-cookie': cookies, connection: 'x-hop', 'x-hop': '1', 'x-kept': '1' })
      .end()
  },
  '/events': (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
    // The second event waits until the first has been read: a proxy that holds back the answer gets neither.
    eventRead.then(() => response.end('data: 2\n\n'))
  },
  '/silent': () => {},
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 99 })
    response.write('{"id"', () => response.destroy())
  },
}
let readFirstEvent = () => {}
const eventRead = new Promise<void>((resolve) => {
  readFirstEvent = resolve
})

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, headers } = request
    seen.push({ method, url: request.url, headers, body: Buffer.concat(chunks).toString() })
    const path = (request.url ?? '').replace(/^\/base|\?.*/g, '')
    const answer = answers[path]
    if (answer !== undefined) return answer(request, response)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 7 }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const thing = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer' } },
  additionalProperties: false,
}
const named = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
const posted = (responses: object) => ({
  post: { requestBody: { content: { 'application/json': { schema: named } } }, ...responses },
})

const spec = document(
  {
    '/things/{id}': { get: { operationId: 'readThing', ...ok(thing, { id: 1 }) } },
    '/things': posted(ok(thing)),
    '/strict-things': posted({ responses: { 200: { description: 'OK' }, 400: { description: 'Wrong' } } }),
    '/wrong': { get: ok(thing, { id: 1 }) },
    '/zipped': { get: ok(thing) },
    '/status/501': { get: ok(thing, { id: 501 }) },
    '/status/204': { get: ok(thing) },
    '/moved': { get: { responses: { 302: { description: 'Moved' } } } },
    '/events': { get: { responses: { 200: { description: 'OK', content: { 'text/event-stream': {} } } } } },
    '/silent': { get: ok(thing, { id: 3 }) },
    '/cut': { get: ok(thing, { id: 4 }) },
    '/guarded': { get: { security: [{ key: [] }], ...ok(thing) } },
  },
  { components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } } } },
)

const proxied = (proxy: Partial<ProxyOptions> = {}, rest: object = {}) =>
  start({ spec, proxy: { url, ...proxy }, ...rest })

const violationsOf = (headers: Headers) => JSON.parse(headers.get('sl-violations') ?? '[]') as unknown[]

describe('the validating proxy', () => {
  it('passes on what fits, and says that the real API answered', async () => {
    const mock = await proxied()
    const reply = await send(mock, 'GET /things/7?b=%20&a=1')
    expect([reply.status, reply.json, reply.headers.get('mock-source')]).toEqual([200, { id: 7 }, 'upstream'])
    expect(reply.headers.get('sl-violations')).toBeNull()
    expect(seen.at(-1)?.url).toBe('/base/things/7?b=%20&a=1')
    expect(mock.proxyReport()).toEqual({ requests: 1, unanswered: 0, violating: 0, violations: [] })
  })

  it('lets scenarios answer in place of the real API, one step for each request', async () => {
    const scenarios = [
      {
        operation: 'POST /things',
        body: { name: 'Rex' },
        steps: [{ status: 200, body: { id: 1 } }, {}, { drop: true, times: 1 }],
      },
      { operation: 'GET /status/501', steps: [{}, { status: 200, body: { id: 2 } }] },
    ]
    const mock = await proxied({}, { scenarios })
    const source = async (line: string, body?: object) =>
      (await send(mock, line, body)).headers.get('mock-source')
    expect(await source('POST /things', { name: 'Tom' })).toBe('upstream')
    expect(await source('POST /things', { name: 'Rex' })).toBe('scenario')
    expect(await source('POST /things', { name: 'Rex' })).toBe('upstream')
    await expect(source('POST /things', { name: 'Rex' })).rejects.toThrow()
    expect(await source('POST /things', { name: 'Rex' })).toBe('upstream')
    // The mock stands in for the API, and takes no second step for the same request.
    expect(await source('GET /status/501')).toBe('example')
    expect(await source('GET /status/501')).toBe('scenario')
  })

  it('tells header, log, journal and report of a wrong answer, and passes it on byte for byte', async () => {
    const log: string[] = []
    const mock = await proxied({}, { onLog: (line: string) => log.push(line) })
    for (const path of ['/wrong', '/zipped']) {
      const reply = await send(mock, `GET ${path}`, undefined, { 'accept-encoding': 'gzip' })
      expect(reply.text).toBe(WRONG)
      expect(violationsOf(reply.headers)).toEqual([
        {
          location: ['response', 'body'],
          severity: 'Error',
          code: 'additionalProperties',
          message: "Response body must NOT have additional properties; found 'extra'",
        },
        {
          location: ['response', 'body', 'id'],
          severity: 'Error',
          code: 'type',
          message: 'Response body property id must be integer',
        },
      ])
    }
    expect(log).toContain('Violation: GET /wrong response.body.id: Response body property id must be integer')
    const [entry] = mock.requests()
    expect([entry?.source, entry?.reason, entry?.responseBody]).toEqual([
      'upstream',
      '2 violations',
      JSON.parse(WRONG),
    ])
    expect(entry?.violations.map(({ in: place, location }) => [place, location])).toEqual([
      ['response body', ''],
      ['response body', '/id'],
    ])
    expect(mock.proxyReport()).toMatchObject({ requests: 2, violating: 2, violations: { length: 4 } })
  })

  it('tells of a wrong request, and forwards it all the same', async () => {
    const mock = await proxied()
    const reply = await send(mock, 'POST /things', { nme: 'x' })
    expect([reply.status, seen.at(-1)?.body]).toEqual([200, '{"nme":"x"}'])
    expect(violationsOf(reply.headers)).toEqual([
      {
        location: ['request', 'body'],
        severity: 'Error',
        code: 'required',
        message: "Request body must have required property 'name'",
      },
    ])
    const unguarded = await send(mock, 'GET /guarded')
    expect(unguarded.status).toBe(200)
    expect(violationsOf(unguarded.headers)).toMatchObject([{ code: 401 }])
    const silent = await proxied({}, { requests: 'off' })
    expect((await send(silent, 'POST /things', { nme: 'x' })).headers.get('sl-violations')).toBeNull()
  })

  it.each([
    ['GET /wrong', undefined, 500, 'application/problem+json', 1],
    ['POST /things', { nme: 1 }, 422, 'application/problem+json', 0],
    // The document describes an answer to invalid requests.
    ['POST /strict-things', { nme: 1 }, 400, 'application/json', 0],
    ['GET /guarded', undefined, 401, 'application/json', 0],
    ['GET /nowhere', undefined, 404, 'application/json', 0],
    ['GET /things/7', undefined, 200, 'application/json', 1],
  ])(
    'with errors: answers %s with the error that it deserves',
    async (line, body, status, type, forwarded) => {
      const mock = await proxied({ errors: true })
      const before = seen.length
      const reply = await send(mock, line, body)
      expect([reply.status, reply.headers.get('content-type'), seen.length - before]).toEqual([
        status,
        type,
        forwarded,
      ])
    },
  )

  it('forwards what the document does not know', async () => {
    const mock = await proxied()
    const reply = await send(mock, 'DELETE /nowhere/at/all')
    expect([reply.status, reply.json]).toEqual([200, { id: 7 }])
    expect(violationsOf(reply.headers)).toMatchObject([
      { severity: 'Warning', message: 'Selected route not found' },
    ])
    expect(mock.proxyReport()).toMatchObject({ violating: 0 })
  })

  it('forwards no field of the connection, its own name for the host, and the credential of the client', async () => {
    const mock = await proxied()
    const { port } = new URL(mock.url)
    const headers = {
      connection: 'close, X-Hop',
      'x-hop': '1',
      te: 'trailers',
      'keep-alive': 'timeout=1',
      'proxy-authorization': 'Basic x',
      authorization: 'Bearer of-the-real-api',
      'transfer-encoding': 'chunked',
    }
    const request = httpRequest({ port, path: '/things', method: 'POST', headers })
    request.end('{"name":"x"}')
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    const { headers: sent = {}, body } = seen.at(-1) ?? {}
    expect(body).toBe('{"name":"x"}')
    for (const name of ['x-hop', 'te', 'keep-alive', 'proxy-authorization', 'transfer-encoding'])
      expect(sent[name], name).toBeUndefined()
    expect([sent.host, sent.authorization, sent['content-length']]).toEqual([
      new URL(url).host,
      'Bearer of-the-real-api',
      '12',
    ])
    expect(sent.via).toMatch(/^1\.1 gosend-mock-/)
  })

  it('keeps the admin key of the mock, wherever a client has put it', async () => {
    const mock = await proxied()
    const { adminKey } = mock
    const hidden = adminKey.replace('_', '%5f')
    const reached = seen.length
    for (const [line, body] of [
      [`GET /things/7?key=${adminKey}`],
      [`GET /things/${hidden}`],
      [`GET /unknown/${adminKey}/x`],
      ['POST /things', { name: adminKey }],
    ] as const) {
      const { status, text } = await send(mock, line, body)
      expect([status, text], line).toEqual([400, expect.stringContaining('send it as X-Admin-Key')])
      expect(text).not.toContain(adminKey)
    }
    expect(seen).toHaveLength(reached)
    await send(mock, 'GET /things/7', undefined, { 'x-admin-key': adminKey, 'x-else': adminKey })
    expect(JSON.stringify(seen.at(-1)?.headers)).not.toContain(adminKey)
  })

  it('passes on redirects so that clients who follow them stay at the proxy', async () => {
    const mock = await proxied()
    const { headers, status } = await send(mock, 'GET /moved')
    expect([status, headers.get('location')]).toEqual([302, `${mock.url}/wrong?x=1`])
    expect(headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Domain=other.example'])
    expect([headers.get('x-hop'), headers.get('x-kept')]).toEqual([null, '1'])
  })

  it('passes on a stream event by event', async () => {
    const mock = await proxied()
    const response = await fetch(`${mock.url}/events`)
    const reader = response.body?.getReader()
    const first = await reader?.read()
    readFirstEvent()
    const second = await reader?.read()
    expect([first, second].map((part) => new TextDecoder().decode(part?.value as Uint8Array))).toEqual([
      'data: 1\n\n',
      'data: 2\n\n',
    ])
  })

  it('forwards a body that is longer than what is checked, without holding it back', async () => {
    const mock = await proxied({}, { maxBodyBytes: 1_000 })
    const body = JSON.stringify({ name: 'x'.repeat(200_000) })
    const reply = await send(mock, 'POST /things', body, { 'content-type': 'application/json' })
    expect([reply.status, seen.at(-1)?.body.length]).toEqual([200, body.length])
    expect(violationsOf(reply.headers)).toMatchObject([
      { location: ['request', 'body'], severity: 'Warning' },
    ])
  })

  it('answers 501 to the body of a GET that the document does not describe', async () => {
    const mock = await proxied()
    const { port } = new URL(mock.url)
    const request = httpRequest({ port, path: '/things/7', headers: { 'content-length': 2 } })
    request.end('{}')
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(501)
  })

  it.each([
    ['501', '/status/501', {}, 200, 'example'],
    ['501, passed on', '/status/501', { fallback: false }, 501, 'upstream'],
    ['too late', '/silent', { timeoutMs: 50 }, 200, 'example'],
    ['too late, passed on', '/silent', { timeoutMs: 50, fallback: false }, 504, 'error'],
    ['refused', '/things/1', { url: 'http://127.0.0.1:9' }, 200, 'example'],
    ['refused, passed on', '/things/1', { url: 'http://127.0.0.1:9', fallback: false }, 502, 'error'],
    ['refused, for what the mock does not know', '/nowhere', { url: 'http://127.0.0.1:9' }, 502, 'error'],
    ['broken off', '/cut', {}, 502, 'error'],
    ['not asked', '/things/1', { mocked: ['readThing'] }, 200, 'example'],
  ])(
    'where the real API is %s, the mock answers or says why not',
    async (_, path, options, status, source) => {
      const mock = await proxied(options, { stateful: false })
      const reply = await send(mock, `GET ${path}`)
      expect([reply.status, reply.headers.get('mock-source')]).toEqual([status, source])
    },
  )

  it('does not go round in a circle', async () => {
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    other.close()
    await once(other, 'close')
    const mock = await proxied({ url: `http://127.0.0.1:${port}` }, { port })
    expect((await send(mock, 'GET /things/1')).status).toBe(508)
  })

  it('refuses options that lead nowhere', async () => {
    await expect(proxied({ url: 'ftp://x' })).rejects.toThrow(/proxy\.url: must be an http or https address/)
    await expect(proxied({ mocked: ['readThin'] })).rejects.toThrow(
      /no such operation as readThin.*readThing/,
    )
  })

  it('ends the command with 1 where something did not fit', async () => {
    const file = `${await folder()}/api.json`
    await writeFile(file, JSON.stringify(spec))
    const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
    const flags = ['--db', ':memory:', '--port', '0', '--json', '--quiet', '--fail-on', 'violations']
    const child = spawn(process.execPath, [bin, 'proxy', file, url, ...flags])
    let printed = ''
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString()
    })
    await once(child.stdout, 'data')
    const started = JSON.parse(printed) as { readonly url: string }
    await fetch(`${started.url}/wrong`)
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(1)
    expect(JSON.parse(printed.split('\n')[1] ?? '')).toMatchObject({ requests: 1, violating: 1 })
  })
})
