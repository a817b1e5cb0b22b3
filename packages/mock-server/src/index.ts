// The composition root and the public API: createMockServer puts document, database, keys and listener together.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ApiKeys, argon2Hasher, createApiKeys } from '@gosend/auth-core'
import type { Project } from '@gosend/express-adapter'
import { checkOptions } from '@gosend/options'
import { createClock } from './clock.js'
import { createChanges, notedItems } from './control/changes.js'
import { createFaults } from './control/faults.js'
import { createJournal } from './control/journal.js'
import { createOperationViews } from './control/operation-views.js'
import { overviewOfAll } from './control/overview.js'
import { createRedaction, secretNamesOf } from './control/redaction.js'
import { createSandbox } from './control/sandbox.js'
import { createVerifier } from './control/verification.js'
import type { FaultRule, JournalEntry, MockOverview, WantedRequests } from './control/wire.js'
import {
  type DocumentOptions,
  documentOptions,
  isRemote,
  openDocument,
  type ServedDocument,
} from './documents.js'
import type { ApiDocument } from './engine/document/document.js'
import type { Operation } from './engine/document/operation.js'
import { DocumentError } from './engine/document/source.js'
import { type DocumentWatch, watchDocument } from './engine/document/watch.js'
import { lazy } from './engine/json.js'
import { createEngine, type Engine } from './engine.js'
import { gosend } from './gosend/gosend.js'
import { defaultPages, type MockApi } from './mock-api.js'
import { createOAuth } from './oauth/oauth.js'
import { checkHandlers, type MockServerOptions, readOptions } from './options.js'
import { createReplays } from './pipeline/replays.js'
import { createRequestHandler } from './pipeline.js'
import type { ProxyOptions } from './proxy/options.js'
import type { ApiProxy } from './proxy/proxy.js'
import type { ProxyReport } from './proxy/report.js'
import { createRequestDrafts } from './request-drafts.js'
import { type Contexts, createContexts, scopeOf } from './rules/contexts.js'
import { createJobs } from './rules/jobs.js'
import type { Rules } from './rules/rules.js'
import { createScenarios, type Scenario } from './scenarios/scenarios.js'
import { createCors, LOCAL } from './security/cors.js'
import type { Scheme } from './security/host-guard.js'
import { openSandboxKeys, SANDBOX_ENVIRONMENTS, type Tag } from './security/sandbox-keys.js'
import { createGate, type Gate } from './security/security.js'
import { cookieNamesOf, createSessions } from './security/sessions.js'
import { createServed, itemsBelow, prefixOf, type Served } from './served.js'
import { createAddresses } from './server/addresses.js'
import { checkCertificate, keptCertificate } from './server/certificates.js'
import { clientCertificateOf } from './server/client-certificates.js'
import { createFrontDoor } from './server/front-door.js'
import { createPages } from './server/pages.js'
import { createReference } from './server/reference.js'
import { createRulePages } from './server/rule-pages.js'
import { listen, OWN_ADDRESSES, type RunningServer } from './server/server.js'
import { type OperationReading, readDocument } from './state/readings.js'
import { DEFAULT_PROJECT, openDatabase } from './storage/database.js'
import { webhookSecretOf } from './webhooks/secrets.js'
import { createWebhooks } from './webhooks/webhooks.js'

export type { FaultRule, JournalEntry, MockOverview, WantedRequests } from './control/wire.js'
export type { DocumentOptions, ServedDocument } from './documents.js'
export type { SecurityScheme } from './engine/document/security-scheme.js'
export { DocumentError, type DocumentErrorCode } from './engine/document/source.js'
export type { ParameterValues } from './engine/request/parameters.js'
export type { MockSource } from './engine/response/sources.js'
export { type GosendOptions, gosend } from './gosend/gosend.js'
export type { RateLimits } from './gosend/plans.js'
export type { MockApi } from './mock-api.js'
export type { OAuthClient } from './oauth/clients.js'
export type { MockServerOptions } from './options.js'
export type { ProxyOptions } from './proxy/options.js'
export type { ProxyReport, ReportedViolation } from './proxy/report.js'
export type { ListQuery, MockContext, Store, Where } from './rules/context.js'
export type {
  Handler,
  HandlerAnswer,
  HandlerContext,
  HandlerRefusal,
  HandlerRequest,
  HandlerResult,
  Handlers,
} from './rules/handlers.js'
export type {
  Control,
  ControlContext,
  GuardContext,
  GuardResult,
  Job,
  JobContext,
  Jobs,
  Page,
  PageContext,
  Rules,
} from './rules/rules.js'
export type { Scenario, ScenarioStep } from './scenarios/scenarios.js'
export { generateKeys } from './security/sandbox-keys.js'
export type { AuthMode } from './security/security.js'
export type { HttpsOptions } from './server/certificates.js'

export type { Basis, OperationReading } from './state/readings.js'

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
  /** Forgets what was stored, jobs, the journal, faults and clock; keys and projects stay. */
  reset(): Promise<void>
  /** Keeps what is stored under a name. */
  snapshot(name?: string): Promise<string>
  /** @throws TypeError when there is no such snapshot. */
  restore(name: string): Promise<void>
  /** The latest exchanges, the oldest first, without credentials. */
  requests(): readonly JournalEntry[]
  /** Replaces the scenarios in force. @throws TypeError when a step does not fit the document. */
  setScenarios(scenarios: readonly Scenario[]): void
  /**
   * Checks which requests have come: `verify({ operation: 'createPet', body: { name: 'Rex' }, times: 1 })`.
   *
   * @throws AssertionError that names the nearest misses, and TypeError when there is no such operation.
   */
  verify(wanted: WantedRequests): void
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

/** That are told of after each change of a document. */
const MAX_WARNINGS = 10
const MAX_BODY_BYTES = 10 * 1024 * 1024
const SCOPES = Object.values(SANDBOX_ENVIRONMENTS).map((environment) =>
  scopeOf(DEFAULT_PROJECT.id, environment),
)

/**
 * Tells how the mock reads each operation of a document: what it does, with what, and which parts of that are guesses.
 *
 * @throws DocumentError when the document cannot be read.
 */
export async function explainDocument(
  spec: string | URL | object,
  options: DocumentOptions = {},
): Promise<readonly OperationReading[]> {
  const document = await openDocument({ spec }, checkOptions(documentOptions, options), () => {})
  const bodyLimits = { files: MAX_BODY_BYTES, text: MAX_BODY_BYTES }
  const engine = createEngine(document, {
    ...{ seed: 'mock', dynamic: false, bodyLimits, state: undefined },
    onWarning: () => {},
  })
  return engine.budget.lift(() => readDocument({ ...engine, operations: document.operations }))
}

const MAX_GUESSES = 5

/** @throws DocumentError that names the first operations that were read by a guess. */
function refuseGuesses({ source }: ApiDocument, readings: readonly OperationReading[]): void {
  const guessed = readings.filter(({ basis }) => basis === 'guessed')
  if (guessed.length === 0) return
  const shown = guessed.slice(0, MAX_GUESSES).map(({ method, path }) => `${method} ${path}`)
  const names = [...shown, ...(guessed.length > MAX_GUESSES ? [`${guessed.length - MAX_GUESSES} more`] : [])]
  throw new DocumentError(
    'guessed',
    `${source.name}: leaves the mock to guess what ${names.join(', ')} ${guessed.length === 1 ? 'does' : 'do'}; gosend-mock explain tells which hint settles each`,
  )
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
  const options = readOptions(given)
  const { host = '127.0.0.1', port = 0, db = ':memory:', seed = 'mock', seedData = {} } = options
  const { https = false } = options
  const scheme: Scheme = https === false ? 'http' : 'https'
  const own = checkCertificate(https === true || https === false ? {} : https)
  const { onLog = () => {}, onExchange = () => {} } = options
  // Until the keys are there, no client could have sent one.
  let redact = (line: string): string => line
  const log = (line: string) => onLog(redact(line))
  const api = apiOf(options)
  const rules = await rulesOf(api, options)
  const files = options.maxBodyBytes ?? rules.maxBodyBytes ?? MAX_BODY_BYTES
  const bodyLimits = { files, text: options.maxBodyBytes ?? Math.min(files, MAX_BODY_BYTES) }
  const onError = (error: unknown) =>
    log(`Error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  const cors = createCors(options.corsOrigins ?? [LOCAL])
  const sources = options.documents ?? [{ spec: api.document }]
  let started: { readonly served: Served; readonly contexts: Contexts } | undefined
  const secret = lazy(() => webhookSecretOf(options.webhookSecret, database.settings))
  const webhooks = createWebhooks({
    isOff: rules.ownWebhooks === true,
    ...{ engines: () => started?.served.engines() ?? [], secret, log },
    contextOf: ({ projectId, environment }) => started?.contexts.of(projectId, environment),
    urls: options.webhooks ?? [],
    allowHosts: options.allowWebhookHosts ?? [],
    credentials: options.credentials ?? {},
  })
  await webhooks.prepare()
  const open = (source: ServedDocument) =>
    openDocument(source, options, (message) => log(`Warning: ${message}`))
  // Without its document a mock does not start, and shall leave no file behind.
  const remote = await Promise.all(
    sources.map((source) => (isRemote(source.spec) ? open(source) : undefined)),
  )
  const database = openDatabase(db, () => clock.now())
  const clock = createClock(database.clock)
  let isRead = false
  try {
    const { projects, settings, snapshots, transactions } = database
    const changes = createChanges()
    const items = notedItems(database.items, changes)
    transactions.onCommit(() => changes.note('jobs'))
    const apiKeys = createApiKeys({
      store: database.keys,
      // Of OWASP's settings, all of one strength, the one with the least memory: the system keeps what argon2 took.
      hasher: argon2Hasher({ memoryKiB: 7_168, iterations: 5 }),
      now: clock.now,
      isProjectActive: (id) => projects.find(id)?.status === 'active',
    })
    // argon2 works on the keys in its own threads while the document is read in this one.
    const opening = openSandboxKeys(apiKeys, settings, options)
    opening.catch(() => {})
    const prepare = (document: ApiDocument) => {
      const prefix = sources.length > 1 ? prefixOf({ document }) : ''
      const engine: Engine = createEngine(document, {
        prefix,
        seed,
        dynamic: options.dynamic ?? false,
        bodyLimits,
        onWarning: log,
        state:
          options.stateful === false
            ? undefined
            : {
                ...{ items: itemsBelow(items, prefix), transactions, clock },
                ...{ seedItems: options.seedItems ?? 2, onWarning: log },
                onChange: webhooks.listenerOf(document, () => engine),
              },
      })
      return engine
    }
    const [first, ...others] = await Promise.all(
      sources.map(async (source, index) => prepare(remote[index] ?? (await open(source)))),
    )
    if (first === undefined) throw new TypeError('documents: must have at least one document')
    isRead = true
    const served = createServed([first, ...others])
    const { engines, operations } = served
    if (options.failOnGuess === true)
      for (const { document, state } of engines()) refuseGuesses(document, state?.readings() ?? [])
    const faults = createFaults(seed, operations)
    const scenarios = createScenarios(engines)
    scenarios.set(options.scenarios ?? [])
    checkHandlers(options, new Set(operations().flatMap(({ operationId }) => operationId ?? [])))
    if (database.clock.load() !== undefined) {
      const at = new Date(clock.now()).toISOString()
      log(`The clock is where it was left, at ${at}; a reset of the clock brings real time back`)
    }
    let secretNames = lazy(() => secretNamesOf(operations()))
    let cookieNames = lazy(() => cookieNamesOf(operations()))
    // argon2 takes one key at a time: its threads can go on with the second one now, and this takes as long.
    await nextTurn()
    for (const { validation } of engines()) validation.load()
    const { keys, adminKey } = await opening

    const given = [
      ...Object.values(options.credentials ?? {}).flat(),
      ...(options.clients ?? []).flatMap(({ secret }) => secret ?? []),
      ...(options.webhookSecret === undefined ? [] : [options.webhookSecret]),
    ]
    const redaction = createRedaction(() => secretNames(), [adminKey, ...Object.values(keys), ...given])
    redact = redaction.text
    const journal = createJournal({
      ...{ size: options.journalSize ?? 500, redaction, table: database.journal },
      onRecord: () => changes.note('requests'),
      onError,
    })
    const verifier = createVerifier(journal, operations)
    const sessions = createSessions({ items, clock, names: () => cookieNames() })
    const oauth = createOAuth({
      ...{ documents: engines, grants: database.grants, settings, clock },
      clients: options.clients ?? [],
      redirectUris: options.redirectUris ?? [],
    })
    const gate = createGate({
      ...{ apiKeys, adminKey, tokens: oauth, sessions, now: clock.now },
      trustsOnly: typeof https === 'object' && https.ca !== undefined,
      mode: options.auth ?? (options.proxy === undefined ? 'strict' : 'any'),
      credentials: options.credentials ?? {},
    })
    let url = ''
    const jobs = createJobs({
      ...{ transactions, clock, log },
      byName: { ...webhooks.jobs, ...rules.jobs },
      table: database.jobs,
      contextOf: (scope, run) => contexts.ofJob(scope, run),
    })
    const contexts = createContexts({
      ...{ projects, items, jobs, transactions, clock, log },
      seed: rules.seed,
      origin: () => url,
    })
    started = { served, contexts }
    const proxy =
      options.proxy &&
      (await openProxy(options.proxy, { ...{ gate, scheme, log, operations }, mode: options.requests }))
    const requestHandler = createRequestHandler({
      served,
      ...{ gate, sessions, rules, contexts, transactions, clock, faults, scenarios, journal, cors },
      ...{ onExchange: (line) => onExchange(redaction.line(line)), onError },
      strict: options.strict ?? false,
      ...{ scheme, clientCertificateOf },
      proxy,
      requests: options.requests ?? (options.proxy === undefined ? 'strict' : 'warn'),
      replays: createReplays(database.firstAnswers, clock),
      ...{ oauth, webhooks },
      isSameOrigin: (request) => running?.guard.isSameOrigin(request) === true,
    })

    const plant = () => {
      const planted = Object.keys(seedData).length > 0 && !items.claimSeeding('', 'seed-data') ? {} : seedData
      for (const engine of engines()) {
        const own = Object.entries(planted).filter(([path]) => served.engineOf(path) === engine)
        const [warnings = []] = engine.budget.lift(() =>
          SCOPES.map((scope) => engine.state?.plant(scope, Object.fromEntries(own), engine.router) ?? []),
        )
        for (const warning of warnings) log(`Warning: ${warning}`)
      }
    }
    /** What is remembered of what was stored. */
    const forget = () => {
      for (const { state } of engines()) state?.forget()
      contexts.forget()
    }
    transactions.onUndo(forget)
    const replaced = () => {
      forget()
      jobs.forget()
      rules.forget?.()
      for (const topic of ['store', 'requests', 'control', 'jobs'] as const) changes.note(topic)
    }
    const reset = () => {
      snapshots.clear()
      journal.clear()
      faults.set([])
      scenarios.set(options.scenarios ?? [])
      clock.reset()
      replaced()
      plant()
    }
    const restore = (name: string) => {
      const found = snapshots.load(name)
      if (found) replaced()
      return found
    }
    const overview = () => ({
      ...overviewOfAll(engines(), api.keyVariable),
      tokenRequest: oauth.tokenRequest(),
    })
    plant()
    let running: RunningServer | undefined
    const sandbox = createSandbox({
      controls: {
        ...{ clock, faults, scenarios, journal, verifier, jobs, contexts, overview, reset, restore },
        keys: { sandbox: keys.test, production: keys.live },
        operations: createOperationViews(
          engines,
          (collection) => items.list(SCOPES[0] ?? '', collection, { limit: 1 })[0]?.id,
        ),
        snapshots: snapshots.names,
        snapshot: snapshots.save,
      },
      ...{ adminKey, items, redaction, transactions, changes, scheme },
      isLocal: (request) => running?.guard.isLocal(request) === true,
      own: { ...webhooks.controls, ...rules.controls },
      described: rules.controlPaths,
      folder: api.dashboardPages ?? defaultPages,
      collections: database.collections,
      draft: createRequestDrafts({
        ...{ engines, items },
        keys: { sandbox: keys.test, production: keys.live },
      }),
      connect() {
        if (running === undefined) throw new Error('The mock does not listen yet')
        return running.connect()
      },
    })

    const rulePages = createRulePages({
      pages: { ...createReference(engines), ...rules.pages },
      frontDoor: createFrontDoor(() => overview()),
      ...{ contexts, transactions, scheme },
    })
    const ownAddresses = [...OWN_ADDRESSES, ...rulePages.addresses]
    // Those of the document at the start: what a changed one would take has been printed with the key.
    const addresses = createAddresses(operations(), ownAddresses)
    const isOwn = (path: string) =>
      ownAddresses.some((address) => path === address || path.startsWith(`${address}/`))
    for (const warning of addresses.warnings) log(`Warning: ${warning}`)
    const names = [host, ...(options.allowedHosts ?? [])].map((name) => name.replace(/:\d+$|^\[|\]$/g, ''))
    const certificate = https === false ? undefined : (own ?? (await keptCertificate(settings, names)))
    running = await listen({
      secure: certificate && {
        certificate,
        ca: https === true || https === false ? undefined : https.ca,
        asksClients:
          usesClientCertificates(operations()) || (typeof https === 'object' && https.ca !== undefined),
      },
      ...{ host, port, requestHandler, rulePages },
      allowedHosts: options.allowedHosts ?? [],
      isTaken: (path) =>
        addresses.isTaken(path) ||
        (path === '/' && served.route('GET', '/', '').match.kind !== 'unknown') ||
        (oauth.find(path)?.isDeclared === true && !isOwn(path)),
      control: sandbox.control,
      pages: createPages({
        ...{ apiKeys, projects, adminKey, onLog: log },
        now: clock.now,
        title: overview().title,
        endpoint: overview().example.path,
        variable: api.keyVariable,
        sandbox,
      }),
      onError,
    })
    url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${running.port}`
    jobs.start()
    const follow = ({ document }: Engine, index: number): DocumentWatch =>
      watchDocument(
        document,
        () => open(sources[index] ?? { spec: api.document }),
        (changed) => {
          served.replace(index, prepare(changed))
          oauth.forget()
          secretNames = lazy(() => secretNamesOf(operations()))
          cookieNames = lazy(() => cookieNamesOf(operations()))
          log(`The document has changed: ${changed.operations.length} operations`)
          const warnings = [...addresses.warningsFor(operations()), ...overview().warnings]
          for (const warning of warnings.slice(0, MAX_WARNINGS)) log(`Warning: ${warning}`)
        },
        (reason) => log(`The document has changed, but the last good one stays: ${reason}`),
      )
    const watches = options.watch ? engines().map(follow) : []
    return {
      url,
      certificate: certificate?.cert,
      // A page of the document would be handed the key.
      dashboardUrl: `${url}/dashboard${addresses.warnings.length === 0 ? `#key=${adminKey}` : ''}`,
      project: shown(projects.find(DEFAULT_PROJECT.id)),
      ...{ keys, adminKey, apiKeys, overview },
      async reset() {
        reset()
        await transactions.committed()
      },
      async snapshot(name = `snapshot-${snapshots.names().length + 1}`) {
        snapshots.save(name)
        changes.note('control')
        await transactions.committed()
        return name
      },
      async restore(name) {
        if (!restore(name)) throw new TypeError(`name: there is no snapshot ${JSON.stringify(name)}`)
        await transactions.committed()
      },
      requests: () => journal.entries(),
      setScenarios(next) {
        scenarios.set(next)
        changes.note('control')
      },
      verify: verifier.verify,
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
        await running?.close()
        await apiKeys.close()
        database.close()
      },
    }
  } catch (error) {
    if (isRead) database.close()
    else database.discard()
    throw error
  }
}

/** The proxy is loaded for those who have an API to forward to. */
async function openProxy(
  options: ProxyOptions,
  parts: {
    readonly gate: Gate
    readonly scheme: Scheme
    readonly log: (line: string) => void
    readonly operations: () => readonly Operation[]
    readonly mode: MockServerOptions['requests']
  },
): Promise<ApiProxy> {
  const { gate, scheme, log, operations, mode } = parts
  const { createProxy } = await import('./proxy/proxy.js')
  return createProxy(options, {
    ...{ gate, operations, onLog: log, clientCertificateOf },
    checksRequests: mode !== 'off',
    originOf: ({ headers }) => `${scheme}://${headers.host}`,
  })
}

const usesClientCertificates = (operations: readonly Operation[]): boolean =>
  operations.some((operation) =>
    operation
      .security()
      .flat()
      .some(({ scheme }) => scheme.type === 'mutualTLS'),
  )

function apiOf({ api, spec, documents, watch }: MockServerOptions): MockApi {
  if (api !== undefined) return api
  const document = spec ?? documents?.[0]?.spec
  return document === undefined ? gosend({ editable: watch }) : { document }
}

/** The API's rules, with the caller's laid over them. */
async function rulesOf(api: MockApi, { rules = {}, handlers }: MockServerOptions): Promise<Rules> {
  const base = (typeof api.rules === 'function' ? await api.rules() : api.rules) ?? {}
  return {
    ...base,
    ...rules,
    handlers: { ...base.handlers, ...rules.handlers, ...handlers },
    jobs: { ...base.jobs, ...rules.jobs },
    controls: { ...base.controls, ...rules.controls },
    controlPaths: { ...base.controlPaths, ...rules.controlPaths },
    pages: { ...base.pages, ...rules.pages },
    forget() {
      base.forget?.()
      rules.forget?.()
    },
  }
}

function shown(project: Project | undefined): MockServer['project'] {
  if (project === undefined) throw new Error('The default project is missing from the database')
  const { id, name, webhookUrl, createdAt } = project
  return { id, name, webhookUrl, createdAt: createdAt.toISOString().replace('.000Z', 'Z') }
}
