import { Polar } from '@polar-sh/sdk'
import { HTTPValidationError } from '@polar-sh/sdk/models/errors/httpvalidationerror.js'
import { ResourceNotFound } from '@polar-sh/sdk/models/errors/resourcenotfound.js'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

const price = (priceAmount) => [{ amountType: 'fixed', priceAmount, priceCurrency: 'usd' }]
const idsOf = (items) => items.map(({ id }) => id)
const unknown = (work) => rejects(work, (error) => truthy(error instanceof ResourceNotFound, error.message))

/** The items of all pages, one after the other. */
async function* itemsOf(pages) {
  for await (const page of await pages) yield* page.result.items
}
async function all(pages) {
  const items = []
  for await (const item of itemsOf(pages)) {
    items.push(item)
    truthy(items.length < 500, 'the pager does not end')
  }
  return items
}

await program(async ({ url, step }) => {
  const connect = (accessToken) =>
    new Polar({ accessToken, serverURL: url, retryConfig: { strategy: 'none' } })
  const polar = connect('polar_right')
  const products = await productSteps(step, polar)
  await benefitSteps(step, polar, products)
  const customer = await customerSteps(step, polar)
  await saleSteps(step, polar, products, customer)
  await step('file', 'a file is uploaded when its parts are named', async () => {
    const { id, upload, isUploaded } = await polar.files.create({
      service: 'downloadable',
      name: 'a.zip',
      mimeType: 'application/zip',
      size: 10,
      upload: { parts: [{ number: 1, chunkStart: 0, chunkEnd: 10 }] },
    })
    equal(isUploaded, false)
    const parts = [{ number: 1, checksumEtag: 'e', checksumSha256Base64: null }]
    const file = await polar.files.uploaded({
      id,
      fileUploadCompleted: { id: upload.id, path: upload.path, parts },
    })
    equal([file.id, file.name, file.size, file.isUploaded], [id, 'a.zip', 10, true])
  })
  await step('more', 'a webhook endpoint gets another secret', async () => {
    const events = ['order.created', 'checkout.created']
    const { id, secret } = await polar.webhooks.createWebhookEndpoint({
      url: 'https://example.org/hook',
      format: 'raw',
      events,
    })
    const reset = await polar.webhooks.resetWebhookEndpointSecret({ id })
    equal([reset.id, reset.events], [id, events])
    truthy(reset.secret && reset.secret !== secret)
  })
  await step('delete', 'a customer that is deleted by its external id is unknown', async () => {
    await polar.customers.deleteExternal({ externalId: 'ext-1' })
    await unknown(() => polar.customers.get({ id: customer.id }))
  })
  await step('gone', 'a product that was never made is unknown', () =>
    unknown(() => polar.products.get({ id: '00000000-0000-4000-8000-000000000000' })),
  )
  await step('invalid', 'a product with a name of two letters is refused', () =>
    rejects(
      () => polar.products.create({ name: 'ab', recurringInterval: 'month', prices: price(100) }),
      (error) => truthy(error instanceof HTTPValidationError, error.message),
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('polar_wrong').products.list({}),
      (error) => equal(error.statusCode, 401),
    ),
  )
})

async function productSteps(step, { products }) {
  let pro
  let once
  await step('create', 'a product comes back with its price', async () => {
    const metadata = { tier: 'high' }
    pro = await products.create({
      name: 'Pro',
      description: 'All of it',
      recurringInterval: 'month',
      prices: price(1000),
      metadata,
    })
    equal([pro.name, pro.recurringInterval, pro.isRecurring, pro.metadata], ['Pro', 'month', true, metadata])
    equal([pro.prices[0].priceAmount, pro.prices[0].productId], [1000, pro.id])
  })
  await step('update', 'an archived product keeps the rest', async () => {
    await products.update({ id: pro.id, productUpdate: { name: 'Pro 2', isArchived: true } })
    const { name, description, isArchived } = await products.get({ id: pro.id })
    equal([name, description, isArchived], ['Pro 2', 'All of it', true])
    const archived = await all(products.list({ isArchived: true }))
    truthy(archived.some(({ id }) => id === pro.id) && archived.every((one) => one.isArchived))
    await products.update({ id: pro.id, productUpdate: { isArchived: false } })
  })
  await step('page', 'the pager shows each product once and ends', async () => {
    const made = await several(
      4,
      async (i) => (await products.create({ name: `no ${i}`, recurringInterval: null, prices: price(i) })).id,
    )
    await drain(itemsOf(products.list({ limit: 2 })), ({ id }) => id, [pro.id, ...made])
  })
  await step('list', 'products are found by word, kind, ids and metadata', async () => {
    once = await products.create({ name: 'Once', recurringInterval: null, prices: price(500) })
    equal(idsOf(await all(products.list({ query: 'Pro 2' }))), [pro.id])
    const recurring = idsOf(await all(products.list({ isRecurring: true })))
    truthy(recurring.includes(pro.id) && !recurring.includes(once.id))
    equal(idsOf(await all(products.list({ id: [pro.id, once.id] }))).length, 2)
    equal(idsOf(await all(products.list({ metadata: { tier: 'high' } }))), [pro.id])
  })
  return { pro, once }
}

async function benefitSteps(step, { benefits, products }, { pro }) {
  await step('more', 'a product has its benefits and is found by one', async () => {
    const support = await benefits.create({
      type: 'custom',
      description: 'Support',
      properties: { note: 'Write us' },
    })
    const properties = { prefix: 'AB', limitUsage: 5 }
    const keys = await benefits.create({ type: 'license_keys', description: 'Keys', properties })
    for (const query of [{ typeFilter: 'license_keys' }, { excludeId: support.id }]) {
      const found = idsOf(await all(benefits.list(query)))
      truthy(found.includes(keys.id) && !found.includes(support.id), JSON.stringify(query))
    }
    const productBenefitsUpdate = { benefits: [support.id, keys.id] }
    const { benefits: granted } = await products.updateBenefits({ id: pro.id, productBenefitsUpdate })
    equal(
      granted.map(({ description }) => description),
      ['Support', 'Keys'],
    )
    equal(idsOf(await all(products.list({ benefitId: keys.id }))), [pro.id])
  })
}

async function customerSteps(step, { customers }) {
  let customer
  await step('create', 'a customer is read and changed by the external id', async () => {
    const sent = { email: 'ann@example.org', name: 'Ann', externalId: 'ext-1' }
    customer = await customers.create(sent)
    equal([customer.email, customer.name], ['ann@example.org', 'Ann'])
    equal((await customers.getExternal({ externalId: 'ext-1' })).id, customer.id)
    await customers.updateExternal({ externalId: 'ext-1', customerUpdateExternalID: { name: 'Ann Lee' } })
    const { name, email } = await customers.get({ id: customer.id })
    equal([name, email], ['Ann Lee', 'ann@example.org'])
  })
  await step('more', 'a member of a team is changed, and unknown when deleted', async () => {
    const owner = { email: 'owner@example.org', name: 'Owner' }
    const { id } = await customers.create({ type: 'team', name: 'Acme', email: 'acme@example.org', owner })
    const member = await customers.members.create({
      id,
      memberCreateFromCustomer: { email: 'bob@example.org', name: 'Bob', role: 'billing_manager' },
    })
    equal([member.customerId, member.role], [id, 'billing_manager'])
    const about = { id, memberId: member.id }
    await customers.members.update({ ...about, memberUpdate: { role: 'member' } })
    const { role, email } = await customers.members.get(about)
    equal([role, email], ['member', 'bob@example.org'])
    await customers.members.delete(about)
    await unknown(() => customers.members.get(about))
  })
  return customer
}

async function saleSteps(step, { events, checkouts }, { pro, once }, customer) {
  await step('more', 'events that are taken in together are counted and listed', async () => {
    const call = { name: 'call', externalCustomerId: 'ext-1' }
    const { inserted } = await events.ingest({
      events: [call, call, { name: 'other', externalCustomerId: 'ext-2' }],
    })
    equal(inserted, 3)
    const { items } = await events.list({ externalCustomerId: 'ext-1' })
    equal(
      items.map(({ name }) => name),
      ['call', 'call'],
    )
  })
  let checkout
  await step('create', 'a checkout begins with the first of its products', async () => {
    checkout = await checkouts.create({ products: [pro.id, once.id], customerId: customer.id })
    equal([checkout.status, checkout.customerId], ['open', customer.id])
    equal(idsOf(checkout.products), [pro.id, once.id])
    equal(checkout.productId, pro.id)
  })
  await step('read', 'the checkout is found by the secret of its client', async () => {
    const { id, status } = await checkouts.clientGet({ clientSecret: checkout.clientSecret })
    equal([id, status], [checkout.id, 'open'])
  })
}
