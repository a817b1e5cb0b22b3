// Things of several kinds that are shown together at a path where none of them is made.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const readOnly = { ...text, readOnly: true }
const parent = object({ id: text })
const made = (own: object) =>
  object({ id: readOnly, type: readOnly, title: text, parent, ...own }, ['id', 'title'])
const item = object({ id: readOnly, title: text, parent }, ['id'])
const board = object({ id: readOnly, title: text }, ['id'])
const asked = [...named('board_id').parameters, { name: 'parent_item_id', in: 'query', schema: text }]
const kind = (name: string, own: object) => ({
  [`/boards/{board_id}/${name}`]: { ...named('board_id'), post: { ...json(made(own)), ...ok(made(own)) } },
  [`/boards/{board_id}/${name}/{item_id}`]: { ...named('board_id', 'item_id'), get: ok(made(own)) },
})
const spec = document({
  '/boards': { post: { ...json(board), ...ok(board) } },
  '/boards/{board_id}': { ...named('board_id'), get: ok(board) },
  ...kind('cards', { due: text }),
  ...kind('frames', { width: { type: 'integer' } }),
  '/boards/{board_id}/items': { parameters: asked, get: ok(list(item)) },
  '/boards/{board_id}/items/{item_id}': {
    ...named('board_id', 'item_id'),
    get: ok(item),
    patch: { ...json(item), ...ok(item) },
    delete: ok(),
  },
})

it('are listed, read, changed and removed there as what they are', async () => {
  const mock = await start({ spec, seedItems: 0 })
  const [one, other] = [
    (await send(mock, 'POST /boards', { title: 'a' })).json.id,
    (await send(mock, 'POST /boards', { title: 'b' })).json.id,
  ]
  const make = async (path: string, body: object) => (await send(mock, `POST /boards/${path}`, body)).json.id
  const frame = await make(`${one}/frames`, { title: 'Frame', width: 7 })
  const card = await make(`${one}/cards`, { title: 'Card', due: 'now', parent: { id: frame } })
  await make(`${other}/cards`, { title: 'Other' })
  const items = `/boards/${one}/items`
  expect((await send(mock, `GET ${items}`)).json).toMatchObject([{ id: frame }, { id: card, title: 'Card' }])
  expect((await send(mock, `GET ${items}?parent_item_id=${frame}`)).json).toMatchObject([{ id: card }])
  expect((await send(mock, `GET ${items}/${card}`)).json).toMatchObject({ id: card, title: 'Card' })
  await send(mock, `PATCH ${items}/${card}`, { title: 'Changed' })
  expect((await send(mock, `GET /boards/${one}/cards/${card}`)).json).toMatchObject({
    title: 'Changed',
    due: 'now',
  })
  await send(mock, `DELETE ${items}/${card}`)
  expect((await send(mock, `GET /boards/${one}/cards/${card}`)).status).toBe(404)
  expect((await send(mock, `GET ${items}/${card}`)).status).toBe(404)
  expect((await send(mock, `GET ${items}`)).json).toMatchObject([{ id: frame }])
})
