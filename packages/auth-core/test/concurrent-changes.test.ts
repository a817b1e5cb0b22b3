// Many changes of one key at once: none is lost, and none fails because of the others.

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type ApiKeyStore, createApiKeys } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { connect, newFile } from './support/files.js'

const wanted = { projectId: '42', environment: 'production', label: 'x' } as const
const newSet = (store: ApiKeyStore) => createApiKeys({ store, hasher: fastHasher() })

/** The same rows, a moment away. */
function distant(store: ApiKeyStore): ApiKeyStore {
  const later = async <T>(call: () => T): Promise<Awaited<T>> => {
    await sleep(Math.random() * 3)
    return await call()
  }
  return {
    ...store,
    find: (id) => later(() => store.find(id)),
    commit: (rows, events) => later(() => store.commit(rows, events)),
  }
}

/** Key sets over one store, as so many processes have them. */
const places: Readonly<Record<string, () => ReturnType<typeof newSet>[]>> = {
  'in memory': () => [newSet(memoryStore())],
  'in a store that is a round trip away': () => [newSet(distant(memoryStore()))],
  'in a SQLite file that two connections write to': () => {
    const file = newFile()
    return [file, file].map((path) => newSet(sqliteStore(connect(path))))
  },
  'from four processes': () => {
    const store = memoryStore()
    return Array.from({ length: 4 }, () => newSet(distant(store)))
  },
}

describe.each(Object.entries(places))('changes of one key at once, %s', (_, open) => {
  it.each([16, 64])('are all made when they are %i', async (times) => {
    const sets = open()
    const [first] = sets
    const { record } = await (first as (typeof sets)[0]).issue(wanted)
    const kinds = [
      (n: number) => ({ label: `label ${n}` }),
      (n: number) => ({ scopes: [`scope:${n}`] }),
      (n: number) => ({ metadata: { n } }),
      (n: number) => ({ allowedIps: [`10.0.0.${n}`] }),
    ]
    await Promise.all(
      Array.from({ length: times }, (_, n) =>
        sets[n % sets.length]?.update(record.id, kinds[n % 4]?.(n) ?? {}, { actor: `person ${n}` }),
      ),
    )
    const after = await first?.find(record.id)
    expect(after?.label).toMatch(/^label \d+$/)
    expect(after?.scopes[0]).toMatch(/^scope:\d+$/)
    expect(after?.metadata).toEqual({ n: expect.any(Number) })
    expect(after?.allowedIps?.[0]).toMatch(/^10\.0\.0\.\d+$/)
    const events = (await first?.history({ projectId: '42', limit: 1_000 })) ?? []
    const actors = events.flatMap(({ action, actor }) => (action === 'updated' ? [actor] : []))
    expect(new Set(actors).size).toBe(times)
  })

  it('are not made any more once the key is revoked, which waits for none of them', async () => {
    const sets = open()
    const [first, last] = [sets[0], sets.at(-1)]
    const { record } = await (first as (typeof sets)[0]).issue(wanted)
    const updates = Promise.allSettled(
      Array.from({ length: 64 }, async (_, n) => first?.update(record.id, { label: `label ${n}` })),
    )
    await last?.revoke(record.id)
    const settled = await updates
    const history = (await first?.history({ projectId: '42', limit: 1_000 })) ?? []
    expect(history[0]?.action).toBe('revoked')
    const made = history.filter(({ action }) => action === 'updated').length
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(made)
    for (const result of settled)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' })
  })
})

it('a change waits for no other one that hangs with the store', async () => {
  const store = memoryStore()
  const trouble = { on: false }
  const hanging: ApiKeyStore = {
    ...store,
    commit: (rows, events) => (trouble.on ? new Promise<boolean>(() => {}) : store.commit(rows, events)),
  }
  const apiKeys = createApiKeys({ store: hanging, hasher: fastHasher(), storeTimeoutMs: 300 })
  const { record } = await apiKeys.issue(wanted)
  trouble.on = true
  const begin = performance.now()
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => apiKeys.update(record.id, { label: `label ${n}` })),
  )
  expect(performance.now() - begin).toBeLessThan(2_000)
  for (const result of settled)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } })
})
