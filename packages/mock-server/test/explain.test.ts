// What the mock tells of how it reads a document, and the hints that correct it.

import { describe, expect, it } from 'vitest'
import { chosenFrom, explanationOf } from '../src/command/explanation.js'
import { explainDocument, type OperationReading } from '../src/index.js'
import { document, ok, send, start } from './harness.js'

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
const reading = (spec: object, wanted: string): OperationReading | undefined =>
  chosenFrom(explainDocument(spec), wanted)[0]

describe('an explanation', () => {
  it('says what an operation does, with what, where its entries are and what its parameters mean', () => {
    expect(reading(document(pets), 'listPets')).toMatchObject({
      ...{ role: 'list', thing: 'pet', collection: '/pets', basis: 'declared', guesses: [] },
      ...{ id: { parameter: 'petId', member: 'id' }, envelope: 'data' },
      ...{ paging: { limit: 'size', cursor: 'token' }, filters: ['tag'], ignored: ['debug'] },
    })
    const roles = explainDocument(document(pets)).map(({ role }) => role)
    expect(roles).toEqual(['list', 'create', 'read', 'remove', undefined])
  })

  it('is printed for people, for one operation or for all', () => {
    const all = explainDocument(document(pets))
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

  it('names each guess with the hint that settles it', () => {
    const withAction = { ...pets, '/pets/{petId}/feed': { ...pathId, post: ok(pet) } }
    expect(reading(document(withAction), '/pets/{petId}/feed')).toMatchObject({
      basis: 'guessed',
      guesses: [expect.stringMatching(/read as action of \/pets.*x-mock-role/)],
    })
    const noId = { type: 'object', properties: { colour: text } }
    const withoutId = {
      '/pets': pets['/pets'],
      '/paints': { get: ok({ type: 'array', items: noId }), post: ok(noId) },
      '/paints/{paint}': { parameters: [{ ...query('paint'), in: 'path', required: true }], get: ok(noId) },
    }
    expect(reading(document(withoutId), 'GET /paints')?.guesses).toEqual([
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
    expect(reading(document(odd({ 'x-mock-resource': '/pets' })), '/animal-lookup/{key}')).toMatchObject({
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

  it('that names no member of the answer counts as a guess', () => {
    const spec = document({ ...pets, '/pets': { ...pets['/pets'], 'x-mock-id': 'slug' } })
    expect(reading(spec, 'listPets')?.guesses).toEqual([
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
