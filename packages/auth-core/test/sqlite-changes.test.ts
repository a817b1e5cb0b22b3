import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { connect, newFile } from './support/files.js'

/** A key, and two connections to its file, each with keys over it. */
async function twoConnections() {
  const file = newFile()
  const [ours, theirs] = [connect(file), connect(file)]
  const [here, there] = [ours, theirs].map((db) =>
    createApiKeys({ store: sqliteStore(db), hasher: fastHasher() }),
  )
  if (here === undefined || there === undefined) throw new Error('two were made')
  const { key, record } = await here.issue({ projectId: '42', environment: 'production', label: '0' })
  const labelSeen = async () => {
    const verification = await here.verify(key)
    return verification.ok ? verification.record.label : verification.reason
  }
  await labelSeen()
  return { file, ours, theirs, here, there, id: record.id, labelSeen }
}

describe('what is remembered of the file', () => {
  it('gives way to every commit of another connection', async () => {
    const { there, id, labelSeen } = await twoConnections()
    for (let n = 1; n <= 200; n++) {
      await there.update(id, { label: `${n}` })
      expect(await labelSeen()).toBe(`${n}`)
      expect(await labelSeen()).toBe(`${n}`)
    }
  })

  it('gives way to every commit of its own connection, the host’s included', async () => {
    const { ours, here, id, labelSeen } = await twoConnections()
    for (let n = 1; n <= 50; n++) {
      await here.update(id, { label: `${n}` })
      expect(await labelSeen()).toBe(`${n}`)
      ours.prepare('UPDATE api_keys SET label = ? WHERE id = ?').run(`${n} by hand`, id)
      expect(await labelSeen()).toBe(`${n} by hand`)
    }
  })

  it('is not taken from a transaction of the host that still shows the past', async () => {
    const { ours, there, id, labelSeen } = await twoConnections()
    await there.update(id, { label: 'before' })
    ours.exec('BEGIN')
    ours.prepare('SELECT count(*) FROM api_keys').get()
    await there.revoke(id)
    expect(await labelSeen()).toBe('before')
    ours.exec('COMMIT')
    expect(await labelSeen()).toBe('revoked')
  })

  it('outlives an iteration of the host that still shows the past by a tenth of a second at most', async () => {
    const { ours, there, id, labelSeen } = await twoConnections()
    await there.update(id, { label: 'before' })
    const rows = ours.prepare('SELECT id FROM api_keys').iterate()
    rows.next()
    await there.revoke(id)
    await labelSeen()
    rows.return?.()
    await vi.waitFor(async () => expect(await labelSeen()).toBe('revoked'), { timeout: 5_000, interval: 20 })
  })

  it('gives way in a worker thread too', async () => {
    const { file, there } = await twoConnections()
    const { key, record } = await there.issue({ projectId: '42', environment: 'production', label: 'worker' })
    const worker = new Worker(new URL('./support/verifying-thread.mjs', import.meta.url), {
      workerData: { file, key },
    })
    const nextAnswer = () => new Promise<string>((resolve) => worker.once('message', resolve))
    expect(await nextAnswer()).toBe('worker')
    await there.revoke(record.id)
    worker.postMessage('again')
    expect(await nextAnswer()).toBe('revoked')
    await worker.terminate()
  })
})

describe.runIf(process.platform === 'linux')('the descriptor that changes are read from', () => {
  const inodeOfIndex = (file: string) => statSync(`${file}-shm`).ino
  const locksOn = (inode: number) =>
    readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${inode} `))

  it('leaves SQLite its locks when another connection to the file is closed', async () => {
    const { file, ours, labelSeen, theirs } = await twoConnections()
    const inode = inodeOfIndex(file)
    expect(locksOn(inode)).not.toHaveLength(0)
    theirs.close()
    expect(locksOn(inode)).not.toHaveLength(0)
    expect(await labelSeen()).toBe('0')
    expect(ours.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  it('is closed once the file has been', async () => {
    const abandoned = () =>
      readdirSync('/proc/self/fd').filter((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`).endsWith('-shm (deleted)')
        } catch {
          return false
        }
      })
    for (let n = 0; n < 20; n++) {
      const db = new Database(newFile())
      sqliteStore(db)
      db.close()
    }
    expect(abandoned().length).toBeLessThan(3)
  })
})
