// What clients made at one path and look for at another, and what only the document has made: samples, and things that are
// there because somebody asked for them.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start, withCpuMs } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const asked = (name: string, required: boolean) => ({
  parameters: [{ name, in: 'query', required, schema: text }],
})

describe('a thing that is made below another and read by itself', () => {
  const board = object({ id: text, title: text, color: text }, ['id'])
  const ticket = object({ number: text, subject: text, owner: text, open: { type: 'boolean' } }, ['number'])

  it('is found where the document has no name for what both show', async () => {
    const read = ok(object({ ...board.properties, owner: text }, ['id']))
    const mock = await start({
      spec: document({
        '/sites/{site_id}/boards': {
          ...named('site_id'),
          get: ok(object({ boards: list(board) })),
          post: { ...json(object({ title: text, color: text }, ['title'])), ...ok(board) },
        },
        '/boards/{board_id}': {
          ...named('board_id'),
          get: { responses: { ...read.responses, 404: { description: 'No such board' } } },
          delete: ok(),
        },
      }),
    })
    const { json: made } = await send(mock, 'POST /sites/7/boards', { title: 'Plans', color: 'red' })
    expect((await send(mock, `GET /boards/${made.id}`)).json).toMatchObject({ title: 'Plans', color: 'red' })
    expect((await send(mock, 'GET /boards/never-made')).status).toBe(404)
    await send(mock, `DELETE /boards/${made.id}`)
    const { boards } = (await send(mock, 'GET /sites/7/boards')).json
    expect(boards.map((one: { id: string }) => one.id)).not.toContain(made.id)
  })

  it('may be known from elsewhere where the document says of none that it is missing', async () => {
    const mock = await start({
      spec: document({
        '/sites/{site_id}/boards': {
          ...named('site_id'),
          post: { ...json(object({ title: text, color: text })), ...ok(board) },
        },
        '/boards/{board_id}': { ...named('board_id'), get: ok(board), delete: ok() },
      }),
      seedItems: 0,
    })
    expect((await send(mock, 'GET /boards/of-a-setting')).json.id).toBe('of-a-setting')
    const { json: made } = await send(mock, 'POST /sites/7/boards', { title: 'Plans' })
    await send(mock, `DELETE /boards/${made.id}`)
    expect((await send(mock, `GET /boards/${made.id}`)).status).toBe(404)
  })

  it('may be known from elsewhere to whoever makes something below it', async () => {
    const note = object({ id: text, says: text }, ['id'])
    const mock = await start({
      spec: document({
        '/sites/{site_id}/boards': {
          ...named('site_id'),
          post: { ...json(object({ title: text, color: text })), ...ok(board) },
        },
        '/boards/{board_id}': { ...named('board_id'), get: ok(board) },
        '/boards/{board_id}/notes': {
          ...named('board_id'),
          get: ok(list(note)),
          post: { ...json(object({ says: text })), ...ok(note) },
        },
        '/boards/{board_id}/notes/{note_id}': { ...named('board_id', 'note_id'), get: ok(note) },
      }),
      seedItems: 0,
    })
    const { json: made } = await send(mock, 'POST /boards/of-a-setting/notes', { says: 'hello' })
    expect((await send(mock, 'GET /boards/of-a-setting/notes')).json).toEqual([made])
  })

  it('is found where nothing but one read is there for it', async () => {
    const mock = await start({
      spec: document({
        '/desks/{desk}/tickets': {
          ...named('desk'),
          get: ok(list(ticket)),
          post: { ...json(object({ subject: text })), ...ok(ticket) },
        },
        '/tickets/{number}': { ...named('number'), get: ok(object(ticket.properties)) },
      }),
    })
    const { json: made } = await send(mock, 'POST /desks/a/tickets', { subject: 'Broken' })
    expect((await send(mock, `GET /tickets/${made.number}`)).json.subject).toBe('Broken')
  })

  it('is found at both of the paths that read it', async () => {
    const task = object({ id: { type: 'integer' }, verb: text, subject: text }, ['id'])
    const below = (noun: string) => ({
      [`/${noun}/{id}/tasks`]: {
        ...named('id'),
        get: ok(object({ tasks: list(task) })),
        post: { ...json(object({ verb: text, subject: text })), ...ok(object({ task })) },
      },
      [`/${noun}/{id}/tasks/{task_id}`]: { ...named('id', 'task_id'), get: ok(object({ task })) },
    })
    const mock = await start({
      spec: document({
        ...below('robots'),
        ...below('cranes'),
        '/tasks': { get: ok(object({ tasks: list(task) })) },
        '/tasks/{task_id}': { ...named('task_id'), get: ok(object({ task })) },
      }),
      seedItems: 0,
    })
    const { task: one } = (await send(mock, 'POST /robots/r/tasks', { verb: 'turn', subject: 'left' })).json
    const { task: other } = (await send(mock, 'POST /cranes/c/tasks', { verb: 'lift', subject: 'box' })).json
    expect(other.id).not.toBe(one.id)
    expect((await send(mock, `GET /tasks/${one.id}`)).json.task).toEqual(one)
    expect((await send(mock, `GET /cranes/c/tasks/${other.id}`)).json.task).toEqual(other)
    expect((await send(mock, 'GET /tasks')).json.tasks).toEqual([one, other])
  })

  it('stands in the list of what it is made below, by the members of both', async () => {
    const field = object({ id: text, label: text, kind: text }, ['id'])
    const form = object(
      { id: text, title: text, fields: list(object({ ...field.properties, hint: text })) },
      ['id'],
    )
    const mock = await start({
      spec: document({
        '/forms': { post: { ...json(object({ title: text })), ...ok(form) } },
        '/forms/{form_id}': { ...named('form_id'), get: ok(form) },
        '/forms/{form_id}/fields': {
          ...named('form_id'),
          post: { ...json(object({ label: text, kind: text })), ...ok(field) },
        },
        '/forms/{form_id}/fields/{field_id}': {
          ...named('form_id', 'field_id'),
          patch: { ...json(object({ label: text })), ...ok(field) },
        },
      }),
    })
    const { json: made } = await send(mock, 'POST /forms', { title: 'F' })
    const { json: own } = await send(mock, `POST /forms/${made.id}/fields`, { label: 'Age', kind: 'number' })
    expect((await send(mock, `GET /forms/${made.id}`)).json.fields).toMatchObject([
      { id: own.id, label: 'Age' },
    ])
  })
})

it('a thing whose id is called `object_id` is read by it', async () => {
  const parcel = object({ weight: text, object_id: text, state: text }, ['object_id'])
  const address = object({ name: text, street: text, object_id: text, object_owner: text }, ['object_id'])
  const place = (noun: string, schema: { properties: object }) => ({
    [`/${noun}`]: { get: ok(list(schema)), post: { ...json(object(schema.properties)), ...ok(schema) } },
    [`/${noun}/{${noun.slice(0, -1)}Key}`]: { ...named(`${noun.slice(0, -1)}Key`), get: ok(schema) },
  })
  const mock = await start({
    spec: document({ ...place('parcels', parcel), ...place('addresses', address) }),
  })
  const { json: box } = await send(mock, 'POST /parcels', { weight: '3' })
  const { json: home } = await send(mock, 'POST /addresses', { name: 'Ann', street: 'Main' })
  expect((await send(mock, `GET /parcels/${box.object_id}`)).json).toEqual(box)
  expect((await send(mock, `GET /addresses/${home.object_id}`)).json).toEqual(home)
})

describe('a list that demands what its things are given when they are made', () => {
  const photo = object({ id: text, owner_id: { ...text, example: 'o-1' }, file: text }, ['id'])
  const bare = object({ id: text, file: text }, ['id'])

  it.each([
    ['shows it', photo],
    ['does not show it', bare],
  ])('has nothing else once there is one, where an answer %s', async (_, shown) => {
    const mock = await start({
      spec: document({
        '/photos': {
          get: { ...asked('owner_id', true), ...ok(object({ photos: list(shown) })) },
          post: { ...json(object({ owner_id: text, file: text }, ['owner_id'])), ...ok(shown) },
        },
        '/photos/{photo_id}': { ...named('photo_id'), get: ok(shown) },
      }),
    })
    const { json: made } = await send(mock, 'POST /photos', { owner_id: 'ann', file: 'a.png' })
    await send(mock, 'POST /photos', { owner_id: 'bob', file: 'b.png' })
    expect((await send(mock, 'GET /photos?owner_id=ann')).json.photos).toEqual([made])
  })
})

it('a list that demands what its things need not be given has those that were given nothing', async () => {
  const token = object({ id: text, account_id: text, name: text }, ['id'])
  const mock = await start({
    spec: document({
      '/tokens': {
        get: { ...asked('account_id', true), ...ok(list(token)) },
        post: { ...json(object({ account_id: text, name: text }, ['name'])), ...ok(token) },
      },
      '/tokens/{token_id}': { ...named('token_id'), get: ok(token) },
    }),
  })
  const { json: made } = await send(mock, 'POST /tokens', { name: 'a' })
  const { json: listed } = await send(mock, 'GET /tokens?account_id=ann')
  expect(listed.map(({ id }: { id: string }) => id)).toContain(made.id)
})

it('a list that demands of which kind its things are has no others, whichever kind the example is of', async () => {
  const kind = { ...text, enum: ['invoice', 'quote', 'receipt'] }
  const paper = object({ id: text, kind, title: text }, ['id', 'kind'])
  const wrapped = object({ data: object({ kind, title: text }) })
  const examples = object({ data: { ...list(paper), example: [{ id: 'p1', kind: 'receipt', title: 'a' }] } })
  const mock = await start({
    spec: document({
      '/papers': {
        get: { ...asked('kind', true), ...ok(examples) },
        post: { ...json(wrapped), ...ok(object({ data: paper })) },
      },
      '/papers/{paper_id}': {
        ...named('paper_id'),
        get: ok(object({ data: paper }), { data: { id: 'p1', kind: 'receipt' } }),
      },
    }),
  })
  await send(mock, 'POST /papers', { data: { kind: 'quote', title: 'b' } })
  for (const wanted of kind.enum) {
    const { data } = (await send(mock, `GET /papers?kind=${wanted}`)).json
    expect(data.map((one: { kind: string }) => one.kind)).toEqual(data.map(() => wanted))
  }
  expect((await send(mock, 'GET /papers?kind=quote')).json.data).toMatchObject([{ title: 'b' }])
})

it('a PATCH on a collection changes the things in its list', async () => {
  const row = object({ id: text, title: text, note: text }, ['id'])
  const mock = await start({
    spec: document({
      '/rows': {
        get: ok(list(row)),
        post: { ...json(object({ title: text, note: text })), ...ok(row) },
        patch: { ...json(object({ rows: list(row) })), ...ok(object({ rows: list(row) })) },
      },
      '/rows/{row_id}': { ...named('row_id'), get: ok(row) },
    }),
    seedItems: 0,
  })
  const { json: one } = await send(mock, 'POST /rows', { title: 'a', note: 'n' })
  const { json: two } = await send(mock, 'POST /rows', { title: 'b' })
  const { json: told } = await send(mock, 'PATCH /rows', {
    rows: [one, two].map(({ id }, i) => ({ id, title: `t${i}` })),
  })
  expect(told.rows.map(({ title }: { title: string }) => title)).toEqual(['t0', 't1'])
  expect((await send(mock, `GET /rows/${one.id}`)).json).toMatchObject({ title: 't0', note: 'n' })
})

describe('what stands below a thing', () => {
  const house = object({ id: text, street: text, town: text, manager_id: text }, ['id'])
  const houses = (path: string, schema: object) =>
    start({
      spec: document(
        {
          '/houses': {
            post: {
              ...json(object({ street: text, town: text })),
              ...ok({ $ref: '#/components/schemas/House' }),
            },
          },
          '/houses/{house_id}': { ...named('house_id'), get: ok({ $ref: '#/components/schemas/House' }) },
          [`/houses/{house_id}/${path}`]: { ...named('house_id'), get: ok(schema) },
        },
        { components: { schemas: { House: house } } },
      ),
    })

  it('shows the thing itself where it only says how that is looked at', async () => {
    const mock = await houses('validate', { $ref: '#/components/schemas/House' })
    const { json: made } = await send(mock, 'POST /houses', { street: 'Elm', town: 'Bree' })
    expect((await send(mock, `GET /houses/${made.id}/validate`)).json).toEqual(made)
  })

  it('shows another one where the thing has a member for it', async () => {
    const mock = await houses('manager', { $ref: '#/components/schemas/House' })
    const { json: made } = await send(mock, 'POST /houses', { street: 'Elm', town: 'Bree' })
    expect((await send(mock, `GET /houses/${made.id}/manager`)).json.street).not.toBe('Elm')
  })

  it('names the thing by its id where nothing else is known by it', async () => {
    const mock = await houses('rooms', object({ id: text, rooms: list(object({ size: text })) }, ['id']))
    const { json: made } = await send(mock, 'POST /houses', { street: 'Elm', town: 'Bree' })
    expect((await send(mock, `GET /houses/${made.id}/rooms`)).json.id).toBe(made.id)
  })

  it('names the thing in time, however many kinds of things there are', async () => {
    const kinds = Array.from({ length: 2_000 }, (_, i) => {
      const thing = object({ id: text, [`a${i}`]: text, [`b${i}`]: text }, ['id'])
      const sent = json(object({ [`a${i}`]: text }))
      return {
        [`/things${i}`]: { get: ok(list(thing)), post: { ...sent, ...ok(thing) } },
        [`/things${i}/{id}`]: { ...named('id'), get: ok(thing) },
      }
    })
    const told = object({ id: text, percent: { type: 'integer' } }, ['id'])
    const below = { '/things0/{id}/progress': { ...named('id'), get: ok(told) } }
    const mock = await start({ spec: document(Object.assign({}, ...kinds, below)) })
    const { json: made, status } = await send(mock, 'POST /things0', { a0: 'x' })
    expect(status).toBe(200)
    const [{ json: progress }, ms] = await withCpuMs(() => send(mock, `GET /things0/${made.id}/progress`))
    expect(progress.id).toBe(made.id)
    expect(ms).toBeLessThan(1_000)
  })
})

describe('what only the document has made', () => {
  const labels = { type: 'object', additionalProperties: text, example: { tier: 'gold' } }
  const channel = object({ id: text, title: text, topic: { ...text, example: 'weather' }, labels }, ['id'])

  it.each([
    ['and asks for', ['id', 'title']],
    ['and asks nothing of', ['id']],
  ])('gives way to what a client puts there %s', async (_, required) => {
    const mock = await start({
      spec: document({
        '/channels': { get: ok(list(channel)) },
        '/channels/{channel_id}': {
          ...named('channel_id'),
          get: ok(channel),
          put: { ...json(object(channel.properties, required.slice(1))), ...ok(channel) },
        },
      }),
    })
    await send(mock, 'PUT /channels/c1', { title: 'News', labels: { size: 'big' } })
    const { json: shown } = await send(mock, 'GET /channels/c1')
    expect(shown).toMatchObject({ title: 'News', labels: { size: 'big' } })
    expect(shown.labels).not.toHaveProperty('tier')
    expect(shown.topic).not.toBe('weather')
    // A map that is put is what was put of it, whatever was there.
    await send(mock, 'PUT /channels/c1', { title: 'News', labels: { age: 'old' } })
    expect((await send(mock, 'GET /channels/c1')).json.labels).toEqual({ age: 'old' })
  })

  it('has no names of its own in the maps that a client changes first', async () => {
    const mock = await start({
      spec: document({
        '/profiles/{name}': {
          ...named('name'),
          get: ok(object({ name: text, labels })),
          patch: { ...json(object({ labels })), ...ok(object({ name: text, labels })) },
        },
      }),
    })
    await send(mock, 'PATCH /profiles/ann', { labels: { size: 'big' } })
    expect((await send(mock, 'GET /profiles/ann')).json.labels).toEqual({ size: 'big' })
    await send(mock, 'PATCH /profiles/ann', { labels: { age: 'old' } })
    expect((await send(mock, 'GET /profiles/ann')).json.labels).toEqual({ size: 'big', age: 'old' })
  })

  it.each([
    ['a number', { type: 'integer', example: 1 }],
    ['a name', { ...text, example: 'default' }],
  ])('has no id that a client could not take: %s', async (_, ids) => {
    const pet = object({ id: ids, title: text }, ['id', 'title'])
    const mock = await start({
      spec: document({
        '/pets': { get: ok(list(pet)), post: { ...json(pet), ...ok(pet) } },
        '/pets/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: ids.type } }],
          get: ok(pet),
        },
      }),
    })
    for (const { id } of (await send(mock, 'GET /pets')).json) {
      expect((await send(mock, 'POST /pets', { id, title: 'mine' })).status).toBe(200)
      expect((await send(mock, `GET /pets/${id}`)).json.title).toBe('mine')
      expect((await send(mock, 'POST /pets', { id, title: 'again' })).status).toBe(409)
    }
  })

  it('is not in a collection that a client has begun by its name', async () => {
    const thing = object({ id: text, kind: text, size: text }, ['id'])
    const mock = await start({
      spec: document({
        '/things/{kind}': { ...named('kind'), get: ok(object({ entries: list(thing) })) },
        '/things/{kind}/{id}': {
          ...named('kind', 'id'),
          get: ok(thing),
          put: { ...json(object({ size: text })), ...ok(thing) },
        },
      }),
    })
    await send(mock, 'PUT /things/cups/c1', { size: 'big' })
    const { entries } = (await send(mock, 'GET /things/cups')).json
    expect(entries.map((one: { id: string }) => one.id)).toEqual(['c1'])
    expect((await send(mock, 'GET /things/plates')).json.entries).not.toEqual([])
  })
})

it('what was sent stands in the one member whose name says more than that', async () => {
  const grant = object({ id: text, granted_to_mail: text, granted_at: text }, ['id'])
  const asset = object({ id: text, originalFileName: text, size: text }, ['id'])
  const mock = await start({
    spec: document({
      '/grants': {
        get: ok(list(grant)),
        post: { ...json(object({ to_mail: text }, ['to_mail'])), ...ok(grant) },
      },
      '/assets': { get: ok(list(asset)), post: { ...json(object({ fileName: text })), ...ok(asset) } },
      '/assets/{id}': { ...named('id'), get: ok(asset) },
    }),
  })
  expect((await send(mock, 'POST /grants', { to_mail: 'ann@example.org' })).json.granted_to_mail).toBe(
    'ann@example.org',
  )
  const { json: made } = await send(mock, 'POST /assets', { fileName: 'cat.png' })
  expect((await send(mock, `GET /assets/${made.id}`)).json.originalFileName).toBe('cat.png')
})
