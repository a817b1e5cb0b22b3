import twilio from 'twilio'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const ACCOUNT = `AC${'0f'.repeat(16)}`

await program(async ({ url, step }) => {
  // The SDK takes another client for its requests; this one sends them to the mock in place of api.twilio.com.
  class MockClient extends twilio.RequestClient {
    request(options) {
      return super.request({ ...options, uri: options.uri.replace(/^https:\/\/[^/]+/, url) })
    }
  }
  const connect = (token) => twilio(ACCOUNT, token, { httpClient: new MockClient() })
  const client = connect('right')
  const text = { from: '+15005550006', to: '+15005550001' }
  let message

  await step('create', 'a message comes back as it was sent', async () => {
    message = await client.messages.create({ ...text, body: 'Hello' })
    equal([message.body, message.to, message.from], ['Hello', text.to, text.from])
  })
  await step('read', 'the message is found by its sid', async () => {
    const { sid, body } = await client.messages(message.sid).fetch()
    equal([sid, body], [message.sid, 'Hello'])
  })
  await step('list', 'the message is in the list', async () => {
    truthy((await client.messages.list({ limit: 50 })).some(({ sid }) => sid === message.sid))
  })
  await step('page', 'pages lead to every queue once', async () => {
    const sids = await several(7, async (i) => (await client.queues.create({ friendlyName: `q${i}` })).sid)
    const found = (await client.queues.list({ pageSize: 3 })).map(({ sid }) => sid)
    equal(
      sids.filter((sid) => !found.includes(sid)),
      [],
    )
    equal(new Set(found).size, found.length)
  })
  await step('update', 'a queue keeps its name when its size changes', async () => {
    const { sid } = await client.queues.create({ friendlyName: 'support', maxSize: 5 })
    await client.queues(sid).update({ maxSize: 9 })
    const { friendlyName, maxSize } = await client.queues(sid).fetch()
    equal([friendlyName, maxSize], ['support', 9])
  })
  await step('delete', 'the message is deleted', async () => {
    equal(await client.messages(message.sid).remove(), true)
  })
  await step('gone', 'the message is then unknown', () =>
    rejects(
      () => client.messages(message.sid).fetch(),
      (error) => equal([error.constructor.name, error.status], ['RestException', 404]),
    ),
  )
  await step('invalid', 'a wrong value is named', () =>
    rejects(
      () => client.queues.create({ friendlyName: 'q', maxSize: 'many' }),
      (error) => {
        equal(error.status, 400)
        truthy(/MaxSize/.test(error.message), error.message)
      },
    ),
  )
})
