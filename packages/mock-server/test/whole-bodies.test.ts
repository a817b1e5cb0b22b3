// Bodies that are no objects: what was put at a path comes back from it, byte for byte and in its own type.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { document, start } from './harness.js'

const text = { type: 'string' }
const any = { '*/*': {} }
const PLACES = {
  any: { taken: any, shown: any },
  bytes: {
    taken: { 'application/octet-stream': { schema: { ...text, format: 'binary' } } },
    shown: { 'application/octet-stream': { schema: { ...text, format: 'binary' } } },
  },
  text: { taken: { 'text/plain': { schema: text } }, shown: { 'text/plain': { schema: text } } },
  json: { taken: { 'application/json': { schema: {} } }, shown: { 'application/json': { schema: {} } } },
  either: {
    taken: { 'application/json': { schema: {} }, ...any },
    shown: { 'application/json': { schema: { type: 'object' } }, ...any },
  },
} as const
type Place = keyof typeof PLACES

const done = { 204: { description: 'Done' } }
const spec = document(
  Object.fromEntries(
    Object.entries(PLACES).map(([name, { taken, shown }]) => [
      `/${name}/{key}`,
      {
        parameters: [{ name: 'key', in: 'path', required: true, schema: text }],
        put: { requestBody: { content: taken }, responses: done },
        get: { responses: { 200: { description: 'OK', content: shown } } },
        delete: { responses: done },
      },
    ]),
  ),
)

interface Sent {
  readonly type: string
  readonly bytes: Buffer
}
const texts = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .map((own): Sent => ({ type: 'text/plain', bytes: Buffer.from(own) }))
const binaries = (type: string) =>
  fc.uint8Array({ minLength: 1 }).map((own): Sent => ({ type, bytes: Buffer.from(own) }))
const jsons = fc
  .oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer()), fc.record({ depth: fc.integer() }))
  .map((own): Sent => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(own)) }))
const files = fc.oneof(binaries('application/octet-stream'), binaries('image/png'))
/** By place: what may be put there. */
const SENT: Readonly<Record<Place, fc.Arbitrary<Sent>>> = {
  any: fc.oneof(texts, jsons, files),
  bytes: fc.oneof(texts, files),
  text: texts,
  json: jsons,
  either: fc.oneof(texts, files),
}

const put = (mock: MockServer, path: string, { type, bytes }: Sent) =>
  fetch(mock.url + path, { method: 'PUT', headers: { 'content-type': type }, body: new Uint8Array(bytes) })

describe('a body that is put as a whole', () => {
  for (const place of Object.keys(PLACES) as Place[])
    it(`comes back as it was last sent: ${place}`, { timeout: 60_000 }, async () => {
      const mock = await start({ spec })
      await fc.assert(
        fc.asyncProperty(fc.array(SENT[place], { minLength: 1, maxLength: 3 }), async (all) => {
          for (const sent of all) expect((await put(mock, `/${place}/note`, sent)).status).toBe(204)
          const last = all.at(-1) as Sent
          const got = await fetch(`${mock.url}/${place}/note`)
          const bytes = Buffer.from(await got.arrayBuffer())
          if (last.type !== 'application/json') expect(bytes.equals(last.bytes)).toBe(true)
          else expect(JSON.parse(bytes.toString())).toEqual(JSON.parse(last.bytes.toString()))
          if (place !== 'bytes') expect(got.headers.get('content-type')).toBe(last.type)
          expect(got.headers.get('mock-source')).toBe('stored')
        }),
        { numRuns: 40 },
      )
    })

  it('is not there any more once it was deleted', async () => {
    const mock = await start({ spec })
    const sent = { type: 'text/plain', bytes: Buffer.from('kept for a while') }
    for (const place of ['any', 'bytes', 'text', 'either']) {
      await put(mock, `/${place}/note`, sent)
      await fetch(`${mock.url}/${place}/note`, { method: 'DELETE' })
      expect(await (await fetch(`${mock.url}/${place}/note`)).text()).not.toBe('kept for a while')
    }
  })

  it('is no list of changes, and leaves alone what was uploaded', async () => {
    const form = {
      requestBody: {
        content: {
          'multipart/form-data': {
            schema: { type: 'object', properties: { file: { ...text, format: 'binary' }, name: text } },
          },
        },
      },
    }
    const shown = { content: { 'application/json': { schema: { properties: { id: text, name: text } } } } }
    const inPath = { parameters: [{ name: 'id', in: 'path', required: true, schema: text }] }
    const patch = { 'application/json-patch+json': { schema: { type: 'array', items: { type: 'object' } } } }
    const mock = await start({
      spec: document({
        '/files': { post: { ...form, responses: { 201: { description: 'Created', ...shown } } } },
        '/files/{id}': {
          ...inPath,
          get: { responses: { 200: { description: 'OK', ...shown } } },
          patch: { requestBody: { content: patch }, responses: { 200: { description: 'OK', ...shown } } },
        },
        '/files/{id}/content': {
          ...inPath,
          get: { responses: { 200: { description: 'OK', content: PLACES.bytes.shown } } },
        },
      }),
    })
    const body = new FormData()
    body.set('name', 'a')
    body.set('file', new Blob(['uploaded']), 'a.bin')
    const { id } = await (await fetch(`${mock.url}/files`, { method: 'POST', body })).json()
    const url = `${mock.url}/files/${id}`
    await fetch(url, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json' },
      body: JSON.stringify([{ op: 'replace', path: '/name', value: 'b' }]),
    })
    expect(await (await fetch(url)).json()).toMatchObject({ id, name: 'b' })
    expect(await (await fetch(`${url}/content`)).text()).toBe('uploaded')
  })
})
