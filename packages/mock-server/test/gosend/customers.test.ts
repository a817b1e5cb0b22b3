import { describe, expect, it } from 'vitest'
import { type Reply, send } from '../harness.js'
import { type Gosend, gosend, text } from './gosend.js'
import { receiver } from './receiver.js'

const REDIRECTS = {
  successRedirectUrl: 'https://shop.acme.com/connected?from=gosend',
  failureRedirectUrl: 'https://shop.acme.com/failed',
}

const admin = (api: Gosend, line: string, body: object, key = api.mock.adminKey) =>
  send(api.mock, line, body, { 'x-admin-key': key })

const addCustomer = (api: Gosend, body: object = { name: 'Harbor Bikes' }, tenantId = '42') =>
  admin(api, `POST /admin/tenants/${tenantId}/customers`, body)

/** A new customer's setup link. */
async function addLink(api: Gosend, body: object = {}) {
  const customer = (await addCustomer(api)).json
  const { json } = await admin(api, `POST /admin/customers/${customer.id}/setup-links`, {
    ...REDIRECTS,
    ...body,
  })
  return { customer, link: json, path: new URL(json.url).pathname }
}

const fill = (api: Gosend, path: string, fields: Record<string, string>, headers = {}): Promise<Reply> =>
  send(api.mock, `POST ${path}`, new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  })

const DETAILS = {
  step: 'details',
  businessName: 'Harbor Bikes Ltd',
  phoneNumber: '+44 20 7946 0123',
  displayName: 'Harbor Bikes',
}

describe('a customer', () => {
  it('is added with the admin key', async () => {
    const api = await gosend()
    const body = { name: 'Harbor Bikes', external_id: 'harbor-bikes', metadata: { tier: 2 } }
    const { status, json } = await addCustomer(api, body)
    expect([status, json]).toEqual([
      201,
      { ...body, id: expect.stringMatching(/^\d+$/), email: null, phone: null, status: 'active' },
    ])
  })

  it.each([undefined, 'wrong', 'live', 'test'] as const)('is not added with the key %s', async (name) => {
    const api = await gosend()
    const key = name === 'live' || name === 'test' ? api.mock.keys[name] : name
    const { status } = await send(
      api.mock,
      'POST /admin/tenants/42/customers',
      { name: 'Harbor Bikes' },
      key === undefined ? {} : { 'x-admin-key': key },
    )
    expect(status).toBe(401)
  })

  it('needs a project that exists, and an external id of its own', async () => {
    const api = await gosend()
    expect((await addCustomer(api, { name: 'Harbor Bikes' }, '4711')).status).toBe(404)
    const body = { name: 'Harbor Bikes', external_id: 'harbor' }
    const statuses = [(await addCustomer(api, body)).status, (await addCustomer(api, body)).status]
    expect(statuses).toEqual([201, 409])
    expect((await addCustomer(api, {})).json).toMatchObject({ statusCode: 400, error: 'Bad Request' })
  })
})

describe('a setup link', () => {
  it('leads to a page of this mock', async () => {
    const api = await gosend()
    const { link } = await addLink(api, { expiresAt: '2026-05-25T23:59:59Z' })
    expect(link).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      url: `${api.mock.url}/signup/${link.id}`,
      status: 'pending',
      expiresAt: '2026-05-25T23:59:59Z',
      ...REDIRECTS,
    })
  })

  it.each([
    [{ successRedirectUrl: 'javascript:alert(1)' }, 400],
    [{ failureRedirectUrl: 'data:text/html,hello' }, 400],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 400],
    [{ expiresAt: 'tomorrow' }, 400],
  ])('is refused with %j', async (change, status) => {
    const api = await gosend()
    const customer = (await addCustomer(api)).json
    const path = `POST /admin/customers/${customer.id}/setup-links`
    expect((await admin(api, path, { ...REDIRECTS, ...change })).status).toBe(status)
    expect((await admin(api, 'POST /admin/customers/4711/setup-links', REDIRECTS)).status).toBe(404)
  })

  it('ends in an account with its numbers, and tells of each', async () => {
    const api = await gosend()
    const server = await receiver()
    const events = ['whatsapp.phone_number.created']
    await api.live('POST /webhooks', { url: server.url, events, type: 'gosendapi_events' })
    const { customer, path } = await addLink(api)

    const first = await send(api.mock, `GET ${path}`)
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const second = await fill(api, path, { ...DETAILS, furtherNumber: '+44 20 7946 0999' })
    expect([second.status, second.text]).toEqual([200, expect.stringContaining('123456')])
    const wabas = async () => (await api.live(`GET /wabas?customer_id=${customer.id}`)).json
    expect(await wabas()).toMatchObject([{ status: 'pending', display_name: 'Harbor Bikes Ltd' }])
    expect(server.received).toEqual([])

    const third = await fill(api, path, { step: 'pin', pin: '123 456' })
    expect([third.status, third.headers.get('location')]).toEqual([
      303,
      'https://shop.acme.com/connected?from=gosend&status=success',
    ])
    const [waba] = await wabas()
    expect(waba).toMatchObject({ status: 'active', customer_id: customer.id })
    const numbers = (await api.live(`GET /wabas/${waba.id}/phone-numbers`)).json
    expect(numbers).toMatchObject([
      { display_phone_number: '+44 20 7946 0999', display_phone_number_normalized: '442079460999' },
      { display_phone_number: '+44 20 7946 0123', display_name: 'Harbor Bikes', status: 'active' },
    ])
    await server.until(2)
    expect(server.received.map(({ event }) => event.data.phone_number)).toEqual([...numbers].reverse())
  })

  it('gives numbers that can send', async () => {
    const api = await gosend()
    const { path } = await addLink(api)
    await fill(api, path, DETAILS)
    await fill(api, path, { step: 'pin', pin: '123456' })
    const [waba] = (await api.live('GET /wabas')).json
    const [{ phone_number_id }] = (await api.live(`GET /wabas/${waba.id}/phone-numbers`)).json
    const from = '447700900123'
    await api.control('POST /inbound', { from, text: 'Hello', phone_number_id })
    const { status, json } = await api.live('POST /messages', { ...text(from), phone_number_id })
    expect([status, json.from, json.customer_id]).toEqual([201, '442079460123', waba.customer_id])
  })

  it('is good for one sign-up', async () => {
    const api = await gosend()
    const { path } = await addLink(api)
    await fill(api, path, DETAILS)
    await fill(api, path, { step: 'pin', pin: '123456' })
    const again = await fill(api, path, DETAILS)
    expect([again.status, again.text]).toEqual([410, expect.stringContaining('has been used')])
    expect((await send(api.mock, `GET ${path}`)).status).toBe(410)
    expect((await api.live('GET /wabas')).json).toHaveLength(2)
  })

  it('expires', async () => {
    const api = await gosend()
    const { path } = await addLink(api, { expiresAt: '2026-05-18T15:00:00Z' })
    await fill(api, path, DETAILS)
    await api.pass('1h')
    const late = await fill(api, path, { step: 'pin', pin: '123456' })
    expect([late.status, late.text]).toEqual([410, expect.stringContaining('has expired')])
    expect(late.text).toContain('https://shop.acme.com/failed?status=expired')
    expect((await api.live('GET /wabas')).json).toHaveLength(1)
  })

  it.each([
    ['cancelled', [{ step: 'cancel' }]],
    ['cancelled in the middle', [DETAILS, { step: 'cancel' }]],
    ['confirmed with three wrong codes', [DETAILS, ...Array(3).fill({ step: 'pin', pin: '000000' })]],
  ])('that is %s leads to the address for failures', async (_, steps) => {
    const api = await gosend()
    const { path } = await addLink(api)
    let reply: Reply | undefined
    for (const step of steps) reply = await fill(api, path, step)
    expect([reply?.status, reply?.headers.get('location')]).toEqual([
      303,
      'https://shop.acme.com/failed?status=failed',
    ])
    expect((await api.live('GET /wabas')).json).toHaveLength(1)
    expect((await fill(api, path, DETAILS)).status).toBe(410)
  })

  it.each([
    [{ businessName: ' ' }, 'name of the business'],
    [{ displayName: '' }, 'that people will see'],
    [{ phoneNumber: '12' }, 'no phone number'],
    [{ phoneNumber: 'call me' }, 'no phone number'],
    [{ phoneNumber: '+54 11 5555 1234' }, 'connected already'],
    [{ furtherNumber: '0044 20 7946 0123' }, 'no phone number'],
    [{ furtherNumber: DETAILS.phoneNumber }, 'connected already'],
  ])('asks again when it reads %j', async (change, words) => {
    const api = await gosend()
    const { path } = await addLink(api)
    const { status, text: page } = await fill(api, path, { ...DETAILS, ...change })
    expect(status).toBe(422)
    expect(page).toMatch(new RegExp(`role="alert">[^<]*${words}`))
  })

  it('can be completed without its page', async () => {
    const api = await gosend()
    const { link, customer } = await addLink(api)
    const line = `POST /setup-links/${link.id}/complete`
    expect((await api.control(line, { phoneNumbers: [] })).status).toBe(400)
    const { status, json } = await api.control(line, { phoneNumbers: ['+44 20 7946 0123'] })
    expect([status, json.status]).toEqual([200, 'completed'])
    expect((await api.live('GET /wabas')).json).toMatchObject([
      { customer_id: customer.id, display_name: 'Harbor Bikes', status: 'active' },
      {},
    ])
    expect((await api.control(line, { phoneNumbers: ['+44 20 7946 0124'] })).status).toBe(409)
  })
})

describe('the sign-up page', () => {
  it('runs no script, loads nothing, and cannot be framed', async () => {
    const api = await gosend()
    const { path } = await addLink(api)
    const { headers, text: page } = await send(api.mock, `GET ${path}`)
    const policy = headers.get('content-security-policy')
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' https:\/\/shop\.acme\.com;/,
    )
    expect(policy).toContain("frame-ancestors 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect(page).not.toMatch(/<script|\bsrc=|@import|url\(|https?:/)
  })

  it('shows what was typed as text', async () => {
    const api = await gosend()
    const { path } = await addLink(api)
    const businessName = `"><script>alert(1)</script>'&`
    const { text: page } = await fill(api, path, { ...DETAILS, businessName, phoneNumber: '<b>' })
    expect(page).not.toMatch(/<script|<b>/)
    expect(page).toContain('&quot;&gt;&lt;script&gt;')
  })

  it('takes nothing from another website', async () => {
    const api = await gosend()
    const { path } = await addLink(api)
    const { status } = await fill(api, path, { step: 'cancel' }, { origin: 'https://evil.example' })
    expect(status).toBe(403)
    expect((await send(api.mock, `GET ${path}`)).status).toBe(200)
  })

  it('is only where a link leads', async () => {
    const api = await gosend()
    for (const path of ['/signup', '/signup/', '/signup/x', '/signup/00000000-0000-4000-8000-000000000000'])
      expect([path, (await send(api.mock, `GET ${path}`)).status]).toEqual([path, 404])
    const { path } = await addLink(api)
    expect((await send(api.mock, `DELETE ${path}`)).status).toBe(405)
  })
})

describe('what another project has', () => {
  it('is refused, and what nobody has is not found', async () => {
    const api = await gosend()
    const { json: project } = await admin(api, 'POST /admin/projects', { name: 'Harbor' })
    const other = (await addCustomer(api, { name: 'Harbor Bikes' }, project.id)).json
    const link = (await admin(api, `POST /admin/customers/${other.id}/setup-links`, REDIRECTS)).json
    await api.control(`POST /setup-links/${link.id}/complete`, { phoneNumbers: ['+44 20 7946 0123'] })
    const foreign = `?project=${project.id}&environment=production`
    const [number] = (await api.control(`GET /phone-numbers${foreign}`)).json
    const code = async (path: string) => {
      const { status, json } = await api.live(`GET ${path}`)
      return [status, json.code]
    }
    expect(await code(`/wabas/${number.waba_id}`)).toEqual([403, 'WABA_NOT_IN_TENANT'])
    expect(await code('/wabas/99/phone-numbers')).toEqual([403, 'WABA_NOT_IN_TENANT'])
    expect(await code('/wabas/4711')).toEqual([404, undefined])
    const sent = await api.live('POST /messages', {
      ...text('447700900123'),
      phone_number_id: number.phone_number_id,
    })
    expect([sent.status, sent.json.code]).toEqual([403, 'PHONE_NUMBER_NOT_IN_TENANT'])
    const hook = { url: 'http://127.0.0.1:9/', events: ['whatsapp.message.read'], type: 'gosendapi_events' }
    const hooked = await api.live('POST /webhooks', { ...hook, phone_number_id: number.id })
    expect([hooked.status, hooked.json.code]).toEqual([403, 'PHONE_NUMBER_NOT_IN_TENANT'])
  })
})
