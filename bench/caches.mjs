// What caches on one Postgres cost: how long a revocation takes with 10, 50 and 200 of them, what a change and the caches themselves
// cost the server, and what a host that is lost costs the others. `node bench/caches.mjs [postgres|redis|size …]`

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { argon2Hasher, createApiKeys } from '@gosend/auth-core'
import { postgresStore } from '@gosend/auth-core/postgres'
import { postgresCache } from '@gosend/auth-core/postgres-cache'
import { redisCache } from '@gosend/auth-core/redis-cache'
import { Redis } from 'ioredis'
import pg from 'pg'
import { startPostgres } from './postgres.mjs'
import { start } from './processes.mjs'
import { figure, printTable } from './tables.mjs'

const {
  CACHES = '10,50,200',
  PROCESSES = '5',
  REVOCATIONS = '100',
  IDLE_SECONDS = '10',
  SIZE = '1000000',
} = process.env
const counts = CACHES.split(',').map(Number)
const [processes, revocations, idleSeconds, size] = [PROCESSES, REVOCATIONS, IDLE_SECONDS, SIZE].map(Number)
const chosen = process.argv.slice(2)
const isChosen = (name) => chosen.length === 0 || chosen.includes(name)

// Nothing here depends on what argon2 costs.
const hasher = argon2Hasher({ memoryKiB: 8, iterations: 1 })
const attributes = { projectId: '42', environment: 'production', label: 'backend-prod' }

const postgres = await startPostgres(['max_connections=700'])
const pool = new pg.Pool({ connectionString: postgres.url, max: 4 })
pool.on('error', () => {})

const statOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').map(Number)
const [PARENT, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM] = [1, 11, 12, 13, 14]
const TICK_MS = 10

/** CPU time of the servers so far, in milliseconds: of a process, its children, and those that have ended. */
function cpuOf(server) {
  const own = statOf(server)
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const stat = statOf(pid)
        return stat[PARENT] === server ? stat[USER] + stat[SYSTEM] : 0
      } catch {
        return 0
      }
    })
  return (
    children.reduce(
      (sum, ticks) => sum + ticks,
      own[USER] + own[SYSTEM] + own[ENDED_USER] + own[ENDED_SYSTEM],
    ) * TICK_MS
  )
}

const backend = (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0].pid
const servers = [statOf(backend)[PARENT]]
const serverCpuMs = () => servers.reduce((sum, server) => sum + cpuOf(server), 0)

const walBytes = async () =>
  Number((await pool.query("SELECT pg_current_wal_lsn() - '0/0' AS bytes")).rows[0].bytes)

const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * q) - 1] ?? Number.NaN

async function timed(work) {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** Caches in some processes, and one that changes keys. */
async function withCaches(count, redis, measure) {
  const hosts = Array.from({ length: Math.min(processes, count) }, () => start('./cache-host.mjs'))
  const plain = postgresStore(pool, { timeoutMs: 10_000 })
  const store =
    redis === undefined
      ? postgresCache(plain, { maxStalenessMs: 500 })
      : redisCache(plain, new Redis(redis, { lazyConnect: true }), { timeoutMs: 5_000 })
  const apiKeys = createApiKeys({ store, hasher, storeTimeoutMs: 20_000, maxKeysPerProject: 1_000_000 })
  const all = (method, argument) => Promise.all(hosts.map(({ call }) => call(method, argument)))
  try {
    await apiKeys.issue(attributes)
    const each = Math.ceil((count - 1) / hosts.length)
    await all('open', { url: postgres.url, redis, caches: each })
    const issueEverywhere = async () => {
      const { record } = await apiKeys.issue(attributes)
      await all('warm', record.id)
      return record.id
    }
    return await measure({ hosts, apiKeys, all, issueEverywhere })
  } finally {
    for (const { stop } of hosts) stop()
    await apiKeys.close()
    await store.close()
    await sleep(500)
  }
}

async function measure(count, redis) {
  return withCaches(count, redis, async ({ hosts, apiKeys, all, issueEverywhere }) => {
    // The first one may wait longer, for caches that are still to come.
    await apiKeys.revoke(await issueEverywhere())
    await sleep(1_000)
    const idleFrom = serverCpuMs()
    await sleep(idleSeconds * 1_000)
    const idle = (serverCpuMs() - idleFrom) / idleSeconds

    const waits = []
    let stale = 0
    let changeCpu = 0
    for (let n = 0; n < revocations; n++) {
      const id = await issueEverywhere()
      const cpuFrom = serverCpuMs()
      waits.push(await timed(() => apiKeys.revoke(id)))
      stale += (await all('stale', id)).reduce((sum, own) => sum + own, 0)
      changeCpu += serverCpuMs() - cpuFrom
    }

    const ids = []
    for (let n = 0; n < 50; n++) ids.push((await apiKeys.issue(attributes)).record.id)
    const walMiddle = await walBytes()
    for (const id of ids) await apiKeys.revoke(id)
    const wal = (await walBytes()) - walMiddle

    const doomed = await issueEverywhere()
    const next = await issueEverywhere()
    const [lost] = hosts.splice(0, 1)
    lost.kill()
    const atOnce = await timed(() => apiKeys.revoke(doomed))
    const afterwards = await timed(() => apiKeys.revoke(next))
    return {
      count,
      idle,
      waits,
      stale,
      changeCpu: changeCpu / revocations,
      wal: wal / 50,
      atOnce,
      afterwards,
    }
  })
}

async function caches(name, redis) {
  const results = []
  for (const count of counts) {
    results.push(await measure(count, redis))
    const { waits } = results.at(-1)
    console.log(
      `measured ${count} caches, ${name}: p50 ${figure(quantile(waits, 0.5))} ms; load ${loadavg()[0].toFixed(1)}`,
    )
  }
  printTable(
    `${name}: ${revocations} revocations of a key that every cache has in memory`,
    [
      'caches',
      'p50 ms',
      'p99 ms',
      'longest ms',
      'stale answers',
      'CPU of the servers, ms',
      'write-ahead log, bytes',
    ],
    results.map(({ count, waits, stale, changeCpu, wal }) => [
      count,
      ...[figure(quantile(waits, 0.5)), figure(quantile(waits, 0.99)), figure(Math.max(...waits))],
      ...[stale, figure(changeCpu), figure(wal)],
    ]),
  )
  printTable(
    `${name}: the caches while nothing changes, and a host that is killed with its part of them`,
    ['caches', 'CPU of the servers, ms per second', 'first revocation after the kill, ms', 'the next, ms'],
    results.map(({ count, idle, atOnce, afterwards }) => [
      count,
      figure(idle),
      figure(atOnce),
      figure(afterwards),
    ]),
  )
}

async function sizes() {
  const schema = 'bench_size'
  const store = postgresStore(pool, { schema, timeoutMs: 60_000 })
  await createApiKeys({ store, hasher, storeTimeoutMs: 60_000 }).issue(attributes)
  const seconds =
    (await timed(() =>
      pool.query(
        `INSERT INTO ${schema}.keys (id, project_id, environment, key_start, label, folded_label, hash, tag, created_at, scopes, metadata, version)
       SELECT other.id, (ascii(other.id) * 1000 + number % 1000)::text, environment, key_start, label, folded_label, hash, tag,
         created_at + number, scopes, metadata, 1
       FROM (SELECT substr(md5(number::text), 1, 12) AS id, number FROM generate_series(1, $1::int) AS number ORDER BY 1) AS other,
         (SELECT * FROM ${schema}.keys LIMIT 1) AS model ON CONFLICT (id) DO NOTHING`,
        [size],
      ),
    )) / 1_000
  const { rows: tables } = await pool.query(
    `SELECT relname, pg_relation_size(oid)::float8 AS bytes FROM pg_class
     WHERE relnamespace = $1::regnamespace AND (relname = 'keys' OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = '${schema}.keys'::regclass))
     ORDER BY 2 DESC`,
    [schema],
  )
  printTable(
    `${size.toLocaleString('en')} keys in Postgres, made in ${figure(seconds)} s`,
    ['', 'MiB', 'bytes per key'],
    tables.map(({ relname, bytes }) => [relname, figure(bytes / 2 ** 20), figure(bytes / size)]),
  )
  const before = await memory()
  const cached = postgresCache(store, { maxKeys: 200_000 })
  while (cached.cacheStatus().state !== 'open') await sleep(20)
  const { rows } = await pool.query(`SELECT id FROM ${schema}.keys LIMIT 100000`)
  for (let from = 0; from < rows.length; from += 1_000)
    await Promise.all(rows.slice(from, from + 1_000).map(({ id }) => cached.find(id)))
  const kept = rows.length
  rows.length = 0
  const perKey = ((await memory()) - before) / kept
  console.log(
    `\nA cache with ${kept.toLocaleString('en')} keys takes ${figure(perKey)} bytes of memory per key.`,
  )
  await cached.close()
}

async function memory() {
  globalThis.gc?.()
  await sleep(200)
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

async function startRedis() {
  execFileSync('redis-server', ['--version'], { stdio: 'pipe' })
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
  const flags = ['--port', String(port), '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1']
  const child = spawn('redis-server', [...flags, '--dir', mkdtempSync(join(tmpdir(), 'bench-redis-'))], {
    stdio: 'ignore',
  })
  await sleep(500)
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid, stop: () => child.kill() }
}

try {
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}`,
  )
  if (isChosen('postgres')) await caches('postgresCache')
  if (isChosen('redis')) {
    const redis = await startRedis()
    servers.push(redis.pid)
    await caches('redisCache', redis.url).finally(redis.stop)
  }
  if (isChosen('size')) await sizes()
} finally {
  await pool.end()
  await postgres.stop()
}
process.exit()
