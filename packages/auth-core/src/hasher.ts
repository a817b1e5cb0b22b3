// The password-hash port and its default, argon2id: allow-listed parameters, few jobs in flight, a bounded queue.

import { availableParallelism } from 'node:os'
import { checkOptions, listOf, type OptionTable, object, required, wholeNumber } from '@gosend/options'
import pLimit from 'p-limit'
import { ApiKeysError } from './errors.js'
import { nativeModuleProblem } from './native-module.js'

/** Hashes whole keys. Another library that speaks PHC strings can be plugged in here. */
export interface Hasher {
  /** A PHC string of the key, with a fresh salt. */
  hash(key: string): Promise<string>
  /** Whether the key is the one behind the PHC string. Rejects when it cannot tell. */
  verify(hash: string, key: string): Promise<boolean>
  /** Whether the PHC string was made with other parameters than `hash` uses now. */
  needsRehash(hash: string): boolean
  /** How many jobs wait for a turn, and from how many on further ones are refused: for health checks and telemetry. */
  queue?(): { readonly waiting: number; readonly limit: number }
}

export interface Argon2Parameters {
  readonly memoryKiB: number
  readonly iterations: number
  readonly parallelism: number
}

export interface Argon2HasherOptions extends Partial<Argon2Parameters> {
  /** Further parameters that stored hashes may have, for keys hashed under an earlier configuration. */
  readonly accept?: readonly Argon2Parameters[]
  /** Jobs that may wait for a turn before further verifications are refused. Default 64. */
  readonly maxQueue?: number
}

const parameters: OptionTable<Argon2Parameters> = {
  memoryKiB: required(wholeNumber()),
  iterations: required(wholeNumber()),
  parallelism: required(wholeNumber()),
}

const optionTable: OptionTable<Argon2HasherOptions> = {
  memoryKiB: wholeNumber(),
  iterations: wholeNumber(),
  parallelism: wholeNumber(),
  accept: listOf(object(parameters)),
  maxQueue: wholeNumber(),
}

// OWASP Password Storage Cheat Sheet: five settings of equal strength; the first is the default.
const owasp: readonly Argon2Parameters[] = [
  { memoryKiB: 19_456, iterations: 2, parallelism: 1 },
  { memoryKiB: 47_104, iterations: 1, parallelism: 1 },
  { memoryKiB: 12_288, iterations: 3, parallelism: 1 },
  { memoryKiB: 9_216, iterations: 4, parallelism: 1 },
  { memoryKiB: 7_168, iterations: 5, parallelism: 1 },
]
const [recommended] = owasp as [Argon2Parameters]

// Shared by all hashers of the process, because they share one thread pool with the file system and DNS.
const inFlight = pLimit(Math.max(1, availableParallelism() - 1))
// Whoever makes a great many keys at once waits for a turn apart from those who use one, and cannot fill their queue.
const hashing = pLimit(Math.max(1, Math.floor(inFlight.concurrency / 2)))

const PHC = /^\$argon2id\$v=19\$([^$]+)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/

/**
 * argon2id (RFC 9106) with a 16-byte salt and a 32-byte tag; by default m=19456 KiB, t=2, p=1.
 *
 * A stored hash whose parameters are neither the configured, nor OWASP's, nor in `accept` is refused before any
 * memory is allocated for it. A full queue rejects with `verifier_overloaded`.
 *
 * @throws TypeError when an option is wrong.
 */
export function argon2Hasher(options: Argon2HasherOptions = {}): Hasher {
  const { accept = [], maxQueue = 64, ...chosen } = checkOptions(optionTable, options)
  const current: Argon2Parameters = { ...recommended, ...chosen }
  const accepted = new Set([current, ...owasp, ...accept].map(notation))

  return {
    async hash(key) {
      const run = async () => {
        const argon2 = await loadArgon2()
        return argon2.hash(key, {
          type: argon2.argon2id,
          memoryCost: current.memoryKiB,
          timeCost: current.iterations,
          parallelism: current.parallelism,
          hashLength: 32,
        })
      }
      const phc = await hashing(() => inFlight(run))
      return phc.replace(/\$m=[^$]+\$/, `$$${notation(current)}$$`)
    },
    async verify(hash, key) {
      const parameters = PHC.exec(hash)?.[1]
      if (parameters === undefined || !accepted.has(parameters)) {
        throw new ApiKeysError(
          'verifier_failed',
          'a stored hash is not argon2id with allowed parameters; list earlier ones in argon2Hasher({ accept })',
        )
      }
      if (inFlight.pendingCount >= maxQueue) {
        throw new ApiKeysError('verifier_overloaded', `${maxQueue} keys are already waiting for argon2`)
      }
      return inFlight(async () => (await loadArgon2()).verify(hash, key))
    },
    needsRehash: (hash) => PHC.exec(hash)?.[1] !== notation(current),
    queue: () => ({ waiting: inFlight.pendingCount, limit: maxQueue }),
  }
}

let loading: Promise<typeof import('argon2')> | undefined

// When it is first needed, because a process with another hasher needs no binary of argon2.
function loadArgon2(): Promise<typeof import('argon2')> {
  loading ??= import('argon2').catch((cause: unknown) => {
    const problem = nativeModuleProblem('argon2', cause)
    if (problem !== undefined) throw new ApiKeysError('verifier_failed', problem)
    throw new ApiKeysError('verifier_failed', 'argon2 cannot be loaded', { cause })
  })
  return loading
}

// The order of the PHC string format, whatever order the library writes.
function notation(parameters: Argon2Parameters): string {
  return `m=${parameters.memoryKiB},t=${parameters.iterations},p=${parameters.parallelism}`
}
