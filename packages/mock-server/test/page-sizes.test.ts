// Pages whose size and number have names that say so only beside each other, or stand inside of a body.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

describe('the size of a page', () => {
  const group = object({ id: { ...text, readOnly: true }, name: text }, ['id'])
  const query = (...names: readonly string[]) => ({
    parameters: names.map((name) => ({ name, in: 'query', schema: { type: 'integer' } })),
  })
  const groups = async () => {
    const mock = await start({
      seedItems: 0,
      spec: document({
        '/groups': {
          post: { ...json(object({ name: text })), ...ok(group) },
          get: { ...query('page', 'per'), ...ok(list(group)) },
        },
        '/groups/{id}': { ...named('id'), get: ok(group) },
        '/groups/search': {
          post: {
            ...json(object({ search: object({ name: text, numberOfResults: {}, startRow: {} }) })),
            ...ok(object({ groups: list(group), total: { type: 'integer' } })),
          },
        },
      }),
    })
    for (const name of ['a', 'b', 'c']) await send(mock, 'POST /groups', { name })
    return mock
  }
  const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name)

  it('is `per` beside `page`', async () => {
    const mock = await groups()
    expect(names((await send(mock, 'GET /groups?page=2&per=2')).json)).toEqual(['c'])
  })

  it('stands in the object that a search is', async () => {
    const mock = await groups()
    const search = { startRow: 1, numberOfResults: 1 }
    const { json: found } = await send(mock, 'POST /groups/search', { search })
    expect(names(found.groups)).toEqual(['b'])
    expect(found.total).toBe(3)
  })
})
