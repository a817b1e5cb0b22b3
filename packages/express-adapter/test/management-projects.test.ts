// Projects in the management API: listed by the page, kept with their keys, suspended only where that stops something.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createApiKeys, type ProjectQuery } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import { sqliteProjects, sqliteStore } from '@gosend/auth-core/sqlite'
import Database from 'better-sqlite3'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { managementRouter, memoryProjects, requireApiKey } from '../src/index.js'
import { fastHasher, listen } from './host.js'
import { ADMIN_KEY, managementHost, newKey } from './management-host.js'

/** Another process over the file in a folder: an app of its own, with connections of its own. */
async function processOver(folder: string, { isManaging = true } = {}) {
  const db = new Database(path.join(folder, 'keys.db'))
  const store = sqliteStore(db)
  const app = express()
  const apiKeys = createApiKeys({
    store,
    hasher: fastHasher(),
    ...(isManaging && { projects: sqliteProjects(db) }),
  })
  app.use('/v1', requireApiKey(apiKeys), (_request, response) => void response.end())
  if (isManaging) app.use('/admin', managementRouter({ apiKeys, adminKey: ADMIN_KEY }))
  const { url } = await listen(app)
  onTestFinished(() => void db.close())
  const call = (method: string, target: string, headers: Record<string, string>, body?: object) =>
    fetch(`${url}/admin${target}`, {
      method,
      headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const use = async (key: string) => (await fetch(`${url}/v1`, { headers: { 'X-API-Key': key } })).status
  return { url, apiKeys, call, use }
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'adapter-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const asAdmin = { 'X-Admin-Key': ADMIN_KEY }

describe('projects in the file of their keys', () => {
  it('change as keys do while the application writes: after a moment, or not at all', async () => {
    const folder = await newFolder()
    const { call, apiKeys } = await processOver(folder)
    const app = new Database(path.join(folder, 'keys.db'))
    onTestFinished(() => void app.close())
    const whileWriting = async <T>(ms: number, change: () => Promise<T>): Promise<T> => {
      app.exec('BEGIN IMMEDIATE')
      const timer = setTimeout(() => app.exec('COMMIT'), ms)
      try {
        return await change()
      } finally {
        clearTimeout(timer)
        if (app.inTransaction) app.exec('COMMIT')
      }
    }
    const made = await whileWriting(300, () => call('POST', '/projects', asAdmin, { name: 'Acme' }))
    expect(made.status).toBe(201)
    const { id } = await made.json()
    const suspend = (status: string) => call('PATCH', `/projects/${id}`, asAdmin, { status })
    expect((await whileWriting(300, () => suspend('suspended'))).status).toBe(200)
    expect((await whileWriting(300, () => call('POST', '/session', asAdmin))).status).toBeLessThan(300)
    const begun = performance.now()
    expect((await whileWriting(60_000, () => suspend('active'))).status).toBe(503)
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(await (await call('GET', `/projects/${id}`, asAdmin)).json()).toMatchObject({
      status: 'suspended',
    })
    expect((await whileWriting(300, () => call('DELETE', `/projects/${id}`, asAdmin))).status).toBeLessThan(
      300,
    )
    expect(await apiKeys.projects?.find(id)).toBeUndefined()
  })

  it('are those of createApiKeys, and suspending one stops its keys in every process', async () => {
    const folder = await newFolder()
    const managing = await processOver(folder)
    const twin = await processOver(folder)
    const guarding = await processOver(folder, { isManaging: false })
    const project = await (await managing.call('POST', '/projects', asAdmin, { name: 'Acme' })).json()
    const issued = await twin.call('POST', `/projects/${project.id}/keys`, asAdmin, newKey)
    const { key } = await issued.json()
    const everywhere = async () => Promise.all([managing, twin, guarding].map(({ use }) => use(key)))
    expect(await everywhere()).toEqual([200, 200, 200])
    const suspend = (status: string) => managing.call('PATCH', `/projects/${project.id}`, asAdmin, { status })
    expect((await suspend('suspended')).status).toBe(200)
    expect(await everywhere()).toEqual([401, 401, 401])
    expect((await suspend('active')).status).toBe(200)
    expect(await everywhere()).toEqual([200, 200, 200])
  })

  it('are there after a restart, and new ones never find the keys of others', async () => {
    const folder = await newFolder()
    const before = await processOver(folder)
    const acme = await (await before.call('POST', '/projects', asAdmin, { name: 'Acme' })).json()
    await before.call('POST', `/projects/${acme.id}/keys`, asAdmin, newKey)
    const after = await processOver(folder)
    const globex = await (await after.call('POST', '/projects', asAdmin, { name: 'Globex' })).json()
    expect(globex.id).not.toBe(acme.id)
    expect(await (await after.call('GET', `/projects/${globex.id}/keys`, asAdmin)).json()).toEqual([])
    expect(await (await after.call('GET', `/projects/${acme.id}/keys`, asAdmin)).json()).toHaveLength(1)
  })
})

it('projects in memory never have the ids of an earlier process, whose keys may be left', () => {
  const made = Array.from({ length: 20 }, () => memoryProjects().create({ name: 'x' }).id)
  expect(new Set(made).size).toBe(made.length)
})

describe('a session', () => {
  it('that is signed out of is gone in every process, also in one that is started afterwards', async () => {
    const folder = await newFolder()
    const here = await processOver(folder)
    const there = await processOver(folder)
    const started = await here.call('POST', '/session', asAdmin)
    const [cookie = ''] = (started.headers.get('set-cookie') ?? '').split(';')
    const status = async ({ call }: typeof here) =>
      (await call('GET', '/projects', { Cookie: cookie })).status
    expect([await status(here), await status(there)]).toEqual([200, 200])
    expect(await status(await processOver(folder))).toBe(200)
    const ended = await there.call('DELETE', '/session', { Cookie: cookie, Origin: there.url })
    expect(ended.status).toBe(204)
    expect([await status(here), await status(there)]).toEqual([401, 401])
    expect(await status(await processOver(folder))).toBe(401)
  })
})

describe('a status that nothing enforces', () => {
  it('is refused, because the keys of the project would go on working', async () => {
    const apiKeys = createApiKeys({ store: memoryStore(), hasher: fastHasher() })
    const projects = memoryProjects()
    const { id } = projects.create({ name: 'Acme' })
    const app = express().use('/admin', managementRouter({ apiKeys, projects, adminKey: ADMIN_KEY }))
    const { url } = await listen(app)
    const change = async (body: object) => {
      const response = await fetch(`${url}/admin/projects/${id}`, {
        method: 'PATCH',
        headers: { ...asAdmin, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: response.status, ...(await response.json()) }
    }
    const refused = await change({ status: 'suspended', name: 'Renamed' })
    expect(refused.statusCode).toBe(409)
    expect(refused.message).toMatch(
      /^status: nothing would stop the keys of this project; give createApiKeys/,
    )
    expect(projects.find(id)).toMatchObject({ status: 'active', name: 'Acme' })
    expect((await change({ status: 'active', name: 'Renamed' })).status).toBe('active')
  })

  it('is accepted where isProjectActive answers for it, or where rows tell', async () => {
    const projects = memoryProjects()
    const answered = await managementHost({
      projects,
      keys: { projects: undefined, isProjectActive: (id) => projects.find(id)?.status === 'active' },
    })
    const { id } = projects.create({ name: 'Acme' })
    const suspend = { body: { status: 'suspended' } }
    expect((await answered.call('PATCH', `/projects/${id}`, suspend)).status).toBe(200)

    const db = new Database(':memory:')
    const kept = sqliteProjects(db)
    const told = await managementHost({
      projects: kept,
      keys: { projects: undefined, store: sqliteStore(db) },
    })
    const { id: other } = kept.create({ name: 'Globex' })
    expect((await told.call('PATCH', `/projects/${other}`, suspend)).status).toBe(200)
  })

  it('needs projects at all', () => {
    const apiKeys = createApiKeys({ store: memoryStore() })
    expect(() => managementRouter({ apiKeys, adminKey: ADMIN_KEY })).toThrow(
      /^projects: pass them here, or better to createApiKeys/,
    )
  })
})

describe('the list of projects', () => {
  const many = (count: number) => {
    const projects = memoryProjects()
    const ids = Array.from({ length: count }, (_, i) => projects.create({ name: `Project ${i}` }).id)
    return { projects, ids }
  }
  const next = ({ headers }: { readonly headers: Headers }) =>
    /^<(\?[^>]*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]

  it('comes a page at a time, each project once', async () => {
    const { projects, ids } = many(250)
    const { call } = await managementHost({ projects })
    for (const [query, sizes] of [
      ['', [100, 100, 50]],
      ['?limit=125', [125, 125]],
      ['?limit=1000', [250]],
    ] as const) {
      const listed: string[] = []
      const lengths: number[] = []
      for (let address: string | undefined = query; address !== undefined; ) {
        const page: Awaited<ReturnType<typeof call>> = await call('GET', `/projects${address}`)
        lengths.push(page.body.length)
        listed.push(...page.body.map(({ id }: { id: string }) => id))
        address = next(page)
      }
      expect(lengths).toEqual(sizes)
      expect(listed).toEqual(ids)
    }
  })

  it('asks the store for the authorised projects only, page by page', async () => {
    const { projects, ids } = many(1_000)
    const asked: (ProjectQuery | undefined)[] = []
    const own = [ids[7], ids[400], ids[3], 'gone'].map(String)
    const { call } = await managementHost({
      authorize: () => own,
      projects: {
        ...projects,
        list(query) {
          asked.push(query)
          return projects.list(query)
        },
      },
    })
    const first = await call('GET', '/projects?limit=2')
    expect(first.body.map(({ id }: { id: string }) => id)).toEqual([ids[3], ids[7]])
    const second = await call('GET', `/projects${next(first)}`)
    expect(second.body.map(({ id }: { id: string }) => id)).toEqual([ids[400]])
    expect(next(second)).toBeUndefined()
    expect(asked).toEqual([
      { ids: own, after: undefined, limit: 3 },
      { ids: own, after: ids[7], limit: 3 },
    ])
  })

  it.each(['?limit=0', '?limit=1001', '?limit=x', '?cursor=', '?cursor=%00', '?cursor=a', '?page=2'])(
    'refuses %s',
    async (query) => {
      const { call } = await managementHost()
      expect((await call('GET', `/projects${query}`)).status).toBe(400)
    },
  )
})
