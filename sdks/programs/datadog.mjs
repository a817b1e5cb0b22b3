import datadog from '@datadog/datadog-api-client'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

const { client, v1 } = datadog

/** Awaits the refusal of the SDK, whose body holds the errors as the API words them. */
const refused = (work, ...codes) =>
  rejects(work, (error) => {
    truthy(codes.includes(error.code), `${error.code}: ${error.message}`)
    truthy(Array.isArray(error.body?.errors), error.message)
  })

await program(async ({ url, step }) => {
  const connect = (apiKey) =>
    client.createConfiguration({
      baseServer: new client.BaseServerConfiguration(url, {}),
      authMethods: { apiKeyAuth: apiKey, appKeyAuth: 'right-app' },
      enableRetry: false,
    })
  const configuration = connect('right')
  const monitors = new v1.MonitorsApi(configuration)
  const monitor = await monitorSteps(step, monitors)
  await downtimeSteps(step, configuration, monitor)
  await objectiveSteps(step, configuration)
  await testSteps(step, configuration)
  await step('delete', 'a deleted monitor is named', async () => {
    const { deletedMonitorId } = await monitors.deleteMonitor({ monitorId: monitor.id })
    equal(deletedMonitorId, monitor.id)
  })
  await step('gone', 'the monitor is then unknown', () =>
    refused(() => monitors.getMonitor({ monitorId: monitor.id }), 404),
  )
  await step('invalid', 'a notebook with too long a name is refused', () =>
    refused(() => {
      const attributes = { name: 'x'.repeat(100), cells: [], time: { liveSpan: '1h' } }
      return new v1.NotebooksApi(configuration).createNotebook({
        body: { data: { type: 'notebooks', attributes } },
      })
    }, 400),
  )
  await step('key', 'a wrong key is refused', () =>
    refused(() => new v1.MonitorsApi(connect('wrong')).listMonitors(), 401, 403),
  )
})

async function monitorSteps(step, monitors) {
  const create = (name, more) =>
    monitors.createMonitor({ body: { name, type: 'metric alert', query: 'avg(last_5m):a{*} > 90', ...more } })
  const namesOf = (list) => list.map(({ name }) => name)
  let monitor
  await step('create', 'a monitor comes back as it was sent', async () => {
    const options = { thresholds: { critical: 90 } }
    monitor = await create('CPU', { message: 'hot', tags: ['env:prod'], priority: 3, options })
    const { name, type, message, tags, priority } = monitor
    equal([name, type, message, tags, priority], ['CPU', 'metric alert', 'hot', ['env:prod'], 3])
    equal(monitor.options.thresholds.critical, 90)
  })
  await step('read', 'the monitor is found by its id', async () => {
    const { id, name, query } = await monitors.getMonitor({ monitorId: monitor.id })
    equal([id, name, query], [monitor.id, 'CPU', monitor.query])
  })
  await step('list', 'monitors are found by their name', async () => {
    await create('Disk', { tags: ['env:dev'] })
    equal(namesOf(await monitors.listMonitors({ name: 'CPU' })), ['CPU'])
  })
  await step('list', 'monitors are found by a tag', async () => {
    equal(namesOf(await monitors.listMonitors({ monitorTags: 'env:dev' })), ['Disk'])
  })
  await step('page', 'the pager shows each monitor once and ends', async () => {
    const ids = await several(5, async (i) => (await create(`monitor ${i}`)).id)
    await drain(monitors.listMonitorsWithPagination({ pageSize: 2 }), ({ id }) => id, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    await monitors.updateMonitor({ monitorId: monitor.id, body: { name: 'CPU 2' } })
    const { name, message, tags } = await monitors.getMonitor({ monitorId: monitor.id })
    equal([name, message, tags], ['CPU 2', 'hot', ['env:prod']])
  })
  return monitor
}

async function downtimeSteps(step, configuration, monitor) {
  const downtimes = new v1.DowntimesApi(configuration)
  let downtime
  await step('more', 'a downtime is in the list of its monitor', async () => {
    downtime = await downtimes.createDowntime({
      body: { scope: ['env:mine'], message: 'maintenance', monitorId: monitor.id, start: 1900000000 },
    })
    equal([downtime.scope, downtime.message], [['env:mine'], 'maintenance'])
    const list = await downtimes.listMonitorDowntimes({ monitorId: monitor.id })
    equal(
      list.map(({ id }) => id),
      [downtime.id],
    )
  })
  await step('more', 'the downtimes of a scope are cancelled and named', async () => {
    const { cancelledIds } = await downtimes.cancelDowntimesByScope({ body: { scope: 'env:mine' } })
    equal(cancelledIds, [downtime.id])
  })
}

async function objectiveSteps(step, configuration) {
  const dashboards = new v1.DashboardsApi(configuration)
  await step('create', 'a dashboard has its widgets, and others when it is replaced', async () => {
    const widgets = [{ definition: { type: 'note', content: 'hello' } }]
    const { id } = await dashboards.createDashboard({ body: { title: 'D', layoutType: 'ordered', widgets } })
    equal((await dashboards.getDashboard({ dashboardId: id })).widgets[0].definition.content, 'hello')
    const body = { title: 'E', layoutType: 'ordered', widgets: [] }
    const replaced = await dashboards.updateDashboard({ dashboardId: id, body })
    equal([replaced.id, replaced.title, replaced.widgets], [id, 'E', []])
  })
  const objectives = new v1.ServiceLevelObjectivesApi(configuration)
  let objective
  await step('create', 'a service level objective is found as it was sent', async () => {
    const query = { numerator: 'sum:a{*}', denominator: 'sum:b{*}' }
    const thresholds = [{ timeframe: '7d', target: 99.9 }]
    const made = await objectives.createSLO({ body: { name: 'SLO', type: 'metric', thresholds, query } })
    objective = made.data[0]
    equal(
      [objective.name, objective.thresholds[0].target, objective.query.numerator],
      ['SLO', 99.9, 'sum:a{*}'],
    )
    equal((await objectives.getSLO({ sloId: objective.id })).data.name, 'SLO')
  })
  await step('more', 'a correction is in the list of its objective', async () => {
    const attributes = { sloId: objective.id, category: 'Deployment', start: 1900000000, end: 1900003600 }
    const made = await new v1.ServiceLevelObjectiveCorrectionsApi(configuration).createSLOCorrection({
      body: { data: { type: 'correction', attributes } },
    })
    const { data } = await objectives.getSLOCorrections({ sloId: objective.id })
    equal(
      data.map(({ id }) => id),
      [made.data.id],
    )
  })
}

async function testSteps(step, configuration) {
  const synthetics = new v1.SyntheticsApi(configuration)
  let publicId
  await step('create', 'a synthetic test is found as it was sent', async () => {
    const request = { method: 'GET', url: 'https://example.org' }
    const assertions = [{ type: 'statusCode', operator: 'is', target: 200 }]
    const made = await synthetics.createSyntheticsAPITest({
      body: {
        name: 'API',
        type: 'api',
        subtype: 'http',
        locations: ['aws:us-east-1'],
        message: 'm',
        options: { tickEvery: 60 },
        config: { request, assertions },
      },
    })
    publicId = made.publicId
    const { name, config } = await synthetics.getAPITest({ publicId })
    equal([name, config.request.url, config.assertions[0].target], ['API', 'https://example.org', 200])
  })
  await step('update', 'a synthetic test is paused', async () => {
    await synthetics.updateTestPauseStatus({ publicId, body: { newStatus: 'paused' } })
    equal((await synthetics.getAPITest({ publicId })).status, 'paused')
  })
  await step('delete', 'synthetic tests that were deleted are named, and unknown', async () => {
    const { deletedTests } = await synthetics.deleteTests({ body: { publicIds: [publicId] } })
    equal(
      deletedTests.map((test) => test.publicId),
      [publicId],
    )
    await refused(() => synthetics.getAPITest({ publicId }), 404)
  })
}
