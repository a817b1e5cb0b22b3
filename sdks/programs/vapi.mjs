import { VapiClient } from '@vapi-ai/server-sdk'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const model = { provider: 'openai', model: 'gpt-5.4', messages: [{ role: 'system', content: 'Be kind' }] }
const idsOf = (items) => items.map(({ id }) => id)
const unknown = (work) => rejects(work, (error) => equal(error.statusCode, 404))

await program(async ({ url, step }) => {
  const connect = (token) => new VapiClient({ token, baseUrl: url, maxRetries: 0 })
  const vapi = connect('right')
  const assistant = await assistantSteps(step, vapi)
  const phone = await phoneSteps(step, vapi, assistant)
  await campaignSteps(step, vapi, assistant, phone)
  await chatSteps(step, vapi, assistant)
  await knowledgeSteps(step, vapi)
  await step('delete', 'a deleted assistant is shown a last time', async () => {
    const { id, name } = await vapi.assistants.delete({ id: assistant.id })
    equal([id, name], [assistant.id, 'Support'])
  })
  await step('gone', 'the assistant is then unknown', () =>
    unknown(() => vapi.assistants.get({ id: assistant.id })),
  )
  await step('invalid', 'a squad without members is refused', () =>
    rejects(
      () => vapi.squads.create({ name: 'Nobody' }),
      (error) => {
        equal(error.statusCode, 400)
        truthy(/members/.test(error.message), error.message)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('wrong').assistants.list({}),
      (error) => equal(error.statusCode, 401),
    ),
  )
})

async function assistantSteps(step, { assistants, squads }) {
  let assistant
  await step('create', 'an assistant comes back as it was sent', async () => {
    const voice = { provider: 'vapi', voiceId: 'Elliot' }
    const metadata = { team: 'north' }
    assistant = await assistants.create({ name: 'Support', firstMessage: 'Hello', model, voice, metadata })
    equal([assistant.name, assistant.firstMessage, assistant.metadata], ['Support', 'Hello', metadata])
    equal([assistant.model, assistant.voice.voiceId], [model, 'Elliot'])
  })
  await step('read', 'the assistant is found by its id', async () => {
    const { name, model: own } = await assistants.get({ id: assistant.id })
    equal([name, own.messages[0].content], ['Support', 'Be kind'])
  })
  await step('update', 'a changed assistant keeps the rest', async () => {
    await assistants.update({ id: assistant.id, firstMessage: 'Hi' })
    const { name, firstMessage } = await assistants.get({ id: assistant.id })
    equal([name, firstMessage], ['Support', 'Hi'])
  })
  await step('list', 'assistants are found by their time, and squads by their ids', async () => {
    const long = '2020-01-01T00:00:00Z'
    equal(await assistants.list({ createdAtLt: long }), [])
    truthy(idsOf(await assistants.list({ createdAtGt: long })).includes(assistant.id))
    const members = [{ assistantId: assistant.id }]
    const { id } = await squads.create({ name: 'North', members })
    await squads.create({ name: 'South', members })
    equal(idsOf(await squads.list({ idAny: [id] })), [id])
  })
  return assistant
}

async function phoneSteps(step, { phoneNumbers, calls }, assistant) {
  let phone
  await step('create', 'a phone number is found by its name', async () => {
    const own = { provider: 'byo-phone-number', credentialId: '5f0c0b3e-6a0e-4e2c-9d6b-0a1b2c3d4e5f' }
    phone = await phoneNumbers.create({
      ...own,
      number: '+14155550100',
      name: 'Desk',
      assistantId: assistant.id,
    })
    equal([phone.number, phone.name, phone.assistantId], ['+14155550100', 'Desk', assistant.id])
    await phoneNumbers.create({ ...own, number: '+4930555', name: 'Berlin' })
    const { results } = await phoneNumbers.phoneNumberControllerFindAllPaginated({ search: 'desk' })
    equal(idsOf(results), [phone.id])
  })
  await step('more', 'a call is in the list of its phone number', async () => {
    const customer = { number: '+14155550122' }
    const call = await calls.create({
      assistantId: assistant.id,
      phoneNumberId: phone.id,
      name: 'Ring',
      customer,
    })
    equal([call.assistantId, call.customer], [assistant.id, customer])
    equal((await calls.update({ id: call.id, name: 'Ring again' })).name, 'Ring again')
    equal(idsOf(await calls.list({ phoneNumberId: phone.id })), [call.id])
  })
  return phone
}

async function campaignSteps(step, { campaigns }, assistant, phone) {
  const make = (name) =>
    campaigns.campaignControllerCreate({
      name,
      assistantId: assistant.id,
      phoneNumberId: phone.id,
      customers: [{ number: '+14155550111', name: 'Ann' }],
      schedulePlan: { earliestAt: '2030-01-01T00:00:00Z' },
    })
  let spring
  await step('create', 'a campaign is scheduled and has no calls', async () => {
    spring = await make('Spring')
    equal([spring.name, spring.status, spring.customers[0].name], ['Spring', 'scheduled', 'Ann'])
    equal([spring.callsCounterEnded, spring.callsCounterInProgress], [0, 0])
  })
  await step('page', 'the pages show each campaign once and end', async () => {
    const made = await several(4, async (i) => (await make(`campaign ${i}`)).id)
    const seen = []
    for (let page = 1; page < 20; page++) {
      const { results, metadata } = await campaigns.campaignControllerFindAll({ page, limit: 2 })
      equal([metadata.currentPage, metadata.itemsPerPage], [page, 2])
      seen.push(...idsOf(results))
      if (seen.length >= metadata.totalItems || results.length === 0) break
    }
    equal(new Set(seen).size, seen.length)
    equal(
      [spring.id, ...made].filter((id) => !seen.includes(id)),
      [],
    )
  })
  await step('update', 'a cancelled campaign is the one of its status', async () => {
    await campaigns.campaignControllerUpdate({ id: spring.id, body: { status: 'cancelled' } })
    const { results } = await campaigns.campaignControllerFindAll({ status: 'cancelled' })
    equal(
      results.map(({ id, name }) => [id, name]),
      [[spring.id, 'Spring']],
    )
  })
}

async function chatSteps(step, { sessions, chats }, assistant) {
  await step('more', 'a chat is found by its session and by what it follows', async () => {
    const session = await sessions.create({ name: 'First', assistantId: assistant.id })
    const chat = await chats.create({ sessionId: session.id, input: 'Hello there' })
    equal([chat.sessionId, chat.input], [session.id, 'Hello there'])
    const next = await chats.create({ previousChatId: chat.id, input: 'And?', assistantId: assistant.id })
    equal(idsOf((await chats.list({ sessionId: session.id })).results), [chat.id])
    equal(idsOf((await chats.list({ previousChatId: chat.id })).results), [next.id])
  })
}

async function knowledgeSteps(step, { files, knowledgeBasesV2: bases }) {
  let file
  await step('file', 'an uploaded file has its size and is found by its purpose', async () => {
    const purpose = 'knowledge-base-v2'
    file = await files.create({ file: new File(['a,b\n1,2'], 'data.csv', { type: 'text/csv' }), purpose })
    equal([file.originalName, file.bytes, file.purpose], ['data.csv', 7, purpose])
    await files.create({ file: new File(['x'], 'x.txt'), purpose: 'assistant' })
    equal(idsOf(await files.list({ purpose })), [file.id])
  })
  let base
  await step('more', 'a file that is attached names its knowledge base', async () => {
    base = await bases.knowledgeBaseV2ControllerCreate({ name: 'Docs' })
    const attached = await bases.knowledgeBaseV2ControllerFileAttach({ id: base.id, fileId: file.id })
    equal([attached.fileId, attached.knowledgeBaseV2Id], [file.id, base.id])
  })
  await step('more', 'a knowledge base is shown with its files', async () => {
    const { name, files: shown } = await bases.knowledgeBaseV2ControllerFindOne({ id: base.id })
    equal([name, shown.map(({ fileId }) => fileId)], ['Docs', [file.id]])
  })
  await step('more', 'the files of a knowledge base are listed until they are detached', async () => {
    const listed = () => bases.knowledgeBaseV2ControllerFilesGet({ id: base.id })
    equal(
      (await listed()).map(({ fileId }) => fileId),
      [file.id],
    )
    await bases.knowledgeBaseV2ControllerFileDetach({ id: base.id, fileId: file.id })
    equal(await listed(), [])
  })
}
