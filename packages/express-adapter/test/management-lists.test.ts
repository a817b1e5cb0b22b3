// Lists of keys over HTTP: pages, the links between them, and what may be asked for.

import type { ApiKeyStore, StoredKey } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import { storedKey } from '@gosend/auth-core/testing'
import { describe, expect, it } from 'vitest'
import { ADMIN_KEY, managementHost } from './management-host.js'

const rowOf = (n: number, changes: Partial<StoredKey> = {}): StoredKey =>
  storedKey(n, {
    projectId: '1',
    environment: n % 2 === 0 ? 'production' : 'sandbox',
    label: `customer-${n}`,
    createdAt: 1_700_000_000_000 + n,
    revokedAt: n % 10 === 0 ? 1_700_000_100_000 : null,
    ...changes,
  })

async function hostOf(count: number, changes?: (n: number) => Partial<StoredKey>) {
  const store: ApiKeyStore = memoryStore()
  await store.commit(Array.from({ length: count }, (_, n) => rowOf(n, changes?.(n))))
  const host = await managementHost({ keys: { store } })
  const list = async (query = '') => {
    const { status, headers, body, text } = await host.call('GET', `/projects/1/keys${query}`)
    return { status, body, text, link: headers.get('Link'), total: headers.get('X-Total-Count') }
  }
  return { ...host, store, list }
}

/** The address in a link to the next page, as any client resolves it. */
const nextOf = (link: string | null, base: string) => {
  const reference = link === null ? undefined : /^<(\?[^>]*)>; rel="next"$/.exec(link)?.[1]
  return reference === undefined ? undefined : new URL(reference, base).href
}

describe('a list of keys', () => {
  it('comes in pages that links lead through, wherever the API is mounted', async () => {
    const { url } = await hostOf(250)
    const start = `${url}/admin/projects/1/keys?limit=60&status=active&sort=label&order=desc`
    const seen: string[] = []
    const sizes: number[] = []
    for (let at: string | undefined = start; at !== undefined; ) {
      const response: Response = await fetch(at, { headers: { 'X-Admin-Key': ADMIN_KEY } })
      const body = (await response.json()) as { label: string; revokedAt: string | null }[]
      seen.push(...body.map(({ label }) => label))
      sizes.push(body.length)
      expect(body.every(({ revokedAt }) => revokedAt === null)).toBe(true)
      at = nextOf(response.headers.get('Link'), at)
    }
    expect(sizes).toEqual([60, 60, 60, 45])
    expect(seen).toEqual([...new Set(seen)].sort().reverse())
  })

  it('misses no key and shows none twice while keys are issued and revoked', async () => {
    const { url, store } = await hostOf(120)
    const seen: string[] = []
    let added = 1_000
    for (let at: string | undefined = `${url}/admin/projects/1/keys?limit=25`; at !== undefined; ) {
      const response: Response = await fetch(at, { headers: { 'X-Admin-Key': ADMIN_KEY } })
      const body = (await response.json()) as { id: string }[]
      seen.push(...body.map(({ id }) => id))
      await store.commit([rowOf(added++), rowOf(added++, { createdAt: 1 })])
      const last = await store.find(seen.at(-1) ?? '')
      if (last !== undefined) await store.commit([{ ...last, revokedAt: 5, version: last.version + 1 }])
      at = nextOf(response.headers.get('Link'), at)
    }
    expect(new Set(seen).size).toBe(seen.length)
    for (let n = 0; n < 120; n++) expect(seen).toContain(rowOf(n).id)
  })

  it('has 100 keys and says how many there are when it is asked', async () => {
    const { list } = await hostOf(250)
    const page = await list()
    expect([page.body.length, page.total]).toEqual([100, null])
    expect((await list('?total=true')).total).toBe('250')
    expect(await list('?total=true&status=revoked&limit=1')).toMatchObject({ total: '25' })
    expect((await list('?limit=1000&total=true')).link).toBeNull()
  })

  it('is searched, filtered and sorted by the service', async () => {
    const { list } = await hostOf(50)
    const labels = async (query: string) =>
      (await list(query)).body.map(({ label }: { label: string }) => label)
    expect(await labels('?search=CUSTOMER-4&environment=sandbox&status=active')).toEqual([
      'customer-49',
      'customer-47',
      'customer-45',
      'customer-43',
      'customer-41',
    ])
    expect(await labels(`?search=${rowOf(7).id}`)).toEqual(['customer-7'])
    expect(await labels(`?search=${encodeURIComponent(`gsk_test_${rowOf(7).id}…`)}`)).toEqual(['customer-7'])
    expect(await labels('?search=%25')).toEqual([])
    expect(await labels(`?ids=${rowOf(7).id}`)).toEqual(['customer-7'])
    expect(await labels(`?ids=${rowOf(7).id}&ids=${rowOf(9).id}&ids=x`)).toEqual(['customer-9', 'customer-7'])
    const { link } = await list(`?limit=1&ids=${rowOf(7).id}&ids=${rowOf(9).id}`)
    expect(await labels(link?.slice(1, link.indexOf('>')) ?? '')).toEqual(['customer-7'])
    expect(await labels('?sort=createdAt&order=asc&limit=2')).toEqual(['customer-0', 'customer-1'])
  })

  it.each([
    ['limit=0', /^limit: must be 1 or more/],
    ['limit=1001', /limit.*1000 or less/],
    ['limit=1.5', /limit.*whole number/],
    ['limit=', /limit/],
    ['cursor=x', /cursor: must be the `next` of an earlier page/],
    ['cursor=', /cursor/],
    ['status=dead', /^status: must be one of active, disabled, expired, revoked/],
    ['environment=staging', /environment: must be one of sandbox, production/],
    ['sort=id', /sort.*createdAt, lastUsedAt, label, expiresAt/],
    ['order=up', /order.*asc, desc/],
    ['total=maybe', /^total: /],
    [`search=${'x'.repeat(256)}`, /search: must be at most 255/],
    ['offset=20', /offset: is not a known parameter; there is limit, cursor, search/],
    ['limit=1&limit=2', /limit/],
  ])('is refused with 400 for ?%s', async (query, message) => {
    const { list } = await hostOf(3)
    const { status, body } = await list(`?${query}`)
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)])
  })

  it('takes a cursor of another project without showing any of its keys', async () => {
    const { list, store } = await hostOf(20)
    await store.commit([500, 501, 502].map((n) => rowOf(n, { projectId: '2', createdAt: 1 })))
    const { link } = await list('?limit=5')
    const cursor = new URL(nextOf(link, 'http://x/') ?? '').searchParams.get('cursor')
    const { body } = await list(`?cursor=${cursor}`)
    expect(body).toHaveLength(15)
    expect(body.every(({ projectId }: { projectId: string }) => projectId === '1')).toBe(true)
  })

  it.each([
    ['nothing more than a label', () => ({})],
    ['metadata of 16 kB each', () => ({ metadata: { blob: 'x'.repeat(16_300) } })],
    [
      'all that a key may hold',
      () => ({
        metadata: { blob: 'x'.repeat(16_300) },
        scopes: Array.from({ length: 100 }, (_, n) => `${n}`.padStart(128, 'x')),
        allowedIps: Array.from({ length: 1_000 }, (_, n) => `2001:db8:aaaa:bbbb:cccc:dddd:eeee:${n}/128`),
      }),
    ],
  ])('stays below 500 kB unless more is asked for, with keys that hold %s', async (_, changes) => {
    const { list } = await hostOf(300, changes)
    const { text, link } = await list()
    expect(text.length).toBeLessThan(500_000)
    expect(link).not.toBeNull()
  })

  it('of 10,000 keys answers its first page in less than 150 ms', async () => {
    const { list } = await hostOf(10_000)
    const durations: number[] = []
    for (let i = 0; i < 5; i++) {
      const start = performance.now()
      const { text } = await list('?total=true')
      durations.push(performance.now() - start)
      expect(text.length).toBeLessThan(60_000)
    }
    expect(Math.min(...durations)).toBeLessThan(150)
  })
})

it('is refused with 409 to issue more active keys than a project may have, and says what to do', async () => {
  const { call } = await managementHost({ keys: { maxKeysPerProject: 1 } })
  const body = { label: 'backend', environment: 'production' }
  expect((await call('POST', '/projects/1/keys', { body })).status).toBe(201)
  expect((await call('POST', '/projects/1/keys', { body })).body).toEqual({
    statusCode: 409,
    error: 'Conflict',
    code: 'key_limit_reached',
    message: 'the project has 1 active key, as many as it may have; revoke what is not needed',
  })
  expect((await call('POST', '/projects/2/keys', { body })).status).toBe(201)
})
