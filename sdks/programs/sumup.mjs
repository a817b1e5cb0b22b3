import SumUp from '@sumup/sdk'
import { equal, program, rejects, truthy } from '../harness.mjs'

// What earlier steps made, for later ones.
let k
let r

function clientsOf(url) {
  const connect = (apiKey) => new SumUp({ apiKey, host: url, maxRetries: 0 })
  const c = connect('sup_sk_right')
  const m = 'MC0X0ABC'
  return { c, m, connect }
}

async function firstSteps(step, { c, m }) {
  await step('create', 'a checkout comes back as it was sent', async () => {
    k = await c.checkouts.create({
      checkout_reference: 'r1',
      amount: 10.5,
      currency: 'EUR',
      merchant_code: m,
      description: 'D',
    })
    equal(
      [k.checkout_reference, k.amount, k.currency, k.description, k.status],
      ['r1', 10.5, 'EUR', 'D', 'PENDING'],
    )
  })
  await step('read', 'the checkout is found by its id', async () => {
    const x = await c.checkouts.get(k.id)
    equal([x.id, x.amount], [k.id, 10.5])
  })
  await step('list', 'checkouts are found by their reference', async () => {
    await c.checkouts.create({ checkout_reference: 'r2', amount: 1, currency: 'EUR', merchant_code: m })
    const x = await c.checkouts.list({ checkout_reference: 'r1' })
    equal(
      x.map((y) => y.id),
      [k.id],
    )
  })
  await step('delete', 'the checkout is deactivated', async () => {
    const x = await c.checkouts.deactivate(k.id)
    equal(x.id, k.id)
  })
  await step('create', 'a customer comes back as it was sent', async () => {
    const x = await c.customers.create({
      customer_id: 'c1',
      personal_details: { first_name: 'Ann', email: 'ann@example.org' },
    })
    equal([x.customer_id, x.personal_details.first_name], ['c1', 'Ann'])
  })
  await step('read', 'the customer is found by its id', async () => {
    const x = await c.customers.get('c1')
    equal(x.personal_details.email, 'ann@example.org')
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const x = await c.customers.update('c1', { personal_details: { last_name: 'Lee' } })
    equal([x.personal_details.first_name, x.personal_details.last_name], ['Ann', 'Lee'])
  })
  await step('invalid', 'an id that is taken is refused', () =>
    rejects(
      () => c.customers.create({ customer_id: 'c1' }),
      (e) => equal(e.status, 409),
    ),
  )
}

async function furtherSteps(step, { connect, c, m }) {
  await step('gone', 'a customer that was never made is unknown', () =>
    rejects(
      () => c.customers.get('none'),
      (e) => equal(e.status, 404),
    ),
  )
  await step('create', 'a reader comes back as it was sent', async () => {
    r = await c.readers.create(m, { pairing_code: '4WLFDSBF', name: 'Front' })
    equal(r.name, 'Front')
  })
  await step('list', 'the reader is in the list', async () => {
    const x = await c.readers.list(m)
    truthy(x.items.some((y) => y.id === r.id))
  })
  await step('update', 'the reader is found with its new name', async () => {
    await c.readers.update(m, r.id, { name: 'Back' })
    equal([(await c.readers.get(m, r.id)).name], ['Back'])
  })
  await step('delete', 'a reader that was deleted is unknown', async () => {
    await c.readers.delete(m, r.id)
    await rejects(
      () => c.readers.get(m, r.id),
      (e) => equal(e.status, 404),
    )
  })
  await step('more', 'a member is found by its id', async () => {
    const x = await c.members.create(m, { email: 'bob@example.org', roles: ['role_employee'] })
    equal(x.roles, ['role_employee'])
    equal((await c.members.get(m, x.id)).id, x.id)
  })
  await step('more', 'a role is in the list', async () => {
    const x = await c.roles.create(m, { name: 'R', permissions: ['a'] })
    equal(x.name, 'R')
    equal(
      (await c.roles.list(m)).items.some((y) => y.id === x.id),
      true,
    )
  })
  await step('invalid', 'a missing amount is refused', () =>
    rejects(
      () => c.checkouts.create({ checkout_reference: 'x', currency: 'EUR', merchant_code: m }),
      (e) => equal(e.status, 400),
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').checkouts.list(),
      (e) => equal(e.status, 401),
    ),
  )
}

await program(async ({ url, step }) => {
  const clients = clientsOf(url)
  await firstSteps(step, clients)
  await furtherSteps(step, clients)
})
