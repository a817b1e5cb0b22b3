// What goes with a thing that is removed: whoever is given its name later finds nothing of it.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const id = { ...text, readOnly: true }
const done = { responses: { 204: { description: 'Done' } } }
const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
const file = { responses: { 200: { description: 'OK', content: bytes } } }
const domain = object({ name: text, note: text }, ['name'])
const record = object({ id, type: text }, ['id'])
const theme = object({ colour: text, size: text })
const lock = object({ enabled: { type: 'boolean' } })
const shelf = object({ name: text, size: { type: 'integer' } }, ['name'])

const below = {
  '/domains/{domain}/records': {
    ...named('domain'),
    post: { ...json(record), ...ok(record) },
    get: ok(list(record)),
  },
  '/domains/{domain}/records/{id}': { ...named('domain', 'id'), get: ok(record), delete: done },
  '/domains/{domain}/theme': { ...named('domain'), get: ok(theme), put: { ...json(theme), ...ok(theme) } },
  '/domains/{domain}/lock': { ...named('domain'), get: ok(lock), put: done, delete: done },
  '/registrar/domains/{domain}/renewal': { ...named('domain'), get: ok(lock), put: done, delete: done },
  '/domains/{domain}/files': { ...named('domain'), get: ok(list(shelf)) },
  '/domains/{domain}/files/{name}': {
    ...named('domain', 'name'),
    put: { requestBody: { content: bytes }, ...ok(shelf) },
    get: file,
    delete: done,
  },
}
const spec = document({
  '/domains': { post: { ...json(domain), ...ok(domain) }, get: ok(list(domain)) },
  '/domains/{domain}': { ...named('domain'), get: ok(domain), delete: done },
  ...below,
})

const NAMES = ['acme.org', 'a*b', 'ann@x.org']

async function filled(names: readonly string[]) {
  const mock = await start({ spec })
  const records = new Map<string, string>()
  for (const name of names) {
    const path = encodeURIComponent(name)
    await send(mock, 'POST /domains', { name })
    records.set(name, (await send(mock, `POST /domains/${path}/records`, { type: name })).json.id)
    await send(mock, `PUT /domains/${path}/theme`, { colour: name, size: 'l' })
    await send(mock, `PUT /domains/${path}/lock`)
    await send(mock, `PUT /registrar/domains/${path}/renewal`)
    await send(mock, `PUT /domains/${path}/files/k1`, name, {
      'content-type': 'application/octet-stream',
    })
  }
  const shown = async (name: string) => {
    const path = `/domains/${encodeURIComponent(name)}`
    const paths = [`${path}/records`, `${path}/records/${records.get(name)}`, `${path}/theme`, `${path}/lock`]
    paths.push(`/registrar${path}/renewal`, `${path}/files`, `${path}/files/k1`)
    const answers = []
    for (const one of paths) answers.push(await send(mock, `GET ${one}`))
    return answers.map(({ status, text: body, json: value }) => (status === 200 ? (value ?? body) : status))
  }
  return { mock, records, shown }
}

const full = (name: string, record: string | undefined) => [
  [{ id: record, type: name }],
  { id: record, type: name },
  { colour: name, size: 'l' },
  { enabled: true },
  { enabled: true },
  [{ name: 'k1', size: name.length }],
  name,
]

it.each(NAMES)('what is below %s goes with it, and what is below others stays', async (name) => {
  const others = NAMES.filter((one) => one !== name)
  const { mock, records, shown } = await filled(NAMES)
  for (const one of NAMES) expect(await shown(one)).toEqual(full(one, records.get(one)))
  await send(mock, `DELETE /domains/${encodeURIComponent(name)}`)
  expect(await shown(name)).toEqual(Array(7).fill(404))
  for (const one of others) expect(await shown(one)).toEqual(full(one, records.get(one)))
  await send(mock, 'POST /domains', { name })
  const [list, one, colours, ...rest] = await shown(name)
  expect([list, one, ...rest]).toEqual([[], 404, { enabled: false }, { enabled: false }, [], 404])
  expect(colours).not.toMatchObject({ colour: name })
  for (const other of others) expect(await shown(other)).toEqual(full(other, records.get(other)))
})

it('what is below another thing stays, though that is called as the removed one was by another member', async () => {
  const issue = object({ id, number: { type: 'integer' }, title: text }, ['id', 'number', 'title'])
  const note = object({ id, label: text }, ['id'])
  const mock = await start({
    spec: document({
      '/issues': {
        post: { ...json(object({ id: text, number: { type: 'integer' }, title: text })), ...ok(issue) },
      },
      '/issues/{id}': { ...named('id'), get: ok(issue), delete: done },
      '/issues/{id}/notes': {
        ...named('id'),
        post: { ...json(object({ label: text })), ...ok(note) },
        get: ok(list(note)),
      },
      '/issues/{id}/notes/{note_id}': { ...named('id', 'note_id'), get: ok(note) },
    }),
  })
  await send(mock, 'POST /issues', { id: '3', number: 7, title: 'three' })
  await send(mock, 'POST /issues', { id: '8', number: 3, title: 'eight' })
  for (const one of ['3', '8']) await send(mock, `POST /issues/${one}/notes`, { label: `of ${one}` })
  await send(mock, 'DELETE /issues/8')
  expect((await send(mock, 'GET /issues/3/notes')).json).toMatchObject([{ label: 'of 3' }])
})

it('one of several things without a path takes nothing of the others with it', async () => {
  const hook = object({ id, url: text }, ['id', 'url'])
  const log = object({ id, label: text }, ['id'])
  const ids = json(object({ ids: list(text) }, ['ids']))
  const mock = await start({
    seedItems: 0,
    spec: document({
      '/hooks': {
        post: { ...json(object({ url: text })), ...ok(hook) },
        get: ok(list(hook)),
        delete: { ...ids, ...done },
      },
      '/hooks/{hook}/logs': {
        ...named('hook'),
        post: { ...json(object({ label: text })), ...ok(log) },
        get: ok(list(log)),
      },
    }),
  })
  const [one, two] = [
    (await send(mock, 'POST /hooks', { url: 'a' })).json,
    (await send(mock, 'POST /hooks', { url: 'b' })).json,
  ]
  await send(mock, `POST /hooks/${two.id}/logs`, { label: 'of two' })
  await send(mock, 'DELETE /hooks', { ids: [one.id] })
  expect((await send(mock, 'GET /hooks')).json).toMatchObject([{ url: 'b' }])
  expect((await send(mock, `GET /hooks/${two.id}/logs`)).json).toMatchObject([{ label: 'of two' }])
})
