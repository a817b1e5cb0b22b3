import { InfluxDB, Point } from '@influxdata/influxdb-client'
import {
  AuthorizationsAPI,
  BucketsAPI,
  DashboardsAPI,
  LabelsAPI,
  OrgsAPI,
  TasksAPI,
  UsersAPI,
  VariablesAPI,
} from '@influxdata/influxdb-client-apis'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const connect = (token) => new InfluxDB({ url, token })
  const influx = connect('right')
  const orgs = new OrgsAPI(influx)
  let orgID
  await step('create', 'an organization is read as it was made', async () => {
    const org = await orgs.postOrgs({ body: { name: 'acme', description: 'A' } })
    orgID = org.id
    equal([org.name, org.description], ['acme', 'A'])
    equal((await orgs.getOrgsID({ orgID })).name, 'acme')
  })
  const bucketID = await bucketSteps(step, influx, orgID)
  await labelSteps(step, influx, { orgID, bucketID })
  await furtherSteps(step, influx, { orgID, bucketID })
  await step('more', 'a member is added to an organization', async () => {
    const user = await new UsersAPI(influx).postUsers({ body: { name: 'ann' } })
    const member = await orgs.postOrgsIDMembers({ orgID, body: { id: user.id, name: 'ann' } })
    equal(member.id, user.id)
    truthy((await orgs.getOrgsIDMembers({ orgID })).users.some(({ id }) => id === user.id))
  })
  await step('more', 'points are written', async () => {
    const writer = influx.getWriteApi('acme', 'renamed', 'ns', { maxRetries: 0 })
    writer.writePoint(new Point('cpu').tag('host', 'a').floatField('load', 0.5))
    await writer.close()
  })
  const buckets = new BucketsAPI(influx)
  await step('delete', 'a bucket is deleted', () => buckets.deleteBucketsID({ bucketID }))
  await step('gone', 'the bucket is then unknown, with a code and a message', () =>
    rejects(
      () => buckets.getBucketsID({ bucketID }),
      (error) => {
        equal(error.statusCode, 404)
        truthy(error.json?.code && error.json?.message, error.body)
      },
    ),
  )
  await step('invalid', 'a bucket without an organization is refused', () =>
    rejects(
      () => buckets.postBuckets({ body: { name: 'x' } }),
      (error) => {
        truthy([400, 422].includes(error.statusCode), error.message)
        truthy(error.body.includes('orgID'), error.body)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => new BucketsAPI(connect('wrong')).getBuckets(),
      (error) => equal(error.statusCode, 401),
    ),
  )
})

async function bucketSteps(step, influx, orgID) {
  const buckets = new BucketsAPI(influx)
  const create = (name, more) => buckets.postBuckets({ body: { orgID, name, retentionRules: [], ...more } })
  let bucketID
  await step('create', 'a bucket comes back as it was sent', async () => {
    const bucket = await create('first', {
      description: 'B',
      retentionRules: [{ type: 'expire', everySeconds: 3600 }],
    })
    bucketID = bucket.id
    equal(
      [bucket.orgID, bucket.name, bucket.description, bucket.retentionRules[0].everySeconds],
      [orgID, 'first', 'B', 3600],
    )
  })
  await step('read', 'the bucket is found by its id', async () => {
    equal((await buckets.getBucketsID({ bucketID })).name, 'first')
  })
  await step('list', 'buckets are found by their name', async () => {
    await create('second')
    const found = await buckets.getBuckets({ name: 'second' })
    equal(
      found.buckets.map(({ name }) => name),
      ['second'],
    )
  })
  await step('page', 'the pages show each bucket once and end', async () => {
    const made = await several(5, async (i) => (await create(`bucket-${i}`)).id)
    const seen = []
    for (let offset = 0; offset < 100; offset += 2) {
      const page = await buckets.getBuckets({ orgID, limit: 2, offset })
      truthy(page.buckets.length <= 2)
      if (page.buckets.length === 0) break
      seen.push(...page.buckets.map(({ id }) => id))
    }
    equal(new Set(seen).size, seen.length)
    equal(
      made.filter((id) => !seen.includes(id)),
      [],
    )
  })
  await step('update', 'a renamed bucket keeps the rest', async () => {
    await buckets.patchBucketsID({ bucketID, body: { name: 'renamed' } })
    const { name, description } = await buckets.getBucketsID({ bucketID })
    equal([name, description], ['renamed', 'B'])
  })
  return bucketID
}

async function labelSteps(step, influx, { orgID, bucketID }) {
  const buckets = new BucketsAPI(influx)
  const labels = new LabelsAPI(influx)
  let labelID
  await step('create', 'a label has its properties and is in the list', async () => {
    const properties = { color: 'ff0000' }
    const { label } = await labels.postLabels({ body: { orgID, name: 'hot', properties } })
    labelID = label.id
    equal([label.name, label.properties], ['hot', properties])
    equal((await labels.getLabelsID({ labelID })).label.name, 'hot')
    truthy((await labels.getLabels({ orgID })).labels.some(({ id }) => id === labelID))
  })
  await step('more', 'a label is on the bucket until it is taken off', async () => {
    const put = await buckets.postBucketsIDLabels({ bucketID, body: { labelID } })
    equal(put.label.id, labelID)
    const shown = await buckets.getBucketsIDLabels({ bucketID })
    equal(
      shown.labels.map(({ id, name }) => [id, name]),
      [[labelID, 'hot']],
    )
    await buckets.deleteBucketsIDLabelsID({ bucketID, labelID })
    equal((await buckets.getBucketsIDLabels({ bucketID })).labels, [])
  })
}

async function furtherSteps(step, influx, { orgID, bucketID }) {
  await step('more', 'a task has its script, is made inactive and run', async () => {
    const tasks = new TasksAPI(influx)
    const flux = 'option task = {name: "t", every: 1h}'
    const task = await tasks.postTasks({ body: { orgID, flux, status: 'active', description: 'T' } })
    const taskID = task.id
    equal([task.orgID, task.flux, task.status, task.description], [orgID, flux, 'active', 'T'])
    equal((await tasks.patchTasksID({ taskID, body: { status: 'inactive' } })).status, 'inactive')
    equal((await tasks.getTasksID({ taskID })).status, 'inactive')
    const run = await tasks.postTasksIDRuns({ taskID, body: {} })
    equal(
      (await tasks.getTasksIDRuns({ taskID })).runs.map(({ id }) => id),
      [run.id],
    )
  })
  await step('more', 'a dashboard has the cell that was added', async () => {
    const dashboards = new DashboardsAPI(influx)
    const dashboard = await dashboards.postDashboards({ body: { orgID, name: 'D', description: 'x' } })
    const dashboardID = dashboard.id
    equal([dashboard.name, dashboard.description], ['D', 'x'])
    const cell = await dashboards.postDashboardsIDCells({
      dashboardID,
      body: { name: 'cell', x: 1, y: 2, w: 3, h: 4 },
    })
    equal([cell.x, cell.y, cell.w, cell.h], [1, 2, 3, 4])
    const { cells } = await dashboards.getDashboardsID({ dashboardID })
    equal(
      cells.map(({ id }) => id),
      [cell.id],
    )
  })
  await step('create', 'an authorization has a token and its permissions', async () => {
    const authorizations = new AuthorizationsAPI(influx)
    const permissions = [{ action: 'read', resource: { type: 'buckets', id: bucketID } }]
    const made = await authorizations.postAuthorizations({
      body: { orgID, description: 'reader', permissions },
    })
    equal([made.orgID, made.description, made.permissions[0].resource.id], [orgID, 'reader', bucketID])
    truthy(made.token)
    const changed = await authorizations.patchAuthorizationsID({
      authID: made.id,
      body: { status: 'inactive' },
    })
    equal(changed.status, 'inactive')
  })
  await step('create', 'a variable is read with its arguments', async () => {
    const variables = new VariablesAPI(influx)
    const sent = { type: 'constant', values: ['a', 'b'] }
    const made = await variables.postVariables({ body: { orgID, name: 'letters', arguments: sent } })
    equal([made.name, made.arguments], ['letters', sent])
    equal((await variables.getVariablesID({ variableID: made.id })).arguments.values, ['a', 'b'])
  })
}
