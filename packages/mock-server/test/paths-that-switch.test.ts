// Paths that are nothing but a switch, a list of plain values or a file of the thing above, and words said of a thing elsewhere.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const id = { ...text, readOnly: true }
const flag = { type: 'boolean' }
const done = { responses: { 204: { description: 'Done' } } }
const domain = object({ id, name: text, auto_renew: flag }, ['id', 'name', 'auto_renew'])
const lock = object({ data: object({ enabled: flag }, ['enabled']) }, ['data'])
const servers = object({ data: list(text) }, ['data'])
const spec = document({
  '/domains': { post: { ...json(object({ name: text })), ...ok(domain) } },
  '/domains/{domain}': { ...named('domain'), get: ok(domain) },
  '/registrar/domains/{domain}/lock': { ...named('domain'), get: ok(lock), post: ok(lock), delete: ok(lock) },
  '/registrar/domains/{domain}/auto_renewal': { ...named('domain'), put: done, delete: done },
  '/registrar/domains/{domain}/servers': {
    ...named('domain'),
    get: ok(servers),
    put: { ...json(list(text)), ...ok(servers) },
  },
})

it('a switch is off until something turns it on, and off again after DELETE', async () => {
  const mock = await start({ spec })
  await send(mock, 'POST /domains', { name: 'acme.com' })
  const ask = async (method: string, name = 'acme.com') =>
    (await send(mock, `${method} /registrar/domains/${name}/lock`)).json.data.enabled
  expect([await ask('GET'), await ask('POST'), await ask('GET')]).toEqual([false, true, true])
  expect(await ask('GET', 'other.com')).toBe(false)
  expect([await ask('DELETE'), await ask('GET')]).toEqual([false, false])
})

it('a flag of a thing is set by a noun for it at another path than that of the thing', async () => {
  const mock = await start({ spec })
  const { json: acme } = await send(mock, 'POST /domains', { name: 'acme.com' })
  const renews = async () => (await send(mock, `GET /domains/${acme.id}`)).json.auto_renew
  await send(mock, `PUT /registrar/domains/${acme.id}/auto_renewal`)
  expect(await renews()).toBe(true)
  await send(mock, `DELETE /registrar/domains/${acme.id}/auto_renewal`)
  expect(await renews()).toBe(false)
})

it('a list of plain values is kept as it is sent, in the envelope of the answer', async () => {
  const mock = await start({ spec })
  const names = ['ns1.example.org', 'ns2.example.org']
  const path = '/registrar/domains/acme.com/servers'
  expect((await send(mock, `PUT ${path}`, names)).json).toEqual({ data: names })
  expect((await send(mock, `GET ${path}`)).json).toEqual({ data: names })
})

it('the bytes of a thing are those that it was made with, until others are put below it', async () => {
  const photo = object({ id, name: text }, ['id'])
  const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
  const form = {
    'multipart/form-data': { schema: object({ name: text, file: { type: 'string', format: 'binary' } }) },
  }
  const file = { responses: { 200: { description: 'OK', content: bytes } } }
  const mock = await start({
    spec: document({
      '/photos': { post: { requestBody: { content: form }, ...ok(photo) } },
      '/photos/{id}': { ...named('id'), get: ok(photo) },
      '/photos/{id}/original': {
        ...named('id'),
        get: file,
        put: { requestBody: { content: form }, ...ok(photo) },
      },
      '/photos/{id}/download': { ...named('id'), get: file },
    }),
  })
  const upload = new FormData()
  upload.set('name', 'a')
  upload.set('file', new Blob(['img-one']), 'a.png')
  const { json: made } = await send(mock, 'POST /photos', upload)
  expect((await send(mock, `GET /photos/${made.id}/original`)).text).toBe('img-one')
  expect((await send(mock, `GET /photos/${made.id}/download`)).text).toBe('img-one')
})
