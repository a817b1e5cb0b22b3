// What DELETE says of a thing, and creations that carry a list.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const payment = {
  type: 'object',
  properties: {
    id: { ...text, readOnly: true },
    note: text,
    status: { readOnly: true, enum: ['open', 'paid', 'canceled', 'deleted'] },
  },
}
const body = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } })
const id = { parameters: [{ name: 'id', in: 'path', required: true, schema: text }] }

for (const [operationId, summary, status, after] of [
  ['cancelPayment', '', 'canceled', 200],
  ['DeletePaymentsPayment', 'Cancel a payment', 'canceled', 200],
  ['deletePayment', '', 'deleted', 404],
] as const) {
  it(`${operationId} ${summary} shows the thing as ${status}, and a read of it answers ${after}`, async () => {
    const mock = await start({
      spec: document({
        '/payments': { post: { ...body(payment), ...ok(payment) } },
        '/payments/{id}': { ...id, get: ok(payment), delete: { operationId, summary, ...ok(payment) } },
      }),
    })
    const made = (await send(mock, 'POST /payments', { note: 'a' })).json
    expect(made.status).toBe('open')
    const { json } = await send(mock, `DELETE /payments/${made.id}`)
    expect(json).toMatchObject({ id: made.id, note: 'a', status })
    const read = await send(mock, `GET /payments/${made.id}`)
    expect(read.status).toBe(after)
    if (after === 200) expect(read.json).toMatchObject({ id: made.id, note: 'a', status })
  })
}

it('a thing that was paused is paused until it is resumed, and is not born so', async () => {
  const job = {
    type: 'object',
    properties: {
      id: { ...text, readOnly: true },
      note: text,
      status: { type: 'string', enum: ['active', 'paused'], readOnly: true },
      paused_at: { type: ['string', 'null'], format: 'date-time', readOnly: true },
      num_runs: { type: 'integer', readOnly: true },
    },
    required: ['id', 'paused_at', 'num_runs'],
  }
  const mock = await start({
    spec: document({
      '/jobs': { post: { ...body(job), ...ok(job) } },
      '/jobs/{id}': { ...id, get: ok(job) },
      '/jobs/{id}/pause': { ...id, put: ok(job) },
      '/jobs/{id}/unpause': { ...id, put: ok(job) },
      '/jobs/{id}/resume': { ...id, put: ok(job) },
      '/jobs/{id}/constructor': { ...id, put: ok(job) },
    }),
  })
  const made = (await send(mock, 'POST /jobs', { note: 'a' })).json
  expect(made).toMatchObject({ paused_at: null, num_runs: 0 })
  const pausedAfter = async (action: string) =>
    (await send(mock, `PUT /jobs/${made.id}/${action}`)).json.paused_at
  for (const undo of ['unpause', 'resume']) {
    expect(await pausedAfter('pause')).toEqual(expect.any(String))
    expect(await pausedAfter(undo)).toBeNull()
    expect((await send(mock, `GET /jobs/${made.id}`)).json.paused_at).toBeNull()
  }
  // An action may have the name of what every object has.
  await pausedAfter('pause')
  expect(await pausedAfter('constructor')).toEqual(expect.any(String))
})

it('a creation that carries a list makes all of its things where the answer has a list of that name', async () => {
  const answer = {
    type: 'object',
    properties: { payment, payments: { type: 'array', items: payment } },
  }
  const mock = await start({
    spec: document({
      '/payments': {
        get: ok({ type: 'array', items: payment }),
        post: { ...body(answer), ...ok(answer) },
      },
      '/payments/{id}': { ...id, get: ok(payment) },
    }),
    seedItems: 0,
  })
  const { json } = await send(mock, 'POST /payments', { payments: [{ note: 'a' }, { note: 'b' }] })
  expect(json.payments.map(({ note }: { readonly note: string }) => note)).toEqual(['a', 'b'])
  const one = await send(mock, 'POST /payments', { payment: { note: 'c' } })
  expect(one.json.payment.note).toBe('c')
  expect((await send(mock, 'GET /payments')).json).toHaveLength(3)
})
