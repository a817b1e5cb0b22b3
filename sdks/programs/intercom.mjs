import { Intercom, IntercomClient } from 'intercom-client'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

const fails = (work, kind) =>
  rejects(work, (error) => truthy(error instanceof kind, `${error.statusCode}: ${error.message}`))
const idsOf = ({ data }) => data.map(({ id }) => id)

await program(async ({ url, step }) => {
  const connect = (token) => new IntercomClient({ token, environment: url, maxRetries: 0 })
  const intercom = connect('right')
  const { contacts, articles } = intercom
  const contact = await contactSteps(step, contacts)
  await companySteps(step, intercom, contact)
  await step('create', 'an article is changed and keeps the rest', async () => {
    const sent = { title: 'How to', author_id: 1295, body: '<p>b</p>', state: 'published' }
    const id = Number((await articles.create(sent)).id)
    await articles.update({ article_id: id, title: 'How not to' })
    const { title, author_id, state } = await articles.find({ article_id: id })
    equal([title, author_id, state], ['How not to', 1295, 'published'])
  })
  await conversationSteps(step, intercom, contact)
  await step('delete', 'a deleted contact is named', async () => {
    const { id, deleted } = await contacts.delete({ contact_id: contact.id })
    equal([id, deleted], [contact.id, true])
  })
  await step('gone', 'the contact is then unknown', () =>
    rejects(
      () => contacts.find({ contact_id: contact.id }),
      (error) => equal(error.statusCode, 404),
    ),
  )
  await step('invalid', 'an article without a title is refused', () =>
    fails(() => articles.create({ body: 'x' }), Intercom.BadRequestError),
  )
  await step('key', 'a wrong token is refused', () =>
    fails(() => connect('wrong').contacts.list(), Intercom.UnauthorizedError),
  )
})

async function contactSteps(step, contacts) {
  let contact
  await step('create', 'a contact comes back as it was sent', async () => {
    contact = await contacts.create({
      role: 'user',
      email: 'ann@example.org',
      external_id: 'ann-1',
      name: 'Ann',
    })
    const { type, role, email, external_id, name } = contact
    equal([type, role, email, external_id, name], ['contact', 'user', 'ann@example.org', 'ann-1', 'Ann'])
  })
  await step('read', 'the contact is found by its id and by its external id', async () => {
    equal((await contacts.find({ contact_id: contact.id })).email, 'ann@example.org')
    equal((await contacts.showContactByExternalId({ external_id: 'ann-1' })).id, contact.id)
  })
  await step('page', 'the pager shows each contact once and ends', async () => {
    const ids = await several(
      5,
      async (i) => (await contacts.create({ role: 'user', email: `c${i}@example.org` })).id,
    )
    await drain(await contacts.list({ per_page: 2 }), ({ id }) => id, ids)
  })
  await step('list', 'contacts are found by two members', async () => {
    const value = [
      { field: 'role', operator: '=', value: 'user' },
      { field: 'name', operator: '=', value: 'Ann' },
    ]
    equal(idsOf(await contacts.search({ query: { operator: 'AND', value } })), [contact.id])
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const custom_attributes = { plan_level: 'gold' }
    await contacts.update({ contact_id: contact.id, name: 'Ann Lee', custom_attributes })
    const changed = await contacts.find({ contact_id: contact.id })
    equal([changed.name, changed.email], ['Ann Lee', 'ann@example.org'])
    equal(changed.custom_attributes.plan_level, 'gold')
  })
  return contact
}

async function companySteps(step, { companies, contacts, tags, notes }, contact) {
  const contact_id = contact.id
  let company
  await step('create', 'a company comes back as it was sent', async () => {
    company = await companies.createOrUpdate({ company_id: 'c-1', name: 'Acme' })
    equal([company.type, company.company_id, company.name], ['company', 'c-1', 'Acme'])
    equal((await companies.find({ company_id: company.id })).name, 'Acme')
  })
  await step('update', 'a company that is sent again is changed', async () => {
    const { id, name } = await companies.createOrUpdate({ company_id: 'c-1', name: 'Acme Inc' })
    equal([id, name], [company.id, 'Acme Inc'])
  })
  await step('more', 'a company is attached to the contact until it is detached', async () => {
    await companies.attachContact({ contact_id, id: company.id })
    equal(idsOf(await contacts.listAttachedCompanies({ contact_id })), [company.id])
    equal(idsOf(await companies.listAttachedContacts({ company_id: company.id })), [contact_id])
    await companies.detachContact({ contact_id, company_id: company.id })
    equal(idsOf(await contacts.listAttachedCompanies({ contact_id })), [])
  })
  await step('more', 'a tag is on the contact until it is taken off', async () => {
    const { id } = await tags.create({ name: 'VIP' })
    await tags.tagContact({ contact_id, id })
    equal(idsOf(await contacts.listAttachedTags({ contact_id })), [id])
    await tags.untagContact({ contact_id, tag_id: id })
    equal(idsOf(await contacts.listAttachedTags({ contact_id })), [])
  })
  await step('create', 'a note is in the list of its contact', async () => {
    const note = await notes.create({ contact_id, body: 'Hello' })
    equal([note.body, note.contact?.id], ['Hello', contact_id])
    await drain(await notes.list({ contact_id }), ({ id }) => id, [note.id])
  })
}

async function conversationSteps(step, { conversations }, contact) {
  let conversation_id
  const find = () => conversations.find({ conversation_id })
  const manage = (body) => conversations.manage({ conversation_id, body })
  await step('create', 'a conversation is begun by the contact', async () => {
    const made = await conversations.create({ from: { type: 'user', id: contact.id }, body: 'Hi there' })
    conversation_id = made.conversation_id
    equal(made.body, 'Hi there')
    equal(String((await find()).id), String(conversation_id))
  })
  await step('more', 'a conversation is closed, and opened again', async () => {
    await manage({ message_type: 'close', type: 'admin', admin_id: '123' })
    equal((await find()).state, 'closed')
    await manage({ message_type: 'open', admin_id: '123' })
    equal((await find()).state, 'open')
  })
  await step('more', 'a conversation is snoozed', async () => {
    await manage({ message_type: 'snoozed', admin_id: '123', snoozed_until: 1900000000 })
    const { state, snoozed_until } = await find()
    equal([state, snoozed_until], ['snoozed', 1900000000])
  })
}
