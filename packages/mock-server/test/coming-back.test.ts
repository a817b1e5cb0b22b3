// What a DELETE removes and can be brought back, or seen in lists that ask for it.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const flag = (name: string, description = '') => ({
  name,
  in: 'query',
  description,
  schema: { type: 'boolean' },
})
const person = object(
  {
    id: { ...text, readOnly: true },
    name: text,
    deleted_at: { ...text, format: 'date-time', readOnly: true },
  },
  ['id', 'name'],
)
const listed = (flags: readonly object[]) => ({ get: { parameters: flags, ...ok(list(person)) } })
const made = { post: { ...json(object({ name: text }, ['name'])), ...ok(person) } }
const single = (flags: readonly object[]) => ({
  ...named('id'),
  get: { parameters: flags, ...ok(person) },
  delete: ok(object({})),
})
const specWith = (flags: readonly object[], actions: readonly string[] = []) =>
  document({
    '/people': { ...listed(flags), ...made },
    '/people/{id}': single(flags),
    ...Object.fromEntries(
      actions.map((action) => [`/people/{id}/${action}`, { ...named('id'), post: ok(person) }]),
    ),
  })
const begin = async (spec: object) => {
  const mock = await start({ spec, seedItems: 0 })
  const ids: string[] = []
  for (const name of ['ann', 'bob']) ids.push((await send(mock, 'POST /people', { name })).json.id)
  const [ann = '', bob = ''] = ids
  await send(mock, `DELETE /people/${ann}`)
  const names = async (query: string) =>
    (await send(mock, `GET /people${query}`)).json.map(({ name }: { name: string }) => name)
  return { mock, ann, bob, names }
}

describe('what was removed', () => {
  it('stands in a list that is to include it, and says that it is gone', async () => {
    const { mock, ann, names } = await begin(specWith([flag('include_deleted')]))
    expect(await names('')).toEqual(['bob'])
    expect(await names('?include_deleted=false')).toEqual(['bob'])
    expect(await names('?include_deleted=true')).toEqual(['bob', 'ann'])
    expect((await send(mock, `GET /people/${ann}`)).status).toBe(404)
    const { status, json: read } = await send(mock, `GET /people/${ann}?include_deleted=true`)
    expect([status, typeof read.deleted_at]).toEqual([200, 'string'])
  })

  it('is all that a list shows which asks for nothing else', async () => {
    const { names } = await begin(specWith([flag('archived')]))
    expect(await names('?archived=true')).toEqual(['ann'])
  })

  it('stands beside the rest where a description says that it is included', async () => {
    const { names } = await begin(specWith([flag('archived', 'Whether archived people are included.')]))
    expect(await names('?archived=true')).toEqual(['bob', 'ann'])
  })

  it.each(['restore', 'unarchive', 'undelete'])('comes back as it was by %s', async (action) => {
    const { mock, ann, names } = await begin(specWith([], [action]))
    expect((await send(mock, `POST /people/${ann}/${action}`)).json).toMatchObject({ id: ann, name: 'ann' })
    expect(await names('')).toEqual(['bob', 'ann'])
    const { json: read } = await send(mock, `GET /people/${ann}`)
    expect([read.name, read.deleted_at ?? null]).toEqual(['ann', null])
  })

  it('is gone for good by any other action, and what never was there does not come back', async () => {
    const { mock, ann } = await begin(specWith([], ['restore', 'lock']))
    expect((await send(mock, `POST /people/${ann}/lock`)).status).toBe(404)
    expect((await send(mock, 'POST /people/nobody/restore')).status).toBe(404)
  })

  it('comes back when a change says that it is archived no more, wherever it was made', async () => {
    const flags = [flag('archived')]
    const update = { put: { ...json(object({ name: text, archived: { type: 'boolean' } })), ...ok(person) } }
    const spec = document({
      '/people': listed(flags),
      '/people/import': made,
      '/people/{id}': { ...single(flags), ...update },
    })
    const mock = await start({ spec, seedItems: 0 })
    const { json: ann } = await send(mock, 'POST /people/import', { name: 'ann' })
    await send(mock, `DELETE /people/${ann.id}`)
    expect((await send(mock, 'GET /people?archived=true')).json).toMatchObject([{ id: ann.id }])
    expect((await send(mock, `PUT /people/${ann.id}`, { name: 'ann', archived: false })).status).toBe(200)
    expect((await send(mock, 'GET /people')).json).toMatchObject([{ id: ann.id, name: 'ann' }])
    expect((await send(mock, 'GET /people?archived=true')).json).toEqual([])
  })

  it('can still be read where the DELETE is called one that archives', async () => {
    const archive = { operationId: 'archivePerson', ...ok(object({})) }
    const spec = document({
      '/people': { ...listed([flag('archived')]), ...made },
      '/people/{id}': { ...single([]), delete: archive },
    })
    const { mock, ann, names } = await begin(spec)
    expect(await names('')).toEqual(['bob'])
    expect((await send(mock, `GET /people/${ann}`)).json).toMatchObject({ id: ann, name: 'ann' })
  })
})
