// Members that follow from what was sent: what stands above a thing, what is set anew, what is shown in full.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

describe('what is above a thing of its own kind', () => {
  const id = { ...text, readOnly: true }
  const categories = (category: object) =>
    start({
      spec: document({
        '/categories': { post: { ...json(category), ...ok(category) } },
        '/categories/{id}': {
          ...named('id'),
          get: ok(category),
          patch: { ...json(category), ...ok(category) },
        },
      }),
    })

  it('is told from the top down, by references', async () => {
    const reference = object({ typeId: text, id: text }, ['id'])
    const mock = await categories(
      object({ id, name: text, parent: reference, ancestors: { ...list(reference), readOnly: true } }, [
        'id',
        'ancestors',
      ]),
    )
    const { json: top } = await send(mock, 'POST /categories', { name: 'top' })
    const to = (thing: { id: string }) => ({ typeId: 'category', id: thing.id })
    const { json: middle } = await send(mock, 'POST /categories', { name: 'middle', parent: to(top) })
    const { json: last } = await send(mock, 'POST /categories', { name: 'last', parent: to(middle) })
    expect([top.ancestors, middle.ancestors]).toEqual([[], [to(top)]])
    expect((await send(mock, `GET /categories/${last.id}`)).json.ancestors).toEqual([to(top), to(middle)])
  })

  it('is told by ids, and follows when a thing is moved or renamed', async () => {
    const mock = await categories(
      object(
        { id, name: text, parentId: text, ancestors: { ...list(object({ id: text })), readOnly: true } },
        ['id', 'ancestors'],
      ),
    )
    const { json: a } = await send(mock, 'POST /categories', { name: 'a' })
    const { json: b } = await send(mock, 'POST /categories', { name: 'b' })
    const { json: child } = await send(mock, 'POST /categories', { name: 'child', parentId: a.id })
    expect(child.ancestors).toEqual([{ id: a.id }])
    const { json: called } = await send(mock, `PATCH /categories/${child.id}`, { name: 'called' })
    expect(called.ancestors).toEqual([{ id: a.id }])
    const { json: moved } = await send(mock, `PATCH /categories/${child.id}`, { parentId: b.id })
    expect(moved.ancestors).toEqual([{ id: b.id }])
  })
})

describe('a reference with room for the thing', () => {
  it('shows it where that is asked for', async () => {
    const group = object({ id: { ...text, readOnly: true }, name: text }, ['id', 'name'])
    const components = { schemas: { Group: group } }
    const reference = object({ typeId: text, id: text, obj: { $ref: '#/components/schemas/Group' } }, ['id'])
    const customer = object({ id: { ...text, readOnly: true }, group: reference, groups: list(reference) }, [
      'id',
    ])
    const expand = { name: 'expand', in: 'query', schema: list(text) }
    const mock = await start({
      spec: document(
        {
          '/groups': { post: { ...json(group), ...ok({ $ref: '#/components/schemas/Group' }) } },
          '/groups/{id}': { ...named('id'), get: ok({ $ref: '#/components/schemas/Group' }) },
          '/customers': { post: { ...json(customer), ...ok(customer) } },
          '/customers/{id}': { ...named('id'), get: { parameters: [expand], ...ok(customer) } },
        },
        { components },
      ),
    })
    const { json: vip } = await send(mock, 'POST /groups', { name: 'vip' })
    const named1 = { typeId: 'group', id: vip.id }
    const { json: made } = await send(mock, 'POST /customers', { group: named1, groups: [named1] })
    const read = async (query = '') => (await send(mock, `GET /customers/${made.id}${query}`)).json
    expect((await read()).group).toEqual(named1)
    expect((await read('?expand=group')).group).toEqual({ ...named1, obj: vip })
    expect((await read('?expand=groups[*]')).groups).toEqual([{ ...named1, obj: vip }])
  })
})

describe('a map that an action sets', () => {
  it('is what was set, where an update of the member adds to it', async () => {
    const names = { type: 'object', additionalProperties: text }
    const draft = object({ name: names })
    const thing = object({ id: { ...text, readOnly: true }, name: names }, ['id'])
    const update = object({ actions: list({ type: 'object' }) })
    const mock = await start({
      spec: document({
        '/things': { post: { ...json(draft), ...ok(thing) } },
        '/things/{id}': {
          ...named('id'),
          get: ok(thing),
          post: { ...json(update), ...ok(thing) },
          patch: { ...json(draft), ...ok(thing) },
        },
      }),
    })
    const { json: made } = await send(mock, 'POST /things', { name: { en: 'Shoes', de: 'Schuhe' } })
    const { json: added } = await send(mock, `PATCH /things/${made.id}`, { name: { fr: 'Chaussures' } })
    expect(added.name).toEqual({ en: 'Shoes', de: 'Schuhe', fr: 'Chaussures' })
    const actions = [{ action: 'changeName', name: { en: 'Footwear' } }]
    expect((await send(mock, `POST /things/${made.id}`, { actions })).json.name).toEqual({ en: 'Footwear' })
  })
})

describe('a version that changes have to name', () => {
  const versioned = async (said: string) => {
    const thing = object({ id: { ...text, readOnly: true }, version: text, title: text }, ['id', 'version'])
    const change = object({ version: { ...text, description: said }, title: text }, ['version'])
    const mock = await start({
      spec: document({
        '/things': { post: { ...json(object({ title: text })), ...ok(thing) } },
        '/things/{id}': { ...named('id'), get: ok(thing), put: { ...json(change), ...ok(thing) } },
      }),
    })
    const { json: made } = await send(mock, 'POST /things', { title: 'a' })
    const put = (version: string) => send(mock, `PUT /things/${made.id}`, { version, title: 'b' })
    return { made, put }
  }

  it('is another one afterwards, and refuses nothing where no 409 is documented', async () => {
    const { made, put } = await versioned('The current version of the object.')
    const { status, json: changed } = await put(made.version)
    expect([status, changed.title]).toEqual([200, 'b'])
    expect(changed.version).not.toBe(made.version)
    expect((await put(made.version)).status).toBe(200)
  })

  it('is kept where it says what the thing is about', async () => {
    const { put } = await versioned('The version of the software.')
    expect((await put('2.0')).json.version).toBe('2.0')
  })
})

describe('the first of a list', () => {
  const stacks = async (description: string) => {
    const draft = object({ assetIds: { ...list(text), description } }, ['assetIds'])
    const stack = object({ id: text, primaryAssetId: text }, ['id', 'primaryAssetId'])
    const mock = await start({
      spec: document({
        '/stacks': { post: { ...json(draft), ...ok(stack) } },
        '/stacks/{id}': { ...named('id'), get: ok(stack) },
      }),
    })
    const { json: made } = await send(mock, 'POST /stacks', { assetIds: ['a1', 'b2'] })
    return (await send(mock, `GET /stacks/${made.id}`)).json.primaryAssetId
  }

  it('is the special one where words say so', async () => {
    expect(await stacks('first asset becomes the primary')).toBe('a1')
    expect(await stacks('All assets of the stack')).not.toBe('a1')
  })
})

describe('the size of an upload', () => {
  it('is told in the part that describes the file', async () => {
    const thing = object(
      { id: text, metadata: object({ size: { type: 'integer' }, mimetype: text }, ['size']) },
      ['id', 'metadata'],
    )
    const form = object({ file: { type: 'string', format: 'binary' } })
    const mock = await start({
      spec: document({
        '/files': {
          post: { requestBody: { content: { 'multipart/form-data': { schema: form } } }, ...ok(thing) },
        },
        '/files/{id}': { ...named('id'), get: ok(thing) },
      }),
    })
    const body = new FormData()
    body.set('file', new File(['hello'], 'a.txt', { type: 'text/plain' }))
    const made = await (await fetch(`${mock.url}/files`, { method: 'POST', body })).json()
    expect((await send(mock, `GET /files/${made.id}`)).json.metadata.size).toBe(5)
  })
})

describe('a thing that a path is in by its key', () => {
  it('is referred to by what is made there, which only its own list shows', async () => {
    const store = object({ key: text, name: text }, ['key', 'name'])
    const kind = { type: 'string', enum: ['channel', 'store'] }
    const draft = object({ name: text })
    const made = object(
      {
        id: { ...text, readOnly: true },
        name: text,
        store: object({ typeId: kind, key: text }, ['typeId', 'key']),
      },
      ['id'],
    )
    const results = object({ results: list(made) }, ['results'])
    const mock = await start({
      spec: document({
        '/stores': { post: { ...json(store), ...ok(store) } },
        '/stores/{key}': { ...named('key'), get: ok(store) },
        '/lists': { post: { ...json(draft), ...ok(made) }, get: ok(results) },
        '/lists/{id}': { ...named('id'), get: ok(made) },
        '/in-store/key={storeKey}/lists': {
          ...named('storeKey'),
          post: { ...json(draft), ...ok(made) },
          get: ok(results),
        },
        '/in-store/key={storeKey}/lists/{id}': { ...named('storeKey', 'id'), get: ok(made) },
      }),
      seedItems: 0,
    })
    await send(mock, 'POST /stores', { key: 'berlin', name: 'Berlin' })
    await send(mock, 'POST /lists', { name: 'anywhere' })
    const { json: own } = await send(mock, 'POST /in-store/key=berlin/lists', { name: 'here' })
    expect(own.store).toEqual({ typeId: 'store', key: 'berlin' })
    expect((await send(mock, 'GET /in-store/key=berlin/lists')).json.results).toEqual([own])
  })
})

describe('a thing that an action puts into the list of another one', () => {
  it('says which one it is in, and no longer when it is taken out', async () => {
    const id = { ...text, readOnly: true }
    const person = object({ id, name: text, teamId: { type: ['string', 'null'] }, team: text }, [
      'id',
      'teamId',
    ])
    const team = object({ id, title: text, people: list(object({ id: text }, ['id'])) }, ['id', 'people'])
    const people = object({ people: list(object({ id: text }, ['id'])) }, ['people'])
    const mock = await start({
      spec: document({
        '/people': { post: { ...json(object({ name: text })), ...ok(person) } },
        '/people/{id}': { ...named('id'), get: ok(person) },
        '/teams': { post: { ...json(object({ title: text })), ...ok(team) } },
        '/teams/{id}': { ...named('id'), get: ok(team) },
        '/teams/{id}/add': { ...named('id'), put: { ...json(people), ...ok(team) } },
        '/teams/{id}/remove': { ...named('id'), put: { ...json(people), ...ok(team) } },
      }),
    })
    const { json: ann } = await send(mock, 'POST /people', { name: 'Ann' })
    const { json: sales } = await send(mock, 'POST /teams', { title: 'Sales' })
    const read = async () => (await send(mock, `GET /people/${ann.id}`)).json
    await send(mock, `PUT /teams/${sales.id}/add`, { people: [{ id: ann.id }] })
    expect(await read()).toMatchObject({ teamId: sales.id, team: 'Sales' })
    await send(mock, `PUT /teams/${sales.id}/remove`, { people: [{ id: ann.id }] })
    expect((await read()).teamId).toBeNull()
  })
})

describe('a thing that is read by another member than its id', () => {
  it('has what was asked for and an id of its own, until a client makes one', async () => {
    const setting = object({ id: { type: 'integer', readOnly: true }, key: text, value: text }, ['id', 'key'])
    const shownAs = { $ref: '#/components/schemas/Setting' }
    const mock = await start({
      spec: document(
        {
          '/settings': { post: { ...json(setting), ...ok(shownAs) }, get: ok(list(shownAs)) },
          '/settings/{id}': {
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
            get: ok(shownAs),
          },
          '/settings/by-key/{key}': { ...named('key'), get: ok(shownAs) },
        },
        { components: { schemas: { Setting: setting } } },
      ),
      seedItems: 0,
    })
    const { json: shown } = await send(mock, 'GET /settings/by-key/site')
    expect([shown.key, typeof shown.id]).toEqual(['site', 'number'])
    expect((await send(mock, `GET /settings/${shown.id}`)).json).toEqual(shown)
    await send(mock, 'POST /settings', { key: 'site', value: 'x' })
    expect((await send(mock, 'GET /settings/by-key/site')).json.value).toBe('x')
  })
})
