// Things that are made with another one and read by themselves, and flags of a change that say what a thing is from then on.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const readOnly = { ...text, readOnly: true }
const status = { ...text, enum: ['awaiting', 'opened', 'completed'], readOnly: true }
const time = { ...text, format: 'date-time', nullable: true, readOnly: true }
const signer = object(
  {
    id: { type: 'integer', readOnly: true },
    request_id: { type: 'integer' },
    email: text,
    name: text,
    status,
    completed_at: time,
  },
  ['id', 'request_id', 'email'],
)
const shown = object({ id: { type: 'integer' }, email: text, name: text, role: text }, ['id', 'email'])
const request = object(
  { id: { type: 'integer', readOnly: true }, title: text, signers: list(shown), note: readOnly },
  ['id', 'signers'],
)
const sent = object({
  title: text,
  signers: list(object({ email: text, name: text, role: text }, ['email'])),
})
const each = object({ title: text, emails: { oneOf: [text, list(text)] } }, ['emails'])
const spec = document({
  '/requests': { post: { ...json(sent), ...ok(request) } },
  '/requests/emails': { post: { ...json(each), ...ok(list(signer)) } },
  '/invites': {
    post: { ...json(object({ email: text })), ...ok(object({ id: readOnly, email: text }, ['id'])) },
    get: ok(list(object({ id: readOnly, email: text }, ['id']))),
  },
  '/invites/{id}': { ...named('id'), get: ok(object({ id: readOnly, email: text }, ['id'])) },
  '/invites/emails': {
    post: { ...json(each), ...ok(list(object({ id: readOnly, email: text }, ['id']))) },
  },
  '/requests/{id}': { ...named('id'), get: ok(request) },
  '/signers': {
    get: { parameters: [{ name: 'request_id', in: 'query', schema: text }], ...ok(list(signer)) },
  },
  '/signers/{id}': {
    ...named('id'),
    get: ok(signer),
    put: { ...json(object({ name: text, completed: { type: 'boolean' } })), ...ok(signer) },
  },
})

it('what a thing is made with is read, listed and changed by itself, and shown by the thing as it is', async () => {
  const mock = await start({ spec, seedItems: 0 })
  const signers = [{ email: 'ann@example.org', name: 'Ann' }, { email: 'bob@example.org' }]
  const { json: made } = await send(mock, 'POST /requests', { title: 'a', signers })
  await send(mock, 'POST /requests', { title: 'b', signers })
  const [ann, bob] = made.signers
  expect(made.signers).toMatchObject(signers)
  expect(bob.id).not.toBe(ann.id)
  expect((await send(mock, `GET /signers/${ann.id}`)).json).toMatchObject({
    ...{ id: ann.id, request_id: made.id, email: 'ann@example.org', name: 'Ann' },
  })
  expect((await send(mock, `GET /signers?request_id=${made.id}`)).json).toMatchObject([
    { id: ann.id },
    { id: bob.id },
  ])
  await send(mock, `PUT /signers/${ann.id}`, { name: 'Anna' })
  expect((await send(mock, `GET /requests/${made.id}`)).json.signers).toMatchObject([
    { id: ann.id, name: 'Anna' },
    { id: bob.id },
  ])
})

it('one thing is made for each of whom a request lists, in a text or in a list', async () => {
  const mock = await start({ spec, seedItems: 0 })
  const emails = ['ann@example.org', 'bob@example.org']
  for (const listed of [emails.join(', '), emails]) {
    const { json: made } = await send(mock, 'POST /requests/emails', { title: 'a', emails: listed })
    expect(made).toMatchObject(emails.map((email) => ({ email })))
    expect(made[0].request_id).not.toBe(made[1].request_id)
    expect((await send(mock, `GET /requests/${made[1].request_id}`)).json).toMatchObject({
      ...{ title: 'a', signers: [{ id: made[1].id, email: emails[1] }] },
    })
  }
  const { json: invites } = await send(mock, 'POST /invites/emails', { emails })
  expect(invites).toMatchObject(emails.map((email) => ({ email })))
  expect((await send(mock, 'GET /invites')).json).toEqual(invites)
})

it('a flag that only a change has says which status a thing has from then on', async () => {
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /requests', { signers: [{ email: 'ann@example.org' }] })
  const { id } = made.signers[0]
  await send(mock, `PUT /signers/${id}`, { completed: false })
  expect((await send(mock, `GET /signers/${id}`)).json.status).toBe('awaiting')
  await send(mock, `PUT /signers/${id}`, { completed: true })
  const { json: done } = await send(mock, `GET /signers/${id}`)
  expect([done.status, done.completed_at]).toEqual(['completed', expect.stringMatching(/^\d{4}-/)])
})
