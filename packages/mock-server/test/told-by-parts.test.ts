// What an answer says that follows from what was sent: counts of a list, a status that a document tells of in words, a name
// made of two, what the path and one of two members tell of the other.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const whole = { type: 'integer' }

describe('counts of what a request lists', () => {
  const entry = object({ name: text }, ['name'])
  const report = object({ ingested_count: whole, failed: whole, deleted: whole, job: text }, [
    'ingested_count',
    'failed',
    'deleted',
    'job',
  ])
  const spec = document({
    '/events/send': { post: { ...json(object({ events: list(entry) })), ...ok(report) } },
  })

  it('are as many as there are, and none has failed', async () => {
    const mock = await start({ spec })
    const { json: answer } = await send(mock, 'POST /events/send', { events: [{ name: 'a' }, { name: 'b' }] })
    expect(answer).toMatchObject({ ingested_count: 2, failed: 0, deleted: 0 })
  })
})

describe('a status that a document describes in words alone', () => {
  const order = (status: object) =>
    object({ id: { ...text, readOnly: true }, title: text, status }, ['id', 'status'])
  const specOf = (status: object) =>
    document({
      '/orders': { post: { ...json(object({ title: text })), ...ok(order(status)) } },
      '/orders/{id}': { ...named('id'), get: ok(order(status)) },
      ...Object.fromEntries(
        ['complete', 'pay'].map((verb) => [
          `/orders/{id}/${verb}`,
          { ...named('id'), post: ok(order(status)) },
        ]),
      ),
    })
  const lifeOf = async (status: object, verb: string) => {
    const mock = await start({ spec: specOf(status) })
    const { json: made } = await send(mock, 'POST /orders', { title: 'a' })
    await send(mock, `POST /orders/${made.id}/${verb}`)
    return [made.status, (await send(mock, `GET /orders/${made.id}`)).json.status]
  }

  it.each([
    ['no words', {}, 'complete', ['active', 'completed']],
    ['quoted words', { description: 'Either `open`, `paid` or `closed`.' }, 'pay', ['open', 'paid']],
    ['a list', { description: 'One of: paid, draft, void' }, 'pay', ['draft', 'paid']],
  ])('has %s', async (_, told, verb, life) => {
    expect(await lifeOf({ ...text, readOnly: true, ...told }, verb)).toEqual(life)
  })
})

it('a name that nobody can send is put together from its parts, at birth and after changes', async () => {
  const names = { first_name: text, last_name: text }
  const person = object({ id: { ...text, readOnly: true }, ...names, full_name: text }, ['id', 'full_name'])
  const mock = await start({
    spec: document({
      '/people': { post: { ...json(object(names)), ...ok(person) } },
      '/people/{id}': { ...named('id'), get: ok(person), patch: { ...json(object(names)), ...ok(person) } },
    }),
  })
  const { json: ann } = await send(mock, 'POST /people', { first_name: 'Ann', last_name: 'Lee' })
  expect(ann.full_name).toBe('Ann Lee')
  expect((await send(mock, `PATCH /people/${ann.id}`, { last_name: 'Fox' })).json.full_name).toBe('Ann Fox')
})

describe('what a path names by either of two members', () => {
  const feature = object({ id: { ...text, readOnly: true }, key: text }, ['id', 'key'])
  const customer = object({ id: { ...text, readOnly: true }, key: text }, ['id', 'key'])
  const grant = object(
    {
      id: { ...text, readOnly: true },
      customerId: { ...text, readOnly: true },
      customerKey: { ...text, readOnly: true },
      featureId: text,
      featureKey: text,
    },
    ['id', 'customerId', 'featureId', 'featureKey'],
  )
  const collection = (name: string, thing: object) => ({
    [`/${name}`]: { post: { ...json(object({ key: text }, ['key'])), ...ok(thing) } },
    [`/${name}/{id}`]: { ...named('id'), get: ok(thing) },
  })
  const spec = document({
    ...collection('features', feature),
    ...collection('customers', customer),
    '/customers/{customerIdOrKey}/grants': {
      ...named('customerIdOrKey'),
      get: ok(list(grant)),
      post: { ...json(object({ featureKey: text })), ...ok(grant) },
    },
  })

  it('is told by both, and so is what a body names by one', async () => {
    const mock = await start({ spec })
    const { json: ann } = await send(mock, 'POST /customers', { key: 'ann' })
    const { json: gpt } = await send(mock, 'POST /features', { key: 'gpt' })
    for (const called of ['ann', ann.id])
      expect(
        (await send(mock, `POST /customers/${called}/grants`, { featureKey: 'gpt' })).json,
      ).toMatchObject({ customerId: ann.id, customerKey: 'ann', featureId: gpt.id, featureKey: 'gpt' })
  })
})

describe('a member with a name of its own that shows a thing', () => {
  const address = object({ id: { ...text, readOnly: true }, name: text, line: text, city: text }, ['id'])
  const letter = object(
    { id: { ...text, readOnly: true }, from: object({ id: text, name: text, line: text }) },
    ['id', 'from'],
  )
  const spec = document({
    '/addresses': { post: { ...json(object({ name: text, line: text, city: text })), ...ok(address) } },
    '/addresses/{id}': { ...named('id'), get: ok(address) },
    '/letters': { post: { ...json(object({ from: text }, ['from'])), ...ok(letter) } },
    '/letters/{id}': { ...named('id'), get: ok(letter) },
  })

  it('shows the one that a request names by its id', async () => {
    const mock = await start({ spec })
    const { json: home } = await send(mock, 'POST /addresses', { name: 'Ann', line: 'Oak 1', city: 'X' })
    const { json: sent } = await send(mock, 'POST /letters', { from: home.id })
    expect(sent.from).toEqual({ id: home.id, name: 'Ann', line: 'Oak 1' })
  })
})

describe('an entry of a list that a path names', () => {
  const entry = object({ id: text, quantity: whole, sku: text }, ['id', 'quantity'])
  const cart = object(
    { id: { ...text, readOnly: true }, items: { ...list(entry), readOnly: true }, note: text, total: whole },
    ['id', 'items'],
  )
  const quantity = object({ quantity: whole, sku: text })
  const spec = document({
    '/carts': { post: ok(cart) },
    '/carts/{id}': { ...named('id'), get: ok(cart) },
    '/carts/{id}/items': { ...named('id'), post: { ...json(quantity), ...ok(cart) } },
    '/carts/{id}/items/{item_id}': {
      ...named('id', 'item_id'),
      patch: { ...json(quantity), ...ok(cart) },
      delete: ok(cart),
    },
  })

  it('has an id of its own, gets what a PATCH says of it, and is taken out by a DELETE', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: made } = await send(mock, 'POST /carts')
    const path = `/carts/${made.id}/items`
    for (const sku of ['a', 'b']) await send(mock, `POST ${path}`, { quantity: 1, sku })
    const entries = async () => (await send(mock, `GET /carts/${made.id}`)).json.items
    const [first, second] = await entries()
    expect(first.id).not.toBe(second.id)
    await send(mock, `PATCH ${path}/${second.id}`, { quantity: 5 })
    expect(await entries()).toEqual([first, { ...second, quantity: 5 }])
    await send(mock, `DELETE ${path}/${first.id}`)
    expect((await entries()).map(({ id }: { id: string }) => id)).toEqual([second.id])
  })
})

it('a path names a thing by the member that its query says', async () => {
  const contact = object({ id: { ...text, readOnly: true }, properties: object({ email: text }) }, ['id'])
  const idProperty = { name: 'idProperty', in: 'query', schema: text }
  const body = json(object({ properties: object({ email: text, phone: text }) }))
  const mock = await start({
    spec: document({
      '/contacts': { post: { ...body, ...ok(contact) } },
      '/contacts/{id}': {
        parameters: [...named('id').parameters, idProperty],
        get: ok(contact),
        patch: { ...body, ...ok(contact) },
      },
    }),
  })
  const { json: ann } = await send(mock, 'POST /contacts', { properties: { email: 'ann@example.org' } })
  const path = '/contacts/ann@example.org?idProperty=email'
  expect((await send(mock, `GET ${path}`)).json.id).toBe(ann.id)
  expect((await send(mock, `PATCH ${path}`, { properties: { email: 'a@b.example' } })).json.id).toBe(ann.id)
  expect((await send(mock, `GET /contacts/${ann.id}`)).json.properties.email).toBe('a@b.example')
})

describe('a thing below another one', () => {
  const made = { id: { ...text, readOnly: true } }
  const org = object({ ...made, name: text }, ['id', 'name'])
  const project = object({ ...made, name: text, org_id: text }, ['id', 'org_id'])
  const variable = object(
    {
      ...made,
      key: text,
      org: object({ id: text }, ['id']),
      org_id: text,
      project_name: text,
      scope: { ...text, enum: ['SERVICE', 'PROJECT'] },
    },
    ['id', 'key', 'org_id', 'project_name', 'scope'],
  )
  const spec = document({
    '/orgs': { post: { ...json(object({ name: text })), ...ok(org) } },
    '/orgs/{id}': { ...named('id'), get: ok(org) },
    '/projects': { post: { ...json(object({ name: text, org_id: text })), ...ok(project) } },
    '/projects/{id}': { ...named('id'), get: ok(project) },
    '/projects/{id}/variables': {
      ...named('id'),
      post: { ...json(object({ key: text })), ...ok(variable) },
      get: ok(list(variable)),
    },
  })

  it('belongs to whom that one belongs, has its name, and says of which kind it is', async () => {
    const mock = await start({ spec })
    const { json: acme } = await send(mock, 'POST /orgs', { name: 'acme' })
    const { json: shop } = await send(mock, 'POST /projects', { name: 'shop', org_id: acme.id })
    expect((await send(mock, `POST /projects/${shop.id}/variables`, { key: 'a' })).json).toMatchObject({
      org_id: acme.id,
      project_name: 'shop',
      scope: 'PROJECT',
    })
  })
})

describe('what is kept below other things', () => {
  const group = object({ id: { ...text, readOnly: true }, name: text, color: text }, ['id'])
  const database = object({ id: { ...text, readOnly: true }, groups: list(group) }, ['id'])
  const spec = document({
    '/orgs/{org}/groups': {
      ...named('org'),
      post: { ...json(object({ name: text, color: text })), ...ok(group) },
    },
    '/orgs/{org}/groups/{id}': { ...named('org', 'id'), get: ok(group) },
    '/databases': { post: { ...json(object({ groups: list(object({ id: text })) })), ...ok(database) } },
    '/databases/{id}': { ...named('id'), get: ok(database) },
  })

  it('is shown whole by what names it from elsewhere', async () => {
    const mock = await start({ spec })
    const { json: red } = await send(mock, 'POST /orgs/7/groups', { name: 'red', color: '#f00' })
    expect((await send(mock, 'POST /databases', { groups: [{ id: red.id }] })).json.groups).toEqual([red])
  })
})

it('an entry that comes without an id gets one, and says whose it is', async () => {
  const price = object({ id: { ...text, readOnly: true }, product_id: text, amount: whole }, [
    'id',
    'product_id',
    'amount',
  ])
  const product = object({ id: { ...text, readOnly: true }, prices: list(price) }, ['id', 'prices'])
  const mock = await start({
    spec: document({
      '/products': { post: { ...json(object({ prices: list(object({ amount: whole })) })), ...ok(product) } },
      '/products/{id}': { ...named('id'), get: ok(product) },
    }),
  })
  const { json: made } = await send(mock, 'POST /products', { prices: [{ amount: 1 }, { amount: 2 }] })
  expect(made.prices).toMatchObject([
    { amount: 1, product_id: made.id },
    { amount: 2, product_id: made.id },
  ])
  expect(made.prices[0].id).not.toBe(made.prices[1].id)
  expect((await send(mock, `GET /products/${made.id}`)).json).toEqual(made)
})

describe('flags that nobody can send', () => {
  const plan = object(
    {
      id: { ...text, readOnly: true },
      recurring_interval: { type: ['string', 'null'] },
      is_recurring: { type: 'boolean', readOnly: true },
      archived_at: { type: ['string', 'null'], format: 'date-time', readOnly: true },
    },
    ['id', 'recurring_interval', 'is_recurring', 'archived_at'],
  )
  const spec = document({
    '/plans': { post: { ...json(object({ recurring_interval: text })), ...ok(plan) } },
    '/plans/{id}': {
      ...named('id'),
      get: ok(plan),
      patch: { ...json(object({ is_archived: { type: 'boolean' } })), ...ok(plan) },
    },
  })

  it('follow from what they are about, and times from what is said', async () => {
    const mock = await start({ spec })
    const { json: monthly } = await send(mock, 'POST /plans', { recurring_interval: 'month' })
    expect([monthly.is_recurring, (await send(mock, 'POST /plans', {})).json.archived_at]).toEqual([
      true,
      null,
    ])
    const archived = async (is_archived: boolean) =>
      typeof (await send(mock, `PATCH /plans/${monthly.id}`, { is_archived })).json.archived_at
    expect([await archived(true), await archived(false)]).toEqual(['string', 'object'])
  })
})

it.each(['/hooks/{id}/secret', '/hooks/{id}/rotate'])(
  'an action that is called so makes a new secret: %s',
  async (path) => {
    const hook = object({ id: { ...text, readOnly: true }, url: text, secret: { ...text, readOnly: true } }, [
      'id',
      'secret',
    ])
    const mock = await start({
      spec: document({
        '/hooks': { post: { ...json(object({ url: text })), ...ok(hook) } },
        '/hooks/{id}': { ...named('id'), get: ok(hook) },
        [path]: { ...named('id'), post: { operationId: 'resetSecret', ...ok(hook) } },
      }),
    })
    const { json: made } = await send(mock, 'POST /hooks', { url: 'https://example.org' })
    const { json: after } = await send(mock, `POST ${path.replace('{id}', made.id)}`)
    expect([after.id, after.url, after.secret === made.secret]).toEqual([made.id, made.url, false])
    expect((await send(mock, `GET /hooks/${made.id}`)).json.secret).toBe(after.secret)
  },
)
