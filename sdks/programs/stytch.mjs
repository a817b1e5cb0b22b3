import { B2BClient, Client } from 'stytch'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const options = (project) => ({ project_id: project, secret: 'x', env: `${url}/v1/` })
  const connect = (project) => new Client(options(project))
  const stytch = connect('right')
  const has = (status) => (error) => equal(error.status_code, status)

  await users({ stytch, step, has })
  await machines({ stytch, step, has })
  await members({ b2b: new B2BClient(options('right')), step, has })

  await step('more', 'whom a login has shown can be read', async () => {
    const { user_id: id } = await stytch.magicLinks.email.loginOrCreate({ email: 'new@example.org' })
    equal((await stytch.users.get({ user_id: id })).user_id, id)
  })
  await step('invalid', 'an address that is none is refused, with the kind of the error', () =>
    rejects(
      () => stytch.users.create({ email: 5 }),
      (error) => {
        has(400)(error)
        truthy(error.error_type)
      },
    ),
  )
  await step('key', 'a wrong project is refused', () =>
    rejects(() => connect('wrong').users.get({ user_id: 'u' }), has(401)),
  )
})

async function users({ stytch, step, has }) {
  let ann
  await step('create', 'a user comes back as it was sent', async () => {
    const made = await stytch.users.create({ email: 'ann@example.org', name: { first_name: 'Ann' } })
    ann = made.user
    equal([made.status_code, made.user_id], [200, ann.user_id])
    equal([ann.name.first_name, ann.emails[0].email], ['Ann', 'ann@example.org'])
  })
  await step('read', 'the user is found by its id', async () => {
    const { name, emails } = await stytch.users.get({ user_id: ann.user_id })
    equal([name.first_name, emails[0].email], ['Ann', 'ann@example.org'])
  })
  await step('update', 'an update is shown by the next read', async () => {
    const { user } = await stytch.users.update({ user_id: ann.user_id, name: { first_name: 'Anna' } })
    equal(user.name.first_name, 'Anna')
    equal((await stytch.users.get({ user_id: ann.user_id })).name.first_name, 'Anna')
  })
  await step('list', 'a search for an address finds who has it', async () => {
    await stytch.users.create({ email: 'bob@example.org' })
    const operands = [{ filter_name: 'email_address', filter_value: ['bob@example.org'] }]
    const { results } = await stytch.users.search({ query: { operator: 'AND', operands } })
    equal(
      results.map(({ emails }) => emails[0].email),
      ['bob@example.org'],
    )
  })
  await step('page', 'the pages show each user once and end', async () => {
    await several(5, (i) => stytch.users.create({ email: `u${i}@example.org` }))
    const ids = []
    for (const pages = stytch.users.searchAll({ limit: 2 }); pages.hasNext() && ids.length < 100; )
      ids.push(...(await pages.next()).map((one) => one.user_id))
    equal(new Set(ids).size, ids.length)
    truthy(ids.length >= 7)
  })
  await step('delete', 'a user is deleted', () => stytch.users.delete({ user_id: ann.user_id }))
  await step('gone', 'the deleted user is unknown', () =>
    rejects(() => stytch.users.get({ user_id: ann.user_id }), has(404)),
  )
}

async function machines({ stytch, step, has }) {
  const { clients } = stytch.m2m
  let id
  await step('create', 'a client shows its secret', async () => {
    const { m2m_client: made } = await clients.create({ scopes: ['read'], client_name: 'A' })
    id = made.client_id
    truthy(made.client_secret)
    equal([made.client_name, made.scopes, made.status], ['A', ['read'], 'active'])
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const { m2m_client: changed } = await clients.update({ client_id: id, status: 'inactive' })
    equal([changed.status, changed.client_name, changed.scopes], ['inactive', 'A', ['read']])
  })
  await step('more', 'a rotation shows another secret', async () => {
    const { m2m_client: rotated } = await clients.secrets.rotateStart({ client_id: id })
    equal(rotated.client_id, id)
    truthy(rotated.next_client_secret)
  })
  await step('gone', 'a deleted client is unknown', async () => {
    equal((await clients.delete({ client_id: id })).client_id, id)
    await rejects(() => clients.get({ client_id: id }), has(404))
  })
}

async function members({ b2b, step, has }) {
  const { organizations } = b2b
  let organization
  let member
  await step('create', 'an organization comes back as it was sent', async () => {
    const sent = { organization_name: 'Acme', organization_slug: 'acme' }
    organization = (await organizations.create(sent)).organization
    equal([organization.organization_name, organization.organization_slug], ['Acme', 'acme'])
  })
  const within = () => ({ organization_id: organization.organization_id })
  await step('create', 'a member is told with its organization', async () => {
    const made = await organizations.members.create({ ...within(), email_address: 'x@acme.org', name: 'X' })
    member = made.member
    equal([made.member_id, member.email_address, member.name], [member.member_id, 'x@acme.org', 'X'])
    equal(made.organization.organization_name, 'Acme')
  })
  await step('read', 'the member is found by its id and by its address', async () => {
    for (const by of [{ member_id: member.member_id }, { email_address: 'x@acme.org' }])
      equal((await organizations.members.get({ ...within(), ...by })).member.member_id, member.member_id)
  })
  await step('update', 'a member keeps what an update does not name', async () => {
    const sent = { ...within(), member_id: member.member_id, name: 'Y' }
    const changed = (await organizations.members.update(sent)).member
    equal([changed.name, changed.email_address], ['Y', 'x@acme.org'])
  })
  await step('list', 'the members of an organization are listed', async () => {
    const found = await organizations.members.search({ organization_ids: [organization.organization_id] })
    equal(
      found.members.map((one) => one.member_id),
      [member.member_id],
    )
  })
  await step('gone', 'a deleted member is unknown', async () => {
    const one = { ...within(), member_id: member.member_id }
    await organizations.members.delete(one)
    await rejects(() => organizations.members.get(one), has(404))
  })
}
