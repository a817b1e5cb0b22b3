import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder, stop } from '../harness.js'
import {
  type Gosend,
  gosend,
  greeting,
  JUAN,
  NUMBER,
  STRANGER,
  TEST_NUMBER,
  template,
  text,
} from './gosend.js'

const contract = createRequire(import.meta.url)('@gosend/openapi/gosend.json')
const examples: Record<string, { value: object }> =
  contract.paths['/messages'].post.requestBody.content['application/json'].examples

/** What the errors of these tests are about. */
const refusal = ({ status, json }: Awaited<ReturnType<Gosend['live']>>) => [
  status,
  json.code,
  json.details?.field,
]

/** The states that a message has gone through by now. */
async function courseOf(api: Gosend, id: string) {
  const { json } = await api.live(`GET /messages/${id}`)
  const steps = ['sent', 'delivered', 'read', 'failed'].filter((step) => json[`${step}_at`] !== null)
  return { status: json.status, steps, error: json.error?.code }
}

describe('sending a message', () => {
  it('queues it, and says that nobody will get it', async () => {
    const api = await gosend()
    const { status, json } = await api.live('POST /messages', text(JUAN))
    expect(status).toBe(201)
    expect(json).toEqual({
      id: '1',
      wamid: expect.stringMatching(/^wamid\.HBgN[A-Za-z0-9]+={0,2}$/),
      direction: 'outbound',
      phone_number_id: NUMBER,
      from: '5491155551234',
      to: JUAN,
      type: 'text',
      text: { body: 'Your bike is ready to be picked up.' },
      status: 'queued',
      error: null,
      conversation_id: '1',
      customer_id: '7',
      environment: 'production',
      simulated: true,
      created_at: '2026-05-18T14:00:00Z',
      sent_at: null,
      delivered_at: null,
      read_at: null,
      failed_at: null,
    })
  })

  it('takes it from queued to sent, delivered and read', async () => {
    const api = await gosend()
    const { json } = await api.live('POST /messages', text(JUAN))
    const seen = []
    for (const step of ['100ms', '400ms', '1500ms']) {
      await api.pass(step)
      seen.push((await api.live(`GET /messages/${json.id}`)).json.status)
    }
    expect(seen).toEqual(['sent', 'delivered', 'read'])
    expect((await api.live(`GET /messages/${json.id}`)).json).toMatchObject({
      sent_at: '2026-05-18T14:00:00.100Z',
      delivered_at: '2026-05-18T14:00:00.500Z',
      read_at: '2026-05-18T14:00:02Z',
    })
  })

  it('goes on after a restart', async () => {
    const db = join(await folder(), 'mock.db')
    const byRealTime = async () => {
      const api = await gosend({ db })
      await api.control('POST /clock', { reset: true })
      return api
    }
    const first = await byRealTime()
    const key = { 'idempotency-key': 'order-1' }
    const { json } = await first.live('POST /messages', text(JUAN), key)
    await stop(first.mock)
    const second = await byRealTime()
    await expect.poll(async () => (await courseOf(second, json.id)).status, { timeout: 20_000 }).toBe('read')
    expect((await second.live('POST /messages', text(JUAN), key)).json).toEqual(json)
  })

  it('goes its way by itself, too', async () => {
    const api = await gosend()
    await api.control('POST /clock', { reset: true })
    const { json } = await api.live('POST /messages', text(JUAN))
    await expect.poll(async () => (await courseOf(api, json.id)).status, { timeout: 20_000 }).toBe('read')
  })

  it.each(Object.keys(examples).filter((name) => !['template', 'video', 'audio', 'sticker'].includes(name)))(
    'takes the document’s example of %s with either key',
    async (name) => {
      const api = await gosend()
      const example = examples[name]?.value
      expect((await api.live('POST /messages', example)).json).toMatchObject({
        status: 'queued',
        from: '5491155551234',
      })
      expect((await api.test('POST /messages', example)).json).toMatchObject({
        status: 'queued',
        phone_number_id: TEST_NUMBER,
        from: '15550100001',
        environment: 'sandbox',
        simulated: true,
      })
    },
  )

  it('finds a message by its id and by its wamid', async () => {
    const api = await gosend()
    const { json } = await api.live('POST /messages', text(JUAN))
    expect((await api.live(`GET /messages/${json.wamid}`)).json).toEqual(json)
    expect((await api.live('GET /messages/99')).status).toBe(404)
    expect((await api.live('GET /messages/wamid.HBgN')).status).toBe(404)
  })

  it.each([
    ['a number with a plus sign', { to: '+5491140123456' }, 'INVALID_PHONE_NUMBER', 'to'],
    ['a number with blanks', { to: '549 11 4012 3456' }, 'INVALID_PHONE_NUMBER', 'to'],
    ['no recipient', { to: undefined }, 'MISSING_REQUIRED_FIELD', 'to'],
    ['no text', { text: {} }, 'MISSING_REQUIRED_FIELD', 'text.body'],
    ['no content', { text: undefined }, 'MISSING_REQUIRED_FIELD', 'text'],
    ['a type that can only be received', { type: 'reaction' }, 'INVALID_MESSAGE_TYPE', 'type'],
    ['no type', { type: undefined }, 'MISSING_REQUIRED_FIELD', 'type'],
    [
      'a phone number for an id',
      { phone_number_id: '+5491155551234' },
      'INVALID_PHONE_NUMBER_ID',
      'phone_number_id',
    ],
    ['an unknown id', { phone_number_id: '555000009999' }, 'INVALID_PHONE_NUMBER_ID', 'phone_number_id'],
  ])('refuses %s with a code and the member at fault', async (_, change, code, field) => {
    const api = await gosend()
    expect(refusal(await api.live('POST /messages', { ...text(JUAN), ...change }))).toEqual([
      400,
      code,
      field,
    ])
  })

  it('refuses a number of another project', async () => {
    const api = await gosend()
    const other = await api.live('POST /messages', { ...text(JUAN), phone_number_id: '555987654321' })
    expect(refusal(other)).toEqual([403, 'PHONE_NUMBER_NOT_IN_TENANT', 'phone_number_id'])
  })

  it('refuses a question whose answers could not be told apart', async () => {
    const api = await gosend()
    const reply = { type: 'reply', reply: { id: 'yes', title: 'Yes' } }
    const interactive = { type: 'button', body: { text: 'Well?' }, action: { buttons: [reply, reply] } }
    const { status, json } = await api.live('POST /messages', {
      ...text(JUAN),
      text: undefined,
      type: 'interactive',
      interactive,
    })
    expect([status, json.details]).toEqual([422, { field: 'interactive.action.buttons' }])
  })

  it('cannot fetch a file from a host that does not exist', async () => {
    const api = await gosend()
    const image = { link: 'https://files.invalid/a.jpg' }
    const reply = await api.live('POST /messages', { ...text(JUAN), text: undefined, type: 'image', image })
    expect(refusal(reply)).toEqual([422, 'MEDIA_DOWNLOAD_FAILED', 'image.link'])
  })
})

describe('recipients with a fixed course', () => {
  it.each([
    ['12025550100', 'read', ['sent', 'delivered', 'read'], undefined],
    ['12025550101', 'delivered', ['sent', 'delivered'], undefined],
    ['12025550102', 'sent', ['sent'], undefined],
    ['12025550104', 'read', ['sent', 'read'], undefined],
    ['12025550106', 'queued', [], undefined],
    ['12025550110', 'failed', ['sent', 'failed'], 131026],
    ['12025550111', 'failed', ['sent', 'failed'], 131047],
    ['12025550112', 'failed', ['sent', 'failed'], 131049],
    ['12025550113', 'failed', ['sent', 'failed'], 131053],
    ['12025550114', 'failed', ['sent', 'failed'], 131056],
    ['12025550115', 'failed', ['sent', 'failed'], 130429],
    ['12025550116', 'failed', ['sent', 'failed'], 131042],
    ['12025550117', 'failed', ['sent', 'failed'], 131000],
  ])('%s ends as %s', async (to, status, steps, error) => {
    const api = await gosend()
    const { json } = await api.live('POST /messages', text(to))
    await api.pass('1m')
    expect(await courseOf(api, json.id)).toEqual({ status, steps, error })
  })

  it('12025550105 is always outside the window', async () => {
    const api = await gosend()
    expect((await api.live('POST /messages', greeting('12025550105'))).status).toBe(201)
    const reply = await api.live('POST /messages', text('12025550105'))
    expect(refusal(reply)).toEqual([403, 'OUTSIDE_24H_WINDOW', undefined])
  })

  it('12025550103 presses the first button, chooses the first row, and thanks for everything else', async () => {
    const api = await gosend()
    const to = '12025550103'
    await api.live('POST /wabas/12/templates/sync')
    const asked = [
      { ...examples.buttons?.value, context: undefined, to },
      { ...examples.list?.value, to },
      template(to, 'feedback_request', 'en_US', [
        {
          type: 'button',
          sub_type: 'quick_reply',
          index: '0',
          parameters: [{ type: 'payload', payload: 'liked' }],
        },
      ]),
      text(to),
    ]
    const wamids = []
    for (const message of asked) {
      const { json } = await api.live('POST /messages', message)
      wamids.push(json.wamid)
      await api.pass('10s')
    }
    const { json } = await api.live('GET /messages?direction=inbound')
    expect(json.reverse()).toMatchObject([
      { interactive: { type: 'button_reply', button_reply: { id: 'keep-yes', title: 'Yes, please' } } },
      { interactive: { type: 'list_reply', list_reply: { id: 'mon-am', title: 'Morning' } } },
      { type: 'button', button: { text: 'Very much', payload: 'liked' } },
      { type: 'text', text: { body: 'Thank you!' } },
    ])
    expect(json.map((message: { context: { message_id: string } }) => message.context.message_id)).toEqual(
      wamids,
    )
    expect(json[0]).toMatchObject({ from: to, to: '5491155551234', status: 'received', simulated: true })
  })

  it('12025550120 cannot be reached at WhatsApp: 502, and nothing was sent', async () => {
    const api = await gosend()
    const { status, json } = await api.live('POST /messages', text('12025550120'))
    expect([status, json.code]).toEqual([502, 'META_UPSTREAM_ERROR'])
    expect((await api.live('GET /messages')).json).toEqual([])
  })

  it('12025550121 loses the answer, not the message: 504, and the repeated request finds it', async () => {
    const api = await gosend()
    const key = { 'idempotency-key': 'order-1' }
    expect((await api.live('POST /messages', text('12025550121'), key)).status).toBe(504)
    const again = await api.live('POST /messages', text('12025550121'), key)
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true'])
    expect((await api.live('GET /messages')).json).toHaveLength(1)
  })
})

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-1234-shipped' }

  it('answers a repeated request with the first answer, and sends nothing', async () => {
    const api = await gosend()
    const first = await api.live('POST /messages', text(JUAN), key)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    await api.pass('23h')
    const again = await api.live('POST /messages', text(JUAN), key)
    expect([again.status, again.json]).toEqual([201, first.json])
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect((await api.live('GET /messages')).headers.get('x-total-count')).toBe('1')
  })

  it('does not mind the order of the members', async () => {
    const api = await gosend()
    await api.live('POST /messages', text(JUAN), key)
    const { to, ...rest } = text(JUAN)
    expect((await api.live('POST /messages', { to, ...rest }, key)).status).toBe(201)
  })

  it('refuses another body', async () => {
    const api = await gosend()
    await api.live('POST /messages', text(JUAN), key)
    const other = await api.live('POST /messages', text(JUAN, 'Something else'), key)
    expect(refusal(other)).toEqual([409, 'IDEMPOTENCY_KEY_CONFLICT', undefined])
  })

  it('is forgotten after 24 hours', async () => {
    const api = await gosend()
    await api.live('POST /messages', text('12025550100'), key)
    await api.pass('24h')
    const later = await api.live('POST /messages', text('12025550100', 'Something else'), key)
    expect([later.status, later.headers.get('idempotent-replayed')]).toEqual([201, null])
  })

  it('is not used up by a request that was refused', async () => {
    const api = await gosend()
    expect((await api.live('POST /messages', text(STRANGER), key)).status).toBe(403)
    expect((await api.live('POST /messages', greeting(STRANGER), key)).status).toBe(201)
  })

  it('belongs to one environment', async () => {
    const api = await gosend()
    await api.live('POST /messages', text(JUAN), key)
    expect((await api.test('POST /messages', text(JUAN, 'Something else'), key)).status).toBe(201)
  })

  it('lets one of many that come at once through', async () => {
    const api = await gosend()
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => api.live('POST /messages', text(JUAN), key)),
    )
    expect(new Set(replies.map(({ json }) => json.id)).size).toBe(1)
    expect((await api.live('GET /messages')).json).toHaveLength(1)
  })

  it('is in use while the first request is being carried out', async () => {
    const api = await gosend()
    const image = {
      ...text(JUAN),
      text: undefined,
      type: 'image',
      image: { link: 'https://slow.test/bike.jpg' },
    }
    const first = api.live('POST /messages', image, key)
    await expect
      .poll(async () => {
        const second = await api.live('POST /messages', image, key)
        return [second.status, second.json.code, second.headers.get('retry-after')]
      })
      .toEqual([409, 'IDEMPOTENCY_KEY_IN_USE', '1'])
    expect((await first).status).toBe(201)
    expect((await api.live('POST /messages', image, key)).headers.get('idempotent-replayed')).toBe('true')
  })
})

describe('lists of messages', () => {
  async function filled() {
    const api = await gosend()
    for (const to of [JUAN, '12025550100', '12025550110']) {
      await api.live('POST /messages', text(to))
      await api.pass('1m')
    }
    await api.live('POST /messages', greeting('12025550103'))
    await api.pass('1m')
    return api
  }

  it.each([
    ['', ['5', '4', '3', '2', '1']],
    ['?status=failed', ['3']],
    ['?status=received', ['5']],
    ['?direction=inbound', ['5']],
    ['?direction=outbound&type=text', ['3', '2', '1']],
    ['?type=template', ['4']],
    [`?to=${JUAN}`, ['1']],
    ['?conversation_id=2', ['2']],
    [`?phone_number_id=${NUMBER}&status=read`, ['4', '2', '1']],
    [`?phone_number_id=${TEST_NUMBER}`, []],
    ['?created_after=2026-05-18T14:01:00Z', ['5', '4', '3']],
    ['?created_before=2026-05-18T14:01:00Z', ['1']],
    ['?created_after=2026-05-18T14:00:00Z&created_before=2026-05-18T14:03:00Z&status=failed', ['3']],
  ])('GET /messages%s has those messages, the newest first', async (query, ids) => {
    const api = await filled()
    const { json, headers } = await api.live(`GET /messages${query}`)
    expect(json.map(({ id }: { id: string }) => id)).toEqual(ids)
    expect(headers.get('x-total-count')).toBe(String(ids.length))
  })

  it('are not narrowed down by what is no phone number', async () => {
    const api = await gosend()
    const { status, json } = await api.live('GET /messages?to=%2B5491140123456')
    expect([status, json.code, json.details]).toEqual([
      400,
      'INVALID_E164',
      { field: 'to', value: '+5491140123456' },
    ])
  })

  it('come in pages', async () => {
    const api = await filled()
    const { json, headers } = await api.live('GET /messages?page=2&per_page=2')
    expect(json.map(({ id }: { id: string }) => id)).toEqual(['3', '2'])
    const names = ['x-total-count', 'x-page', 'x-per-page']
    expect(names.map((name) => headers.get(name))).toEqual(['5', '2', '2'])
    expect((await api.live('GET /messages?per_page=101')).status).toBe(400)
  })

  it('of the other environment are empty', async () => {
    const api = await filled()
    expect((await api.test('GET /messages')).json).toEqual([])
    expect((await api.test('GET /messages/1')).status).toBe(404)
  })
})
