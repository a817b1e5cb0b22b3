import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { UNAUTHORIZED_BODY } from './contract.js'
import { ADMIN_KEY } from './management-host.js'

const root = path.join(import.meta.dirname, '..')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it('the program in the README issues a key that it then accepts', { timeout: 30_000 }, async () => {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8')
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(120)
  const program = readme.match(/```ts\n(.*?)```/s)?.[1] ?? ''
  expect(program.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15)

  const port = await freePort()
  const folder = await mkdtemp(path.join(tmpdir(), 'adapter-'))
  const source = program.replace("'keys.db'", JSON.stringify(path.join(folder, 'keys.db')))
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: root,
    env: { ...process.env, PORT: String(port), ADMIN_KEY },
    stdio: 'inherit',
  })
  onTestFinished(() => void child.kill())

  const url = `http://127.0.0.1:${port}`
  const post = async (target: string, body: unknown) => {
    const headers = { 'X-Admin-Key': ADMIN_KEY, 'Content-Type': 'application/json' }
    const response = await fetch(url + target, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await response.json()) as { readonly id: string; readonly key: string }
  }
  while (!(await fetch(url).catch(() => undefined))) await wait(50)

  const { id: projectId } = await post('/admin/projects', { name: 'Acme' })
  const { key, id } = await post(`/admin/projects/${projectId}/keys`, {
    label: 'backend',
    environment: 'production',
  })
  const accepted = await fetch(`${url}/v1/whoami`, { headers: { 'X-API-Key': key } })
  expect(await accepted.json()).toMatchObject({ id, projectId })
  const refused = await fetch(`${url}/v1/whoami`)
  expect([refused.status, await refused.text()]).toEqual([401, UNAUTHORIZED_BODY])
})
