// Things that are found, filtered and shown by what names them elsewhere than in their path.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const shop = {
  type: 'object',
  required: ['id', 'name'],
  properties: { id: { ...text, readOnly: true }, name: text, note: text },
}
const route = {
  type: 'object',
  required: ['id', 'shop'],
  properties: {
    id: { ...text, readOnly: true },
    name: text,
    shop: { $ref: '#/components/schemas/Shop' },
    buyer: { oneOf: [text, { $ref: '#/components/schemas/Shop' }] },
  },
}
const components = { schemas: { Shop: shop, Route: route } }
const shopRef = { $ref: '#/components/schemas/Shop' }
const routeRef = { $ref: '#/components/schemas/Route' }
const body = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } })
const inPath = { parameters: [{ name: 'id', in: 'path', required: true, schema: text }] }
const inQuery = (...names: readonly string[]) => ({
  parameters: names.map((name) => ({ name, in: 'query', schema: text })),
})
const routeBody = {
  type: 'object',
  properties: { name: text, shop_id: text, shop: text, buyer: text },
}

const api = () =>
  start({
    spec: document(
      {
        '/shops': {
          get: { ...inQuery('name'), ...ok({ type: 'array', items: shopRef }) },
          post: { ...body(shopRef), ...ok(shopRef) },
          put: { ...body(shopRef), ...ok(shopRef) },
        },
        '/shops/info': { get: { ...inQuery('shopId', 'name', 'verbose'), ...ok(shopRef) } },
        '/shops/{shopId}': {
          parameters: [{ name: 'shopId', in: 'path', required: true, schema: text }],
          patch: { ...body(shopRef), ...ok(shopRef) },
          delete: ok(),
        },
        '/routes': {
          get: { ...inQuery('shop_id'), ...ok({ type: 'array', items: routeRef }) },
          post: { ...body(routeBody), ...ok(routeRef) },
        },
        '/routes/{id}': { ...inPath, get: ok(routeRef), patch: { ...body(routeBody), ...ok(routeRef) } },
      },
      { components },
    ),
  })

it('a thing is looked up by its id or by its members in the query, and is unknown where none is so', async () => {
  const mock = await api()
  const { json: made } = await send(mock, 'POST /shops', { name: 'Ann', note: 'n' })
  await send(mock, 'POST /shops', { name: 'Bea' })
  for (const query of [`shopId=${made.id}`, 'name=Ann', `shopId=${made.id}&name=Ann&verbose=yes`]) {
    const found = await send(mock, `GET /shops/info?${query}`)
    expect([found.status, found.json]).toEqual([200, made])
  }
  for (const query of ['shopId=never', 'name=Cleo', `shopId=${made.id}&name=Bea`])
    expect((await send(mock, `GET /shops/info?${query}`)).status).toBe(404)
  expect((await send(mock, 'PATCH /shops/never', { name: 'x' })).status).toBe(404)
  await send(mock, `DELETE /shops/${made.id}`)
  expect((await send(mock, `GET /shops/info?shopId=${made.id}`)).status).toBe(404)
})

it('a thing shows whole what it was made with by id, and is found by that id', async () => {
  const mock = await api()
  const { json: ann } = await send(mock, 'POST /shops', { name: 'Ann', note: 'n' })
  const { json: bea } = await send(mock, 'POST /shops', { name: 'Bea' })
  const { json: first } = await send(mock, 'POST /routes', { name: 'r', shop_id: ann.id, buyer: bea.id })
  expect(first).toMatchObject({ name: 'r', shop: ann, buyer: bea.id })
  const { json: second } = await send(mock, 'POST /routes', { name: 's', shop: bea.id })
  expect(second.shop).toEqual(bea)
  const idsOf = async (id: string) =>
    (await send(mock, `GET /routes?shop_id=${id}`)).json.map((one: { readonly id: string }) => one.id)
  expect([await idsOf(ann.id), await idsOf(bea.id)]).toEqual([[first.id], [second.id]])
  const { json: moved } = await send(mock, `PATCH /routes/${first.id}`, { shop_id: bea.id })
  expect(moved).toMatchObject({ name: 'r', shop: bea })
  expect(await idsOf(ann.id)).toEqual([])
})

it('a PUT on a collection makes a thing once, and changes it by its name after that', async () => {
  const mock = await api()
  const { json: made } = await send(mock, 'PUT /shops', { name: 'Ann', note: 'n' })
  const { json: again } = await send(mock, 'PUT /shops', { name: 'Ann', note: 'm' })
  expect(again).toEqual({ ...made, note: 'm' })
  expect((await send(mock, 'GET /shops?name=Ann')).json).toEqual([again])
  const { json: posted } = await send(mock, 'POST /shops', { name: 'Ann' })
  expect(posted.id).not.toBe(made.id)
})

it('a bare list whose pages go by a token links to the next page', async () => {
  const mock = await start({
    spec: document(
      {
        '/shops': {
          get: { ...inQuery('after', 'limit'), ...ok({ type: 'array', items: shopRef }) },
          post: { ...body(shopRef), ...ok(shopRef) },
        },
        '/shops/{id}': { ...inPath, get: ok(shopRef) },
      },
      { components },
    ),
    seedItems: 0,
  })
  for (const name of ['a', 'b', 'c', 'd', 'e']) await send(mock, 'POST /shops', { name })
  const seen: string[] = []
  for (let path: string | undefined = '/shops?limit=2'; path !== undefined; ) {
    const { json, headers } = await send(mock, `GET ${path}`)
    seen.push(...json.map(({ name }: { readonly name: string }) => name))
    const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
    path = next?.replace(mock.url, '')
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
})

it('a thing is found by what its profile calls it', async () => {
  const person = {
    type: 'object',
    properties: {
      id: { ...text, readOnly: true },
      profile: { type: 'object', properties: { login: text, nick: text } },
    },
  }
  const mock = await start({
    spec: document({
      '/people': { post: { ...body(person), ...ok(person) } },
      '/people/{id}': { ...inPath, get: ok(person) },
    }),
  })
  const { json: made } = await send(mock, 'POST /people', {
    profile: { login: 'ann@example.org', nick: 'A' },
  })
  expect((await send(mock, `GET /people/${made.id}`)).json).toEqual(made)
  expect((await send(mock, 'GET /people/ann%40example.org')).json).toEqual(made)
  expect((await send(mock, 'GET /people/bea%40example.org')).status).toBe(404)
})
