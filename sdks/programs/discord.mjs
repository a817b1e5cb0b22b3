import { REST } from '@discordjs/rest'
import { Routes } from 'discord-api-types/v10'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, key, step }) => {
  const connect = (token) => new REST({ version: '10', api: `${url}/api`, retries: 0 }).setToken(token)
  const discord = connect(key)
  const [channel, guild, application] = ['410000000000000001', '420000000000000002', '430000000000000003']
  const has = (status) => (error) => equal(error.status, status)
  let message

  await step('create', 'a message has its text and channel', async () => {
    message = await discord.post(Routes.channelMessages(channel), { body: { content: 'Hello' } })
    equal([message.content, message.channel_id], ['Hello', channel])
  })
  await step('read', 'the message is found by its id', async () => {
    const { id, content } = await discord.get(Routes.channelMessage(channel, message.id))
    equal([id, content], [message.id, 'Hello'])
  })
  await step('update', 'an edited message has the new text', async () => {
    const { content } = await discord.patch(Routes.channelMessage(channel, message.id), {
      body: { content: 'Bye' },
    })
    equal(content, 'Bye')
  })
  await step('list', 'the message is in its channel', async () => {
    truthy((await discord.get(Routes.channelMessages(channel))).some(({ id }) => id === message.id))
  })
  await step('page', '`before` leads to every message once, the newest first', async () => {
    const ids = await several(
      7,
      async (i) => (await discord.post(Routes.channelMessages(channel), { body: { content: `m${i}` } })).id,
    )
    const found = []
    for (;;) {
      const query = new URLSearchParams({ limit: '3', ...(found.length > 0 && { before: found.at(-1) }) })
      const page = await discord.get(Routes.channelMessages(channel), { query })
      if (page.length === 0) break
      found.push(...page.map(({ id }) => id))
      truthy(found.length < 100, 'the list does not end')
    }
    equal(
      found.filter((id) => ids.includes(id)),
      ids.toReversed(),
    )
  })
  await step('more', 'a list that is put replaces the commands', async () => {
    const body = ['ping', 'pong'].map((name) => ({ name, description: 'A command' }))
    await discord.put(Routes.applicationCommands(application), { body })
    const commands = await discord.get(Routes.applicationCommands(application))
    equal(
      commands.map(({ name }) => name),
      ['ping', 'pong'],
    )
  })
  await step('more', 'a role is among those of its guild', async () => {
    const { id } = await discord.post(Routes.guildRoles(guild), { body: { name: 'Helper' } })
    truthy(
      (await discord.get(Routes.guildRoles(guild))).some((role) => role.id === id && role.name === 'Helper'),
    )
  })
  await step('file', 'a message takes an attachment', async () => {
    const files = [{ name: 'a.txt', data: Buffer.from('hello') }]
    const { content } = await discord.post(Routes.channelMessages(channel), {
      body: { content: 'see' },
      files,
    })
    equal(content, 'see')
  })
  await step('delete', 'the message is deleted', () =>
    discord.delete(Routes.channelMessage(channel, message.id)),
  )
  await step('gone', 'the message is then unknown', () =>
    rejects(() => discord.get(Routes.channelMessage(channel, message.id)), has(404)),
  )
  await step('invalid', 'a text that is too long is named', () =>
    rejects(
      () => discord.post(Routes.channelMessages(channel), { body: { content: 'x'.repeat(4_001) } }),
      (error) => {
        has(400)(error)
        truthy(/content/.test(error.message), error.message)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(() => connect('wrong').get(Routes.user()), has(401)),
  )
})
