import { execFileSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { connect, newFile } from './support/files.js'

afterEach(() => {
  vi.restoreAllMocks()
})

function open(file: string) {
  const db = connect(file)
  // The store's own connection, whose settings these tests change.
  const own = connect(file)
  const apiKeys = createApiKeys({ store: sqliteStore(db, { connect: () => own }), hasher: fastHasher() })
  const issue = () => apiKeys.issue({ projectId: '42', environment: 'production', label: 'backend-prod' })
  const reasonFor = async (key: string) => {
    const verification = await apiKeys.verify(key)
    return verification.ok ? 'ok' : verification.reason
  }
  return { own, apiKeys, issue, reasonFor }
}

const unavailable = (message = /./) =>
  expect.objectContaining({ code: 'store_unavailable', message: expect.stringMatching(message) })

/** The store looks at its file ten times a second: this lets the time until it looks again pass. */
function untilItLooks() {
  const now = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(now + 100)
}

describe('what is no file', () => {
  it('such as a device or a pipe, is refused and left as it is', () => {
    const file = newFile()
    const db = connect(file)
    rmSync(file, { force: true })
    execFileSync('mkfifo', ['-m', '666', file])
    expect(() => sqliteStore(db)).toThrow(/keys\.db is a device or a pipe; keys need a file/)
    expect(statSync(file).mode & 0o777).toBe(0o666)
  })

  it('such as a link that leads nowhere, is not followed to make the sign that keys were here', () => {
    const file = newFile()
    const elsewhere = newFile()
    symlinkSync(elsewhere, `${file}.initialized`)
    expect(() => open(file)).toThrow(unavailable(/keys\.db cannot be opened/))
    expect(existsSync(elsewhere)).toBe(false)
  })
})

describe('a file that is taken away from under an open connection', () => {
  const losses: Readonly<Record<string, { lose(file: string): void; message: RegExp }>> = {
    deleted: { lose: (file) => rmSync(file), message: /keys\.db is gone/ },
    'deleted with everything beside it': {
      lose(file) {
        for (const ending of ['', '-wal', '-shm', '.initialized']) rmSync(file + ending)
      },
      message: /keys\.db is gone/,
    },
    emptied: { lose: (file) => truncateSync(file), message: /keys\.db was emptied .* restore .* restart/ },
    'replaced by an older copy': {
      lose: (file) => {
        cpSync(file, `${file}.copy`)
        renameSync(`${file}.copy`, file)
      },
      message: /another file has taken the place of keys\.db .* restart/,
    },
    'replaced by garbage': {
      lose: (file) => {
        writeFileSync(`${file}.garbage`, 'garbage')
        renameSync(`${file}.garbage`, file)
      },
      message: /another file has taken the place of keys\.db/,
    },
    'robbed of its write-ahead log': {
      lose: (file) => rmSync(`${file}-wal`),
      message: /keys\.db-wal is gone/,
    },
  }

  it.each(Object.entries(losses))('is an error and never an unknown key when it is %s', async (_, loss) => {
    const file = newFile()
    const { apiKeys, issue, reasonFor } = open(file)
    const { key, record } = await issue()
    expect(await reasonFor(key)).toBe('ok')
    loss.lose(file)

    await expect(issue(), 'writes notice at once').rejects.toEqual(unavailable(loss.message))
    untilItLooks()
    await expect(reasonFor(key)).rejects.toEqual(unavailable(loss.message))
    await expect(apiKeys.revoke(record.id)).rejects.toEqual(unavailable(loss.message))
    await expect(apiKeys.list({ projectId: '42' })).rejects.toEqual(unavailable(loss.message))
  })

  it('answers again without a restart once it is put back', async () => {
    const file = newFile()
    const { issue, reasonFor } = open(file)
    const { key } = await issue()
    renameSync(file, `${file}.away`)
    untilItLooks()
    await expect(reasonFor(key)).rejects.toEqual(unavailable(/is gone; put it back/))
    renameSync(`${file}.away`, file)
    expect(await reasonFor(key)).toBe('ok')
    expect(await reasonFor((await issue()).key)).toBe('ok')
  })

  it('stays an error when it was emptied and then written, because SQLite remembers the old pages', async () => {
    const file = newFile()
    const { issue, reasonFor } = open(file)
    const { key } = await issue()
    const backup = newFile()
    copyFileSync(file, backup)
    truncateSync(file)
    untilItLooks()
    await expect(reasonFor(key)).rejects.toEqual(unavailable())
    copyFileSync(backup, file)
    await expect(reasonFor(key)).rejects.toEqual(unavailable(/was emptied/))
  })

  it('is an error of SQLite in the meantime, when what is asked for is not in memory', async () => {
    const file = newFile()
    const writer = open(file)
    const keys: string[] = []
    for (let n = 0; n < 200; n++) keys.push((await writer.issue()).key)
    writer.own.pragma('wal_checkpoint(TRUNCATE)')
    const reader = open(file)
    expect(await reader.reasonFor(keys[0] ?? '')).toBe('ok')
    truncateSync(file)
    const outcomes = new Set<string>()
    for (const key of keys) outcomes.add(await reader.reasonFor(key).catch((error) => error.code))
    expect(outcomes).toContain('store_unavailable')
    expect([...outcomes]).not.toContain('unknown')
  })
})

describe('a damaged page', () => {
  const PAGE = 4096

  it('is an error or does no harm, whichever page it is', async () => {
    const file = newFile()
    const db = new Database(file)
    const apiKeys = createApiKeys({ store: sqliteStore(db), hasher: fastHasher() })
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'a' })
    for (let n = 0; n < 100; n++) {
      await apiKeys.issue({ projectId: '42', environment: 'production', label: 'b' })
    }
    db.close()
    const pages = statSync(file).size / PAGE
    const outcomes = new Map<string, number>()
    for (let page = 0; page < pages; page++) {
      const damaged = newFile()
      copyFileSync(file, damaged)
      const descriptor = openSync(damaged, 'r+')
      writeSync(descriptor, Buffer.alloc(PAGE, 0xff), 0, PAGE, page * PAGE)
      closeSync(descriptor)
      const outcome = await Promise.resolve()
        .then(() => open(damaged).reasonFor(key))
        .catch((error) => error.code)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()].sort()).toEqual(['ok', 'store_unavailable'])
  })
})

describe('a full disk', () => {
  it('refuses changes, goes on verifying, and accepts changes again once there is room', async () => {
    const { own, apiKeys, issue, reasonFor } = open(newFile())
    const { key, record } = await issue()
    const pages = own.pragma('page_count', { simple: true })
    own.pragma(`max_page_count = ${pages}`)
    const large = { metadata: { text: 'x'.repeat(15_000) } }

    await expect(apiKeys.update(record.id, large)).rejects.toEqual(unavailable())
    expect(await reasonFor(key)).toBe('ok')
    expect(await apiKeys.find(record.id)).toMatchObject({ metadata: {} })

    own.pragma('max_page_count = 1000000')
    await apiKeys.update(record.id, large)
    expect(await apiKeys.find(record.id)).toMatchObject(large)
  })
})

describe('a power failure', () => {
  it('at any point of the write-ahead log leaves every change of before, and none in half', async () => {
    const file = newFile()
    const { own, apiKeys, issue } = open(file)
    own.pragma('wal_autocheckpoint = 0')
    own.pragma('wal_checkpoint(TRUNCATE)')
    const rows = () => own.prepare('SELECT * FROM api_keys ORDER BY id').all()
    const history: { readonly end: number; readonly rows: unknown[] }[] = []
    const acknowledged = () => history.push({ end: statSync(`${file}-wal`).size, rows: rows() })

    acknowledged()
    const { record } = await issue()
    acknowledged()
    const successor = await apiKeys.rotate(record.id)
    acknowledged()
    await apiKeys.update(successor.record.id, { metadata: { text: 'x'.repeat(10_000) } })
    acknowledged()
    await apiKeys.revoke(successor.record.id)
    acknowledged()

    const log = readFileSync(`${file}-wal`)
    for (let cut = 0; cut <= log.length; cut += 1030) {
      const copy = newFile()
      copyFileSync(file, copy)
      writeFileSync(`${copy}-wal`, log.subarray(0, cut))
      const reopened = connect(copy)
      sqliteStore(reopened)
      const expected = history.findLast(({ end }) => end <= cut) ?? history[0]
      expect(reopened.prepare('SELECT * FROM api_keys ORDER BY id').all()).toEqual(expected?.rows)
      expect(reopened.pragma('integrity_check', { simple: true })).toBe('ok')
    }
  })
})

describe('a newer release that migrates the file', () => {
  it('lets this one go on verifying, and stops it from writing', async () => {
    const file = newFile()
    const { issue, reasonFor } = open(file)
    const { key } = await issue()
    connect(file).exec(
      'ALTER TABLE api_keys ADD COLUMN colour TEXT; UPDATE api_key_schema SET version = 1000',
    )
    expect(await reasonFor(key)).toBe('ok')
    await expect(issue()).rejects.toEqual(unavailable(/newer release; upgrade/))
  })
})
