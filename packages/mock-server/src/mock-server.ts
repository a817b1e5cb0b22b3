// Starts a mock: createMockServer puts storage, documents, traffic and pages together, in the order in which they need each other.

import type { ApiKeys } from '@gosend/auth-core'
import type { Project } from '@gosend/express-adapter'
import { type Documents, openDocuments, openRemoteDocuments } from './composition/documents.js'
import { type LateParts, made, noParts } from './composition/late-parts.js'
import { createResets, type Resets } from './composition/resets.js'
import { readSettings, type Settings } from './composition/settings.js'
import { nameProject, openStorage, type Storage } from './composition/storage.js'
import { openSurface, type Surface } from './composition/surface.js'
import { createTests, type Tests } from './composition/tests.js'
import { createTraffic, type Traffic } from './composition/traffic.js'
import type { FaultRule, JournalEntry, MockOverview, TestSelection, WantedRequests } from './control/wire.js'
import type { DocumentWatch } from './engine/document/watch.js'
import { lazy } from './engine/json.js'
import { checkHandlers, type MockServerOptions } from './options.js'
import type { ProxyReport } from './proxy/report.js'
import { requestAddresses } from './request-addresses.js'
import type { Scenario } from './scenarios/scenarios.js'
import { openSandboxKeys, SANDBOX_ENVIRONMENTS, type SandboxKeys, type Tag } from './security/sandbox-keys.js'
import { DEFAULT_PROJECT } from './storage/database.js'
import { webhookSecretOf } from './webhooks/secrets.js'
import { createWebhooks, type Webhooks } from './webhooks/webhooks.js'

export interface MockServer {
  /** `http://127.0.0.1:4010`: the API answers below it, with and without the base path of its document. */
  readonly url: string
  /** With `https`: the certificate that clients are to trust, as PEM. */
  readonly certificate: string | undefined
  /**
   * Opens signed in: the admin key stands behind the `#`, which browsers send to nobody. Without it where the document takes
   * one of the mock's own addresses.
   */
  readonly dashboardUrl: string
  readonly project: {
    readonly id: string
    readonly name: string
    readonly webhookUrl: string | null
    readonly createdAt: string
  }
  /** A key per environment. They open this mock and nothing else. */
  readonly keys: Readonly<Record<Tag, string>>
  /** For the management API under `/admin` and the control plane under `/_mock`. */
  readonly adminKey: string
  readonly apiKeys: ApiKeys
  /** What is served, for people: routes, resources, warnings with file and line. */
  readonly overview: () => MockOverview
  /**
   * The operations in the order of the document, each with an address that can be called as it is: ids lead to things that
   * are there, and required parameters have a value. At most `limit`, by default 20.
   */
  routes(limit?: number): Promise<readonly { readonly method: string; readonly url: string }[]>
  /** Forgets what was stored, jobs, the journal, faults and clock; keys and projects stay. */
  reset(): Promise<void>
  /** Keeps what is stored under a name. */
  snapshot(name?: string): Promise<string>
  /** @throws TypeError when there is no such snapshot. */
  restore(name: string): Promise<void>
  /** The latest exchanges, the oldest first, without credentials. */
  requests(): readonly JournalEntry[]
  /** Replaces the scenarios in force. @throws TypeError when a step does not fit the document. */
  setScenarios(scenarios: readonly Scenario[]): Promise<void>
  /**
   * Checks which requests have come: `verify({ operation: 'createPet', body: { name: 'Rex' }, times: 1 })`.
   *
   * @throws AssertionError that names the nearest misses, and TypeError when there is no such operation.
   */
  verify(wanted: WantedRequests): void
  /**
   * A test for Vitest, as the text of a file: it sends requests of the journal again, from what was there before them, and holds
   * their statuses and what stays the same in their answers. `toTest({ operation: 'createPet' })`; all of them by default.
   *
   * @throws TypeError when no request is meant.
   */
  toTest(selection?: TestSelection): Promise<string>
  /** What did not fit the document on the way to the real API and back; undefined without `proxy`. */
  proxyReport(): ProxyReport | undefined
  /** Replaces the faults in force. @throws TypeError when a rule is wrong. */
  setFaults(rules: readonly FaultRule[]): void
  /**
   * Moves the mock's clock forward, and does what has been scheduled until then in its order. Resolves when all of it is
   * done; without any, the clock has moved when this returns. @throws TypeError when it would move backwards.
   */
  advance(milliseconds: number): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a mock of an OpenAPI document.
 *
 * @throws DocumentError when the document cannot be read, TypeError when an option is wrong, and the listener's error
 * when the port cannot be had.
 *
 * @example
 * const mock = await createMockServer()
 * const response = await fetch(`${mock.url}/v1/me`, { headers: { 'X-API-Key': mock.keys.test } })
 * await mock.close()
 */
export async function createMockServer(given: MockServerOptions = {}): Promise<MockServer> {
  const settings = await readSettings(given)
  const { options, log } = settings
  const late = noParts()
  const webhooks = await openWebhooks(settings, late)
  // Without its document a mock does not start, and shall leave no file behind.
  const opened = await openRemoteDocuments(settings)
  const storage = openStorage(options.db, settings.api.project)
  late.storage = storage
  const { database, clock } = storage
  let isRead = false
  try {
    // argon2 works on the keys in its own threads while the documents are read in this one.
    const opening = openSandboxKeys(storage.apiKeys, database.settings, options)
    opening.catch(() => {})
    const documents = await openDocuments(settings, storage, { webhooks, late }, opened)
    isRead = true
    const { served } = documents
    late.served = served
    nameProject(
      storage,
      served
        .engines()
        .map(({ document }) => document.title)
        .join(', '),
    )
    checkHandlers(options, new Set(served.operations().flatMap(({ operationId }) => operationId ?? [])))
    if (database.clock.load() !== undefined) {
      const at = new Date(clock.now()).toISOString()
      log.line(`The clock is where it was left, at ${at}; a reset of the clock brings real time back`)
    }
    const keys = await opening

    const traffic = await createTraffic({ settings, storage, documents, webhooks, keys, late })
    const resets = createResets(settings, storage, served, { ...traffic, webhooks })
    resets.plant()
    const toTest = createTests(settings, documents, traffic)
    const parts = { toTest, settings, storage, documents, webhooks, keys, traffic, resets, late }
    const surface = await openSurface(parts)
    traffic.jobs.start()
    const watches = options.watch ? watch(documents, traffic, surface, settings) : []
    return handleOf({ ...parts, surface, watches })
  } catch (error) {
    if (isRead) database.close()
    else database.discard()
    throw error
  }
}

async function openWebhooks({ options, rules, learned, log }: Settings, late: LateParts): Promise<Webhooks> {
  const { handlers = {}, jobs = {}, controls = {}, seed } = rules
  const writers = [
    handlers,
    jobs,
    controls,
    options.seedData ?? {},
    ...learned.map((one) => one?.things ?? {}),
  ]
  const webhooks = createWebhooks({
    isOff: rules.ownWebhooks === true,
    hasOtherWriters: seed !== undefined || writers.some((one) => Object.keys(one).length > 0),
    engines: () => late.served?.engines() ?? [],
    secret: lazy(() => webhookSecretOf(options.webhookSecret, made(late, 'storage').database.settings)),
    log: log.line,
    contextOf: ({ projectId, environment }) => late.contexts?.of(projectId, environment),
    urls: options.webhooks ?? [],
    allowHosts: options.allowWebhookHosts ?? [],
    credentials: options.credentials ?? {},
  })
  await webhooks.prepare()
  return webhooks
}

/** Warnings that are told of after each change of a document. */
const MAX_WARNINGS = 10

function watch(
  documents: Documents,
  { oauth }: Traffic,
  { addresses, overview }: Surface,
  { log }: Settings,
): readonly DocumentWatch[] {
  return documents.watch((changed) => {
    oauth.forget()
    log.line(`The document has changed: ${changed.operations.length} operations`)
    const warnings = [...addresses.warningsFor(documents.served.operations()), ...overview().warnings]
    for (const warning of warnings.slice(0, MAX_WARNINGS)) log.warning(warning)
  })
}

/** What belongs to the sandbox key. */
const SANDBOX_SCOPE = { projectId: DEFAULT_PROJECT.id, environment: SANDBOX_ENVIRONMENTS.test }

interface RunningParts {
  readonly toTest: Tests
  readonly storage: Storage
  readonly keys: SandboxKeys
  readonly traffic: Traffic
  readonly resets: Resets
  readonly surface: Surface
  readonly watches: readonly DocumentWatch[]
  readonly late: LateParts
}

function handleOf({
  toTest,
  storage,
  keys,
  traffic,
  resets,
  surface,
  watches,
  late,
}: RunningParts): MockServer {
  const { database, apiKeys, changes } = storage
  const { projects, snapshots, transactions } = database
  const { faults, scenarios, journal, verifier, jobs, proxy, recorder } = traffic
  const { url } = late
  return {
    url,
    certificate: surface.certificate,
    // A page of the document would be handed the key.
    dashboardUrl: `${url}/dashboard${surface.addresses.warnings.length === 0 ? `#key=${keys.adminKey}` : ''}`,
    project: shown(projects.find(DEFAULT_PROJECT.id)),
    ...{ ...keys, apiKeys, overview: surface.overview },
    async routes(limit = 20) {
      const engines = late.served?.engines() ?? []
      const routes = await requestAddresses(engines, storage.items, SANDBOX_SCOPE, limit)
      return routes.map(({ method, path }) => ({ method, url: url + path }))
    },
    async reset() {
      resets.reset()
      await transactions.committed()
    },
    async snapshot(name = `snapshot-${snapshots.names().length + 1}`) {
      snapshots.save(name)
      changes.note('control')
      await transactions.committed()
      return name
    },
    async restore(name) {
      if (!resets.restore(name)) throw new TypeError(`name: there is no snapshot ${JSON.stringify(name)}`)
      await transactions.committed()
    },
    requests: () => journal.entries(),
    async setScenarios(next) {
      await scenarios.set(next)
      changes.note('control')
    },
    verify: verifier.verify,
    toTest,
    proxyReport: () => proxy?.report(),
    setFaults(next) {
      faults.set(next)
      changes.note('control')
    },
    advance: (milliseconds) =>
      jobs.advance((now) => now + milliseconds).finally(() => changes.note('control')),
    async close() {
      for (const watch of watches) watch.close()
      jobs.close()
      proxy?.close()
      await late.server?.close()
      recorder?.close()
      await apiKeys.close()
      database.close()
    },
  }
}

function shown(project: Project | undefined): MockServer['project'] {
  if (project === undefined) throw new Error('The default project is missing from the database')
  const { id, name, webhookUrl, createdAt } = project
  return { id, name, webhookUrl, createdAt: createdAt.toISOString().replace('.000Z', 'Z') }
}
