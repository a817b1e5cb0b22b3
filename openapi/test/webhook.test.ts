import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { verifyWebhook, type WebhookEvent } from '../src/index.js'
import { contract } from './contract.js'

const secret = 'whsec_3f9a1c7be2d84056'
const event = {
  id: 'evt_1',
  event: 'whatsapp.account.alert',
  created_at: '2026-05-18T06:00:00Z',
  project_id: '42',
  phone_number_id: null,
  data: { alert: { severity: 'info', title: 'Hello', message: 'All is well.', waba_id: null } },
}
const body = JSON.stringify(event)

const sign = (rawBody: string | Uint8Array, key = secret) =>
  `sha256=${createHmac('sha256', key).update(rawBody).digest('hex')}`

const envelopes = fc
  .record({ id: fc.string(), event: fc.string(), data: fc.dictionary(fc.string(), fc.jsonValue()) })
  .map((envelope) => JSON.stringify(envelope))

describe('a signed event', () => {
  test('is verified and read', () => {
    expect(verifyWebhook(body, sign(body), secret)).toEqual({ ok: true, event })
  })

  test.each(
    Object.values(contract.webhooks).map(({ post }) => post.requestBody.content['application/json'].example),
  )('can be any documented one: $event', (example) => {
    const rawBody = Buffer.from(JSON.stringify(example))

    expect(verifyWebhook(rawBody, sign(rawBody), secret)).toEqual({ ok: true, event: example })
  })

  test('is the same as text and as bytes, whatever it says', () => {
    fc.assert(
      fc.property(envelopes, (rawBody) => {
        const verification = verifyWebhook(rawBody, sign(rawBody), secret)

        expect(verification).toEqual({ ok: true, event: JSON.parse(rawBody) })
        expect(verifyWebhook(new TextEncoder().encode(rawBody), sign(rawBody), secret)).toEqual(verification)
      }),
    )
  })

  test('may bear a name that is not known yet', () => {
    const rawBody = JSON.stringify({ ...event, event: 'whatsapp.channel.created' })

    expect(verifyWebhook(rawBody, sign(rawBody), secret).ok).toBe(true)
  })

  test('may be signed in capital letters, or come with the header in a list', () => {
    const [, digits = ''] = sign(body).split('=')

    expect(verifyWebhook(body, `sha256=${digits.toUpperCase()}`, secret).ok).toBe(true)
    expect(verifyWebhook(body, [sign(body)], secret).ok).toBe(true)
  })

  test('tells by its name what it holds', () => {
    const verification = verifyWebhook(body, sign(body), secret)
    if (!verification.ok) throw new Error(verification.reason)
    const { event } = verification

    expectTypeOf(event).toEqualTypeOf<WebhookEvent>()
    if (event.event === 'whatsapp.message.received')
      expectTypeOf(event.data.contact.wa_id).toEqualTypeOf<string>()
    if (event.event === 'whatsapp.account.alert') expect(event.data.alert.title).toBe('Hello')
  })
})

describe('a signature', () => {
  // Signed with `printf %s BODY | openssl dgst -sha256 -hmac SECRET`, and test case 2 of RFC 4231.
  test.each([
    [
      '{"id":"evt_1","event":"a","data":{}}',
      'whsec_a1b2c3',
      'e9fe29583b2fd3a2b739b5ca07a18d1d28fabe11b23c4395328e364d87bb0b94',
      'verified',
    ],
    [
      'what do ya want for nothing?',
      'Jefe',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      'malformed_body',
    ],
  ])('of %j under %j is the one that everybody computes', (rawBody, key, digits, outcome) => {
    const verification = verifyWebhook(rawBody, `sha256=${digits}`, key)

    expect(verification.ok ? 'verified' : verification.reason).toBe(outcome)
  })

  test.each([undefined, null, ''])('that is missing is refused: %j', (header) => {
    expect(verifyWebhook(body, header, secret)).toEqual({ ok: false, reason: 'missing_signature' })
  })

  test.each([
    sign(body).slice(0, -1),
    `${sign(body)}0`,
    sign(body).replace('sha256', 'sha1'),
    sign(body).replace('sha256=', ''),
    sign(body).replace(/.$/, 'g'),
    ` ${sign(body)}`,
    `${sign(body)}\n`,
    `${sign(body)},${sign(body)}`,
    'sha256=',
  ])('that is malformed is refused: %j', (header) => {
    expect(verifyWebhook(body, header, secret)).toEqual({ ok: false, reason: 'malformed_signature' })
  })

  test('that comes twice is refused', () => {
    expect(verifyWebhook(body, [sign(body), sign(body)], secret)).toMatchObject({ ok: false })
    expect(verifyWebhook(body, [], secret)).toMatchObject({ ok: false })
  })

  test('under another secret is refused', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (other) => {
        // HMAC fills short keys up with zeros, so these are the same key to it.
        fc.pre(other.replace(/\0+$/, '') !== secret)
        expect(verifyWebhook(body, sign(body, other), secret)).toEqual({
          ok: false,
          reason: 'wrong_signature',
        })
      }),
    )
  })

  test('of a body that was changed in a single bit is refused', () => {
    const bytes = Buffer.from(body)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ (1 << bit)
        expect(verifyWebhook(changed, sign(body), secret)).toEqual({ ok: false, reason: 'wrong_signature' })
      }),
    )
  })
})

describe('a request that anybody can send', () => {
  test('never throws, whatever is in it', () => {
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((end) => `sha256=${end}`),
      fc.array(fc.string()),
      fc.constantFrom(undefined, null),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()), header, (rawBody, header) => {
        expect(verifyWebhook(rawBody, header, secret).ok).toBe(false)
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['no JSON', 'event=a'],
    ['no object', '"evt_1"'],
    ['no envelope', '{"id":"evt_1"}'],
    ['an envelope of other things', '{"id":1,"event":[],"data":{}}'],
    ['an envelope of nothing', '{"id":"evt_1","event":"a","data":null}'],
    ['no text', Uint8Array.of(0x22, 0xff, 0x22)],
  ])('is no event when it is signed but holds %s', (_, rawBody) => {
    expect(verifyWebhook(rawBody, sign(rawBody), secret)).toEqual({ ok: false, reason: 'malformed_body' })
  })

  test('is refused without a body, which a body parser leaves undefined', () => {
    const nothing = undefined as unknown as string

    expect(verifyWebhook(nothing, sign(body), secret)).toEqual({ ok: false, reason: 'wrong_signature' })
  })
})

test('says how to read the body when it has been parsed already', () => {
  const parsed = event as unknown as string

  expect(() => verifyWebhook(parsed, sign(body), secret)).toThrow(/^rawBody: .*express\.raw\(\)/)
})

test.each(['', undefined, null])(
  'refuses to work without a secret, under which everybody could sign: %j',
  (missing) => {
    const none = missing as string

    expect(() => verifyWebhook(body, sign(body, ''), none)).toThrow(new TypeError('secret: is missing'))
  },
)
