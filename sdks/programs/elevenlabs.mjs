import { ElevenLabs, ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

const once = { maxRetries: 0 }
const unknown = (work) => rejects(work, (error) => equal(error.statusCode, 404))

await program(async ({ url, step }) => {
  const eleven = new ElevenLabsClient({ apiKey: 'any', baseUrl: url })
  const { agents, knowledgeBase, tools } = eleven.conversationalAi
  const agent = await agentSteps(step, agents)
  await knowledgeSteps(step, knowledgeBase)
  await step('update', 'a tool becomes one of another type', async () => {
    const apiSchema = { url: 'https://example.org/w', method: 'GET' }
    const toolConfig = { type: 'webhook', name: 'weather', description: 'W', apiSchema }
    const { id } = await tools.create({ toolConfig }, once)
    equal((await tools.get(id, once)).toolConfig.apiSchema.url, 'https://example.org/w')
    await tools.update(id, { toolConfig: { type: 'client', name: 'ask', description: 'C' } }, once)
    const { type, name } = (await tools.get(id, once)).toolConfig
    equal([type, name], ['client', 'ask'])
  })
  await voiceSteps(step, eleven)
  await projectSteps(step, eleven)
  await step('delete', 'an agent is deleted', () => agents.delete(agent, once))
  await step('gone', 'the agent is then unknown', () => unknown(() => agents.get(agent, once)))
  await step('invalid', 'too large a page is refused, with details', () =>
    rejects(
      () => agents.list({ pageSize: 100_000 }, once),
      (error) => {
        truthy(error instanceof ElevenLabs.UnprocessableEntityError, error.message)
        truthy(Array.isArray(error.body?.detail), JSON.stringify(error.body))
      },
    ),
  )
})

async function agentSteps(step, agents) {
  const create = async (name, prompt, more) => {
    const conversationConfig = { agent: { prompt: { prompt }, firstMessage: 'Hello', language: 'en' } }
    return (await agents.create({ name, conversationConfig, ...more }, once)).agentId
  }
  let id
  await step('create', 'an agent gets an id', async () => {
    id = await create('Support', 'Be nice', { tags: ['first'] })
    truthy(id)
  })
  await step('read', 'the agent is found as it was sent', async () => {
    const { agentId, name, tags, conversationConfig } = await agents.get(id, once)
    equal([agentId, name, tags], [id, 'Support', ['first']])
    const { prompt, firstMessage } = conversationConfig.agent
    equal([prompt.prompt, firstMessage], ['Be nice', 'Hello'])
  })
  await step('list', 'agents are found by their name', async () => {
    await create('Zebra', 'x')
    const found = await agents.list({ search: 'Zebra' }, once)
    equal(
      found.agents.map(({ name }) => name),
      ['Zebra'],
    )
  })
  await step('page', 'the pages show each agent once and end', async () => {
    const ids = await several(5, (i) => create(`agent ${i}`, 'x'))
    async function* items() {
      let page
      do {
        page = await agents.list({ pageSize: 2, cursor: page?.nextCursor }, once)
        yield* page.agents
      } while (page.hasMore)
    }
    await drain(items(), ({ agentId }) => agentId, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    await agents.update(id, { name: 'Help' }, once)
    const { name, tags } = await agents.get(id, once)
    equal([name, tags], ['Help', ['first']])
  })
  await step('more', 'a duplicate is another agent with the same prompt', async () => {
    const { agentId } = await agents.duplicate(id, { name: 'Copy' }, once)
    truthy(agentId !== id)
    const { name, conversationConfig } = await agents.get(agentId, once)
    equal([name, conversationConfig.agent.prompt.prompt], ['Copy', 'Be nice'])
  })
  return id
}

async function knowledgeSteps(step, knowledgeBase) {
  const { documents } = knowledgeBase
  let text
  await step('create', 'a document made of a text is a text', async () => {
    text = await documents.createFromText({ text: 'Hello world', name: 'Text' }, once)
    const { id, name, type } = await documents.get(text.id, {}, once)
    equal([id, name, type], [text.id, 'Text', 'text'])
  })
  await step('list', 'documents are found by their type', async () => {
    await documents.createFromUrl({ url: 'https://example.org/page', name: 'Page' }, once)
    const found = await knowledgeBase.list({ types: ['url'], pageSize: 100 }, once)
    truthy(found.documents.length > 0)
    equal([...new Set(found.documents.map(({ type }) => type))], ['url'])
  })
  await step('delete', 'a deleted document is unknown', async () => {
    await documents.delete(text.id, {}, once)
    await unknown(() => documents.get(text.id, {}, once))
  })
}

async function voiceSteps(step, { voices }) {
  let voice
  await step('file', 'a voice is made of a recording', async () => {
    const files = [new Blob(['RIFFxxxx'], { type: 'audio/wav' })]
    voice = (await voices.ivc.create({ name: 'Mine', description: 'D', files }, once)).voiceId
    const { name, description } = await voices.get(voice, {}, once)
    equal([name, description], ['Mine', 'D'])
  })
  await step('list', 'voices are found by their name', async () => {
    const found = await voices.search({ search: 'Mine' }, once)
    equal(
      found.voices.map(({ voiceId }) => voiceId),
      [voice],
    )
  })
  await step('update', 'the settings of a voice are changed', async () => {
    await voices.settings.update(voice, { stability: 0.25, similarityBoost: 0.5 }, once)
    const { stability, similarityBoost } = await voices.settings.get(voice, once)
    equal([stability, similarityBoost], [0.25, 0.5])
  })
}

async function projectSteps(step, { studio, pronunciationDictionaries }) {
  await step('more', 'a project shows the chapter that was added', async () => {
    const voicesAndModel = { defaultTitleVoiceId: 'a', defaultParagraphVoiceId: 'b', defaultModelId: 'c' }
    const { project } = await studio.projects.create({ name: 'Book', ...voicesAndModel }, once)
    const { chapter } = await studio.projects.chapters.create(project.projectId, { name: 'One' }, once)
    equal(chapter.name, 'One')
    const { name, chapters } = await studio.projects.get(project.projectId, once)
    equal([name, chapters.map(({ chapterId }) => chapterId)], ['Book', [chapter.chapterId]])
  })
  await step('create', 'a pronunciation dictionary counts its rules', async () => {
    const rules = [{ type: 'alias', stringToReplace: 'ok', alias: 'okay' }]
    const made = await pronunciationDictionaries.createFromRules({ name: 'Dictionary', rules }, once)
    equal([made.name, made.versionRulesNum], ['Dictionary', 1])
  })
}
