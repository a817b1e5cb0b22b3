// APIs that call procedures: the path says what is done, and a member of the request says to which thing.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMockServer, type MockServer } from '../src/index.js'
import { document, ok, send } from './harness.js'

const text = { type: 'string' }
const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })
const call = (request: object, answer: object) => ({
  post: {
    requestBody: { required: true, content: { 'application/json': { schema: request } } },
    ...ok(answer),
  },
})

/** Two manners: a word behind a dot with `id`, and a last segment with the noun's own id. */
const MANNERS = {
  'a word behind a dot': { base: '/notes.', words: ['create', 'info', 'list', 'update', 'delete'], id: 'id' },
  'a last segment': {
    base: '/payments/note/',
    words: ['create', 'get', 'list', 'update', 'remove'],
    id: 'note_id',
  },
} as const

for (const [name, { base, words, id }] of Object.entries(MANNERS)) {
  const [create, read, list, update, remove] = words
  const note = object({ [id]: text, title: text, body: text }, [id])
  const content = { title: text, body: text }
  const spec = document({
    [base + create]: call(object(content, ['title']), object({ data: note }, ['data'])),
    [base + read]: call(object({ [id]: text }, [id]), object({ data: note }, ['data'])),
    [base + list]: call(
      object({ limit: { type: 'integer' } }),
      object({ data: { type: 'array', items: note } }),
    ),
    [base + update]: call(object({ [id]: text, ...content }, [id]), object({ data: note }, ['data'])),
    [`${base}publish`]: call(object({ [id]: text }, [id]), object({ data: note }, ['data'])),
    [base + remove]: call(object({ [id]: text }, [id]), object({ success: { type: 'boolean' } })),
  })

  describe(`procedures named by ${name}`, () => {
    let mock: MockServer
    beforeAll(async () => {
      mock = await createMockServer({ spec, seedItems: 0 })
    })
    afterAll(() => mock.close())
    const post = (word: string, body: object) => send(mock, `POST ${base}${word}`, body)

    it('keep what one makes, and the others read, change, list and remove it', async () => {
      const { data: made } = (await post(create, { title: 'a', body: 'b' })).json
      expect(made).toMatchObject({ title: 'a', body: 'b' })
      const named = { [id]: made[id] }
      expect((await post(read, named)).json.data).toEqual(made)
      expect((await post(update, { ...named, title: 'c' })).json.data).toMatchObject({
        title: 'c',
        body: 'b',
      })
      expect((await post('publish', named)).json.data).toMatchObject({ ...named, title: 'c' })
      expect((await post(list, {})).json.data).toEqual([expect.objectContaining({ ...named, title: 'c' })])
      expect((await post(remove, named)).status).toBe(200)
      expect((await post(read, named)).status).toBe(404)
      expect((await post(list, {})).json.data).toEqual([])
    })

    it('answer a sample for what nobody made, which may be there all the same', async () => {
      const { status, json } = await post(read, { [id]: 'elsewhere' })
      expect([status, json.data[id]]).toEqual([200, 'elsewhere'])
      expect((await post(remove, { [id]: 'unseen' })).status).toBe(200)
      expect((await post(read, { [id]: 'unseen' })).status).toBe(200)
    })
  })
}

describe('an answer that repeats what was sent, of one of several kinds', () => {
  const id = { ...text, readOnly: true }
  const kinds = {
    'named by a member': {
      kinds: [
        object({ id, kind: { const: 'card' }, number: text }, ['id', 'kind']),
        object({ id, kind: { const: 'debit' }, iban: text }, ['id', 'kind']),
      ],
      sent: { kind: 'debit', iban: 'DE1' },
    },
    'told apart by their members': {
      kinds: [object({ id, number: text }, ['id', 'number']), object({ id, iban: text }, ['id', 'iban'])],
      sent: { iban: 'DE1' },
    },
    'behind a discriminator, whose sample the document shows': {
      kinds: [
        object({ id, type: { enum: ['card'] }, amount: { type: 'integer' } }, ['type']),
        object({ id, type: { enum: ['debit'] }, amount: { type: 'integer' }, iban: text }, ['type']),
      ],
      example: { id: 'a', type: 'card', amount: 3 },
      sent: { type: 'debit', amount: 7, iban: 'DE1' },
    },
  }

  for (const [name, { kinds: oneOf, sent, ...rest }] of Object.entries(kinds))
    it(`is of the kind that was sent: ${name}`, async () => {
      const schema = { oneOf, ...rest }
      const mock = await createMockServer({ spec: document({ '/pay': call(schema, schema) }) })
      const { status, json } = await send(mock, 'POST /pay', sent)
      await mock.close()
      expect(status).toBe(200)
      const { id: _made, ...shown } = json
      expect(shown).toEqual(sent)
    })
})
