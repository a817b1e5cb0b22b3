// What the command finds out about a database, and takes over from another one.

import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, MysqlDialect } from 'kysely'
import { createPool } from 'mysql2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { createLimits } from '../src/limits.js'
import { kyselyStore } from '../src/stores/kysely.js'
import { kyselyLimitStore } from '../src/stores/kysely-limits.js'
import { postgresStore } from '../src/stores/postgres.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { ready, run } from './support/command.js'
import { connect, newFile } from './support/files.js'
import { recordOf } from './support/limits.js'
import { hasMariadb, type Mariadb, startMariadb } from './support/mariadb.js'
import { hasPgBouncer, startPgBouncer, stopPgBouncers } from './support/pgbouncer.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'

interface Finding {
  readonly about: string
  readonly verdict: string
  readonly says: string
}

const openMysql = (uri: string) =>
  new Kysely<unknown>({ dialect: new MysqlDialect({ pool: createPool({ uri }) }) })

const digest = (key: string) => createHash('sha256').update(key).digest('hex')

/** What doctor says of a file, without what it says of Node. */
async function examine(file: string, env: NodeJS.ProcessEnv = {}) {
  const { code, out, err } = await run(['doctor', '--db', file, '--json'], { env })
  expect(err).toBe('')
  const findings: Finding[] = JSON.parse(out)
  const about = (name: string) =>
    findings.filter((finding) => finding.about === name).map(({ verdict, says }) => `${verdict}: ${says}`)
  return {
    code,
    about,
    bad: findings.filter(({ verdict, about }) => verdict !== 'ok' && about !== 'Node.js'),
  }
}

describe('doctor', () => {
  it('finds nothing wrong with a new database, and says so to people too', async () => {
    const { file, create, on } = await ready()
    await create()
    expect(await examine(file)).toMatchObject({ code: 0, bad: [] })
    const { code, out } = await on('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(/^ok +keys +1 active key of 1$/m)
  })

  it('changes nothing: neither modes, nor the marker, nor an old journal', async () => {
    const { file } = await ready()
    chmodSync(file, 0o644)
    rmSync(`${file}.initialized`)
    connect(file).pragma('journal_mode = DELETE')
    for (let i = 0; i < 2; i++) {
      const { code, about } = await examine(file)
      expect(code).toBe(0)
      expect(about('file mode')).toEqual([
        expect.stringMatching(/^warning: others can read .*keys\.db: chmod 600/),
      ])
      expect(about('marker')).toEqual([expect.stringMatching(/^warning: .*is missing/)])
      expect(about('journal')).toEqual([expect.stringMatching(/^warning: mode delete/)])
    }
  })

  const losses: [string, string, (file: string) => void][] = [
    ['an emptied file', 'problem: the file is empty; restore it from a backup', (file) => truncateSync(file)],
    ['no database', 'problem: file is not a database', (file) => writeFileSync(file, 'x'.repeat(10_000))],
  ]
  it.each(losses)('tells %s with 1', async (_, says, lose) => {
    const { file } = await ready()
    lose(file)
    const { code, about } = await examine(file)
    expect(code).toBe(1)
    expect(about('content')).toEqual([says])
  })

  it('tells a database of another program, of a newer release, and a damaged one with 1', async () => {
    const { file, create } = await ready()
    await create()
    let copies = 0
    const altered = async (alter: (db: Database.Database) => unknown) => {
      const copy = join(file, '..', `copy-${copies++}.db`)
      copyFileSync(file, copy)
      const db = new Database(copy)
      alter(db)
      db.close()
      return examine(copy)
    }
    const foreign = await altered((db) => db.exec('DROP TABLE api_key_schema'))
    expect(foreign).toMatchObject({ code: 1 })
    expect(foreign.about('tables')).toEqual(['problem: there are no API keys in this file'])
    const lost = await altered((db) => db.exec('PRAGMA foreign_keys = OFF; DROP TABLE api_keys'))
    expect(lost.about('tables')).toEqual([
      'problem: the file held API keys and has lost them; restore it from a backup',
    ])
    const newer = await altered((db) => db.exec('UPDATE api_key_schema SET version = 99'))
    expect(newer.about('schema')).toEqual([
      'problem: version 99, made by a newer release: upgrade @gosend/auth-core',
    ])
    const damaged = await altered((db) => {
      db.unsafeMode()
      db.pragma('writable_schema = ON')
      db.prepare(
        "UPDATE sqlite_schema SET sql = replace(sql, 'label TEXT', 'label INTEGER') WHERE name = 'api_keys'",
      ).run()
    })
    expect(damaged).toMatchObject({ code: 1 })
    expect(damaged.about('integrity')[0]).toMatch(/^problem: .*restore it from a backup/)
  })

  it('tells which keys are old, hashed with other parameters, or not acceptable at all', async () => {
    const { file, create } = await ready()
    await create()
    const db = connect(file)
    await createApiKeys({ store: sqliteStore(db), now: () => Date.now() - 100 * 86_400_000 }).issue({
      projectId: '42',
      environment: 'production',
      label: 'old',
    })
    db.prepare(
      "UPDATE api_keys SET hash = replace(hash, 'm=19456,t=2', 'm=7168,t=5') WHERE label = 'old'",
    ).run()
    const { code, about } = await examine(file)
    expect(code).toBe(0)
    expect(about('rotation')).toEqual([expect.stringMatching(/^warning: 1 active key older than 90 days/)])
    expect(about('hashes')).toEqual([expect.stringMatching(/^warning: 1 key with other parameters/)])

    db.prepare(
      "UPDATE api_keys SET hash = replace(hash, 'm=7168,t=5', 'm=4194304,t=1000') WHERE label = 'old'",
    ).run()
    const refused = await examine(file)
    expect(refused.code).toBe(1)
    expect(refused.about('hashes')[0]).toBe(
      'problem: verification refuses those made with $argon2id$v=19$m=4194304,t=1000,p=1',
    )
  })

  it('tells when the pepper is missing, and when it is another', async () => {
    const { file, create } = await ready()
    await create()
    const env = { GOSEND_KEYS_PEPPER: 'p'.repeat(32) }
    const { out } = await run(['keys', 'create', '--project', '42', '--label', 'x', '--db', file], { env })
    expect(out).toMatch(/^gsk_live_/)
    const pepper = async (given: NodeJS.ProcessEnv) => (await examine(file, given)).about('pepper')[0]
    expect(await pepper({})).toMatch(/^warning: 1 key tagged with a pepper that was not given/)
    expect(await pepper({ GOSEND_KEYS_PEPPER: 'q'.repeat(32) })).toMatch(
      /^warning: 1 key tagged with a pepper/,
    )
    expect(await pepper(env)).toMatch(/^warning: 1 key tagged without it/)
  })
})

describe('import', () => {
  const entry = (key: string, changes = {}) => ({
    sha256: digest(key),
    projectId: '42',
    label: 'old',
    ...changes,
  })

  it('takes a JSON array or one object per line, from a file or standard input, and can be repeated', async () => {
    const { file, on, json } = await ready()
    const list = join(file, '..', 'keys.json')
    writeFileSync(list, JSON.stringify([entry('sk_1', { createdAt: '2025-03-01T00:00:00Z' }), entry('sk_2')]))
    expect(await json('import', list)).toEqual({ imported: 2, known: 0, erased: 0 })
    const lines = [
      entry('sk_2'),
      entry('sk_3', { environment: 'sandbox', expiresAt: '2099-01-01T00:00:00Z' }),
    ]
    const input = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
    const { code, err } = await run(['import', '-', '--db', file], { input })
    expect(code).toBe(0)
    expect(err).toContain('1 key imported. 1 key had been there before.')

    const apiKeys = createApiKeys({ store: sqliteStore(connect(file)), importedKeys: /sk_\d/ })
    expect(await apiKeys.verify('sk_1')).toMatchObject({
      ok: true,
      record: { createdAt: new Date('2025-03-01'), environment: 'production', rotationDue: true },
    })
    expect(await apiKeys.verify('sk_3')).toMatchObject({
      ok: true,
      record: { environment: 'sandbox', expiresAt: new Date('2099-01-01') },
    })
    expect((await on('keys', 'list')).out).toMatch(/^imported_[0-9A-Za-z]{12}…/m)
    await expect
      .poll(async () => (await examine(file)).about('imported')[0])
      .toMatch(/^warning: 1 key not used since the import/)
  })

  it('takes from the flags what entries do not say', async () => {
    const { file, json } = await ready()
    const input = JSON.stringify({ sha256: digest('sk_1') })
    const flags = ['--project', '7', '--environment', 'sandbox', '--label', 'moved']
    expect((await run(['import', '-', '--db', file, ...flags], { input })).code).toBe(0)
    expect(await json('keys', 'list')).toMatchObject([
      { projectId: '7', environment: 'sandbox', label: 'moved' },
    ])
  })

  it.each([
    ['nonsense', 'must be a JSON array, or one JSON object per line'],
    ['{}\n\n{', 'import: line 3 is no JSON'],
    ['[1]', 'entry 1 is not an object'],
    [JSON.stringify([entry('a'), entry('b', { key: 'sk_secret' })]), 'entry 2: key: no such option'],
    [
      JSON.stringify([entry('a', { enabled: false })]),
      'entry 1: enabled: no such option; a key that must not',
    ],
    [
      JSON.stringify([entry('a', { expiresAt: '2030-01-01T00:00:00' })]),
      'entry 1: expiresAt: must be an instant',
    ],
    [
      JSON.stringify([entry('a', { expiresAt: 1_893_456_000 })]),
      'entry 1: expiresAt: must be milliseconds since 1970; multiply seconds by 1000',
    ],
    [JSON.stringify([entry('a', { revokedAt: 0 })]), 'entry 1: revokedAt: must be milliseconds since 1970'],
    [JSON.stringify([entry('a', { createdAt: 'yesterday' })]), 'entry 1: createdAt: must be an instant'],
    [JSON.stringify([entry('a'), entry('b', { sha256: 'abc' })]), 'entry 2: sha256: must be'],
    [JSON.stringify([{ sha256: digest('a'), label: 'x' }]), 'entry 1: projectId: must be'],
  ])('imports nothing from %s', async (input, says) => {
    const { file, json } = await ready()
    const { code, out, err } = await run(['import', '-', '--db', file], { input })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(says)
    expect(err).not.toContain('sk_secret')
    expect(await json('keys', 'list')).toEqual([])
  })
})

describe.runIf(hasMariadb)('on MySQL', { timeout: 60_000 }, () => {
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb()
  }, 60_000)
  afterAll(() => mariadb.stop())

  it('does the same with DATABASE_URL, and makes tables only to migrate', async () => {
    const address = `mysql://root@localhost/${await mariadb.newDatabase()}?socketPath=${encodeURIComponent(mariadb.socketPath)}`
    const on = (...args: string[]) => run(args, { env: { DATABASE_URL: address } })
    const refused = await on('keys', 'list')
    expect(refused).toMatchObject({ code: 4, out: '' })
    expect(refused.err).toMatch(/localhost\/test_0 cannot be used: the tables are missing/)
    expect((await on('migrate')).err).toContain('localhost/test_0 is ready: 0 keys of 0 projects.')

    const { key, record } = JSON.parse(
      (await on('keys', 'create', '--project', '42', '--label', 'backend', '--json')).out,
    )
    const db = openMysql(address)
    const apiKeys = createApiKeys({ store: kyselyStore(db), storeTimeoutMs: 10_000 })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    expect((await on('keys', 'revoke', record.id)).code).toBe(0)
    expect(await apiKeys.verify(key)).toMatchObject({ reason: 'revoked' })
    expect((await on('migrate')).err).toContain('is ready: 1 key of 1 project.')
    expect((await on('doctor')).out).toMatch(/^ok +MySQL +localhost\/test_0 answers/m)
    expect(JSON.parse((await on('keys', 'history', record.id, '--json')).out)).toHaveLength(2)
    await db.destroy()
  })

  it('tops up credits that are counted there, and none that are counted elsewhere', async () => {
    const address = `mariadb://root@localhost/${await mariadb.newDatabase()}?socketPath=${encodeURIComponent(mariadb.socketPath)}`
    const on = (...args: string[]) => run(args, { env: { DATABASE_URL: address } })
    await on('migrate')
    const { record } = JSON.parse(
      (await on('keys', 'create', '--project', '42', '--label', 'backend', '--json')).out,
    )
    const topUp = () => on('keys', 'top-up', record.id, '--amount', '5', '--credits', '10', '--json')
    expect(await topUp()).toMatchObject({ code: 2, err: expect.stringContaining('nothing is counted there') })
    const db = openMysql(address.replace('mariadb:', 'mysql:'))
    const limits = createLimits({
      store: kyselyLimitStore(db),
      plans: { free: { credits: { amount: 10 } } },
      planOf: () => 'free',
    })
    expect(await limits.consume(recordOf({ id: record.id }))).toMatchObject({ ok: true })
    expect(JSON.parse((await topUp()).out)).toMatchObject({ credits: 14 })
    await db.destroy()
  })
})

describe('on Postgres', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  }, 60_000)
  afterAll(async () => {
    await stopPgBouncers()
    await stopPostgres()
  })

  it('does the same with DATABASE_URL, and makes tables only to migrate', async () => {
    const { user, host, port, database } = server.address
    const schema = server.newSchema()
    const env = { DATABASE_URL: `postgres://${user}:hunter2@${host}:${port}/${database}` }
    const on = (...args: string[]) => run([...args, '--schema', schema], { env })

    const refused = await on('keys', 'list')
    expect(refused).toMatchObject({ code: 4, out: '' })
    expect(refused.err).toMatch(/cannot be used: .*holds no API keys/)
    expect((await on('migrate')).err).toContain(`${host}:${port}/${database} is ready: 0 keys of 0 projects.`)

    const created = await on('keys', 'create', '--project', '42', '--label', 'backend', '--json')
    const { key, record } = JSON.parse(created.out)
    const store = postgresStore(server.pool(), { schema })
    const apiKeys = createApiKeys({ store, storeTimeoutMs: 10_000 })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    expect(JSON.parse((await on('keys', 'list', '--json')).out)).toMatchObject([{ id: record.id }])
    expect((await on('keys', 'revoke', record.id)).code).toBe(0)
    expect(await apiKeys.verify(key)).toMatchObject({ reason: 'revoked' })

    const { code, out } = await on('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(/^ok +PostgreSQL/m)
    expect(out).toMatch(/^ok +connection +straight to PostgreSQL$/m)
    expect(out).toMatch(/^ok +caches +none, and no tables for them$/m)
    expect(out + created.err + refused.err).not.toContain('hunter2')
  }, 60_000)

  it('makes tables for caches when it is told to', async () => {
    const { user, host, port, database } = server.address
    const flags = [
      '--database-url',
      `postgres://${user}@${host}:${port}/${database}`,
      '--schema',
      server.newSchema(),
    ]
    expect((await run(['migrate', '--cache', ...flags])).code).toBe(0)
    expect((await run(['doctor', ...flags])).out).toMatch(/^ok +caches +0 processes on the list/m)
    const refused = await run(['migrate', '--cache', '--db', newFile()])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('only PostgreSQL') })
  }, 60_000)

  it.runIf(hasPgBouncer)(
    'says what a pooler in between means for caches, and what to do about it',
    async () => {
      const { address } = await startPgBouncer(server.address.port, { pool_mode: 'transaction' })
      const flags = [
        '--database-url',
        `postgres://${address.user}@127.0.0.1:${address.port}/${address.database}`,
      ]
      const schema = ['--schema', server.newSchema()]
      expect((await run(['migrate', ...flags, ...schema])).code).toBe(0)
      const { code, out } = await run(['doctor', ...flags, ...schema])
      expect(code).toBe(0)
      expect(out).toMatch(/^warning +connection +through a pooler of transactions: .* as listen$/m)
      expect(out).toMatch(/^warning +time limits +.*ALTER ROLE/m)
    },
    60_000,
  )

  it('says that nobody answers with 4', async () => {
    const { code, err } = await run([
      'keys',
      'list',
      '--database-url',
      'postgres://x:hunter2@127.0.0.1:1/keys',
    ])
    expect(code).toBe(4)
    expect(err).toContain('127.0.0.1:1/keys cannot be used')
    expect(err).not.toContain('hunter2')
  })

  it('takes a new file for what it is', async () => {
    const { code } = await run(['doctor', '--db', newFile()])
    expect(code).toBe(4)
  })
})
