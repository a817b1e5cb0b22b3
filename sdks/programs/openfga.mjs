import { OpenFgaClient } from '@openfga/sdk'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (storeId, authorizationModelId) =>
    new OpenFgaClient({ apiUrl: url, storeId, authorizationModelId, retryParams: { maxRetry: 0 } })
  const all = connect()
  let store
  await step('create', 'a store comes back as it was sent', async () => {
    store = await all.createStore({ name: 'demo' })
    equal(store.name, 'demo')
  })
  const demo = connect(store.id)
  await step('read', 'the store is found by its id', async () => {
    equal((await demo.getStore()).name, 'demo')
  })
  await step('list', 'the store is in the list', async () => {
    const { stores } = await all.listStores({ pageSize: 50 })
    truthy(stores.some(({ id }) => id === store.id))
  })
  await step('page', 'the pages show each store once and end', async () => {
    const ids = await several(5, async (i) => (await all.createStore({ name: `s${i}` })).id)
    async function* stores() {
      let continuationToken
      do {
        const page = await all.listStores({ pageSize: 2, continuationToken })
        yield* page.stores
        continuationToken = page.continuation_token
      } while (continuationToken)
    }
    await drain(stores(), ({ id }) => id, ids)
  })
  await modelsAndTuples({ connect, store, demo, step })
  await step('delete', 'a store is deleted', () => demo.deleteStore())
  await step('gone', 'the deleted store is unknown', () =>
    rejects(
      () => demo.getStore(),
      ({ statusCode }) => equal(statusCode, 404),
    ),
  )
  await step('invalid', 'a name that is no text is refused', () =>
    rejects(
      () => all.createStore({ name: 5 }),
      ({ statusCode }) => equal(statusCode, 400),
    ),
  )
})

async function modelsAndTuples({ connect, store, demo, step }) {
  const ann = { user: 'user:ann', relation: 'viewer', object: 'page:1' }
  const bob = { user: 'user:bob', relation: 'viewer', object: 'page:2' }
  let own
  await step('create', 'a model is found by the id that its creation tells', async () => {
    const types = [{ type: 'user' }, { type: 'page', relations: { viewer: { this: {} } } }]
    const { authorization_model_id: id } = await demo.writeAuthorizationModel({
      schema_version: '1.1',
      type_definitions: types,
    })
    own = connect(store.id, id)
    const { authorization_model: model } = await own.readAuthorizationModel()
    equal([model.id, model.type_definitions.map(({ type }) => type)], [id, ['user', 'page']])
  })
  await step('list', 'the latest model is the one that was written', async () => {
    const { authorization_model: latest } = await demo.readLatestAuthorizationModel()
    equal(latest.type_definitions.length, 2)
  })
  await step('more', 'tuples that were written are read', async () => {
    await own.write({ writes: [ann, bob] })
    const { tuples } = await demo.read({})
    equal(tuples.map(({ key }) => key.user).sort(), ['user:ann', 'user:bob'])
  })
  await step('more', 'a tuple that was deleted is read no more', async () => {
    await own.write({ deletes: [bob] })
    const { tuples } = await demo.read({})
    equal(
      tuples.map(({ key }) => key.user),
      ['user:ann'],
    )
  })
  await step('more', 'assertions come back as they were put', async () => {
    await own.writeAssertions([{ ...ann, expectation: true }])
    const { assertions } = await own.readAssertions()
    equal(
      assertions.map((one) => [one.tuple_key.user, one.expectation]),
      [['user:ann', true]],
    )
  })
}
