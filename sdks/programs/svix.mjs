import { ApiException, Svix } from 'svix'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (token) => new Svix(token, { serverUrl: url, numRetries: 0 })
  const svix = connect('testsk_right.eu')
  const has = (code) => (error) => {
    truthy(error instanceof ApiException, error.constructor.name)
    equal(error.code, code)
  }
  let app

  await step('create', 'an application has its name, uid and metadata', async () => {
    app = await svix.application.create({ name: 'Shop', uid: 'shop', metadata: { plan: 'pro' } })
    equal([app.name, app.uid, app.metadata], ['Shop', 'shop', { plan: 'pro' }])
  })
  await step('read', 'the application is found by id and by uid', async () => {
    for (const name of [app.id, 'shop']) equal((await svix.application.get(name)).id, app.id)
  })
  await step('update', 'a patch keeps what it does not name', async () => {
    const { name, uid } = await svix.application.patch(app.id, { name: 'Store' })
    equal([name, uid], ['Store', 'shop'])
  })
  await step('list', 'the application is in the list', async () => {
    truthy((await svix.application.list()).data.some(({ id }) => id === app.id))
  })
  await step('page', 'iterators lead to every endpoint once', async () => {
    const ids = await several(
      7,
      async (i) => (await svix.endpoint.create(app.id, { url: `https://example.org/${i}` })).id,
    )
    const found = []
    let page = { done: false, iterator: null }
    while (!page.done) {
      page = await svix.endpoint.list(app.id, { limit: 3, iterator: page.iterator })
      found.push(...page.data.map(({ id }) => id))
      truthy(found.length < 100, 'the list does not end')
    }
    equal(
      ids.filter((id) => !found.includes(id)),
      [],
    )
    equal(new Set(found).size, found.length)
  })
  await step('more', 'a message keeps its payload', async () => {
    const payload = { order: 7, lines: [{ sku: 'tea' }] }
    const message = await svix.message.create(app.id, { eventType: 'order.paid', payload })
    equal((await svix.message.get(app.id, message.id)).payload, payload)
  })
  await step('more', 'an event type is found by its name, and its name is taken', async () => {
    await svix.eventType.create({ name: 'order.paid', description: 'An order was paid' })
    equal((await svix.eventType.get('order.paid')).description, 'An order was paid')
    await rejects(() => svix.eventType.create({ name: 'order.paid', description: 'again' }), has(409))
  })
  await step('more', 'an idempotency key makes one application of two calls', async () => {
    const make = () => svix.application.create({ name: 'Once' }, { idempotencyKey: 'app-1' })
    equal((await make()).id, (await make()).id)
  })
  await step('delete', 'the application is deleted', () => svix.application.delete(app.id))
  await step('gone', 'the application is then unknown', () =>
    rejects(() => svix.application.get(app.id), has(404)),
  )
  await step('invalid', 'a wrong uid is refused with a detail', () =>
    rejects(
      () => svix.application.create({ name: 'X', uid: 'not a uid!' }),
      (error) => {
        has(422)(error)
        truthy(Array.isArray(error.body.detail), JSON.stringify(error.body))
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(() => connect('testsk_wrong.eu').application.list(), has(401)),
  )
})
