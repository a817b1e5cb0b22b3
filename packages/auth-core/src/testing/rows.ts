// The rows that the store contract works with, and tests that fill a store.

import type { ApiKeyStore, KeyQuery, StoredKey } from '../store.js'

export const typical: StoredKey = {
  id: 'key000000001',
  projectId: '42',
  environment: 'production',
  start: null,
  label: 'backend-prod',
  hash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',
  tag: 'sha256.0123456789abcdef',
  createdAt: 1_700_000_000_000,
  lastUsedAt: null,
  expiresAt: null,
  revokedAt: null,
  disabledAt: null,
  createdBy: null,
  ownerId: null,
  rotatedFrom: null,
  replacedBy: null,
  rootId: null,
  scopes: [],
  allowedIps: null,
  metadata: {},
  fingerprint: null,
  version: 1,
}

export const complete: StoredKey = {
  ...typical,
  id: 'key000000002',
  projectId: 'Ünï-çødé 🗝 "quoted" \'; --',
  start: 'acme_live_',
  label: '日本語 \u202e ✓ \t',
  expiresAt: 1_700_000_000_001,
  revokedAt: 8_640_000_000_000_000,
  disabledAt: 1_700_000_000_002,
  createdBy: 'Zoë <zoe@example.test>',
  ownerId: "ö'; --",
  rotatedFrom: 'key000000001',
  replacedBy: 'key000000003',
  rootId: 'key000000001',
  scopes: ['messages:send', 'messages:read'],
  allowedIps: ['203.0.113.7', '2001:db8::/32'],
  metadata: {
    nested: { list: [1, 'two', null, { three: 3.5 }], empty: {} },
    '🗝': '',
    // As JSON.parse makes it: an own property, not a prototype.
    ...JSON.parse('{ "constructor": 1, "toString": null }'),
  },
  fingerprint: 'p4yMD7oPVUFM',
  parentId: 'key000000001',
  delegation: {
    actingFor: "zoë's agent; --",
    limits: [{ limit: 60, per: '1m' }],
    budget: 1_000,
  },
}

export const next = (row: StoredKey, changes: Partial<StoredKey> = {}): StoredKey => ({
  ...row,
  ...changes,
  version: row.version + 1,
})

/** A row that a store takes, with an id of its own for each number: `key000000007`. */
export const storedKey = (number: number, changes: Partial<StoredKey> = {}): StoredKey => ({
  ...typical,
  id: `key${String(number).padStart(9, '0')}`,
  ...changes,
})

export const days = (counts: Record<string, number>) => new Map(Object.entries(counts))

export const idsOf = (rows: readonly StoredKey[]) => rows.map(({ id }) => id)

// A store may hand out frozen objects: that keeps the promise as well.
export function deface(row: unknown): void {
  const target = row as {
    label: string
    scopes: string[]
    allowedIps: string[]
    metadata: { nested: object }
  }
  for (const change of [
    () => Object.assign(target, { label: 'defaced', revokedAt: null }),
    () => target.scopes.push('admin'),
    () => target.allowedIps.splice(0),
    () => Object.assign(target.metadata.nested, { list: 'defaced' }),
    () => Object.assign(target.metadata, { defaced: true }),
  ]) {
    try {
      change()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
}

/** A query as the core makes it. */
export const queryOf = (changes: Partial<KeyQuery> = {}): KeyQuery => ({
  sort: 'createdAt',
  order: 'desc',
  limit: 1_000,
  total: false,
  now: 1_700_000_000_000,
  ...changes,
})

/** The keys of a project, the newest first. */
export async function keysOf(store: ApiKeyStore, projectId: string): Promise<readonly StoredKey[]> {
  return (await store.list(queryOf({ projectId }))).rows
}
