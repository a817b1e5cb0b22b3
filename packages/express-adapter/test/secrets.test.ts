import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { createApiKeys } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import Database from 'better-sqlite3'
import express, { type ErrorRequestHandler } from 'express'
import { expect, it } from 'vitest'
import {
  apiKeyErrorHandler,
  managementRouter,
  memoryProjects,
  requireApiKey,
  tsoaAuthentication,
} from '../src/index.js'
import { captureOutput, fastHasher, listen, withChange, withChecksum } from './host.js'
import { ADMIN_KEY, managementHost, newKey } from './management-host.js'

/** Every run of 12 characters of a secret: less than that could be chance. */
function windows(secret: string): string[] {
  return Array.from({ length: secret.length - 11 }, (_, start) => secret.slice(start, start + 12))
}

function expectNoTrace(output: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const window of windows(secret))
      expect(output.includes(window), `${window.slice(0, 4)}…`).toBe(false)
  }
}

const everything = { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true }

it('no key, secret or hash reaches a log, an error, a hook or an inspected object', async () => {
  const logged = captureOutput()
  const output: string[] = []
  const note = (value: unknown) => {
    output.push(inspect(value, everything), String(value), JSON.stringify(value) ?? '')
    if (value instanceof Error) output.push(value.stack ?? '', inspect(value.cause, everything))
  }

  const rows = memoryStore()
  const trouble = { is: false }
  const store: typeof rows = {
    ...rows,
    find: (id) => {
      if (trouble.is) throw new Error(`cannot read ${id}`)
      return rows.find(id)
    },
  }
  const apiKeys = createApiKeys({ store, hasher: fastHasher() })
  const projects = memoryProjects([
    { id: '1', name: 'Acme', webhookUrl: null, status: 'active', createdAt: new Date() },
  ])
  const issued = await apiKeys.issue({
    projectId: '1',
    label: 'x',
    environment: 'production',
    scopes: ['read'],
  })
  const { key, record } = issued
  const { hash, tag } = (await rows.find(record.id)) ?? { hash: '', tag: '' }

  const hook = tsoaAuthentication({ apiKeys, adminKey: ADMIN_KEY })
  const router = managementRouter({ apiKeys, projects, adminKey: ADMIN_KEY, onError: note })
  const app = express()
  // Express's own error page, with stacks, as in development.
  app.set('env', 'development')
  app.use('/admin', router)
  app.use('/guarded', requireApiKey(apiKeys, { scopes: ['write'], onFailure: note, onSuccess: note }))
  app.use('/tsoa', (request, response, next) => {
    hook(request, String(request.query.scheme), ['write'], response).then(() => next(), next)
  })
  app.use(((error, _request, _response, next) => {
    note(error)
    next(error)
  }) satisfies ErrorRequestHandler)
  app.use(apiKeyErrorHandler({ onFailure: note }))
  const { url } = await listen(app)

  const presented = [
    key,
    withChange(key, 30),
    withChecksum(withChange(key, 30)),
    `Bearer ${key}`,
    `${key}, ${key}`,
  ]
  const targets = [
    '/guarded',
    '/tsoa?scheme=api_key',
    '/tsoa?scheme=admin_key',
    '/tsoa?scheme=none',
    '/admin/projects',
  ]
  for (const isTrouble of [false, true]) {
    trouble.is = isTrouble
    for (const target of targets) {
      for (const value of presented) {
        const headers = { 'X-API-Key': value, 'X-Admin-Key': value, Accept: 'application/problem+json' }
        const response = await fetch(url + target, { headers })
        output.push(await response.text(), JSON.stringify([...response.headers]))
      }
    }
    for (const body of [{ key }, { label: key, environment: key }, `{"label":"${key}`]) {
      const response = await fetch(`${url}/admin/projects/1/keys`, {
        method: 'POST',
        headers: { 'X-Admin-Key': ADMIN_KEY, 'Content-Type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      output.push(await response.text())
    }
  }
  for (const value of [issued, record, apiKeys, router, hook, projects]) {
    output.push(inspect(value, everything), String(value))
  }
  console.log(issued, 'key: %o', issued)
  note(requireApiKey(apiKeys))

  expect(output.length).toBeGreaterThan(100)
  expect(logged.length).toBeGreaterThan(0)
  expectNoTrace([...output, ...logged].join('\n'), [
    key.slice(21),
    hash.slice(hash.lastIndexOf('$') + 1),
    tag,
    ADMIN_KEY,
  ])
})

it('the database holds no key, also when it was made or rotated idempotently', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'adapter-'))
  const database = new Database(path.join(folder, 'keys.db'))
  const { call, use } = await managementHost({ keys: { store: sqliteStore(database) } })
  const headers = { 'Idempotency-Key': 'order-66' }
  const first = (await call('POST', '/projects/1/keys', { body: newKey, headers })).body
  await call('POST', '/projects/1/keys', { body: newKey, headers })
  const second = (await call('POST', `/projects/1/keys/${first.id}/rotate`, { headers })).body
  await call('POST', `/projects/1/keys/${first.id}/rotate`, { headers })
  expect([await use(first.key), await use(second.key)]).toEqual([401, 200])

  const files = await readdir(folder)
  const contents = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'latin1')))
  expect(contents.join()).toContain(second.id)
  expectNoTrace(contents.join('\n'), [first.key.slice(21), second.key.slice(21)])
  database.close()
})
