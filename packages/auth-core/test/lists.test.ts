import { describe, expect, it } from 'vitest'
import type { ApiKey, ApiKeyStore, KeyQuery, ListQuery, StoredKey } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { storedKey } from '../src/testing/rows.js'
import { setUp, start } from './support/keys.js'

/** Keys over a store that has the rows already, and what the store was asked for. */
async function over(...rows: readonly StoredKey[]) {
  const inner = memoryStore()
  await inner.commit(rows)
  const queries: KeyQuery[] = []
  const store: ApiKeyStore = {
    ...inner,
    list(query) {
      queries.push(query)
      return inner.list(query)
    },
  }
  return { ...setUp({ store }), store, queries }
}

const many = (count: number, changes: (n: number) => Partial<StoredKey> = () => ({})) =>
  Array.from({ length: count }, (_, n) =>
    storedKey(n, { createdAt: start - count + n, label: `k${n}`, ...changes(n) }),
  )

const labelsOf = (keys: readonly ApiKey[]) => keys.map(({ label }) => label)
const invalid = (message: RegExp) =>
  expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(message) })

describe('a list', () => {
  it('is 100 keys unless told otherwise, and goes on where `next` says', async () => {
    const { apiKeys } = await over(...many(250))
    const sizes: number[] = []
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await apiKeys.list({ projectId: '42', cursor })
      sizes.push(page.length)
      seen.push(...labelsOf(page))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(sizes).toEqual([100, 100, 50])
    expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => `k${249 - n}`))
  })

  it('has no next page when its last one is full', async () => {
    const { apiKeys } = await over(...many(20))
    const page = await apiKeys.list({ projectId: '42', limit: 10 })
    const last = await apiKeys.list({ projectId: '42', limit: 10, cursor: page.next ?? '' })
    expect([page.length, last.length, last.next]).toEqual([10, 10, null])
  })

  it('is an array like any other: equal to one with its records, in JSON, and spread', async () => {
    const { apiKeys } = await over(...many(3))
    const page = await apiKeys.list({ projectId: '42', limit: 2, total: true })
    expect(Array.isArray(page)).toBe(true)
    expect(page).toStrictEqual([...page])
    expect(JSON.parse(JSON.stringify(page))).toHaveLength(2)
    expect(page.total).toBe(3)
    expect((await apiKeys.list({ projectId: '42' })).total).toBeNull()
  })

  it('counts all of its keys once, whatever the page', async () => {
    const { apiKeys, queries } = await over(...many(600))
    const page = await apiKeys.list({ projectId: '42', limit: 1_000, total: true })
    expect([page.length, page.total]).toEqual([600, 600])
    expect(queries.map(({ total }) => total)).toEqual([true, false, false])
  })

  it('goes over all projects when none is named, and never because a name was missing', async () => {
    const { apiKeys } = await over(...many(4, (n) => ({ projectId: `${n % 2}` })))
    expect(await apiKeys.list({})).toHaveLength(4)
    const slip = { projectId: undefined } as unknown as ListQuery
    await expect(apiKeys.list(slip)).rejects.toEqual(invalid(/projectId: must not be undefined/))
    await expect(apiKeys.listAll(slip)[Symbol.asyncIterator]().next()).rejects.toEqual(invalid(/projectId/))
  })

  it('can be read to its end without minding pages', async () => {
    const { apiKeys } = await over(...many(25))
    const labels: string[] = []
    for await (const { label } of apiKeys.listAll({
      projectId: '42',
      limit: 10,
      sort: 'createdAt',
      order: 'asc',
    }))
      labels.push(label)
    expect(labels).toEqual(Array.from({ length: 25 }, (_, n) => `k${n}`))
  })

  it('is sorted by creation, last use, label and expiry, with what never happened at one end', async () => {
    const { apiKeys, store } = await over(
      storedKey(1, { label: 'beta', createdAt: 3, expiresAt: start + 20 }),
      storedKey(2, { label: 'Alpha', createdAt: 2 }),
      storedKey(3, { label: 'gamma', createdAt: 1, expiresAt: start + 10 }),
    )
    await store.recordUses([
      { id: storedKey(2).id, at: 5, days: new Map() },
      { id: storedKey(3).id, at: 6, days: new Map() },
    ])
    const sorted = async (query: ListQuery) => labelsOf(await apiKeys.list({ projectId: '42', ...query }))
    expect(await sorted({})).toEqual(['beta', 'Alpha', 'gamma'])
    expect(await sorted({ sort: 'lastUsedAt' })).toEqual(['gamma', 'Alpha', 'beta'])
    expect(await sorted({ sort: 'label' })).toEqual(['Alpha', 'beta', 'gamma'])
    expect(await sorted({ sort: 'expiresAt' })).toEqual(['gamma', 'beta', 'Alpha'])
    expect(await sorted({ sort: 'label', order: 'desc' })).toEqual(['gamma', 'beta', 'Alpha'])
  })

  it('reads few rows at once, and has shorter pages where keys hold a lot', async () => {
    const { apiKeys, queries } = await over(...many(600, () => ({ metadata: { blob: 'x'.repeat(16_000) } })))
    const page = await apiKeys.list({ projectId: '42', limit: 100 })
    expect(JSON.stringify(page).length).toBeLessThan(300_000)
    expect(page.length).toBeGreaterThan(10)
    const labels: string[] = []
    for await (const { label } of apiKeys.listAll({ projectId: '42', limit: 1_000 })) labels.push(label)
    expect(labels).toEqual(Array.from({ length: 600 }, (_, n) => `k${599 - n}`))
    expect(Math.max(...queries.map(({ limit }) => limit))).toBe(250)
  })
})

describe('a cursor', () => {
  it.each([
    ['something else', 'x'],
    ['nothing', ''],
    ['a number of a page', '2'],
    ['other JSON', Buffer.from('{"a":1}').toString('base64url')],
    ['another sort', Buffer.from('["color","asc",1,"key000000001"]').toString('base64url')],
    ['no id', Buffer.from('["createdAt","desc",1,"\' OR 1"]').toString('base64url')],
    ['no time', Buffer.from('["createdAt","desc","1","key000000001"]').toString('base64url')],
    ['no whole number', Buffer.from('["createdAt","desc",1.5,"key000000001"]').toString('base64url')],
    ['far too long a text', 'a'.repeat(100_000)],
  ])('that is %s is refused', async (_, cursor) => {
    const { apiKeys } = await over(...many(3))
    await expect(apiKeys.list({ projectId: '42', cursor })).rejects.toEqual(
      invalid(/^cursor: must be the `next`/),
    )
  })

  it('goes with the order that it came from', async () => {
    const { apiKeys } = await over(...many(3))
    const { next } = await apiKeys.list({ projectId: '42', limit: 1 })
    const cursor = next ?? ''
    for (const other of [{ sort: 'label' }, { order: 'asc' }] as const) {
      await expect(apiKeys.list({ projectId: '42', cursor, ...other })).rejects.toEqual(
        invalid(/cursor: goes with sort createdAt and order desc/),
      )
    }
  })

  it('shows no key of another project, whatever it says', async () => {
    const { apiKeys } = await over(...many(4, (n) => ({ projectId: `${n % 2}` })))
    const { next } = await apiKeys.list({ projectId: '0', limit: 1 })
    const page = await apiKeys.list({ projectId: '1', cursor: next ?? '' })
    expect(page.every(({ projectId }) => projectId === '1')).toBe(true)
  })

  it('fits into an address, whatever the labels', async () => {
    const labels = ['\ufdfa'.repeat(255), '🗝'.repeat(127), '\u0390'.repeat(255)]
    const { apiKeys } = await over(...many(6, (n) => ({ label: labels[n % 3] ?? '' })))
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await apiKeys.list({ projectId: '42', limit: 1, sort: 'label', cursor })
      ids.push(...page.map(({ id }) => id))
      cursor = page.next ?? undefined
      expect(cursor?.length ?? 0).toBeLessThan(2_000)
    } while (cursor !== undefined)
    expect(new Set(ids).size).toBe(6)
  })
})

describe('a search', () => {
  it('finds a key by its id, the beginning of it, its hint, or itself', async () => {
    const { apiKeys, issue } = setUp()
    const { key, record } = await issue({ label: 'wanted' })
    await issue({ label: 'other' })
    for (const search of [
      record.id,
      record.id.slice(0, 5),
      record.hint,
      record.hint.replace('…', '...'),
      record.hint.slice(0, 15),
      ` ${record.id}… `,
      key,
      `API_KEY=${key}`,
      key.slice(0, 40),
    ]) {
      expect(labelsOf(await apiKeys.list({ projectId: '42', search })), search).toEqual(['wanted'])
    }
    expect(await apiKeys.list({ projectId: '42', search: `${record.id}0` })).toEqual([])
  })

  it('hands no secret to the store', async () => {
    const { apiKeys, issue, queries } = await over()
    const { key } = await issue()
    for (const search of [key, `${key}x`, `curl -H "X-API-Key: ${key}"`, key.slice(0, 30)])
      await apiKeys.list({ projectId: '42', search })
    expect(JSON.stringify(queries)).not.toContain(key.slice(21, 30))
  })

  it('finds an imported key by its hint', async () => {
    const { apiKeys } = setUp({ importedKeys: /old_[a-z]{32}/ })
    const sha256 = 'ab'.repeat(32)
    await apiKeys.import([{ sha256, projectId: '42', environment: 'production', label: 'old' }])
    const [record] = await apiKeys.list({ projectId: '42' })
    expect(await apiKeys.list({ projectId: '42', search: record?.hint })).toHaveLength(1)
  })

  it('finds a part of a label and a scope, and all keys when it is empty', async () => {
    const { apiKeys, issue } = setUp()
    await issue({ label: 'Größe 50%', scopes: ['messages:send'] })
    await issue({ label: 'other' })
    const found = async (search: string) => labelsOf(await apiKeys.list({ projectId: '42', search }))
    expect(await found('GRÖSSE')).toEqual([])
    expect(await found('größe')).toEqual(['Größe 50%'])
    expect(await found('50%')).toEqual(['Größe 50%'])
    expect(await found('%')).toEqual(['Größe 50%'])
    expect(await found('messages:send')).toEqual(['Größe 50%'])
    expect(await found('messages')).toEqual([])
    expect(await found('gsk_live_')).toEqual([])
    expect(await found('  ')).toHaveLength(2)
  })
})

describe('a condition that makes no sense', () => {
  it.each<[string, object, RegExp]>([
    ['an unknown status', { status: 'dead' }, /status: must be "active", "disabled", "expired" or "revoked"/],
    ['an unknown environment', { environment: 'staging' }, /environment: must be one of sandbox, production/],
    ['an unknown sort', { sort: 'id' }, /sort: must be/],
    ['an unknown order', { order: 'DESC' }, /order: must be "asc" or "desc"/],
    ['no page at all', { limit: 0 }, /limit: must be a whole number from 1 to 1000/],
    ['too long a page', { limit: 1_001 }, /limit: must be/],
    ['half a key', { limit: 1.5 }, /limit: must be/],
    ['an endless search', { search: 'x'.repeat(256) }, /search: must be at most 255/],
    ['a search for a line break', { search: 'a\nb' }, /search: .*control/],
    ['too many ids', { ids: Array(101).fill('x') }, /ids: must be at most 100 ids/],
    ['ids that are none', { ids: 'x' }, /ids: must be a list/],
    ['a filter that there is not', { label: 'x' }, /label: no such option/],
  ])('as %s is refused', async (_, query, message) => {
    const { apiKeys } = await over(...many(2))
    await expect(apiKeys.list({ projectId: '42', ...query })).rejects.toEqual(invalid(message))
  })
})
