// What is made from things that there are: copies, and what several are merged into; and what replaces the thing that is
// there already.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const deed = object(
  {
    id: { ...text, readOnly: true },
    name: text,
    pages: list(text),
    kind: { type: 'string', enum: ['PLAIN', 'ALIAS'] },
    aliased_deed: object({ id: text, name: text }, ['id']),
    source_id: text,
    thread_id: text,
    in_reply_to: text,
  },
  ['id', 'name'],
)
const said = json(object({ name: text, pages: list(text), thread_id: text }))
const action = (description: string, body: object = json(object({ name: text }))) => ({
  post: { description, ...body, ...ok(deed) },
})
const paths = {
  '/deeds': {
    get: ok(list(deed)),
    post: { ...said, ...ok(deed) },
    put: {
      parameters: [{ name: 'copy_from', in: 'query', required: true, schema: text }],
      ...json(object({ name: text })),
      ...ok(deed),
    },
  },
  '/deeds/{id}': { ...named('id'), get: ok(deed) },
}
const below = (word: string, described: object) => ({
  [`/deeds/{id}/${word}`]: { ...named('id'), ...described },
})
const ids = object({ deed_ids: list(text), name: text }, ['deed_ids'])
const begin = async (more: object) => {
  const mock = await start({ spec: document({ ...paths, ...more }), seedItems: 0 })
  const make = async (name: string) =>
    (await send(mock, 'POST /deeds', { name, pages: [`of ${name}`], thread_id: 't1' })).json
  return { mock, one: await make('one'), other: await make('other') }
}
const NEW = 'The system will create a new deed with the same pages.'

describe('what is made from another thing', () => {
  it('is a copy where the words of an action say so, and tells what it was made from', async () => {
    const { mock, one } = await begin(below('alias', action(NEW)))
    const { json: made } = await send(mock, `POST /deeds/${one.id}/alias`, { name: 'two' })
    expect(made.id).not.toBe(one.id)
    expect(made).toMatchObject({ name: 'two', pages: ['of one'], kind: 'ALIAS', source_id: one.id })
    expect(made.aliased_deed).toEqual({ id: one.id, name: 'one' })
    expect((await send(mock, `GET /deeds/${one.id}`)).json).toMatchObject({ name: 'one' })
    expect((await send(mock, `GET /deeds/${made.id}`)).json).toEqual(made)
    expect((await send(mock, 'GET /deeds')).json).toHaveLength(3)
  })

  it.each(['Sets the new deed name.', 'Creates a new deed item for it.', 'Renames it.'])(
    'is the thing itself where they do not: %s',
    async (description) => {
      const { mock, one } = await begin(below('rename', action(description)))
      expect((await send(mock, `POST /deeds/${one.id}/rename`, { name: 'two' })).json).toMatchObject({
        id: one.id,
        name: 'two',
      })
    },
  )

  it('has the lists of all that it is merged from', async () => {
    const merge = { '/deeds/merge': action('Merges deeds into a new combined deed.', json(ids)) }
    const { mock, one, other } = await begin(merge)
    const { json: made } = await send(mock, 'POST /deeds/merge', {
      deed_ids: [one.id, other.id],
      name: 'all',
    })
    expect([one.id, other.id]).not.toContain(made.id)
    expect(made).toMatchObject({ name: 'all', pages: ['of one', 'of other'] })
    expect((await send(mock, `GET /deeds/${one.id}`)).json).toMatchObject({ name: 'one', pages: ['of one'] })
  })

  it('is like what a creation names as its source', async () => {
    const { mock, one } = await begin({})
    const { json: made } = await send(mock, `PUT /deeds?copy_from=${one.id}`, { name: 'one' })
    expect(made.id).not.toBe(one.id)
    expect(made).toMatchObject({ name: 'one', pages: ['of one'] })
  })

  it('is a reply in the same conversation, with nothing else of what it answers', async () => {
    const { mock, one } = await begin(below('reply', action('Replies to it.')))
    const { json: made } = await send(mock, `POST /deeds/${one.id}/reply`, { name: 'Re' })
    expect(made.id).not.toBe(one.id)
    expect(made).toMatchObject({ name: 'Re', thread_id: 't1', in_reply_to: one.id })
    expect(made.pages).not.toEqual(['of one'])
  })
})

describe('a creation that names what is there', () => {
  const variable = object({ id: { ...text, readOnly: true }, key: text, value: text }, ['id', 'key', 'value'])
  const twice = async (description: string) => {
    const spec = document({
      '/variables': {
        get: ok(list(variable)),
        post: { description, ...json(object({ key: text, value: text })), ...ok(variable) },
      },
      '/variables/{id}': { ...named('id'), get: ok(variable) },
    })
    const mock = await start({ spec, seedItems: 0 })
    for (const value of ['1', '2']) await send(mock, 'POST /variables', { key: 'A', value })
    return (await send(mock, 'GET /variables')).json.map(({ value }: { value: string }) => value)
  }

  it.each([
    'Adds a variable. If the variable key already exists, then it will be replaced by the new one.',
    'If a variable with the same key already exists, it is updated.',
    'Overwrites the value if the key already exists.',
    'Creates a variable, or updates an existing one with the same `key`.',
  ])('changes it by the member that its words tell of: %s', async (description) => {
    expect(await twice(description)).toEqual(['2'])
  })

  it.each([
    'If the variable key already exists, it cannot be updated.',
    'If a variable of the same owner and key already exists, it is replaced.',
    'Adds a variable. Keys may be the same.',
  ])('makes another one where they tell of none: %s', async (description) => {
    expect(await twice(description)).toEqual(['1', '2'])
  })
})
