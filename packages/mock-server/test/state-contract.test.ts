// The contract of the state engine as properties: over documents of every style, made here, and over the documents in the
// folders that the variable SPECS names.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { document, ok, type Reply, send, start, stop } from './harness.js'
import { resourcesOf, type SampledResource } from './resources.js'

type Json = Record<string, unknown>

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Json | undefined)?.[name], value)

interface Style {
  readonly param: string
  readonly idPath: readonly string[]
  readonly idSchema: Json
  readonly envelope: readonly string[]
  readonly pager: keyof typeof PAGERS
  readonly update: 'patch' | 'put'
}

/** How a client of each style asks for the next page; undefined at the end. */
const PAGERS = {
  offset: {
    query: { limit: 'integer', offset: 'integer' },
    beside: { total: { type: 'integer' } },
    next: (body: Json, seen: number) => (seen < Number(body.total) ? `limit=2&offset=${seen}` : undefined),
  },
  page: {
    query: { page: 'integer', per_page: 'integer' },
    beside: { total_pages: { type: 'integer' }, page: { type: 'integer' } },
    next: (body: Json) =>
      Number(body.page) < Number(body.total_pages) ? `per_page=2&page=${Number(body.page) + 1}` : undefined,
  },
  cursor: {
    query: { limit: 'integer', cursor: 'string' },
    beside: { next_cursor: { type: ['string', 'null'] } },
    next: (body: Json) =>
      typeof body.next_cursor === 'string' && body.next_cursor !== ''
        ? `limit=2&cursor=${encodeURIComponent(body.next_cursor)}`
        : undefined,
  },
  after: {
    query: { limit: 'integer', starting_after: 'string' },
    beside: { has_more: { type: 'boolean' } },
    next: (body: Json, _seen: number, lastId: string) =>
      body.has_more === true ? `limit=2&starting_after=${encodeURIComponent(lastId)}` : undefined,
  },
} as const

const text = { type: 'string' }
const members = {
  name: text,
  note: { type: ['string', 'null'] },
  size: { type: 'integer', format: 'int64' },
  tags: { type: 'array', items: text },
  address: { type: 'object', properties: { city: text, lines: { type: 'array', items: text } } },
  options: { type: 'object', additionalProperties: { type: 'number' } },
}
const content = fc.record(
  {
    name: fc.string({ minLength: 1 }),
    note: fc.option(fc.string()),
    size: fc.maxSafeInteger(),
    tags: fc.array(fc.string(), { maxLength: 4 }),
    address: fc.record({ city: fc.string(), lines: fc.array(fc.string(), { maxLength: 2 }) }),
    options: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.integer(), { maxKeys: 3 }),
  },
  { requiredKeys: ['name'] },
)
const styles: fc.Arbitrary<Style> = fc.record({
  param: fc.constantFrom('id', 'thingId', 'thing_id'),
  idPath: fc.constantFrom(['id'], ['metadata', 'id'], ['sys', 'id']),
  idSchema: fc.constantFrom<Json>(
    text,
    { type: 'integer' },
    { type: 'string', format: 'uuid' },
    { type: 'string', pattern: '^th_[a-z0-9]{12}$' },
  ),
  envelope: fc.constantFrom<readonly string[]>([], ['data'], ['thing']),
  pager: fc.constantFrom<keyof typeof PAGERS>('offset', 'page', 'cursor', 'after'),
  update: fc.constantFrom<'patch' | 'put'>('patch', 'put'),
})

const objectAt = (path: readonly string[], schema: Json): Json =>
  path.reduceRight<Json>(
    (inner, name) => ({ type: 'object', required: [name], properties: { [name]: inner } }),
    schema,
  )

function documentOf({ param, idPath, idSchema, envelope, pager, update }: Style) {
  const [idName = 'id'] = idPath
  const id = idPath.length === 1 ? idSchema : objectAt(idPath.slice(1), idSchema)
  const thing = { type: 'object', required: [idName], properties: { [idName]: id, ...members } }
  const body = (schema: Json) => ({
    requestBody: { required: true, content: { 'application/json': { schema } } },
  })
  const request = { type: 'object', properties: members }
  const one = objectAt(envelope, thing)
  const { query, beside } = PAGERS[pager]
  const list = {
    type: 'object',
    required: ['items', ...Object.keys(beside)],
    properties: { items: { type: 'array', items: thing }, ...beside },
  }
  const parameters = Object.entries(query).map(([name, type]) => ({ name, in: 'query', schema: { type } }))
  return document({
    '/things': { post: { ...body(request), ...ok(one) }, get: { parameters, ...ok(list) } },
    [`/things/{${param}}`]: {
      parameters: [{ name: param, in: 'path', required: true, schema: idSchema }],
      get: ok(one),
      [update]: { ...body(update === 'put' ? { ...request, required: ['name'] } : request), ...ok(one) },
      delete: { responses: { 204: { description: 'Gone' } } },
    },
  })
}

describe('documents of every style', () => {
  const holds = (property: (mock: MockServer, style: Style, things: readonly Json[]) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(styles, fc.array(content, { minLength: 2, maxLength: 5 }), async (style, things) => {
        const mock = await start({ spec: documentOf(style), seedItems: 1 })
        await property(mock, style, things)
        await stop(mock)
      }),
      { numRuns: 20 },
    )
  const created = async (mock: MockServer, { envelope, idPath }: Style, things: readonly Json[]) => {
    const ids: string[] = []
    for (const thing of things) {
      const { status, json } = await send(mock, 'POST /things', thing)
      expect(status).toBe(200)
      ids.push(String(at(json, [...envelope, ...idPath])))
    }
    return ids
  }
  const listed = async (mock: MockServer, { pager, idPath }: Style): Promise<readonly string[]> => {
    const ids: string[] = []
    let query: string | undefined = pager === 'page' ? 'per_page=2&page=1' : 'limit=2'
    for (let pages = 0; query !== undefined && pages < 20; pages++) {
      const { json } = await send(mock, `GET /things?${query}`)
      ids.push(...json.items.map((item: Json) => String(at(item, idPath))))
      query = PAGERS[pager].next(json, ids.length, ids.at(-1) ?? '')
    }
    expect(query, 'pages end').toBeUndefined()
    return ids
  }

  it('show what was sent, whole, under the id that the creation showed', { timeout: 60_000 }, () =>
    holds(async (mock, style, things) => {
      const ids = await created(mock, style, things)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [i, id] of ids.entries()) {
        const { status, json, headers } = await send(mock, `GET /things/${id}`)
        expect([status, headers.get('mock-source')]).toEqual([200, 'stored'])
        const shown = at(json, style.envelope)
        expect(shown).toMatchObject(things[i] ?? {})
        expect(String(at(shown, style.idPath))).toBe(id)
      }
    }),
  )

  it('list each thing once, to the end', { timeout: 60_000 }, () =>
    holds(async (mock, style, things) => {
      const ids = await created(mock, style, things)
      const all = await listed(mock, style)
      expect(new Set(all).size).toBe(all.length)
      expect(all).toEqual(expect.arrayContaining(ids))
    }),
  )

  it('show a change at once, PATCH merging and PUT replacing', { timeout: 60_000 }, () =>
    holds(async (mock, style, [before = {}, after = {}]) => {
      const [id] = await created(mock, style, [before])
      const { status } = await send(mock, `${style.update.toUpperCase()} /things/${id}`, after)
      expect(status).toBe(200)
      const shown = at((await send(mock, `GET /things/${id}`)).json, style.envelope) as Json
      expect(shown).toMatchObject(after)
      expect(String(at(shown, style.idPath))).toBe(id)
      const { options, address, ...rest } = before
      if (style.update === 'patch') expect(shown).toMatchObject({ ...rest, ...after })
      else expect(Object.keys(members).filter((name) => name in shown && !(name in after))).toEqual([])
    }),
  )

  it('answer 404 for what was removed, and list it no more', { timeout: 60_000 }, () =>
    holds(async (mock, style, things) => {
      const [first, ...others] = await created(mock, style, things)
      expect((await send(mock, `DELETE /things/${first}`)).status).toBe(204)
      expect((await send(mock, `GET /things/${first}`)).status).toBe(404)
      expect((await send(mock, `DELETE /things/${first}`)).status).toBe(404)
      const all = await listed(mock, style)
      expect(all).not.toContain(first)
      expect(all).toEqual(expect.arrayContaining(others))
    }),
  )
})

const folders = (process.env.SPECS ?? '').split(':').filter(Boolean)
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .map((name) => join(folder, name)),
)

describe('documents in the folders of SPECS', () => {
  // Vendors' documents are not part of this repository.
  it.skipIf(files.length > 0)('are left out here', (test) =>
    test.skip('the variable SPECS names no folder with documents'),
  )
  it.each(files)('%s keeps the contract', { timeout: 600_000 }, async (spec) => {
    const mock = await start({ spec, auth: 'off', onLog: () => undefined })
    const broken: string[] = []
    for (const resource of await resourcesOf(spec)) broken.push(...(await brokenBy(mock, resource)))
    await stop(mock)
    expect(broken).toEqual([])
  })
})

/** What of the contract a resource of a document breaks, if a client can create things of it at all. */
async function brokenBy(mock: MockServer, resource: SampledResource): Promise<readonly string[]> {
  const { collection, bodies, canList, canRemove } = resource
  const broken: string[] = []
  const check = (rule: string, isKept: boolean, reply?: Reply) => {
    if (!isKept)
      broken.push(
        `${collection}: ${rule}${reply === undefined ? '' : ` (${reply.status} ${reply.text.slice(0, 200)})`}`,
      )
  }
  const places: string[] = []
  for (const body of bodies) {
    const reply = await send(mock, `POST ${collection}`, body, resource.headers)
    const location = reply.headers.get('location')
    if (reply.status >= 300 || location === null) return []
    places.push(location)
  }
  const [first = '', second = ''] = places
  check('two creations make two things', first !== second)
  for (const place of places) {
    const read = await send(mock, `GET ${place}`, undefined, resource.headers)
    check('an id that was shown can be read', read.status === 200, read)
  }
  const last = (place: string) => decodeURIComponent(place.split('/').at(-1) ?? '').replace(/\.json$/, '')
  const list = canList ? await send(mock, `GET ${collection}`, undefined, resource.headers) : undefined
  if (list?.status === 200)
    for (const place of places)
      check(`a list has what was created`, list.text.includes(JSON.stringify(last(place)).slice(1, -1)))
  if (canRemove) {
    const removed = await send(mock, `DELETE ${first}`, undefined, resource.headers)
    check('what exists can be removed', removed.status < 300 || removed.status === 400, removed)
    if (removed.status < 300) {
      const gone = await send(mock, `GET ${first}`, undefined, resource.headers)
      check('what was removed is 404', gone.status === 404 || gone.status === 410, gone)
    }
  }
  return broken
}
