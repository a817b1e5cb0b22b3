import { describe, expect, it } from 'vitest'
import { type Gosend, gosend, JUAN, NUMBER, TEST_NUMBER, text } from './gosend.js'

const KIB = 1024
const MIB = 1024 * KIB
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

function form(type: string, bytes: Uint8Array<ArrayBuffer> = new Uint8Array(10), number = NUMBER): FormData {
  const data = new FormData()
  data.set('phone_number_id', number)
  data.set('type', type)
  data.set('file', new Blob([bytes], { type }), 'file')
  return data
}

const upload = async (api: Gosend, type: string): Promise<string> =>
  (await api.live('POST /media', form(type))).json.id

const withFile = (type: string, id: string) => ({ ...text(JUAN), text: undefined, type, [type]: { id } })

/** The header of a WebP file of RIFF's extended format, with its flag for animations. */
function sticker(size: number, isAnimated: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  bytes.set(Buffer.from('RIFF\0\0\0\0WEBPVP8X'))
  bytes[20] = isAnimated ? 0b10 : 0
  return bytes
}

describe('uploading a file', () => {
  it.each([
    ['image/jpeg', 'image'],
    ['image/png', 'image'],
    ['video/mp4', 'video'],
    ['audio/mpeg', 'audio'],
    ['audio/ogg', 'audio'],
    ['application/pdf', 'document'],
    [DOCX, 'document'],
    [XLSX, 'document'],
    ['image/webp', 'sticker'],
  ])('%s can be sent as %s, again and again', async (mediaType, type) => {
    const api = await gosend()
    const { status, json } = await api.live('POST /media', form(mediaType))
    expect([status, json]).toEqual([201, { id: expect.stringMatching(/^\d{15}$/) }])
    for (const _ of [1, 2]) {
      const sent = await api.live('POST /messages', withFile(type, json.id))
      expect([sent.status, sent.json[type]]).toEqual([201, { id: json.id }])
    }
  })

  it('gives another id to every file', async () => {
    const api = await gosend()
    expect(await upload(api, 'image/png')).not.toBe(await upload(api, 'image/png'))
  })

  it.each([
    ['image/jpeg', 5 * MIB],
    ['video/mp4', 16 * MIB],
    ['audio/ogg', 16 * MIB],
    ['image/webp', 100 * KIB],
  ])('takes %s up to its limit, and not a byte more', async (type, limit) => {
    const api = await gosend()
    expect((await api.live('POST /media', form(type, new Uint8Array(limit)))).status).toBe(201)
    const { status, json } = await api.live('POST /media', form(type, new Uint8Array(limit + 1)))
    expect([status, json.code, json.details]).toEqual([413, 'MEDIA_TOO_LARGE', { field: 'file', limit }])
  })

  it('allows animated stickers more', async () => {
    const api = await gosend()
    const size = 300 * KIB
    expect((await api.live('POST /media', form('image/webp', sticker(size, true)))).status).toBe(201)
    expect((await api.live('POST /media', form('image/webp', sticker(size, false)))).status).toBe(413)
  })

  it('takes large documents, and refuses what is beyond all limits unread', async () => {
    const api = await gosend()
    const large = new Uint8Array(40 * MIB)
    expect((await api.live('POST /media', form('application/pdf', large))).status).toBe(201)
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const beyond = await api.live('POST /media', 'x'.repeat(102 * MIB), headers)
    expect([beyond.status, beyond.json.code]).toEqual([413, 'MEDIA_TOO_LARGE'])
  })

  it.each(['text/plain', 'image/gif', 'audio/aac', ''])('refuses the type %j', async (type) => {
    const api = await gosend()
    const { status, json } = await api.live('POST /media', form(type))
    expect([status, json.code, json.details.field]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE', 'type'])
  })

  it('refuses a body that is no form', async () => {
    const api = await gosend()
    const { status, json } = await api.live('POST /media', { type: 'image/png' })
    expect([status, json.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  it.each(['phone_number_id', 'file', 'type'])('needs %s', async (name) => {
    const api = await gosend()
    const data = form('image/png')
    data.delete(name)
    const { status, json } = await api.live('POST /media', data)
    expect([status, json.code, json.details.field]).toEqual([400, 'MISSING_REQUIRED_FIELD', name])
  })

  it.each([
    ['555000009999', 400, 'INVALID_PHONE_NUMBER_ID'],
    ['+5491155551234', 400, 'INVALID_PHONE_NUMBER_ID'],
    ['555987654321', 403, 'PHONE_NUMBER_NOT_IN_TENANT'],
  ])('refuses the number %s', async (number, expected, code) => {
    const api = await gosend()
    const { status, json } = await api.live('POST /media', form('image/png', undefined, number))
    expect([status, json.code]).toEqual([expected, code])
  })
})

describe('a file', () => {
  const field = { field: 'image.id' }

  it('cannot be sent as another kind of message', async () => {
    const api = await gosend()
    const { status, json } = await api.live(
      'POST /messages',
      withFile('image', await upload(api, 'video/mp4')),
    )
    expect([status, json.code, json.details]).toMatchObject([415, 'UNSUPPORTED_MEDIA_TYPE', field])
  })

  it('is gone after 30 days', async () => {
    const api = await gosend()
    const id = await upload(api, 'image/png')
    const greet = () =>
      api.control('POST /inbound?environment=production', { from: JUAN, text: 'Hi', phone_number_id: NUMBER })
    await api.pass('29d')
    await greet()
    expect((await api.live('POST /messages', withFile('image', id))).status).toBe(201)
    await api.pass('1d')
    await greet()
    const { status, json } = await api.live('POST /messages', withFile('image', id))
    expect([status, json.details]).toMatchObject([422, field])
  })

  it('is not there for the other environment', async () => {
    const api = await gosend()
    const sent = await api.test('POST /messages', withFile('image', await upload(api, 'image/png')))
    expect([sent.status, sent.json.details]).toMatchObject([422, field])
    const { json } = await api.test('POST /media', form('image/png', undefined, TEST_NUMBER))
    expect((await api.test('POST /messages', withFile('image', json.id))).status).toBe(201)
  })

  it('is looked for in headers of questions, too', async () => {
    const api = await gosend()
    const interactive = {
      type: 'button',
      header: { type: 'image', image: { id: '1' } },
      body: { text: 'Well?' },
      action: { buttons: [{ type: 'reply', reply: { id: 'yes', title: 'Yes' } }] },
    }
    const message = { ...text(JUAN), text: undefined, type: 'interactive', interactive }
    const { status, json } = await api.live('POST /messages', message)
    expect([status, json.details]).toEqual([422, { field: 'interactive.header.image.id', value: '1' }])
  })
})
