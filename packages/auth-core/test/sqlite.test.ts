import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { type ApiKeyStore, ApiKeysError, createApiKeys } from '../src/index.js'
import { type SqliteDriver, sqliteStore } from '../src/stores/sqlite.js'
import { NEWEST_SCHEMA } from '../src/stores/sqlite-schema.js'
import { fastHasher } from '../src/testing/index.js'
import { keysOf } from '../src/testing/rows.js'
import { newFile, connect as open } from './support/files.js'
import { WITHOUT_LISTS } from './support/former-schema.js'

const keysOver = (store: ApiKeyStore) => createApiKeys({ store, hasher: fastHasher() })
const issue = (store: ApiKeyStore) =>
  keysOver(store).issue({ projectId: '42', environment: 'production', label: 'backend-prod' })

/** A file with one key in it, closed. */
async function fileWithKey() {
  const file = newFile()
  const db = new Database(file)
  const { key, record } = await issue(sqliteStore(db))
  db.close()
  return { file, key, record }
}

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'store_unavailable', message: expect.stringMatching(message) })

const pragma = (db: Database.Database, name: string) => db.pragma(name, { simple: true })
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

describe('a new file', () => {
  it('becomes a database of keys in one line, and is one when opened again', async () => {
    const { file, key } = await fileWithKey()
    expect(await keysOver(sqliteStore(open(file))).verify(key)).toMatchObject({ ok: true })
  })

  it('is private to its owner, together with everything beside it', async () => {
    const file = newFile()
    await issue(sqliteStore(open(file)))
    const files = ['', '-wal', '-shm', '.initialized'].map((ending) => file + ending)
    expect(files.map(modeOf)).toEqual(['600', '600', '600', '600'])
  })

  it('is set up to lose nothing it acknowledged and to wait for nobody long', () => {
    const ours: Database.Database[] = []
    const connect = (path: string) => {
      const db = open(path)
      ours.push(db)
      return db
    }
    sqliteStore(open(newFile()), { connect })
    const names = [
      'journal_mode',
      'synchronous',
      'busy_timeout',
      'foreign_keys',
      'trusted_schema',
      'mmap_size',
    ]
    expect(ours.map((db) => names.map((name) => pragma(db, name)))).toEqual([['wal', 2, 250, 1, 0, 0]])
  })

  it('is left as it was when the first opening is cut short', () => {
    const file = newFile()
    const db = open(file)
    const connect = (path: string): SqliteDriver => {
      const dying = open(path)
      return {
        exec: (sql) => dying.exec(sql),
        prepare(sql) {
          if (sql.includes('INTO api_key_schema')) throw new Error('cut short')
          return dying.prepare(sql)
        },
        close: () => dying.close(),
      }
    }
    expect(() => sqliteStore(db, { connect })).toThrow('cut short')
    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([])
    expect(() => sqliteStore(open(file))).not.toThrow()
  })
})

describe('a file that is missing or empty though it held keys', () => {
  const losses = {
    deleted: (file: string) => rmSync(file),
    emptied: (file: string) => truncateSync(file),
  }

  it.each(Object.entries(losses))('is refused when it was %s', async (_, lose) => {
    const { file } = await fileWithKey()
    lose(file)
    const opening = () => sqliteStore(open(file))
    expect(opening).toThrow(
      refusal(/^keys\.db held API keys .* restore it .* delete .*keys\.db\.initialized$/),
    )
    expect(opening, 'the second time too').toThrow(ApiKeysError)
  })

  it('works again as soon as it is restored', async () => {
    const { file, key } = await fileWithKey()
    const backup = readFileSync(file)
    truncateSync(file)
    expect(() => sqliteStore(open(file))).toThrow(ApiKeysError)
    writeFileSync(file, backup)
    expect(await keysOver(sqliteStore(open(file))).verify(key)).toMatchObject({ ok: true })
  })

  it('keeps its write-ahead log through the refusal, so that an operator can rescue the keys', async () => {
    const file = newFile()
    await issue(sqliteStore(open(file)))
    const log = readFileSync(`${file}-wal`)
    expect(log.length).toBeGreaterThan(0)

    const lost = newFile()
    writeFileSync(lost, '')
    copyFileSync(`${file}-wal`, `${lost}-wal`)
    copyFileSync(`${file}.initialized`, `${lost}.initialized`)
    const db = new Database(lost)
    expect(() => sqliteStore(db)).toThrow(ApiKeysError)
    db.close()
    expect(readFileSync(`${lost}-wal`).equals(log)).toBe(true)
  })

  it('is started anew when the marker is deleted, or when the host says so', async () => {
    for (const consent of ['marker', 'option']) {
      const { file } = await fileWithKey()
      truncateSync(file)
      if (consent === 'marker') rmSync(`${file}.initialized`)
      const store = sqliteStore(open(file), consent === 'option' ? { initialize: 'always' } : {})
      expect(await keysOf(store, '42')).toEqual([])
      expect(existsSync(`${file}.initialized`)).toBe(true)
    }
  })

  it('is refused by "never" even if there was no such file before', async () => {
    expect(() => sqliteStore(open(newFile()), { initialize: 'never' })).toThrow(refusal(/missing or empty/))
    const { file } = await fileWithKey()
    expect(() => sqliteStore(open(file), { initialize: 'never' })).not.toThrow()
  })
})

describe('a file of release 0.1, which knew it by application_id and user_version,', () => {
  /** The file, and a key in it that was issued under that release. */
  async function formerFile(userVersion = 1) {
    const { file, key } = await fileWithKey()
    const db = new Database(file)
    db.exec(`${WITHOUT_LISTS};
      DROP TABLE api_key_schema; DROP TABLE api_key_projects; DROP TABLE api_key_sessions;
      ALTER TABLE api_keys DROP COLUMN key_start; ALTER TABLE api_keys DROP COLUMN project_status;
      PRAGMA application_id = ${FORMER_MARK}; PRAGMA user_version = ${userVersion}`)
    db.close()
    return { file, key }
  }
  const FORMER_MARK = 0x67736b31

  it('is brought to the newest schema with its keys, and closed to writing by that release', async () => {
    const { file, key } = await formerFile()
    const db = open(file)
    const store = sqliteStore(db, { initialize: 'never' })
    expect(await keysOver(store).verify(key)).toMatchObject({ ok: true })
    await issue(store)
    expect([pragma(db, 'application_id'), pragma(db, 'user_version')]).toEqual([FORMER_MARK, NEWEST_SCHEMA])
    expect(() => sqliteStore(open(file))).not.toThrow()
  })

  it('is known though the application has taken the version for itself, and leaves it that', async () => {
    for (const version of [0, 5]) {
      const { file, key } = await formerFile(version)
      const db = open(file)
      expect(await keysOver(sqliteStore(db)).verify(key)).toMatchObject({ ok: true })
      expect(pragma(db, 'user_version')).toBe(version)
    }
  })

  it('is refused when its tables are gone', async () => {
    const { file } = await formerFile()
    const db = open(file)
    db.exec('DROP TABLE api_key_uses; DROP TABLE api_key_events; DROP TABLE api_keys')
    rmSync(`${file}.initialized`)
    expect(() => sqliteStore(open(file))).toThrow(
      refusal(/held API keys and has lost their tables; .*once with initialize: "always"/),
    )
    expect(() => sqliteStore(open(file), { initialize: 'always' })).not.toThrow()
  })
})

describe('a file that is not ours', () => {
  it('is refused when a newer release made it', async () => {
    const { file } = await fileWithKey()
    open(file).exec(`UPDATE api_key_schema SET version = ${NEWEST_SCHEMA + 1}`)
    expect(() => sqliteStore(open(file))).toThrow(
      refusal(new RegExp(`schema version ${NEWEST_SCHEMA + 1}.*upgrade`)),
    )
  })

  it('is refused when it is garbage', () => {
    const file = newFile()
    writeFileSync(file, 'no database at all, but a text of more than a hundred characters. '.repeat(20))
    expect(() => sqliteStore(open(file))).toThrow(
      refusal(/keys\.db cannot be opened: file is not a database/),
    )
  })

  it('is refused when its schema is damaged', async () => {
    const { file } = await fileWithKey()
    open(file).exec('ALTER TABLE api_keys RENAME COLUMN tag TO tog')
    expect(() => sqliteStore(open(file))).toThrow(refusal(/keys\.db cannot be opened: no such column: tag/))
  })

  it('is refused when it can only be read', async () => {
    const { file } = await fileWithKey()
    expect(() => sqliteStore(open(file, { readonly: true }))).toThrow(refusal(/readonly/))
  })
})

describe('the file', () => {
  it('is made private when it was readable by others', async () => {
    const { file } = await fileWithKey()
    chmodSync(file, 0o644)
    sqliteStore(open(file))
    expect(modeOf(file)).toBe('600')
  })

  it('can be backed up while it is written, and restored', async () => {
    const { file, key } = await fileWithKey()
    const db = open(file)
    const store = sqliteStore(db)
    const writing = Array.from({ length: 20 }, () => issue(store))
    const backup = newFile()
    db.prepare('VACUUM INTO ?').run(backup)
    await Promise.all(writing)
    const restored = keysOver(sqliteStore(open(backup)))
    expect(await restored.verify(key)).toMatchObject({ ok: true })
  })

  it('is known for what it is in a copy without the write-ahead log', async () => {
    const file = newFile()
    await issue(sqliteStore(open(file)))
    const copy = newFile()
    copyFileSync(file, copy)
    copyFileSync(`${file}.initialized`, `${copy}.initialized`)
    expect(() => sqliteStore(open(copy), { initialize: 'never' })).not.toThrow()
  })
})

describe('the connection', () => {
  it('begins every transaction as a writer, so that none fails half way for being outdated', async () => {
    const statements: string[] = []
    const connect = (path: string) => open(path, { verbose: (sql) => statements.push(String(sql)) })
    const apiKeys = keysOver(sqliteStore(open(newFile()), { connect }))
    const { key, record } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'a' })
    await apiKeys.verify(key)
    await apiKeys.rotate(record.id)
    await apiKeys.revoke(record.id)
    await apiKeys.close()
    const begun = statements.filter((sql) => sql.startsWith('BEGIN'))
    expect(begun.length).toBeGreaterThanOrEqual(4)
    expect(new Set(begun)).toEqual(new Set(['BEGIN IMMEDIATE']))
  })

  it('needs a SQLite without the write-ahead log fault', () => {
    const reporting = (version: string) => {
      const db = open(':memory:')
      return {
        exec: (sql: string) => db.exec(sql),
        prepare: (sql: string) => db.prepare(sql === 'SELECT sqlite_version()' ? `SELECT '${version}'` : sql),
      }
    }
    for (const version of ['3.51.2', '3.50.9', '2.99.99']) {
      expect(() => sqliteStore(reporting(version)), version).toThrow(refusal(/too old; 3\.51\.3 or later/))
    }
    for (const version of ['3.51.3', '3.52.0', '4.0.0']) {
      expect(() => sqliteStore(reporting(version)), version).not.toThrow()
    }
  })

  it('may be able to give rows as objects only', async () => {
    const db = open(':memory:')
    const store = sqliteStore({
      exec: (sql) => db.exec(sql),
      prepare(sql) {
        const statement = db.prepare(sql)
        return {
          run: (...values) => statement.run(...values),
          get: (...values) => statement.get(...values),
          all: (...values) => statement.all(...values),
        }
      },
    })
    const { key, record } = await issue(store)
    expect(await keysOver(store).verify(key)).toEqual({ ok: true, record })
  })

  it('is refused, as is a wrong option, with a TypeError', () => {
    expect(() => sqliteStore('keys.db' as never)).toThrow(TypeError)
    expect(() => sqliteStore(open(newFile()), { initialize: 'sometimes' as never })).toThrow(TypeError)
  })
})

/** The names of `bun:sqlite`, which these tests do not run on: rows as arrays are `values`, and `raw` gives bytes. */
function bunLike(file: string): SqliteDriver {
  const db = open(file)
  return {
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
    get inTransaction() {
      return db.inTransaction
    },
    prepare(sql) {
      const statement = db.prepare<unknown[]>(sql)
      const rows = (...values: unknown[]) => (statement.reader ? statement.all(...values) : [])
      return {
        run: (...values) => statement.run(...values),
        get: (...values) => rows(...values)[0] ?? null,
        all: rows,
        raw: () => [Buffer.from('bytes')],
        values: (...values) => rows(...values).map((row) => Object.values(row as object)),
      }
    },
  }
}

it('works over a driver with the names of bun:sqlite', async () => {
  const store = sqliteStore(bunLike(newFile()), { connect: bunLike })
  const { key, record } = await issue(store)
  const apiKeys = keysOver(store)
  expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  expect(await apiKeys.list({ projectId: '42', total: true })).toHaveLength(1)
  await apiKeys.revoke(record.id)
  expect(await apiKeys.verify(key)).toMatchObject({ ok: false, reason: 'revoked' })
})
