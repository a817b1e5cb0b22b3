// The password-hash port and its default, argon2id: allow-listed parameters, few jobs in flight, and a
// bounded queue in which every project gets its turn.

import { availableParallelism } from 'node:os'
import {
  checkOptions,
  listOf,
  OptionError,
  type OptionTable,
  object,
  required,
  wholeNumber,
} from '@gosend/options'
import { ApiKeysError } from './errors.js'
import { createFairQueue } from './fair-queue.js'
import { nativeModuleProblem } from './native-module.js'

/** Whom a job is for. */
export interface HashJob {
  /** The project whose key it is: projects take turns. */
  readonly projectId: string
}

/** Hashes whole keys. Another library that speaks PHC strings can be plugged in here. */
export interface Hasher {
  /** A PHC string of the key, with a fresh salt. */
  hash(key: string, job?: HashJob): Promise<string>
  /** Whether the key is the one behind the PHC string. Rejects when it cannot decide. */
  verify(hash: string, key: string, job?: HashJob): Promise<boolean>
  /** Whether the PHC string was made with other parameters than `hash` uses now. */
  needsRehash(hash: string): boolean
  /**
   * How many jobs wait for a turn, and from how many on one of them is refused: for health checks and telemetry. Of
   * verifications unless told otherwise.
   */
  queue?(operation?: 'verify' | 'hash'): { readonly waiting: number; readonly limit: number }
}

export interface Argon2Parameters {
  readonly memoryKiB: number
  readonly iterations: number
  readonly parallelism: number
}

export interface Argon2HasherOptions extends Partial<Argon2Parameters> {
  /** Further parameters that stored hashes may have, for keys hashed under an earlier configuration. */
  readonly accept?: readonly Argon2Parameters[]
  /**
   * How many keys may wait to be verified. When there are more, one of the project that has the most is refused. Default 64.
   */
  readonly maxQueue?: number
  /** How many new keys may wait to be hashed; likewise. Default 1,000. */
  readonly maxHashQueue?: number
}

// RFC 9106, section 3.1.
const LANE_KIB = 8
const memoryKiB = wholeNumber(LANE_KIB, 2 ** 32 - 1)
const iterations = wholeNumber(1, 2 ** 32 - 1)
const parallelism = wholeNumber(1, 2 ** 24 - 1)

const parameters: OptionTable<Argon2Parameters> = {
  memoryKiB: required(memoryKiB),
  iterations: required(iterations),
  parallelism: required(parallelism),
}

const optionTable: OptionTable<Argon2HasherOptions> = {
  memoryKiB,
  iterations,
  parallelism,
  accept: listOf(object(parameters)),
  maxQueue: wholeNumber(),
  maxHashQueue: wholeNumber(),
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
const jobs = createFairQueue(Math.max(1, availableParallelism() - 1))

const NOBODY: HashJob = { projectId: '' }

const PHC = /^\$argon2id\$v=19\$([^$]+)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/

/**
 * argon2id (RFC 9106) with a 16-byte salt and a 32-byte tag; by default m=19456 KiB, t=2, p=1.
 *
 * A stored hash whose parameters are neither the configured, nor OWASP's, nor in `accept` is refused before any
 * memory is allocated for it. Projects take turns, and a full queue rejects a job of the one that has the most waiting with
 * `verifier_overloaded`.
 *
 * @throws TypeError when an option is wrong.
 */
export function argon2Hasher(options: Argon2HasherOptions = {}): Hasher {
  const { accept = [], maxQueue = 64, maxHashQueue = 1_000, ...chosen } = checkOptions(optionTable, options)
  const current: Argon2Parameters = { ...recommended, ...chosen }
  if (current.memoryKiB < LANE_KIB * current.parallelism) {
    throw new OptionError('memoryKiB', `must be at least ${LANE_KIB} for each lane of parallelism`)
  }
  const accepted = new Set([current, ...owasp, ...accept].map(notation))

  return {
    async hash(key, { projectId } = NOBODY) {
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
      const phc = await jobs.run({ lane: 'hash', projectId, limit: maxHashQueue }, run)
      return phc.replace(/\$m=[^$]+\$/, `$$${notation(current)}$$`)
    },
    async verify(hash, key, { projectId } = NOBODY) {
      const parameters = PHC.exec(hash)?.[1]
      if (parameters === undefined || !accepted.has(parameters)) {
        throw new ApiKeysError(
          'verifier_failed',
          'a stored hash is not argon2id with allowed parameters; list earlier ones in argon2Hasher({ accept })',
        )
      }
      const run = async () => (await loadArgon2()).verify(hash, key)
      return jobs.run({ lane: 'verify', projectId, limit: maxQueue }, run)
    },
    needsRehash: (hash) => PHC.exec(hash)?.[1] !== notation(current),
    queue: (operation = 'verify') => ({
      waiting: jobs.waiting(operation),
      limit: operation === 'verify' ? maxQueue : maxHashQueue,
    }),
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
