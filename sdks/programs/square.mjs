import { SquareClient, SquareError } from 'square'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (token) => new SquareClient({ token, environment: url, maxRetries: 0 })
  const square = connect('right')
  let customer

  await step('create', 'a customer comes back as it was sent', async () => {
    customer = (await square.customers.create({ givenName: 'Ann', note: 'likes tea' })).customer
    equal([customer.givenName, customer.note], ['Ann', 'likes tea'])
  })
  await step('read', 'the customer is found by its id', async () => {
    const { customer: read } = await square.customers.get({ customerId: customer.id })
    equal([read.id, read.note], [customer.id, 'likes tea'])
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const { customer: changed } = await square.customers.update({
      customerId: customer.id,
      note: 'likes coffee',
    })
    equal([changed.givenName, changed.note], ['Ann', 'likes coffee'])
  })
  await step('page', 'the pager finds every customer once', async () => {
    const ids = await several(
      7,
      async (i) => (await square.customers.create({ givenName: `c${i}` })).customer.id,
    )
    await drain(await square.customers.list({ limit: 3 }), ({ id }) => id, ids)
  })
  await step('list', 'a search finds by reference', async () => {
    await square.customers.create({ givenName: 'Bea', referenceId: 'ref-1' })
    const filter = { referenceId: { exact: 'ref-1' } }
    const { customers } = await square.customers.search({ query: { filter } })
    equal(
      customers?.map(({ givenName }) => givenName),
      ['Bea'],
    )
  })
  await step('more', 'an amount keeps all its digits', async () => {
    const amountMoney = { amount: 123_456_789_012n, currency: 'JPY' }
    const { payment } = await square.payments.create({
      sourceId: 'cnon:ok',
      idempotencyKey: 'p1',
      amountMoney,
    })
    equal(payment.amountMoney.amount, amountMoney.amount)
  })
  await step('more', 'an idempotency key makes one payment of two calls', async () => {
    const pay = () =>
      square.payments.create({
        sourceId: 'x',
        idempotencyKey: 'p2',
        amountMoney: { amount: 5n, currency: 'USD' },
      })
    equal((await pay()).payment.id, (await pay()).payment.id)
  })
  await step('more', 'an order keeps its line items', async () => {
    const lineItems = [{ name: 'Tea', quantity: '2', basePriceMoney: { amount: 300n, currency: 'USD' } }]
    const { order } = await square.orders.create({ order: { locationId: 'L1', lineItems } })
    equal([order.locationId, order.lineItems[0].name, order.lineItems[0].quantity], ['L1', 'Tea', '2'])
  })
  await step('delete', 'the customer is deleted', () => square.customers.delete({ customerId: customer.id }))
  await step('gone', 'the customer is then unknown, by the code of the error', () =>
    rejects(
      () => square.customers.get({ customerId: customer.id }),
      (error) => {
        truthy(error instanceof SquareError, error.constructor.name)
        equal([error.statusCode, error.errors[0].code], [404, 'NOT_FOUND'])
      },
    ),
  )
  await step('invalid', 'an empty source is refused with a detail', () =>
    rejects(
      () =>
        square.payments.create({
          sourceId: '',
          idempotencyKey: 'p3',
          amountMoney: { amount: 1n, currency: 'USD' },
        }),
      (error) => {
        equal(error.statusCode, 400)
        truthy(error.errors[0].detail)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('wrong').locations.list(),
      (error) => equal(error.statusCode, 401),
    ),
  )
})
