import sdk from '@hookdeck/sdk'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

const { HookdeckClient } = sdk
await program(async ({ url, step }) => {
  const connect = (token) => new HookdeckClient({ token, environment: url })
  const hookdeck = connect('right')
  const once = { maxRetries: 0 }
  let source
  await step('create', 'a source comes back as it was sent', async () => {
    source = await hookdeck.source.create({ name: 'shop', description: 'Orders' }, once)
    equal([source.name, source.description], ['shop', 'Orders'])
  })
  await step('read', 'the source is found by its id', async () => {
    const s = await hookdeck.source.retrieve(source.id, {}, once)
    equal([s.id, s.name], [source.id, 'shop'])
  })
  await step('list', 'the source is found by its name', async () => {
    await hookdeck.source.create({ name: 'other' }, once)
    const { models, count } = await hookdeck.source.list({ name: 'shop' }, once)
    equal([models.map((s) => s.id), count], [[source.id], 1])
  })
  await step('page', 'the pages show each source once and end', async () => {
    const ids = await several(7, async (i) => (await hookdeck.source.create({ name: `s${i}` }, once)).id)
    async function* items() {
      let next
      do {
        const page = await hookdeck.source.list({ limit: 3, next }, once)
        yield* page.models
        next = page.pagination?.next
      } while (next)
    }
    await drain(items(), (s) => s.id, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const s = await hookdeck.source.update(source.id, { description: 'Bills' }, once)
    equal([s.name, s.description], ['shop', 'Bills'])
  })
  await connections({ step, connect, hookdeck, once, source })
})

async function connections({ step, connect, hookdeck, once, source }) {
  let destination
  await step('create', 'a destination comes back as it was sent', async () => {
    destination = await hookdeck.destination.create({ name: 'app', url: 'https://example.org/h' }, once)
    equal([destination.name, destination.url], ['app', 'https://example.org/h'])
  })
  let connection
  await step('more', 'a connection shows the source and the destination that it was made of', async () => {
    connection = await hookdeck.connection.create(
      { name: 'c', sourceId: source.id, destinationId: destination.id },
      once,
    )
    equal(
      [connection.source.id, connection.source.name, connection.destination.id],
      [source.id, 'shop', destination.id],
    )
  })
  await step('list', 'the connection is found by its source', async () => {
    const { models } = await hookdeck.connection.list({ sourceId: source.id }, once)
    equal(
      models.map((c) => c.id),
      [connection.id],
    )
  })
  await step('more', 'a connection that was paused is paused, until it is unpaused', async () => {
    const p = await hookdeck.connection.pause(connection.id, once)
    truthy(p.pausedAt)
    const u = await hookdeck.connection.unpause(connection.id, once)
    equal(u.pausedAt ?? null, null)
  })
  await step('more', 'an upsert by name updates the source', async () => {
    const s = await hookdeck.source.upsert({ name: 'shop', description: 'Again' }, once)
    equal([s.id, s.description], [source.id, 'Again'])
  })
  await step('delete', 'a source that was deleted is unknown', async () => {
    const { id } = await hookdeck.source.delete(source.id, once)
    equal(id, source.id)
    await rejects(
      () => hookdeck.source.retrieve(source.id, {}, once),
      (e) => equal(e.statusCode, 404),
    )
  })
  await step('gone', 'its error says so in the form of the API', () =>
    rejects(
      () => hookdeck.source.retrieve('src_never', {}, once),
      (e) => {
        equal(e.statusCode, 404)
        truthy(e.body?.message && e.body?.code, JSON.stringify(e.body))
      },
    ),
  )
  await step('invalid', 'a name with blanks is refused', () =>
    rejects(
      () => hookdeck.source.create({ name: 'not allowed' }, once),
      (e) => {
        truthy(e.statusCode === 400 || e.statusCode === 422, e.statusCode)
        truthy(/name/.test(JSON.stringify(e.body)), JSON.stringify(e.body))
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').source.list({}, once),
      (e) => equal(e.statusCode, 401),
    ),
  )
}
