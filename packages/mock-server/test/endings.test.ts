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

for (const [operationId, status] of [
  ['cancelPayment', 'canceled'],
  ['deletePayment', 'deleted'],
] as const) {
  it(`${operationId} shows the thing that it removes as ${status}`, async () => {
    const mock = await start({
      spec: document({
        '/payments': { post: { ...body(payment), ...ok(payment) } },
        '/payments/{id}': { ...id, get: ok(payment), delete: { operationId, ...ok(payment) } },
      }),
    })
    const made = (await send(mock, 'POST /payments', { note: 'a' })).json
    expect(made.status).toBe('open')
    const { json } = await send(mock, `DELETE /payments/${made.id}`)
    expect(json).toMatchObject({ id: made.id, note: 'a', status })
    expect((await send(mock, `GET /payments/${made.id}`)).status).toBe(404)
  })
}

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
