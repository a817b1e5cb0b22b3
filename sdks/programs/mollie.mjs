import { Client } from 'mollie-api-typescript'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (apiKey) =>
    new Client({ security: { apiKey }, serverURL: url, retryConfig: { strategy: 'none' } })
  const mollie = connect('test_right')
  let customer
  await step('create', 'a customer comes back as it was sent', async () => {
    customer = await mollie.customers.create({
      entityCustomer: { name: 'Ann', email: 'ann@example.org', metadata: { level: 'gold' } },
    })
    equal([customer.name, customer.email, customer.metadata], ['Ann', 'ann@example.org', { level: 'gold' }])
  })
  await step('read', 'the customer is found by its id', async () => {
    const c = await mollie.customers.get({ customerId: customer.id })
    equal([c.id, c.name], [customer.id, 'Ann'])
  })
  await step('list', 'the customer is in the list, which counts it', async () => {
    const page = await mollie.customers.list({})
    const { count, embedded } = page.result
    truthy(embedded.customers.some(({ id }) => id === customer.id))
    equal(count, embedded.customers.length)
  })
  await step('page', 'the pager shows each customer once and ends', async () => {
    const ids = await several(
      7,
      async (i) => (await mollie.customers.create({ entityCustomer: { name: `c${i}` } })).id,
    )
    const pages = await mollie.customers.list({ limit: 3 })
    async function* items() {
      for await (const page of pages) yield* page.result.embedded.customers
    }
    await drain(items(), ({ id }) => id, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    await mollie.customers.update({ customerId: customer.id, requestBody: { name: 'Bea' } })
    const c = await mollie.customers.get({ customerId: customer.id })
    equal([c.name, c.email], ['Bea', 'ann@example.org'])
  })
  let payment
  await step('create', 'a payment comes back as it was sent, open', async () => {
    payment = await mollie.payments.create({
      paymentRequest: {
        description: 'Order 1',
        amount: { currency: 'EUR', value: '10.00' },
        redirectUrl: 'https://example.org/return',
        metadata: { order: '1' },
      },
    })
    equal(
      [payment.description, payment.amount, payment.status],
      ['Order 1', { currency: 'EUR', value: '10.00' }, 'open'],
    )
  })
  await step('read', 'the payment is found by its id', async () => {
    const p = await mollie.payments.get({ paymentId: payment.id })
    equal([p.id, p.description, p.redirectUrl], [payment.id, 'Order 1', 'https://example.org/return'])
  })
  await step('more', 'a payment of a customer is in its list', async () => {
    const p = await mollie.customers.createPayment({
      customerId: customer.id,
      paymentRequest: {
        description: 'Mine',
        amount: { currency: 'EUR', value: '5.00' },
        redirectUrl: 'https://example.org',
      },
    })
    const { result } = await mollie.customers.listPayments({ customerId: customer.id })
    truthy(result.embedded.payments.some(({ id }) => id === p.id))
  })
  await step('more', 'a payment that was cancelled stays so', async () => {
    const p = await mollie.payments.cancel({ paymentId: payment.id })
    equal(p.status, 'canceled')
    equal((await mollie.payments.get({ paymentId: payment.id })).status, 'canceled')
  })
  await refusals({ url, step, connect, mollie, customer })
})

async function refusals({ url, step, connect, mollie, customer }) {
  await step('delete', 'a customer that was deleted is unknown', async () => {
    await mollie.customers.delete({ customerId: customer.id, requestBody: {} })
    await rejects(
      () => mollie.customers.get({ customerId: customer.id }),
      (e) => equal(e.statusCode, 404),
    )
  })
  await step('gone', 'its error names itself', () =>
    rejects(
      () => mollie.customers.get({ customerId: customer.id }),
      (e) => {
        equal(e.statusCode, 404)
        truthy(e.title && e.detail, JSON.stringify(e))
      },
    ),
  )
  await step('invalid', 'an amount without a currency is refused', async () => {
    const r = await fetch(`${url}/v2/payments`, {
      method: 'POST',
      headers: { authorization: 'Bearer test_right', 'content-type': 'application/json' },
      body: '{"description":"x","amount":{"value":"1.00"},"redirectUrl":"https://example.org"}',
    })
    truthy(r.status === 400 || r.status === 422, r.status)
    truthy(/currency/.test(await r.text()))
  })
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').customers.list({}),
      (e) => equal(e.statusCode, 401),
    ),
  )
}
