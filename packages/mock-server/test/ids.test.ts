// How items are told apart: by the members that hold their ids, wherever bodies hold those.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const response = (schema?: object) => ({ description: 'OK', ...(schema === undefined ? {} : json(schema)) })

describe('the state of a mock', () => {
  it('finds an item by any of the ids that it was told of', async () => {
    const team = {
      type: 'object',
      required: ['id', 'slug'],
      properties: { id: { type: 'integer', readOnly: true }, slug: { type: 'string' } },
    }
    const mock = await start({
      spec: document({
        '/teams': {
          post: { requestBody: json(team), responses: { 201: response(team) } },
        },
        '/teams/{team_slug}': {
          get: { responses: { 200: response(team) } },
          delete: { responses: { 204: response() } },
        },
      }),
    })
    const made = (await send(mock, 'POST /teams', { slug: 'red' })).json
    expect((await send(mock, `GET /teams/${made.id}`)).json).toEqual(made)
    expect((await send(mock, 'GET /teams/blue')).status).toBe(404)
    await send(mock, `DELETE /teams/${made.id}`)
    expect((await send(mock, 'GET /teams/red')).status).toBe(404)
    expect((await send(mock, `GET /teams/${made.id}`)).status).toBe(404)
  })

  it('tells things apart by all members that their path names, wherever they are made', async () => {
    const flag = {
      type: 'object',
      required: ['container', 'key'],
      properties: {
        container: { type: 'string' },
        key: { type: 'string' },
        isOn: { type: 'boolean' },
      },
    }
    const page = {
      type: 'object',
      required: ['results', 'total'],
      properties: { results: { type: 'array', items: flag }, total: { type: 'integer' } },
    }
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const mock = await start({
      spec: {
        ...document({
          '/flags': {
            get: { responses: { 200: response(ref('Page')) } },
            post: { requestBody: json(ref('Flag')), responses: { 200: response(ref('Flag')) } },
          },
          '/flags/{container}': { get: { responses: { 200: response(ref('Page')) } } },
          '/flags/{container}/{key}': {
            get: { responses: { 200: response(ref('Flag')) } },
            delete: { responses: { 204: response() } },
          },
        }),
        components: { schemas: { Flag: flag, Page: page } },
      },
      seedItems: 0,
    })
    const [a, b, other] = [
      { container: 'shop', key: 'a', isOn: true },
      { container: 'shop', key: 'b', isOn: false },
      { container: 'blog', key: 'a', isOn: false },
    ]
    for (const one of [a, b, other])
      expect(await send(mock, 'POST /flags', one)).toMatchObject({ status: 200, json: one })
    expect((await send(mock, 'POST /flags', a)).status).toBe(409)
    expect((await send(mock, 'GET /flags/shop/a')).json).toEqual(a)
    expect((await send(mock, 'GET /flags/blog/a')).json).toEqual(other)
    expect((await send(mock, 'GET /flags/shop')).json).toEqual({ results: [a, b], total: 2 })
    expect((await send(mock, 'GET /flags')).json).toEqual({ results: [a, b, other], total: 3 })
    await send(mock, 'DELETE /flags/shop/a')
    expect((await send(mock, 'GET /flags/shop/a')).status).toBe(404)
    expect((await send(mock, 'GET /flags/blog/a')).json).toEqual(other)
  })

  it('does not deny an item whose id can only be guessed at', async () => {
    const rule = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
    const mock = await start({
      spec: document({
        '/rules': { post: { requestBody: json(rule), responses: { 201: response(rule) } } },
        '/rules/{which}': {
          get: { responses: { 200: response(rule) } },
          delete: { responses: { 204: response() } },
        },
      }),
    })
    await send(mock, 'POST /rules', { name: 'a' })
    expect((await send(mock, 'GET /rules/a')).json).toEqual({ name: 'a' })
    expect((await send(mock, 'GET /rules/b')).status).toBe(200)
    await send(mock, 'DELETE /rules/a')
    expect((await send(mock, 'GET /rules/a')).status).toBe(404)
  })

  it('lets a client make what the examples of the document make', async () => {
    const index = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', example: 'films' } },
    }
    const mock = await start({
      spec: document({
        '/indexes': {
          get: { responses: { 200: response({ type: 'array', items: index }) } },
          post: { requestBody: json(index), responses: { 201: response(index), 409: response() } },
        },
        '/indexes/{name}': { get: { responses: { 200: response(index) } } },
      }),
    })
    expect((await send(mock, 'GET /indexes')).json).toHaveLength(2)
    expect((await send(mock, 'POST /indexes', { name: 'films' })).status).toBe(201)
    expect((await send(mock, 'POST /indexes', { name: 'films' })).status).toBe(409)
  })

  it('is free again for a client when nobody but the mock has made such a thing', async () => {
    const fee = {
      type: 'object',
      required: ['code'],
      properties: { code: { type: 'string' }, name: { type: 'string' } },
    }
    const mock = await start({
      spec: document({
        '/fees': { post: { requestBody: { content: { 'application/json': { schema: fee } } }, ...ok(fee) } },
        '/fees/{code}': {
          get: ok(fee),
          parameters: [
            { name: 'code', in: 'path', required: true, example: 'setup', schema: { type: 'string' } },
          ],
        },
      }),
    })
    expect((await send(mock, 'GET /fees/setup')).status).toBe(200)
    const made = await send(mock, 'POST /fees', { code: 'setup', name: 'Mine' })
    expect([made.status, made.json]).toEqual([200, { code: 'setup', name: 'Mine' }])
    expect((await send(mock, 'GET /fees/setup')).json.name).toBe('Mine')
    expect((await send(mock, 'POST /fees', { code: 'setup' })).status).toBe(409)
  })

  it.each([
    ['role_name', 'name'],
    ['name', 'roleName'],
  ])('is sent with its %s and answers with its %s', async (sent, shown) => {
    const role = { type: 'object', properties: { id: { type: 'string' }, [shown]: { type: 'string' } } }
    const body = {
      content: {
        'application/json': { schema: { type: 'object', properties: { [sent]: { type: 'string' } } } },
      },
    }
    const mock = await start({
      spec: document({
        '/roles': { post: { requestBody: body, ...ok(role) } },
        '/roles/{id}': {
          get: ok(role),
          patch: { requestBody: body, ...ok(role) },
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        },
      }),
    })
    const { id } = (await send(mock, 'POST /roles', { [sent]: 'Editor' })).json
    expect((await send(mock, `GET /roles/${id}`)).json).toEqual({ id, [shown]: 'Editor' })
    expect((await send(mock, `PATCH /roles/${id}`, { [sent]: 'Owner' })).json[shown]).toBe('Owner')
  })

  it('shows an id at birth that fits its body, though a path further down asks for another form', async () => {
    const pattern = '^[a-z0-9]{26}$'
    const item = {
      type: 'object',
      properties: { title: { type: 'string' }, id: { type: 'string', pattern } },
    }
    const inPath = (schema: object) => [{ name: 'itemId', in: 'path', required: true, schema }]
    const mock = await start({
      spec: document({
        '/items': {
          get: { responses: { 200: response({ type: 'array', items: item }) } },
          post: { requestBody: json(item), responses: { 201: response(item) } },
        },
        '/items/{itemId}': {
          parameters: inPath({ type: 'string', pattern }),
          get: { responses: { 200: response(item) } },
        },
        '/items/{itemId}/files': {
          parameters: inPath({ type: 'string', format: 'uuid' }),
          get: { responses: { 200: response({ type: 'array', items: { type: 'string' } }) } },
        },
      }),
    })
    const made = (await send(mock, 'POST /items', { title: 'a' })).json
    expect(made.id).toMatch(new RegExp(pattern))
    expect((await send(mock, `GET /items/${made.id}`)).json).toEqual(made)
  })

  it.each(['uuid4', 'UUID', 'guid', 'uuid-v7'])(
    'is a UUID where a document writes the format as %s',
    async (format) => {
      const item = {
        type: 'object',
        required: ['id'],
        properties: { title: { type: 'string' }, id: { type: 'string', format, readOnly: true } },
      }
      const mock = await start({
        spec: document({
          '/items': { post: { requestBody: json(item), responses: { 201: response(item) } } },
          '/items/{itemId}': {
            parameters: [
              { name: 'itemId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
            ],
            get: { responses: { 200: response(item) } },
          },
        }),
      })
      const { id } = (await send(mock, 'POST /items', { title: 'a' })).json
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect((await send(mock, `GET /items/${id}`)).json.title).toBe('a')
    },
  )

  it('is told by the member that a parameter names with or without its noun, or by a first member called an id', async () => {
    const make = (id: string, param: string) => {
      const thing = { type: 'object', properties: { [id]: { type: 'string' }, label: { type: 'string' } } }
      return document({
        '/customers': {
          get: { responses: { 200: response({ type: 'array', items: thing }) } },
          post: {
            requestBody: json({ type: 'object', properties: { label: { type: 'string' } } }),
            responses: { 201: response(thing) },
          },
        },
        [`/customers/{${param}}`]: { get: { responses: { 200: response(thing) } } },
      })
    }
    for (const [id, param] of [
      ['external_id', 'external_customer_id'],
      ['customer_ref', 'customer_ref'],
      ['acme_id', 'customer_id'],
    ] as const) {
      const mock = await start({ spec: make(id, param) })
      const made = (await send(mock, 'POST /customers', { label: 'a' })).json
      expect(made).toEqual({ label: 'a', [id]: expect.any(String) })
      expect((await send(mock, `GET /customers/${made[id]}`)).json).toEqual(made)
    }
  })

  it('keeps an item at its old name when it is renamed, until another is called so', async () => {
    const flag = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, on: { type: 'boolean' } },
    }
    const mock = await start({
      spec: document({
        '/flags': {
          get: { responses: { 200: response({ type: 'array', items: flag }) } },
          post: { requestBody: json(flag), responses: { 201: response(flag), 409: response() } },
        },
        '/flags/{name}': {
          get: { responses: { 200: response(flag) } },
          put: { requestBody: json(flag), responses: { 200: response(flag) } },
          delete: { responses: { 204: response() } },
        },
      }),
      seedItems: 0,
    })
    await send(mock, 'POST /flags', { name: 'old', on: true })
    const renamed = { name: 'new', on: false }
    expect((await send(mock, 'PUT /flags/old', renamed)).json).toEqual(renamed)
    for (const name of ['old', 'new']) expect((await send(mock, `GET /flags/${name}`)).json).toEqual(renamed)
    expect((await send(mock, 'POST /flags', { name: 'old', on: true })).status).toBe(201)
    expect((await send(mock, 'GET /flags/old')).json).toEqual({ name: 'old', on: true })
    expect((await send(mock, 'GET /flags/new')).json).toEqual(renamed)
    expect((await send(mock, 'GET /flags')).json).toHaveLength(2)
    await send(mock, 'DELETE /flags/new')
    expect((await send(mock, 'GET /flags/new')).status).toBe(404)
    expect((await send(mock, 'GET /flags')).json).toEqual([{ name: 'old', on: true }])
  })

  it('is what a client calls each of several things that it sends as one list', async () => {
    const setting = {
      type: 'object',
      properties: { key: { type: 'string' }, value: { type: 'string' } },
    }
    const settings = { type: 'array', items: setting }
    const mock = await start({
      spec: document({
        '/settings': {
          get: { responses: { 200: response(settings) } },
          post: { requestBody: json(settings), responses: { 201: response(settings) } },
        },
        '/settings/{key}': {
          get: { responses: { 200: response(setting) } },
          delete: { responses: { 204: response() } },
        },
      }),
      seedItems: 0,
    })
    const sent = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]
    expect((await send(mock, 'POST /settings', sent)).json).toEqual(sent)
    expect((await send(mock, 'GET /settings/b')).json).toEqual(sent[1])
    await send(mock, 'DELETE /settings/a')
    expect((await send(mock, 'GET /settings')).json).toEqual([sent[1]])
  })

  it('is the member that a parameter calls the name of, rather than a name further inside', async () => {
    const field = { type: 'object', properties: { name: { type: 'string' }, type: { type: 'string' } } }
    const model = {
      type: 'object',
      properties: { model: { type: 'string' }, fields: { type: 'array', items: field } },
    }
    const mock = await start({
      spec: document({
        '/catalog': { post: { requestBody: json(model), responses: { 200: response(model) } } },
        '/catalog/{modelName}': { get: { responses: { 200: response(model) } } },
      }),
      seedItems: 0,
    })
    const sent = { model: 'Book', fields: [{ name: 'title', type: 'text' }] }
    expect((await send(mock, 'POST /catalog', sent)).json).toEqual(sent)
    expect((await send(mock, 'GET /catalog/Book')).json).toEqual(sent)
  })

  it('keeps apart what stands below things of its own class and is named by a member of its own', async () => {
    const version = {
      type: 'object',
      properties: { deckId: { type: 'string' }, versionId: { type: 'string' }, note: { type: 'string' } },
    }
    const ref = { $ref: '#/components/schemas/Version' }
    const paths = (path: string, param: string) => ({
      [path]: {
        get: { responses: { 200: response({ type: 'array', items: ref }) } },
        post: { requestBody: json(ref), responses: { 201: response(ref) } },
      },
      [`${path}/{${param}}`]: { get: { responses: { 200: response(ref) } } },
    })
    const mock = await start({
      spec: document(
        { ...paths('/decks', 'deckId'), ...paths('/decks/{deckId}/versions', 'versionId') },
        { components: { schemas: { Version: version } } },
      ),
    })
    const deck = (await send(mock, 'POST /decks', { note: 'a' })).json
    const made = (await send(mock, `POST /decks/${deck.deckId}/versions`, { note: 'b' })).json
    expect(made).toMatchObject({ deckId: deck.deckId, note: 'b' })
    expect((await send(mock, `GET /decks/${deck.deckId}/versions/${made.versionId}`)).json).toEqual(made)
    expect((await send(mock, `GET /decks/${deck.deckId}`)).json).toEqual(deck)
  })

  it('makes ULIDs where an example is one', async () => {
    const store = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string', readOnly: true, example: '01YCP46JKYM8FJCQ37NMBYHE5X' } },
    }
    const mock = await start({ spec: document({ '/stores': { post: ok(store) } }) })
    for (let i = 0; i < 20; i++)
      expect((await send(mock, 'POST /stores')).json.id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
  })

  it('tells files apart that are described where they are listed', async () => {
    const snapshot = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', example: 'snap-1' } },
    }
    const file = {
      description: 'OK',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    }
    const mock = await start({
      spec: document({
        '/snapshots': {
          get: { responses: { 200: response({ type: 'array', items: snapshot }) } },
          post: { responses: { 200: response(snapshot) } },
        },
        '/snapshots/{snapshot_name}': {
          get: { responses: { 200: file } },
          delete: { responses: { 204: response() } },
        },
      }),
    })
    const names = []
    for (let i = 0; i < 2; i++) names.push((await send(mock, 'POST /snapshots')).json.name)
    expect(new Set(names).size).toBe(2)
    expect((await send(mock, `GET /snapshots/${names[0]}`)).text).not.toContain('{')
    await send(mock, `DELETE /snapshots/${names[0]}`)
    expect((await send(mock, `GET /snapshots/${names[0]}`)).status).toBe(404)
    expect((await send(mock, `GET /snapshots/${names[1]}`)).status).toBe(200)
  })

  it('tells things by the id that their list shows, where nothing else tells of one', async () => {
    const named = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
    const listed = {
      type: 'object',
      properties: { id: { type: 'string', format: 'uuid' }, ...named.properties },
    }
    const mock = await start({
      spec: document({
        '/layouts': {
          get: { responses: { 200: response({ type: 'array', items: listed }) } },
          post: { requestBody: json(named), responses: { 201: response(named) } },
        },
        '/layouts/{id}': {
          get: { responses: { 200: response(named) } },
          patch: { requestBody: json(named), responses: { 200: response(named) } },
        },
      }),
      seedItems: 0,
    })
    const { json: made, headers } = await send(mock, 'POST /layouts', { name: 'wide' })
    expect(made).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'wide' })
    expect(headers.get('location')).toBe(`/layouts/${made.id}`)
    expect((await send(mock, 'GET /layouts')).json).toEqual([made])
    await send(mock, `PATCH /layouts/${made.id}`, { name: 'narrow' })
    expect((await send(mock, `GET /layouts/${made.id}`)).json).toEqual({ ...made, name: 'narrow' })
  })

  it('takes what a thing has several of for no thing by itself', async () => {
    const owners = { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } }
    const properties = { name: { type: 'string' }, kind: { type: 'string' }, owners }
    const read = { type: 'object', properties: { data: { type: 'object', properties } } }
    const made = { type: 'object', required: ['id'], properties: { id: { type: 'string' }, ...properties } }
    const mock = await start({
      spec: document({
        '/tools': {
          post: { requestBody: json({ type: 'object', properties }), responses: { 201: response(made) } },
        },
        '/tools/{toolId}': { get: { responses: { 200: response(read) } } },
      }),
    })
    const tool = { name: 'saw', kind: 'hand', owners: [{ id: 'ann' }] }
    const { id } = (await send(mock, 'POST /tools', tool)).json
    expect((await send(mock, `GET /tools/${id}`)).json.data).toMatchObject(tool)
  })

  it('shows the bytes of a file in a type that the document gives beside JSON', async () => {
    const cover = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
    const bytes = { schema: { type: 'string', format: 'binary' } }
    const mock = await start({
      spec: document({
        '/covers': {
          post: {
            requestBody: { content: { 'image/webp': bytes, 'image/png': bytes, 'application/pdf': bytes } },
            responses: { 201: response(cover) },
          },
        },
        '/covers/{id}': {
          get: {
            responses: {
              200: {
                description: 'OK',
                content: { 'application/json': bytes, 'image/jpeg': bytes, 'image/png': bytes },
              },
            },
          },
        },
      }),
    })
    const typeOf = async (sent: string) => {
      const { json } = await send(mock, 'POST /covers', 'bytes', { 'content-type': sent })
      const { text, headers } = await send(mock, `GET /covers/${json.id}`, undefined, {
        accept: 'application/json',
      })
      return [text, headers.get('content-type')]
    }
    expect(await typeOf('image/png')).toEqual(['bytes', 'image/png'])
    expect(await typeOf('application/pdf')).toEqual(['bytes', 'image/jpeg'])
  })

  it('shows a number as a number, whatever its path spells', async () => {
    // No value fits the second member, so nothing can be repaired.
    const batch = {
      type: 'object',
      required: ['uid', 'never'],
      properties: { uid: { type: 'integer' }, never: { allOf: [{ type: 'string' }, { type: 'integer' }] } },
    }
    const mock = await start({
      spec: document({
        '/batches': { get: { responses: { 200: response({ type: 'array', items: batch }) } } },
        '/batches/{batchUid}': { get: { responses: { 200: response(batch) } } },
      }),
    })
    expect((await send(mock, 'GET /batches/8685')).json.uid).toBe(8685)
  })

  it('keeps an item that bodies hold as the only one of a list', async () => {
    const invoice = {
      type: 'object',
      properties: { invoiceId: { type: 'string', readOnly: true }, reference: { type: 'string' } },
    }
    const invoices = {
      type: 'object',
      properties: {
        status: { type: 'string' },
        invoices: { type: 'array', items: invoice },
        errors: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
      },
    }
    const mock = await start({
      spec: document({
        '/invoices': {
          get: { responses: { 200: response(invoices) } },
          post: { requestBody: json(invoices), responses: { 200: response(invoices) } },
        },
        '/invoices/{invoiceId}': { get: { responses: { 200: response(invoices) } } },
      }),
    })
    const bodies = [{ invoices: [{ reference: 'A' }] }, { invoices: [{ reference: 'B' }] }]
    const made = []
    for (const body of bodies) made.push((await send(mock, 'POST /invoices', body)).json.invoices[0])
    expect(made.map(({ reference }) => reference)).toEqual(['A', 'B'])
    expect(made[0].invoiceId).not.toBe(made[1].invoiceId)
    const found = (await send(mock, `GET /invoices/${made[1].invoiceId}`)).json
    expect(found.invoices).toEqual([made[1]])
    expect(found).not.toHaveProperty('errors')
  })

  it('finds by the name that it was made with what only its list shows by one', async () => {
    const text = { type: 'string' }
    const table = { type: 'object', properties: { location: text, rows: { type: 'integer' } } }
    const entry = { type: 'object', properties: { name: text } }
    const listed = { type: 'object', properties: { entries: { type: 'array', items: entry } } }
    const body = { type: 'object', required: ['name'], properties: { name: text, rows: { type: 'integer' } } }
    const mock = await start({
      spec: document({
        '/tables': {
          get: { responses: { 200: response(listed) } },
          post: { requestBody: json(body), responses: { 200: response(table) } },
        },
        '/tables/{table}': {
          get: { responses: { 200: response(table) } },
          delete: { responses: { 204: response() } },
        },
      }),
    })
    const made = await send(mock, 'POST /tables', { name: 'sales', rows: 3 })
    expect(made.headers.get('location')).toBe('/tables/sales')
    expect((await send(mock, 'GET /tables/sales')).json).toEqual(made.json)
    expect((await send(mock, 'GET /tables')).json.entries).toContainEqual({ name: 'sales' })
    await send(mock, 'DELETE /tables/sales')
    expect((await send(mock, 'GET /tables/sales')).status).toBe(404)
    // Nothing says of what was never made that it is not there.
    expect((await send(mock, 'GET /tables/other')).status).toBe(200)
  })

  it('misses what was never made at every path of a thing', async () => {
    const text = { type: 'string' }
    const Thing = { type: 'object', required: ['id'], properties: { id: text, class: text, name: text } }
    const thing = { $ref: '#/components/schemas/Thing' }
    const read = { get: { responses: { 200: response(thing) } } }
    const paths = {
      '/objects': { post: { requestBody: json(thing), responses: { 200: response(thing) } } },
      '/objects/{id}': read,
      '/objects/{class}/{id}': { ...read, delete: { responses: { 204: response() } } },
    }
    const mock = await start({ spec: document(paths, { components: { schemas: { Thing } } }) })
    const made = (await send(mock, 'POST /objects', { id: 'a', class: 'Cat', name: 'Tom' })).json
    const answers = []
    for (const path of ['/objects/a', '/objects/Cat/a', '/objects/b', '/objects/Cat/b'])
      answers.push(await send(mock, `GET ${path}`))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 404])
    expect(answers[1]?.json).toEqual(made)
  })
})

describe('the address that a thing shows of itself', () => {
  const note = (example: string) => ({
    type: 'object',
    required: ['url', 'links'],
    properties: {
      url: { type: 'string', format: 'uri-reference', readOnly: true, example },
      html_url: { type: 'string', format: 'uri-reference', readOnly: true, example },
      links: {
        type: 'object',
        properties: { self: { type: 'string', readOnly: true, example } },
        required: ['self'],
      },
      text: { type: 'string' },
    },
  })
  const at = (base: string, example: string) => {
    const schema = note(example)
    const named = (...names: readonly string[]) => ({
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    })
    const sent = { type: 'object', properties: { text: { type: 'string' } } }
    const body = { requestBody: { content: { 'application/json': { schema: sent } } } }
    return document({
      [`${base}/pads/{pad}/notes/`]: { ...named('pad'), post: { ...body, ...ok(schema) } },
      [`${base}/pads/{pad}/notes/{uid}/`]: { ...named('pad', 'uid'), get: ok(schema) },
    })
  }

  it.each([
    [
      'https://api.example.com/v2/pads/p1/notes/n1/',
      /^https:\/\/api\.example\.com\/v2\/pads\/mine\/notes\/[^/]+\/$/,
    ],
    ['/v2/pads/p1/notes/n1', /^\/v2\/pads\/mine\/notes\/[^/]+$/],
  ])('leads to the thing where the example leads to one: %s', async (example, wanted) => {
    const mock = await start({ spec: at('/v2', example), seedItems: 0 })
    const { json: one } = await send(mock, 'POST /v2/pads/mine/notes/', { text: 'a' })
    const { json: two } = await send(mock, 'POST /v2/pads/mine/notes/', { text: 'b' })
    expect(one.url).toMatch(wanted)
    expect([one.links.self, one.html_url]).toEqual([one.url, example])
    expect(two.url).not.toBe(one.url)
    expect((await send(mock, `GET ${one.url.replace(/^https:\/\/[^/]+/, '')}`)).json).toEqual(one)
  })

  it('stays what the example is where that leads to something else', async () => {
    const example = 'https://example.com/about/notes'
    const mock = await start({ spec: at('', example), seedItems: 0 })
    expect((await send(mock, 'POST /pads/mine/notes/', { text: 'a' })).json.url).toBe(example)
  })
})
