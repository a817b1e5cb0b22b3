// Actions that do what their request or their document says, and not all that their name does.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, named, object, text } from './schemas.js'

const status = { ...text, enum: ['draft', 'scheduled', 'sent'], readOnly: true }
const letter = object(
  { id: { ...text, readOnly: true }, title: text, status, scheduled_at: { ...text, readOnly: true } },
  ['id', 'status'],
)
const rule = object(
  { id: { ...text, readOnly: true }, title: text, active: { type: 'boolean', readOnly: true } },
  ['id', 'active'],
)
const made = (name: string, thing: object) => ({
  [`/${name}`]: { post: { ...json(object({ title: text })), ...ok(thing) } },
  [`/${name}/{id}`]: { ...named('id'), get: ok(thing) },
})
const spec = document({
  ...made('letters', letter),
  '/letters/{id}/send': { ...named('id'), put: { ...json(object({ send_at: text })), ...ok(letter) } },
  '/letters/{id}/cancel': {
    ...named('id'),
    put: { description: 'Cancels it. The letter will return to draft status.', ...ok(letter) },
  },
  ...made('rules', rule),
  '/rules/{id}/activate': {
    ...named('id'),
    put: { ...json(object({ status: { type: 'boolean' } }, ['status'])), ...ok(rule) },
  },
})

it('a switch in the body of an action takes it back', async () => {
  const mock = await start({ spec })
  const { json: one } = await send(mock, 'POST /rules', { title: 'a' })
  const activeAfter = async (on: boolean) => {
    await send(mock, `PUT /rules/${one.id}/activate`, { status: on })
    return (await send(mock, `GET /rules/${one.id}`)).json.active
  }
  expect([await activeAfter(true), await activeAfter(false), await activeAfter(true)]).toEqual([
    true,
    false,
    true,
  ])
})

it('what is sent at a time is scheduled for it, and returns to where the document says', async () => {
  const mock = await start({ spec })
  const { json: one } = await send(mock, 'POST /letters', { title: 'a' })
  const { json: planned } = await send(mock, `PUT /letters/${one.id}/send`, {
    send_at: '2027-01-01T00:00:00Z',
  })
  expect(planned).toMatchObject({ status: 'scheduled', scheduled_at: '2027-01-01T00:00:00Z' })
  await send(mock, `PUT /letters/${one.id}/cancel`)
  expect((await send(mock, `GET /letters/${one.id}`)).json.status).toBe('draft')
})

it('what is sent without a time is sent', async () => {
  const mock = await start({ spec })
  const { json: one } = await send(mock, 'POST /letters', { title: 'a' })
  expect((await send(mock, `PUT /letters/${one.id}/send`, {})).json.status).toBe('sent')
})
