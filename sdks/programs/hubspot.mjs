import { Client } from '@hubspot/api-client'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

// What earlier steps made, for later ones.
let c
let batch

function clientsOf(url) {
  const connect = (accessToken) => new Client({ accessToken, basePath: url, numberOfApiCallRetries: 0 })
  const contacts = connect('right').crm.contacts
  const create = (email, more = {}) =>
    contacts.basicApi.create({ properties: { email, ...more }, associations: [] })
  return { contacts, create, connect }
}

async function firstSteps(step, { contacts, create }) {
  await step('create', 'a contact has the properties that were sent', async () => {
    c = await create('ann@example.org', { firstname: 'Ann' })
    equal([c.properties.email, c.properties.firstname], ['ann@example.org', 'Ann'])
  })
  await step('read', 'the contact is found by its id', async () => {
    const r = await contacts.basicApi.getById(c.id)
    equal([r.id, r.properties.firstname], [c.id, 'Ann'])
  })
  await step('read', 'the contact is found by its email', async () => {
    const r = await contacts.basicApi.getById(
      'ann@example.org',
      undefined,
      undefined,
      undefined,
      undefined,
      'email',
    )
    equal(r.id, c.id)
  })
  await step('update', 'an update keeps the other properties', async () => {
    const r = await contacts.basicApi.update(c.id, { properties: { firstname: 'Bea' } })
    equal([r.properties.firstname, r.properties.email], ['Bea', 'ann@example.org'])
  })
  await step('page', 'cursors lead to every contact once', async () => {
    const ids = await several(7, async (i) => (await create(`p${i}@example.org`)).id)
    const seen = []
    let after
    do {
      const p = await contacts.basicApi.getPage(3, after)
      seen.push(...p.results.map((x) => x.id))
      after = p.paging?.next?.after
      truthy(seen.length < 200, 'no end')
    } while (after)
    equal(new Set(seen).size, seen.length)
    equal(
      ids.filter((i) => !seen.includes(i)),
      [],
    )
  })
  await step('page', 'getAll has the contact', async () => {
    const all = await contacts.getAll(4)
    truthy(all.some((x) => x.id === c.id))
  })
  await step('list', 'a search finds the contact by its email', async () => {
    const r = await contacts.searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: 'email', operator: 'EQ', value: 'p3@example.org' }] }],
      limit: 10,
      after: '0',
      sorts: [],
      properties: ['email'],
    })
    equal(
      r.results.map((x) => x.properties.email),
      ['p3@example.org'],
    )
    equal(r.total, 1)
  })
  await step('more', 'a batch makes a contact of each', async () => {
    batch = await contacts.batchApi.create({
      inputs: [
        { properties: { email: 'b1@example.org' }, associations: [] },
        { properties: { email: 'b2@example.org' }, associations: [] },
      ],
    })
    equal(
      batch.results.map((x) => x.properties.email),
      ['b1@example.org', 'b2@example.org'],
    )
  })
}

async function furtherSteps(step, { connect, contacts }) {
  await step('more', 'a batch reads contacts by their ids', async () => {
    const r = await contacts.batchApi.read({
      inputs: batch.results.map(({ id }) => ({ id })),
      properties: ['email'],
      propertiesWithHistory: [],
    })
    equal(
      r.results.map((x) => x.properties.email),
      ['b1@example.org', 'b2@example.org'],
    )
  })
  await step('more', 'a batch updates contacts by their ids', async () => {
    await contacts.batchApi.update({
      inputs: [{ id: batch.results[0].id, properties: { firstname: 'Zoe' } }],
    })
    equal((await contacts.basicApi.getById(batch.results[0].id)).properties.firstname, 'Zoe')
  })
  await step('delete', 'a contact that a batch archives is unknown', async () => {
    await contacts.batchApi.archive({ inputs: [{ id: batch.results[1].id }] })
    await rejects(
      () => contacts.basicApi.getById(batch.results[1].id),
      (e) => equal(e.code, 404),
    )
  })
  await step('delete', 'the contact is archived', () => contacts.basicApi.archive(c.id))
  await step('gone', 'the contact is then unknown, with a category', () =>
    rejects(
      () => contacts.basicApi.getById(c.id),
      (e) => {
        equal(e.code, 404)
        truthy(e.body.category && e.body.message, JSON.stringify(e.body))
      },
    ),
  )
  await step('invalid', 'properties of the wrong type are refused', () =>
    rejects(
      () => contacts.basicApi.create({ properties: 7 }),
      (e) => {
        equal(e.code, 400)
        truthy(e.body.message)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('wrong').crm.contacts.basicApi.getPage(),
      (e) => equal(e.code, 401),
    ),
  )
}

await program(async ({ url, step }) => {
  const clients = clientsOf(url)
  await firstSteps(step, clients)
  await furtherSteps(step, clients)
})
