// What a host can do with its keys: all that `createApiKeys` returns.

import type { ApiKey } from './api-key.js'
import type { Attribution, ChangeOptions, KeyAttributes } from './attributes.js'
import type { Awaitable } from './awaitable.js'
import type { IssueChildOptions } from './delegation.js'
import type { DiagnoseOptions, Diagnosis } from './diagnosis.js'
import type { EraseSelection } from './erasure.js'
import type { Health } from './health.js'
import type { ImportEntry, ImportResult } from './imported-keys.js'
import type { IssuedKey, IssueOptions, NewlyIssuedKey, RotateOptions } from './issuer.js'
import type { EventMethods } from './key-events.js'
import type { OutcomeMethods } from './outcomes.js'
import type { ProjectStore } from './projects.js'
import type { ReadingMethods } from './reading.js'
import type { Swept } from './retention.js'
import type { ErasedRows } from './store.js'
import type { Verification, VerifyContext } from './verifier.js'

export interface ApiKeys<Environment extends string = string, Scope extends string = string>
  extends EventMethods,
    OutcomeMethods,
    ReadingMethods {
  /** The names of all environments. */
  readonly environments: readonly Environment[]

  /** What `createApiKeys` was given as `projects`. */
  readonly projects: ProjectStore | undefined

  /** Whether keys of a project that these have suspended are refused. */
  checksProjects(projects: ProjectStore): boolean

  /**
   * Makes a key. The value holds it in full for the only time.
   * @throws ApiKeysError `invalid_argument`, `idempotency_conflict`, `key_limit_reached`, `store_unavailable`,
   * `verifier_overloaded`.
   */
  issue(
    options: IssueOptions<Environment, Scope> & { readonly idempotencyKey?: undefined },
  ): Promise<NewlyIssuedKey>
  issue(options: IssueOptions<Environment, Scope>): Promise<IssuedKey>

  /**
   * Makes a key from another, for an agent or a job: in the same project and environment, with scopes that its parent has, no later
   * expiry, and limits of its own beside those of its parent, whose limits and addresses hold for it as well. It ends with its parent:
   * from the next request on, in every process, whether the parent is revoked, rotated, disabled, expired or erased. Left out, it
   * has no scopes, and the expiry of its parent.
   * @throws ApiKeysError as `issue`, and `not_found`; `conflict` when the parent is not active; `invalid_argument` for what is more
   * than the parent has.
   * @example
   * const { key } = await apiKeys.issueChild(record.id, { label: 'nightly report', scopes: ['messages:read'], budget: 500, actingFor: 'anna' })
   */
  issueChild(
    parentId: string,
    options: IssueChildOptions<Scope> & { readonly idempotencyKey?: undefined },
  ): Promise<NewlyIssuedKey>
  issueChild(parentId: string, options: IssueChildOptions<Scope>): Promise<IssuedKey>

  /**
   * Gives a key more credits: those of its own budget or, for a key that was made from none, of its plan. It is in the audit log.
   * @returns how many are left.
   * @throws ApiKeysError `not_found`; `invalid_argument` when there is nothing to give them to, naming the key whose budget it uses
   * up, or when `createApiKeys` has no `limits`.
   */
  topUp(id: string, amount: number, options?: Attribution): Promise<number>

  /**
   * Decides whether a presented key is valid. Takes any value; a refusal is data, not an exception. A key that this process has
   * confirmed before is verified synchronously when the store answers synchronously; `await` serves both.
   * @throws ApiKeysError `store_unavailable`, `store_corrupt`, `verifier_overloaded`, `verifier_failed`: not the key's fault.
   */
  verify(presented: unknown, context?: VerifyContext<Scope>): Awaitable<Verification>

  /**
   * Replaces a key by one with the same attributes. Without a grace period the old key is dead before this resolves;
   * with one it works until then. A predecessor still in its own grace period ends at once.
   * An expired key needs an `expiresAt` for the new one. The new key is made by `actor`, or by whoever made the old one.
   * @throws ApiKeysError `not_found`, `invalid_argument`; `conflict` when the key is revoked or disabled, was replaced, or
   * another rotation won; `version_mismatch`; `key_limit_reached` for an expired key.
   */
  rotate(
    id: string,
    options?: RotateOptions & { readonly idempotencyKey?: undefined },
  ): Promise<NewlyIssuedKey>
  rotate(id: string, options?: RotateOptions): Promise<IssuedKey>

  /**
   * Ends a key for good, together with a predecessor in its grace period, and with a successor if a rotation got in
   * between. Revoking a revoked key changes nothing.
   * @throws ApiKeysError `not_found`, `version_mismatch`.
   */
  revoke(id: string, options?: ChangeOptions): Promise<ApiKey>

  /**
   * Refuses a key from the next request on, in every process, until it is enabled again; together with a predecessor in its
   * grace period, and with a successor if a rotation got in between. Disabling a disabled key changes nothing.
   * @throws ApiKeysError `not_found`, `version_mismatch`; `conflict` when the key is revoked.
   */
  disable(id: string, options?: ChangeOptions): Promise<ApiKey>

  /**
   * Lets a disabled key work again, together with a predecessor in its grace period. Its expiry stays as it was. Enabling a
   * key that is not disabled changes nothing.
   * @throws ApiKeysError `not_found`, `version_mismatch`; `conflict` when the key is revoked, or was replaced by one that is
   * disabled; `key_limit_reached`.
   */
  enable(id: string, options?: ChangeOptions): Promise<ApiKey>

  /**
   * Changes attributes of a key; the others stay as they are. An expired key works again from a later `expiresAt` on, and a
   * key that was replaced can get a longer grace period before the one it has is over. Concurrent changes of different
   * attributes add up; with `ifVersion` a change that was decided on an earlier version is refused.
   * @throws ApiKeysError `not_found`, `invalid_argument`, `version_mismatch`; `conflict` when the key is revoked, or its grace period is over;
   * `key_limit_reached` when an expired key is to work again.
   */
  update(id: string, changes: Partial<KeyAttributes<Scope>>, options?: ChangeOptions): Promise<ApiKey>

  /**
   * Takes over keys of another library by their SHA-256; with `importedKeys` they go on working. Only for keys of at least
   * 128 random bits. On its first use a key gets an argon2 hash in place of its digest. All entries are checked before
   * the first is written.
   * @throws ApiKeysError `invalid_argument`, naming the entry; `conflict` when another import of the same keys runs.
   */
  import(entries: readonly ImportEntry<Environment>[], options?: Attribution): Promise<ImportResult>

  /**
   * The record of the key that somebody presents, whatever its status: for reports of leaked keys. Undefined unless
   * the secret is right. It is not an authentication: revoked and expired keys are found too, and no use is recorded.
   * @throws ApiKeysError as `verify`.
   */
  identify(presented: unknown): Promise<ApiKey | undefined>

  /**
   * Why requests with a key are refused, for people who look into it, with the key that it is. Nothing is counted: neither a use nor
   * a refusal. Like `identify`, it is not an authentication.
   * @throws ApiKeysError as `verify`; `invalid_argument` for what is no text.
   */
  diagnose(presented: string, options?: DiagnoseOptions): Promise<Diagnosis>

  /**
   * Takes keys away for good, with their audit log and uses: a key with those that it replaced, or all keys of a project, of
   * who made them, or of an owner. They are refused as unknown from the next request on, in every process, and their ids are
   * never given to another key, nor imported again. What is erased already counts as nothing, so a call can be repeated.
   * @throws ApiKeysError `invalid_argument`, `not_found` when `keyId` is no id.
   */
  erase(selection: EraseSelection): Promise<ErasedRows>

  /**
   * Deletes what `retention` no longer keeps, and says how much that was. With `events`, it also finds keys that expire soon, are
   * unused, or due for rotation. Call it once a day, in as many processes as you like.
   */
  sweep(): Promise<Swept>

  /** Whether keys can be verified at present: asks the store, and looks at the queue for argon2. Never rejects. */
  health(): Promise<Health>

  /** Stops the subscriptions and writes the uses still in memory. The store stays open: the caller closes it. */
  close(): Promise<void>
}
