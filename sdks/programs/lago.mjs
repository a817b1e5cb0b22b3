import { Client } from 'lago-javascript-client'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (key) => Client(key, { baseUrl: `${url}/api/v1` })
  const lago = connect('right')
  const has = (status) => (response) => equal(response.status, status)

  await metricsAndPlans({ lago, step, has })
  await customersAndSubscriptions({ lago, step })
  await walletsAndInvoices({ lago, step })

  await step('gone', 'a deleted customer is unknown', async () => {
    await lago.customers.destroyCustomer('ann')
    await rejects(() => lago.customers.findCustomer('ann'), has(404))
  })
  await step('invalid', 'a plan without a code is refused', () =>
    rejects(() => lago.plans.createPlan({ plan: { name: 'X' } }), has(422)),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(() => connect('wrong').plans.findAllPlans(), has(401)),
  )
})

async function metricsAndPlans({ lago, step, has }) {
  const price = { amount_cents: 1000, amount_currency: 'EUR', interval: 'monthly', pay_in_advance: true }
  let metric
  await step('create', 'a metric comes back as it was sent', async () => {
    const sent = { name: 'Storage', code: 'storage', aggregation_type: 'sum_agg', field_name: 'gb' }
    metric = (await lago.billableMetrics.createBillableMetric({ billable_metric: sent })).data.billable_metric
    equal([metric.name, metric.code, metric.field_name], ['Storage', 'storage', 'gb'])
  })
  await step('read', 'the metric is found by its code', async () => {
    const { data } = await lago.billableMetrics.findBillableMetric('storage')
    equal(data.billable_metric.lago_id, metric.lago_id)
  })
  await step('create', 'a plan has the charges that it was made with', async () => {
    const charge = {
      billable_metric_id: metric.lago_id,
      charge_model: 'standard',
      properties: { amount: '0.5' },
    }
    await lago.plans.createPlan({ plan: { name: 'Pro', code: 'pro', ...price, charges: [charge] } })
    const { plan } = (await lago.plans.findPlan('pro')).data
    equal([plan.name, plan.interval, plan.charges[0].properties.amount], ['Pro', 'monthly', '0.5'])
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const { plan } = (await lago.plans.updatePlan('pro', { plan: { name: 'Pro 2', amount_cents: 2000 } }))
      .data
    equal([plan.name, plan.amount_cents, plan.code], ['Pro 2', 2000, 'pro'])
  })
  await step('page', 'the pages show each plan once and end', async () => {
    await several(5, (i) => lago.plans.createPlan({ plan: { name: `P${i}`, code: `p${i}`, ...price } }))
    const codes = []
    for (let page = 1; page !== null && codes.length < 100; ) {
      const { data } = await lago.plans.findAllPlans({ page, per_page: 2 })
      codes.push(...data.plans.map(({ code }) => code))
      page = data.meta.next_page
    }
    equal(new Set(codes).size, codes.length)
    for (const code of ['pro', 'p1', 'p5']) truthy(codes.includes(code))
  })
  await step('delete', 'a tax that was deleted is unknown', async () => {
    await lago.taxes.createTax({ tax: { name: 'VAT', code: 'vat', rate: '20.0' } })
    await lago.taxes.destroyTax('vat')
    await rejects(() => lago.taxes.findTax('vat'), has(404))
  })
}

async function customersAndSubscriptions({ lago, step }) {
  let ann
  await step('create', 'a customer comes back as it was sent', async () => {
    const sent = { external_id: 'ann', name: 'Ann', email: 'ann@example.org', currency: 'EUR' }
    ann = (await lago.customers.createCustomer({ customer: sent })).data.customer
    equal([ann.external_id, ann.name, ann.email], ['ann', 'Ann', 'ann@example.org'])
  })
  await step('update', 'a customer of the same id is changed', async () => {
    const sent = { external_id: 'ann', name: 'Anna' }
    const { customer } = (await lago.customers.createCustomer({ customer: sent })).data
    equal([customer.lago_id, customer.name, customer.email], [ann.lago_id, 'Anna', 'ann@example.org'])
  })
  await step('list', 'the customer is in the list', async () => {
    const { data } = await lago.customers.findAllCustomers()
    truthy(data.customers.some(({ external_id: id }) => id === 'ann'))
  })
  await step('create', 'a subscription has the id of its customer', async () => {
    const sent = { external_customer_id: 'ann', plan_code: 'pro', external_id: 'first' }
    const { subscription } = (await lago.subscriptions.createSubscription({ subscription: sent })).data
    equal([subscription.status, subscription.plan_code], ['active', 'pro'])
    equal(subscription.lago_customer_id, ann.lago_id)
  })
  await step('list', 'the subscriptions of a customer are listed', async () => {
    const { data } = await lago.subscriptions.findAllSubscriptions({ external_customer_id: 'ann' })
    equal(
      data.subscriptions.map(({ external_id: id }) => id),
      ['first'],
    )
  })
  await step('more', 'a subscription that is terminated says so', async () => {
    const { data } = await lago.subscriptions.destroySubscription('first')
    equal(data.subscription.status, 'terminated')
  })
  await step('more', 'a coupon is applied to a customer', async () => {
    const worth = { coupon_type: 'fixed_amount', amount_cents: 500, amount_currency: 'EUR' }
    const coupon = { name: 'C', code: 'c1', ...worth, frequency: 'once', expiration: 'no_expiration' }
    await lago.coupons.createCoupon({ coupon })
    const applied = { external_customer_id: 'ann', coupon_code: 'c1' }
    await lago.appliedCoupons.applyCoupon({ applied_coupon: applied })
    const { data } = await lago.appliedCoupons.findAllAppliedCoupons({ external_customer_id: 'ann' })
    equal(
      data.applied_coupons.map((one) => one.coupon_code),
      ['c1'],
    )
  })
}

async function walletsAndInvoices({ lago, step }) {
  await step('more', 'a wallet is read, and says that it is terminated', async () => {
    const sent = { external_customer_id: 'ann', rate_amount: '1.5', name: 'W', currency: 'EUR' }
    const { wallet } = (await lago.wallets.createWallet({ wallet: sent })).data
    equal([wallet.name, wallet.rate_amount, wallet.status], ['W', '1.5', 'active'])
    equal((await lago.wallets.findWallet(wallet.lago_id)).data.wallet.name, 'W')
    equal((await lago.wallets.destroyWallet(wallet.lago_id)).data.wallet.status, 'terminated')
  })
  await step('more', 'an event is found by its transaction', async () => {
    const event = { transaction_id: 't1', external_subscription_id: 'first', code: 'storage' }
    await lago.events.createEvent({ event: { ...event, properties: { gb: '10' } } })
    equal((await lago.events.findEvent('t1')).data.event.code, 'storage')
  })
  await step('more', 'an invoice is found by its id', async () => {
    const price = { amount_cents: 100, amount_currency: 'EUR' }
    await lago.addOns.createAddOn({ add_on: { name: 'Setup', code: 'setup', ...price } })
    const sent = {
      external_customer_id: 'ann',
      currency: 'EUR',
      fees: [{ add_on_code: 'setup', units: '2' }],
    }
    const { invoice } = (await lago.invoices.createInvoice({ invoice: sent })).data
    equal((await lago.invoices.findInvoice(invoice.lago_id)).data.invoice.currency, 'EUR')
  })
}
