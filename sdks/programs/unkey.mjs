import { Unkey } from '@unkey/api'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (rootKey) => new Unkey({ rootKey, serverURL: url })
  const u = connect('right')
  let api, key, id
  await step('create', 'an API gets an id', async () => {
    api = (await u.apis.createApi({ name: 'payments' })).data.apiId
    truthy(api)
  })
  await step('read', 'the API is found by its id', async () => {
    const { data } = await u.apis.getApi({ apiId: api })
    equal([data.id, data.name], [api, 'payments'])
  })
  await step('create', 'a key gets an id and a value', async () => {
    key = (await u.keys.createKey({ apiId: api, name: 'first', prefix: 'p', meta: { a: 1 }, enabled: true }))
      .data
    truthy(key.keyId && key.key)
  })
  await step('read', 'the key is found as it was sent', async () => {
    const { data } = await u.keys.getKey({ keyId: key.keyId })
    equal([data.keyId, data.name, data.meta], [key.keyId, 'first', { a: 1 }])
  })
  await step('list', 'the key is in the list of its API', async () => {
    const l = []
    for await (const p of await u.apis.listKeys({ apiId: api }))
      l.push(...(p.result ?? p).data.map((k) => k.keyId))
    truthy(l.includes(key.keyId))
  })
  await step('update', 'an update keeps what it does not name', async () => {
    await u.keys.updateKey({ keyId: key.keyId, name: 'second' })
    const { data } = await u.keys.getKey({ keyId: key.keyId })
    equal([data.name, data.meta], ['second', { a: 1 }])
  })
  await step('more', 'a key is verified', async () => {
    const { data } = await u.keys.verifyKey({ key: key.key })
    truthy(typeof data.valid === 'boolean')
  })
  await step('delete', 'a key that was deleted is unknown', async () => {
    await u.keys.deleteKey({ keyId: key.keyId })
    await rejects(
      () => u.keys.getKey({ keyId: key.keyId }),
      (e) => equal(e.statusCode ?? e.httpMeta?.response?.status, 404),
    )
  })
  await step('create', 'an identity gets an id', async () => {
    id = (await u.identities.createIdentity({ externalId: 'user_1', meta: { plan: 'pro' } })).data.identityId
    truthy(id)
  })
  await step('read', 'the identity is found by the external id', async () => {
    const { data } = await u.identities.getIdentity({ identity: 'user_1' })
    equal([data.externalId, data.meta], ['user_1', { plan: 'pro' }])
  })
  await step('update', 'an update changes the metadata', async () => {
    const { data } = await u.identities.updateIdentity({ identity: 'user_1', meta: { plan: 'free' } })
    equal(data.meta, { plan: 'free' })
  })
  await step('create', 'a role is found by its id', async () => {
    const r = (await u.permissions.createRole({ name: 'admin', description: 'D' })).data.roleId
    const { data } = await u.permissions.getRole({ role: r })
    equal([data.id, data.name], [r, 'admin'])
  })
  await step('page', 'cursors lead to every permission once', async () => {
    const ids = await several(
      4,
      async (i) => (await u.permissions.createPermission({ name: `p${i}`, slug: `s${i}` })).data.permissionId,
    )
    const l = []
    for await (const p of await u.permissions.listPermissions({ limit: 2 })) {
      l.push(...(p.result ?? p).data.map((k) => k.id))
      truthy(l.length < 60)
    }
    equal(new Set(l).size, l.length)
    equal(
      ids.filter((x) => !l.includes(x)),
      [],
    )
  })
  await step('gone', 'an API that was never made is unknown', () =>
    rejects(
      () => u.apis.getApi({ apiId: 'api_none_such' }),
      (e) => equal(e.statusCode, 404),
    ),
  )
  await step('invalid', 'a short name is refused', () =>
    rejects(
      () => u.apis.createApi({ name: 'x' }),
      (e) => equal(e.statusCode, 400),
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').apis.createApi({ name: 'abcd' }),
      (e) => equal(e.statusCode, 401),
    ),
  )
})
