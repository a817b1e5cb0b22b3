import { Configuration, PlaidApi } from 'plaid'
import { equal, program, rejects, truthy } from '../harness.mjs'

// What earlier steps made, for later ones.
let access
let recipient

function clientsOf(url) {
  const connect = (secret) =>
    new PlaidApi(
      new Configuration({
        basePath: url,
        baseOptions: {
          headers: { 'PLAID-CLIENT-ID': 'client', 'PLAID-SECRET': secret, 'Plaid-Version': '2020-09-14' },
        },
      }),
    )
  const p = connect('right')
  return { p, connect }
}

async function firstSteps(step, { p }) {
  await step('create', 'a link token is found again', async () => {
    const { data } = await p.linkTokenCreate({
      client_name: 'X',
      language: 'en',
      country_codes: ['US'],
      user: { client_user_id: 'u1' },
      products: ['auth'],
    })
    truthy(data.link_token)
    const r = (await p.linkTokenGet({ link_token: data.link_token })).data
    equal(r.link_token, data.link_token)
  })
  await step('create', 'a public token is exchanged for an access token', async () => {
    const s = (await p.sandboxPublicTokenCreate({ institution_id: 'ins_3', initial_products: ['auth'] })).data
    truthy(s.public_token)
    access = (await p.itemPublicTokenExchange({ public_token: s.public_token })).data.access_token
    truthy(access)
  })
  await step('read', 'the item of an access token is found', async () => {
    const { data } = await p.itemGet({ access_token: access })
    truthy(data.item.item_id)
  })
  await step('read', 'an institution has the id that was asked for', async () => {
    const { data } = await p.institutionsGetById({ institution_id: 'ins_3', country_codes: ['US'] })
    equal(data.institution.institution_id, 'ins_3')
  })
  await step('list', 'the accounts of an item are listed', async () => {
    const { data } = await p.accountsGet({ access_token: access })
    truthy(data.accounts.length > 0 && data.accounts[0].account_id)
  })
  await step('page', 'a sync comes to its end', async () => {
    let cursor,
      n = 0,
      has
    do {
      const { data } = await p.transactionsSync({ access_token: access, cursor, count: 2 })
      cursor = data.next_cursor
      has = data.has_more
      truthy(++n < 30, 'no end')
    } while (has)
  })
  await step('update', 'the webhook of an item is the one that was sent', async () => {
    const { data } = await p.itemWebhookUpdate({ access_token: access, webhook: 'https://example.org/h' })
    equal(data.item.webhook, 'https://example.org/h')
  })
  await step('create', 'a payment recipient is found as it was sent', async () => {
    recipient = (await p.paymentInitiationRecipientCreate({ name: 'Ann', iban: 'GB33BUKB20201555555555' }))
      .data.recipient_id
    const { data } = await p.paymentInitiationRecipientGet({ recipient_id: recipient })
    equal([data.recipient_id, data.name, data.iban], [recipient, 'Ann', 'GB33BUKB20201555555555'])
  })
  await step('list', 'the recipient is in the list', async () => {
    const { data } = await p.paymentInitiationRecipientList({})
    truthy(data.recipients.some((r) => r.recipient_id === recipient))
  })
  await step('create', 'a payment is found as it was sent', async () => {
    const c = (
      await p.paymentInitiationPaymentCreate({
        recipient_id: recipient,
        reference: 'ref',
        amount: { currency: 'GBP', value: 5 },
      })
    ).data
    const { data } = await p.paymentInitiationPaymentGet({ payment_id: c.payment_id })
    equal([data.payment_id, data.reference, data.amount.value], [c.payment_id, 'ref', 5])
  })
}

async function furtherSteps(step, { connect, p }) {
  await step('create', 'a transfer is found as it was sent', async () => {
    const a = (
      await p.transferAuthorizationCreate({
        access_token: access,
        account_id: 'acc',
        type: 'debit',
        network: 'ach',
        amount: '12.34',
        ach_class: 'ppd',
        user: { legal_name: 'Ann' },
      })
    ).data.authorization
    const t = (
      await p.transferCreate({
        access_token: access,
        account_id: 'acc',
        authorization_id: a.id,
        description: 'pay',
      })
    ).data.transfer
    const { data } = await p.transferGet({ transfer_id: t.id })
    equal([data.transfer.id, data.transfer.description], [t.id, 'pay'])
  })
  await step('delete', 'the item is removed', async () => {
    const { data } = await p.itemRemove({ access_token: access })
    truthy(data.request_id)
  })
  await step('invalid', 'a missing member is refused in the shape of the API', () =>
    rejects(
      () => p.institutionsGet({ count: 'x' }),
      (e) => {
        equal(e.response?.status, 400)
        truthy(
          e.response.data.error_type && e.response.data.error_message,
          JSON.stringify(e.response.data).slice(0, 100),
        )
      },
    ),
  )
  await step('key', 'a wrong secret is refused', () =>
    rejects(
      () =>
        connect('wrong').categoriesGet
          ? connect('wrong').institutionsGet({ count: 1, offset: 0, country_codes: ['US'] })
          : 0,
      (e) => truthy([400, 401].includes(e.response?.status), e.response?.status),
    ),
  )
}

await program(async ({ url, step }) => {
  const clients = clientsOf(url)
  await firstSteps(step, clients)
  await furtherSteps(step, clients)
})
