import okta from '@okta/okta-sdk-nodejs'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (token) =>
    new okta.Client({
      orgUrl: url,
      token,
      requestTimeout: 0,
      cacheMiddleware: null,
      disableHttpsCheck: true,
      testing: { disableHttpsCheck: true },
    })
  const client = connect('right')
  let group
  await step('create', 'a group comes back as it was sent', async () => {
    group = await client.groupApi.createGroup({ group: { profile: { name: 'Ann', description: 'first' } } })
    equal([group.profile.name, group.profile.description], ['Ann', 'first'])
  })
  await step('read', 'the group is found by its id', async () => {
    const g = await client.groupApi.getGroup({ groupId: group.id })
    equal([g.id, g.profile.name], [group.id, 'Ann'])
  })
  await step('list', 'the group is in the list', async () => {
    const seen = []
    await (await client.groupApi.listGroups()).each((g) => void seen.push(g.id))
    truthy(seen.includes(group.id))
  })
  await step('page', 'the pages show each group once and end', async () => {
    const ids = await several(
      7,
      async (i) => (await client.groupApi.createGroup({ group: { profile: { name: `g${i}` } } })).id,
    )
    await drain(await client.groupApi.listGroups({ limit: 3 }), (g) => g.id, ids)
  })
  await step('update', 'a group that was replaced has its new name', async () => {
    await client.groupApi.replaceGroup({
      groupId: group.id,
      group: { profile: { name: 'Bea', description: 'second' } },
    })
    equal((await client.groupApi.getGroup({ groupId: group.id })).profile.name, 'Bea')
  })
  await usersAndRefusals({ url, step, connect, client, group })
})

async function usersAndRefusals({ url, step, connect, client, group }) {
  let user
  await step('create', 'a user comes back as it was sent', async () => {
    user = await client.userApi.createUser({
      body: {
        profile: { firstName: 'Ann', lastName: 'Bo', email: 'ann@example.org', login: 'ann@example.org' },
      },
    })
    equal([user.profile.firstName, user.profile.login], ['Ann', 'ann@example.org'])
  })
  await step('read', 'the user is found by its login', async () => {
    const u = await client.userApi.getUser({ userId: 'ann@example.org' })
    equal(u.id, user.id)
  })
  await step('update', 'an update of the user keeps what it does not name', async () => {
    const u = await client.userApi.updateUser({ userId: user.id, user: { profile: { nickName: 'A' } } })
    equal([u.profile.nickName, u.profile.firstName], ['A', 'Ann'])
  })
  await step('more', 'a user that was assigned to the group is among its users', async () => {
    await client.groupApi.assignUserToGroup({ groupId: group.id, userId: user.id })
    const seen = []
    await (await client.groupApi.listGroupUsers({ groupId: group.id })).each((u) => void seen.push(u.id))
    equal(seen, [user.id])
  })
  await step('more', 'a zone comes back as it was sent', async () => {
    const z = await client.networkZoneApi.createNetworkZone({
      zone: {
        type: 'IP',
        name: 'office',
        status: 'ACTIVE',
        gateways: [{ type: 'CIDR', value: '1.2.3.4/24' }],
      },
    })
    const r = await client.networkZoneApi.getNetworkZone({ zoneId: z.id })
    equal([r.name, r.type, r.gateways[0].value], ['office', 'IP', '1.2.3.4/24'])
  })
  await step('delete', 'a group that was deleted is unknown', async () => {
    await client.groupApi.deleteGroup({ groupId: group.id })
    await rejects(
      () => client.groupApi.getGroup({ groupId: group.id }),
      (e) => equal(e.status, 404),
    )
  })
  await step('gone', 'its error has the code of the API', () =>
    rejects(
      () => client.groupApi.getGroup({ groupId: group.id }),
      (e) => {
        equal(e.status, 404)
        truthy(e.errorCode && e.errorSummary, e.message)
      },
    ),
  )
  await step('invalid', 'a zone of a type that there is not is refused', async () => {
    const r = await fetch(`${url}/api/v1/zones`, {
      method: 'POST',
      headers: { authorization: 'SSWS right', 'content-type': 'application/json' },
      body: '{"name":"x","type":"NOPE"}',
    })
    truthy(r.status === 400 || r.status === 422, r.status)
    truthy((await r.json()).errorSummary)
  })
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('wrong').groupApi.getGroup({ groupId: 'x' }),
      (e) => equal(e.status, 401),
    ),
  )
}
