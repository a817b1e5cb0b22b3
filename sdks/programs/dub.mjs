import { Dub } from 'dub'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (token) => new Dub({ token, serverURL: url, retryConfig: { strategy: 'none' } })
  const dub = connect('right')
  let link
  await step('create', 'a link comes back as it was sent', async () => {
    link = await dub.links.create({
      url: 'https://example.org/a',
      domain: 'dub.sh',
      key: 'ann',
      externalId: 'e1',
      comments: 'hello',
    })
    equal(
      [link.url, link.domain, link.key, link.externalId, link.comments],
      ['https://example.org/a', 'dub.sh', 'ann', 'e1', 'hello'],
    )
  })
  await step('read', 'the link is found by its id', async () => {
    const l = await dub.links.get({ linkId: link.id })
    equal([l.id, l.key], [link.id, 'ann'])
  })
  await step('read', 'the link is found by its domain and key', async () => {
    const l = await dub.links.get({ domain: 'dub.sh', key: 'ann' })
    equal(l.id, link.id)
  })
  await step('list', 'the link is in the list', async () => {
    const { result } = await dub.links.list({})
    truthy(result.some(({ id }) => id === link.id))
  })
  await step('page', 'the pages show each link once and end', async () => {
    const ids = await several(
      7,
      async (i) => (await dub.links.create({ url: 'https://example.org/p', key: `k${i}` })).id,
    )
    const pages = await dub.links.list({ pageSize: 3 })
    async function* items() {
      for await (const page of pages) yield* page.result
    }
    await drain(items(), ({ id }) => id, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const l = await dub.links.update(link.id, { comments: 'bye' })
    equal([l.comments, l.url], ['bye', 'https://example.org/a'])
    equal((await dub.links.get({ linkId: link.id })).comments, 'bye')
  })
  await step('more', 'several links are made in one request', async () => {
    const made = await dub.links.createMany([
      { url: 'https://example.org/m1' },
      { url: 'https://example.org/m2' },
    ])
    equal(
      made.map((l) => l.url),
      ['https://example.org/m1', 'https://example.org/m2'],
    )
    equal((await dub.links.get({ linkId: made[1].id })).url, 'https://example.org/m2')
  })
  await tagsAndRefusals({ url, step, connect, dub, link })
})

async function tagsAndRefusals({ url, step, connect, dub, link }) {
  let tag
  await step('create', 'a tag comes back as it was sent', async () => {
    tag = await dub.tags.create({ name: 'news', color: 'red' })
    equal([tag.name, tag.color], ['news', 'red'])
  })
  await step('list', 'the tag is in the list, and a new name is in it after an update', async () => {
    await dub.tags.update(tag.id, { name: 'old' })
    const found = (await dub.tags.list({})).find(({ id }) => id === tag.id)
    equal([found?.name, found?.color], ['old', 'red'])
  })
  await step('more', 'an upsert of a link finds the link', async () => {
    const l = await dub.links.upsert({
      url: 'https://example.org/a',
      domain: 'dub.sh',
      key: 'ann',
      comments: 'again',
    })
    equal(l.comments, 'again')
  })
  await step('delete', 'a link that was deleted is unknown', async () => {
    const { id } = await dub.links.delete(link.id)
    equal(id, link.id)
    await rejects(
      () => dub.links.get({ linkId: link.id }),
      (e) => equal(e.statusCode, 404),
    )
  })
  await step('gone', 'its error has the code of the API', () =>
    rejects(
      () => dub.links.update('link_never', { comments: 'x' }),
      (e) => equal([e.statusCode, e.error?.code], [404, 'not_found']),
    ),
  )
  await step('invalid', 'a colour that there is not is refused', async () => {
    const r = await fetch(`${url}/tags`, {
      method: 'POST',
      headers: { authorization: 'Bearer right', 'content-type': 'application/json' },
      body: '{"name":"x","color":"nope"}',
    })
    const { error } = await r.json()
    truthy(r.status === 400 || r.status === 422, r.status)
    truthy(/color/.test(error?.message), JSON.stringify(error))
  })
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').links.list({}),
      (e) => equal([e.statusCode, e.error?.code], [401, 'unauthorized']),
    ),
  )
}
