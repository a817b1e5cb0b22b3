// What filters of lists are about whose names are not those of members, what the samples of a list take from its query, and
// how a list goes on after an entry.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const query = (...names: readonly string[]) => ({
  parameters: names.map((name) => ({ name, in: 'query', schema: text })),
})
const time = { ...text, format: 'date-time', readOnly: true }
const contact = object(
  {
    id: { ...text, readOnly: true },
    owner_id: text,
    created_at: time,
    folder_id: { type: 'integer' },
    folder_name: text,
    emails: list(object({ email: text, type: text })),
    teams: list(object({ id: text, name: text })),
  },
  ['id', 'created_at'],
)
const NAMES = [
  'idAny',
  'ownerIdAny',
  'exclude_id',
  'created_since',
  'createdAtLt',
  'email',
  'team_id',
  'folder',
]

describe('a filter that no member is called like', () => {
  const spec = document({
    '/contacts': {
      get: { ...query(...NAMES), ...ok(list(contact)) },
      post: { ...json(contact), ...ok(contact) },
    },
    '/contacts/{id}': { ...named('id'), get: ok(contact) },
  })

  it.each([
    ['idAny={ann},{bob}', ['ann', 'bob']],
    ['ownerIdAny=o1,o3', ['ann']],
    ['exclude_id={ann}', ['bob', 'cy']],
    ['created_since=2999-01-01T00:00:00Z', []],
    ['createdAtLt=2000-01-01T00:00:00Z', []],
    ['createdAtLt=2999-01-01T00:00:00Z', ['ann', 'bob', 'cy']],
    ['email=ann@example.org', ['ann']],
    ['team_id=t1', ['bob']],
    ['folder=Legal', ['cy']],
  ])('%s', async (asked, expected) => {
    const mock = await start({ spec, seedItems: 0 })
    const ids = new Map<string, string>()
    for (const [name, body] of Object.entries({
      ann: { owner_id: 'o1', emails: [{ email: 'ann@example.org' }] },
      bob: { owner_id: 'o2', teams: [{ id: 't1', name: 'Red' }] },
      cy: { folder_id: 7, folder_name: 'Legal' },
    }))
      ids.set(name, (await send(mock, 'POST /contacts', body)).json.id)
    const filled = asked.replace(/\{(\w+)\}/g, (_, name) => ids.get(name) ?? '')
    const { json: found } = await send(mock, `GET /contacts?${filled}`)
    expect(found.map(({ id }: { id: string }) => id)).toEqual(expected.map((name) => ids.get(name)))
  })
})

describe('what the samples of a list take from its query', () => {
  const ids = {
    ...{ id: { ...text, readOnly: true }, external_id: text, owner_id: text },
    ...{ shopper_reference: text, form_reference: text },
  }
  const form = object(ids, Object.keys(ids))
  const owner = object({ id: { ...text, readOnly: true } }, ['id'])
  const spec = document({
    '/owners': { post: ok(owner) },
    '/owners/{id}': { ...named('id'), get: ok(owner) },
    '/forms': {
      get: { ...query('external_id', 'owner_id', 'shopper_reference', 'form_reference'), ...ok(list(form)) },
    },
    '/forms/pdf': { post: { ...json(form), ...ok(form) } },
    '/forms/{id}': { ...named('id'), get: ok(form) },
  })
  const found = async (mock: Awaited<ReturnType<typeof start>>, asked: string) =>
    (await send(mock, `GET /forms?${asked}`)).json.length

  it('is what they refer to, and no mark of one thing', async () => {
    expect(await found(await start({ spec }), 'owner_id=o1')).toBe(2)
    expect(await found(await start({ spec }), 'external_id=e1')).toBe(0)
    expect(await found(await start({ spec }), 'shopper_reference=ann')).toBe(2)
    expect(await found(await start({ spec }), 'form_reference=f1')).toBe(0)
  })

  it('is nothing once a client has made something', async () => {
    const mock = await start({ spec })
    const references = { shopper_reference: 'ann', form_reference: 'f1' }
    await send(mock, 'POST /forms/pdf', { external_id: 'e1', owner_id: 'o1', ...references })
    expect(await found(mock, 'owner_id=o1')).toBe(1)
    expect(await found(mock, 'external_id=e1')).toBe(1)
  })
})

describe('a list that goes on after an entry', () => {
  const form = object({ id: { type: 'integer' }, name: text }, ['id'])
  const pagination = object({ next: { type: 'integer', nullable: true } })
  const spec = document({
    '/forms': {
      get: {
        ...query('limit', 'after'),
        ...ok(object({ data: list(form), pagination }, ['data', 'pagination'])),
      },
      post: { ...json(object({ name: text })), ...ok(form) },
    },
    '/forms/{id}': { ...named('id'), get: ok(form) },
  })

  it('tells its last id, where nothing but an id says where a page begins', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const made = []
    for (const name of ['a', 'b', 'c']) made.push((await send(mock, 'POST /forms', { name })).json.id)
    const { json: first } = await send(mock, 'GET /forms?limit=2')
    expect(first.pagination.next).toBe(made[1])
    expect((await send(mock, `GET /forms?limit=2&after=${first.pagination.next}`)).json.data).toMatchObject([
      { id: made[2] },
    ])
  })
})

describe('what is put into an archive', () => {
  const form = object(
    { id: { ...text, readOnly: true }, name: text, archived_at: { ...time, nullable: true } },
    ['id'],
  )
  const { parameters } = query('archived')
  const described = parameters.map((one) => ({ ...one, description: 'Get only archived forms.' }))
  const spec = document({
    '/forms': { get: { parameters: described, ...ok(list(form)) } },
    '/forms/pdf': { post: { ...json(object({ name: text })), ...ok(form) } },
    '/forms/{id}': {
      ...named('id'),
      get: ok(form),
      put: { ...json(object({ name: text, archived: { type: 'boolean' } })), ...ok(form) },
      delete: { operationId: 'archiveForm', ...ok(object({ id: text, archived_at: text })) },
    },
  })

  it('can be read, is listed apart, and comes back when a change says so', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { id } = (await send(mock, 'POST /forms/pdf', { name: 'a' })).json
    await send(mock, `DELETE /forms/${id}`)
    expect((await send(mock, 'GET /forms')).json).toEqual([])
    expect((await send(mock, 'GET /forms?archived=true')).json).toMatchObject([{ id, name: 'a' }])
    expect((await send(mock, `GET /forms/${id}`)).json.archived_at).toMatch(/^\d{4}-/)
    await send(mock, `PUT /forms/${id}`, { archived: false })
    expect((await send(mock, 'GET /forms')).json).toMatchObject([{ id, name: 'a' }])
    expect((await send(mock, 'GET /forms?archived=true')).json).toEqual([])
  })
})
