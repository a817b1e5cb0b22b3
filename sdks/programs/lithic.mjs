import Lithic from 'lithic'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (apiKey) => new Lithic({ apiKey, baseURL: url, maxRetries: 0 })
  const lithic = connect('right')
  let card
  await step('create', 'a card comes back as it was sent', async () => {
    card = await lithic.cards.create({
      type: 'VIRTUAL',
      memo: 'Ann',
      spend_limit: 1000,
      spend_limit_duration: 'MONTHLY',
    })
    equal([card.memo, card.type, card.spend_limit], ['Ann', 'VIRTUAL', 1000])
  })
  await step('read', 'the card is found by its token', async () => {
    const c = await lithic.cards.retrieve(card.token)
    equal([c.token, c.memo], [card.token, 'Ann'])
  })
  await step('list', 'the card is in the list', async () => {
    const p = await lithic.cards.list()
    truthy(p.data.some((c) => c.token === card.token))
  })
  await step('page', 'the pager shows each card once and ends', async () => {
    const ids = await several(
      7,
      async (i) => (await lithic.cards.create({ type: 'VIRTUAL', memo: `c${i}` })).token,
    )
    await drain(lithic.cards.list({ page_size: 3 }), (c) => c.token, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const c = await lithic.cards.update(card.token, { memo: 'Bea' })
    equal([c.memo, c.spend_limit], ['Bea', 1000])
  })
  await step('update', 'a paused card stays paused', async () => {
    await lithic.cards.update(card.token, { state: 'PAUSED' })
    equal((await lithic.cards.retrieve(card.token)).state, 'PAUSED')
  })
  await step('gone', 'a card that was never made is unknown', () =>
    rejects(
      () => lithic.cards.retrieve('00000000-0000-4000-8000-000000000000'),
      (e) => {
        truthy(e instanceof Lithic.NotFoundError, e.constructor.name)
      },
    ),
  )
  await step('invalid', 'a type that there is not is refused', () =>
    rejects(
      () => lithic.cards.create({ type: 'NOPE' }),
      (e) => {
        truthy(e.status === 400 || e.status === 422, e.status)
        truthy(e.error?.message ?? e.error?.debugging_request_id, JSON.stringify(e.error))
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').cards.list(),
      (e) => equal(e.status, 401),
    ),
  )
  let rule
  await step('more', 'a rule comes back as it was sent', async () => {
    rule = await lithic.authRules.v2.create({
      type: 'CONDITIONAL_BLOCK',
      name: 'r',
      card_tokens: [card.token],
      parameters: { conditions: [{ attribute: 'MCC', operation: 'IS_ONE_OF', value: ['1234'] }] },
    })
    equal([rule.type, rule.name, rule.card_tokens], ['CONDITIONAL_BLOCK', 'r', [card.token]])
  })
  await step('delete', 'a rule that was deleted is unknown', async () => {
    await lithic.authRules.v2.delete(rule.token)
    await rejects(
      () => lithic.authRules.v2.retrieve(rule.token),
      (e) => equal(e.status, 404),
    )
  })
  await step('more', 'an event subscription is found as it was sent', async () => {
    const s = await lithic.events.subscriptions.create({
      url: 'https://example.org/h',
      description: 'd',
      event_types: ['card.created'],
    })
    const r = await lithic.events.subscriptions.retrieve(s.token)
    equal([r.url, r.description, r.event_types], ['https://example.org/h', 'd', ['card.created']])
  })
  await step('more', 'a simulated authorization gets a token', async () => {
    const r = await lithic.transactions.simulateAuthorization({
      amount: 100,
      descriptor: 'COFFEE',
      pan: '4111111289144142',
    })
    truthy(r.token)
  })
})
