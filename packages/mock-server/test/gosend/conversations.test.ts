import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Gosend, gosend, greeting, JUAN, NUMBER, STRANGER, TEST_NUMBER, text } from './gosend.js'

/** A person writes to the project's own number. */
const writes = (api: Gosend, from: string) =>
  api.control('POST /inbound?environment=production', { from, text: 'Hello', phone_number_id: NUMBER })

const statusOf = async (api: Gosend, to: string) => (await api.live('POST /messages', text(to))).status

describe('the 24-hour window', () => {
  it('is closed to a customer who has not written', async () => {
    const api = await gosend()
    const { status, json } = await api.live('POST /messages', text(STRANGER))
    expect([status, json.code]).toEqual([403, 'OUTSIDE_24H_WINDOW'])
    expect((await api.live('GET /conversations')).json).toEqual([])
  })

  it('is open for 24 hours after a person has written', async () => {
    const api = await gosend()
    await writes(api, STRANGER)
    await api.pass('23h')
    expect(await statusOf(api, STRANGER)).toBe(201)
    await api.pass('59m')
    expect(await statusOf(api, STRANGER)).toBe(201)
    await api.pass('1m')
    expect(await statusOf(api, STRANGER)).toBe(403)
  })

  it('begins anew when the person writes again', async () => {
    const api = await gosend()
    await writes(api, STRANGER)
    await api.pass('20h')
    await writes(api, STRANGER)
    await api.pass('20h')
    expect(await statusOf(api, STRANGER)).toBe(201)
    expect((await api.live('GET /conversations')).json).toHaveLength(1)
  })

  it('is not kept open by what the business writes', async () => {
    const api = await gosend()
    await writes(api, STRANGER)
    await api.pass('23h')
    expect(await statusOf(api, STRANGER)).toBe(201)
    await api.pass('2h')
    expect(await statusOf(api, STRANGER)).toBe(403)
  })

  it('is opened by a template', async () => {
    const api = await gosend()
    expect((await api.live('POST /messages', greeting(STRANGER))).status).toBe(201)
    expect(await statusOf(api, STRANGER)).toBe(201)
    await api.pass('25h')
    expect(await statusOf(api, STRANGER)).toBe(403)
    expect((await api.live('POST /messages', greeting(STRANGER))).status).toBe(201)
    expect((await api.live('GET /conversations')).json).toHaveLength(2)
  })

  it('of the person of the document’s examples is open to begin with, once', async () => {
    const api = await gosend()
    expect(await statusOf(api, JUAN)).toBe(201)
    await api.pass('25h')
    expect(await statusOf(api, JUAN)).toBe(403)
  })

  it('belongs to one number and one environment', async () => {
    const api = await gosend()
    await writes(api, STRANGER)
    expect((await api.test('POST /messages', text(STRANGER))).status).toBe(403)
    await api.control('POST /inbound', { from: STRANGER, text: 'Hello', phone_number_id: TEST_NUMBER })
    expect((await api.test('POST /messages', text(STRANGER))).status).toBe(201)
  })
})

describe('a conversation', () => {
  it('says who began it, and what Meta charges for', async () => {
    const api = await gosend()
    await writes(api, JUAN)
    await api.live('POST /messages', greeting(STRANGER))
    const { json } = await api.live('GET /conversations')
    expect(json).toEqual([
      {
        id: '2',
        tenant_id: '42',
        customer_id: '7',
        phone_number_id: NUMBER,
        contact_wa_id: STRANGER,
        category: 'utility',
        initiated_by: 'business',
        status: 'active',
        opened_at: '2026-05-18T14:00:00Z',
        last_activity_at: '2026-05-18T14:00:00Z',
        expires_at: '2026-05-19T14:00:00Z',
        closed_at: null,
      },
      expect.objectContaining({ id: '1', contact_wa_id: JUAN, category: 'service', initiated_by: 'user' }),
    ])
    expect((await api.live('GET /conversations/2')).json).toEqual(json[0])
    expect((await api.live('GET /conversations/3')).status).toBe(404)
  })

  it('falls silent after 30 minutes, wakes up when somebody writes, and ends after 24 hours', async () => {
    const api = await gosend()
    const seen = async () => (await api.live('GET /conversations/1')).json.status
    await writes(api, STRANGER)
    await api.pass('20m')
    await statusOf(api, STRANGER)
    await api.pass('29m')
    expect(await seen()).toBe('active')
    await api.pass('1m')
    expect(await seen()).toBe('inactive')
    await writes(api, STRANGER)
    expect(await seen()).toBe('active')
    await api.pass('30m')
    expect(await seen()).toBe('inactive')
    await api.pass('23h')
    expect(await seen()).toBe('inactive')
    await api.pass('30m')
    expect((await api.live('GET /conversations/1')).json).toMatchObject({
      status: 'ended',
      last_activity_at: '2026-05-18T14:50:00Z',
      expires_at: '2026-05-19T14:50:00Z',
      closed_at: '2026-05-19T14:50:00Z',
    })
  })

  it('can be closed once: after that only a template goes, until the person writes', async () => {
    const api = await gosend()
    await writes(api, STRANGER)
    await api.pass('1h')
    const closed = await api.live('POST /conversations/1/close')
    expect(closed.json).toMatchObject({ status: 'ended', closed_at: '2026-05-18T15:00:00Z' })
    expect((await api.live('POST /conversations/1/close')).status).toBe(409)
    expect((await api.live('POST /conversations/9/close')).status).toBe(404)
    expect(await statusOf(api, STRANGER)).toBe(403)
    await writes(api, STRANGER)
    expect(await statusOf(api, STRANGER)).toBe(201)
    expect((await api.live('GET /messages?conversation_id=2')).json).toHaveLength(2)
  })

  it('and its messages go through all their changes when a day passes at once', async () => {
    const api = await gosend()
    await writes(api, STRANGER)
    await api.live('POST /messages', text(STRANGER))
    await api.pass('25h')
    const { json: message } = await api.live('GET /messages?direction=outbound')
    expect(message[0]).toMatchObject({ status: 'read', read_at: '2026-05-18T14:00:02Z' })
    expect((await api.live('GET /conversations/1')).json).toMatchObject({
      status: 'ended',
      closed_at: '2026-05-19T14:00:00Z',
    })
  })
})

describe('lists of conversations', () => {
  it.each([
    ['', ['3', '2', '1']],
    ['?status=ended', ['1']],
    ['?status=active', ['3', '2']],
    [`?phone_number_id=${NUMBER}`, ['3', '2', '1']],
    [`?phone_number_id=${TEST_NUMBER}`, []],
    ['?customer_id=7&status=active', ['3', '2']],
    ['?customer_id=1', []],
  ])('GET /conversations%s has those conversations, the newest first', async (query, ids) => {
    const api = await gosend()
    for (const person of [JUAN, STRANGER, '5491150000002']) await writes(api, person)
    await api.live('POST /conversations/1/close')
    const { json, headers } = await api.live(`GET /conversations${query}`)
    expect(json.map(({ id }: { id: string }) => id)).toEqual(ids)
    expect(headers.get('x-total-count')).toBe(String(ids.length))
  })
})

describe('the window, by a model of it', () => {
  const people = [STRANGER, '5491150000002'] as const
  const step = fc.record({
    what: fc.constantFrom('hears' as const, 'writes' as const, 'greets' as const, 'closes' as const),
    who: fc.constantFrom(0 as const, 1 as const),
    afterMinutes: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 26 * 60 })),
  })

  it('is open exactly for the 24 hours after a person’s message or a template, until it is closed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const api = await gosend()
        const windows = people.map((person) => new Window(api, person))
        let now = 0
        for (const { what, who, afterMinutes } of steps) {
          if (afterMinutes > 0) await api.pass(`${afterMinutes}m`)
          now += afterMinutes * MINUTE
          await windows[who]?.[what](now)
        }
        const { json } = await api.live('GET /conversations?per_page=100')
        const open = json.filter(({ status }: { status: string }) => status !== 'ended')
        expect(open.map((one: { contact_wa_id: string }) => one.contact_wa_id).sort()).toEqual(
          people.filter((_, who) => windows[who]?.isOpen(now)),
        )
      }),
      { numRuns: 15 },
    )
  })
})

const MINUTE = 60_000

/** What one person's window should be. */
class Window {
  #until = 0
  #latest: string | undefined

  constructor(
    readonly api: Awaited<ReturnType<typeof gosend>>,
    readonly person: string,
  ) {}

  isOpen(now: number): boolean {
    return now < this.#until
  }

  async hears(now: number): Promise<void> {
    await writes(this.api, this.person)
    await this.#opened(now)
  }

  async greets(now: number): Promise<void> {
    expect((await this.api.live('POST /messages', greeting(this.person))).status).toBe(201)
    await this.#opened(now)
  }

  async writes(now: number): Promise<void> {
    const { status } = await this.api.live('POST /messages', text(this.person))
    expect(status).toBe(this.isOpen(now) ? 201 : 403)
  }

  async closes(now: number): Promise<void> {
    if (this.#latest === undefined) return
    const { status } = await this.api.live(`POST /conversations/${this.#latest}/close`)
    expect(status).toBe(this.isOpen(now) ? 200 : 409)
    this.#until = 0
  }

  async #opened(now: number): Promise<void> {
    this.#until = now + 24 * 60 * MINUTE
    const { json } = await this.api.live('GET /conversations')
    this.#latest = json.find((one: { contact_wa_id: string }) => one.contact_wa_id === this.person)?.id
  }
}
