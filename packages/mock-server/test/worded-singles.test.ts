// Words behind the path of one thing that make, change and end it, and of things that requests name by a member.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, object, text } from './schemas.js'

const query = (name: string, required: boolean) => ({
  parameters: [{ name, in: 'query', required, schema: text }],
})
const account = object({ account_id: { ...text, readOnly: true }, email: text, locale: text }, ['account_id'])

describe('one thing that words make and end', () => {
  const team = object({ team: object({ name: text, accounts: list(account) }, ['name', 'accounts']) }, [
    'team',
  ])
  const named = json(object({ name: text }))
  const spec = document({
    '/team': { get: ok(team), put: { ...named, ...ok(team) } },
    '/team/create': { post: { ...named, ...ok(team) } },
    '/team/destroy': { delete: ok() },
  })

  it('is what its path shows, though that lists something', async () => {
    const mock = await start({ spec })
    await send(mock, 'POST /team/create', { name: 'Red' })
    expect((await send(mock, 'GET /team')).json.team.name).toBe('Red')
    await send(mock, 'PUT /team', { name: 'Blue' })
    expect((await send(mock, 'GET /team')).json.team.name).toBe('Blue')
    await send(mock, 'DELETE /team/destroy')
    expect((await send(mock, 'GET /team')).status).toBe(404)
  })

  it('has an id that is not empty', async () => {
    const own = document({ '/account': { get: ok(account), put: { ...json(account), ...ok(account) } } })
    const mock = await start({ spec: own })
    const { json: shown } = await send(mock, 'GET /account')
    expect(shown.account_id).not.toBe('')
    expect((await send(mock, 'PUT /account', { locale: 'de' })).json.account_id).toBe(shown.account_id)
  })
})

it('one thing beside others of its kind is not changed by what a word makes', async () => {
  const mock = await start({
    spec: document({
      '/account': {
        get: {
          parameters: ['account_id', 'email'].flatMap((name) => query(name, false).parameters),
          ...ok(account),
        },
        put: { ...json(account), ...ok(account) },
      },
      '/account/create': { post: { ...json(object({ email: text }, ['email'])), ...ok(account) } },
    }),
  })
  await send(mock, 'PUT /account', { email: 'me@example.org' })
  const { json: made } = await send(mock, 'POST /account/create', { email: 'ann@example.org' })
  expect((await send(mock, 'GET /account?email=ann@example.org')).json).toEqual(made)
  expect((await send(mock, `GET /account?account_id=${made.account_id}`)).json).toEqual(made)
  expect((await send(mock, 'GET /account')).json.email).toBe('me@example.org')
})

it('things that a word makes are read and removed at the path without it, by what the request names', async () => {
  const line = object({ number: { ...text, readOnly: true }, area: text }, ['number'])
  const byNumber = json(object({ number: text }, ['number']))
  const mock = await start({
    seedItems: 0,
    spec: document({
      '/lines': { get: { ...query('number', true), ...ok(line) }, delete: { ...byNumber, ...ok() } },
      '/lines/create': { post: { ...json(object({ area: text }, ['area'])), ...ok(line) } },
      '/lines/list': { get: ok(object({ lines: list(line) }, ['lines'])) },
    }),
  })
  const { json: made } = await send(mock, 'POST /lines/create', { area: '209' })
  expect((await send(mock, `GET /lines?number=${made.number}`)).json).toEqual(made)
  expect((await send(mock, 'GET /lines/list')).json.lines).toEqual([made])
  await send(mock, 'DELETE /lines', { number: made.number })
  expect((await send(mock, `GET /lines?number=${made.number}`)).status).toBe(404)
  expect((await send(mock, 'GET /lines/list')).json.lines).toEqual([])
})
