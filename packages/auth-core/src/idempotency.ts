// Idempotency keys: a call that is repeated within 24 hours makes no second key.

import { createHash } from 'node:crypto'
import type { ApiKey, RecordOf } from './api-key.js'
import { ApiKeysError } from './errors.js'
import { keyIdFromDigest } from './key-format.js'
import type { ApiKeyStore, StoredKey } from './store.js'

const IDEMPOTENCY_WINDOW_MS = 86_400_000

export interface OnceParts {
  readonly store: Pick<ApiKeyStore, 'find'>
  readonly now: () => number
  readonly recordOf: RecordOf
}

/** A key as it is answered: in full the first time, and null when the call is repeated. */
interface Made {
  readonly key: string | null
  readonly record: ApiKey
}

/**
 * Runs `make` once per idempotency key: the new key's id is derived from it, and ids are unique in the store.
 *
 * @param slot what the idempotency key belongs to: the same one may be used for another call.
 */
export type Once = (
  idempotencyKey: string | undefined,
  slot: readonly string[],
  request: unknown,
  make: (id: string | undefined, fingerprint: string | null) => Promise<Made>,
) => Promise<Made>

export function createOnce({ store, now, recordOf }: OnceParts): Once {
  /** The key of an earlier call with the same idempotency key, or the id under which to make one now. */
  async function recall(slot: string, fingerprint: string): Promise<{ replay: StoredKey } | { id: string }> {
    for (let generation = 0; ; generation++) {
      const id = keyIdFromDigest(sha256(`${slot}\0${generation}`))
      const row = await store.find(id)
      if (row === undefined) return { id }
      if (now() - row.createdAt >= IDEMPOTENCY_WINDOW_MS) continue
      if (row.fingerprint === fingerprint) return { replay: row }
      throw new ApiKeysError('idempotency_conflict', 'this idempotency key was used with other parameters')
    }
  }

  return async (idempotencyKey, slot, request, make) => {
    if (idempotencyKey === undefined) return make(undefined, null)
    const fingerprint = sha256(JSON.stringify(request)).toString('base64url')
    const recalled = await recall(JSON.stringify([...slot, idempotencyKey]), fingerprint)
    return 'replay' in recalled
      ? { key: null, record: recordOf(recalled.replay) }
      : make(recalled.id, fingerprint)
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
