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
import { fastHasher } from '../src/testing/index.js'
import { connect, newFile } from './support/files.js'

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
    expect(await keysOver(sqliteStore(connect(file))).verify(key)).toMatchObject({ ok: true })
  })

  it('is private to its owner, together with everything beside it', async () => {
    const file = newFile()
    await issue(sqliteStore(connect(file)))
    const files = ['', '-wal', '-shm', '.initialized'].map((ending) => file + ending)
    expect(files.map(modeOf)).toEqual(['600', '600', '600', '600'])
  })

  it('is marked as ours, and set up to lose nothing it acknowledged and to wait for nobody long', () => {
    const db = connect(newFile())
    sqliteStore(db)
    const names = ['application_id', 'user_version', 'journal_mode', 'synchronous', 'busy_timeout']
    expect(names.map((name) => pragma(db, name))).toEqual([0x67736b31, 2, 'wal', 2, 250])
    expect(['foreign_keys', 'trusted_schema', 'mmap_size'].map((name) => pragma(db, name))).toEqual([1, 0, 0])
  })

  it('is left as it was when the first opening is cut short', () => {
    const file = newFile()
    const db = connect(file)
    const dying: SqliteDriver = {
      prepare: (sql) => db.prepare(sql),
      exec(sql) {
        if (sql.includes('user_version')) throw new Error('cut short')
        return db.exec(sql)
      },
    }
    expect(() => sqliteStore(dying)).toThrow('cut short')
    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([])
    expect(() => sqliteStore(connect(file))).not.toThrow()
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
    const opening = () => sqliteStore(connect(file))
    expect(opening).toThrow(
      refusal(/^keys\.db held API keys .* restore it .* delete .*keys\.db\.initialized$/),
    )
    expect(opening, 'the second time too').toThrow(ApiKeysError)
  })

  it('works again as soon as it is restored', async () => {
    const { file, key } = await fileWithKey()
    const backup = readFileSync(file)
    truncateSync(file)
    expect(() => sqliteStore(connect(file))).toThrow(ApiKeysError)
    writeFileSync(file, backup)
    expect(await keysOver(sqliteStore(connect(file))).verify(key)).toMatchObject({ ok: true })
  })

  it('keeps its write-ahead log through the refusal, for whoever rescues the keys', async () => {
    const file = newFile()
    await issue(sqliteStore(connect(file)))
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
      const store = sqliteStore(connect(file), consent === 'option' ? { initialize: 'always' } : {})
      expect(await store.list('42')).toEqual([])
      expect(existsSync(`${file}.initialized`)).toBe(true)
    }
  })

  it('is refused by "never" even if there was no such file before', async () => {
    expect(() => sqliteStore(connect(newFile()), { initialize: 'never' })).toThrow(
      refusal(/missing or empty/),
    )
    const { file } = await fileWithKey()
    expect(() => sqliteStore(connect(file), { initialize: 'never' })).not.toThrow()
  })
})

describe('a file that is not ours', () => {
  const prepared = (prepare: (db: Database.Database) => void) => {
    const file = newFile()
    const db = new Database(file)
    prepare(db)
    db.close()
    return file
  }

  it.each([
    ['tables of another program', 'CREATE TABLE users (id)'],
    ['the mark of another program', 'PRAGMA application_id = 7'],
    ['a version, but no mark', 'PRAGMA user_version = 7'],
  ])('is refused and left alone when it has %s', (_, sql) => {
    const file = prepared((db) => db.exec(sql))
    const before = readFileSync(file)
    expect(() => sqliteStore(connect(file))).toThrow(refusal(/belongs to another program/))
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('is refused when a newer release made it', async () => {
    const { file } = await fileWithKey()
    connect(file).pragma('user_version = 1000')
    expect(() => sqliteStore(connect(file))).toThrow(refusal(/schema version 1000.*upgrade/))
  })

  it('is refused when it is garbage', () => {
    const file = newFile()
    writeFileSync(file, 'no database at all, but a text of more than a hundred characters. '.repeat(20))
    expect(() => sqliteStore(connect(file))).toThrow(
      refusal(/keys\.db cannot be opened: file is not a database/),
    )
  })

  it('is refused when its schema is damaged', async () => {
    const { file } = await fileWithKey()
    connect(file).exec('ALTER TABLE api_keys RENAME COLUMN tag TO tog')
    expect(() => sqliteStore(connect(file))).toThrow(
      refusal(/keys\.db cannot be opened: no such column: tag/),
    )
  })

  it('is refused when it can only be read', async () => {
    const { file } = await fileWithKey()
    expect(() => sqliteStore(connect(file, { readonly: true }))).toThrow(refusal(/readonly/))
  })
})

describe('the file', () => {
  it('may have tables of the host', async () => {
    const { file, key } = await fileWithKey()
    const db = connect(file)
    sqliteStore(db)
    db.exec('CREATE TABLE projects (id TEXT PRIMARY KEY)')
    expect(await keysOver(sqliteStore(connect(file))).verify(key)).toMatchObject({ ok: true })
  })

  it('is made private when it was readable by others', async () => {
    const { file } = await fileWithKey()
    chmodSync(file, 0o644)
    sqliteStore(connect(file))
    expect(modeOf(file)).toBe('600')
  })

  it('can be backed up while it is written, and restored', async () => {
    const { file, key } = await fileWithKey()
    const db = connect(file)
    const store = sqliteStore(db)
    const writing = Array.from({ length: 20 }, () => issue(store))
    const backup = newFile()
    db.prepare('VACUUM INTO ?').run(backup)
    await Promise.all(writing)
    const restored = keysOver(sqliteStore(connect(backup)))
    expect(await restored.verify(key)).toMatchObject({ ok: true })
  })

  it('is known for what it is in a copy without the write-ahead log', async () => {
    const file = newFile()
    await issue(sqliteStore(connect(file)))
    const copy = newFile()
    copyFileSync(file, copy)
    copyFileSync(`${file}.initialized`, `${copy}.initialized`)
    expect(() => sqliteStore(connect(copy), { initialize: 'never' })).not.toThrow()
  })
})

describe('the connection', () => {
  it('begins every transaction as a writer, so that none fails half way for being outdated', async () => {
    const statements: string[] = []
    const db = connect(newFile(), { verbose: (sql) => statements.push(String(sql)) })
    const apiKeys = keysOver(sqliteStore(db))
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
    const db = connect(newFile())
    const reporting = (version: string): SqliteDriver => ({
      exec: (sql) => db.exec(sql),
      prepare: (sql) => db.prepare(sql === 'SELECT sqlite_version()' ? `SELECT '${version}'` : sql),
    })
    for (const version of ['3.51.2', '3.50.9', '2.99.99']) {
      expect(() => sqliteStore(reporting(version)), version).toThrow(refusal(/too old; 3\.51\.3 or later/))
    }
    for (const version of ['3.51.3', '3.52.0', '4.0.0']) {
      expect(() => sqliteStore(reporting(version)), version).not.toThrow()
    }
  })

  it('may give rows as objects, as node:sqlite does', async () => {
    const db = connect(newFile())
    const plain: SqliteDriver = {
      exec: (sql) => db.exec(sql),
      prepare(sql) {
        const statement = db.prepare(sql)
        return {
          run: (...values) => statement.run(...values),
          get: (...values) => statement.get(...values),
          all: (...values) => statement.all(...values),
        }
      },
    }
    const store = sqliteStore(plain)
    const { key, record } = await issue(store)
    expect(await keysOver(store).verify(key)).toEqual({ ok: true, record })
  })

  it('is refused, as is a wrong option, with a TypeError', () => {
    expect(() => sqliteStore('keys.db' as never)).toThrow(TypeError)
    expect(() => sqliteStore(connect(newFile()), { initialize: 'sometimes' as never })).toThrow(TypeError)
  })
})
