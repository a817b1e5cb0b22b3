import { expect, it } from 'vitest'
import { example, freePort, reach, start } from './support/program.js'

async function runningApp() {
  const PORT = await freePort()
  const url = `http://127.0.0.1:${PORT}`
  start('node', [example('dashboard-app.js')], { PORT })
  await reach(`${url}/login`)
  /** What a browser with this login sends. */
  const logIn = async (email: string) => {
    const body = new URLSearchParams({ email })
    const response = await fetch(`${url}/login`, { method: 'POST', body, redirect: 'manual' })
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    return async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${url}/api/keys${path}`, {
        method,
        headers: { Cookie: cookie, Origin: url, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: await answer.json() }
    }
  }
  return { url, logIn }
}

it('a customer manages its own keys in the dashboard, and another sees none of them', async () => {
  const { url, logIn } = await runningApp()
  const anna = await logIn('anna@acme.example')
  const joe = await logIn('joe@globex.example')
  const nobody = await logIn('mallory@example')

  const page = await fetch(`${url}/settings/api-keys`)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).toContain('&quot;management&quot;:&quot;/api/keys&quot;')

  const made = await anna('POST', '/projects/1/keys', { label: 'worker', environment: 'production' })
  expect(made.status).toBe(201)
  const { id, key } = made.body
  expect((await fetch(`${url}/v1/me`, { headers: { 'X-API-Key': key } })).status).toBe(200)
  const [event] = (await anna('GET', `/projects/1/keys/${id}/history`)).body
  expect(event).toMatchObject({ action: 'issued', actor: 'anna@acme.example' })

  expect((await joe('GET', '/projects')).body).toMatchObject([{ name: 'Globex' }])
  const attempts: [string, string, object?][] = [
    ['GET', '/projects/1'],
    ['PATCH', '/projects/1', { name: 'Mallory' }],
    ['GET', '/projects/1/usage'],
    ['GET', '/projects/1/history'],
    ['GET', '/projects/1/keys'],
    ['POST', '/projects/1/keys', { label: 'x', environment: 'production' }],
    ...['1', '2'].flatMap((project): [string, string, object?][] => [
      ['GET', `/projects/${project}/keys/${id}`],
      ['GET', `/projects/${project}/keys/${id}/history`],
      ['GET', `/projects/${project}/usage?keyId=${id}`],
      ['PATCH', `/projects/${project}/keys/${id}`, { label: 'x' }],
      ['POST', `/projects/${project}/keys/${id}/rotate`, {}],
      ['POST', `/projects/${project}/keys/${id}/revoke`],
    ]),
  ]
  for (const [method, path, body] of attempts) {
    const answer = await joe(method, path, body)
    const notFound = { statusCode: 404, message: 'Not found', error: 'Not Found' }
    expect([method, path, answer]).toEqual([method, path, { status: 404, body: notFound }])
    expect((await nobody(method, path, body)).status).toBe(401)
  }
  expect((await anna('GET', '/projects/1/keys')).body).toMatchObject([
    { id, label: 'worker', revokedAt: null },
  ])
  expect((await fetch(`${url}/v1/me`, { headers: { 'X-API-Key': key } })).status).toBe(200)
})
