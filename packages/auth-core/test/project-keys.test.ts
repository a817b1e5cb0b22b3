// Keys of projects: what a project's status does to them, wherever both are kept, and in every process.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ApiKeys } from '../src/index.js'
import { createApiKeys } from '../src/index.js'
import { memoryProjects, memoryStore } from '../src/stores/memory.js'
import { postgresProjects } from '../src/stores/postgres.js'
import { fastHasher } from '../src/testing/index.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { storeOver } from './support/postgres-stores.js'
import { type OpenProcesses, projectDatabases } from './support/project-databases.js'

const hasher = fastHasher()
const production = { environment: 'production', label: 'test' } as const

let server: PostgresServer
let admin: Pool

beforeAll(async () => {
  server = await startPostgres()
  admin = server.pool({ max: 1 })
})

afterAll(stopPostgres)

/** Two processes over one database, as far as it can be shared. */
async function twoProcesses(open: OpenProcesses) {
  const { here, there } = await open(server)
  const keysOf = ({ store, projects }: typeof here) => createApiKeys({ store, projects, hasher })
  const [one, two] = [keysOf(here), keysOf(there)]
  const accepts = async (apiKeys: ApiKeys, key: string) => {
    const verification = await apiKeys.verify(key)
    return verification.ok || verification.reason
  }
  /** What both processes say; they must agree. */
  const verdict = async (key: string) => {
    const verdicts = [await accepts(one, key), await accepts(two, key)]
    expect(verdicts[0]).toBe(verdicts[1])
    return verdicts[0]
  }
  return { here, there, one, two, verdict }
}

describe.each(Object.entries(projectDatabases))('keys of projects in %s', (_, open) => {
  it('are refused from the very next request on when the project is suspended, and accepted again', async () => {
    const { here, there, one, verdict } = await twoProcesses(open)
    const { id } = await here.projects.create({ name: 'Acme' })
    const { id: other } = await here.projects.create({ name: 'Globex' })
    const { key } = await one.issue({ projectId: id, ...production })
    const bystander = await one.issue({ projectId: other, ...production })
    for (const projects of [here.projects, there.projects, here.projects]) {
      expect(await verdict(key)).toBe(true)
      await projects.update(id, { status: 'suspended' })
      expect(await verdict(key)).toBe('project_inactive')
      expect(await verdict(bystander.key)).toBe(true)
      await projects.update(id, { name: 'Acme Ltd' })
      expect(await verdict(key)).toBe('project_inactive')
      await projects.update(id, { status: 'active' })
    }
  })

  it('that are made while it is suspended are refused until it is not', async () => {
    const { here, one, two, verdict } = await twoProcesses(open)
    const { id } = await here.projects.create({ name: 'Acme' })
    const { record } = await one.issue({ projectId: id, ...production })
    await here.projects.update(id, { status: 'suspended' })
    const { key: issued } = await two.issue({ projectId: id, ...production })
    const { key: rotated } = await two.rotate(record.id)
    const sha256 = createHash('sha256').update('imported').digest('hex')
    await two.import([{ sha256, projectId: id, ...production }])
    for (const key of [issued, rotated]) expect(await verdict(key)).toBe('project_inactive')
    await here.projects.update(id, { status: 'active' })
    for (const key of [issued, rotated]) expect(await verdict(key)).toBe(true)
  })

  it('cannot be made for a project that does not exist', async () => {
    const { here, one } = await twoProcesses(open)
    const { id } = await here.projects.create({ name: 'Acme' })
    const missing = { code: 'invalid_argument', message: 'projectId: there is no project with the id "42"' }
    await expect(one.issue({ projectId: '42', ...production })).rejects.toMatchObject(missing)
    const sha256 = createHash('sha256').update('imported').digest('hex')
    const entries = [id, '42'].map((projectId, i) => ({
      sha256: sha256.replace(/^./, `${i}`),
      projectId,
      ...production,
    }))
    await expect(one.import(entries)).rejects.toMatchObject(missing)
    expect(await one.list({ projectId: id })).toHaveLength(0)
  })

  it('that were there before their projects are refused, until these are created under the old ids', async () => {
    const { here, there, verdict } = await twoProcesses(open)
    const before = createApiKeys({ store: here.store, hasher })
    const { key } = await before.issue({ projectId: '42', ...production })
    expect((await before.verify(key)).ok).toBe(true)
    expect(await verdict(key)).toBe('project_inactive')
    await there.projects.create({ id: '42', name: 'Acme' })
    expect(await verdict(key)).toBe(true)
  })

  it('follow any order of changes to their projects, by any process', { timeout: 120_000 }, async () => {
    const { here, there, one, two, verdict } = await twoProcesses(open)
    const ids: string[] = []
    for (const name of ['A', 'B']) ids.push((await here.projects.create({ name })).id)
    const keys: { readonly key: string; readonly projectId: string }[] = []
    const command = fc.record({
      by: fc.constantFrom(0, 1),
      project: fc.constantFrom(0, 1),
      act: fc.constantFrom('suspend' as const, 'activate' as const, 'issue' as const, 'rename' as const),
    })
    const acts = (by: number, projectId: string) => {
      const { projects } = by === 0 ? here : there
      const apiKeys = by === 0 ? one : two
      return {
        issue: async () => {
          keys.push({ projectId, key: (await apiKeys.issue({ projectId, ...production })).key })
        },
        rename: () => projects.update(projectId, { name: 'Renamed' }),
        suspend: () => projects.update(projectId, { status: 'suspended' }),
        activate: () => projects.update(projectId, { status: 'active' }),
      }
    }
    const lists = fc.array(command, { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(lists, fc.boolean(), async (list, isAtOnce) => {
        const runs = list.map(({ by, project, act }) => acts(by, ids[project] ?? '')[act])
        if (isAtOnce) await Promise.all(runs.map((run) => run()))
        else for (const run of runs) await run()
        for (const { key, projectId } of keys.slice(-6)) {
          const status = (await there.projects.find(projectId))?.status
          expect(await verdict(key)).toBe(status === 'active' ? true : 'project_inactive')
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('a project in the database of its keys', () => {
  const linked = Object.entries(projectDatabases).filter(([name]) => name !== 'memory')

  it.each(linked)('is not asked for, in %s: the row of the key tells', async (_, open) => {
    const { here } = await open(server)
    let asked = 0
    const find = (id: string) => {
      asked++
      return here.projects.find(id)
    }
    const apiKeys = createApiKeys({ store: here.store, projects: { ...here.projects, find }, hasher })
    const { id } = await here.projects.create({ name: 'Acme' })
    const { key } = await apiKeys.issue({ projectId: id, ...production })
    asked = 0
    for (let i = 0; i < 5; i++) expect((await apiKeys.verify(key)).ok).toBe(true)
    expect(asked).toBe(0)
  })

  it.each(linked)(
    'stops its keys, in %s, also where createApiKeys was not told of projects',
    async (_, open) => {
      const { here, there } = await open(server)
      const untold = createApiKeys({ store: there.store, hasher })
      const { id } = await here.projects.create({ name: 'Acme' })
      const { key } = await untold.issue({ projectId: id, ...production })
      expect((await untold.verify(key)).ok).toBe(true)
      await here.projects.update(id, { status: 'suspended' })
      expect(await untold.verify(key)).toMatchObject({ ok: false, reason: 'project_inactive' })
      expect(untold.checksProjects(there.projects)).toBe(true)
      expect(untold.checksProjects(memoryProjects())).toBe(false)
    },
  )
})

describe('projects of a host', () => {
  it('are asked on every verification, and a failure of theirs is no verdict', async () => {
    const projects = { ...memoryProjects() }
    const apiKeys = createApiKeys({ store: memoryStore(), projects, hasher })
    const { id } = await projects.create({ name: 'Acme' })
    const { key } = await apiKeys.issue({ projectId: id, ...production })
    expect((await apiKeys.verify(key)).ok).toBe(true)
    projects.find = () => {
      throw new Error('the database is down')
    }
    await expect((async () => apiKeys.verify(key))()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('are covered by isProjectActive, which goes without projects', () => {
    const store = memoryStore()
    const isProjectActive = () => true
    expect(createApiKeys({ store, isProjectActive }).checksProjects(memoryProjects())).toBe(true)
    expect(createApiKeys({ store }).checksProjects(memoryProjects())).toBe(false)
    const projects = memoryProjects()
    expect(createApiKeys({ store, projects }).checksProjects(projects)).toBe(true)
    expect(() => createApiKeys({ store, projects, isProjectActive })).toThrow(
      'isProjectActive: give either projects or isProjectActive',
    )
  })
})

describe('caches of keys in Postgres', () => {
  /** Two processes that have a key in memory, and a way to write to their tables by hand. */
  async function keptInMemory() {
    const schema = server.newSchema()
    const open = async () => {
      const pool = server.pool({ max: 4 })
      const store = storeOver(pool, { schema, cache: true, timeoutMs: 20_000 })
      const projects = postgresProjects(pool, { schema, timeoutMs: 20_000 })
      onTestFinished(async () => {
        await store.close()
        await pool.end()
      })
      return { store, projects, apiKeys: createApiKeys({ store, projects, hasher }) }
    }
    const processes = [await open(), await open()] as const
    const [{ projects, apiKeys }] = processes
    const { id } = await projects.create({ name: 'Acme' })
    const { key, record } = await apiKeys.issue({ projectId: id, ...production })
    const isKept = async () => {
      for (const { apiKeys } of processes) await apiKeys.verify(key)
      return processes.every(({ store }) => !(store.find(record.id) instanceof Promise))
    }
    const accepted = () => Promise.all(processes.map(async (one) => (await one.apiKeys.verify(key)).ok))
    const write = (sql: string) => admin.query(sql.replaceAll('SCHEMA', schema))
    await expect.poll(isKept, { timeout: 20_000 }).toBe(true)
    return { processes, id, isKept, accepted, write }
  }

  it('are emptied before a change of the status is acknowledged, and by no other change', async () => {
    const { processes, id, isKept, accepted } = await keptInMemory()
    for (const { projects } of [...processes, ...processes]) {
      await projects.update(id, { name: 'Acme Ltd' })
      await projects.create({ name: 'Globex' })
      expect(await isKept()).toBe(true)
      await projects.update(id, { status: 'suspended' })
      expect(await accepted()).toEqual([false, false])
      await projects.update(id, { status: 'active' })
      expect(await accepted()).toEqual([true, true])
      await expect.poll(isKept, { timeout: 20_000 }).toBe(true)
    }
  })

  it.each([
    "UPDATE SCHEMA.projects SET status = 'suspended'",
    'DELETE FROM SCHEMA.projects',
    'TRUNCATE SCHEMA.projects',
  ])('hear of what is done by hand: %s', async (sql) => {
    const { accepted, write } = await keptInMemory()
    expect(await accepted()).toEqual([true, true])
    await write(sql)
    await expect.poll(accepted, { timeout: 20_000 }).toEqual([false, false])
  })
})
