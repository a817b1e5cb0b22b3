import { createClerkClient } from '@clerk/backend'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (secretKey) => createClerkClient({ secretKey, apiUrl: url, telemetry: { disabled: true } })
  const clerk = connect('sk_test_right')
  const has = (status) => (error) => equal(error.status, status)
  let user

  await step('create', 'a user has the names and addresses that were sent', async () => {
    user = await clerk.users.createUser({
      emailAddress: ['ann@example.org'],
      firstName: 'Ann',
      lastName: 'Lee',
    })
    equal([user.firstName, user.lastName], ['Ann', 'Lee'])
    equal(
      user.emailAddresses.map(({ emailAddress }) => emailAddress),
      ['ann@example.org'],
    )
  })
  await step('read', 'the user is found by id', async () => {
    equal((await clerk.users.getUser(user.id)).firstName, 'Ann')
  })
  await step('update', 'an update keeps what it does not name', async () => {
    const { firstName, lastName } = await clerk.users.updateUser(user.id, { firstName: 'Anna' })
    equal([firstName, lastName], ['Anna', 'Lee'])
  })
  await step('list', 'the user is in the list, which counts', async () => {
    const { data, totalCount } = await clerk.users.getUserList({ limit: 100 })
    truthy(data.some(({ id }) => id === user.id))
    equal(totalCount, data.length)
  })
  await step('page', 'offsets lead to every organization once', async () => {
    const ids = await several(
      7,
      async (i) =>
        (await clerk.organizations.createOrganization({ name: `Org ${i}`, createdBy: user.id })).id,
    )
    const found = []
    for (;;) {
      const { data } = await clerk.organizations.getOrganizationList({ limit: 3, offset: found.length })
      if (data.length === 0) break
      found.push(...data.map(({ id }) => id))
      truthy(found.length < 100, 'the list does not end')
    }
    equal(
      ids.filter((id) => !found.includes(id)),
      [],
    )
    equal(new Set(found).size, found.length)
  })
  await step('more', 'metadata is merged and kept', async () => {
    await clerk.users.updateUserMetadata(user.id, { publicMetadata: { plan: 'pro' } })
    equal((await clerk.users.getUser(user.id)).publicMetadata, { plan: 'pro' })
  })
  await step('more', 'a locked user is locked', async () => {
    equal((await clerk.users.lockUser(user.id)).locked, true)
  })
  await step('delete', 'a deletion is confirmed', async () => {
    const { id, deleted } = await clerk.users.deleteUser(user.id)
    equal([id, deleted], [user.id, true])
  })
  await step('gone', 'the user is then unknown, with a message', () =>
    rejects(
      () => clerk.users.getUser(user.id),
      (error) => {
        has(404)(error)
        truthy(error.errors[0].message)
      },
    ),
  )
  await step('invalid', 'a wrong member is named', () =>
    rejects(
      () => clerk.organizations.createOrganization({ createdBy: user.id }),
      (error) => {
        truthy([400, 422].includes(error.status), String(error.status))
        truthy(/name/.test(JSON.stringify(error.errors)), JSON.stringify(error.errors))
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(() => connect('sk_test_wrong').users.getUserList(), has(401)),
  )
})
