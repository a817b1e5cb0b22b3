// The composition root and the public API: createMockServer puts document, database, keys and listener together.

import { createRequire } from 'node:module'
import { type ApiKeys, createApiKeys } from '@gosend/auth-core'
import type { Project } from '@gosend/express-adapter'
import { createClock } from './clock.js'
import { DEFAULT_PROJECT, openDatabase } from './database.js'
import { type ApiDocument, loadDocument } from './document.js'
import { createEngine } from './engine.js'
import { createExchange } from './exchange.js'
import { gosendHandlers } from './gosend/handlers.js'
import type { Handlers } from './handlers.js'
import { createPages } from './pages.js'
import { openSandboxKeys, type Tag } from './sandbox-keys.js'
import { type AuthMode, createGate } from './security.js'
import { listen } from './server.js'

export type { Handler, HandlerAnswer, HandlerContext, HandlerRequest, Handlers } from './handlers.js'
export type { ParameterValues } from './parameters.js'
export { generateKeys } from './sandbox-keys.js'
export type { AuthMode } from './security.js'
export { DocumentError, type DocumentErrorCode } from './source.js'

export interface MockServerOptions {
  /** The document: a file, or an object. Default: GoSendAPI v1, with its own rules. */
  readonly spec?: string | URL | object | undefined
  /** Code that answers operations, by operationId. */
  readonly handlers?: Handlers | undefined
  /** The database file; `:memory:` (the default) forgets everything when the server closes. */
  readonly db?: string | undefined
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Host names to answer to besides loopback and `host`, with a port or for any port. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Fixed keys, as `generateKeys()` makes them. Default: those of the database, made when it is new. */
  readonly keys?: Partial<Record<Tag, string | undefined>> | undefined
  /** At least 32 characters. Default: the database's own. */
  readonly adminKey?: string | undefined
  /** How credentials are judged. Default `strict`. */
  readonly auth?: AuthMode | undefined
  /** Credentials by security scheme, for schemes other than API keys. Default: any well-formed one. */
  readonly credentials?: Readonly<Record<string, readonly string[]>> | undefined
  /** Samples are the same for the same seed. */
  readonly seed?: string | undefined
  /** Makes values anew for every answer. */
  readonly dynamic?: boolean | undefined
  /** False stores nothing: every answer is an example or a sample. Default true. */
  readonly stateful?: boolean | undefined
  /** How many samples every collection begins with. Default 2. */
  readonly seedItems?: number | undefined
  /** Answers an error where the document contradicts itself. */
  readonly strict?: boolean | undefined
  /** Bytes that a request body may have. Default 10 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Told of everything that people who run the mock may want to read. Default: nobody. */
  readonly onLog?: ((line: string) => void) | undefined
}

export interface MockServer {
  /** `http://127.0.0.1:4010`: the API answers below it, with and without the base path of its document. */
  readonly url: string
  readonly dashboardUrl: string
  readonly project: {
    readonly id: string
    readonly name: string
    readonly webhookUrl: string | null
    readonly createdAt: string
  }
  /** A key per environment. They open this mock and nothing else. */
  readonly keys: Readonly<Record<Tag, string>>
  /** For the management API under `/admin`. */
  readonly adminKey: string
  readonly apiKeys: ApiKeys
  /** The path of an operation that is easy to try. */
  readonly example: string
  close(): Promise<void>
}

const MAX_BODY_BYTES = 10 * 1024 * 1024

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
export async function createMockServer(options: MockServerOptions = {}): Promise<MockServer> {
  const {
    host = '127.0.0.1',
    port = 0,
    db = ':memory:',
    onLog = () => {},
    maxBodyBytes = MAX_BODY_BYTES,
  } = options
  const { seed = 'gosend', dynamic = false, strict = false, auth = 'strict', credentials = {} } = options
  const { stateful = true, seedItems = 2 } = options
  const handlers =
    options.spec === undefined ? { ...gosendHandlers, ...options.handlers } : (options.handlers ?? {})

  const clock = createClock()
  const database = openDatabase(db, clock.now)
  try {
    const { projects, settings } = database
    const apiKeys = createApiKeys({
      store: database.keys,
      now: clock.now,
      isProjectActive: (id) => projects.find(id)?.status === 'active',
    })
    // argon2 works on the keys in its own threads while the document is read in this one.
    const opening = openSandboxKeys(apiKeys, settings, options)
    opening.catch(() => {})
    const document = loadDocument(options.spec ?? defaultDocument())
    const { keys, adminKey } = await opening
    const state = stateful ? { items: database.items, clock, seedItems } : undefined
    const engine = createEngine(document, { seed, dynamic, maxBodyBytes, state, onWarning: onLog })
    const gate = createGate({ apiKeys, mode: auth, credentials })
    const exchange = createExchange({
      engine: () => engine,
      gate,
      handlers,
      projects,
      clock,
      maxBodyBytes,
      strict,
    })
    const running = await listen({
      host,
      port,
      exchange,
      allowedHosts: options.allowedHosts ?? [],
      isDescribed: (path) => engine.router.match('GET', path, '').kind !== 'unknown',
      control: (_request, response) => response.writeHead(404).end(),
      pages: createPages({ apiKeys, projects, adminKey, now: clock.now, onLog }),
      onError: (error) =>
        onLog(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    })
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${running.port}`
    return {
      url,
      dashboardUrl: `${url}/dashboard`,
      project: shown(projects.find(DEFAULT_PROJECT.id)),
      keys,
      adminKey,
      apiKeys,
      example: examplePath(document),
      async close() {
        await running.close()
        await apiKeys.close()
        database.close()
      },
    }
  } catch (error) {
    database.close()
    throw error
  }
}

/** The shortest path that a plain GET answers. */
function examplePath({ operations }: ApiDocument): string {
  const [operation] = operations
    .filter(({ method, path }) => method === 'GET' && !path.includes('{'))
    .sort((a, b) => a.path.length - b.path.length)
  return operation === undefined ? '/' : `${operation.basePaths[0] ?? ''}${operation.path}`
}

const defaultDocument = (): string => createRequire(import.meta.url).resolve('@gosend/openapi/gosend.yaml')

function shown(project: Project | undefined): MockServer['project'] {
  if (project === undefined) throw new Error('The default project is missing from the database')
  const { id, name, webhookUrl, createdAt } = project
  return { id, name, webhookUrl, createdAt: createdAt.toISOString().replace('.000Z', 'Z') }
}
