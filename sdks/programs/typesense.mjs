import Typesense from 'typesense'
import { equal, program, rejects, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const { hostname: host, port } = new URL(url)
  const connect = (apiKey) =>
    new Typesense.Client({
      nodes: [{ host, port: Number(port), protocol: 'http' }],
      apiKey,
      numRetries: 0,
      connectionTimeoutSeconds: 10,
      logLevel: 'silent',
    })
  const ts = connect('right')
  const fields = [
    { name: 'company', type: 'string' },
    { name: 'size', type: 'int32' },
  ]
  await step('create', 'a collection comes back as it was sent', async () => {
    const c = await ts.collections().create({ name: 'companies', fields, default_sorting_field: 'size' })
    equal(
      [c.name, c.fields.map((f) => f.name), c.default_sorting_field, c.num_documents],
      ['companies', ['company', 'size'], 'size', 0],
    )
  })
  await step('read', 'the collection is found by its name', async () => {
    const c = await ts.collections('companies').retrieve()
    equal([c.name, c.fields.length], ['companies', 2])
  })
  await step('list', 'the collection is in the list', async () => {
    truthy((await ts.collections().retrieve()).some((c) => c.name === 'companies'))
  })
  await step('create', 'a document comes back as it was sent', async () => {
    const d = await ts.collections('companies').documents().create({ id: '1', company: 'Ann', size: 3 })
    equal([d.id, d.company, d.size], ['1', 'Ann', 3])
  })
  await step('read', 'the document is found by its id', async () => {
    const d = await ts.collections('companies').documents('1').retrieve()
    equal([d.id, d.company, d.size], ['1', 'Ann', 3])
  })
  await step('update', 'an update of the document keeps what it does not name', async () => {
    await ts.collections('companies').documents('1').update({ size: 4 })
    const d = await ts.collections('companies').documents('1').retrieve()
    equal([d.company, d.size], ['Ann', 4])
  })
  await step('more', 'an alias is written by its name and read', async () => {
    await ts.aliases().upsert('a', { collection_name: 'companies' })
    const a = await ts.aliases('a').retrieve()
    equal([a.name, a.collection_name], ['a', 'companies'])
  })
  await step('list', 'the alias is in the list', async () => {
    const { aliases } = await ts.aliases().retrieve()
    truthy(aliases.some((a) => a.name === 'a'))
  })
  let key
  await step('more', 'a key is found by its number', async () => {
    key = await ts
      .keys()
      .create({ description: 'Reads', actions: ['documents:search'], collections: ['companies'] })
    const k = await ts.keys(key.id).retrieve()
    equal([k.id, k.description, k.actions], [key.id, 'Reads', ['documents:search']])
  })
  await step('delete', 'a key that was deleted is unknown', async () => {
    await ts.keys(key.id).delete()
    await rejects(
      () => ts.keys(key.id).retrieve(),
      (e) => equal(e.httpStatus, 404),
    )
  })
  await step('delete', 'a document that was deleted is unknown', async () => {
    await ts.collections('companies').documents('1').delete()
    await rejects(
      () => ts.collections('companies').documents('1').retrieve(),
      (e) => equal(e.httpStatus, 404),
    )
  })
  await step('gone', 'a collection that was dropped is unknown, with a message', async () => {
    await ts.collections('companies').delete()
    await rejects(
      () => ts.collections('companies').retrieve(),
      (e) => {
        equal(e.httpStatus, 404)
        truthy(/./.test(e.message))
      },
    )
  })
  await step('invalid', 'a collection without fields is refused', () =>
    rejects(
      () => ts.collections().create({ name: 'x' }),
      (e) => {
        truthy(e.httpStatus === 400 || e.httpStatus === 422, e.httpStatus)
        truthy(/fields/.test(e.message), e.message)
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').collections().retrieve(),
      (e) => equal(e.httpStatus, 401),
    ),
  )
})
