// What `createApiKeys` is given, and the table that checks it.

import {
  type Check,
  callback,
  delayMs,
  flag,
  having,
  type OptionTable,
  object,
  required,
  wholeNumber,
} from '@gosend/options'
import type { Awaitable } from './awaitable.js'
import type { EnvironmentTable } from './environments.js'
import { type EventsOptions, eventsOptions } from './events.js'
import { type ImportedKeys, importedKeysOption } from './foreign-hashes.js'
import type { Hasher } from './hasher.js'
import { formatOptions } from './key-format.js'
import { type Lifetime, lifetimeOptions } from './lifetime.js'
import type { Limits } from './limits.js'
import type { ProjectStore } from './projects.js'
import { type Retention, retentionOptions } from './retention.js'
import type { ApiKeyStore } from './store.js'
import { peppers } from './tag.js'
import type { Telemetry } from './telemetry.js'

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
   * What keys look like that were imported from another library, alone or with what it takes to verify them. Default: none is
   * accepted.
   */
  readonly importedKeys?: RegExp | ImportedKeys | undefined
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
   * key, and the twenty addresses that it was last used from. Written like uses, every `lastUsedIntervalMs`. Default false.
   */
  readonly outcomes?: boolean | undefined
  /** Age from which an active key is marked `rotationDue`. Default 90 days. */
  readonly rotationPeriodMs?: number | undefined
  /** How often uses are written, and so what a crash can lose of them. Default 10 seconds. */
  readonly lastUsedIntervalMs?: number | undefined
  /** How long the store may take to answer; ten times as long for a list. Default 1 second. */
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

export const apiKeysOptions: OptionTable<ApiKeysOptions> = {
  store: required(store),
  ...formatOptions,
  pepper: peppers,
  importedKeys: importedKeysOption,
  hasher: having(['hash', 'verify', 'needsRehash'], 'pass argon2Hasher() or a Hasher of your own'),
  now: callback(),
  projects: projectStore,
  isProjectActive: callback(),
  lifetime: object(lifetimeOptions),
  retention: object(retentionOptions),
  events: object(eventsOptions),
  outcomes: flag,
  rotationPeriodMs: wholeNumber(),
  lastUsedIntervalMs: delayMs(),
  storeTimeoutMs: delayMs(),
  memoSize: wholeNumber(1, 10_000_000),
  maxKeysPerProject: wholeNumber(),
  limits: having<Pick<Limits, 'topUp'>>(['topUp'], 'pass what createLimits() returned'),
  telemetry: callback('must be a function of an event'),
}
