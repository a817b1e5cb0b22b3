import OpenAI, { toFile } from 'openai'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (apiKey) => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 })
  const openai = connect('sk-right')
  const question = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Is it raining?' }] }
  let store
  let file

  await step('create', 'a vector store has its name and metadata', async () => {
    store = await openai.vectorStores.create({ name: 'manuals', metadata: { team: 'docs' } })
    equal([store.object, store.name, store.metadata], ['vector_store', 'manuals', { team: 'docs' }])
  })
  await step('read', 'the vector store is found by its id', async () => {
    equal((await openai.vectorStores.retrieve(store.id)).name, 'manuals')
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const { name, metadata } = await openai.vectorStores.update(store.id, { name: 'handbooks' })
    equal([name, metadata], ['handbooks', { team: 'docs' }])
  })
  await step('page', 'the auto-pager finds every vector store once', async () => {
    const made = await several(7, (i) => openai.vectorStores.create({ name: `store ${i}` }))
    await drain(
      openai.vectorStores.list({ limit: 3 }),
      ({ id }) => id,
      made.map(({ id }) => id),
    )
  })
  await step('file', 'an uploaded file has its name and size, and its bytes come back', async () => {
    const content = Buffer.from('{"text":"hello"}\n')
    file = await openai.files.create({ file: await toFile(content, 'data.jsonl'), purpose: 'batch' })
    equal([file.filename, file.bytes, file.purpose], ['data.jsonl', content.length, 'batch'])
    equal(await (await openai.files.content(file.id)).text(), content.toString())
  })
  await step('list', 'the file is in the list', async () => {
    const { data } = await openai.files.list()
    truthy(data.some(({ id }) => id === file.id))
  })
  await step('more', 'a chat completion answers with the model that was named', async () => {
    const { object, model, choices } = await openai.chat.completions.create(question)
    equal([object, model], ['chat.completion', 'gpt-4o-mini'])
    equal(typeof choices[0].message.content, 'string')
  })
  await step('stream', 'a chat completion is streamed in chunks', async () => {
    let chunks = 0
    for await (const { object } of await openai.chat.completions.create({ ...question, stream: true })) {
      equal(object, 'chat.completion.chunk')
      chunks++
    }
    truthy(chunks > 0, 'there was no chunk')
  })
  await step('stream', 'a streamed response is completed', async () => {
    const types = []
    const stream = await openai.responses.create({ model: 'gpt-4o-mini', input: 'hello', stream: true })
    for await (const { type } of stream) types.push(type)
    equal(types.at(-1), 'response.completed')
  })
  await step('more', 'embeddings are lists of numbers', async () => {
    const { data } = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input: ['a', 'b'],
      encoding_format: 'float',
    })
    equal(typeof data[0].embedding[0], 'number')
  })
  await step('delete', 'a deletion is confirmed', async () => {
    const { id, deleted } = await openai.vectorStores.delete(store.id)
    equal([id, deleted], [store.id, true])
  })
  await step('gone', 'the vector store is then unknown', () =>
    rejects(
      () => openai.vectorStores.retrieve(store.id),
      (error) => truthy(error instanceof OpenAI.NotFoundError, error.constructor.name),
    ),
  )
  await step('invalid', 'a missing member is named', () =>
    rejects(
      () => openai.embeddings.create({ model: 'text-embedding-3-small' }),
      (error) =>
        truthy(error instanceof OpenAI.BadRequestError && /input/.test(error.message), error.message),
    ),
  )
  await step('key', 'a wrong key is an authentication error', () =>
    rejects(
      () => connect('sk-wrong').models.list(),
      (error) => truthy(error instanceof OpenAI.AuthenticationError, error.constructor.name),
    ),
  )
})
