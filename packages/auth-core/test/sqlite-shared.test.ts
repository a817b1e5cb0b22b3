import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { createApiKeys, type NewlyIssuedKey } from '../src/index.js'
import { type SqliteDriver, sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { type Connection, type Driver, drivers } from './support/drivers.js'
import { newFile } from './support/files.js'
import { killWorkers, startWorker } from './support/processes.js'
import { trials } from './support/shared-database.js'

afterAll(killWorkers)

const attributes = { projectId: '42', environment: 'production', label: 'backend-prod' } as const

function keysOver(connection: SqliteDriver, connect?: (path: string) => SqliteDriver) {
  const apiKeys = createApiKeys({ store: sqliteStore(connection, { connect }), hasher: fastHasher() })
  const answerTo = async (key: string) => {
    const verification = await apiKeys.verify(key)
    return verification.ok ? verification.record.label : verification.reason
  }
  return { apiKeys, answerTo, issue: () => apiKeys.issue(attributes) }
}

const unavailable = (message: RegExp) =>
  expect.objectContaining({ code: 'store_unavailable', message: expect.stringMatching(message) })

const firstValue = (connection: SqliteDriver, sql: string) =>
  Object.values(connection.prepare(sql).get() as object)[0]

/** What the application does with its connection, and how it ends that. */
type Use = (app: Connection) => () => void

function stream(app: Connection): () => void {
  const rows = app.prepare('SELECT id FROM orders').iterate()
  rows.next()
  return () => void rows.return?.()
}

function transactionThatRead(app: Connection): () => void {
  app.exec('BEGIN')
  app.prepare('SELECT count(*) FROM api_keys').get()
  return () => void app.exec('ROLLBACK')
}

const usesThatReadThePast: readonly [string, Use][] = [
  ['streams rows', stream],
  ['has read in a transaction', transactionThatRead],
]

/** A file with a table of the application, the application's connection to it, and keys over that. */
function application({ open }: Driver) {
  const file = newFile()
  const app = open(file)
  app.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)')
  return { file, app, open, ...keysOver(app) }
}

describe.each(drivers)('over $name, while the application', (driver) => {
  describe.each(usesThatReadThePast)('%s', (_, use) => {
    it('a revocation by another process is seen on the very next request', { timeout: 120_000 }, async () => {
      const { file, app, answerTo } = application(driver)
      const other = await startWorker({ file })
      const end = use(app)
      const answers = new Map<string, number>()
      for (let trial = 0; trial < trials(1_000, 200); trial++) {
        const { key, record } = await other.call<NewlyIssuedKey>('issue')
        expect(await answerTo(key)).toBe('backend-prod')
        await other.call('revoke', record.id)
        const answer = await answerTo(key)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      }
      end()
      expect([...answers.keys()]).toEqual(['revoked'])
    })

    it('a change by another connection shows in everything that is read', async () => {
      const { file, app, apiKeys, issue, open } = application(driver)
      const { record } = await issue()
      const end = use(app)
      const elsewhere = keysOver(open(file))
      await elsewhere.apiKeys.update(record.id, { label: 'renamed' })
      expect(await apiKeys.find(record.id)).toMatchObject({ label: 'renamed' })
      expect(await apiKeys.list({ projectId: '42' })).toMatchObject([{ label: 'renamed' }])
      expect(await apiKeys.history({ projectId: '42' })).toMatchObject([
        { action: 'updated' },
        { action: 'issued' },
      ])
      end()
    })

    it('keys can change', async () => {
      const { app, apiKeys, issue, answerTo } = application(driver)
      const { key } = await issue()
      const end = use(app)
      const { record } = await issue()
      const next = await apiKeys.rotate(record.id)
      await apiKeys.revoke(next.record.id)
      expect([await answerTo(key), await answerTo(next.key)]).toEqual(['backend-prod', 'revoked'])
      end()
    })
  })

  it('has a transaction open, another store can be opened over the connection, and leaves it open', async () => {
    const { app, issue } = application(driver)
    const { key } = await issue()
    app.exec('BEGIN')
    app.prepare('SELECT count(*) FROM orders').get()
    // As a wrapper may be, which does not say that a transaction is open.
    const { answerTo } = keysOver(
      { prepare: (sql) => app.prepare(sql), exec: (sql) => app.exec(sql) },
      driver.open,
    )
    expect(await answerTo(key)).toBe('backend-prod')
    app.exec('COMMIT')
  })

  it('writes in a transaction, another store over the connection is refused in plain words and in time', () => {
    const { app, file, open } = application(driver)
    app.exec('BEGIN IMMEDIATE')
    for (const initialize of ['once', 'never'] as const) {
      const begun = performance.now()
      expect(() => sqliteStore(app, { initialize })).toThrow(
        unavailable(/end a transaction of this program (?:first|before)/),
      )
      expect(performance.now() - begun).toBeLessThan(2_000)
    }
    app.exec('COMMIT')
    expect(() => sqliteStore(app)).not.toThrow()
    expect(() => sqliteStore(open(file))).not.toThrow()
  })

  it('has a transaction open, a revocation is not in it, and outlives its rollback', async () => {
    const { app, apiKeys, issue, answerTo } = application(driver)
    const { key, record } = await issue()
    app.exec('BEGIN')
    await apiKeys.revoke(record.id)
    app.exec('ROLLBACK')
    expect(await answerTo(key)).toBe('revoked')
  })

  it('writes in a transaction, keys are verified, and a change is refused in plain words and in time', async () => {
    const { app, apiKeys, issue, answerTo } = application(driver)
    const { key, record } = await issue()
    app.exec('BEGIN IMMEDIATE')
    app.exec('INSERT INTO orders VALUES (4)')
    expect(await answerTo(key)).toBe('backend-prod')
    const begun = performance.now()
    await expect(apiKeys.revoke(record.id)).rejects.toEqual(
      unavailable(/keys\.db is locked for writing .*; end a transaction of this program/),
    )
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(await answerTo(key), 'what was refused has not happened').toBe('backend-prod')
    app.exec('COMMIT')
    await apiKeys.revoke(record.id)
    expect(await answerTo(key)).toBe('revoked')
    expect(firstValue(app, 'SELECT count(*) FROM orders')).toBe(4)
  })
})

it('a change waits for an application that writes for a moment, and leaves it the time to end that', async () => {
  for (const change of ['update', 'rotate', 'revoke', 'erase'] as const) {
    const { app, apiKeys, issue } = application(drivers[0] as (typeof drivers)[0])
    const { record } = await issue()
    const { id } = record
    const changes = {
      update: () => apiKeys.update(id, { label: 'b' }),
      rotate: () => apiKeys.rotate(id),
      revoke: () => apiKeys.revoke(id),
      erase: () => apiKeys.erase({ keyId: id }),
    }
    app.exec('BEGIN IMMEDIATE')
    setTimeout(() => app.exec('COMMIT'), 300)
    await changes[change]()
  }
})

describe.each(drivers)('the application’s connection, of $name', (driver) => {
  const settings = ['busy_timeout', 'foreign_keys', 'synchronous', 'trusted_schema', 'cache_size']

  it('keeps its settings', async () => {
    const app = driver.open(newFile())
    app.exec('PRAGMA busy_timeout = 1234; PRAGMA foreign_keys = OFF; PRAGMA synchronous = NORMAL')
    const read = () => settings.map((name) => firstValue(app, `PRAGMA ${name}`))
    const before = read()
    await keysOver(app).issue()
    expect(read()).toEqual(before)
  })

  it('closes the store’s together with itself, and leaves one file', async () => {
    const file = newFile()
    const app = driver.open(file)
    const { issue, answerTo } = keysOver(app)
    const { key } = await issue()
    app.close()
    expect(openFiles(file)).toEqual([])
    expect([existsSync(`${file}-wal`), existsSync(`${file}-shm`)]).toEqual([false, false])
    await expect(answerTo(key)).rejects.toEqual(unavailable(/./))
    // Files are looked at ten times a second.
    await expect
      .poll(() => answerTo(key).catch(({ message }) => message))
      .toBe('the connection to keys.db was closed by this program')
    expect(await keysOver(driver.open(file)).answerTo(key)).toBe('backend-prod')
  })

  it('stays usable together with the store’s when it refuses to be closed', async () => {
    const file = newFile()
    const open: SqliteDriver = driver.open(file)
    let isBusy = true
    const app = Object.assign(Object.create(open) as SqliteDriver, {
      prepare: (sql: string) => open.prepare(sql),
      exec: (sql: string) => open.exec(sql),
      close() {
        if (isBusy) throw new Error('busy')
        open.close?.()
      },
    })
    const { issue, answerTo } = keysOver(app)
    const { key } = await issue()
    expect(() => app.close?.()).toThrow('busy')
    expect(await answerTo(key)).toBe('backend-prod')
    isBusy = false
    app.close?.()
    expect(openFiles(file)).toEqual([])
  })

  it.runIf('dispose' in Symbol)('closes both at the end of its block', async () => {
    const file = newFile()
    const app = driver.open(file)
    const dispose: unknown = Reflect.get(app, (Symbol as { readonly dispose?: symbol }).dispose ?? '')
    if (typeof dispose !== 'function') return
    sqliteStore(app)
    Reflect.apply(Reflect.get(app, (Symbol as { readonly dispose?: symbol }).dispose ?? ''), app, [])
    expect(openFiles(file)).toEqual([])
  })

  it('is the only one left open when the store refuses the file', () => {
    const file = newFile()
    const app = driver.open(file)
    app.exec('CREATE TABLE api_keys (id)')
    expect(() => sqliteStore(app)).toThrow()
    app.close()
    expect(openFiles(file)).toEqual([])
  })

  it('may only read: then the store refuses to be opened, says why, and writes nothing', async () => {
    const file = newFile()
    const writable = driver.open(file)
    writable.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)')
    const app = driver.open(file, { isReadOnly: true })
    expect(() => sqliteStore(app)).toThrow(unavailable(/keys\.db cannot be opened: .*readonly/))
    expect(firstValue(writable, 'SELECT count(*) FROM sqlite_schema')).toBe(1)
  })

  it('may be of a class derived from the driver’s, with a constructor of its own', async () => {
    const file = newFile()
    const Base = driver.open(':memory:').constructor as new (file: string) => Connection
    class AppDatabase extends Base {
      constructor(settings: { readonly file: string }) {
        super(settings.file)
      }
    }
    const app = new AppDatabase({ file })
    const { issue, answerTo } = keysOver(app)
    expect(await answerTo((await issue()).key)).toBe('backend-prod')
    app.close()
    expect(openFiles(file)).toEqual([])
  })

  it('may return integers as bigints, from before or from later on', async () => {
    for (const begin of ['before', 'later']) {
      const app = driver.open(newFile())
      const bigints = () => {
        ;(app as { defaultSafeIntegers?(areBig: boolean): void }).defaultSafeIntegers?.(true)
      }
      if (begin === 'before') bigints()
      const { apiKeys, issue, answerTo } = keysOver(app)
      const { key } = await issue()
      if (begin === 'later') bigints()
      expect(await answerTo(key)).toBe('backend-prod')
      expect(await apiKeys.list({ projectId: '42' })).toMatchObject([{ createdAt: expect.any(Date) }])
      expect(await apiKeys.history({ projectId: '42' })).toMatchObject([{ at: expect.any(Number) }])
      const day = new Date()
      expect(await apiKeys.usage({ projectId: '42', from: day, to: day })).toMatchObject([{ count: 1 }])
    }
  })
})

describe.each(drivers)('the application’s own file, over $name,', (driver) => {
  it('may have tables, a version and a mark already, which stay as they are', async () => {
    const app = driver.open(newFile())
    app.exec(
      'CREATE TABLE users (id INTEGER PRIMARY KEY); PRAGMA user_version = 7; PRAGMA application_id = 9',
    )
    const { issue, answerTo } = keysOver(app)
    expect(await answerTo((await issue()).key)).toBe('backend-prod')
    expect([firstValue(app, 'PRAGMA user_version'), firstValue(app, 'PRAGMA application_id')]).toEqual([7, 9])
  })

  it('may get tables, a version and a mark later', async () => {
    const file = newFile()
    const app = driver.open(file)
    const { issue, answerTo } = keysOver(app)
    const { key } = await issue()
    app.exec(
      'CREATE TABLE users (id INTEGER PRIMARY KEY); PRAGMA user_version = 7; PRAGMA application_id = 9',
    )
    expect(await answerTo((await issue()).key)).toBe('backend-prod')
    expect(await keysOver(driver.open(file)).answerTo(key)).toBe('backend-prod')
  })

  it('may have indexes, checks and tables that only the application’s connection can use', async () => {
    const app = driver.open(newFile())
    const connection = app as unknown as {
      function(name: string, options: object, run: (value: unknown) => number): void
    }
    connection.function('own', { deterministic: true }, (value) => (value === null ? 0 : 1))
    app.exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER CHECK (own(total) = 1));
      CREATE INDEX orders_by_own ON orders (own(total));
      CREATE VIEW odd AS SELECT own(total) FROM orders;
      CREATE VIRTUAL TABLE notes USING fts5 (text)`)
    const { issue, answerTo } = keysOver(app)
    expect(await answerTo((await issue()).key)).toBe('backend-prod')
    app.exec('INSERT INTO orders VALUES (1, 2)')
  })

  it('is refused and left alone when a table of another program has the name of one of ours', () => {
    const file = newFile()
    const app = driver.open(file)
    app.exec('CREATE TABLE api_keys (id TEXT PRIMARY KEY, secret TEXT)')
    const before = readFileSync(file)
    expect(() => sqliteStore(app)).toThrow(
      unavailable(/keys\.db has a table api_keys, .*keep API keys in another file/),
    )
    expect(() => sqliteStore(app, { initialize: 'always' })).toThrow(unavailable(/has a table api_keys/))
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('is an error, and never an unknown key, when a tool of the application drops the tables of keys', async () => {
    const file = newFile()
    const app = driver.open(file)
    app.exec('CREATE TABLE users (id INTEGER PRIMARY KEY)')
    const { issue, answerTo } = keysOver(app)
    const { key } = await issue()
    app.exec(`PRAGMA foreign_keys = OFF; DROP TABLE api_key_uses; DROP TABLE api_key_events;
      DROP TABLE api_keys; DROP TABLE api_key_schema; DROP TABLE api_key_projects; DROP TABLE api_key_sessions;
      DROP TABLE api_key_outcomes; DROP TABLE api_key_refusals; DROP TABLE api_key_addresses; DROP TABLE api_key_outbox; DROP TABLE api_key_outbox_reports; DROP TABLE api_key_outbox_consumers`)
    await expect(answerTo(key)).rejects.toEqual(unavailable(/./))
    await expect(issue()).rejects.toEqual(unavailable(/./))
    expect(() => sqliteStore(driver.open(file))).toThrow(
      unavailable(/keys\.db held API keys and has lost their tables; .*delete .*keys\.db\.initialized/),
    )
    expect(() => sqliteStore(driver.open(file), { initialize: 'never' })).toThrow(unavailable(/no API keys/))
  })
})

describe('a connection of a driver’s that the store cannot open another one with', () => {
  const [driver] = drivers as readonly [Driver]
  const wrapped = (open: Connection): SqliteDriver => ({
    prepare: (sql) => open.prepare(sql),
    exec: (sql) => open.exec(sql),
  })

  it('is a mistake that names the option which helps', () => {
    expect(() => sqliteStore(wrapped(driver.open(newFile())))).toThrow(
      new TypeError('connect: is needed with this driver, e.g. (path) => new Database(path)'),
    )
  })

  it('works with that option, which gets the path of the file', async () => {
    const file = newFile()
    const app = wrapped(driver.open(file))
    const paths: string[] = []
    const connect = (path: string) => {
      paths.push(path)
      return driver.open(path)
    }
    const apiKeys = createApiKeys({ store: sqliteStore(app, { connect }), hasher: fastHasher() })
    app.exec('BEGIN')
    const { key } = await apiKeys.issue(attributes)
    app.exec('ROLLBACK')
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    expect(paths).toEqual([file])
  })

  it('is a mistake when that option returns the same connection, or one to another file', () => {
    const app = driver.open(newFile())
    const elsewhere = newFile()
    const mistaken = [() => app, () => driver.open(elsewhere), () => driver.open(':memory:')]
    for (const connect of mistaken) {
      expect(() => sqliteStore(app, { connect })).toThrow(TypeError)
      expect(() => sqliteStore(app, { connect })).toThrow(/connect: must return another connection to .*keys/)
    }
    expect(() => sqliteStore(app)).not.toThrow()
  })

  it('is told of that option when the file seems encrypted', () => {
    const file = newFile()
    writeFileSync(file, 'no database at all, but a text of more than a hundred characters. '.repeat(20))
    expect(() => sqliteStore(driver.open(file))).toThrow(
      unavailable(/encrypted one needs the option connect/),
    )
  })
})

describe.each(drivers)('a database of $name', (driver) => {
  it.each([
    ['in memory', ':memory:'],
    ['in a temporary file', ''],
  ])('%s is read as it is, and refuses changes within a transaction of the application', async (_, path) => {
    const app = driver.open(path)
    const { apiKeys, issue, answerTo } = keysOver(app)
    const { key, record } = await issue()
    app.exec('BEGIN')
    await expect(apiKeys.revoke(record.id)).rejects.toEqual(
      unavailable(/in memory is in use .*; end its transaction before you change keys/),
    )
    expect(await answerTo(key)).toBe('backend-prod')
    app.exec('CREATE TABLE orders (id); COMMIT')
    await apiKeys.revoke(record.id)
    expect(await answerTo(key)).toBe('revoked')
    expect(firstValue(app, "SELECT count(*) FROM sqlite_schema WHERE name = 'orders'")).toBe(1)
  })
})

describe('a worker thread', () => {
  it('sees what the main thread has committed', async () => {
    const [driver] = drivers as readonly [Driver]
    const { file, apiKeys, issue } = application(driver)
    const { key, record } = await issue()
    const worker = new Worker(new URL('./support/verifying-thread.mjs', import.meta.url), {
      workerData: { file, key, driver: driver.name },
    })
    const nextAnswer = () => new Promise<string>((resolve) => worker.once('message', resolve))
    expect(await nextAnswer()).toBe('backend-prod')
    await apiKeys.revoke(record.id)
    worker.postMessage('again')
    expect(await nextAnswer()).toBe('revoked')
    await worker.terminate()
    const again = await issue()
    expect(await apiKeys.verify(again.key), 'the thread has taken no lock along').toMatchObject({ ok: true })
  })
})

/** Which of a database's files this process has open, where the system tells. */
function openFiles(file: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`)
      return path.startsWith(file) ? [path] : []
    } catch {
      return []
    }
  })
}
