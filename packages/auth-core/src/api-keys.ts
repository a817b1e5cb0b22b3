// The composition root: checks the options and puts the parts together.

import {
  anything,
  type Check,
  callback,
  checkOptions,
  fitting,
  flag,
  having,
  type OptionTable,
  object,
  required,
  text,
  wholeNumber,
} from '@gosend/options'
import { createAllowlistCheck } from './allowed-ips.js'
import { type ApiKey, createRecordOf } from './api-key.js'
import {
  type Attribution,
  type ChangeOptions,
  checkArguments,
  instant,
  type KeyAttributes,
  name,
} from './attributes.js'
import type { Awaitable } from './awaitable.js'
import { wallClock } from './clocks.js'
import type { IssueChildOptions } from './delegation.js'
import type { EnvironmentTable } from './environments.js'
import type { EraseSelection } from './erasure.js'
import { type EventsOptions, eventsOptions } from './events.js'
import { createGuard, createGuardedStore, type Guard } from './guarded-store.js'
import { argon2Hasher, type Hasher } from './hasher.js'
import { createHealthCheck, type Health } from './health.js'
import {
  acceptImported,
  createImport,
  createImportedFormat,
  type ImportEntry,
  type ImportResult,
} from './imported-keys.js'
import {
  createIssuer,
  type IssuedKey,
  type IssueOptions,
  type NewlyIssuedKey,
  type RotateOptions,
} from './issuer.js'
import { createKeyEvents, type EventMethods, type KeyEventsParts } from './key-events.js'
import { createKeyFormat, formatOptions, isKeyId, type KeyFormat } from './key-format.js'
import { createKeyList, type KeyListParts, type KeyPage, type ListQuery } from './key-list.js'
import { createLastUsed, type LastUsed, utcDay } from './last-used.js'
import { createLifetimes, type Lifetime, lifetimeOptions } from './lifetime.js'
import type { Limits } from './limits.js'
import { createOutcomes, type OutcomeMethods } from './outcomes.js'
import { createProjectCheck } from './project-check.js'
import type { ProjectStore } from './projects.js'
import { createRenewal } from './renewal.js'
import { createSweep, type Retention, retentionOptions, type Swept } from './retention.js'
import type { ApiKeyStore, DailyUse, ErasedRows, KeyEvent } from './store.js'
import { createTags } from './tag.js'
import { harmless, type Telemetry, watchHasher, watchStore, watchVerify } from './telemetry.js'
import { createTopUp } from './top-up.js'
import { createVerifier, type Verification, type VerifierParts, type VerifyContext } from './verifier.js'

export interface ApiKeysOptions<Environment extends string = string> {
  /** Where keys are kept: `memoryStore()`, `sqliteStore(db)`, or your own. */
  readonly store: ApiKeyStore
  /**
   * What keys start with: 1 to 32 of a-z and 0-9. Default `gsk`. To change it, pass a list with the new one first: keys that
   * start with a former one go on working.
   */
  readonly prefix?: string | readonly string[] | undefined
  /**
   * Tag in the key → environment. Default `{ test: 'sandbox', live: 'production' }`. The tag `''` is for keys without one:
   * `acme_…`. To change tags, pass a list of tables with the new one first: keys with a former tag go on working.
   */
  readonly environments?: EnvironmentTable<Environment> | readonly EnvironmentTable<Environment>[] | undefined
  /**
   * A secret of at least 32 bytes, kept outside the database, for the reject-only tags. Optional. To change it, pass a
   * list with the new one first: a tag is renewed when its key is next used.
   */
  readonly pepper?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /**
   * What keys look like that were imported from another library. Default: none is accepted. Every value that matches it
   * costs a look-up, so let it say all that is known of them; it should not backtrack. A group named `secret` is what the
   * other library hashed, when that was not the whole key.
   */
  readonly importedKeys?: RegExp | undefined
  /** Default `argon2Hasher()`. */
  readonly hasher?: Hasher | undefined
  /** The wall clock, in milliseconds since the epoch: expiry goes by what it says at the moment. Default `Date.now`. */
  readonly now?: (() => number) | undefined
  /**
   * Where the projects are that keys belong to: `sqliteProjects(db)`, `postgresProjects(pool)`, `memoryProjects()`, or your own. A
   * key of a project that is suspended, or is not there, is refused. In the same database as the store, that takes no question of
   * its own, and holds in every process from the next request on; elsewhere the project is asked for on every verification.
   */
  readonly projects?: ProjectStore | undefined
  /**
   * In place of `projects`, for a host with tables of its own: whether a project is active. Asked on every verification, so that
   * an answer from memory costs nothing, and one from a database as much as that takes.
   */
  readonly isProjectActive?: ((projectId: string) => Awaitable<boolean>) | undefined
  /** How long keys live: the expiry of new ones, the latest that they may have, and how long they may go unused. */
  readonly lifetime?: Lifetime | undefined
  /** How long the audit log and counts of uses are kept: `sweep()` deletes what is older. Default: for ever. */
  readonly retention?: Retention | undefined
  /**
   * Keeps an event of every change in the store, in the transaction of the change: `{}` for the defaults. `subscribe` reads them,
   * and `sweep()` adds those that no change causes. Pass it in every process that changes keys. Default: no events.
   */
  readonly events?: EventsOptions | undefined
  /**
   * Counts what comes of requests, per key and hour: accepted, limited, refused and why; and keeps the latest hundred refusals of each
   * key. Written like uses, every `lastUsedIntervalMs`. Default false.
   */
  readonly outcomes?: boolean | undefined
  /** Age from which an active key is marked `rotationDue`. Default 90 days. */
  readonly rotationPeriodMs?: number | undefined
  /** How often uses are written, and so what a crash can lose of them. Default 10 seconds. */
  readonly lastUsedIntervalMs?: number | undefined
  /** How long the store may take to answer. Default 1 second. */
  readonly storeTimeoutMs?: number | undefined
  /** How many keys are remembered as proven by argon2. Default 10,000. */
  readonly memoSize?: number | undefined
  /**
   * How many active keys a project may have before `issue` refuses a further one, and an expired one is not made to work
   * again. Rotations of active keys are never refused, nor are imports. Default 1,000.
   */
  readonly maxKeysPerProject?: number | undefined
  /** What `createLimits()` returned, for `topUp`. */
  readonly limits?: Pick<Limits, 'topUp'> | undefined
  /** Told of verifications, argon2 runs and calls to the store: `openTelemetry(api)`, or a function of your own. */
  readonly telemetry?: Telemetry | undefined
}

const store: Check<ApiKeyStore> = having(
  ['find', 'list', 'commit', 'history', 'recordUses', 'usage', 'erase', 'sweep'],
  'pass memoryStore(), sqliteStore(db) or an ApiKeyStore of your own',
)

const projectStore = having<ProjectStore>(
  ['create', 'find', 'list', 'update'],
  'pass sqliteProjects(db), postgresProjects(pool), memoryProjects() or a ProjectStore of your own',
)

const optionTable: OptionTable<ApiKeysOptions> = {
  store: required(store),
  ...formatOptions,
  pepper: anything,
  importedKeys: fitting(
    (value) => value instanceof RegExp,
    'must be a regular expression that the whole key matches',
  ),
  hasher: having(['hash', 'verify', 'needsRehash'], 'pass argon2Hasher() or a Hasher of your own'),
  now: callback(),
  projects: projectStore,
  isProjectActive: callback(),
  lifetime: object(lifetimeOptions),
  retention: object(retentionOptions),
  events: object(eventsOptions),
  outcomes: flag,
  rotationPeriodMs: wholeNumber(),
  lastUsedIntervalMs: wholeNumber(),
  storeTimeoutMs: wholeNumber(),
  memoSize: wholeNumber(),
  maxKeysPerProject: wholeNumber(),
  limits: having<Pick<Limits, 'topUp'>>(['topUp'], 'pass what createLimits() returned'),
  telemetry: callback('must be a function of an event'),
}

export interface UsageQuery {
  readonly projectId: string
  /** First day, inclusive, in UTC. */
  readonly from: Date
  /** Last day, inclusive, in UTC. */
  readonly to: Date
}

const usageQuery: OptionTable<UsageQuery> = {
  projectId: required(name),
  from: required(instant),
  to: required(instant),
}

export interface HistoryQuery {
  readonly projectId: string
  /** Only what happened to this key. */
  readonly keyId?: string | undefined
  /** How many events at the most. Default 100. */
  readonly limit?: number | undefined
}

const historyQuery: OptionTable<HistoryQuery> = {
  projectId: required(name),
  keyId: text,
  limit: wholeNumber(),
}

export interface ApiKeys<Environment extends string = string, Scope extends string = string>
  extends EventMethods,
    OutcomeMethods {
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
   * Gives a key more credits: those of its budget, or of its plan. It is in the audit log.
   * @returns how many are left.
   * @throws ApiKeysError `not_found`; `invalid_argument` when there is nothing to give them to, or `createApiKeys` has no `limits`.
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

  /** The record of a key, or undefined. */
  find(id: string): Promise<ApiKey | undefined>

  /**
   * One page of the keys of a project, or of all projects, the newest first unless sorted otherwise. Each key comes once,
   * whatever is issued and revoked meanwhile; only a key whose place in the list changes, because it is used or renamed,
   * can be passed over or come twice. A page ends early when its keys hold more than 2.6 kB each on average.
   * @throws ApiKeysError `invalid_argument`.
   */
  list(query: ListQuery): Promise<KeyPage>

  /**
   * The whole list, read page by page.
   * @example for await (const record of apiKeys.listAll({ projectId })) console.log(record.label)
   */
  listAll(query: Omit<ListQuery, 'cursor' | 'total'>): AsyncIterable<ApiKey>

  /** Successful verifications per key and UTC day. */
  usage(query: UsageQuery): Promise<readonly DailyUse[]>

  /** Who issued, rotated, disabled, enabled, revoked and updated the keys of a project, the latest first. */
  history(query: HistoryQuery): Promise<readonly KeyEvent[]>

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

/**
 * API keys over a store. With the scopes of the product as a type, `createApiKeys<'messages:read' | 'messages:write'>({ … })`, a
 * scope that is misspelt does not compile, neither here nor in a guard over these keys.
 *
 * @example
 * const apiKeys = createApiKeys({ store: memoryStore() })
 * const { key, record } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'backend-prod' })
 * const verification = await apiKeys.verify(key)
 * if (verification.ok) console.log(verification.record.projectId)
 *
 * @throws TypeError when an option is wrong.
 */
export function createApiKeys<
  Scope extends string = string,
  const Environment extends string = 'sandbox' | 'production',
>(given: ApiKeysOptions<Environment>): ApiKeys<Environment, Scope> {
  const options = checkOptions(optionTable, given)
  const { pepper = [], now = wallClock, importedKeys } = options
  const { rotationPeriodMs = 90 * 86_400_000, lastUsedIntervalMs = 10_000 } = options
  const { storeTimeoutMs = 1_000, memoSize = 10_000, maxKeysPerProject = 1_000 } = options

  const { prefix, environments } = options
  const format = createKeyFormat({ prefix, environments })
  const givenHasher = options.hasher ?? argon2Hasher()
  const telemetry = options.telemetry && harmless(options.telemetry)
  const argon2 = telemetry === undefined ? givenHasher : watchHasher(givenHasher, telemetry)
  const hasher = importedKeys === undefined ? argon2 : acceptImported(argon2)
  const tags = createTags(typeof pepper === 'string' || pepper instanceof Uint8Array ? [pepper] : pepper)
  const guard = createGuard(storeTimeoutMs)
  const { store, lastUsed, events, outcomes, close } = createStorage(options.store, {
    ...{ guard, telemetry, lastUsedIntervalMs, now, rotationPeriodMs, countsOutcomes: options.outcomes },
    options: options.events,
  })
  const recordOf = createRecordOf({ format, now, rotationPeriodMs })
  const projects = createProjectCheck({ ...options, guard })
  const lifetimes = createLifetimes(options.lifetime)
  const issuer = createIssuer({
    format,
    store,
    tags,
    hasher,
    now,
    recordOf,
    requireProjects: projects.requireExisting,
    lifetimes,
    maxKeysPerProject,
  })
  const renew = createRenewal({ store, tags, hasher })
  const { verify, identify } = createVerifier({
    parse: createParse(format, importedKeys),
    store,
    tags,
    hasher,
    now,
    recordOf,
    memoSize,
    isOnAllowlist: createAllowlistCheck(),
    isIdle: lifetimes.isIdle,
    projects,
    lastUsed,
    onMemoMiss: telemetry === undefined ? () => {} : () => telemetry({ type: 'memo_miss' }),
    onConfirmed: (row, key) => void renew(row, key),
  })
  const counted = outcomes.watch(verify)

  return {
    environments: format.environments as readonly Environment[],
    projects: options.projects,
    checksProjects: projects.covers,
    issue: issuer.issue as ApiKeys<Environment, Scope>['issue'],
    issueChild: issuer.issueChild as ApiKeys<Environment, Scope>['issueChild'],
    topUp: createTopUp({ store, recordOf, now, limits: options.limits }),
    rotate: issuer.rotate as ApiKeys<Environment>['rotate'],
    revoke: issuer.revoke,
    disable: issuer.disable,
    enable: issuer.enable,
    erase: issuer.erase,
    sweep: createSweep(store, options.retention ?? {}, now, {
      events: events.sweep,
      outcomes: outcomes.sweep,
    }),
    update: issuer.update,
    verify: (telemetry === undefined ? counted : watchVerify(counted, telemetry)) as ApiKeys<
      Environment,
      Scope
    >['verify'],
    import: createImport({
      store,
      environments: format.environments,
      now,
      requireProjects: projects.requireExisting,
    }),
    async identify(presented) {
      const row = await identify(presented)
      return row && recordOf(row)
    },
    ...createReads({ store, format, now, recordOf, lastUsed }),
    health: createHealthCheck(store, givenHasher, () => options.store.cacheStatus?.() ?? null),
    ...events.methods,
    ...outcomes.methods,
    close,
  }
}

interface StorageParts extends Pick<KeyEventsParts, 'options' | 'now' | 'rotationPeriodMs'> {
  readonly guard: Guard
  readonly telemetry: Telemetry | undefined
  readonly lastUsedIntervalMs: number
  readonly countsOutcomes: boolean | undefined
}

/** The store as everything else sees it. */
function createStorage(
  given: ApiKeyStore,
  { guard, telemetry, lastUsedIntervalMs, countsOutcomes = false, ...parts }: StorageParts,
) {
  const guarded = createGuardedStore(given, guard)
  const watched = telemetry === undefined ? guarded : watchStore(guarded, telemetry)
  const lastUsed = createLastUsed(async (uses, batch) => watched.recordUses(uses, batch), lastUsedIntervalMs)
  const events = createKeyEvents({ ...parts, store: watched, flushUses: lastUsed.flush })
  const outcomes = createOutcomes({
    ...{ store: watched, isOn: countsOutcomes, now: parts.now, intervalMs: lastUsedIntervalMs },
  })
  const close = async () => {
    await events.stop()
    await lastUsed.flush()
    await outcomes.flush()
  }
  return { store: events.store, lastUsed, events, outcomes, close }
}

function createParse({ parse }: KeyFormat, importedKeys: RegExp | undefined): VerifierParts['parse'] {
  if (importedKeys === undefined) return parse
  const parseImported = createImportedFormat(importedKeys)
  return (presented) => parse(presented) ?? parseImported(presented)
}

interface ReadsParts extends KeyListParts {
  readonly store: ApiKeyStore
  readonly lastUsed: Pick<LastUsed, 'flush'>
}

/** What is read also shows the uses that are still in memory. */
function createReads({
  lastUsed,
  ...parts
}: ReadsParts): Pick<ApiKeys, 'find' | 'list' | 'listAll' | 'usage' | 'history'> {
  const { store, recordOf } = parts
  const readPage = createKeyList(parts)
  const list: ApiKeys['list'] = async (query) => {
    await lastUsed.flush()
    return readPage(query)
  }
  return {
    async find(id) {
      if (!isKeyId(id)) return undefined
      await lastUsed.flush()
      const row = await store.find(id)
      return row && recordOf(row)
    },
    list,
    async *listAll(query) {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await list({ ...query, cursor })
        yield* page
        cursor = page.next
      }
    },
    async usage(query) {
      const { projectId, from, to } = checkArguments(usageQuery, query)
      await lastUsed.flush()
      return store.usage(projectId, utcDay(from.getTime()), utcDay(to.getTime()))
    },
    async history(query) {
      const { projectId, keyId = null, limit = 100 } = checkArguments(historyQuery, query)
      return store.history(projectId, keyId, limit)
    },
  }
}
