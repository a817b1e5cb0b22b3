// One error class for a broken world and for calls that cannot be carried out. Its codes are API, its messages are not.

import { shareInstances } from '@gosend/options'

/**
 * | code | meaning | cure |
 * |---|---|---|
 * | `invalid_argument` | a value given to `issue`, `rotate` or `update` is not acceptable | the message names the field |
 * | `not_found` | no key has this id | check the id; it is the 12 characters after the tag |
 * | `conflict` | the key is revoked, disabled, expired or already replaced, or another change won | read the key again |
 * | `version_mismatch` | the key is no longer of the version in `ifVersion` | read the key again, and decide anew |
 * | `idempotency_conflict` | the idempotency key was used with other parameters, or is in use right now | use a new one, or repeat the same call |
 * | `key_limit_reached` | the project has as many active keys as `maxKeysPerProject` allows | revoke those that are not needed, or raise it |
 * | `store_unavailable` | the store threw, or did not answer within its deadline | see `cause`; the next call tries again |
 * | `store_corrupt` | the store returned something that is not the row asked for | run the store contract; inspect the row |
 * | `verifier_overloaded` | more keys are waiting for argon2 than the queue holds, most of them of this project | retry after a second |
 * | `verifier_failed` | argon2 could not run, or a stored hash has parameters that are not allowed | see `cause` |
 * | `callback_failed` | a function that you passed threw, gave what it must not, or did not answer in time | the message names it; see `cause` |
 */
export type ApiKeysErrorCode =
  | 'invalid_argument'
  | 'not_found'
  | 'conflict'
  | 'version_mismatch'
  | 'idempotency_conflict'
  | 'key_limit_reached'
  | 'store_unavailable'
  | 'store_corrupt'
  | 'verifier_overloaded'
  | 'verifier_failed'
  | 'callback_failed'

export class ApiKeysError extends Error {
  override readonly name = 'ApiKeysError'
  readonly code: ApiKeysErrorCode

  constructor(code: ApiKeysErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const BUSY = Symbol.for('@gosend/auth-core busy')

/** For stores: marks the error of a change that was not begun, because somebody else is writing. It is tried again. */
export function asBusy(error: ApiKeysError): ApiKeysError {
  return Object.defineProperty(error, BUSY, { value: true })
}

export const isBusy = (error: unknown): boolean => Object(error)[BUSY] === true

shareInstances(ApiKeysError, '@gosend/auth-core ApiKeysError')
