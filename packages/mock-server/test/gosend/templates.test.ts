import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { send } from '../harness.js'
import { type Gosend, gosend, greeting, STRANGER, template } from './gosend.js'

const contract = createRequire(import.meta.url)('@gosend/openapi/gosend.json')
const examples: Record<string, { value: { name: string; components: object[] } }> =
  contract.paths['/wabas/{waba_id}/templates'].post.requestBody.content['application/json'].examples

const body = (text: string) => ({ type: 'BODY', text })
const blueprint = (name: string, components: readonly object[] = [body('News for {{1}}.')]) => ({
  name,
  category: 'UTILITY',
  language: 'en_US',
  components,
})

const create = (api: Gosend, wanted: object) => api.live('POST /wabas/12/templates', wanted)
const named = async (api: Gosend, name: string) =>
  (await api.live(`GET /wabas/12/templates?name=${name}`)).json[0]
const texts = (...values: readonly string[]) => values.map((text) => ({ type: 'text', text }))

describe('creating a template', () => {
  it.each(Object.keys(examples))('takes the document’s example %s', async (name) => {
    const api = await gosend()
    const { status, json } = await create(api, examples[name]?.value ?? {})
    expect([status, json]).toMatchObject([
      201,
      { ...examples[name]?.value, waba_id: '12', status: 'PENDING', rejection_reason: null },
    ])
  })

  it('hands it in for review, and Meta approves', async () => {
    const api = await gosend()
    const { json } = await create(api, blueprint('news'))
    expect((await api.live('POST /messages', template(STRANGER, 'news', 'en_US'))).json).toMatchObject({
      statusCode: 422,
      code: 'TEMPLATE_NOT_APPROVED',
      message: 'The template news is PENDING and cannot be sent',
    })
    await api.pass('2s')
    expect(await named(api, 'news')).toEqual({
      ...json,
      status: 'APPROVED',
      updated_at: '2026-05-18T14:00:02Z',
    })
  })

  it.each([
    ['news_rejected', [body('News.')], 'REJECTED', 'The template breaks the policy of its category.'],
    ['news_1', [body('{{1}} has news.')], 'REJECTED', 'The body begins with a parameter.'],
    ['news_2', [body('News for {{1}}')], 'REJECTED', 'The body ends with a parameter.'],
    ['news_paused', [body('News.')], 'PAUSED', null],
    ['news_pending', [body('News.')], 'PENDING', null],
    ['news_removed', [body('News.')], 'APPROVED', null],
  ])('%s with %j ends as %s', async (name, components, status, reason) => {
    const api = await gosend()
    await create(api, blueprint(name, components))
    await api.pass('1h')
    expect(await named(api, name)).toMatchObject({ status, rejection_reason: reason })
  })

  it('leaves the decision to the control plane, if that is first', async () => {
    const api = await gosend()
    const { json } = await create(api, blueprint('news'))
    const reviewed = await api.control(`POST /wabas/12/templates/${json.id}/reject`, { reason: 'Too loud.' })
    expect(reviewed.status).toBe(200)
    await api.pass('1h')
    expect(await named(api, 'news')).toMatchObject({ status: 'REJECTED', rejection_reason: 'Too loud.' })
  })

  it('is possible once for a name and language', async () => {
    const api = await gosend()
    await create(api, blueprint('news'))
    expect((await create(api, blueprint('news'))).status).toBe(409)
    expect((await create(api, { ...blueprint('news'), language: 'es' })).status).toBe(201)
  })

  it.each([
    ['no BODY', [{ type: 'FOOTER', text: 'Acme' }]],
    ['two of a kind', [body('One.'), body('Two.')]],
    ['a BODY without text', [{ type: 'BODY' }]],
    ['gaps with holes', [body('News for {{1}} and {{3}}.')]],
    ['gaps that do not begin with 1', [body('News for {{2}}.')]],
    ['a gap in the FOOTER', [body('News.'), { type: 'FOOTER', text: 'For {{1}}' }]],
    ['two gaps in the HEADER', [body('News.'), { type: 'HEADER', format: 'TEXT', text: '{{1}} and {{2}}' }]],
    ['a title without text', [body('News.'), { type: 'HEADER', format: 'TEXT' }]],
  ])('refuses %s', async (_, components) => {
    const api = await gosend()
    const { status, json } = await create(api, blueprint('news', components))
    expect([status, json.details]).toEqual([422, { field: 'components' }])
  })

  it.each([
    ['a name with capitals', { name: 'News' }, undefined, 'name'],
    ['no components', { components: [] }, undefined, 'components'],
    ['an unknown category', { category: 'CHAT' }, undefined, 'category'],
    ['no language', { language: undefined }, 'MISSING_REQUIRED_FIELD', 'language'],
  ])('refuses %s', async (_, change, code, field) => {
    const api = await gosend()
    const { status, json } = await create(api, { ...blueprint('news'), ...change })
    expect([status, json.code, json.details.field]).toEqual([400, code, field])
  })
})

describe('templates of a WABA', () => {
  it('begin with two that are approved', async () => {
    const api = await gosend()
    const { json } = await api.live('GET /wabas/12/templates')
    expect(
      json.map(({ name, language, status }: Record<string, string>) => [name, language, status]),
    ).toEqual([
      ['appointment_reminder', 'es_AR', 'APPROVED'],
      ['hello_world', 'en_US', 'APPROVED'],
    ])
    expect((await api.test('GET /wabas/1/templates')).json).toHaveLength(2)
  })

  it('are the same two for a customer who has just signed up', async () => {
    const api = await gosend()
    const redirects = { successRedirectUrl: 'https://a.test/', failureRedirectUrl: 'https://b.test/' }
    const admin = { 'x-admin-key': api.mock.adminKey }
    const { json: link } = await send(api.mock, 'POST /admin/customers/7/setup-links', redirects, admin)
    await api.control(`POST /setup-links/${link.id}/complete`, { phoneNumbers: ['+54 11 5555 9999'] })
    const { json: wabas } = await api.live('GET /wabas')
    const { json: numbers } = await api.live(`GET /wabas/${wabas[0].id}/phone-numbers`)
    const message = { ...greeting(STRANGER), phone_number_id: numbers[0].phone_number_id }
    expect((await api.live('POST /messages', message)).json).toMatchObject({ from: '5491155559999' })
  })

  it.each([
    ['status=PENDING', ['offer', 'news']],
    ['category=MARKETING', ['offer']],
    ['language=es_AR', ['appointment_reminder']],
    ['name=news', ['news']],
    ['status=APPROVED&per_page=1&page=2', ['hello_world']],
  ])('can be narrowed down by %s', async (query, names) => {
    const api = await gosend()
    await create(api, blueprint('news'))
    await create(api, { ...blueprint('offer'), category: 'MARKETING' })
    const { json } = await api.live(`GET /wabas/12/templates?${query}`)
    expect(json.map(({ name }: { name: string }) => name)).toEqual(names)
  })

  it('are brought up to date with what Meta has', async () => {
    const api = await gosend()
    const sync = async () => (await api.live('POST /wabas/12/templates/sync')).json
    for (const name of ['news', 'a_pending', 'b_pending', 'c_removed']) await create(api, blueprint(name))
    await api.pass('1m')
    expect(await sync()).toEqual({ synced: 6, created: 1, updated: 2, removed: 1 })
    expect(await sync()).toEqual({ synced: 6, created: 0, updated: 0, removed: 0 })
    expect(await named(api, 'a_pending')).toMatchObject({ status: 'APPROVED' })
    expect(await named(api, 'feedback_request')).toMatchObject({ status: 'APPROVED' })
    expect(await named(api, 'c_removed')).toBeUndefined()
  })

  it('can be deleted, and made anew', async () => {
    const api = await gosend()
    const { json } = await create(api, blueprint('news'))
    const deleted = await api.live(`DELETE /wabas/12/templates/${json.id}`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await api.live(`DELETE /wabas/12/templates/${json.id}`)).status).toBe(404)
    expect((await api.live('POST /messages', template(STRANGER, 'news', 'en_US'))).json.code).toBe(
      'TEMPLATE_NOT_FOUND',
    )
    expect((await create(api, blueprint('news'))).json.id).not.toBe(json.id)
  })

  it.each([
    ['GET', '', undefined],
    ['POST', '', blueprint('news')],
    ['POST', '/sync', undefined],
    ['DELETE', '/1', undefined],
  ])(
    '%s …/templates%s answers 404 for an unknown WABA and 403 for another project’s',
    async (method, path, sent) => {
      const api = await gosend()
      expect((await api.live(`${method} /wabas/77/templates${path}`, sent)).status).toBe(404)
      const foreign = await api.live(`${method} /wabas/99/templates${path}`, sent)
      expect([foreign.status, foreign.json.code]).toEqual([403, 'WABA_NOT_IN_TENANT'])
    },
  )
})

describe('sending a template', () => {
  const filled = [
    { type: 'body', parameters: texts('Juan', '1234') },
    { type: 'button', sub_type: 'url', index: '0', parameters: texts('track/1234') },
  ]

  async function shipped() {
    const api = await gosend()
    await create(api, examples.utility?.value ?? {})
    await api.pass('2s')
    return (components?: readonly object[]) =>
      api.live('POST /messages', template(STRANGER, 'order_shipped', 'en_US', components))
  }

  it('fills its gaps', async () => {
    const send = await shipped()
    const { status, json } = await send(filled)
    expect([status, json.template.components]).toEqual([201, filled])
  })

  it('needs no components where there are no gaps', async () => {
    const api = await gosend()
    expect((await api.test('POST /messages', greeting(STRANGER))).status).toBe(201)
  })

  it.each([
    ['nothing', undefined, 'The body of order_shipped takes 2 parameters, not 0'],
    [
      'too little',
      [{ type: 'body', parameters: texts('Juan') }, filled[1]],
      'The body of order_shipped takes 2 parameters, not 1',
    ],
    [
      'too much',
      [{ type: 'body', parameters: texts('a', 'b', 'c') }, filled[1]],
      'The body of order_shipped takes 2 parameters, not 3',
    ],
    [
      'a body twice',
      [filled[0], filled[0], filled[1]],
      'The header and the body of order_shipped are filled once',
    ],
    [
      'a picture in the text',
      [
        {
          type: 'body',
          parameters: [...texts('Juan'), { type: 'image', image: { link: 'https://a.test/b.png' } }],
        },
        filled[1],
      ],
      'The body of order_shipped takes texts, amounts and dates, not image',
    ],
    [
      'a header that is not there',
      [{ type: 'header', parameters: texts('Hi') }, ...filled],
      'The header of order_shipped takes 0 parameters, not 1',
    ],
    ['no address', [filled[0]], 'Button 0 of order_shipped takes 1 parameter, not 0'],
    [
      'a button that is not there',
      [...filled, { ...filled[1], index: '1' }],
      'order_shipped has no button 1',
    ],
    ['a button twice', [...filled, filled[1]], 'A button of order_shipped is filled twice'],
    [
      'another kind of button',
      [
        filled[0],
        {
          type: 'button',
          sub_type: 'quick_reply',
          index: '0',
          parameters: [{ type: 'payload', payload: 'x' }],
        },
      ],
      'Button 0 of order_shipped is of type URL',
    ],
  ])('refuses %s', async (_, components, message) => {
    const send = await shipped()
    const { status, json } = await send(components as readonly object[] | undefined)
    expect([status, json.code, json.message, json.details]).toEqual([
      422,
      'TEMPLATE_PARAM_MISMATCH',
      message,
      { field: 'template.components' },
    ])
  })

  it('fills headers with files and amounts into texts', async () => {
    const api = await gosend()
    const components = [{ type: 'HEADER', format: 'IMAGE' }, body('Now {{1}} only.')]
    await create(api, { ...blueprint('offer', components), category: 'MARKETING' })
    await api.pass('2s')
    const price = {
      type: 'currency',
      currency: { fallback_value: '$ 12.50', code: 'USD', amount_1000: 12500 },
    }
    const send = (parameter: object) =>
      api.live(
        'POST /messages',
        template(STRANGER, 'offer', 'en_US', [
          { type: 'header', parameters: [parameter] },
          { type: 'body', parameters: [price] },
        ]),
      )
    expect((await send({ type: 'image', image: { link: 'https://a.test/b.png' } })).status).toBe(201)
    expect((await send({ type: 'text', text: 'Offer' })).json.message).toBe(
      'The header of offer takes a parameter of type image, not text',
    )
    expect((await api.live('GET /conversations')).json[0]).toMatchObject({ category: 'marketing' })
  })

  it('takes the code of an AUTHENTICATION template', async () => {
    const api = await gosend()
    await create(api, examples.authentication?.value ?? {})
    await api.pass('2s')
    const send = (...codes: readonly string[]) =>
      api.live(
        'POST /messages',
        template(STRANGER, 'login_code', 'es_AR', [{ type: 'body', parameters: texts(...codes) }]),
      )
    expect((await send('123456')).status).toBe(201)
    expect((await send()).json.code).toBe('TEMPLATE_PARAM_MISMATCH')
  })

  it.each([
    ['an unknown name', 'no_such_template', 'en_US'],
    ['another language', 'hello_world', 'es_AR'],
  ])('answers 404 for %s', async (_, name, language) => {
    const api = await gosend()
    const { status, json } = await api.live('POST /messages', template(STRANGER, name, language))
    expect([status, json.code]).toEqual([404, 'TEMPLATE_NOT_FOUND'])
  })
})
