// Operations of one method at the very same path, which names its parameters otherwise in each: what the query has to have
// and how the body is written tell them apart.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const asked = (name: string) => ({ name, in: 'query', required: true, schema: text })
const item = object({ id: { ...text, readOnly: true }, title: text }, ['id'])
const tag = { $ref: '#/components/schemas/Tag' }
const schemas = { Tag: object({ id: { ...text, readOnly: true }, label: text }, ['id']) }
const at = (...names: readonly string[]) => named(...names).parameters
const form = {
  requestBody: { content: { 'multipart/form-data': { schema: object({ title: text, file: text }) } } },
}
const spec = document(
  {
    '/boards': { post: { ...json(object({ title: text })), ...ok(item) } },
    '/boards/{board_id}': { ...named('board_id'), get: ok(item) },
    '/boards/{board_id}/tags': {
      ...named('board_id'),
      post: { ...json(tag), ...ok(tag) },
      get: ok(list(tag)),
    },
    '/boards/{board_id}/tags/{tag_id}': { ...named('board_id', 'tag_id'), get: ok(tag) },
    '/boards/{board_id}/items': {
      ...named('board_id'),
      post: { ...json(item), ...ok(item) },
      get: ok(list(item)),
    },
    '/boards/{board_id_Files}/items': {
      ...named('board_id_Files'),
      post: { operationId: 'upload', ...form, ...ok(item) },
    },
    '/boards/{board_id_Tags}/items': {
      get: { operationId: 'byTag', parameters: [...at('board_id_Tags'), asked('tag_id')], ...ok(list(item)) },
    },
    '/boards/{board_id}/items/{item_id}': { ...named('board_id', 'item_id'), get: ok(item), delete: ok() },
    '/boards/{board_id_Tags}/items/{item_id}': {
      post: {
        operationId: 'attach',
        parameters: [...at('board_id_Tags', 'item_id'), asked('tag_id')],
        ...ok(),
      },
      delete: {
        operationId: 'detach',
        parameters: [...at('board_id_Tags', 'item_id'), asked('tag_id')],
        ...ok(),
      },
    },
    '/boards/{board_id_Tags}/items/{item_id}/tags': {
      ...named('board_id_Tags', 'item_id'),
      get: ok(list(tag)),
    },
  },
  { components: { schemas } },
)

describe('operations at one path', () => {
  const begun = async () => {
    const mock = await start({ spec })
    const make = async (path: string, body: object) => (await send(mock, `POST ${path}`, body)).json.id
    const board = `/boards/${await make('/boards', { title: 'b' })}`
    const ids = []
    for (const title of ['a', 'b']) ids.push(await make(`${board}/items`, { title }))
    return { mock, board, items: ids, tag: await make(`${board}/tags`, { label: 'red' }) }
  }

  it('are told apart by the media type', async () => {
    const { mock, board } = await begun()
    const upload = new FormData()
    upload.append('title', 'c')
    const made = await send(mock, `POST ${board}/items`, upload)
    expect(made.json.title).toBe('c')
    const { json: journal } = await send(mock, 'GET /_mock/requests', undefined, {
      'x-admin-key': mock.adminKey,
    })
    expect(journal.map(({ operationId }: { operationId: string }) => operationId)).toContain('upload')
  })

  it('are told apart by what the query has to have, and let things join, find by them, and let them leave', async () => {
    const { mock, board, items, tag: red } = await begun()
    const [first] = items
    await send(mock, `POST ${board}/items/${first}?tag_id=${red}`)
    expect((await send(mock, `GET ${board}/items/${first}/tags`)).json).toMatchObject([
      { id: red, label: 'red' },
    ])
    expect((await send(mock, `GET ${board}/items?tag_id=${red}`)).json).toMatchObject([{ id: first }])
    expect((await send(mock, `GET ${board}/items`)).json).toHaveLength(2)
    await send(mock, `DELETE ${board}/items/${first}?tag_id=${red}`)
    expect((await send(mock, `GET ${board}/items/${first}/tags`)).json).toEqual([])
    expect((await send(mock, `GET ${board}/items/${first}`)).status).toBe(200)
    await send(mock, `DELETE ${board}/items/${first}`)
    expect((await send(mock, `GET ${board}/items/${first}`)).status).toBe(404)
  })
})
