// Documents and requests that mean harm: nothing hangs, nothing crashes, nothing is polluted.

import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCounter } from '../src/engine/request/structure.js'
import type { MockServer } from '../src/index.js'
import { document, folder, ok, send, start, stop, withCpuMs } from './harness.js'

const { brotliCompressSync, deflateSync, gzipSync } = zlib

// `npm run test:faults` asks for more than there is time for every day.
const FUZZED_DOCUMENTS = Number(process.env.FUZZED_DOCUMENTS ?? 40)
const KILLS = Number(process.env.KILLS ?? 5)
const isThorough = process.env.FUZZED_DOCUMENTS !== undefined

const parts = (count: number): string =>
  `${'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'.repeat(count)}--b--\r\n`

const json = (schema: object) => ({
  requestBody: { required: true, content: { 'application/json': { schema } } },
})

describe('a pattern', () => {
  it('in a document is tested in time', async () => {
    const schema = { type: 'string', pattern: '^(a+)+$' }
    const mock = await start({ spec: document({ '/a': { post: { ...json(schema), ...ok() } } }) })
    const [{ status }, ms] = await withCpuMs(() =>
      send(mock, 'POST /a', `"${'a'.repeat(28)}!"`, { 'content-type': 'application/json' }),
    )
    expect(status).toBe(400)
    expect(ms).toBeLessThan(500)
  })
})

describe('a body', () => {
  it('of thousands of names is echoed in time by an answer of thousands', async () => {
    const named = (letter: string, count: number, value: unknown) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${letter}Name${i}`, value]))
    const schema = { type: 'object', properties: named('a', 2_000, { type: 'string' }) }
    const mock = await start({
      spec: document({ '/a': { post: { ...json({ type: 'object' }), ...ok(schema) } } }),
    })
    const sent = named('b', 9_000, 'x')
    await send(mock, 'POST /a', {})
    const [{ status }, ms] = await withCpuMs(() => send(mock, 'POST /a', sent))
    expect(status).toBe(200)
    expect(ms).toBeLessThan(1_000)
  })

  it('cannot hide behind names that objects have by nature', async () => {
    const odd = { valueOf: 1, toString: 'x', constructor: null, toJSON: 2 }
    const schema = {
      type: 'object',
      properties: {
        list: { type: 'array', uniqueItems: true },
        choice: { enum: [{ a: 1, b: 2 }, 3] },
        fixed: { const: odd },
      },
    }
    const mock = await start({ spec: document({ '/a': { post: { ...json(schema), ...ok() } } }) })
    const statusOf = async (value: object) => (await send(mock, 'POST /a', value)).status
    expect(await statusOf({ list: [odd, { ...odd, more: 1 }], choice: { b: 2, a: 1 }, fixed: odd })).toBe(200)
    expect(await statusOf({ list: [{ ...odd }, odd] })).toBe(400)
    expect(
      await statusOf({
        list: [
          { a: 1, b: [1] },
          { b: [1], a: 1 },
        ],
      }),
    ).toBe(400)
    expect(await statusOf({ choice: odd })).toBe(400)
    expect(await statusOf({ fixed: { ...odd, valueOf: 2 } })).toBe(400)
    expect(await statusOf({ list: [1, '1', true, null, [1], ['1'], {}] })).toBe(200)
  })

  it('cannot reach a prototype', async () => {
    const item = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } },
    }
    const content = {
      content: {
        'application/json': { schema: item },
        'application/x-www-form-urlencoded': { schema: item },
      },
    }
    const spec = document({
      '/things': {
        get: ok({ type: 'array', items: item }),
        post: {
          requestBody: content,
          responses: { 201: { description: 'OK', content: { 'application/json': { schema: item } } } },
        },
      },
      '/things/{id}': { get: ok(item), patch: { requestBody: content, ...ok(item) } },
    })
    const mock = await start({ spec, seedItems: 0 })
    const hostile = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":"x"}'
    const as = { 'content-type': 'application/json' }
    const { json: created } = await send(mock, 'POST /things', hostile, as)
    await send(mock, `PATCH /things/${created.id}`, hostile, as)
    await send(
      mock,
      'POST /things',
      '__proto__[polluted]=1&constructor[prototype][polluted]=1&a[__proto__][polluted]=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
    )
    expect((await send(mock, 'GET /things?__proto__[polluted]=1')).status).toBe(200)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect((await send(mock, `GET /things/${created.id}`)).json).toMatchObject({ name: 'x' })
  })

  it('may be compressed, but not blow up', async () => {
    const mock = await start({ spec: document({ '/a': { post: { ...json({}), ...ok() } } }) })
    const post = (bytes: Buffer, encoding: string) =>
      withCpuMs(() =>
        fetch(`${mock.url}/a`, {
          method: 'POST',
          body: new Uint8Array(bytes),
          headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        }),
      )
    const bomb = Buffer.from(`[${'{},'.repeat(33_000_000)}{}]`)
    const spaces = Buffer.alloc(50_000_000, ' ')
    const before = process.memoryUsage().rss
    const zstd = (zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync
    for (const [bytes, encoding, status] of [
      [gzipSync('{"a":1}'), 'gzip', 200],
      [gzipSync(bomb), 'gzip', 413],
      [gzipSync(bomb).subarray(0, 50_000), 'gzip', 413],
      [gzipSync('{"a":1}').subarray(0, 20), 'gzip', 400],
      [brotliCompressSync(spaces), 'br', 413],
      [deflateSync(spaces), 'deflate', 413],
      [Buffer.from('not gzip'), 'gzip', 400],
      [Buffer.from('x'), 'compress', 415],
      [Buffer.from('x'), 'gzip, gzip', 415],
      [zstd?.(spaces) ?? Buffer.from('x'), 'zstd', zstd === undefined ? 415 : 413],
    ] as const) {
      const [reply, ms] = await post(bytes, encoding)
      expect([encoding, reply.status]).toEqual([encoding, status])
      expect(ms).toBeLessThan(1_000)
      if (status === 413) expect(await reply.text()).toContain('--max-body (maxBodyBytes)')
    }
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(200)
  })

  const times = (count: number, part: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => part(i)).join()

  it.each<[what: string, status: number, body: string, type?: string]>([
    ['lists in lists', 400, '['.repeat(100_000)],
    ['closed lists in lists', 400, '['.repeat(7_000) + ']'.repeat(7_000)],
    ['many values', 413, `[${'{},'.repeat(3_000_000)}{}]`],
    ['as many values as there may be', 200, `[${'1,'.repeat(1_000_000)}1]`],
    ['many names', 413, `{${times(60_000, (i) => `"k${i}":1`)}}`],
    ['many names in many objects', 413, `[${times(60_000, (i) => `{"k${i}":1}`)}]`],
    ['the same name many times', 200, `[${times(200_000, () => '{"k":1,"l":2}')}]`],
    ['a long number', 200, '9'.repeat(9_000_000)],
    ['a long text', 200, `"${'\\n'.repeat(4_000_000)}"`],
    ['a field of a form many times', 200, 'a=x&'.repeat(9_998), 'application/x-www-form-urlencoded'],
    ['a list in a form', 200, 'a[]=x&'.repeat(9_998), 'application/x-www-form-urlencoded'],
    ['an index in a form', 200, 'a[9]=x&'.repeat(9_998), 'application/x-www-form-urlencoded'],
    ['too many fields of a form', 413, 'a=x&'.repeat(10_001), 'application/x-www-form-urlencoded'],
    ['fields of a multipart form', 200, parts(9_000), 'multipart/form-data; boundary=b'],
    ['too many fields of a multipart form', 413, parts(10_001), 'multipart/form-data; boundary=b'],
    ['a multipart form of boundaries', 413, '--b\r\n'.repeat(1_000_000), 'multipart/form-data; boundary=b'],
  ])('takes no second, whatever it holds: %s', async (_, status, body, type = 'application/json') => {
    const schema = { properties: { a: { items: { type: 'string' } } } }
    const types = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
    const content = Object.fromEntries(types.map((one) => [one, { schema }]))
    const mock = await start({ spec: document({ '/a': { post: { requestBody: { content }, ...ok() } } }) })
    const [reply, ms] = await withCpuMs(() => send(mock, 'POST /a', body, { 'content-type': type }))
    expect(reply.status).toBe(status)
    expect(ms).toBeLessThan(1_000)
  })

  it('of JSON is counted before it is parsed, and never too low', () => {
    const sizeOf = (value: unknown): number =>
      value === null || typeof value !== 'object'
        ? 1
        : Object.values(value).reduce(
            (sum: number, part) => sum + sizeOf(part) + (Array.isArray(value) ? 0 : 1),
            1,
          )
    const most = { maxDepth: 1_000, maxNames: 1_000 }
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, spaces) => {
        const text = JSON.stringify(value, null, spaces)
        const size = sizeOf(JSON.parse(text))
        expect(createCounter({ ...most, maxValues: size - 1 })(text)).toBe('maxValues')
        expect(createCounter({ ...most, maxValues: 2 * size })(text)).toBeUndefined()
      }),
      { numRuns: 1_000 },
    )
    const count = createCounter({ maxDepth: 2, maxValues: 100, maxNames: 2 })
    expect(count('[[1]]')).toBeUndefined()
    expect(count('[[[1]]]')).toBe('maxDepth')
    expect(count('"[[[[:,:,"')).toBeUndefined()
    expect(count('{"a":{"b":1},"c\\"":1}')).toBe('maxNames')
  })

  it('with two hundred thousand wrong items hears of the first of them', async () => {
    const item = { type: 'object', required: ['x'], properties: { x: { type: 'integer' } } }
    const mock = await start({
      spec: document(
        {
          '/inline': { post: { ...json({ type: 'array', items: item }), ...ok() } },
          '/linked': {
            post: { ...json({ type: 'array', items: { $ref: '#/components/schemas/Item' } }), ...ok() },
          },
        },
        { components: { schemas: { Item: item } } },
      ),
    })
    for (const path of ['/inline', '/linked']) {
      for (const [wrong, message] of [
        ['{}', 'body /0 must have the property "x"; body /1 must have the property "x"'],
        ['{"x":"y"}', 'body /0/x must be integer; body /1/x must be integer'],
      ] as const) {
        const body = `[${`${wrong},`.repeat(199_999)}${wrong}]`
        const type = { 'content-type': 'application/json' }
        const [reply, ms] = await withCpuMs(() => send(mock, `POST ${path}`, body, type))
        expect(reply.status).toBe(400)
        expect(reply.json.message).toContain(message)
        expect(reply.text.length).toBeLessThan(10_000)
        expect(ms).toBeLessThan(1_000)
      }
    }
  })

  it('hears what a long list allows in a few words, and no later for thousands of values that it does not allow', async () => {
    const allowed = Array.from({ length: 20_000 }, (_, i) => (i % 100 === 0 ? { a: [i] } : `value-${i}`))
    const rules = { enum: { enum: allowed }, const: { const: allowed } }
    const mock = await start({
      spec: document(
        Object.fromEntries(
          Object.entries(rules).map(([name, items]) => [
            `/${name}`,
            { post: { ...json({ type: 'array', items }), ...ok() } },
          ]),
        ),
      ),
    })
    for (const name of Object.keys(rules)) {
      await send(mock, `POST /${name}`, [])
      const [reply, ms] = await withCpuMs(() => send(mock, `POST /${name}`, Array(20_000).fill('no')))
      expect([name, reply.status]).toEqual([name, 400])
      expect(reply.text.length).toBeLessThan(20_000)
      expect([name, ms]).toEqual([name, expect.toSatisfy((taken: number) => taken < 1_000)])
    }
  })

  it('whose schema is a part of itself, or shares its parts a million times, is answered in time', async () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const properties = { id: { type: 'string', readOnly: true }, name: { type: 'string' } }
    const required = ['id', 'name']
    const levels = Array.from({ length: 20 }, (_, i) => {
      const next = ref(`L${i + 1}`)
      return [`L${i}`, { required, allOf: [next, next] }] as const
    })
    const schemas = {
      Own: { properties, required, allOf: [ref('Own'), { allOf: [ref('Own'), { required }] }] },
      ...Object.fromEntries(levels),
      L20: { properties, required },
    }
    for (const name of ['Own', 'L0']) {
      const content = { content: { 'application/json': { schema: ref(name) } } }
      const operation = { requestBody: content, responses: { 200: { description: 'OK', ...content } } }
      const mock = await start({
        spec: document({ '/things': { post: operation } }, { components: { schemas } }),
      })
      const [reply, ms] = await withCpuMs(() => send(mock, 'POST /things', { name: 'x' }))
      expect([name, reply.status]).toEqual([name, 200])
      expect([name, ms]).toEqual([name, expect.toSatisfy((taken: number) => taken < 1_000)])
    }
  })

  it('of text may be no larger than text is, where files may be larger', async () => {
    const schema = { type: 'object', properties: { file: { type: 'string', format: 'binary' } } }
    const content = { 'application/json': { schema }, 'multipart/form-data': { schema } }
    const mock = await start({
      spec: document({
        '/a': { post: { requestBody: { content }, ...ok() } },
        '/b': { post: { ...json({}), ...ok() } },
      }),
      rules: { maxBodyBytes: 30_000_000 },
    })
    const form = new FormData()
    form.set('file', new Blob([new Uint8Array(20_000_000)]), 'file.bin')
    expect((await send(mock, 'POST /a', form)).status).toBe(200)
    expect((await send(mock, 'POST /b', form)).status).toBe(413)
    const text = `"${'x'.repeat(20_000_000)}"`
    expect((await send(mock, 'POST /a', text, { 'content-type': 'application/json' })).status).toBe(413)
    const textForm = new FormData()
    textForm.set('text', text)
    expect((await send(mock, 'POST /a', textForm)).status).toBe(413)
  })
})

const raw = (mock: MockServer, text: string) =>
  new Promise<string>((resolve, reject) => {
    const { port } = new URL(mock.url)
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(text))
    let reply = ''
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(reply.split('\r\n')[0] ?? ''))
    socket.on('error', reject)
  })

describe('a name that objects have by nature', () => {
  const names = Object.getOwnPropertyNames(Object.prototype)

  it('is one like any other in a document and in what clients send', async () => {
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
    const parameters = (['query', 'header', 'cookie'] as const).flatMap((place) =>
      names.map((name) => ({ name, in: place, schema: { type: 'string' } })),
    )
    const example = { [names[0] ?? '']: 'x' }
    const content = {
      'application/json': {
        schema: { type: 'object', properties },
        examples: { __proto__x: { value: example } },
      },
    }
    const guarded = names.flatMap((name) => [
      [`/http/${name}`, { get: { security: [{ [name]: [] }], ...ok() } }],
      [`/header/${name}`, { get: { security: [{ [`${name}Header`]: [] }], ...ok() } }],
      [
        `/style/${name}`,
        {
          get: {
            parameters: [
              { name: 'a', in: 'query', style: name, explode: false, schema: { type: 'array', items: {} } },
            ],
            ...ok(),
          },
        },
      ],
    ])
    const schemes = names.flatMap((name) => [
      [name, { type: 'http', scheme: name }],
      [`${name}Header`, { type: 'apiKey', in: 'header', name }],
    ])
    const mock = await start({
      spec: document(
        {
          '/a': {
            get: { parameters, ...ok() },
            post: { requestBody: { content }, ...ok({ type: 'object', properties }) },
          },
          ...Object.fromEntries(guarded),
        },
        { components: { securitySchemes: Object.fromEntries(schemes) } },
      ),
      credentials: { listed: ['a-credential'] },
    })
    for (const name of names) {
      const lower = name.toLowerCase()
      expect([
        name,
        (await send(mock, `GET /http/${name}`, undefined, { authorization: `${name} x` })).status,
      ]).toEqual([name, 200])
      const missing = await send(mock, `GET /header/${name}`)
      expect([name, missing.status, missing.text.includes('native')]).toEqual([name, 401, false])
      // Node gives nobody a header of this name.
      const { status } = await send(mock, `GET /header/${name}`, undefined, { [lower]: mock.keys.test })
      expect([name, status]).toEqual([name, name === '__proto__' ? 401 : 200])
      expect([name, (await send(mock, `GET /style/${name}?a=1,2`)).status]).toEqual([name, 200])
      for (const prefer of [`example=${name}`, `code=${name}`, `${name}=1`])
        expect([
          prefer,
          (await send(mock, 'POST /a', '{}', { prefer, 'content-type': 'application/json' })).status < 500,
        ]).toEqual([prefer, true])
      for (const header of ['content-type', 'content-encoding', 'accept'])
        expect([
          header,
          (await send(mock, 'POST /a', '{}', { 'content-type': 'application/json', [header]: name })).status <
            500,
        ]).toEqual([header, true])
    }
    const query = names.map((name) => `${name}=1`).join('&')
    expect(
      (
        await send(mock, `GET /a?${query}`, undefined, {
          cookie: names.map((name) => `${name}=1`).join('; '),
        })
      ).status,
    ).toBe(200)
    const body = `{${names.map((name) => `"${name}":"x"`).join(',')}}`
    expect((await send(mock, 'POST /a', body, { 'content-type': 'application/json' })).status).toBe(200)
    expect(JSON.stringify(mock.requests())).not.toContain('native')
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(names)
  })
})

describe('a connection', () => {
  it('with odd hosts, targets, methods and upgrades is answered, and the mock lives on', async () => {
    const mock = await start({ spec: document({ '/a': { get: ok() } }) })
    const host = new URL(mock.url).host
    const head = `Host: ${host}\r\nConnection: close\r\n`
    expect(
      await raw(mock, `GET /a HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
    ).toContain(' 400 ')
    expect(await raw(mock, 'GET /a HTTP/1.1\r\nConnection: close\r\n\r\n')).toContain(' 400 ')
    expect(await raw(mock, `GET http://evil.example/a HTTP/1.1\r\n${head}\r\n`)).toContain(' 200 ')
    expect(await raw(mock, `GET /a HTTP/1.1\r\nHost: [::\r\nConnection: close\r\n\r\n`)).toContain(' 403 ')
    expect(await raw(mock, `PROPFIND /a HTTP/1.1\r\n${head}\r\n`)).toContain(' 405 ')
    expect(await raw(mock, `OPTIONS * HTTP/1.1\r\n${head}\r\n`)).toMatch(/ 40[45] /)
    expect(await raw(mock, `get /a HTTP/1.1\r\n${head}\r\n`)).toContain(' 400 ')
    expect(
      await raw(
        mock,
        `GET /a HTTP/1.1\r\n${head.replace('close', 'Upgrade')}Upgrade: websocket\r\nOrigin: https://evil\r\n\r\n`,
      ),
    ).toMatch(/ (200|40\d) /)
    expect(await raw(mock, `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n${head}\r\n`)).toContain(' 431 ')
    expect(await raw(mock, '\0\0\0\0')).toContain(' 400 ')
    expect((await send(mock, 'GET /a')).status).toBe(200)
  })

  it('finds no page of the document that could act for the user who is signed in to the mock', async () => {
    const script = '<script>fetch("/admin/projects")</script>'
    const types = ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'nonsense']
    const policy = { 'Content-Security-Policy': { schema: { type: 'string' }, example: 'script-src *' } }
    const ofType = (type: string) => ({
      get: {
        responses: { 200: { description: '', headers: policy, content: { [type]: { example: script } } } },
      },
    })
    const paths = Object.fromEntries(
      [...types, 'application/json'].map((type, i) => [`/p${i}`, ofType(type)]),
    )
    const mock = await start({ spec: document(paths) })
    for (const i of types.keys()) {
      const { headers, text } = await send(mock, `GET /p${i}`)
      expect(text).toContain(script)
      expect(headers.get('content-security-policy')).toBe('script-src *, sandbox allow-forms allow-scripts')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    const { headers } = await send(mock, `GET /p${types.length}`)
    expect(headers.get('content-security-policy')).toBe('script-src *')
  })

  it('cannot drive the terminal that shows the log, nor put keys into it', async () => {
    const lines: string[] = []
    const mock = await start({
      spec: document({
        '/a': {
          post: {
            requestBody: {
              content: { 'application/json': { schema: { type: 'object', additionalProperties: false } } },
            },
            responses: { 204: { description: '' } },
          },
        },
      }),
      onExchange: (line) => lines.push(line),
    })
    await send(mock, 'POST /a', { '\u001b[2J\u009b2J\n\u202egone': 1 })
    await send(mock, `GET /${mock.keys.live}`)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('gone')
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]|gsk_live/u)
  })

  it('finds no files behind odd paths', async () => {
    const mock = await start({ spec: document({ '/a': { get: ok() } }) })
    const { port } = new URL(mock.url)
    const status = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request({ port, path, headers: { 'x-admin-key': mock.adminKey } }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        sent.on('error', reject)
        sent.end()
      })
    for (const path of [
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/',
      '/.env',
      '/@fs/etc/passwd?raw??',
      '/x%00.js',
      '/..\\..\\',
      '/dashboard/..%2f..%2f..%2fpackage.json',
      '/_mock/../package.json',
    ]) {
      expect([path, await status(path)]).toEqual([
        path,
        expect.toSatisfy((code: number) => code === 404 || code === 400 || code === 403),
      ])
    }
  })
})

describe('chance', () => {
  const anything = fc.anything({
    maxDepth: 2,
    maxKeys: 3,
    withBigInt: false,
    withDate: false,
    withMap: false,
    withSet: false,
    withTypedArray: false,
    withSparseArray: false,
    withNullPrototype: false,
  })
  const reference = fc.constantFrom(
    '#/components/schemas/A',
    '#/components/schemas/B',
    '#/nowhere',
    '#',
    '#anchor',
  )
  const schema = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthIdentifier: 'schema', maxDepth: 2 },
      reference.map(($ref) => ({ $ref })),
      anything,
      tie('own'),
      tie('own'),
    ),
    own: fc.record(
      {
        type: fc.oneof(
          fc.constantFrom('object', 'array', 'string', 'integer', 'number', 'boolean', 'null', 'any'),
          fc.array(fc.string(), { maxLength: 2 }),
        ),
        properties: fc.oneof(fc.dictionary(fc.string(), tie('any'), { maxKeys: 3 }), anything),
        required: fc.oneof(fc.array(fc.string(), { maxLength: 3 }), anything),
        items: tie('any'),
        allOf: fc.array(tie('any'), { maxLength: 2 }),
        oneOf: fc.array(tie('any'), { maxLength: 3 }),
        not: tie('any'),
        additionalProperties: tie('any'),
        pattern: fc.oneof(fc.string(), anything),
        format: fc.oneof(fc.constantFrom('date', 'uuid', 'email', 'byte'), fc.string()),
        minimum: fc.oneof(fc.double(), anything),
        minLength: fc.oneof(fc.nat(50), anything),
        minItems: fc.oneof(fc.nat(20), anything),
        multipleOf: fc.oneof(fc.double(), anything),
        enum: fc.oneof(fc.array(anything, { maxLength: 3 }), anything),
        default: anything,
        example: anything,
        discriminator: anything,
        nullable: fc.boolean(),
        readOnly: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  })).any

  it('makes no document or request that crashes the mock or takes a second', {
    timeout: 120_000 + FUZZED_DOCUMENTS * 1_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(schema, schema, anything, fc.string(), async (a, b, sent, text) => {
        const path = '/things/{id}'
        const content = { content: { 'application/json': { schema: a, example: sent } } }
        const responses = { 200: { description: 'OK', ...content, headers: { 'X-A': { schema: b } } } }
        const parameters = [
          { name: 'q', in: 'query', schema: b },
          { name: 'id', in: 'path', required: true, schema: a },
        ]
        const spec = {
          openapi: '3.0.3',
          info: {},
          paths: {
            '/things': { get: { parameters, responses }, post: { requestBody: content, responses } },
            [path]: {
              parameters,
              get: { responses },
              patch: { requestBody: content, responses },
              delete: { responses },
            },
            [text]: sent,
          },
          components: { schemas: { A: a, B: b } },
        }
        const mock = await start({ spec: JSON.parse(JSON.stringify(spec)) as object })
        try {
          for (const line of [
            'GET /things?q=1',
            'POST /things',
            'GET /things/1',
            'PATCH /things/1',
            'DELETE /things/1',
            `GET /${encodeURIComponent(text)}`,
          ]) {
            const before = process.cpuUsage()
            const isSent = line.startsWith('P')
            const reply = await send(
              mock,
              line,
              isSent ? (JSON.stringify(sent) ?? 'null') : undefined,
              isSent ? { 'content-type': 'application/json' } : {},
            )
            expect([line, reply.status]).toEqual([line, expect.toSatisfy((status: number) => status < 500)])
            // Processor time, so that a busy machine is not taken for a slow answer.
            const { user, system } = process.cpuUsage(before)
            expect([line, (user + system) / 1_000]).toEqual([
              line,
              expect.toSatisfy((ms: number) => ms < 1_000),
            ])
          }
        } finally {
          await stop(mock)
        }
      }),
      {
        numRuns: FUZZED_DOCUMENTS,
        endOnFailure: true,
        ...(isThorough ? {} : { interruptAfterTimeLimit: 60_000 }),
      },
    )
  })
})

describe('kill -9', () => {
  it('loses nothing that was acknowledged', { timeout: 120_000 + KILLS * 3_000 }, async () => {
    const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
    const cwd = await folder()
    const item = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'integer', readOnly: true }, name: { type: 'string' } },
    }
    const content = { content: { 'application/json': { schema: item } } }
    await writeFile(
      join(cwd, 'api.json'),
      JSON.stringify(
        document({
          '/things': {
            post: { requestBody: content, responses: { 201: { description: 'OK', ...content } } },
          },
          '/things/{id}': { get: ok(item) },
        }),
      ),
    )
    const acknowledged = new Map<number, string>()
    const boot = () =>
      new Promise<{ url: string; kill: () => Promise<unknown> }>((resolve, reject) => {
        const child = spawn(
          process.execPath,
          [bin, '--spec', 'api.json', '--port', '0', '--json', '--quiet'],
          { cwd },
        )
        const gone = new Promise((done) => child.on('exit', done))
        child.on('error', reject)
        child.stdout.once('data', (line: Buffer) => {
          const { url } = JSON.parse(line.toString()) as { url: string }
          const kill = () => {
            child.kill('SIGKILL')
            return gone
          }
          resolve({ url, kill })
        })
      })
    for (let round = 0; round < KILLS; round++) {
      const { url, kill } = await boot()
      let isOver = false
      // Counted and not timed: on a busy machine a time says nothing of how much was written.
      let stop = (): void => {}
      const isEnough = new Promise<void>((resolve) => {
        stop = resolve
      })
      const enough = acknowledged.size + 3 + Math.floor(Math.random() * 60)
      const writer = async () => {
        while (!isOver) {
          const name = `r${round}-${Math.random()}`
          try {
            const response = await fetch(`${url}/things`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ name }),
            })
            const { id } = (await response.json()) as { id: number }
            acknowledged.set(id, name)
            if (acknowledged.size >= enough) stop()
          } catch {
            return
          }
        }
      }
      const writers = [writer(), writer(), writer()]
      await isEnough
      await kill()
      isOver = true
      await Promise.all(writers)
    }
    const { url, kill } = await boot()
    for (const [id, name] of acknowledged) {
      expect(await (await fetch(`${url}/things/${id}`)).json()).toMatchObject({ id, name })
    }
    await kill()
    expect(acknowledged.size).toBeGreaterThan(5)
  })
})

describe('an unhandled event', () => {
  it('does not exist: a mock that is closed lets its process end', async () => {
    const code = `import { createMockServer } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
      const mock = await createMockServer(); await fetch(mock.url); await mock.close()`
    const ended = await new Promise<number>((resolve) => {
      execFile(process.execPath, ['--input-type=module', '-e', code], { timeout: 20_000 }, (error) =>
        resolve(error ? 1 : 0),
      )
    })
    expect(ended).toBe(0)
  })
})
