import MT from 'modern-treasury'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

// What earlier steps made, for later ones.
let l
let cp
let a1
let a2
let t

function clientsOf(url) {
  const connect = (apiKey) => new MT({ organizationID: 'org', apiKey, baseURL: url, maxRetries: 0 })
  const c = connect('right')
  return { c, connect }
}

async function firstSteps(step, { c }) {
  await step('create', 'a ledger comes back as it was sent', async () => {
    l = await c.ledgers.create({ name: 'L', description: 'D', metadata: { a: 'b' } })
    equal([l.name, l.description, l.metadata], ['L', 'D', { a: 'b' }])
  })
  await step('read', 'the ledger is found by its id', async () => {
    const r = await c.ledgers.retrieve(l.id)
    equal([r.id, r.name, r.metadata], [l.id, 'L', { a: 'b' }])
  })
  await step('update', 'an update keeps the name', async () => {
    const r = await c.ledgers.update(l.id, { description: 'E' })
    equal([r.name, r.description], ['L', 'E'])
  })
  await step('page', 'cursors in headers lead to every ledger once', async () => {
    const ids = await several(5, async (i) => (await c.ledgers.create({ name: `l${i}` })).id)
    await drain(c.ledgers.list({ per_page: 2 }), (x) => x.id, ids)
  })
  await step('list', 'ledgers are found by their metadata', async () => {
    const r = await c.ledgers.list({ metadata: { a: 'b' } })
    truthy(r.items.some((x) => x.id === l.id))
  })
  await step('create', 'a counterparty comes back with its accounts', async () => {
    cp = await c.counterparties.create({
      name: 'Ann',
      email: 'ann@example.org',
      metadata: { k: 'v' },
      accounts: [
        {
          account_type: 'checking',
          routing_details: [{ routing_number_type: 'aba', routing_number: '121141822', payment_type: 'ach' }],
          account_details: [{ account_number: '123456789' }],
        },
      ],
    })
    equal(
      [cp.name, cp.email, cp.metadata, cp.accounts?.length, cp.accounts?.[0]?.account_type],
      ['Ann', 'ann@example.org', { k: 'v' }, 1, 'checking'],
    )
  })
  await step('list', 'counterparties are found by their name', async () => {
    const r = await c.counterparties.list({ name: 'Ann' })
    equal(
      r.items.map((x) => x.id),
      [cp.id],
    )
  })
  await step('update', 'an update keeps the email', async () => {
    const r = await c.counterparties.update(cp.id, { name: 'Bea' })
    equal([r.name, r.email], ['Bea', 'ann@example.org'])
  })
  await step('create', 'accounts of a ledger come back as they were sent', async () => {
    const mk = (name, normal_balance) =>
      c.ledgerAccounts.create({ name, normal_balance, ledger_id: l.id, currency: 'USD' })
    a1 = await mk('A', 'debit')
    a2 = await mk('B', 'credit')
    equal([a1.name, a1.normal_balance, a1.ledger_id], ['A', 'debit', l.id])
  })
  await step('list', 'the accounts are in the list of their ledger', async () => {
    const r = await c.ledgerAccounts.list({ ledger_id: l.id })
    equal(r.items.map((x) => x.id).sort(), [a1.id, a2.id].sort())
  })
  await step('create', 'a transaction comes back with its entries', async () => {
    t = await c.ledgerTransactions.create({
      description: 'T',
      status: 'pending',
      effective_at: '2026-01-01T00:00:00Z',
      ledger_entries: [
        { amount: 100, direction: 'debit', ledger_account_id: a1.id },
        { amount: 100, direction: 'credit', ledger_account_id: a2.id },
      ],
    })
    equal(
      [t.description, t.status, t.ledger_entries.map((e) => [e.amount, e.direction, e.ledger_account_id])],
      [
        'T',
        'pending',
        [
          [100, 'debit', a1.id],
          [100, 'credit', a2.id],
        ],
      ],
    )
  })
}

async function furtherSteps(step, { connect, c }) {
  await step('update', 'a posted transaction stays posted', async () => {
    const r = await c.ledgerTransactions.update(t.id, { status: 'posted' })
    equal([r.status, r.description], ['posted', 'T'])
    equal((await c.ledgerTransactions.retrieve(t.id)).status, 'posted')
  })
  await step('more', 'an idempotency key makes one ledger of two calls', async () => {
    const o = { idempotencyKey: 'k1' }
    const x = await c.ledgers.create({ name: 'I' }, o),
      y = await c.ledgers.create({ name: 'I' }, o)
    equal(x.id, y.id)
  })
  await step('delete', 'the ledger is deleted', async () => {
    const r = await c.ledgers.delete(l.id)
    equal(r.id, l.id)
  })
  await step('gone', 'the ledger is then unknown', () =>
    rejects(
      () => c.ledgers.retrieve(l.id),
      (e) => {
        equal(e.status, 404)
        truthy(e instanceof MT.NotFoundError)
      },
    ),
  )
  await step('invalid', 'a missing member is named', () =>
    rejects(
      () => c.ledgers.create({}),
      (e) => {
        truthy([400, 422].includes(e.status), e.status)
        truthy(JSON.stringify(e.error).includes('name'))
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').ledgers.list(),
      (e) => equal(e.status, 401),
    ),
  )
}

await program(async ({ url, step }) => {
  const clients = clientsOf(url)
  await firstSteps(step, clients)
  await furtherSteps(step, clients)
})
