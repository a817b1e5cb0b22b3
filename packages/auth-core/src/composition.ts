// The composition root: checks the options and puts the parts together.

import { checkOptions } from '@gosend/options'
import { createAllowlistCheck } from './allowed-ips.js'
import { createRecordOf } from './api-key.js'
import type { ApiKeys } from './api-keys.js'
import { type ApiKeysOptions, apiKeysOptions } from './api-keys-options.js'
import { clockOf } from './callbacks.js'
import { wallClock } from './clocks.js'
import { createDiagnosis } from './diagnosis.js'
import { acceptForeign, createImportedFormat, type ImportedKeys, importedKeysOf } from './foreign-hashes.js'
import { createGuardedHasher } from './guarded-hasher.js'
import { createGuard } from './guarded-store.js'
import { argon2Hasher, type Hasher } from './hasher.js'
import { createHealthCheck } from './health.js'
import { createImport } from './imported-keys.js'
import { createIssuer } from './issuer.js'
import { createKeyFormat, type KeyFormat } from './key-format.js'
import { createLifetimes } from './lifetime.js'
import { createProjectCheck } from './project-check.js'
import { createReading } from './reading.js'
import { createRenewal } from './renewal.js'
import { createSweep } from './retention.js'
import { createStorage } from './storage.js'
import { createTags } from './tag.js'
import { harmless, type Telemetry, watchHasher, watchVerify } from './telemetry.js'
import { createTopUp } from './top-up.js'
import { createVerifier, type VerifierParts } from './verifier.js'

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
  const options = checkOptions(apiKeysOptions, given)
  const now = options.now === undefined ? wallClock : clockOf(options.now)
  const { rotationPeriodMs = 90 * 86_400_000, lastUsedIntervalMs = 10_000 } = options
  const { storeTimeoutMs = 1_000, memoSize = 10_000, maxKeysPerProject = 1_000 } = options

  const importedKeys = importedKeysOf(options.importedKeys)
  const format = createKeyFormat({ prefix: options.prefix, environments: options.environments })
  const givenHasher = options.hasher ?? argon2Hasher()
  const telemetry = options.telemetry && harmless(options.telemetry)
  const hasher = hasherOf(givenHasher, importedKeys, telemetry)
  const tags = createTags(options.pepper ?? [])
  const guard = createGuard(storeTimeoutMs)
  const { store, lastUsed, events, outcomes, close } = createStorage(options.store, {
    ...{ guard, telemetry, lastUsedIntervalMs, now, rotationPeriodMs, countsOutcomes: options.outcomes },
    options: options.events,
  })
  const recordOf = createRecordOf({ format, now, rotationPeriodMs })
  const projects = createProjectCheck({ ...options, timeoutMs: storeTimeoutMs })
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
  const isOnAllowlist = createAllowlistCheck()
  const renew = createRenewal({ store, tags, hasher })
  const { verify, identify } = createVerifier({
    parse: createParse(format, importedKeys),
    store,
    tags,
    hasher,
    now,
    recordOf,
    memoSize,
    isOnAllowlist,
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
      importedKeys,
      now,
      requireProjects: projects.requireExisting,
    }),
    ...createDiagnosis({ format, store, recordOf, isOnAllowlist, verify, identify }),
    ...createReading({ store, format, now, recordOf, lastUsed }),
    health: createHealthCheck(store, givenHasher, () => options.store.cacheStatus?.() ?? null),
    ...events.methods,
    ...outcomes.methods,
    close,
  }
}

function hasherOf(
  given: Hasher,
  importedKeys: ImportedKeys | undefined,
  telemetry: Telemetry | undefined,
): Hasher {
  const watched = telemetry === undefined ? given : watchHasher(given, telemetry)
  return createGuardedHasher(importedKeys === undefined ? watched : acceptForeign(watched, importedKeys))
}

function createParse({ parse }: KeyFormat, importedKeys: ImportedKeys | undefined): VerifierParts['parse'] {
  if (importedKeys === undefined) return parse
  const parseImported = createImportedFormat(importedKeys)
  return (presented) => parse(presented) ?? parseImported(presented)
}
