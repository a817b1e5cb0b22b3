// Multipart bodies that are no forms, both ways: lists and objects of parts, each in the media type that the document
// names for it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HandlerContext, MockServer } from '../src/index.js'
import { document, ok, send, start } from './harness.js'

const integer = { type: 'integer' }
const string = { type: 'string' }
const binary = { type: 'string', format: 'binary' }
const object = (properties: object, ...required: string[]) => ({ type: 'object', properties, required })
const of32 = (paths: object) => document(paths, { openapi: '3.2.0' })

/** A mock that answers with what it has read. */
async function echo(media: object, type = 'multipart/mixed'): Promise<MockServer> {
  const operation = { operationId: 'echo', ...ok({}), requestBody: { content: { [type]: media } } }
  const answer = ({ request: { body } }: HandlerContext) => ({ body: { read: body ?? null } })
  return start({ spec: of32({ '/echo': { post: operation } }), handlers: { echo: answer } })
}

interface Sent {
  readonly type?: string
  readonly name?: string
  readonly headers?: string
  readonly text: string
}

const partsOf = (parts: readonly Sent[], boundary = 'b', line = '\r\n') =>
  [
    ...parts.flatMap(({ type, name, headers, text }) => [
      `--${boundary}`,
      ...(name === undefined ? [] : [`Content-Disposition: form-data; name="${name}"`]),
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
      ...(headers === undefined ? [] : [headers]),
      '',
      text,
    ]),
    `--${boundary}--`,
    '',
  ].join(line)

async function post(mock: MockServer, body: string, type = 'multipart/mixed; boundary=b') {
  const { status, text, json } = await send(mock, 'POST /echo', body, { 'content-type': type })
  return status === 200 ? json.read : `${status} ${text}`
}

const json = (value: unknown): Sent => ({ type: 'application/json', text: JSON.stringify(value) })

describe('a request of parts', () => {
  const tuple = {
    schema: { type: 'array', prefixItems: [object({ n: integer }, 'n')], items: string, minItems: 1 },
    prefixEncoding: [{ contentType: 'application/json' }],
    itemEncoding: { contentType: 'text/csv, text/plain' },
  }

  it('is a list of what its parts say, held against their schemas by their places', async () => {
    const mock = await echo(tuple)
    const csv = { type: 'text/csv', text: 'a,b\r\n1,2' }
    expect(await post(mock, partsOf([json({ n: 1 }), csv, { text: 'plain' }]))).toEqual([
      { n: 1 },
      'a,b\r\n1,2',
      'plain',
    ])
    expect(await post(mock, partsOf([json({ n: 'x' })]))).toMatch(/^400 .*\/0\/n/)
    expect(await post(mock, partsOf([]))).toMatch(/^400/)
  })

  it('has to send each part in the media type that the document names for it', async () => {
    const mock = await echo(tuple)
    expect(await post(mock, partsOf([{ text: '{"n":1}' }]))).toEqual([{ n: 1 }])
    expect(await post(mock, partsOf([{ type: 'text/plain', text: '{"n":1}' }]))).toMatch(
      /^400 .*\/0 must be sent as application\/json, and not as text\/plain/,
    )
    expect(await post(mock, partsOf([json({ n: 1 }), json('a')]))).toMatch(
      /^400 .*\/1 must be sent as text\/csv or text\/plain/,
    )
  })

  it('may be described item by item', async () => {
    const mock = await echo({ itemSchema: object({ n: integer }), itemEncoding: { contentType: '*/*' } })
    expect(await post(mock, partsOf([json({ n: 1 }), json({ n: 2 })]))).toEqual([{ n: 1 }, { n: 2 }])
    expect(await post(mock, partsOf([json({ n: 1 }), json({ n: 'x' })]))).toMatch(/^400 .*\/1\/n/)
  })

  it('may be an object: of parts that have names, or that come in the order of its members', async () => {
    const schema = object({ meta: object({ title: string }, 'title'), file: binary }, 'meta', 'file')
    for (const type of ['multipart/related', 'multipart/mixed']) {
      const mock = await echo({ schema }, type)
      const file = { type: 'image/png', text: '\x01png' }
      const meta = json({ title: 'A' })
      const whole = { meta: { title: 'A' }, file: '\x01png' }
      const asked = `${type}; boundary=b`
      expect(await post(mock, partsOf([meta, file]), asked)).toEqual(whole)
      const named = [
        { ...file, name: 'file' },
        { ...meta, name: 'meta' },
      ]
      expect(await post(mock, partsOf(named), asked)).toEqual(whole)
      expect(await post(mock, partsOf([meta]), asked)).toMatch(/^400 .*file/)
    }
  })

  it('has several parts of one name for a list', async () => {
    const mock = await echo({ schema: object({ tags: { type: 'array', items: integer } }) })
    const tag = (text: string) => ({ name: 'tags', text })
    expect(await post(mock, partsOf([tag('1'), tag('2')]))).toEqual({ tags: [1, 2] })
    expect(await post(mock, partsOf([tag('1')]))).toEqual({ tags: [1] })
  })

  it('reads XML, Base64 and parts within parts', async () => {
    const schema = {
      type: 'array',
      prefixItems: [object({ id: integer }), binary, { type: 'array', items: integer }],
    }
    const mock = await echo({ schema })
    const inner = partsOf([json(1), { text: '2' }], 'inner')
    const body = partsOf([
      { type: 'application/xml', text: '<thing><id>7</id></thing>' },
      {
        type: 'application/octet-stream',
        headers: 'Content-Transfer-Encoding: base64',
        text: Buffer.from('bytes').toString('base64'),
      },
      { type: 'multipart/mixed; boundary=inner', text: inner },
    ])
    expect(await post(mock, body)).toEqual([{ id: 7 }, 'bytes', [1, 2]])
  })

  it('may end its lines by a line feed alone, begin with words for people, and end with some', async () => {
    const mock = await echo({ itemSchema: true })
    const body = `Not for you.\n${partsOf([json(1), json(2)], 'b', '\n')}Nor this.`
    expect(await post(mock, body)).toEqual([1, 2])
  })

  it.each([
    ['no boundary', 'x', 'multipart/mixed'],
    ['no part', 'x', undefined],
    ['an end that is missing', '--b\r\n\r\n1\r\n', undefined],
    ['a head that is none', '--b\r\nnonsense\r\n\r\n1\r\n--b--', undefined],
    ['a head without an end', '--b\r\nA: b\r\n--b--', undefined],
  ])('is refused where it is broken: %s', async (_, body, type) => {
    expect(await post(await echo({ itemSchema: true }), body, type)).toMatch(/^400 .*Malformed multipart/)
  })

  it('is refused by the part that cannot be read', async () => {
    const mock = await echo({ itemSchema: true })
    const broken = { type: 'application/json', text: '{' }
    expect(await post(mock, partsOf([json(1), broken]))).toMatch(/^400 .*Part 2: .*not valid JSON/)
    let nested: Sent = { text: 'x' }
    for (let depth = 0; depth < 8; depth++)
      nested = { type: `multipart/mixed; boundary=n${depth}`, text: partsOf([nested], `n${depth}`) }
    expect(await post(mock, partsOf([nested]))).toMatch(/^400/)
    expect(await post(mock, '--b\r\n\r\n\r\n'.repeat(10_002))).toMatch(/^413/)
  })

  it('counts what all of its parts hold together', async () => {
    const mock = await echo({ itemSchema: true })
    const many = (sent: Sent, count: number) => partsOf(Array<Sent>(count).fill(sent), 'inner')
    const nested = { type: 'multipart/mixed; boundary=inner', text: many({ text: 'x' }, 3_500) }
    const xml = { type: 'application/xml', text: `<r>${'<v/>'.repeat(30_000)}</r>` }
    expect(await post(mock, partsOf([nested, nested]))).toHaveLength(2)
    expect(await post(mock, partsOf([nested, nested, nested]))).toMatch(/^413 .*parts/)
    expect(await post(mock, partsOf([xml]))).toHaveLength(1)
    expect(await post(mock, partsOf([xml, xml, xml, xml]))).toMatch(/^413 .*XML/)
  })

  it('is read as it was written, whatever its parts hold', async () => {
    const mock = await echo({ itemSchema: string })
    const boundary = fc.stringMatching(/^[\w'()+,./:=?-]{1,60}$/)
    const text = fc.string({ unit: fc.constantFrom('-', '\r', '\n', 'a', 'ß', ' ', ':') })
    await fc.assert(
      fc.asyncProperty(boundary, fc.array(text, { minLength: 1, maxLength: 4 }), async (name, texts) => {
        fc.pre(texts.every((one) => !one.includes(`--${name}`)))
        const body = partsOf(
          texts.map((one) => ({ type: 'text/plain', text: one })),
          name,
        )
        expect(await post(mock, body, `multipart/mixed; boundary="${name}"`)).toEqual(texts)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps what it says, and its file', async () => {
    const file = { content: { 'image/png': { schema: binary } } }
    const shown = object({ id: { ...string, readOnly: true }, title: string }, 'id')
    const content = { 'multipart/related': { schema: object({ meta: shown, file: binary }) } }
    const mock = await start({
      spec: of32({
        '/photos': {
          post: { requestBody: { content }, ...ok(shown) },
          get: ok({ type: 'array', items: shown }),
        },
        '/photos/{id}': {
          get: {
            parameters: [{ name: 'id', in: 'path', required: true, schema: string }],
            responses: { 200: { description: 'ok', ...file } },
          },
        },
      }),
    })
    const body = partsOf([json({ title: 'A' }), { type: 'image/png', text: 'pixels' }])
    const reply = await send(mock, 'POST /photos', body, { 'content-type': 'multipart/related; boundary=b' })
    expect(reply.status).toBe(200)
    const got = await fetch(`${mock.url}/photos/${reply.json.id}`)
    expect([got.headers.get('content-type'), await got.text()]).toEqual(['image/png', 'pixels'])
  })
})

describe('an answer of parts', () => {
  const answering = async (media: object, type = 'multipart/mixed') => {
    const responses = { 200: { description: 'ok', content: { [type]: media } } }
    const mock = await start({ spec: of32({ '/parts': { get: { responses } } }), stateful: false })
    const reply = await send(mock, 'GET /parts')
    expect(reply.status).toBe(200)
    return reply
  }

  const read = ({ text, headers }: Awaited<ReturnType<typeof answering>>) => {
    const boundary = /boundary=(\S+)/.exec(headers.get('content-type') ?? '')?.[1]
    const parts = text.split(`--${boundary}`)
    expect([parts[0], parts.at(-1)?.trim()]).toEqual(['', '--'])
    return parts.slice(1, -1).map((part) => {
      const [head = '', body = ''] = part.split('\r\n\r\n')
      return { type: /^content-type: (.*)$/m.exec(head)?.[1], body: body.replace(/\r\n$/, '') }
    })
  }

  it('sends each item in the media type that the document names for it', async () => {
    const schema = {
      type: 'array',
      prefixItems: [object({ n: integer }, 'n')],
      items: { ...object({ id: integer }, 'id'), xml: { name: 'row' } },
      minItems: 3,
      maxItems: 3,
    }
    const itemEncoding = { contentType: 'application/xml' }
    const parts = read(await answering({ schema, prefixEncoding: [{}], itemEncoding }))
    expect(parts.map(({ type }) => type)).toEqual(['application/json', 'application/xml', 'application/xml'])
    expect(JSON.parse(parts[0]?.body ?? '')).toEqual({ n: expect.any(Number) })
    expect(parts[1]?.body).toMatch(/<row><id>\d+<\/id><\/row>$/)
  })

  it('does so where they are a stream, too', async () => {
    const media = { itemSchema: string, prefixEncoding: [{ contentType: 'text/html' }] }
    const streamed = { ...media, itemEncoding: { contentType: 'image/png, image/jpeg' } }
    expect(read(await answering(streamed)).map(({ type }) => type)).toEqual([
      'text/html',
      'image/png',
      'image/png',
    ])
    expect(read(await answering({ itemSchema: integer })).map(({ type }) => type)).toEqual(
      Array(3).fill('application/json'),
    )
  })

  it('has a name for each member of an object', async () => {
    const schema = object(
      { meta: object({ n: integer }, 'n'), tags: { const: ['a', 'b'] }, file: binary },
      'meta',
      'tags',
      'file',
    )
    const { text, headers } = await answering({ schema }, 'multipart/form-data')
    const form = await new Response(text, { headers }).formData()
    expect(JSON.parse(String(form.get('meta')))).toEqual({ n: expect.any(Number) })
    expect(form.getAll('tags')).toEqual(['a', 'b'])
    expect(form.get('file')).toBeInstanceOf(File)
  })

  it('is the example as it is written, with its own boundary', async () => {
    const example = '--own\r\nContent-Type: text/csv\r\n\r\na,b\r\n--own--\r\n'
    for (const media of [{ example }, { itemSchema: string, example }]) {
      const reply = await answering(media)
      expect([reply.text, reply.headers.get('content-type')]).toEqual([
        example,
        'multipart/mixed; boundary=own',
      ])
    }
  })

  it('has parts within parts', async () => {
    const schema = {
      type: 'array',
      items: { type: 'array', items: integer, minItems: 2 },
      minItems: 1,
      maxItems: 1,
    }
    const itemEncoding = { contentType: 'multipart/mixed', itemEncoding: { contentType: 'text/plain' } }
    const { text } = await answering({ schema, itemEncoding })
    expect(text.match(/content-type: text\/plain/g)?.length).toBeGreaterThanOrEqual(2)
    expect(text).toContain('content-type: multipart/mixed; boundary=mock-part-1')
  })
})

describe('a list in a field of a form', () => {
  const media = { schema: object({ names: { type: 'array', items: string } }) }

  it.each([
    [['["a,b","c"]'], ['a,b', 'c']],
    [['[]'], []],
    [['[draft]'], ['[draft]']],
    [
      ['["a"]', 'b'],
      ['["a"]', 'b'],
    ],
  ])('may be one JSON text: %j', async (fields, names) => {
    const mock = await echo(media, 'multipart/form-data')
    const form = new FormData()
    for (const field of fields) form.append('names', field)
    expect((await send(mock, 'POST /echo', form)).json.read).toEqual({ names })
  })
})

describe('a request that the mock suggests', () => {
  it.each(['multipart/mixed', 'multipart/related', 'multipart/form-data'])(
    'fits the document where it is %s',
    async (type) => {
      const schemas: readonly object[] = [
        object({ meta: object({ n: integer }, 'n'), file: binary }, 'meta', 'file'),
        ...(type === 'multipart/form-data'
          ? []
          : [{ type: 'array', items: object({ n: integer }, 'n'), minItems: 1 }]),
      ]
      for (const schema of schemas) {
        const mock = await echo({ schema, itemEncoding: { contentType: 'application/json' } }, type)
        const draft = await send(mock, 'GET /admin/sandbox/draft?operation=echo', undefined, {
          'x-admin-key': mock.adminKey,
        })
        const { headers, body } = draft.json
        const reply = await send(mock, 'POST /echo', body, Object.fromEntries(headers))
        expect([reply.status, reply.json.read]).toEqual([200, expect.anything()])
      }
    },
  )
})
