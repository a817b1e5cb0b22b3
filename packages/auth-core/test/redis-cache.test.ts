// Keys kept in memory by processes that agree over a Redis: a real one, which is killed, frozen and cut off.

import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ApiKeyStore, createApiKeys, type IssuedKey } from '../src/index.js'
import { memoryProjects } from '../src/stores/memory.js'
import { type RedisCacheOptions, redisCache } from '../src/stores/redis-cache.js'
import { sqliteProjects, sqliteStore } from '../src/stores/sqlite.js'
import {
  apiKeyStoreContract,
  eventOutboxContract,
  fastHasher,
  outcomeContract,
} from '../src/testing/index.js'
import { run, runProcess } from './support/command.js'
import { newFile } from './support/files.js'
import { killWorkers, startWorker } from './support/processes.js'
import { hasRedisServer, type RedisServer, startRedis } from './support/redis-server.js'
import { startSwitch } from './support/switch.js'

const production = { environment: 'production', label: 'test' } as const
const hasher = fastHasher()
// The machine may be busy with other tests.
const patient = { timeoutMs: 5_000 }

const libraries = {
  ioredis: (port: number) => new Redis({ port, lazyConnect: true }),
  'node-redis': (port: number) => createClient({ url: `redis://127.0.0.1:${port}` }),
} as const

describe.skipIf(!hasRedisServer)('redisCache', { timeout: 60_000 }, () => {
  let redis: RedisServer
  let prefixes = 0

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    await killWorkers()
    await redis.kill()
  })

  interface Opening extends RedisCacheOptions {
    readonly port?: number
    readonly library?: keyof typeof libraries
    readonly change?: (store: ApiKeyStore) => ApiKeyStore
  }

  /** What a process has: keys in a file that others have as well, and a cache. */
  function open(file: string, { port = redis.port, library = 'ioredis', change, ...options }: Opening) {
    const db = new Database(file)
    const plain = sqliteStore(db)
    const store = redisCache(change?.(plain) ?? plain, libraries[library](port), { ...patient, ...options })
    const apiKeys = createApiKeys({ store, hasher, storeTimeoutMs: 30_000 })
    onTestFinished(async () => {
      await apiKeys.close().catch(() => undefined)
      await store.close()
      db.close()
    })
    const accepts = async (key: unknown) => (await apiKeys.verify(key)).ok
    const isKept = (id: string) => !(store.find(id) instanceof Promise)
    const keep = async ({ key, record }: IssuedKey) => {
      await expect
        .poll(async () => (await accepts(key)) && isKept(record.id), { timeout: 20_000, interval: 10 })
        .toBe(true)
    }
    return { db, store, apiKeys, accepts, isKept, keep }
  }

  const newPrefix = () => `test-${prefixes++}`

  /** Two processes, of which each has seen the same key. */
  async function twoProcesses({ here = {}, there = {} }: { here?: Opening; there?: Opening } = {}) {
    const [file, prefix] = [newFile(), newPrefix()]
    const [one, two] = [open(file, { prefix, ...here }), open(file, { prefix, ...there })]
    const issue = async () => {
      const issued = await one.apiKeys.issue({ projectId: '42', ...production })
      await Promise.all([one.keep(issued), two.keep(issued)])
      return issued
    }
    return { file, prefix, one, two, issue }
  }

  describe('keeps the contracts, and', () => {
    const createStore = () => open(newFile(), { prefix: 'contract' }).store
    for (const promise of [...apiKeyStoreContract, ...eventOutboxContract, ...outcomeContract])
      it(promise.name, () => promise.run(createStore))
  })

  it.each([
    ['ioredis', 'ioredis'],
    ['ioredis', 'node-redis'],
    ['node-redis', 'ioredis'],
  ] as const)('lets no process accept a key once its revocation is acknowledged: %s, %s', async (a, b) => {
    const { one, two, issue } = await twoProcesses({ here: { library: a }, there: { library: b } })
    let stale = 0
    for (let trial = 0; trial < 12; trial++) {
      const { key, record } = await issue()
      const revoker = trial % 2 === 0 ? one : two
      let isOver = false
      const asking = (async () => {
        while (!isOver) {
          await two.accepts(key)
          await new Promise(setImmediate)
        }
      })()
      await revoker.apiKeys.revoke(record.id)
      isOver = true
      if ((await two.accepts(key)) || (await one.accepts(key))) stale++
      await asking
    }
    expect(stale).toBe(0)
    expect(two.store.cacheStatus()).toMatchObject({ state: 'open', changes: 'notified' })
  })

  it('keeps a key again once its change is done, and shows the change', async () => {
    const { one, two, issue } = await twoProcesses()
    const issued = await issue()
    await one.apiKeys.update(issued.record.id, { label: 'renamed' })
    await two.keep(issued)
    expect(await two.apiKeys.verify(issued.key)).toMatchObject({ ok: true, record: { label: 'renamed' } })
    await one.apiKeys.erase({ keyId: issued.record.id })
    expect(await two.accepts(issued.key)).toBe(false)
  })

  describe('gosend-keys', () => {
    // The client library of these tests, as that of an app, is found from where the command is run.
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    const url = () => `redis://127.0.0.1:${redis.port}`

    it.each([
      ['revoke', [], false],
      ['disable', [], false],
      ['erase', ['--yes'], false],
      ['update', ['--label', 'renamed'], true],
    ] as const)(
      'with --redis changes no key behind the back of a cache: %s',
      async (command, more, isAccepted) => {
        const { file, prefix, one, two, issue } = await twoProcesses()
        const issued = await issue()
        const { id } = issued.record
        const args = ['keys', command, id, ...more, '--db', file, '--redis', url(), '--redis-prefix', prefix]
        expect(await runProcess(args, { cwd })).toMatchObject({ code: 0 })
        for (const { apiKeys } of [one, two]) {
          const verification = await apiKeys.verify(issued.key)
          expect(verification.ok).toBe(isAccepted)
          if (verification.ok) expect(verification.record.label).toBe('renamed')
        }
        if (isAccepted) await two.keep(issued)
      },
    )

    it('takes the address from a variable, lists and makes keys, and ends', async () => {
      const { file, prefix, two } = await twoProcesses()
      const env = { GOSEND_KEYS_REDIS_URL: url(), GOSEND_KEYS_REDIS_PREFIX: prefix }
      const create = ['keys', 'create', '--project', '42', '--label', 'x', '--json', '--db', file]
      const made = await runProcess(create, { cwd, env })
      const { key, record } = JSON.parse(made.out)
      expect(await two.accepts(key)).toBe(true)
      expect((await runProcess(['keys', 'list', '--db', file], { cwd, env })).out).toContain(record.id)
      expect((await runProcess(['keys', 'revoke', record.id, '--db', file], { cwd, env })).code).toBe(0)
      expect(await two.accepts(key)).toBe(false)
    })

    it('changes nothing while Redis does not answer, and says who does not', async () => {
      const { file, prefix, one, issue } = await twoProcesses()
      const { key, record } = await issue()
      const nowhere = ['--db', file, '--redis', 'redis://127.0.0.1:1', '--redis-prefix', prefix]
      const revoked = await runProcess(['keys', 'revoke', record.id, ...nowhere], { cwd })
      expect(revoked).toMatchObject({
        code: 4,
        err: expect.stringContaining('Redis did not answer, so no key was changed'),
      })
      expect(await one.accepts(key)).toBe(true)
      const examined = await runProcess(['doctor', ...nowhere], { cwd })
      expect(examined.code).toBe(1)
      expect(examined.out).toMatch(/problem +Redis +127\.0\.0\.1:1 does not answer.*no key can be changed/)
    })

    it('examines the Redis: its version, its replicas, and how many caches wait', async () => {
      const { file, prefix, issue } = await twoProcesses()
      await issue()
      const examine = async (port: number) => {
        const at = ['--redis', `redis://127.0.0.1:${port}`, '--redis-prefix', prefix]
        return (await runProcess(['doctor', '--db', file, ...at], { cwd })).out
      }
      const healthy = await examine(redis.port)
      expect(healthy).toMatch(/ok +Redis +Redis \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+ answers/)
      expect(healthy).toMatch(/ok +Redis caches +2 processes on the list/)
      // Of its own, for caches stay off while a server has a replica.
      const primary = await startRedis()
      const replica = await startRedis('--replicaof', '127.0.0.1', String(primary.port))
      try {
        expect(await examine(replica.port)).toMatch(/problem +Redis .*no replica itself/)
        const told = () => examine(primary.port)
        await expect.poll(told, { timeout: 20_000 }).toMatch(/problem +Redis .*without replicas/)
      } finally {
        await Promise.all([primary.kill(), replica.kill()])
      }
    })

    it('says what is wrong with an address', async () => {
      for (const [args, complaint] of [
        [['--redis', 'localhost'], '--redis: must be like redis://host:6379'],
        [['--redis-prefix', 'mine'], '--redis-prefix: goes with --redis URL'],
      ] as const) {
        const { code, err } = await run(['keys', 'list', '--db', 'none.db', ...args])
        expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(complaint) })
      }
    })
  })

  it('stops a cache that nothing gets through to, before a change is acknowledged', async () => {
    const proxy = await startSwitch(redis.port)
    const { one, two, issue } = await twoProcesses({ there: { port: proxy.port, timeoutMs: 1_000 } })
    const [asked, unasked] = [await issue(), await issue()]
    proxy.swallow()
    await one.apiKeys.revoke(asked.record.id)
    expect(two.isKept(asked.record.id)).toBe(false)
    expect(await two.accepts(asked.key)).toBe(false)
    await one.apiKeys.revoke(unasked.record.id)
    proxy.letThrough()
    await two.keep(await one.apiKeys.issue({ projectId: '42', ...production }))
    expect(await two.accepts(unasked.key)).toBe(false)
  })

  it('refuses to change a key while its own way to Redis is cut, and goes on verifying', async () => {
    const proxy = await startSwitch(redis.port)
    const { one, two, issue } = await twoProcesses({ here: { port: proxy.port, timeoutMs: 300 } })
    const { key, record } = await issue()
    proxy.swallow()
    proxy.leadTo(1)
    await expect(one.apiKeys.revoke(record.id)).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect
      .poll(() => one.store.cacheStatus(), { timeout: 10_000 })
      .toMatchObject({
        ...{ state: 'off', reason: 'unavailable' },
      })
    expect([await one.accepts(key), await two.accepts(key)]).toEqual([true, true])
    proxy.letThrough()
    proxy.leadTo(redis.port)
    await one.apiKeys.revoke(record.id)
    expect([await one.accepts(key), await two.accepts(key)]).toEqual([false, false])
  })

  it.each(['killed and started anew', 'frozen for a while', 'emptied', 'robbed of its list of caches'])(
    'accepts nothing from before when its Redis is %s',
    async (what) => {
      const own = await startRedis()
      onTestFinished(() => own.kill())
      const { prefix, two, issue, file } = await twoProcesses({
        here: { port: own.port },
        there: { port: own.port },
      })
      const deeds: Readonly<Record<string, () => Promise<unknown>>> = {
        async 'killed and started anew'() {
          await own.kill()
          await own.start()
        },
        async 'frozen for a while'() {
          own.freeze()
          await sleep(700)
          own.thaw()
        },
        emptied: () => own.admin().flushall(),
        'robbed of its list of caches': () => own.admin().del(`{${prefix}}:caches`),
      }
      for (let trial = 0; trial < 3; trial++) {
        const { key, record } = await issue()
        // One that has never heard of any other changes the key, at once.
        const third = open(file, { prefix, port: own.port })
        await deeds[what]?.()
        await third.apiKeys.revoke(record.id)
        expect(await two.accepts(key)).toBe(false)
      }
    },
  )

  it('keeps no key that somebody is about to change, also when that one is never heard of again', async () => {
    let commits = 0
    const never = (store: ApiKeyStore) => ({
      ...store,
      commit: (...change: Parameters<ApiKeyStore['commit']>) =>
        commits++ === 0 ? store.commit(...change) : new Promise<boolean>(() => {}),
    })
    const { one, two, issue } = await twoProcesses({ here: { change: never } })
    const { key, record } = await issue()
    void one.apiKeys.revoke(record.id).catch(() => undefined)
    await expect.poll(() => commits, { timeout: 20_000 }).toBe(2)
    for (let n = 0; n < 5; n++) {
      expect(two.isKept(record.id)).toBe(false)
      expect(await two.accepts(key)).toBe(true)
    }
    // By hand, as somebody else's commit.
    one.db.prepare('UPDATE api_keys SET revoked_at = 1, version = version + 1').run()
    expect(await two.accepts(key)).toBe(false)
  })

  it('lets caches read anew when Redis forgot the hold before the change was committed', async () => {
    let admit = () => {}
    let commits = 0
    const slow = (store: ApiKeyStore) => ({
      ...store,
      async commit(...change: Parameters<ApiKeyStore['commit']>) {
        if (commits++ > 0)
          await new Promise<void>((resolve) => {
            admit = resolve
          })
        return store.commit(...change)
      },
    })
    const { one, two, issue } = await twoProcesses({ here: { change: slow } })
    const issued = await issue()
    const revoking = one.apiKeys.revoke(issued.record.id)
    await expect.poll(() => commits, { timeout: 20_000 }).toBe(2)
    await redis.admin().flushall()
    await two.keep(issued)
    admit()
    await revoking
    expect(await two.accepts(issued.key)).toBe(false)
  })

  it('stays off, and changes nothing, with a Redis that has replicas, or is one', async () => {
    const [first, replica] = [await startRedis(), await startRedis('--replicaof', '127.0.0.1', '1')]
    onTestFinished(async () => void (await Promise.all([first.kill(), replica.kill()])))
    await replica.admin().replicaof('127.0.0.1', first.port)
    await expect
      .poll(() => first.admin().info('replication'), { timeout: 20_000 })
      .toContain('connected_slaves:1')
    for (const { port } of [first, replica]) {
      const { store, apiKeys } = open(newFile(), { port })
      const { record } = await apiKeys.issue({ projectId: '42', ...production })
      await expect(apiKeys.revoke(record.id)).rejects.toMatchObject({ code: 'store_unavailable' })
      expect(store.cacheStatus()).toMatchObject({
        ...{ state: 'off', reason: 'unavailable', message: expect.stringContaining('without replicas') },
      })
    }
  })

  it('refuses the keys of a suspended project on the next request, where it keeps projects with them', async () => {
    const { one, two } = await twoProcesses()
    const projectsOf = ({ db, store }: typeof one) => store.withProjects(sqliteProjects(db))
    const [here, there] = [projectsOf(one), projectsOf(two)]
    const keysOf = ({ store }: typeof one, projects: typeof here) =>
      createApiKeys({ store, projects, hasher, storeTimeoutMs: 30_000 })
    const [writer, reader] = [keysOf(one, here), keysOf(two, there)]
    const { id } = await here.create({ name: 'Acme' })
    const issued = await writer.issue({ projectId: id, ...production })
    for (let round = 0; round < 3; round++) {
      await expect
        .poll(async () => (await reader.verify(issued.key)).ok && two.isKept(issued.record.id))
        .toBe(true)
      await here.update(id, { status: 'suspended' })
      expect(await reader.verify(issued.key)).toMatchObject({ ok: false, reason: 'project_inactive' })
      await here.update(id, { status: 'active' })
    }
    expect(() => one.store.withProjects(memoryProjects())).toThrow('in the database of the store')
  })

  it('asks for the project of every request where it was not told of projects', async () => {
    const { one, issue } = await twoProcesses()
    const projects = sqliteProjects(one.db)
    await projects.create({ id: '42', name: 'Acme' })
    const issued = await issue()
    const apiKeys = createApiKeys({ store: one.store, projects, hasher })
    expect(await apiKeys.verify(issued.key)).toMatchObject({ ok: true })
    projects.update('42', { status: 'suspended' })
    expect(one.isKept(issued.record.id)).toBe(true)
    expect(await apiKeys.verify(issued.key)).toMatchObject({ ok: false, reason: 'project_inactive' })
  })

  it('lets a process that was stopped and goes on again give no yes from before', async () => {
    const [file, prefix] = [newFile(), newPrefix()]
    const options = { file, redis: { port: redis.port, options: { prefix, ...patient } } }
    const [revoker, sleeper] = await Promise.all([startWorker(options), startWorker(options)])
    for (let trial = 0; trial < 3; trial++) {
      const { key, record } = await revoker.call<IssuedKey>('issue')
      await expect
        .poll(async () => (await sleeper.call('verify', key)) === 'ok' && sleeper.call('isWarm', key), {
          timeout: 20_000,
        })
        .toBe(true)
      sleeper.signal('SIGSTOP')
      await revoker.call('revoke', record.id)
      const verdict = sleeper.call('verify', key)
      sleeper.signal('SIGCONT')
      expect(await verdict).toBe('revoked')
    }
    await killWorkers()
  })

  it('says what is wrong with its arguments', () => {
    const store = sqliteStore(new Database(':memory:'))
    const client = new Redis({ lazyConnect: true })
    expect(() => redisCache({} as never, client)).toThrow('store')
    expect(() => redisCache(store, {} as never)).toThrow('client: pass a client of ioredis or redis')
    expect(() => redisCache(store, client, { maxStalenessMs: 501 })).toThrow('maxStalenessMs')
    expect(() => redisCache(store, client, { maxStaleness: 5 } as never)).toThrow(
      'did you mean maxStalenessMs?',
    )
  })
})
