// What can be watched from outside: events, and wrappers around the parts that cause them. Nothing is wrapped unless
// somebody watches, so that nobody pays for it otherwise. No event holds a key, a secret, a tag or a hash.

import { type Awaitable, isPromise } from './awaitable.js'
import { notify } from './callbacks.js'
import { steadyClock } from './clocks.js'
import type { ApiKeysErrorCode } from './errors.js'
import { ApiKeysError } from './errors.js'
import type { Hasher } from './hasher.js'
import type { LimitReason } from './limits/result.js'
import type { Period } from './limits/window.js'
import type { ApiKeyStore } from './store.js'
import type { RefusalReason, Verify } from './verifier.js'

/** How long something took. */
export interface Timed {
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number
  readonly durationMs: number
  /** Whether it answered later, rather than at once. */
  readonly hasWaited: boolean
}

/** A verification has ended. */
export interface VerificationEvent extends Timed {
  readonly type: 'verification'
  /** `ok`, why the key was refused, or which error was thrown. */
  readonly outcome: 'ok' | RefusalReason | ApiKeysErrorCode | 'unexpected'
  /** The id that the key claims, once it is well formed. Public, but one per key: no label for a metric. */
  readonly keyId: string | null
}

/** A key was valid, but not remembered as proven: argon2 had to be asked, or was being asked already. */
export interface MemoMissEvent {
  readonly type: 'memo_miss'
}

/** argon2, or the hasher in its place, has run. */
export interface HasherEvent extends Timed {
  readonly type: 'hasher'
  readonly operation: 'hash' | 'verify'
  /** How many jobs were waiting before it when it was handed over; null when the hasher does not tell. */
  readonly waiting: number | null
  readonly error: ApiKeysErrorCode | 'unexpected' | null
}

/** The store has answered, or has failed to. */
export interface StoreEvent extends Timed {
  readonly type: 'store'
  readonly operation: keyof ApiKeyStore
  readonly error: ApiKeysErrorCode | 'unexpected' | null
}

/** A limit has let a request pass, or refused it. */
export interface LimitEvent extends Timed {
  readonly type: 'limit'
  readonly outcome: 'ok' | LimitReason
  /** That of the limit that refused; the reason says whether it was the key's or the project's. */
  readonly period: Period | null
}

export type TelemetryEvent = VerificationEvent | MemoMissEvent | HasherEvent | StoreEvent | LimitEvent

/** Told of every event, synchronously. What it throws changes nothing; a warning names it. */
export type Telemetry = (event: TelemetryEvent) => void

/**
 * A telemetry that cannot break what it watches.
 *
 * @throws TypeError when it is no function.
 */
export function harmless(telemetry: Telemetry): Telemetry {
  if (typeof telemetry !== 'function') throw new TypeError('telemetry: must be a function of an event')
  return (event) => notify('telemetry', telemetry, event)
}

export function watchVerify(verify: Verify, emit: Telemetry): Verify {
  return (presented, context) =>
    timed(
      () => verify(presented, context),
      (timing, result, error) => {
        const keyId = result === undefined ? null : result.ok ? result.record.id : result.keyId
        const outcome = result === undefined ? codeOf(error) : result.ok ? 'ok' : result.reason
        emit({ type: 'verification', outcome, keyId, ...timing })
      },
    )
}

export function watchHasher(hasher: Hasher, emit: Telemetry): Hasher {
  const watched = <T>(operation: HasherEvent['operation'], run: () => Promise<T>) => {
    const waiting = hasher.queue?.(operation).waiting ?? null
    return Promise.resolve(
      timed(run, (timing, _, error) =>
        emit({ type: 'hasher', operation, waiting, error: nameOf(error), ...timing }),
      ),
    )
  }
  return {
    hash: (key, job) => watched('hash', () => hasher.hash(key, job)),
    verify: (hash, key, job) => watched('verify', () => hasher.verify(hash, key, job)),
    needsRehash: (hash) => hasher.needsRehash(hash),
  }
}

export function watchStore(store: ApiKeyStore, emit: Telemetry): ApiKeyStore {
  const watched =
    <Arguments extends readonly unknown[], T>(
      operation: keyof ApiKeyStore,
      call: (...given: Arguments) => Awaitable<T>,
    ) =>
    (...given: Arguments): Awaitable<T> =>
      timed(
        () => call(...given),
        (timing, _, error) => emit({ type: 'store', operation, error: nameOf(error), ...timing }),
      )
  return {
    ...store,
    find: watched('find', store.find),
    list: watched('list', store.list),
    commit: watched('commit', store.commit),
    history: watched('history', store.history),
    recordUses: watched('recordUses', store.recordUses),
    usage: watched('usage', store.usage),
    erase: watched('erase', store.erase),
    sweep: watched('sweep', store.sweep),
  }
}

/** Runs something that may answer now or later, and tells how it ended. */
export function timed<T>(
  run: () => Awaitable<T>,
  end: (timing: Timed, result: T | undefined, error: unknown) => void,
): Awaitable<T> {
  const startedAt = Date.now()
  const start = steadyClock()
  const timing = (hasWaited: boolean): Timed => ({
    startedAt,
    durationMs: steadyClock() - start,
    hasWaited,
  })
  let result: Awaitable<T>
  try {
    result = run()
  } catch (error) {
    end(timing(false), undefined, error)
    throw error
  }
  if (!isPromise(result)) {
    end(timing(false), result, undefined)
    return result
  }
  return result.then(
    (settled) => {
      end(timing(true), settled, undefined)
      return settled
    },
    (error) => {
      end(timing(true), undefined, error)
      throw error
    },
  )
}

function codeOf(error: unknown): ApiKeysErrorCode | 'unexpected' {
  return error instanceof ApiKeysError ? error.code : 'unexpected'
}

const nameOf = (error: unknown) => (error === undefined ? null : codeOf(error))
