import { NetlifyAPI } from '@netlify/api'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (token) => new NetlifyAPI(token, { scheme: 'http', host: new URL(url).host })
  const client = connect('right')
  const site = await siteSteps(step, client)
  await hookSteps(step, client, site)
  await variableSteps(step, client)
  await deploySteps(step, client, site)
  await step('delete', 'a deleted site is unknown', async () => {
    await client.deleteSite({ siteId: site.id })
    await rejects(
      () => client.getSite({ siteId: site.id }),
      (error) => equal(error.status, 404),
    )
  })
  await step('invalid', 'a site with a number for a name is refused', () =>
    rejects(
      () => client.createSite({ body: { name: 5 } }),
      (error) => {
        truthy([400, 422].includes(error.status), error.message)
        truthy(error.json?.message, error.message)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('wrong').listSites(),
      (error) => equal(error.status, 401),
    ),
  )
})

async function siteSteps(step, client) {
  let site
  await step('create', 'a site comes back as it was sent', async () => {
    site = await client.createSite({
      body: { name: 'ann-site', custom_domain: 'ann.example.org', force_ssl: true },
    })
    equal([site.name, site.custom_domain, site.force_ssl], ['ann-site', 'ann.example.org', true])
  })
  await step('read', 'a site is read by its id, in either case of the parameter', async () => {
    equal((await client.getSite({ siteId: site.id })).name, 'ann-site')
    equal((await client.getSite({ site_id: site.id })).name, 'ann-site')
  })
  await step('update', 'a changed site keeps the rest', async () => {
    await client.updateSite({
      siteId: site.id,
      body: { name: 'bob-site', processing_settings: { html: { pretty_urls: true } } },
    })
    const { name, custom_domain, processing_settings } = await client.getSite({ siteId: site.id })
    equal([name, custom_domain, processing_settings.html.pretty_urls], ['bob-site', 'ann.example.org', true])
  })
  await step('page', 'the pages show each site once and end', async () => {
    const made = await several(5, async (i) => (await client.createSite({ body: { name: `site-${i}` } })).id)
    const seen = []
    for (let page = 1; page < 20; page++) {
      const sites = await client.listSites({ page, per_page: 3 })
      truthy(sites.length <= 3)
      if (sites.length === 0) break
      seen.push(...sites.map(({ id }) => id))
    }
    equal(new Set(seen).size, seen.length)
    equal(
      made.filter((id) => !seen.includes(id)),
      [],
    )
  })
  await step('list', 'sites are found by their name', async () => {
    const sites = await client.listSites({ name: 'site-2' })
    equal(
      sites.map(({ name }) => name),
      ['site-2'],
    )
  })
  return site
}

async function hookSteps(step, client, site) {
  await step('more', 'a build hook belongs to its site and is changed', async () => {
    const hook = await client.createSiteBuildHook({
      siteId: site.id,
      body: { branch: 'main', title: 'deploy' },
    })
    equal([hook.branch, hook.site_id], ['main', site.id])
    equal((await client.getSiteBuildHook({ siteId: site.id, id: hook.id })).branch, 'main')
    equal(
      (await client.listSiteBuildHooks({ siteId: site.id })).map(({ id }) => id),
      [hook.id],
    )
    await client.updateSiteBuildHook({ siteId: site.id, id: hook.id, body: { branch: 'next' } })
    equal((await client.getSiteBuildHook({ siteId: site.id, id: hook.id })).branch, 'next')
  })
  await step('more', 'a hook of a site is listed, changed and removed', async () => {
    const data = { url: 'https://example.org/hook' }
    const hook = await client.createHookBySiteId({
      site_id: site.id,
      body: { type: 'url', event: 'deploy_created', data },
    })
    equal([hook.type, hook.event, hook.data], ['url', 'deploy_created', data])
    truthy((await client.listHooksBySiteId({ site_id: site.id })).some(({ id }) => id === hook.id))
    const changed = await client.updateHook({ hook_id: hook.id, body: { event: 'deploy_failed' } })
    equal(changed.event, 'deploy_failed')
    await client.deleteHook({ hook_id: hook.id })
    await rejects(
      () => client.getHook({ hook_id: hook.id }),
      (error) => equal(error.status, 404),
    )
  })
}

async function variableSteps(step, client) {
  let accountId
  await step('create', 'an account is in the list', async () => {
    const account = await client.createAccount({ body: { name: 'Team', type_id: 'type-1' } })
    accountId = account.id
    equal(account.name, 'Team')
    truthy((await client.listAccountsForUser()).some(({ id }) => id === accountId))
  })
  await step('create', 'variables are made as a list and read by their keys', async () => {
    const made = await client.createEnvVars({
      accountId,
      body: [
        { key: 'A', scopes: ['builds'], values: [{ value: '1', context: 'all' }] },
        { key: 'B', values: [{ value: '2', context: 'production' }] },
      ],
    })
    equal(
      made.map(({ key }) => key),
      ['A', 'B'],
    )
    const { key, scopes, values } = await client.getEnvVar({ accountId, key: 'A' })
    equal([key, scopes, values[0].value], ['A', ['builds'], '1'])
  })
  await step('update', 'a variable is replaced, and the other stays', async () => {
    await client.updateEnvVar({
      accountId,
      key: 'A',
      body: { key: 'A', scopes: ['functions'], values: [{ value: '9', context: 'dev' }] },
    })
    const { scopes, values } = await client.getEnvVar({ accountId, key: 'A' })
    equal([scopes, values[0].value], [['functions'], '9'])
    const all = await client.getEnvVars({ accountId })
    equal(all.map(({ key }) => key).sort(), ['A', 'B'])
  })
  await step('gone', 'a deleted variable is unknown', async () => {
    await client.deleteEnvVar({ accountId, key: 'B' })
    await rejects(
      () => client.getEnvVar({ accountId, key: 'B' }),
      (error) => equal(error.status, 404),
    )
  })
}

async function deploySteps(step, client, site) {
  await step('more', 'a deploy key is listed until it is removed', async () => {
    const deployKey = await client.createDeployKey()
    truthy((await client.listDeployKeys()).some(({ id }) => id === deployKey.id))
    await client.deleteDeployKey({ keyId: deployKey.id })
    truthy(!(await client.listDeployKeys()).some(({ id }) => id === deployKey.id))
  })
  await step('more', 'a deploy is a deploy of its site', async () => {
    const deploy = await client.createSiteDeploy({
      siteId: site.id,
      title: 'first',
      body: { files: { '/index.html': 'abc' }, draft: true },
    })
    equal([deploy.site_id, deploy.draft], [site.id, true])
    equal((await client.getSiteDeploy({ siteId: site.id, deployId: deploy.id })).id, deploy.id)
    truthy((await client.listSiteDeploys({ siteId: site.id })).some(({ id }) => id === deploy.id))
    await client.cancelSiteDeploy({ deployId: deploy.id })
  })
  await step('file', 'a file of a deploy is uploaded as bytes', async () => {
    const deploy = await client.createSiteDeploy({ siteId: site.id, body: { files: { 'a.html': 'abc' } } })
    truthy(
      await client.uploadDeployFile({
        deployId: deploy.id,
        path: 'a.html',
        size: 5,
        body: () => Buffer.from('hello'),
      }),
    )
  })
  await step('more', 'a zone has its record until the record is deleted', async () => {
    const zone = await client.createDnsZone({ body: { name: 'example.org', account_slug: 'team' } })
    equal(zone.name, 'example.org')
    const sent = { type: 'A', hostname: 'www', value: '192.0.2.1', ttl: 300 }
    const record = await client.createDnsRecord({ zoneId: zone.id, body: sent })
    const { type, hostname, value, ttl } = record
    equal({ type, hostname, value, ttl }, sent)
    equal(
      (await client.getDnsRecords({ zoneId: zone.id })).map(({ id }) => id),
      [record.id],
    )
    await client.deleteDnsRecord({ zoneId: zone.id, dnsRecordId: record.id })
    equal(await client.getDnsRecords({ zoneId: zone.id }), [])
  })
}
