import { QdrantClient } from '@qdrant/js-client-rest'
import { drain, equal, program, rejects, truthy } from '../harness.mjs'

const name = 'movies'
const byCity = (value) => ({ must: [{ key: 'city', match: { value } }] })
const idsOf = (points) => points.map(({ id }) => id)
const unknown = (work) => rejects(work, (error) => equal(error.status, 404))

await program(async ({ url, step }) => {
  const qdrant = new QdrantClient({ url, checkCompatibility: false })
  await step('create', 'a collection is made', async () => {
    equal(await qdrant.createCollection(name, { vectors: { size: 4, distance: 'Cosine' } }), true)
  })
  await step('read', 'the collection is found by its name, as it was made', async () => {
    const { size, distance } = (await qdrant.getCollection(name)).config.params.vectors
    equal([size, distance], [4, 'Cosine'])
  })
  await step('list', 'the collection is in the list', async () => {
    await qdrant.createCollection('songs', { vectors: { size: 2, distance: 'Dot' } })
    const { collections } = await qdrant.getCollections()
    const names = collections.map((collection) => collection.name)
    truthy(names.includes(name) && names.includes('songs'), names.join())
  })
  await step('update', 'an update of the collection keeps what it does not name', async () => {
    await qdrant.updateCollection(name, { params: { replication_factor: 3 } })
    const { replication_factor, vectors } = (await qdrant.getCollection(name)).config.params
    equal([replication_factor, vectors.size], [3, 4])
  })
  await pointSteps(step, qdrant)
  await furtherSteps(step, qdrant)
  await step('gone', 'a collection that was deleted is unknown', async () => {
    equal(await qdrant.deleteCollection(name), true)
    await unknown(() => qdrant.getCollection(name))
  })
  await step('invalid', 'a distance that there is not is refused', () =>
    rejects(
      () => qdrant.createCollection('bad', { vectors: { size: 4, distance: 'Nope' } }),
      (error) => {
        truthy(error.status === 400 || error.status === 422, error.message)
        truthy(JSON.stringify(error.data).includes('distance'), JSON.stringify(error.data))
      },
    ),
  )
})

async function pointSteps(step, qdrant) {
  const payloadOf = async (id) => {
    const { data } = await qdrant.api().getPoint({ collection_name: name, id })
    return data.result.payload
  }
  const upsert = (...points) => qdrant.upsert(name, { wait: true, points })
  await step('create', 'points have their payload', async () => {
    await upsert(
      { id: 1, vector: [0.1, 0.2, 0.3, 0.4], payload: { city: 'Berlin', n: 1 } },
      { id: 2, vector: [0.4, 0.3, 0.2, 0.1], payload: { city: 'London', n: 2 } },
      { id: 3, vector: [0.9, 0.1, 0.1, 0.1], payload: { city: 'Berlin', n: 3 } },
    )
    equal(await payloadOf(2), { city: 'London', n: 2 })
  })
  await step('read', 'points are found by their ids', async () => {
    const points = await qdrant.retrieve(name, { ids: [2, 3], with_payload: true })
    equal(
      points.map(({ id, payload }) => [id, payload.city]),
      [
        [2, 'London'],
        [3, 'Berlin'],
      ],
    )
  })
  await step('page', 'the offsets lead to every point once', async () => {
    async function* items() {
      let offset
      do {
        const page = await qdrant.scroll(name, { limit: 2, offset })
        yield* page.points
        offset = page.next_page_offset ?? undefined
      } while (offset !== undefined)
    }
    await drain(items(), ({ id }) => id, [1, 2, 3])
  })
  await step('list', 'points are found by their payload', async () => {
    equal(idsOf((await qdrant.scroll(name, { filter: byCity('Berlin') })).points), [1, 3])
  })
  await step('update', 'a payload is added to, and replaced', async () => {
    await qdrant.setPayload(name, { wait: true, payload: { rating: 5 }, points: [1] })
    equal(await payloadOf(1), { city: 'Berlin', n: 1, rating: 5 })
    await qdrant.overwritePayload(name, { wait: true, payload: { only: 1 }, points: [2] })
    equal(await payloadOf(2), { only: 1 })
  })
  await step('update', 'a key of a payload is deleted', async () => {
    await qdrant.deletePayload(name, { wait: true, keys: ['n'], points: [1] })
    const { city, n } = await payloadOf(1)
    equal([city, n], ['Berlin', undefined])
  })
  await step('update', 'a point that is sent again is replaced', async () => {
    await upsert({ id: 3, vector: [1, 0, 0, 0], payload: { city: 'Rome' } })
    equal(await payloadOf(3), { city: 'Rome' })
  })
  await step('delete', 'a point that was deleted by its id is unknown', async () => {
    await qdrant.delete(name, { wait: true, points: [2] })
    await unknown(() => payloadOf(2))
  })
  await step('delete', 'a point that was deleted by its payload is unknown', async () => {
    await qdrant.delete(name, { wait: true, filter: byCity('Rome') })
    await unknown(() => payloadOf(3))
  })
}

async function furtherSteps(step, qdrant) {
  await step('more', 'the collection tells of an index of its payload', async () => {
    await qdrant.createPayloadIndex(name, { field_name: 'city', field_schema: 'keyword', wait: true })
    equal((await qdrant.getCollection(name)).payload_schema.city?.data_type, 'keyword')
  })
  await step('more', 'an alias is in the list', async () => {
    const alias = { collection_name: name, alias_name: 'prod' }
    await qdrant.updateCollectionAliases({ actions: [{ create_alias: alias }] })
    equal((await qdrant.getAliases()).aliases, [alias])
  })
  await step('more', 'a snapshot is in the list until it is deleted', async () => {
    const snapshot = await qdrant.createSnapshot(name)
    const names = async () => (await qdrant.listSnapshots(name)).map((one) => one.name)
    equal(await names(), [snapshot.name])
    await qdrant.deleteSnapshot(name, snapshot.name)
    equal(await names(), [])
  })
}
