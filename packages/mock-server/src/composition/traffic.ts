// What a request to the mocked API meets: the gate, faults and scenarios, rules and jobs, the journal.

import { createFaults, type Faults } from '../control/faults.js'
import { createJournal, type Journal } from '../control/journal.js'
import { shortened } from '../control/noted-exchanges.js'
import { createRedaction, type Redaction, WHOLE } from '../control/redaction.js'
import { createVerifier, type Verifier } from '../control/verification.js'
import { createOAuth, type OAuth } from '../oauth/oauth.js'
import { createReplays } from '../pipeline/replays.js'
import { createRequestHandler, type RequestHandler } from '../pipeline.js'
import type { ApiProxy, ProxyParts } from '../proxy/proxy.js'
import { createRecorder, type Recorder } from '../recording/recorder.js'
import { type Contexts, createContexts, type StoreWrite } from '../rules/contexts.js'
import { createJobs, type Jobs } from '../rules/jobs.js'
import { openScenarios, type Scenarios } from '../scenarios/scenarios.js'
import { createCors, LOCAL } from '../security/cors.js'
import type { Gate } from '../security/gate.js'
import type { SandboxKeys } from '../security/sandbox-keys.js'
import { createGate } from '../security/security.js'
import { createSessions } from '../security/sessions.js'
import { clientCertificateOf } from '../server/client-certificates.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import type { Documents } from './documents.js'
import { finishingJobs } from './finishing.js'
import type { LateParts } from './late-parts.js'
import type { Settings } from './settings.js'
import type { Storage } from './storage.js'

export interface Traffic {
  readonly requestHandler: RequestHandler
  readonly faults: Faults
  readonly scenarios: Scenarios
  readonly journal: Journal
  readonly redaction: Redaction
  readonly verifier: Verifier
  readonly oauth: OAuth
  readonly jobs: Jobs
  readonly contexts: Contexts
  /** Undefined where the mock answers alone. */
  readonly proxy: ApiProxy | undefined
  /** Undefined where nothing is recorded. */
  readonly recorder: Recorder | undefined
}

export interface TrafficParts {
  readonly settings: Settings
  readonly storage: Storage
  readonly documents: Documents
  readonly webhooks: Webhooks
  readonly keys: SandboxKeys
  readonly late: LateParts
}

export async function createTraffic(parts: TrafficParts): Promise<Traffic> {
  const { settings, storage, documents, webhooks, late } = parts
  const { options, rules, scheme, log } = settings
  const { database, clock } = storage
  const { served } = documents
  const { engines, operations } = served
  const faults = createFaults(settings.seed, operations)
  const { fault: webhookFault } = webhooks
  const scenarios = await openScenarios({ engines, webhookFault }, options.scenarios ?? [])
  const redaction = createRedaction(documents.secretNames, secretsOf(parts))
  log.redactWith(redaction.text)
  const journal = createJournal({
    ...{ size: options.journalSize ?? 500, redaction, table: database.journal },
    onRecord: () => storage.changes.note('requests'),
    onError: log.error,
  })
  const sessions = createSessions({ items: storage.items, clock, names: documents.cookieNames })
  const oauth = createOAuth({
    ...{ documents: engines, grants: database.grants, settings: database.settings, clock },
    clients: options.clients ?? [],
    redirectUris: options.redirectUris ?? [],
  })
  const gate = createGate({
    ...{ apiKeys: storage.apiKeys, adminKey: parts.keys.adminKey, tokens: oauth, sessions, now: clock.now },
    trustsOnly: settings.https?.ca !== undefined,
    mode: options.auth ?? (options.proxy === undefined ? 'strict' : 'any'),
    credentials: options.credentials ?? {},
  })
  const recorder = openRecorder(parts)
  const { jobs, contexts } = createBackground(parts)
  late.contexts = contexts
  const proxy = await openProxy(settings, { gate, operations })
  const requestHandler = createRequestHandler({
    ...{ served, gate, sessions, rules, contexts, clock, faults, scenarios, oauth, webhooks, proxy },
    journal: recorder === undefined ? journal : both(journal, recorder),
    notedBytes: recorder?.maxBodyBytes,
    ...{ scheme, clientCertificateOf, apiKeys: storage.apiKeys, transactions: database.transactions },
    cors: createCors(options.corsOrigins ?? [LOCAL]),
    onExchange: (line) => options.onExchange?.(redaction.line(line)),
    onError: log.error,
    strict: options.strict ?? false,
    requests: options.requests ?? (options.proxy === undefined ? 'strict' : 'warn'),
    isKnownId: storage.items.isKnown,
    replays: createReplays(database.firstAnswers, clock),
    isSameOrigin: (request) => late.server?.guard.isSameOrigin(request) === true,
  })
  const verifier = createVerifier(journal, operations)
  return {
    ...{ requestHandler, faults, scenarios, journal, redaction, verifier, oauth, jobs, contexts, proxy },
    recorder,
  }
}

/** @throws TypeError when the file is no HAR. */
function openRecorder(parts: TrafficParts): Recorder | undefined {
  const { settings, documents, late } = parts
  const { options, log } = settings
  if (options.record === undefined) return undefined
  const redaction = createRedaction(documents.secretNames, secretsOf(parts), WHOLE)
  return createRecorder(options.record, { redaction, origin: () => late.url, onError: log.error })
}

/** Each exchange for the recording, and what the journal keeps of it. */
const both = (journal: Journal, recorder: Recorder): Pick<Journal, 'record'> => ({
  record(exchange) {
    recorder.record(exchange)
    journal.record(shortened(exchange))
  },
})

/** All that no line may show: the mock's own keys, and what the caller has set. */
function secretsOf({ settings: { options }, keys: { keys, adminKey } }: TrafficParts): readonly string[] {
  const { credentials = {}, clients = [], webhookSecret } = options
  return [
    adminKey,
    ...Object.values(keys),
    ...Object.values(credentials).flat(),
    ...clients.flatMap(({ secret }) => secret ?? []),
    ...(webhookSecret === undefined ? [] : [webhookSecret]),
  ]
}

/** What rules see of the mock, and what they have it do later. */
function createBackground({ settings, storage, documents, webhooks, late }: TrafficParts) {
  const { rules, log } = settings
  const { database, items, clock } = storage
  const { projects, transactions } = database
  const jobs: Jobs = createJobs({
    ...{ transactions, clock, log: log.line },
    byName: { ...webhooks.jobs, ...finishingJobs(documents.served, webhooks), ...rules.jobs },
    table: database.jobs,
    contextOf: (scope, run) => contexts.ofJob(scope, run),
  })
  const contexts: Contexts = createContexts({
    ...{ projects, items, jobs, transactions, clock, log: log.line },
    seed: rules.seed,
    origin: () => late.url,
    onWrite:
      rules.ownWebhooks === true ? undefined : (scope, write) => tell(documents, webhooks, scope, write),
  })
  return { jobs, contexts }
}

/** Webhooks tell of what rules change as they tell of what requests do. What a project begins with is no change. */
function tell({ served }: Documents, webhooks: Webhooks, scope: string, write: StoreWrite): void {
  const engine = served.engineOf(write.collection)
  const { document, state, router, budget } = engine
  if (document.outgoing === undefined || state === undefined) return
  const [projectId = '', environment = ''] = scope.split('/')
  const identity = { projectId, environment }
  budget.lift(() => {
    const change = state.changeOf({ scope, path: write.collection, router }, write)
    if (change === undefined) return
    if (write.isSeed) webhooks.planted(engine, identity, [change])
    else webhooks.written(engine, { identity, change, by: write.by })
  })
}

/** The proxy is loaded for those who have an API to forward to. */
async function openProxy(
  { options, scheme, log }: Settings,
  parts: Pick<ProxyParts, 'operations'> & { readonly gate: Gate },
): Promise<ApiProxy | undefined> {
  if (options.proxy === undefined) return undefined
  const { createProxy } = await import('../proxy/proxy.js')
  return createProxy(options.proxy, {
    ...{ ...parts, onLog: log.line, clientCertificateOf },
    checksRequests: options.requests !== 'off',
    originOf: ({ headers }) => `${scheme}://${headers.host}`,
  })
}
