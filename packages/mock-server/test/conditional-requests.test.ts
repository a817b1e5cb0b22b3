// HTTP as servers speak it: entity tags, conditions, ranges, codings, languages and cookies.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { document, folder, send, start } from './harness.js'

const text = { type: 'string' }
const pet = {
  type: 'object',
  required: ['id', 'name'],
  properties: {
    id: { ...text, readOnly: true },
    name: text,
    updatedAt: { ...text, format: 'date-time', readOnly: true },
  },
}
const json = (schema: object, rest: object = {}) => ({ content: { 'application/json': { schema, ...rest } } })
const answer = (schema: object, rest: object = {}) => ({ description: 'OK', ...json(schema), ...rest })
const id = { name: 'id', in: 'path', required: true, schema: text }
const tagged = (schema: object) => ({ headers: { ETag: { schema } } })
const photo = { 'image/jpeg': { schema: { ...text, format: 'binary' } } }

const pets = document({
  '/pets': {
    get: { responses: { 200: answer({ type: 'array', items: pet }) } },
    post: { requestBody: json(pet), responses: { 201: answer(pet, tagged(text)) } },
  },
  '/pets/{id}': {
    parameters: [id],
    get: { responses: { 200: answer(pet) } },
    patch: { requestBody: json(pet), responses: { 200: answer(pet, tagged(text)) } },
    put: { requestBody: json(pet), responses: { 200: answer(pet), 201: answer(pet) } },
    delete: { responses: { 204: { description: 'Gone' } } },
  },
  '/pets/{id}/photo': {
    parameters: [id],
    get: { responses: { 200: { description: 'OK', content: photo } } },
    put: { requestBody: { content: photo }, responses: { 204: { description: 'Kept' } } },
  },
})

async function petOf(mock: MockServer) {
  const { json: made, headers } = await send(mock, 'POST /pets', { name: 'Rex' })
  return { path: `/pets/${made.id}`, etag: String(headers.get('etag')) }
}
const statusOf = async (mock: MockServer, line: string, headers: Record<string, string>, body?: object) =>
  (await send(mock, line, body, headers)).status

it('answers without a body where the document wants a tag of what there is not', async () => {
  const done = { description: 'Done', ...tagged(text) }
  const mock = await start({
    spec: document({
      '/pets': { post: { requestBody: json(pet), responses: { 201: answer(pet) } } },
      '/pets/{id}': { parameters: [id], get: { responses: { 200: answer(pet) } } },
      '/pets/block': { post: { responses: { 200: done } } },
      '/pets/{id}/picture': { parameters: [id], get: { responses: { 200: done } } },
    }),
  })
  const { path } = await petOf(mock)
  const answers = [await send(mock, 'POST /pets/block'), await send(mock, `GET ${path}/picture`)]
  expect(answers.map(({ status, text: body }) => [status, body])).toEqual([
    [200, ''],
    [200, ''],
  ])
})

describe('a conditional request', () => {
  it('that reads gets 304 without a body as long as nothing has changed', async () => {
    const mock = await start({ spec: pets })
    const { path, etag } = await petOf(mock)
    const first = await send(mock, `GET ${path}`)
    const modified = String(first.headers.get('last-modified'))
    expect([first.headers.get('etag'), first.headers.get('cache-control')]).toEqual([etag, 'no-cache'])
    expect(Date.parse(modified)).toBe(Math.floor(Date.parse(first.json.updatedAt) / 1_000) * 1_000)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await send(mock, `GET ${path}`, undefined, { 'if-none-match': known })
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
    }
    const read = (headers: Record<string, string>) => statusOf(mock, `GET ${path}`, headers)
    expect(await read({ 'if-modified-since': modified })).toBe(304)
    expect(await read({ 'if-modified-since': new Date(0).toUTCString() })).toBe(200)
    expect(await read({ 'if-modified-since': 'yesterday' })).toBe(200)
    // RFC 9110, section 13.1.3: a recipient ignores the date beside a tag.
    expect(await read({ 'if-none-match': '"other"', 'if-modified-since': modified })).toBe(200)
    expect(await read({ 'if-match': '"other"' })).toBe(412)
    const head = await send(mock, `HEAD ${path}`)
    expect([head.headers.get('etag'), head.text]).toEqual([etag, ''])
  })

  it('that changes is 412 once the thing is another, and changes nothing', async () => {
    const mock = await start({ spec: pets })
    const { path, etag } = await petOf(mock)
    const changed = await send(mock, `PATCH ${path}`, { name: 'Max' }, { 'if-match': etag })
    const now = await send(mock, `GET ${path}`)
    expect([changed.status, now.json.name]).toEqual([200, 'Max'])
    expect(changed.headers.get('etag')).toBe(now.headers.get('etag'))
    for (const [line, body] of [[`PATCH ${path}`, { name: 'Tom' }], [`DELETE ${path}`]] as const) {
      expect(await statusOf(mock, line, { 'if-match': etag }, body)).toBe(412)
      expect(await statusOf(mock, line, { 'if-unmodified-since': new Date(0).toUTCString() }, body)).toBe(412)
    }
    expect(await statusOf(mock, `PUT ${path}`, { 'if-none-match': '*' }, { name: 'Tom' })).toBe(412)
    expect((await send(mock, `GET ${path}`)).json.name).toBe('Max')
    expect(await statusOf(mock, `DELETE ${path}`, { 'if-match': String(now.headers.get('etag')) })).toBe(204)
    expect(await statusOf(mock, `PATCH ${path}`, { 'if-match': '*' }, { name: 'Tom' })).toBe(412)
  })

  it('wins alone, of many that know the same state', async () => {
    const mock = await start({ spec: pets })
    const { path, etag } = await petOf(mock)
    const names = Array.from({ length: 20 }, (_, i) => `Pet ${i}`)
    const statuses = await Promise.all(
      names.map((name) => statusOf(mock, `PATCH ${path}`, { 'if-match': etag }, { name })),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 412)).toHaveLength(names.length - 1)
  })

  it('keeps to the form that the document gives its tags, and to a 428', async () => {
    const ruled = (schema: object, example?: string) => ({
      get: { responses: { 200: answer(pet, { headers: { ETag: { schema, example } } }) } },
      patch: { requestBody: json(pet), responses: { 200: answer(pet), 428: { description: 'Say which' } } },
    })
    const spec = document({
      '/weak': ruled(text, 'W/"abc"'),
      '/bare': ruled({ ...text, pattern: '^[0-9a-f]{32}$' }),
      '/fixed': ruled({ const: '"v1"' }),
    })
    const mock = await start({ spec })
    const forms = { '/weak': /^W\/"[0-9a-f]{32}"$/, '/bare': /^[0-9a-f]{32}$/, '/fixed': /^"v1"$/ }
    for (const [path, form] of Object.entries(forms)) {
      const etag = String((await send(mock, `GET ${path}`)).headers.get('etag'))
      expect(etag).toMatch(form)
      expect(await statusOf(mock, `GET ${path}`, { 'if-none-match': etag })).toBe(304)
      expect(await statusOf(mock, `PATCH ${path}`, {}, { name: 'Tom' })).toBe(428)
      expect(await statusOf(mock, `PATCH ${path}`, { 'if-match': '"other"' }, { name: 'Tom' })).toBe(412)
      expect(await statusOf(mock, `PATCH ${path}`, { 'if-match': etag }, { name: 'Tom' })).toBe(200)
    }
  })

  it('asks for none where a 428 says something else', async () => {
    const unscanned = { 428: { description: 'Precondition Required: the file cannot be scanned' } }
    const spec = document({
      '/pets': {
        get: { responses: { 200: answer({ type: 'array', items: pet }), ...unscanned } },
        post: { requestBody: json(pet), responses: { 201: answer(pet), ...unscanned } },
      },
      '/pets/{id}': {
        get: { responses: { 200: answer(pet), ...unscanned } },
        patch: { requestBody: json(pet), responses: { 200: answer(pet), ...unscanned } },
        delete: { responses: { 204: { description: 'Gone' }, ...unscanned } },
      },
    })
    const mock = await start({ spec })
    const { id } = (await send(mock, 'POST /pets', { name: 'Tom' })).json as { id: string }
    expect(await statusOf(mock, 'GET /pets', {})).toBe(200)
    expect(await statusOf(mock, `GET /pets/${id}`, {})).toBe(200)
    expect(await statusOf(mock, `PATCH /pets/${id}`, {}, { name: 'Tim' })).toBe(200)
    expect(await statusOf(mock, `DELETE /pets/${id}`, {})).toBe(204)
  })
})

describe('a file', () => {
  it('is sent in ranges', async () => {
    const mock = await start({ spec: pets })
    await send(mock, 'PUT /pets/1/photo', '0123456789', { 'content-type': 'image/jpeg' })
    const whole = await send(mock, 'GET /pets/1/photo')
    expect([whole.text, whole.headers.get('accept-ranges')]).toEqual(['0123456789', 'bytes'])
    const etag = String(whole.headers.get('etag'))
    const ask = async (range: string, more: Record<string, string> = {}) => {
      const {
        status,
        text: part,
        headers,
      } = await send(mock, 'GET /pets/1/photo', undefined, { range, ...more })
      return [status, part, headers.get('content-range')]
    }
    expect(await ask('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10'])
    expect(await ask('bytes=8-')).toEqual([206, '89', 'bytes 8-9/10'])
    expect(await ask('bytes=-3', { 'if-range': etag })).toEqual([206, '789', 'bytes 7-9/10'])
    expect(await ask('bytes=-3', { 'if-range': '"other"' })).toEqual([200, '0123456789', null])
    expect(await ask('bytes=0-1,8-9')).toEqual([200, '0123456789', null])
    expect(await ask('lines=1')).toEqual([200, '0123456789', null])
    expect((await ask('bytes=10-')).filter((_, i) => i !== 1)).toEqual([416, 'bytes */10'])
  })
})

describe('an answer of more than a packet', () => {
  it('is compressed as the client likes best, with a tag of its own that is as good as the plain one', async () => {
    const mock = await start({ spec: pets, seedItems: 40 })
    const ask = async (accept: string, more: Record<string, string> = {}) => {
      const {
        status,
        headers,
        text: body,
      } = await send(mock, 'GET /pets', undefined, {
        'accept-encoding': accept,
        ...more,
      })
      return {
        status,
        coding: headers.get('content-encoding'),
        etag: headers.get('etag') ?? '',
        body,
        headers,
      }
    }
    const plain = await ask('identity')
    expect([plain.coding, plain.headers.get('vary')]).toEqual([null, 'Accept-Encoding, Origin'])
    const cases = {
      'gzip, br': 'br',
      gzip: 'gzip',
      'br;q=0.1, gzip': 'gzip',
      'x-gzip': 'gzip',
      deflate: 'deflate',
    }
    const others = {
      '*': 'br',
      'gzip;q=0': null,
      'br;q=0, *;q=0': null,
      'identity, gzip;q=0.5': null,
      zstd: null,
    }
    for (const [accept, coding] of Object.entries({ ...cases, ...others })) {
      const reply = await ask(accept)
      expect([accept, reply.coding, reply.body === plain.body]).toEqual([accept, coding, true])
      expect(reply.etag).toBe(coding === null ? plain.etag : plain.etag.replace(/"$/, `-${coding}"`))
      for (const etag of [reply.etag, plain.etag]) {
        const again = await ask(accept, { 'if-none-match': etag })
        expect([again.status, again.headers.get('vary')]).toEqual([304, 'Accept-Encoding, Origin'])
      }
    }
    expect(mock.requests().find(({ path }) => path === '/pets')?.responseBody).toHaveLength(40)
    expect(
      (await send(mock, 'GET /pets/1', undefined, { 'accept-encoding': 'gzip' })).headers.has(
        'content-encoding',
      ),
    ).toBe(false)
  })
})

describe('examples in several languages', () => {
  it('are chosen by Accept-Language', async () => {
    const greeting = (words: string) => ({ value: { words } })
    const examples = { en: greeting('Hello'), 'de-CH': greeting('Grüezi'), pt_BR: greeting('Olá') }
    const mixed = { en: greeting('Hello'), other: greeting('Hm') }
    const schema = { type: 'object', properties: { words: text } }
    const of = (all: object) => ({
      get: { responses: { 200: { description: 'OK', ...json(schema, { examples: all }) } } },
    })
    const mock = await start({ spec: document({ '/greeting': of(examples), '/mixed': of(mixed) }) })
    const ask = async (language?: string, path = '/greeting') => {
      const headers: Record<string, string> = language === undefined ? {} : { 'accept-language': language }
      const reply = await send(mock, `GET ${path}`, undefined, headers)
      return [reply.json.words, reply.headers.get('content-language'), reply.headers.get('vary')]
    }
    const vary = 'Accept-Language, Origin'
    expect(await ask('de')).toEqual(['Grüezi', 'de-CH', vary])
    expect(await ask('de-CH-1996, en;q=0.5')).toEqual(['Grüezi', 'de-CH', vary])
    expect(await ask('en;q=0.5, pt-BR')).toEqual(['Olá', 'pt-BR', vary])
    expect(await ask('fr, *;q=0.1')).toEqual(['Hello', 'en', vary])
    expect(await ask('de;q=0')).toEqual(['Hello', 'en', vary])
    expect(await ask('de', '/mixed')).toEqual(['Hello', null, 'Origin'])
  })
})

describe('a cookie that a login sets', () => {
  const login = (example?: string) => ({
    post: { responses: { 204: { description: 'In', headers: { 'Set-Cookie': { schema: text, example } } } } },
  })
  const me = { get: { security: [{ sid: [] }], responses: { 200: answer({ type: 'object' }) } } }
  const spec = (...logins: readonly (string | undefined)[]) =>
    document(
      { '/login': login(logins[0]), '/logout': login(logins[1] ?? 'sid=; Max-Age=0'), '/me': me },
      { components: { securitySchemes: { sid: { type: 'apiKey', in: 'cookie', name: 'sid' } } } },
    )
  const readWith = (mock: MockServer, cookie: string) => statusOf(mock, 'GET /me', { cookie })

  it('opens what asks for it, from the login until the logout, and no other cookie does', async () => {
    const mock = await start({ spec: spec('sid=abc123; Path=/; HttpOnly') })
    expect(await readWith(mock, 'sid=abc123')).toBe(401)
    expect((await send(mock, 'POST /login')).headers.get('set-cookie')).toBe('sid=abc123; Path=/; HttpOnly')
    expect(await readWith(mock, 'a=1; sid=abc123')).toBe(200)
    expect(await readWith(mock, 'sid=abc124')).toBe(401)
    await send(mock, 'POST /logout', undefined, { cookie: 'sid=abc123' })
    expect(await readWith(mock, 'sid=abc123')).toBe(401)
  })

  it('ends by the clock of the mock', async () => {
    const mock = await start({ spec: spec('sid=abc123; Max-Age=60') })
    await send(mock, 'POST /login')
    await mock.advance(59_000)
    expect(await readWith(mock, 'sid=abc123')).toBe(200)
    await mock.advance(1_000)
    expect(await readWith(mock, 'sid=abc123')).toBe(401)
  })

  it('is another one for each login where the document has no example of it', async () => {
    const mock = await start({ spec: spec() })
    const cookies = [await send(mock, 'POST /login'), await send(mock, 'POST /login')].map(({ headers }) =>
      String(headers.get('set-cookie')),
    )
    expect(new Set(cookies).size).toBe(2)
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^sid=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/)
      expect(await readWith(mock, cookie.split(';')[0] ?? '')).toBe(200)
    }
    await mock.reset()
    expect(await readWith(mock, String(cookies[0]))).toBe(401)
  })
})

type Fetch = (url: string, init?: object) => Promise<Response>
/** The caching client of npm, which comes with Node. */
const besideNode = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')
const npm = existsSync(besideNode) ? besideNode : (process.env.npm_execpath ?? besideNode)
const cachingClient = async (): Promise<Fetch> =>
  createRequire(npm)('make-fetch-happen').defaults({ cachePath: await folder() })

describe('a client with a cache', () => {
  it('gets 304 for what it has, and the new state after a change', async () => {
    const mock = await start({ spec: pets })
    const { path } = await petOf(mock)
    const fetch = await cachingClient()
    const seen: unknown[] = []
    const read = async () => {
      const response = await fetch(mock.url + path)
      const { name } = (await response.json()) as { readonly name: string }
      const { status } = mock.requests().at(-1) ?? {}
      seen.push([name, response.headers.get('x-local-cache-status'), status])
    }
    await read()
    await read()
    await send(mock, `PATCH ${path}`, { name: 'Tom' })
    await read()
    await read()
    // What the client changes itself leaves its cache.
    const headers = { 'content-type': 'application/json' }
    await fetch(mock.url + path, { method: 'PATCH', headers, body: JSON.stringify({ name: 'Ada' }) })
    await read()
    expect(seen).toEqual([
      ['Rex', 'miss', 200],
      ['Rex', 'revalidated', 304],
      ['Tom', 'updated', 200],
      ['Tom', 'revalidated', 304],
      ['Ada', 'miss', 200],
    ])
  })

  it('writes only over the state that it has read', async () => {
    const mock = await start({ spec: pets })
    const { path } = await petOf(mock)
    const fetch = await cachingClient()
    const change = async (name: string, etag: string | null) => {
      const headers = { 'content-type': 'application/json', 'if-match': String(etag) }
      return (await fetch(mock.url + path, { method: 'PATCH', headers, body: JSON.stringify({ name }) }))
        .status
    }
    const first = await fetch(mock.url + path)
    await first.text()
    expect(await change('Tom', first.headers.get('etag'))).toBe(200)
    expect(await change('Ada', first.headers.get('etag'))).toBe(412)
  })
})
