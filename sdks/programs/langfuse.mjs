import { LangfuseAPIClient } from '@langfuse/core'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const once = { maxRetries: 0 }

await program(async ({ url, step }) => {
  const connect = (username) =>
    new LangfuseAPIClient({ environment: url, baseUrl: url, username, password: 'x' })
  const langfuse = connect('right')
  const has = (status) => (error) => equal(error.statusCode, status)

  await queues({ langfuse, step, has })
  await datasets({ langfuse, step, has })
  await prompts({ langfuse, step })
  await scores({ langfuse, step })

  await step('invalid', 'a queue without a name is refused', () =>
    rejects(() => langfuse.annotationQueues.createQueue({ description: 3 }, once), has(400)),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(() => connect('wrong').datasets.list({}, once), has(401)),
  )
})

async function queues({ langfuse, step, has }) {
  let config
  let queue
  let item
  await step('create', 'a score config comes back as it was sent', async () => {
    config = await langfuse.scoreConfigs.create({ name: 'quality', dataType: 'NUMERIC', maxValue: 10 })
    equal([config.name, config.dataType, config.maxValue], ['quality', 'NUMERIC', 10])
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const changed = await langfuse.scoreConfigs.update(config.id, { isArchived: true })
    equal([changed.isArchived, changed.name], [true, 'quality'])
  })
  await step('create', 'a queue has its score configs', async () => {
    queue = await langfuse.annotationQueues.createQueue({ name: 'q', scoreConfigIds: [config.id] })
    equal([queue.name, queue.scoreConfigIds], ['q', [config.id]])
  })
  await step('create', 'an item of a queue begins as pending', async () => {
    const sent = { objectId: 'o1', objectType: 'TRACE' }
    item = await langfuse.annotationQueues.createQueueItem(queue.id, sent)
    equal([item.objectId, item.queueId, item.status], ['o1', queue.id, 'PENDING'])
  })
  await step('update', 'an item that is completed has the time of it', async () => {
    const done = await langfuse.annotationQueues.updateQueueItem(queue.id, item.id, { status: 'COMPLETED' })
    equal([done.status, done.objectId], ['COMPLETED', 'o1'])
    truthy(done.completedAt)
  })
  await step('list', 'the items of a status are listed', async () => {
    await langfuse.annotationQueues.createQueueItem(queue.id, { objectId: 'o2', objectType: 'TRACE' })
    const { data } = await langfuse.annotationQueues.listQueueItems(queue.id, { status: 'PENDING' })
    equal(
      data.map(({ objectId }) => objectId),
      ['o2'],
    )
  })
  await step('gone', 'a deleted item is unknown', async () => {
    await langfuse.annotationQueues.deleteQueueItem(queue.id, item.id)
    await rejects(() => langfuse.annotationQueues.getQueueItem(queue.id, item.id, once), has(404))
  })
}

async function datasets({ langfuse, step, has }) {
  let dataset
  let item
  await step('read', 'a dataset is found by its name', async () => {
    dataset = await langfuse.datasets.create({ name: 'sets/one', metadata: { a: 1 } })
    const found = await langfuse.datasets.get('sets/one')
    equal([found.id, found.metadata], [dataset.id, { a: 1 }])
  })
  await step('create', 'an item names its dataset by both of its names', async () => {
    item = await langfuse.datasetItems.create({ datasetName: 'sets/one', input: { x: [1, 'two'] } })
    equal([item.datasetName, item.datasetId, item.input], ['sets/one', dataset.id, { x: [1, 'two'] }])
  })
  await step('update', 'an item of the same id is changed', async () => {
    await langfuse.datasetItems.create({ datasetName: 'sets/one', id: item.id, input: 'new' })
    const { data } = await langfuse.datasetItems.list({ datasetName: 'sets/one' })
    equal(
      data.map(({ input }) => input),
      ['new'],
    )
  })
  await step('page', 'a page has its part of the items, and all counts', async () => {
    await several(4, (input) => langfuse.datasetItems.create({ datasetName: 'sets/one', input }))
    const { data, meta } = await langfuse.datasetItems.list({ datasetName: 'sets/one', page: 2, limit: 2 })
    equal([data.length, meta.page, meta.totalItems, meta.totalPages], [2, 2, 5, 3])
  })
  await step('more', 'a run is made by its first item', async () => {
    const { data } = await langfuse.datasetItems.list({ datasetName: 'sets/one' })
    await langfuse.datasetRunItems.create({ runName: 'r1', datasetItemId: data[0].id, traceId: 't1' })
    const runs = await langfuse.datasets.getRuns('sets/one')
    equal(
      runs.data.map(({ name }) => name),
      ['r1'],
    )
  })
  await step('gone', 'a deleted model is unknown', async () => {
    const model = await langfuse.models.create({ modelName: 'm', matchPattern: '^m$', unit: 'TOKENS' })
    await langfuse.models.delete(model.id)
    await rejects(() => langfuse.models.get(model.id, once), has(404))
  })
}

async function prompts({ langfuse, step }) {
  await step('create', 'a prompt comes back as it was sent', async () => {
    const sent = { type: 'text', name: 'hello', prompt: 'Hi {{name}}', labels: ['production'] }
    const prompt = await langfuse.prompts.create(sent)
    equal([prompt.name, prompt.prompt, prompt.labels, prompt.version], ['hello', sent.prompt, sent.labels, 1])
  })
  await step('create', 'a chat prompt has its messages', async () => {
    const messages = [{ role: 'user', content: 'x' }]
    const prompt = await langfuse.prompts.create({ type: 'chat', name: 'chatty', prompt: messages })
    equal([prompt.type, prompt.prompt[0].content], ['chat', 'x'])
  })
  await step('list', 'the prompts are in the list', async () => {
    const { data } = await langfuse.prompts.list()
    truthy(data.some(({ name }) => name === 'hello'))
  })
  await step('more', 'a second version is made under the same name', async () => {
    const prompt = await langfuse.prompts.create({ type: 'text', name: 'hello', prompt: 'Hi again' })
    equal(prompt.version, 2)
    equal((await langfuse.prompts.get('hello', { version: 1 })).prompt, 'Hi {{name}}')
  })
}

async function scores({ langfuse, step }) {
  await step('read', 'a score is found by the id that its creation tells', async () => {
    const { id } = await langfuse.legacy.scoreV1.create({ traceId: 't1', name: 'accuracy', value: 0.9 })
    const score = await langfuse.scores.getById(id)
    equal([score.name, score.value, score.traceId], ['accuracy', 0.9, 't1'])
  })
  await step('more', 'what came of each event is told by its id', async () => {
    const timestamp = new Date().toISOString()
    const event = (id) => ({ type: 'trace-create', id, timestamp, body: { id: `t-${id}` } })
    const { successes } = await langfuse.ingestion.batch({ batch: ['e1', 'e2'].map(event) })
    equal(
      successes.map(({ id }) => id),
      ['e1', 'e2'],
    )
  })
  await step('read', 'a comment is found by the id that its creation tells', async () => {
    const sent = { projectId: 'p', objectType: 'TRACE', objectId: 't1', content: 'hey' }
    const { id } = await langfuse.comments.create(sent)
    const comment = await langfuse.comments.getById(id)
    equal([comment.content, comment.objectId], ['hey', 't1'])
  })
}
