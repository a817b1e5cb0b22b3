// What the mock tells of how it reads a document, and the hints that correct it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chosenFrom, explanationOf } from '../src/command/explanation.js'
import { loadDocument } from '../src/engine/document/document.js'
import { QUERY_MEANINGS } from '../src/engine/document/hints.js'
import { explainDocument, type OperationReading } from '../src/index.js'
import { ROLES } from '../src/state/places/hints.js'
import { document, ok, send, start, stop } from './harness.js'

const text = { type: 'string' }
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const pet = { type: 'object', required: ['id', 'name'], properties: { id: text, name: text, tag: text } }
const query = (name: string) => ({ name, in: 'query', schema: text })
const pathId = { parameters: [{ name: 'petId', in: 'path', required: true, schema: text }] }
const pets = {
  '/pets': {
    post: {
      requestBody: json({ type: 'object', required: ['name'], properties: { name: text, tag: text } }),
      responses: { 201: { description: 'Created', ...json(pet) } },
    },
    get: {
      operationId: 'listPets',
      parameters: ['limit', 'cursor', 'tag', 'debug'].map(query),
      ...ok({
        type: 'object',
        properties: { data: { type: 'array', items: pet }, has_more: { type: 'boolean' } },
      }),
    },
  },
  '/pets/{petId}': { ...pathId, get: ok(pet), delete: { responses: { 204: { description: 'Gone' } } } },
  '/health': { get: ok({ type: 'object', properties: { up: { type: 'boolean' } } }) },
}
const reading = async (spec: object, wanted: string): Promise<OperationReading | undefined> =>
  chosenFrom(await explainDocument(spec), wanted)[0]

describe('an explanation', () => {
  it('says what an operation does, with what, where its entries are and what its parameters mean', async () => {
    expect(await reading(document(pets), 'listPets')).toMatchObject({
      ...{ role: 'list', thing: 'pet', collection: '/pets', basis: 'declared', guesses: [] },
      ...{ id: { parameter: 'petId', member: 'id' }, envelope: 'data' },
      ...{ paging: { limit: 'size', cursor: 'token' }, filters: ['tag'], ignored: ['debug'] },
    })
    const roles = (await explainDocument(document(pets))).map(({ role }) => role)
    expect(roles).toEqual(['list', 'create', 'read', 'remove', undefined])
  })

  it('names the security schemes and scopes that an operation asks for', async () => {
    const oauth = { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: {} } } }
    const key = { type: 'apiKey', in: 'header', name: 'X-API-Key' }
    const security = [{ oauth: ['read', 'write'] }, { key: [] }]
    const spec = document(
      { '/me': { get: { security, ...ok() } } },
      { components: { securitySchemes: { oauth, key } } },
    )
    const found = await explainDocument(spec)
    expect(found[0]?.security).toEqual([
      [{ scheme: 'oauth', scopes: ['read', 'write'] }],
      [{ scheme: 'key', scopes: [] }],
    ])
    expect(explanationOf(found)).toContain('  security  oauth (read, write), or key\n')
  })

  it('is printed for people, for one operation or for all', async () => {
    const all = await explainDocument(document(pets))
    expect(explanationOf(chosenFrom(all, 'GET /pets/{petId}'))).toBe(
      [
        'GET /pets/{petId}',
        '  role      read, declared: GET on an item of /pets with items at /pets/{petId}',
        '  thing     pet of /pets',
        '  id        {petId} is id',
        '',
        '1 operation: 1 declared, 0 guessed',
      ].join('\n'),
    )
    expect(explanationOf(all)).toContain('5 operations: 5 declared, 0 guessed')
  })

  it('names each guess with the hint that settles it', async () => {
    const withAction = { ...pets, '/pets/{petId}/feed': { ...pathId, post: ok(pet) } }
    expect(await reading(document(withAction), '/pets/{petId}/feed')).toMatchObject({
      basis: 'guessed',
      guesses: [expect.stringMatching(/read as action of \/pets.*x-mock-role/)],
    })
    const noId = { type: 'object', properties: { colour: text } }
    const withoutId = {
      '/pets': pets['/pets'],
      '/paints': { get: ok({ type: 'array', items: noId }), post: ok(noId) },
      '/paints/{paint}': { parameters: [{ ...query('paint'), in: 'path', required: true }], get: ok(noId) },
    }
    expect((await reading(document(withoutId), 'GET /paints'))?.guesses).toEqual([
      'no member of the answer is known to hold the value of {paint}; x-mock-id names it',
    ])
  })
})

describe('a document that leaves guesses', () => {
  const guessed = { ...pets, '/pets/{petId}/feed': { ...pathId, post: ok(pet) } }
  const hinted = {
    ...pets,
    '/pets/{petId}/feed': { ...pathId, post: { ...ok(pet), 'x-mock-role': 'action' } },
  }

  it('is refused under failOnGuess, until a hint settles them', async () => {
    await expect(start({ spec: document(guessed), failOnGuess: true })).rejects.toThrow(
      /leaves the mock to guess what POST \/pets\/\{petId\}\/feed does; gosend-mock explain/,
    )
    await start({ spec: document(guessed) })
    await start({ spec: document(hinted), failOnGuess: true })
  })
})

describe('a hint', () => {
  // Nothing in names or schemas says that these are the same things.
  const view = { type: 'object', properties: { id: text, label: text, name: text } }
  const odd = (get: object) => ({
    ...pets,
    '/animal-lookup/{key}': {
      parameters: [{ name: 'key', in: 'path', required: true, schema: text }],
      get: { ...ok(view), ...get },
    },
  })

  it('says which collection an operation is about, so that it shows what was stored there', async () => {
    const mock = await start({ spec: document(odd({ 'x-mock-resource': '/pets' })) })
    const { id } = (await send(mock, 'POST /pets', { name: 'Rex' })).json
    const shown = await send(mock, `GET /animal-lookup/${id}`)
    expect([shown.headers.get('mock-source'), shown.json]).toMatchObject(['stored', { id, name: 'Rex' }])
    expect(
      await reading(document(odd({ 'x-mock-resource': '/pets' })), '/animal-lookup/{key}'),
    ).toMatchObject({
      ...{ role: 'read', collection: '/pets', basis: 'declared' },
    })
  })

  it.each([
    [{ 'x-mock-role': 'reed' }, /x-mock-role that is none of create, /],
    [{ 'x-mock-resource': '/cats' }, /x-mock-resource that is neither false nor the path of a collection/],
  ])('that means nothing is warned of: %j', async (hint, warning) => {
    const mock = await start({ spec: document(odd(hint)) })
    expect(mock.overview().warnings).toEqual([expect.stringMatching(warning)])
  })

  it('that names no member of the answer counts as a guess', async () => {
    const spec = document({ ...pets, '/pets': { ...pets['/pets'], 'x-mock-id': 'slug' } })
    expect((await reading(spec, 'listPets'))?.guesses).toEqual([
      'x-mock-id is "slug", which no entry of the answer has',
    ])
  })
})

describe('reads after a create', () => {
  it('are counted, and those that showed a sample are named and warned of once', async () => {
    const colour = { type: 'object', required: ['colour'], properties: { colour: text } }
    const created = { responses: { 201: { description: 'Created' } } }
    const spec = document({
      '/paints': { post: { requestBody: json(colour), ...created } },
      '/paints/{paint}': {
        parameters: [{ ...query('paint'), in: 'path', required: true }],
        get: ok(colour),
        delete: { responses: { 204: { description: 'Gone' } } },
      },
    })
    const log: string[] = []
    const mock = await start({ spec, onLog: (line) => log.push(line) })
    await send(mock, 'GET /paints/a')
    await send(mock, 'POST /paints', { colour: 'red' })
    for (const id of ['b', 'c', 'b']) await send(mock, `GET /paints/${id}`)
    expect(mock.overview().reads).toEqual({
      ...{ afterCreate: 3, notStored: 2, operations: { 'GET /paints/{paint}': 2 } },
    })
    expect(log.filter((line) => line.includes('answers a sample after a create'))).toHaveLength(1)
    await mock.reset()
    expect(mock.overview().reads.afterCreate).toBe(0)
  })
})

/** The pets with these members in the operation that lists them. */
const hinted = (more: object, paths: object = {}) =>
  document({ ...pets, '/pets': { ...pets['/pets'], get: { ...pets['/pets'].get, ...more } }, ...paths })

describe('a hint for a list', () => {
  it('says where in a body the list is', async () => {
    const lists = {
      type: 'object',
      properties: { data: { type: 'array', items: pet }, items: { type: 'array', items: pet } },
    }
    const spec = hinted({ 'x-mock-envelope': 'items', ...ok(lists) })
    expect(await reading(spec, 'listPets')).toMatchObject({ envelope: 'items', guesses: [] })
    const mock = await start({ spec, seedItems: 0 })
    const { json: made } = await send(mock, 'POST /pets', { name: 'Rex' })
    expect((await send(mock, 'GET /pets')).json.items).toEqual([made])
  })

  it('that leads to no member counts as a guess', async () => {
    expect((await reading(hinted({ 'x-mock-envelope': 'nowhere.items' }), 'listPets'))?.guesses).toEqual([
      'x-mock-envelope is "nowhere.items", which the answer does not have',
    ])
  })

  it('says what a query parameter asks for, which member it compares, or that it asks for nothing', async () => {
    const parameters = [
      { ...query('how_many'), 'x-mock-query': 'size' },
      { ...query('limit'), 'x-mock-filter': 'tag' },
      { ...query('name'), 'x-mock-query': 'ignore' },
    ]
    const spec = hinted({ parameters })
    expect(await reading(spec, 'listPets')).toMatchObject({
      ...{ paging: { how_many: 'size' }, filters: ['limit'], ignored: ['name'] },
    })
    const mock = await start({ spec, seedItems: 0 })
    for (const tag of ['cat', 'dog', 'dog']) await send(mock, 'POST /pets', { name: 'Rex', tag })
    const lengthOf = async (asked: string) => (await send(mock, `GET /pets?${asked}`)).json.data.length
    expect([await lengthOf('how_many=2'), await lengthOf('limit=cat'), await lengthOf('name=Tom')]).toEqual([
      2, 1, 3,
    ])
  })

  it('that is misspelt, or has a value that it cannot have, is a warning with what was meant', () => {
    const parameters = [{ ...query('q'), 'x-mock-query': 'find' }]
    const spec = document({ '/pets': { 'x-mock-sead': 3, get: { 'x-mock-id': 5, parameters, ...ok(pet) } } })
    expect(loadDocument(spec).warnings.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      '/paths/~1pets has no use for x-mock-sead; did you mean x-mock-seed?',
      '/paths/~1pets/get x-mock-id must be the name of the member that identifies a thing',
      expect.stringMatching(/^\/paths\/~1pets\/get\/parameters\/0 x-mock-query must be one of size, /),
    ])
  })
})

it('hints of every kind leave every operation answered, whatever they say', { timeout: 60_000 }, async () => {
  const hints = fc.record(
    {
      'x-mock-role': fc.constantFrom(...Object.keys(ROLES)),
      'x-mock-resource': fc.constantFrom('/pets', '/toys', '/nowhere', false),
      'x-mock-envelope': fc.constantFrom('', 'data', 'data.items', 'name'),
      'x-mock-id': fc.constantFrom('name', 'tag', 'nothing'),
    },
    { requiredKeys: [] },
  )
  const toys = { '/toys': pets['/pets'], '/toys/{petId}': pets['/pets/{petId}'] }
  const described: Record<string, Record<string, object>> = { ...pets, ...toys }
  const lines = Object.entries(described).flatMap(([path, item]) =>
    Object.keys(item).flatMap((method) => (method === 'parameters' ? [] : [[path, method] as const])),
  )
  const meaning = fc.constantFrom(...QUERY_MEANINGS, 'ignore')
  const given = fc.array(hints, { minLength: lines.length, maxLength: lines.length })
  await fc.assert(
    fc.asyncProperty(given, meaning, async (all, asked) => {
      const paths = structuredClone(described)
      for (const [index, [path, method]] of lines.entries())
        Object.assign(paths[path]?.[method] ?? {}, all[index], {
          ...(method === 'get' ? { parameters: [{ ...query('limit'), 'x-mock-query': asked }] } : {}),
        })
      const mock = await start({ spec: document(paths) })
      for (const [path, method] of lines) {
        const line = `${method.toUpperCase()} ${path.replace(/[{}]/g, '')}`
        const { status, text: shown } = await send(
          mock,
          line,
          method === 'post' ? { name: 'Rex' } : undefined,
        )
        expect(status, `${line}: ${shown}`).toBeLessThan(500)
      }
      await stop(mock)
    }),
    { numRuns: 20 },
  )
})
