import { describe, expect, it } from 'vitest'
import { example, freePort, installed, newFolder, reach, start } from './support/program.js'

const unauthorized = '{"statusCode":401,"message":"Invalid or missing API key","error":"Unauthorized"}'
const adminKey = 'an-admin-key-of-at-least-32-characters'

describe('the Express app', () => {
  it('lets its key in, and people manage keys', async () => {
    const PORT = await freePort()
    const url = `http://127.0.0.1:${PORT}`
    const app = start('node', [example('express-app.js')], { PORT, ADMIN_KEY: adminKey })
    const key = (await app.line()).replace('Shown once: ', '')

    const whoami = await reach(`${url}/v1/whoami`, { headers: { 'X-API-Key': key } })
    expect(await whoami.json()).toEqual({ label: 'first key' })
    const refused = await fetch(`${url}/v1/whoami`)
    expect([refused.status, await refused.text()]).toEqual([401, unauthorized])

    type Managed = { id: string; key: string }
    const manage = (path: string, body?: object) =>
      fetch(`${url}/admin${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'X-Admin-Key': adminKey, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
    const project = (await (await manage('/projects', { name: 'Acme' })).json()) as Managed
    const created = await manage(`/projects/${project.id}/keys`, {
      label: 'worker',
      environment: 'production',
    })
    const worker = (await created.json()) as Managed
    expect([created.status, worker.key]).toEqual([201, expect.stringMatching(/^gsk_live_[0-9A-Za-z]{61}$/)])
    const asWorker = () => fetch(`${url}/v1/whoami`, { headers: { 'X-API-Key': worker.key } })
    expect((await asWorker()).status).toBe(200)
    expect((await manage(`/projects/${project.id}/keys/${worker.id}/revoke`, {})).status).toBe(200)
    expect((await asWorker()).status).toBe(401)
  })

  it('is safe as it stands: its project can be suspended, and a restart adds and forgets nothing', async () => {
    const folder = newFolder()
    const run = async () => {
      const PORT = await freePort()
      const app = start('node', [example('express-app.js')], { PORT, ADMIN_KEY: adminKey }, folder)
      const url = `http://127.0.0.1:${PORT}`
      const headers = { 'X-Admin-Key': adminKey, 'Content-Type': 'application/json' }
      const listed = await (await reach(`${url}/admin/projects`, { headers })).json()
      const [project] = listed as { id: string; name: string }[]
      const keys = await (await fetch(`${url}/admin/projects/${project?.id}/keys`, { headers })).json()
      const suspend = (status: string) =>
        fetch(`${url}/admin/projects/${project?.id}`, {
          method: 'PATCH',
          headers,
          body: JSON.stringify({ status }),
        })
      const use = async (key: string) =>
        (await fetch(`${url}/v1/whoami`, { headers: { 'X-API-Key': key } })).status
      return { app, project, keys, suspend, use }
    }
    const first = await run()
    const key = (await first.app.line()).replace('Shown once: ', '')
    expect(first).toMatchObject({ project: { name: 'Acme' }, keys: [{ label: 'first key' }] })
    expect(await first.use(key)).toBe(200)
    const second = await run()
    expect(second).toMatchObject({ project: first.project, keys: [{ label: 'first key' }] })
    expect(await second.use(key)).toBe(200)
    expect((await second.suspend('suspended')).status).toBe(200)
    expect([await first.use(key), await second.use(key)]).toEqual([401, 401])
    expect((await first.suspend('active')).status).toBe(200)
    expect([await first.use(key), await second.use(key)]).toEqual([200, 200])
  })
})

describe('the tsoa app', () => {
  it('asks of each route what its @Security says', async () => {
    const PORT = await freePort()
    const url = `http://127.0.0.1:${PORT}/v1`
    const app = start('node', [example('tsoa-app/server.js')], { PORT, ADMIN_KEY: adminKey })
    const keys = JSON.parse(await app.line())
    const message = { method: 'POST', body: JSON.stringify({ to: '5491140123456', text: 'Hola' }) }
    const json = { 'Content-Type': 'application/json' }

    const whoami = await reach(`${url}/whoami`, { headers: { 'X-API-Key': keys.reader } })
    expect(await whoami.json()).toEqual({ projectId: '42', label: 'reader' })
    const missing = await fetch(`${url}/whoami`)
    expect([missing.status, await missing.text()]).toEqual([401, unauthorized])

    const sent = await fetch(`${url}/messages`, {
      ...message,
      headers: { ...json, 'X-API-Key': keys.writer },
    })
    expect(sent.status).toBe(201)
    const unscoped = await fetch(`${url}/messages`, {
      ...message,
      headers: { ...json, 'X-API-Key': keys.reader },
    })
    expect([unscoped.status, await unscoped.json()]).toEqual([
      403,
      expect.objectContaining({ error: 'Forbidden' }),
    ])

    expect((await fetch(`${url}/statistics`, { headers: { 'X-Admin-Key': adminKey } })).status).toBe(200)
    expect((await fetch(`${url}/statistics`, { headers: { 'X-API-Key': keys.writer } })).status).toBe(401)
  })
})

describe('the client', () => {
  it('asks the sandbox whose key it holds', async () => {
    const sandbox = start(installed('gosend-mock'), ['--port', '0', '--db', ':memory:', '--json'])
    const { url, keys, project } = JSON.parse(await sandbox.line())
    const client = start('node', [example('client.js')], {
      GOSENDAPI_URL: `${url}/v1`,
      GOSENDAPI_KEY: keys.test,
    })
    expect(await client.line()).toBe(`This key belongs to ${project.name} (project ${project.id})`)
  })
})

describe('what a product does with GoSendAPI', () => {
  it('sends a template once, pages through what it sent, and receives events', async () => {
    const sandbox = start(installed('gosend-mock'), [
      '--port',
      '0',
      '--db',
      ':memory:',
      '--json',
      '--rate-limits',
      'off',
    ])
    const { url, keys, adminKey: controls } = JSON.parse(await sandbox.line())
    const post = async (path: string, body: object) => {
      const credential = path.startsWith('/_mock') ? { 'X-Admin-Key': controls } : { 'X-API-Key': keys.live }
      const headers = { 'Content-Type': 'application/json', ...credential }
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      expect([path, response.ok]).toEqual([path, true])
      return (await response.json()) as Record<string, string>
    }
    const env = { GOSENDAPI_URL: `${url}/v1`, GOSENDAPI_KEY: keys.live }

    const PORT = await freePort()
    const { secret = '' } = await post('/v1/webhooks', {
      url: `http://127.0.0.1:${PORT}/webhooks/gosendapi`,
      events: ['whatsapp.message.received'],
      phone_number_id: '31',
      type: 'gosendapi_events',
    })
    const receiver = start('node', [example('receive-events.js')], { PORT, WEBHOOK_SECRET: secret })
    expect(await receiver.line()).toBe(`Listening on http://127.0.0.1:${PORT}`)
    await post('/_mock/inbound?environment=production', {
      ...{ from: '5491140123456', profile_name: 'Juan', text: 'Is it on its way?' },
    })
    expect(await receiver.line()).toBe('Juan: Is it on its way?')
    const forged = await fetch(`http://127.0.0.1:${PORT}/webhooks/gosendapi`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-GoSendAPI-Signature': `sha256=${'0'.repeat(64)}` },
      body: '{"id":"evt_1","event":"whatsapp.message.received","data":{}}',
    })
    expect(forged.status).toBe(401)

    const sent = [1, 2].map(() => start('node', [example('send-template.js'), '5491140123456'], env))
    const lines = await Promise.all(sent.map((program) => program.line()))
    expect(lines[0]).toMatch(/^Message \d+ to 5491140123456 is queued$/)
    expect(lines[1]).toBe(lines[0])

    const list = start('node', [example('list-messages.js')], env)
    expect(await list.line()).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z 5491140123456 template (queued|sent|delivered|read)$/,
    )
    expect(await list.line()).toBe('1 messages')
  })
})
