import { api } from '@pagerduty/pdjs'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

/** The client's calls. It speaks https to its own servers alone, so each call names its whole address. */
const connectTo = (url) => (token) => {
  const client = api({ token, headers: { From: 'ann@example.org' } })
  const call = async (method, path, data, queryParameters) => {
    const response = await client({ url: url + path, method, data, queryParameters })
    if (response.status < 400) return response
    // The client does not throw for a refusal.
    throw Object.assign(new Error(JSON.stringify(response.data)), {
      status: response.status,
      data: response.data,
    })
  }
  return {
    get: (path, queryParameters) => call('GET', path, undefined, queryParameters),
    post: (path, data) => call('POST', path, data),
    put: (path, data) => call('PUT', path, data),
    delete: (path) => call('DELETE', path),
  }
}
const referenceTo = ({ id, type }) => ({ id, type: `${type}_reference` })

await program(async ({ url, step }) => {
  const connect = connectTo(url)
  const client = connect('right')
  const user = await userSteps(step, client)
  const service = await serviceSteps(step, client, user)
  await incidentSteps(step, client, service)
  await furtherSteps(step, client, { service, user })
  await step('delete', 'a user is deleted', () => client.delete(`/users/${user.id}`))
  await step('gone', 'the user is then unknown, with a message', () =>
    rejects(
      () => client.get(`/users/${user.id}`),
      (error) => {
        equal(error.status, 404)
        truthy(error.data?.error?.message ?? error.data?.error, error.message)
      },
    ),
  )
  await step('invalid', 'a user without an address is refused', () =>
    rejects(
      () => client.post('/users', { user: { type: 'user', name: 'X' } }),
      (error) => {
        equal(error.status, 400)
        truthy(error.message.includes('email'), error.message)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('wrong').get('/users'),
      (error) => equal(error.status, 401),
    ),
  )
})

async function userSteps(step, client) {
  const create = async (name, more) => {
    const user = { type: 'user', name, email: `${name.toLowerCase()}@example.org`, ...more }
    return (await client.post('/users', { user })).data.user
  }
  const read = async (id) => (await client.get(`/users/${id}`)).data.user
  let user
  await step('create', 'a user comes back as it was sent', async () => {
    user = await create('Ann', { time_zone: 'Europe/Berlin', role: 'admin', job_title: 'Lead' })
    const { name, email, time_zone, role, job_title } = user
    equal(
      [name, email, time_zone, role, job_title],
      ['Ann', 'ann@example.org', 'Europe/Berlin', 'admin', 'Lead'],
    )
  })
  await step('read', 'the user is found by its id', async () => {
    const { id, name, role } = await read(user.id)
    equal([id, name, role], [user.id, 'Ann', 'admin'])
  })
  await step('update', 'a changed user keeps the rest', async () => {
    await client.put(`/users/${user.id}`, { user: { type: 'user', name: 'Anna', email: user.email } })
    const { name, job_title } = await read(user.id)
    equal([name, job_title], ['Anna', 'Lead'])
  })
  await step('page', 'the pages of the client show each user once and end', async () => {
    const made = await several(6, async (i) => (await create(`User${i}`)).id)
    async function* users() {
      let page = await client.get('/users', { limit: '3', offset: '0' })
      for (;;) {
        truthy(page.data.users.length <= 3)
        yield* page.data.users
        if (!page.next) return
        page = await page.next()
      }
    }
    await drain(users(), ({ id }) => id, made)
  })
  await step('list', 'users are searched by their name', async () => {
    const { data } = await client.get('/users', { query: 'User4' })
    equal(
      data.users.map(({ name }) => name),
      ['User4'],
    )
  })
  await step('more', 'a contact method is in the list of its user', async () => {
    const sent = { type: 'email_contact_method', label: 'Work', address: 'work@example.org' }
    const path = `/users/${user.id}/contact_methods`
    const made = (await client.post(path, { contact_method: sent })).data.contact_method
    const { type, label, address } = made
    equal({ type, label, address }, sent)
    truthy((await client.get(path)).data.contact_methods.some(({ id }) => id === made.id))
  })
  return user
}

async function serviceSteps(step, client, user) {
  let policy
  let service
  await step('create', 'an escalation policy has its rules', async () => {
    const sent = {
      type: 'escalation_policy',
      name: 'Default',
      escalation_rules: [{ escalation_delay_in_minutes: 30, targets: [referenceTo(user)] }],
    }
    policy = (await client.post('/escalation_policies', { escalation_policy: sent })).data.escalation_policy
    const [rule] = policy.escalation_rules
    equal([policy.name, rule.escalation_delay_in_minutes, rule.targets[0].id], ['Default', 30, user.id])
  })
  await step('create', 'a service refers to its policy', async () => {
    const sent = {
      type: 'service',
      name: 'Web',
      description: 'Front',
      escalation_policy: referenceTo(policy),
      auto_resolve_timeout: 14_400,
    }
    service = (await client.post('/services', { service: sent })).data.service
    const { name, description, escalation_policy, auto_resolve_timeout } = service
    equal(
      [name, description, escalation_policy.id, auto_resolve_timeout],
      ['Web', 'Front', policy.id, 14_400],
    )
    equal((await client.get(`/services/${service.id}`)).data.service.name, 'Web')
  })
  return service
}

async function incidentSteps(step, client, service) {
  const create = async (title, more) => {
    const sent = { type: 'incident', title, service: referenceTo(service), ...more }
    return (await client.post('/incidents', { incident: sent })).data.incident
  }
  let incident
  await step('create', 'an incident is triggered', async () => {
    incident = await create('Down', { urgency: 'high', incident_key: 'key-1' })
    const { title, urgency, status } = incident
    equal([title, incident.service.id, urgency, status], ['Down', service.id, 'high', 'triggered'])
  })
  await step('create', 'the details of an incident are a text', async () => {
    const body = { type: 'incident_body', details: 'It is slow' }
    equal((await create('Slow', { body })).title, 'Slow')
  })
  await step('list', 'incidents are found by their status', async () => {
    const has = async (status) => {
      const { data } = await client.get('/incidents', { 'statuses[]': status })
      return data.incidents.some(({ id }) => id === incident.id)
    }
    equal([await has('triggered'), await has('resolved')], [true, false])
  })
  await step('update', 'incidents are acknowledged several at once', async () => {
    const { data } = await client.put('/incidents', {
      incidents: [{ ...referenceTo(incident), status: 'acknowledged' }],
    })
    equal(
      data.incidents.map(({ id, status }) => [id, status]),
      [[incident.id, 'acknowledged']],
    )
    equal((await client.get(`/incidents/${incident.id}`)).data.incident.status, 'acknowledged')
  })
  await step('more', 'a note is in the list of its incident', async () => {
    const path = `/incidents/${incident.id}/notes`
    const { note } = (await client.post(path, { note: { content: 'Looking' } })).data
    equal(note.content, 'Looking')
    truthy((await client.get(path)).data.notes.some(({ content }) => content === 'Looking'))
  })
}

async function furtherSteps(step, client, { service, user }) {
  await step('more', 'a member of a team is in its list', async () => {
    const sent = { type: 'team', name: 'Red', description: 'R' }
    const { team } = (await client.post('/teams', { team: sent })).data
    equal([team.name, team.description], ['Red', 'R'])
    await client.put(`/teams/${team.id}/users/${user.id}`, { role: 'manager' })
    const { members } = (await client.get(`/teams/${team.id}/members`)).data
    equal(
      members.map((member) => member.user.id),
      [user.id],
    )
  })
  await step('create', 'a maintenance window has its times and services', async () => {
    const { data } = await client.post('/maintenance_windows', {
      maintenance_window: {
        type: 'maintenance_window',
        start_time: '2030-01-01T00:00:00Z',
        end_time: '2030-01-01T02:00:00Z',
        description: 'M',
        services: [referenceTo(service)],
      },
    })
    const { start_time, services } = data.maintenance_window
    equal([start_time, services[0].id], ['2030-01-01T00:00:00Z', service.id])
  })
  await step('read', 'a tag is found by its id', async () => {
    const { tag } = (await client.post('/tags', { tag: { type: 'tag', label: 'prod' } })).data
    equal((await client.get(`/tags/${tag.id}`)).data.tag.label, 'prod')
  })
}
