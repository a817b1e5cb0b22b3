import { Mistral } from '@mistralai/mistralai'
import { HTTPValidationError } from '@mistralai/mistralai/models/errors'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (apiKey) => new Mistral({ apiKey, serverURL: url, retryConfig: { strategy: 'none' } })
  const mistral = connect('right')
  const { agents } = mistral.beta
  const agent = await agentSteps(step, agents)
  await versionSteps(step, agents, agent)
  await step('more', 'the history of a conversation has what was said', async () => {
    const { conversationId } = await mistral.beta.conversations.start({ agentId: agent.id, inputs: 'Hello' })
    const history = await mistral.beta.conversations.getHistory({ conversationId })
    equal(history.conversationId, conversationId)
    truthy(history.entries.some(({ content }) => content === 'Hello'))
  })
  await fileSteps(step, mistral)
  await step('stream', 'a chat completion is streamed to its end', async () => {
    const messages = [{ role: 'user', content: 'Hi' }]
    let reason
    for await (const { data } of await mistral.chat.stream({ model: 'mistral-small-latest', messages }))
      reason = data.choices[0]?.finishReason ?? reason
    truthy(reason, 'there was no end')
  })
  await step('gone', 'a deleted agent is unknown', async () => {
    await agents.delete({ agentId: agent.id })
    await rejects(
      () => agents.get({ agentId: agent.id }),
      (error) => equal(error.statusCode, 404),
    )
  })
  await step('invalid', 'too high a temperature is refused', () =>
    rejects(
      () => agents.create({ model: 'm', name: 'x', completionArgs: { temperature: 99 } }),
      (error) => {
        truthy(error instanceof HTTPValidationError, error.message)
        equal(error.statusCode, 422)
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').beta.agents.list(),
      (error) => equal(error.statusCode, 401),
    ),
  )
})

async function agentSteps(step, agents) {
  let agent
  await step('create', 'an agent comes back as it was sent', async () => {
    agent = await agents.create({
      model: 'mistral-medium-latest',
      name: 'Helper',
      description: 'D',
      instructions: 'Be kind',
      tools: [{ type: 'web_search' }],
      completionArgs: { temperature: 0.3 },
    })
    const { model, name, description, instructions, tools, completionArgs } = agent
    equal([model, name, description, instructions], ['mistral-medium-latest', 'Helper', 'D', 'Be kind'])
    equal([tools[0].type, completionArgs.temperature], ['web_search', 0.3])
  })
  await step('read', 'the agent is found by its id', async () => {
    equal((await agents.get({ agentId: agent.id })).name, 'Helper')
  })
  await step('list', 'agents are found by their name', async () => {
    await agents.create({ model: 'm', name: 'Other' })
    const found = await agents.list({ name: 'Other' })
    equal(
      found.map(({ name }) => name),
      ['Other'],
    )
  })
  await step('page', 'the pager shows each agent once and ends', async () => {
    const ids = await several(5, async (i) => (await agents.create({ model: 'm', name: `agent ${i}` })).id)
    async function* items() {
      for await (const { result } of await agents.listPages({ pageSize: 2 })) yield* result.data
    }
    await drain(items(), ({ id }) => id, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    await agents.update({ agentId: agent.id, updateAgentRequest: { description: 'E' } })
    const { description, name, instructions } = await agents.get({ agentId: agent.id })
    equal([description, name, instructions], ['E', 'Helper', 'Be kind'])
  })
  return agent
}

async function versionSteps(step, agents, { id, version }) {
  await step('update', 'an update makes a new version', async () => {
    const changed = await agents.get({ agentId: id })
    truthy(changed.version > version, `${version}, then ${changed.version}`)
  })
  await step('list', 'the versions of an agent are versions of that agent', async () => {
    const versions = await agents.listVersions({ agentId: id })
    truthy(versions.length > 0)
    equal(
      versions.filter((one) => one.id !== id),
      [],
    )
  })
  await step('more', 'an alias names a version', async () => {
    const alias = await agents.createVersionAlias({ agentId: id, alias: 'prod', version })
    equal([alias.alias, alias.version], ['prod', version])
    const aliases = await agents.listVersionAliases({ agentId: id })
    equal(
      aliases.map((one) => one.alias),
      ['prod'],
    )
  })
  await step('delete', 'a deleted alias is in the list no more', async () => {
    await agents.deleteVersionAlias({ agentId: id, alias: 'prod' })
    equal(await agents.listVersionAliases({ agentId: id }), [])
  })
}

async function fileSteps(step, { files, beta: { libraries } }) {
  await step('file', 'an uploaded file has its name and size, and its bytes come back', async () => {
    const content = '{"x":1}'
    const file = { fileName: 'data.jsonl', content: new Blob([content]) }
    const { id, filename, sizeBytes, purpose } = await files.upload({ file, purpose: 'batch' })
    equal([filename, sizeBytes, purpose], ['data.jsonl', content.length, 'batch'])
    const chunks = []
    for await (const chunk of await files.download({ fileId: id })) chunks.push(chunk)
    equal(Buffer.concat(chunks).toString(), content)
  })
  let library
  await step('file', 'an uploaded document is in the list of its library', async () => {
    library = await libraries.create({ name: 'Manuals', description: 'L' })
    equal([library.name, library.description, library.nbDocuments], ['Manuals', 'L', 0])
    const file = { fileName: 'hello.txt', content: new Blob(['hello']) }
    const made = await libraries.documents.upload({ libraryId: library.id, requestBody: { file } })
    equal([made.name, made.libraryId], ['hello.txt', library.id])
    const { data } = await libraries.documents.list({ libraryId: library.id })
    equal(
      data.map(({ id }) => id),
      [made.id],
    )
  })
  await step('more', 'a library counts its documents', async () => {
    equal((await libraries.get({ libraryId: library.id })).nbDocuments, 1)
  })
  await step('more', 'a library is shared with a user', async () => {
    const shareWithUuid = '11111111-2222-4333-8444-555555555555'
    const sharingRequest = { level: 'Viewer', shareWithUuid, shareWithType: 'User' }
    const shared = await libraries.accesses.updateOrCreate({ libraryId: library.id, sharingRequest })
    equal([shared.libraryId, shared.shareWithUuid], [library.id, shareWithUuid])
  })
}
