import * as K from 'conekta'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

// What earlier steps made, for later ones.
let c
let p
let o
let w

function clientsOf(url) {
  const connect = (A, accessToken = 'right') => new A(new K.Configuration({ accessToken, basePath: url }))
  const customers = connect(K.CustomersApi),
    plans = connect(K.PlansApi),
    orders = connect(K.OrdersApi),
    hooks = connect(K.WebhooksApi)
  return { customers, plans, connect, orders, hooks }
}

async function firstSteps(step, { customers, plans }) {
  await step('create', 'a customer comes back as it was sent', async () => {
    c = (
      await customers.createCustomer({
        name: 'Ann',
        email: 'ann@example.org',
        phone: '+5215555555555',
        metadata: { a: 'b' },
      })
    ).data
    equal([c.name, c.email, c.phone], ['Ann', 'ann@example.org', '+5215555555555'])
  })
  await step('read', 'the customer is found by its id', async () => {
    const x = (await customers.getCustomerById(c.id)).data
    equal([x.id, x.name], [c.id, 'Ann'])
  })
  await step('update', 'an update keeps the email', async () => {
    const x = (await customers.updateCustomer(c.id, { name: 'Bea' })).data
    equal([x.name, x.email], ['Bea', 'ann@example.org'])
  })
  await step('page', 'links lead to every customer once', async () => {
    const ids = await several(
      5,
      async (i) =>
        (
          await customers.createCustomer({
            name: `c${i}`,
            email: `c${i}@example.org`,
            phone: '+5215555555555',
          })
        ).data.id,
    )
    const seen = []
    let next
    for (let n = 0; n < 40; n++) {
      const { data } = await customers.getCustomers('en', undefined, 2, undefined, next)
      seen.push(...data.data.map((x) => x.id))
      if (!data.has_more) break
      next = new URL(data.next_page_url).searchParams.get('next')
    }
    equal(new Set(seen).size, seen.length)
    equal(
      ids.filter((i) => !seen.includes(i)),
      [],
    )
  })
  await step('create', 'a plan comes back as it was sent', async () => {
    p = (
      await plans.createPlan({ amount: 100, currency: 'MXN', frequency: 1, interval: 'month', name: 'Gold' })
    ).data
    equal([p.amount, p.name, p.interval], [100, 'Gold', 'month'])
  })
  await step('update', 'an update keeps the amount', async () => {
    const x = (await plans.updatePlan(p.id, { name: 'Silver' })).data
    equal([x.name, x.amount], ['Silver', 100])
  })
  await step('list', 'the plan is in the list', async () => {
    truthy((await plans.getPlans()).data.data.some((x) => x.id === p.id))
  })
  await step('delete', 'a plan that was deleted is unknown', async () => {
    const x = (await plans.deletePlan(p.id)).data
    equal(x.id, p.id)
    await rejects(
      () => plans.getPlan(p.id),
      (e) => equal(e.response?.status, 404),
    )
  })
}

async function furtherSteps(step, { connect, customers, orders, hooks }) {
  await step('create', 'an order comes back with its lines', async () => {
    o = (
      await orders.createOrder({
        currency: 'MXN',
        customer_info: { customer_id: c.id },
        line_items: [{ name: 'Book', quantity: 1, unit_price: 500 }],
        metadata: { k: 'v' },
      })
    ).data
    equal(
      [o.currency, o.line_items.data.map((l) => [l.name, l.quantity, l.unit_price])],
      ['MXN', [['Book', 1, 500]]],
    )
  })
  await step('read', 'the order is found with its metadata', async () => {
    const x = (await orders.getOrderById(o.id)).data
    equal([x.id, x.metadata], [o.id, { k: 'v' }])
  })
  await step('more', 'the order is cancelled', async () => {
    const x = (await orders.cancelOrder(o.id)).data
    equal(x.id, o.id)
  })
  await step('create', 'a webhook comes back as it was sent', async () => {
    w = (await hooks.createWebhook({ url: 'https://example.org/h', synchronous: false })).data
    equal(w.url, 'https://example.org/h')
  })
  await step('list', 'the webhook is in the list', async () => {
    truthy((await hooks.getWebhooks()).data.data.some((x) => x.id === w.id))
  })
  await step('delete', 'the customer is deleted', async () => {
    const x = (await customers.deleteCustomerById(c.id)).data
    equal(x.id, c.id)
  })
  await step('gone', 'the customer is then unknown', () =>
    rejects(
      () => customers.getCustomerById(c.id),
      (e) => equal(e.response?.status, 404),
    ),
  )
  await step('invalid', 'a missing member is refused', () =>
    rejects(
      () => customers.createCustomer({ name: 'x' }),
      (e) => truthy([400, 422].includes(e.response?.status)),
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect(K.CustomersApi, 'wrong').getCustomers(),
      (e) => equal(e.response?.status, 401),
    ),
  )
}

await program(async ({ url, step }) => {
  const clients = clientsOf(url)
  await firstSteps(step, clients)
  await furtherSteps(step, clients)
})
