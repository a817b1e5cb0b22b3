// Everything that a mock serves besides the API: the control plane, the dashboard, the reference, its front door.

import { commandOf } from '../control/drafted-request.js'
import { createOperationViews } from '../control/operation-views.js'
import { overviewOfAll } from '../control/overview.js'
import { createSandbox, type Sandbox } from '../control/sandbox.js'
import type { MockOverview } from '../control/wire.js'
import type { Operation } from '../engine/document/operation.js'
import { defaultPages } from '../mock-api.js'
import { createRequestDrafts, draftOfExample, type RequestDrafts } from '../request-drafts.js'
import { SANDBOX_ENVIRONMENTS, type SandboxKeys } from '../security/sandbox-keys.js'
import { type Addresses, createAddresses } from '../server/addresses.js'
import { keptCertificate } from '../server/certificates.js'
import { createFrontDoor, type FrontDoorOptions } from '../server/front-door.js'
import { createPages } from '../server/pages.js'
import { createReference } from '../server/reference.js'
import { createRulePages } from '../server/rule-pages.js'
import { listen, OWN_ADDRESSES, type ServerOptions } from '../server/server.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import { lateAgents } from './agents.js'
import type { Documents } from './documents.js'
import { type LateParts, made } from './late-parts.js'
import type { Resets } from './resets.js'
import type { Settings } from './settings.js'
import type { Storage } from './storage.js'
import type { Tests } from './tests.js'
import type { Traffic } from './traffic.js'

export interface Surface {
  readonly overview: () => MockOverview
  readonly addresses: Addresses
  /** With https: what clients are to trust, as PEM. */
  readonly certificate: string | undefined
}

export interface SurfaceParts {
  readonly settings: Settings
  readonly storage: Storage
  readonly documents: Documents
  readonly webhooks: Webhooks
  readonly keys: SandboxKeys
  readonly traffic: Traffic
  readonly resets: Resets
  readonly toTest: Tests
  readonly late: LateParts
}

/** Listens. @throws the listener's error when the port cannot be had. */
export async function openSurface(parts: SurfaceParts): Promise<Surface> {
  const { settings, storage, documents, traffic, late } = parts
  const { options, api, rules, host, scheme, log } = settings
  const { served } = documents
  const overview = (): MockOverview => ({
    ...overviewOfAll(served.engines(), api.keyVariable),
    tokenRequest: traffic.oauth.tokenRequest(),
  })
  const drafts = createRequestDrafts({
    ...{ engines: served.engines, items: storage.items },
    keys: { sandbox: parts.keys.keys.test, production: parts.keys.keys.live },
  })
  const sandbox = sandboxOf(parts, overview, drafts)
  const rulePages = createRulePages({
    pages: { ...createReference(served.engines), ...rules.pages },
    frontDoor: createFrontDoor({ overview, command: commandOfExample(parts, drafts, overview) }),
    ...{ contexts: traffic.contexts, transactions: storage.database.transactions, scheme },
  })
  const ownAddresses = [...OWN_ADDRESSES, ...rulePages.addresses]
  // Those of the document at the start: what a changed one would take has been printed with the key.
  const addresses = createAddresses(served.operations(), ownAddresses)
  for (const warning of addresses.warnings) log.warning(warning)
  const secure = await secureOf(settings, storage, served.operations())
  const server = await listen({
    ...{ host, secure, rulePages, requestHandler: traffic.requestHandler, onError: log.error },
    port: options.port ?? 0,
    allowedHosts: options.allowedHosts ?? [],
    controlFrom: options.controlFrom ?? [],
    onStranger: log.warning,
    isTaken: takenBy(parts, addresses, ownAddresses),
    control: sandbox.control,
    pages: createPages({
      ...{ apiKeys: storage.apiKeys, projects: storage.database.projects, adminKey: parts.keys.adminKey },
      ...{ sandbox, overview, now: storage.clock.now, onLog: log.line, variable: api.keyVariable },
    }),
  })
  late.server = server
  late.url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${server.port}`
  return { overview, addresses, certificate: secure?.certificate.cert }
}

/** A GET that is easy to try, with the sandbox's key in it. */
function commandOfExample(
  { documents: { served } }: SurfaceParts,
  drafts: RequestDrafts,
  overview: () => MockOverview,
): FrontDoorOptions['command'] {
  const scope = { projectId: DEFAULT_PROJECT.id, environment: SANDBOX_ENVIRONMENTS.test }
  return (origin) => {
    const { path, security } = overview().example
    const draft = draftOfExample(served.engines(), drafts, path, scope)
    return draft && commandOf(draft, origin, security)
  }
}

function sandboxOf(parts: SurfaceParts, overview: () => MockOverview, drafts: RequestDrafts): Sandbox {
  const { settings, storage, documents, webhooks, traffic, resets, late } = parts
  const { api, rules, scheme } = settings
  const { database, clock, items, changes } = storage
  const { faults, scenarios, journal, verifier, jobs, contexts, redaction } = traffic
  const { keys, adminKey } = parts.keys
  const { snapshots, transactions, collections } = database
  return createSandbox({
    controls: {
      ...{ clock, faults, scenarios, journal, verifier, jobs, contexts, overview, toTest: parts.toTest },
      ...{ reset: resets.reset, restore: resets.restore },
      keys: { sandbox: keys.test, production: keys.live },
      operations: createOperationViews(documents.served.engines, items, {
        projectId: DEFAULT_PROJECT.id,
        environment: SANDBOX_ENVIRONMENTS.test,
      }),
      snapshots: snapshots.names,
      snapshot: snapshots.save,
    },
    ...{ adminKey, items, redaction, transactions, changes, scheme, collections },
    isLocal: (request) => late.server?.guard.isLocal(request) === true,
    own: { ...webhooks.controls, ...rules.controls },
    described: rules.controlPaths,
    folder: api.dashboardPages ?? defaultPages,
    draft: drafts,
    connect: () => made(late, 'server').connect(),
    agents: lateAgents(late, adminKey),
  })
}

/** Whether a path below one of the mock's own addresses is the document's all the same. */
function takenBy(
  { documents: { served }, traffic: { oauth } }: SurfaceParts,
  addresses: Addresses,
  ownAddresses: readonly string[],
): ServerOptions['isTaken'] {
  const isOwn = (path: string) =>
    ownAddresses.some((address) => path === address || path.startsWith(`${address}/`))
  return (path) =>
    addresses.isTaken(path) ||
    (path === '/' && served.route('GET', '/', '').match.kind !== 'unknown') ||
    (oauth.find(path)?.isDeclared === true && !isOwn(path))
}

async function secureOf(
  { options, host, https, certificate }: Settings,
  { database }: Storage,
  operations: readonly Operation[],
): Promise<ServerOptions['secure']> {
  if (https === undefined) return undefined
  const names = [host, ...(options.allowedHosts ?? [])].map((name) => name.replace(/:\d+$|^\[|\]$/g, ''))
  return {
    certificate: certificate ?? (await keptCertificate(database.settings, names)),
    ca: https.ca,
    asksClients: https.ca !== undefined || operations.some(asksForCertificate),
  }
}

const asksForCertificate = (operation: Operation): boolean =>
  operation
    .security()
    .flat()
    .some(({ scheme }) => scheme.type === 'mutualTLS')
