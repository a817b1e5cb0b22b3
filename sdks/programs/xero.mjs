import { XeroClient } from 'xero-node'
import { drain, equal, program, rejects, truthy } from '../harness.mjs'

const tenant = '11111111-2222-4333-8444-555555555555'

/** The SDK throws texts of JSON. */
const refused = (work, ...statuses) =>
  rejects(work, (error) => {
    truthy(typeof error === 'string', error?.message)
    const { statusCode } = JSON.parse(error).response
    truthy(statuses.includes(statusCode), statusCode)
  })

await program(async ({ url, step }) => {
  const connect = (access_token) => {
    const client = new XeroClient({
      clientId: 'a',
      clientSecret: 'b',
      redirectUris: ['http://localhost/callback'],
      scopes: ['accounting.contacts'],
    })
    client.setTokenSet({ access_token, token_type: 'Bearer' })
    client.accountingApi.basePath = `${url}/api.xro/2.0`
    return client.accountingApi
  }
  const xero = connect('right')
  const contact = await contactSteps(step, xero)
  await invoiceSteps(step, xero, contact)
  await furtherSteps(step, xero, contact)
  await step('gone', 'a contact that was never made is unknown', () =>
    refused(() => xero.getContact(tenant, '00000000-0000-4000-8000-000000000000'), 404),
  )
  await step('invalid', 'too long a name is refused', () =>
    refused(() => xero.createContacts(tenant, { contacts: [{ name: 'x'.repeat(300) }] }), 400),
  )
  await step('key', 'a wrong token is refused', () =>
    refused(() => connect('wrong').getContacts(tenant), 401, 403),
  )
})

async function contactSteps(step, xero) {
  const create = async (...contacts) => (await xero.createContacts(tenant, { contacts })).body.contacts
  const read = async (id) => (await xero.getContact(tenant, id)).body.contacts[0]
  /** Lists contacts; the SDK takes what it asks for by its place. */
  const list = async ({ where, order, ids, page, pageSize }) => {
    const unused = [undefined, undefined, undefined]
    return (await xero.getContacts(tenant, undefined, where, order, ids, page, ...unused, pageSize)).body
  }
  const namesOf = ({ contacts }) => contacts.map(({ name }) => name)
  let contact
  let others
  await step('create', 'a contact comes back as it was sent', async () => {
    const phones = [{ phoneType: 'DEFAULT', phoneNumber: '555' }]
    const sent = { name: 'Ann Ltd', emailAddress: 'ann@example.org', contactNumber: 'CN-1', phones }
    contact = (await create(sent))[0]
    equal([contact.name, contact.emailAddress, contact.contactNumber], ['Ann Ltd', 'ann@example.org', 'CN-1'])
  })
  await step('create', 'several contacts are made at once', async () => {
    others = await create({ name: 'Bob Ltd' }, { name: 'Cid Ltd' })
    equal([others[0].name, (await read(others[1].contactID)).name], ['Bob Ltd', 'Cid Ltd'])
  })
  await step('read', 'the contact is found by its id and by its number', async () => {
    const { name, phones } = await read(contact.contactID)
    equal([name, phones[0].phoneNumber], ['Ann Ltd', '555'])
    const { contacts } = (await xero.getContactByContactNumber(tenant, 'CN-1')).body
    equal(contacts[0].contactID, contact.contactID)
  })
  await step('list', 'contacts are found by an expression and by their ids', async () => {
    equal(namesOf(await list({ where: 'Name=="Bob Ltd"' })), ['Bob Ltd'])
    const ids = [contact.contactID, others[0].contactID]
    equal(namesOf(await list({ ids })).sort(), ['Ann Ltd', 'Bob Ltd'])
  })
  await step('list', 'contacts are in the order that was asked for', async () => {
    const names = namesOf(await list({ order: 'Name DESC' }))
    equal(names, [...names].sort().reverse())
  })
  await step('page', 'the pages show each contact once and end', async () => {
    async function* items() {
      for (let page = 1; ; page++) {
        const { contacts } = await list({ page, pageSize: 2 })
        truthy(contacts.length <= 2)
        if (contacts.length === 0) return
        yield* contacts
      }
    }
    const ids = [contact, ...others].map(({ contactID }) => contactID)
    await drain(items(), ({ contactID }) => contactID, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    await xero.updateContact(tenant, contact.contactID, { contacts: [{ firstName: 'Ann' }] })
    const { firstName, name, emailAddress } = await read(contact.contactID)
    equal([firstName, name, emailAddress], ['Ann', 'Ann Ltd', 'ann@example.org'])
  })
  await step('more', 'an idempotency key makes one contact of two calls', async () => {
    const once = () => xero.createContacts(tenant, { contacts: [{ name: 'Once' }] }, false, 'key-1')
    equal((await once()).body.contacts[0].contactID, (await once()).body.contacts[0].contactID)
  })
  return contact.contactID
}

async function invoiceSteps(step, xero, contactID) {
  let id
  await step('create', 'an invoice names its contact', async () => {
    const lineItems = [{ description: 'Hours', quantity: 2, unitAmount: 20, accountCode: '200' }]
    const sent = { type: 'ACCREC', invoiceNumber: 'INV-77', reference: 'ref', status: 'DRAFT', lineItems }
    const made = await xero.createInvoices(tenant, { invoices: [{ ...sent, contact: { contactID } }] })
    const invoice = made.body.invoices[0]
    id = invoice.invoiceID
    equal([invoice.invoiceNumber, invoice.status, invoice.contact.contactID], ['INV-77', 'DRAFT', contactID])
    equal([invoice.lineItems[0].description, invoice.lineItems[0].quantity], ['Hours', 2])
  })
  await step('update', 'an authorised invoice says so and keeps the rest', async () => {
    await xero.updateInvoice(tenant, id, { invoices: [{ status: 'AUTHORISED' }] })
    const { status, reference } = (await xero.getInvoice(tenant, id)).body.invoices[0]
    equal([status, reference], ['AUTHORISED', 'ref'])
  })
  await step('file', 'an attachment is in the list of its invoice, and its bytes come back', async () => {
    const name = 'a.txt'
    const type = 'application/octet-stream'
    const headers = { 'Content-Type': type }
    const content = Buffer.from('hello')
    await xero.createInvoiceAttachmentByFileName(tenant, id, name, content, false, undefined, { headers })
    const { attachments } = (await xero.getInvoiceAttachments(tenant, id)).body
    equal(
      attachments.map(({ fileName }) => fileName),
      [name],
    )
    const { body } = await xero.getInvoiceAttachmentByFileName(tenant, id, name, type)
    equal(Buffer.from(body).toString(), 'hello')
  })
}

async function furtherSteps(step, xero, contactID) {
  let group
  const members = async () => {
    const { contactGroups } = (await xero.getContactGroup(tenant, group)).body
    return (contactGroups[0].contacts ?? []).map((contact) => contact.contactID)
  }
  await step('more', 'a group has the contact that was added', async () => {
    const made = await xero.createContactGroup(tenant, { contactGroups: [{ name: 'VIPs' }] })
    group = made.body.contactGroups[0].contactGroupID
    await xero.createContactGroupContacts(tenant, group, { contacts: [{ contactID }] })
    equal(await members(), [contactID])
  })
  await step('delete', 'a contact that was taken out of a group is in it no more', async () => {
    await xero.deleteContactGroupContact(tenant, group, contactID)
    equal(await members(), [])
  })
  await step('more', 'a tracking category has the option that was added', async () => {
    const made = await xero.createTrackingCategory(tenant, { name: 'Region' })
    const { trackingCategoryID: id } = made.body.trackingCategories[0]
    await xero.createTrackingOptions(tenant, id, { name: 'North' })
    const { name, options } = (await xero.getTrackingCategory(tenant, id)).body.trackingCategories[0]
    equal([name, options?.map((option) => option.name)], ['Region', ['North']])
  })
  await step('delete', 'a deleted item is unknown', async () => {
    const { items } = (await xero.createItems(tenant, { items: [{ code: 'abc', name: 'Widget' }] })).body
    equal((await xero.getItem(tenant, items[0].itemID)).body.items[0].name, 'Widget')
    await xero.deleteItem(tenant, items[0].itemID)
    await refused(() => xero.getItem(tenant, items[0].itemID), 404)
  })
}
