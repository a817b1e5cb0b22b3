import { WorkOS } from '@workos-inc/node'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const { hostname, port } = new URL(url)
  const connect = (key) => new WorkOS(key, { apiHostname: hostname, port: Number(port), https: false })
  const workos = connect('sk_right')
  const organization = await organizationSteps(step, workos)
  const user = await userSteps(step, workos)
  await membershipSteps(step, workos, { organization, user })
  await permissionSteps(step, workos, organization)
  await step('delete', 'a deleted user is unknown', async () => {
    await workos.userManagement.deleteUser(user.id)
    await rejects(
      () => workos.userManagement.getUser(user.id),
      (error) => equal([error.name, error.status], ['NotFoundException', 404]),
    )
  })
  await step('gone', 'an organization that was never made is unknown', () =>
    rejects(
      () => workos.organizations.getOrganization('org_never'),
      (error) => equal(error.status, 404),
    ),
  )
  await step('invalid', 'a user without an address is refused', () =>
    rejects(
      () => workos.userManagement.createUser({ firstName: 'No' }),
      (error) => {
        truthy([400, 422].includes(error.status), error.message)
        truthy(`${JSON.stringify(error)}${error.message}`.includes('email'), error.message)
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('sk_wrong').organizations.listOrganizations(),
      (error) => equal(error.status, 401),
    ),
  )
})

async function organizationSteps(step, { organizations }) {
  let organization
  await step('create', 'an organization comes back as it was sent', async () => {
    organization = await organizations.createOrganization({
      name: 'Acme',
      externalId: 'acme-1',
      metadata: { tier: 'gold' },
      domainData: [{ domain: 'acme.example', state: 'verified' }],
    })
    const { name, externalId, metadata, domains } = organization
    equal([name, externalId, metadata], ['Acme', 'acme-1', { tier: 'gold' }])
    equal(
      domains.map(({ domain }) => domain),
      ['acme.example'],
    )
  })
  await step('read', 'an organization is found by its id and by its external id', async () => {
    equal((await organizations.getOrganization(organization.id)).name, 'Acme')
    equal((await organizations.getOrganizationByExternalId('acme-1')).id, organization.id)
  })
  await step('update', 'a renamed organization keeps the rest', async () => {
    const changed = await organizations.updateOrganization({
      organization: organization.id,
      name: 'Acme Inc',
    })
    equal([changed.id, changed.name, changed.externalId], [organization.id, 'Acme Inc', 'acme-1'])
    equal((await organizations.getOrganization(organization.id)).name, 'Acme Inc')
  })
  let made
  const showsEachOnce = (seen) => {
    const ids = seen.map(({ id }) => id)
    equal(new Set(ids).size, ids.length)
    equal(
      made.filter(({ id }) => !ids.includes(id)),
      [],
    )
  }
  await step('page', 'the pages show each organization once and end', async () => {
    made = await several(5, (i) => organizations.createOrganization({ name: `Organization ${i}` }))
    const seen = []
    let after
    for (let pages = 0; pages < 20; pages++) {
      const page = await organizations.listOrganizations({ limit: 2, after })
      truthy(page.data.length <= 2)
      seen.push(...page.data)
      after = page.listMetadata.after
      if (!after) break
    }
    showsEachOnce(seen)
  })
  await step('page', 'the pager of the SDK shows each organization once and ends', async () => {
    showsEachOnce(await (await organizations.listOrganizations()).autoPagination())
  })
  await step('more', 'an idempotency key repeats the organization', async () => {
    const create = () => organizations.createOrganization({ name: 'Once' }, { idempotencyKey: 'key-1' })
    equal((await create()).id, (await create()).id)
  })
  return organization
}

async function userSteps(step, { userManagement }) {
  let user
  await step('create', 'a user comes back as it was sent', async () => {
    const sent = {
      email: 'ann@example.org',
      firstName: 'Ann',
      lastName: 'Lee',
      externalId: 'user-1',
      metadata: { a: 'b' },
    }
    user = await userManagement.createUser(sent)
    const { email, firstName, lastName, externalId, metadata } = user
    equal({ email, firstName, lastName, externalId, metadata }, sent)
    equal((await userManagement.getUser(user.id)).email, 'ann@example.org')
  })
  await step('list', 'users are found by their email', async () => {
    await userManagement.createUser({ email: 'bob@example.org' })
    const { data } = await userManagement.listUsers({ email: 'ann@example.org' })
    equal(
      data.map(({ id }) => id),
      [user.id],
    )
  })
  await step('update', 'a changed user keeps the rest', async () => {
    await userManagement.updateUser({ userId: user.id, firstName: 'Anna', emailVerified: true })
    const { firstName, lastName, emailVerified } = await userManagement.getUser(user.id)
    equal([firstName, lastName, emailVerified], ['Anna', 'Lee', true])
  })
  return user
}

async function membershipSteps(step, { userManagement }, { organization, user }) {
  let membership
  await step('create', 'a membership joins a user and an organization', async () => {
    membership = await userManagement.createOrganizationMembership({
      organizationId: organization.id,
      userId: user.id,
      roleSlug: 'admin',
    })
    const { organizationId, userId, role, status } = membership
    equal([organizationId, userId, role.slug, status], [organization.id, user.id, 'admin', 'active'])
    const { data } = await userManagement.listOrganizationMemberships({ userId: user.id })
    equal(
      data.map(({ id }) => id),
      [membership.id],
    )
  })
  await step('more', 'a membership is deactivated and reactivated', async () => {
    equal((await userManagement.deactivateOrganizationMembership(membership.id)).status, 'inactive')
    equal((await userManagement.getOrganizationMembership(membership.id)).status, 'inactive')
    equal((await userManagement.reactivateOrganizationMembership(membership.id)).status, 'active')
  })
  let invitation
  await step('create', 'an invitation is pending, and read by its token', async () => {
    invitation = await userManagement.sendInvitation({
      email: 'eve@example.org',
      organizationId: organization.id,
      expiresInDays: 3,
    })
    const { email, organizationId, state, token } = invitation
    equal([email, organizationId, state], ['eve@example.org', organization.id, 'pending'])
    equal((await userManagement.findInvitationByToken(token)).id, invitation.id)
  })
  await step('more', 'a revoked invitation says so', async () => {
    equal((await userManagement.revokeInvitation(invitation.id)).state, 'revoked')
    equal((await userManagement.getInvitation(invitation.id)).state, 'revoked')
  })
}

async function permissionSteps(step, { authorization }, organization) {
  await step('more', 'a permission is found and listed by its slug', async () => {
    const made = await authorization.createPermission({
      slug: 'posts:read',
      name: 'Read posts',
      description: 'May read',
    })
    equal([made.slug, made.name], ['posts:read', 'Read posts'])
    equal((await authorization.getPermission('posts:read')).id, made.id)
    truthy((await authorization.listPermissions()).data.some(({ slug }) => slug === 'posts:read'))
  })
  await step('more', 'a role of an organization has the permissions that were set', async () => {
    const role = await authorization.createOrganizationRole(organization.id, {
      slug: 'org-editor',
      name: 'Editor',
    })
    equal(role.slug, 'org-editor')
    const permissions = ['posts:read']
    await authorization.setOrganizationRolePermissions(organization.id, 'org-editor', { permissions })
    const read = await authorization.getOrganizationRole(organization.id, 'org-editor')
    equal(read.permissions, permissions)
  })
}
