import hydra from '@ory/hydra-client'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

const { Configuration, JwkApi, OAuth2Api } = hydra
const unknown = (work) =>
  rejects(
    async () => (await work()).data,
    ({ response, message }) => equal(response?.status, 404, message),
  )

await program(async ({ url, step }) => {
  const configuration = new Configuration({ basePath: url })
  const oauth2 = new OAuth2Api(configuration)
  const id = await clientSteps(step, oauth2, url)
  await keySteps(step, new JwkApi(configuration))
  await issuerSteps(step, oauth2)
  await step('more', 'a token that nobody was given is not active', async () => {
    equal((await oauth2.introspectOAuth2Token({ token: 'never' })).data.active, false)
  })
  await step('delete', 'a client is deleted', () => oauth2.deleteOAuth2Client({ id }))
  await step('gone', 'the client is then unknown', () => unknown(() => oauth2.getOAuth2Client({ id })))
  await step('gone', 'a client that was never made is not changed', () =>
    unknown(() =>
      oauth2.patchOAuth2Client({
        id: 'never',
        jsonPatch: [{ op: 'replace', path: '/client_name', value: 'x' }],
      }),
    ),
  )
  await step('invalid', 'a set of keys without a use is refused', () =>
    rejects(
      () =>
        new JwkApi(configuration).createJsonWebKeySet({ set: 'bad', createJsonWebKeySet: { alg: 'RS256' } }),
      ({ response }) => {
        equal(response?.status, 400)
        truthy(response.data.error_description, JSON.stringify(response.data))
      },
    ),
  )
})

async function clientSteps(step, oauth2, url) {
  const create = async (oAuth2Client) => (await oauth2.createOAuth2Client({ oAuth2Client })).data
  const read = async (id) => (await oauth2.getOAuth2Client({ id })).data
  const idsOf = ({ data }) => data.map(({ client_id }) => client_id)
  let id
  await step('create', 'a client comes back as it was sent', async () => {
    const sent = { client_name: 'App', scope: 'openid', owner: 'ann', metadata: { a: 1 } }
    const { client_id, client_name, scope, owner, metadata } = await create(sent)
    id = client_id
    equal({ client_name, scope, owner, metadata }, sent)
  })
  await step('create', 'a client may choose its own id', async () => {
    equal((await create({ client_id: 'mine', client_name: 'Mine', owner: 'bob' })).client_id, 'mine')
    equal((await read('mine')).client_name, 'Mine')
  })
  await step('read', 'the client is found by its id', async () => {
    const { client_id, client_name } = await read(id)
    equal([client_id, client_name], [id, 'App'])
  })
  await step('list', 'clients are found by their name and by their owner', async () => {
    equal(idsOf(await oauth2.listOAuth2Clients({ clientName: 'App' })), [id])
    equal(idsOf(await oauth2.listOAuth2Clients({ owner: 'bob' })), ['mine'])
  })
  await step('page', 'the links lead to every client once', async () => {
    const ids = await several(5, async (i) => (await create({ client_name: `client ${i}` })).client_id)
    async function* items() {
      let pageToken
      do {
        const { data, headers } = await oauth2.listOAuth2Clients({ pageSize: 2, pageToken })
        yield* data
        const next = /<([^>]+)>;\s*rel="?next"?/.exec(headers.link ?? '')?.[1]
        pageToken = next && new URL(next, url).searchParams.get('page_token')
      } while (pageToken)
    }
    await drain(items(), ({ client_id }) => client_id, ids)
  })
  await step('update', 'a JSON Patch changes only what it names', async () => {
    const jsonPatch = [
      { op: 'replace', path: '/client_name', value: 'Renamed' },
      { op: 'add', path: '/contacts', value: ['ann@example.org'] },
    ]
    await oauth2.patchOAuth2Client({ id, jsonPatch })
    const { client_name, contacts, scope } = await read(id)
    equal([client_name, contacts, scope], ['Renamed', ['ann@example.org'], 'openid'])
  })
  await step('update', 'a replaced client has its new members', async () => {
    await oauth2.setOAuth2Client({ id, oAuth2Client: { client_name: 'New', scope: 'offline' } })
    const { client_id, client_name, scope } = await read(id)
    equal([client_id, client_name, scope], [id, 'New', 'offline'])
  })
  await step('more', 'the lifespans of its tokens are those of the client', async () => {
    const oAuth2ClientTokenLifespans = { client_credentials_grant_access_token_lifespan: '1h' }
    await oauth2.setOAuth2ClientLifespans({ id, oAuth2ClientTokenLifespans })
    equal((await read(id)).client_credentials_grant_access_token_lifespan, '1h')
  })
  return id
}

async function keySteps(step, jwk) {
  const kidsOf = ({ data }) => data.keys.map(({ kid }) => kid)
  const key = (kid) => ({ kid, kty: 'oct', alg: 'HS256', use: 'sig', k: 'GawgguFyGrWKav7AX4VKUg' })
  await step('create', 'a set of keys has the key that was asked for', async () => {
    const createJsonWebKeySet = { alg: 'RS256', use: 'sig', kid: 'first' }
    equal(kidsOf(await jwk.createJsonWebKeySet({ set: 'made', createJsonWebKeySet })), ['first'])
    equal(kidsOf(await jwk.getJsonWebKey({ set: 'made', kid: 'first' })), ['first'])
  })
  await step('update', 'a key is added to its set', async () => {
    await jwk.setJsonWebKey({ set: 'made', kid: 'second', jsonWebKey: key('second') })
    equal(kidsOf(await jwk.getJsonWebKey({ set: 'made', kid: 'second' })), ['second'])
  })
  await step('delete', 'a deleted key is unknown', async () => {
    await jwk.deleteJsonWebKey({ set: 'made', kid: 'first' })
    await unknown(() => jwk.getJsonWebKey({ set: 'made', kid: 'first' }))
  })
  await step('delete', 'a deleted set of keys is unknown', async () => {
    await jwk.deleteJsonWebKeySet({ set: 'made' })
    await unknown(() => jwk.getJsonWebKeySet({ set: 'made' }))
  })
}

async function issuerSteps(step, oauth2) {
  const trust = async (issuer) => {
    const trustOAuth2JwtGrantIssuer = {
      issuer,
      subject: 'ann@example.org',
      scope: ['openid'],
      expires_at: '2040-01-01T00:00:00Z',
      jwk: { kid: issuer, kty: 'RSA', alg: 'RS256', use: 'sig', n: 'abc', e: 'AQAB' },
    }
    return (await oauth2.trustOAuth2JwtGrantIssuer({ trustOAuth2JwtGrantIssuer })).data
  }
  await step('list', 'trusted issuers are found by their name', async () => {
    const { id, subject, scope } = await trust('https://one.example.org')
    equal([subject, scope], ['ann@example.org', ['openid']])
    await trust('https://two.example.org')
    const { data } = await oauth2.listTrustedOAuth2JwtGrantIssuers({ issuer: 'https://one.example.org' })
    equal(
      data.map((issuer) => issuer.id),
      [id],
    )
  })
}
