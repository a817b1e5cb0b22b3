// What answers say beside a thing, what they say of each of many, and what can be done with what they have shown.

import { expect, it } from 'vitest'
import { createShownIds } from '../src/state/store/shown-ids.js'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const id = { ...text, readOnly: true }
const whole = { type: 'integer' }
const unknown = { 404: { description: 'Unknown', content: {} } }
const pass = object({ pass_id: id, label: text, email: text }, ['pass_id'])
const club = object({ club_id: id, label: text }, ['club_id'])
const shownPass = object({ request_id: text, pass_id: text, pass, club, status_code: whole }, [
  'request_id',
  'pass_id',
  'pass',
  'club',
  'status_code',
])
const shownClub = object({ request_id: text, club, status_code: whole }, [
  'request_id',
  'club',
  'status_code',
])
const found = { responses: { ...ok(shownPass).responses, ...unknown } }
const search = object({
  query: object({ operands: list(object({ filter_name: text, filter_value: list(text) })) }),
})
const spec = document({
  '/clubs': { post: { ...json(object({ label: text })), responses: { 201: ok(shownClub).responses[200] } } },
  '/clubs/{club_id}': { ...named('club_id'), get: ok(shownClub) },
  '/clubs/{club_id}/passes': {
    ...named('club_id'),
    post: { ...json(object({ label: text, email: text })), ...ok(shownPass) },
  },
  '/clubs/{club_id}/passes/{pass_id}': {
    ...named('club_id', 'pass_id'),
    put: { ...json(object({ label: text })), ...ok(shownPass) },
  },
  '/clubs/{club_id}/pass': {
    ...named('club_id'),
    get: {
      parameters: ['pass_id', 'email'].map((name) => ({ name, in: 'query', schema: text })),
      ...found,
    },
  },
  '/clubs/{club_id}/passes/search': {
    ...named('club_id'),
    post: { ...json(search), ...ok(object({ passes: list(pass) }, ['passes'])) },
  },
})

async function twoPasses() {
  const mock = await start({ spec, seedItems: 0 })
  const made = (await send(mock, 'POST /clubs', { label: 'Chess' })).json
  const path = `/clubs/${made.club.club_id}`
  const passes = []
  for (const name of ['ann', 'bob'])
    passes.push((await send(mock, `POST ${path}/passes`, { label: name, email: `${name}@example.org` })).json)
  return { mock, made, path, ann: passes[0], bob: passes[1] }
}

it('an answer that has its own status in it says the one that it has', async () => {
  const { made, ann } = await twoPasses()
  expect([made.status_code, ann.status_code]).toEqual([201, 200])
})

it('an id beside a thing is that of the thing', async () => {
  const { mock, path, ann } = await twoPasses()
  expect(ann.pass.label).toBe('ann')
  expect(ann.pass_id).toBe(ann.pass.pass_id)
  const { json: changed } = await send(mock, `PUT ${path}/passes/${ann.pass_id}`, { label: 'Ann' })
  expect(changed.pass).toEqual({ ...ann.pass, label: 'Ann' })
  expect(changed.pass_id).toBe(ann.pass_id)
})

it('what a thing belongs to stands beside it as it is stored', async () => {
  const { made, ann } = await twoPasses()
  expect(ann.club).toEqual(made.club)
})

it('a path that is called like one of a collection shows the one that its query names', async () => {
  const { mock, path, ann, bob } = await twoPasses()
  for (const { pass: one } of [ann, bob])
    for (const query of [`pass_id=${one.pass_id}`, `email=${one.email}`])
      expect((await send(mock, `GET ${path}/pass?${query}`)).json.pass).toEqual(one)
  expect((await send(mock, `GET ${path}/pass?email=eve@example.org`)).status).toBe(404)
})

it('a search names a member and its values by names of more than one word', async () => {
  const { mock, path, bob } = await twoPasses()
  const query = { operands: [{ filter_name: 'email', filter_value: [bob.pass.email] }] }
  expect((await send(mock, `POST ${path}/passes/search`, { query })).json.passes).toEqual([bob.pass])
  const plain = { name: 'email', max_value: 'x', value: bob.pass.email }
  const asked = { query: { operands: [plain] } }
  expect((await send(mock, `POST ${path}/passes/search`, asked)).json.passes).toEqual([bob.pass])
})

it('an id that an answer shows of what nobody made can be read, as what was shown', async () => {
  const visitor = object({ visitor_id: id, label: text }, ['visitor_id', 'label'])
  const login = object({ session: text, visitor_id: text, visitor }, ['session', 'visitor_id', 'visitor'])
  const invite = object({ invite_id: text, visitor_id: text }, ['invite_id', 'visitor_id'])
  const mock = await start({
    spec: document({
      '/visitors': { post: { ...json(object({ label: text })), ...ok(visitor) } },
      '/visitors/{visitor_id}': {
        ...named('visitor_id'),
        get: { responses: { ...ok(visitor).responses, ...unknown } },
      },
      '/login/start': { post: { ...json(object({ secret: text })), ...ok(login) } },
      '/invites/send': { post: { ...json(object({ note: text })), ...ok(invite) } },
    }),
  })
  const { json: shown } = await send(mock, 'POST /login/start', { secret: 'x' })
  expect((await send(mock, `GET /visitors/${shown.visitor.visitor_id}`)).json).toEqual(shown.visitor)
  const { json: sent } = await send(mock, 'POST /invites/send', { note: 'x' })
  const read = await send(mock, `GET /visitors/${sent.visitor_id}`)
  expect([read.status, read.json.visitor_id]).toEqual([200, sent.visitor_id])
  expect((await send(mock, 'GET /visitors/nobody-has-shown-it')).status).toBe(404)
})

it('what came of each of many is told by the ids that they were sent with', async () => {
  const event = object({ id: text, kind: text, body: object({ name: text }) }, ['id', 'kind'])
  const outcome = object({ id: text, status: whole }, ['id', 'status'])
  const failure = object({ id: text, message: text }, ['id', 'message'])
  const told = object({ successes: list(outcome), errors: list(failure) }, ['successes', 'errors'])
  const mock = await start({
    spec: document({
      '/intake': { post: { ...json(object({ batch: list(event) }, ['batch'])), ...ok(told) } },
    }),
  })
  const batch = ['e1', 'e2', 'e3'].map((one) => ({ id: one, kind: 'made' }))
  const { json: answer } = await send(mock, 'POST /intake', { batch })
  expect(answer.successes.map((one: { id: string }) => one.id)).toEqual(['e1', 'e2', 'e3'])
  expect(answer.errors).toEqual([])
})

it('the time of an end comes with the status that says it, and goes with another', async () => {
  const time = { type: ['string', 'null'], format: 'date-time' }
  const status = { enum: ['OPEN', 'DONE', 'CLOSED', 'COMPLETE'] }
  const task = object({ id, status, closed_at: time, completed_at: time }, ['id', 'status'])
  const mock = await start({
    spec: document({
      '/tasks': { post: { ...json(object({ label: text })), ...ok(task) } },
      '/tasks/{id}': { ...named('id'), get: ok(task), patch: { ...json(object({ status })), ...ok(task) } },
    }),
  })
  const { json: made } = await send(mock, 'POST /tasks', {})
  expect([made.closed_at, made.completed_at]).toEqual([null, null])
  const after = async (wanted: string) => {
    const { json: now } = await send(mock, `PATCH /tasks/${made.id}`, { status: wanted })
    return [now.status, typeof now.closed_at, typeof now.completed_at].map((one) =>
      one === 'object' ? null : one,
    )
  }
  expect(await after('CLOSED')).toEqual(['CLOSED', 'string', null])
  expect(await after('COMPLETE')).toEqual(['COMPLETE', null, 'string'])
  expect(await after('OPEN')).toEqual(['OPEN', null, null])
})

it('a thing that names another by one of its ids shows the other id as well', async () => {
  const buyer = object({ own_id: id, external_id: text, label: text }, ['own_id', 'external_id'])
  const order = object({ own_id: id, external_buyer_id: text, own_buyer_id: id }, ['own_id', 'own_buyer_id'])
  const mock = await start({
    spec: document({
      '/buyers': { post: { ...json(object({ external_id: text, label: text })), ...ok(buyer) } },
      '/buyers/{external_id}': { ...named('external_id'), get: ok(buyer) },
      '/orders': { post: { ...json(object({ external_buyer_id: text })), ...ok(order) } },
      '/orders/{own_id}': { ...named('own_id'), get: ok(order) },
    }),
  })
  const { json: ann } = await send(mock, 'POST /buyers', { external_id: 'ann', label: 'Ann' })
  const { json: made } = await send(mock, 'POST /orders', { external_buyer_id: 'ann' })
  expect(made).toMatchObject({ external_buyer_id: 'ann', own_buyer_id: ann.own_id })
  expect((await send(mock, `GET /orders/${made.own_id}`)).json).toEqual(made)
})

it('what answers have shown takes no more memory than its ids, however long the answers are', () => {
  const shown = createShownIds()
  shown.note('a', { visitor_id: 'visitor-1', note: 'short' })
  shown.note('a', { visitor_id: 'visitor-2', note: 'x'.repeat(1_000_000) })
  shown.note('a', { visitor_id: 'visitor-3', notes: Array.from({ length: 100_000 }, (_, i) => ({ i })) })
  for (let i = 0; i < 3_000; i++) shown.note('b', { visitor_id: `visitor-of-b-${i}` })
  expect(shown.of('b', 'visitor-of-b-2999')?.object).toEqual({ visitor_id: 'visitor-of-b-2999' })
  expect(shown.of('a', 'visitor-1')).toBeUndefined()
  shown.note('a', { visitor_id: 'visitor-1', note: 'short' })
  shown.note('a', { visitor_id: 'visitor-2', note: 'x'.repeat(1_000_000) })
  shown.note('a', { visitor_id: 'visitor-3', notes: Array.from({ length: 100_000 }, (_, i) => ({ i })) })
  expect(['visitor-1', 'visitor-2', 'visitor-3'].map((id) => shown.of('a', id)?.object)).toEqual([
    { visitor_id: 'visitor-1', note: 'short' },
    { visitor_id: 'visitor-2' },
    { visitor_id: 'visitor-3' },
  ])
})

it('a thing is known by the one id that its creation answers, whatever the path calls it', async () => {
  const job = object({ job_id: text, label: text, name: text, owner_id: text }, ['job_id'])
  const mock = await start({
    spec: document({
      '/tide-jobs': {
        post: {
          ...json(object({ name: text, owner_id: text })),
          ...ok(object({ job_id: text }, ['job_id'])),
        },
      },
      '/tide-jobs/{id}': { ...named('id'), get: ok(job) },
    }),
  })
  const { json: made } = await send(mock, 'POST /tide-jobs', { name: 'a', owner_id: 'o' })
  const { json: read } = await send(mock, `GET /tide-jobs/${made.job_id}`)
  expect(read).toMatchObject({ job_id: made.job_id, name: 'a', owner_id: 'o' })
})
