import Stripe from 'stripe'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const { hostname: host, port } = new URL(url)
  const connect = (key) => new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0 })
  const stripe = connect('sk_test_right')
  let product
  let customers = []

  await step('create', 'a product comes back as it was sent', async () => {
    product = await stripe.products.create({ name: 'Tea', description: 'green', metadata: { shelf: '7' } })
    equal([product.name, product.description, product.metadata], ['Tea', 'green', { shelf: '7' }])
    equal(product.object, 'product')
  })
  await step('read', 'the product is found by its id', async () => {
    const { id, name } = await stripe.products.retrieve(product.id)
    equal([id, name], [product.id, 'Tea'])
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const changed = await stripe.products.update(product.id, { name: 'Coffee' })
    equal([changed.name, changed.description], ['Coffee', 'green'])
  })
  await step('list', 'the product is in the list', async () => {
    const { data, object } = await stripe.products.list({ limit: 50 })
    equal(object, 'list')
    truthy(data.some(({ id }) => id === product.id))
  })
  await step('page', 'the auto-pager finds every customer once', async () => {
    customers = await several(7, (i) => stripe.customers.create({ email: `c${i}@example.org` }))
    await drain(
      stripe.customers.list({ limit: 3 }),
      ({ id }) => id,
      customers.map(({ id }) => id),
    )
  })
  await step('list', 'customers are filtered by address', async () => {
    const { data } = await stripe.customers.list({ email: 'c4@example.org' })
    equal(
      data.map(({ email }) => email),
      ['c4@example.org'],
    )
  })
  await step('more', 'a price belongs to its product', async () => {
    const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 250 })
    equal([price.product, price.unit_amount, price.currency], [product.id, 250, 'eur'])
  })
  await step('more', 'an invoice item is for the customer that was named', async () => {
    const { customer, amount } = await stripe.invoiceItems.create({
      customer: customers[0].id,
      amount: 900,
      currency: 'eur',
    })
    equal([customer, amount], [customers[0].id, 900])
  })
  await step('more', 'an idempotency key makes one coupon of two calls', async () => {
    const make = () =>
      stripe.coupons.create({ percent_off: 10, duration: 'once' }, { idempotencyKey: 'coupon-1' })
    equal((await make()).id, (await make()).id)
  })
  await step('file', 'a file is uploaded', async () => {
    const file = { data: Buffer.from('%PDF'), name: 'a.pdf', type: 'application/pdf' }
    const upload = await stripe.files.create({ purpose: 'identity_document', file }, { host })
    equal([upload.object, upload.purpose], ['file', 'identity_document'])
  })
  await step('delete', 'a deletion is confirmed', async () => {
    const { id, deleted } = await stripe.products.del(product.id)
    equal([id, deleted], [product.id, true])
  })
  await step('gone', 'the product is then unknown', () =>
    rejects(
      () => stripe.products.retrieve(product.id),
      (error) => equal([error.type, error.statusCode], ['StripeInvalidRequestError', 404]),
    ),
  )
  await step('invalid', 'a missing member is named', () =>
    rejects(
      () => stripe.paymentIntents.create({ amount: 100 }),
      (error) => {
        equal(error.type, 'StripeInvalidRequestError')
        truthy(/currency/.test(error.message), error.message)
      },
    ),
  )
  await step('key', 'a wrong key is an authentication error', () =>
    rejects(
      () => connect('sk_test_wrong').products.list(),
      (error) => equal(error.type, 'StripeAuthenticationError'),
    ),
  )
})
