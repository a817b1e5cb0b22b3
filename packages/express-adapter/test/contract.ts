// The wire contract as one table: what is presented, and what comes back, whatever guards the route. A guard is set up to
// demand the production environment and the scope `messages:write`.

import { createApiKeys } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import { fastHasher, withChange, withChecksum } from './host.js'

const DAY_MS = 86_400_000

/** A key set with one key in every state the contract speaks of. */
export async function createContractKeys() {
  let now = Date.now()
  const deletedProjects = new Set<string>()
  const memory = memoryStore()
  let unreachableId = ''
  const apiKeys = createApiKeys({
    store: {
      ...memory,
      find(id) {
        if (id === unreachableId) throw new Error('the database is down')
        return memory.find(id)
      },
    },
    hasher: fastHasher(),
    now: () => now,
    isProjectActive: (id) => !deletedProjects.has(id),
  })
  const issue = (options: Partial<Parameters<typeof apiKeys.issue>[0]> = {}) =>
    apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'test',
      scopes: ['messages:write'],
      ...options,
      idempotencyKey: undefined,
    })

  const valid = await issue()
  const revoked = await issue()
  const disabled = await issue()
  const expired = await issue({ expiresAt: new Date(now + DAY_MS) })
  const sandbox = await issue({ environment: 'sandbox' })
  const orphan = await issue({ projectId: 'deleted' })
  const elsewhere = await issue({ allowedIps: ['203.0.113.7'] })
  const nowhere = await issue({ allowedIps: [] })
  const scopeless = await issue({ scopes: ['messages:read'] })
  const unreachable = await issue()
  unreachableId = unreachable.record.id
  await apiKeys.revoke(revoked.record.id)
  await apiKeys.disable(disabled.record.id)
  deletedProjects.add('deleted')
  now += DAY_MS

  return {
    apiKeys,
    valid: valid.key,
    revoked: revoked.key,
    disabled: disabled.key,
    expired: expired.key,
    sandbox: sandbox.key,
    orphan: orphan.key,
    elsewhere: elsewhere.key,
    nowhere: nowhere.key,
    scopeless: scopeless.key,
    /** The store fails when it is asked for this one. */
    unreachable: unreachable.key,
    malformed: 'not-a-key',
    mistyped: withChange(valid.key, 30),
    wrongSecret: withChecksum(withChange(valid.key, 30)),
    unknown: withChecksum(withChange(valid.key, 12)),
  }
}

export type ContractKeys = Awaited<ReturnType<typeof createContractKeys>>

export interface ContractCase {
  readonly name: string
  /** The value of `X-API-Key`; undefined sends no such header. */
  readonly present: (keys: ContractKeys) => string | undefined
  readonly reason: string | undefined
  readonly status: number
  /** The whole body. */
  readonly body: string | undefined
  /** Header fields that must be there with this value; undefined must not be there. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

const error = { 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' }
const always = { vary: 'X-API-Key' }
const refused = { ...always, ...error, 'x-content-type-options': 'nosniff', etag: undefined }

const admitted = { reason: undefined, status: 200, body: undefined, headers: { ...always } }
const unauthorized = {
  status: 401,
  body: '{"statusCode":401,"message":"Invalid or missing API key","error":"Unauthorized"}',
  headers: {
    ...refused,
    'www-authenticate': 'ApiKey realm="api"',
    'content-length': '80',
    'retry-after': undefined,
  },
}
const wrongAddress = {
  status: 403,
  body: '{"statusCode":403,"message":"This API key may not be used from this address","error":"Forbidden"}',
  headers: { ...refused, 'www-authenticate': undefined },
}
const lacksScope = {
  ...wrongAddress,
  body: '{"statusCode":403,"message":"This API key lacks a scope that this request needs","error":"Forbidden"}',
}

export const contract: readonly ContractCase[] = [
  { name: 'a valid key', present: (keys) => keys.valid, ...admitted },
  { name: 'no key', present: () => undefined, reason: 'missing', ...unauthorized },
  { name: 'an empty key', present: () => '', reason: 'malformed', ...unauthorized },
  { name: 'a malformed key', present: (keys) => keys.malformed, reason: 'malformed', ...unauthorized },
  { name: 'a mistyped key', present: (keys) => keys.mistyped, reason: 'malformed', ...unauthorized },
  { name: 'an unknown key', present: (keys) => keys.unknown, reason: 'unknown', ...unauthorized },
  { name: 'a wrong secret', present: (keys) => keys.wrongSecret, reason: 'mismatch', ...unauthorized },
  { name: 'a revoked key', present: (keys) => keys.revoked, reason: 'revoked', ...unauthorized },
  { name: 'a disabled key', present: (keys) => keys.disabled, reason: 'disabled', ...unauthorized },
  { name: 'an expired key', present: (keys) => keys.expired, reason: 'expired', ...unauthorized },
  {
    name: 'a key of another environment',
    present: (keys) => keys.sandbox,
    reason: 'wrong_environment',
    ...unauthorized,
  },
  {
    name: 'a key of a project that is gone',
    present: (keys) => keys.orphan,
    reason: 'project_inactive',
    ...unauthorized,
  },
  {
    name: 'a key from an address that is not on its list',
    present: (keys) => keys.elsewhere,
    reason: 'ip_not_allowed',
    ...wrongAddress,
  },
  {
    name: 'a key with an empty list of addresses',
    present: (keys) => keys.nowhere,
    reason: 'ip_not_allowed',
    ...wrongAddress,
  },
  {
    name: 'a key without the scope',
    present: (keys) => keys.scopeless,
    reason: 'missing_scope',
    ...lacksScope,
  },
]

/** What every failure of the credential answers, byte for byte. */
export const UNAUTHORIZED_BODY = unauthorized.body
