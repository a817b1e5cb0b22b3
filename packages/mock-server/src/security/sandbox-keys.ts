// The keys that a mock prints: one per environment and the admin key. They are made once per database, or given, and
// kept readable beside the hashes, because they open nothing but this sandbox.

import { randomBytes } from 'node:crypto'
import { type ApiKeys, createKeyFormat } from '@gosend/auth-core'
import { DEFAULT_PROJECT } from '../storage/database.js'

/** The tag of a key, as it appears in the key, and the environment that it belongs to. */
export const SANDBOX_ENVIRONMENTS = { test: 'sandbox', live: 'production' } as const
export type Tag = keyof typeof SANDBOX_ENVIRONMENTS
const TAGS = Object.keys(SANDBOX_ENVIRONMENTS) as Tag[]

export interface SandboxKeys {
  readonly keys: Readonly<Record<Tag, string>>
  readonly adminKey: string
}

/** Where the keys are kept readable. */
interface KeySettings {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

export interface GivenKeys {
  readonly keys?: Partial<Record<Tag, string | undefined>> | undefined
  readonly adminKey?: string | undefined
}

/** A new well-formed pair of keys, for fixed keys in CI. */
export function generateKeys(): Record<Tag, string> {
  const format = createKeyFormat()
  return {
    test: format.generate(SANDBOX_ENVIRONMENTS.test).key,
    live: format.generate(SANDBOX_ENVIRONMENTS.live).key,
  }
}

/**
 * The keys of this database; those given replace those stored.
 *
 * @throws TypeError when a given key is not well-formed, or the admin key is too short.
 */
export async function openSandboxKeys(
  apiKeys: ApiKeys,
  settings: KeySettings,
  given: GivenKeys,
): Promise<SandboxKeys> {
  const format = createKeyFormat()
  for (const tag of TAGS) {
    const key = given.keys?.[tag]
    if (key !== undefined && format.parse(key)?.environment !== SANDBOX_ENVIRONMENTS[tag]) {
      throw new TypeError(`keys.${tag}: not a well-formed gsk_${tag}_ key; gosend-mock keygen makes one`)
    }
  }
  if (given.adminKey !== undefined && !/^[\x21-\x7e]{32,}$/.test(given.adminKey)) {
    throw new TypeError('adminKey: must have at least 32 characters, all of them visible ASCII')
  }
  const open = async (tag: Tag): Promise<string> => {
    const name = `key.${tag}`
    const key = given.keys?.[tag] ?? settings.get(name)
    const id = key === undefined ? undefined : format.parse(key)?.id
    const record = id === undefined ? undefined : await apiKeys.find(id)
    if (
      key !== undefined &&
      record !== undefined &&
      (key === given.keys?.[tag] || record.revokedAt === null)
    ) {
      settings.set(name, key)
      return key
    }
    const issued = await apiKeys.issue({
      projectId: DEFAULT_PROJECT.id,
      environment: SANDBOX_ENVIRONMENTS[tag],
      label: `mock-${tag}`,
      // A stored key that was revoked or rotated is dead for good: a new one takes its place.
      key: record === undefined ? key : undefined,
    })
    settings.set(name, issued.key)
    return issued.key
  }
  const [test, live] = await Promise.all([open('test'), open('live')])
  const adminKey =
    given.adminKey ?? settings.get('admin-key') ?? `gsk_admin_${randomBytes(24).toString('hex')}`
  settings.set('admin-key', adminKey)
  return { keys: { test, live }, adminKey }
}
