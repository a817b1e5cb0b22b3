// Scripted answers: one after the other, for an operation or some of its bodies.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Scenario } from '../src/index.js'
import { receiver } from './gosend/receiver.js'
import { document, folder, ok, send, start } from './harness.js'

const payment = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer' }, amount: { type: 'integer' } },
}
const failure = {
  description: 'Refused',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['code'],
        properties: { code: { type: 'string', example: 'NO_FUNDS' } },
      },
    },
  },
}
const spec = document({
  '/payments': {
    get: { operationId: 'listPayments', ...ok({ type: 'array', items: payment }) },
    post: {
      operationId: 'pay',
      requestBody: { content: { 'application/json': { schema: payment } } },
      responses: {
        201: { description: 'Paid', content: { 'application/json': { schema: payment } } },
        402: failure,
        503: { description: 'Later' },
      },
    },
  },
})
const withWebhooks = {
  ...spec,
  webhooks: {
    paymentFailed: {
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['type', 'payment'],
                properties: {
                  type: { type: 'string', enum: ['payment.failed', 'payment.disputed'] },
                  payment,
                  reason: { type: 'string', enum: ['NO_FUNDS', 'STOLEN'] },
                },
              },
            },
          },
        },
        responses: { 200: { description: 'Taken' } },
      },
    },
  },
}

const scripted = (...scenarios: Scenario[]) => start({ spec, scenarios })
const pay = (amount: number) => ({ id: 1, amount })

describe('a scenario', () => {
  it('gives one answer after the other, and then lets the mock answer', async () => {
    const mock = await scripted({
      name: 'outage',
      operation: 'pay',
      steps: [{}, { status: 503, headers: { 'Retry-After': '2' }, times: 2 }, { status: 402, times: 1 }],
    })
    const replies = []
    for (let i = 0; i < 5; i++) replies.push(await send(mock, 'POST /payments', pay(i)))
    expect(replies.map(({ status }) => status)).toEqual([201, 503, 503, 402, 201])
    expect(replies[1]?.headers.get('retry-after')).toBe('2')
    expect([replies[3]?.json, replies[3]?.headers.get('mock-source')]).toEqual([
      { code: 'NO_FUNDS' },
      'scenario',
    ])
    expect(mock.requests()[1]).toMatchObject({ reason: 'scenario: outage', source: 'scenario' })
    await mock.reset()
    await send(mock, 'POST /payments', pay(1))
    expect((await send(mock, 'POST /payments', pay(2))).status).toBe(503)
  })

  it('is about the bodies that it names, and its last step stays', async () => {
    const refused = { status: 402, body: { code: 'UNLUCKY' } }
    const mock = await scripted({ operation: 'POST /payments', body: { amount: 13 }, steps: [refused] })
    const statuses = []
    for (const amount of [13, 12, 13]) statuses.push((await send(mock, 'POST /payments', pay(amount))).status)
    expect(statuses).toEqual([402, 201, 402])
  })

  it('ends a connection, and waits', async () => {
    const mock = await scripted({ operation: 'pay', steps: [{ drop: true }, { latencyMs: 60, times: 1 }] })
    await expect(send(mock, 'POST /payments', pay(1))).rejects.toThrow()
    const before = performance.now()
    expect((await send(mock, 'POST /payments', pay(1))).status).toBe(201)
    expect(performance.now() - before).toBeGreaterThan(55)
  })

  it('sends a webhook after an answer of its own, after one of the mock, and after none', async () => {
    const hook = await receiver()
    const failed = (reason: string, rest = {}) => ({
      name: 'paymentFailed',
      body: { reason },
      url: hook.url,
      ...rest,
    })
    const mock = await start({
      spec: withWebhooks,
      scenarios: [
        {
          operation: 'pay',
          steps: [
            { status: 402, webhook: failed('NO_FUNDS') },
            { webhook: failed('STOLEN', { event: 'payment.disputed' }) },
            { drop: true, webhook: failed('OTHER'), undocumented: true },
          ],
        },
      ],
    })
    const sentAfter = async (count: number) => (await hook.until(count)).at(-1)?.event
    expect((await send(mock, 'POST /payments', pay(1))).status).toBe(402)
    expect(await sentAfter(1)).toMatchObject({ type: 'payment.failed', reason: 'NO_FUNDS' })
    expect((await send(mock, 'POST /payments', { id: 7, amount: 2 })).status).toBe(201)
    expect(await sentAfter(2)).toMatchObject({
      type: 'payment.disputed',
      reason: 'STOLEN',
      payment: { id: 7, amount: 2 },
    })
    await expect(send(mock, 'POST /payments', pay(3))).rejects.toThrow()
    expect(await sentAfter(3)).toMatchObject({ reason: 'OTHER' })
  })

  it('says in the log when nobody gets its webhook', async () => {
    const lines: string[] = []
    const mock = await start({ spec: withWebhooks, onLog: (line) => lines.push(line) })
    const scenarios = [{ operation: 'pay', steps: [{ webhook: { name: 'paymentFailed' } }] }]
    const put = await send(mock, 'PUT /_mock/scenarios', scenarios, { 'x-admin-key': mock.adminKey })
    expect(put.json).toEqual(scenarios)
    await send(mock, 'POST /payments', pay(1))
    await expect
      .poll(() => lines)
      .toContainEqual(
        expect.stringMatching(/paymentFailed of the scenario pay is not sent: no endpoint gets it/),
      )
  })

  it.each([
    [
      { name: 'paymentFaild' },
      /webhook\.name: .* no webhook or callback paymentFaild; did you mean paymentFailed/,
    ],
    [{ name: 'paymentFailed', event: 'payment.fail' }, /webhook\.event: .*no event "payment.fail"/],
    [
      { name: 'paymentFailed', url: 'https://example.com/' },
      /webhook\.url: .*allow-webhook-host example\.com/,
    ],
    [
      { name: 'paymentFailed', body: { reason: 'BAD' } },
      /steps\[0\]\.webhook\.body: .*\/reason must be one of.*; undocumented: true sends it/,
    ],
    [{}, /scenarios\[0\]\.steps\[0\]\.webhook\.name/],
  ])('whose webhook cannot be sent is refused: %j', async (webhook, message) => {
    const mock = await start({ spec: withWebhooks })
    const scenarios = [{ operation: 'pay', steps: [{ webhook }] }] as unknown as Scenario[]
    await expect(mock.setScenarios(scenarios)).rejects.toThrow(message)
  })

  it.each([
    [
      { operation: 'payy', steps: [] },
      /scenarios\[0\]\.operation: no such operation as payy; did you mean pay/,
    ],
    [
      { operation: 'pay', steps: [{}, { status: 418 }] },
      /steps\[1\]\.status: pay describes no 418, only 201, 402, 503/,
    ],
    [
      { operation: 'pay', steps: [{ status: 402, body: {} }] },
      /steps\[0\]\.body: .*must have the property "code"/,
    ],
    [
      { operation: 'pay', steps: [{ status: 503, body: {} }] },
      /steps\[0\]\.body: pay describes no body for 503/,
    ],
    [{ operation: 'pay', steps: [{ body: {} }] }, /steps\[0\]\.status: must be there/],
    [{ operation: 'pay', steps: [{ statuss: 402 }] }, /statuss.*did you mean status/],
  ])('that the document does not describe is refused: %j', async (scenario, message) => {
    await expect(scripted(scenario as unknown as Scenario)).rejects.toThrow(message)
  })

  it('may say that it means what the document does not describe', async () => {
    const mock = await scripted({
      operation: 'pay',
      steps: [{ status: 418, body: { tea: true }, undocumented: true }],
    })
    expect(await send(mock, 'POST /payments', pay(1))).toMatchObject({ status: 418, json: { tea: true } })
  })

  it('is set and shown below /_mock, and read from a file', async () => {
    const mock = await start({ spec })
    const admin = { 'x-admin-key': mock.adminKey }
    const scenarios = [{ operation: 'pay', steps: [{ status: 503 }] }]
    expect((await send(mock, 'PUT /_mock/scenarios', scenarios, admin)).json).toEqual(scenarios)
    expect((await send(mock, 'POST /payments', pay(1))).status).toBe(503)
    expect((await send(mock, 'GET /_mock/scenarios', undefined, admin)).json).toEqual(scenarios)
    const wrong = await send(
      mock,
      'PUT /_mock/scenarios',
      [{ operation: 'pay', steps: [{ status: 418 }] }],
      admin,
    )
    expect([wrong.status, wrong.json.message]).toEqual([400, expect.stringContaining('describes no 418')])
    await send(mock, 'DELETE /_mock/scenarios', undefined, admin)
    expect((await send(mock, 'POST /payments', pay(1))).status).toBe(201)

    const dir = await folder()
    await writeFile(`${dir}/api.json`, JSON.stringify(spec))
    await writeFile(`${dir}/wrong.yaml`, 'scenarios:\n  - operation: pay\n    steps: [{ status: 418 }]\n')
    const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
    const flags = ['--db', ':memory:', '--port', '0', '--scenario', `${dir}/wrong.yaml`]
    const run = promisify(execFile)(process.execPath, [bin, `${dir}/api.json`, ...flags])
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('pay describes no 418'),
    })
  })
})
