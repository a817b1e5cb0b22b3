// Why a key works or does not, for people who look into it: what a request with it would be told, without counting as one.

import { fitting, type OptionTable, text } from '@gosend/options'
import type { AllowlistCheck } from './allowed-ips.js'
import type { ApiKey, RecordOf } from './api-key.js'
import { checkArgument, checkArguments, name } from './attributes.js'
import { type KeyFormat, MAX_LENGTH, type Malformation } from './key-format.js'
import { createKeyReads } from './key-rows.js'
import type { ApiKeyStore, StoredKey } from './store.js'
import type { RefusalReason, Verifier } from './verifier.js'

export interface DiagnoseOptions {
  /** The address that requests come from. Without it, one that the key allows. */
  readonly ip?: string | undefined
  /** The environment that the service requires. */
  readonly environment?: string | undefined
}

export interface Diagnosis {
  /** Why a request would be refused; null for a key that works. */
  readonly reason: RefusalReason | null
  /** Where a `malformed` text is not a key. */
  readonly malformation: Malformation | null
  /** The key, also when it does not work; of a wrong secret, the key whose id it has. Null when there is none. */
  readonly record: ApiKey | null
}

// Whoever asks why a key does not work has one.
const presentedText = fitting<string>((value) => typeof value === 'string', 'must be the key, as a string')

const diagnoseOptions: OptionTable<DiagnoseOptions> = { ip: text, environment: name }

export interface DiagnosisParts extends Pick<Verifier, 'verify' | 'identify'> {
  readonly format: KeyFormat
  readonly store: Pick<ApiKeyStore, 'find'>
  readonly recordOf: RecordOf
  readonly isOnAllowlist: AllowlistCheck
}

export function createDiagnosis(parts: DiagnosisParts) {
  const { format, store, recordOf, isOnAllowlist, verify, identify } = parts
  const { parents } = createKeyReads(store)

  /** An address that the key and those that it was made from allow, if there is one. */
  async function addressFor(row: StoredKey): Promise<string | undefined> {
    const lists = [row, ...(await parents(row))].flatMap(({ allowedIps }) => (allowedIps ? [allowedIps] : []))
    // Of blocks that overlap one lies in the other, so the first address of one of them is in both.
    const addresses = lists.flat().map((block) => block.replace(/\/.*$/, ''))
    return addresses.find((address) => lists.every((list) => isOnAllowlist(list, address)))
  }

  const diagnose = async (presented: string, given: DiagnoseOptions = {}): Promise<Diagnosis> => {
    const { ip, environment } = checkArguments(diagnoseOptions, given)
    checkArgument(presentedText, presented, 'presented')
    const identified = await identify(presented)
    const verification = await verify(presented, {
      ...(environment !== undefined && { environment }),
      ip: ip ?? (identified && (await addressFor(identified))),
      // Nobody has used the key.
      ...(identified !== undefined && { countedId: identified.id }),
    })
    if (verification.ok) return { reason: null, malformation: null, record: verification.record }
    const { reason, keyId } = verification
    const row = identified ?? (keyId === null ? undefined : await store.find(keyId))
    return {
      reason,
      malformation:
        reason === 'malformed' ? (format.malformation(presented.slice(0, MAX_LENGTH + 1)) ?? 'length') : null,
      record: row === undefined ? null : recordOf(row),
    }
  }
  return {
    diagnose,
    async identify(presented: unknown): Promise<ApiKey | undefined> {
      const row = await identify(presented)
      return row && recordOf(row)
    },
  }
}
