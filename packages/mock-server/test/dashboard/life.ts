// A mock with something going on in it, for pictures and for a look at every page.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MockServer } from '../../src/index.js'
import { ask, JUAN, template, text, webhook } from './sandbox.js'

const ANA = '5491150000001'

/** Requests that succeed and fail, messages of all fates, a webhook, a template. Gives what closes the webhook. */
export async function fill(mock: MockServer): Promise<() => void> {
  const key = { 'x-api-key': mock.keys.test }
  const call = (line: string, body?: unknown, headers = key) => ask(mock, line, body, headers)
  const inbound = (from: string, words: string) =>
    ask(mock, 'POST /_mock/inbound', { from, text: words }, { 'x-admin-key': mock.adminKey })

  let arrivals = 0
  const hook = createServer((request, response) => {
    arrivals += 1
    const status = arrivals % 5 === 4 ? 500 : 204
    request.resume().on('end', () => response.writeHead(status).end())
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => hook.once('listening', resolve))
  const { port } = hook.address() as AddressInfo

  await call('GET /v1/me')
  await call('GET /v1/me', undefined, { 'x-api-key': `${mock.keys.test.slice(0, -1)}-` })
  await call('POST /v1/webhooks', webhook(`http://127.0.0.1:${port}/webhooks/gosend`))
  await call('POST /v1/messages', text('Hi Juan, your bike is ready to be picked up.'))
  await call('POST /v1/messages', text('You will not get this', '12025550110'))
  await call('POST /v1/messages', { to: JUAN, type: 'text', text: {} })
  await call('POST /v1/messages', text('Two for one on Friday', '12025550101'))
  await call('POST /v1/messages', text('Have we met?', ANA))
  await call('POST /v1/wabas/1/templates', template('spring_sale_pending'))
  await mock.advance(240_000)
  await inbound(JUAN, 'Great, thank you! Are you open on Saturday?')
  await inbound(ANA, 'Do you repair electric bikes?')
  await call('POST /v1/messages', text('From 9 to 14. Shall we keep it for you?'))
  const buttons = ['Yes, Saturday', 'Today'].map((title, id) => ({
    type: 'reply',
    reply: { id: `${id}`, title },
  }))
  await call('POST /v1/messages', {
    ...text(''),
    type: 'interactive',
    text: undefined,
    interactive: { type: 'button', body: { text: 'When will you come by?' }, action: { buttons } },
  })
  await mock.advance(30_000)
  await call('GET /v1/messages?per_page=2')
  await call('GET /v1/nowhere')
  return () => {
    hook.close()
    hook.closeAllConnections()
  }
}
