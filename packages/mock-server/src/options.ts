// What createMockServer can be told, and what is wrong with it: a slip shall be heard of at once, not in a test's answers.

import {
  anything,
  callback,
  checkOptions,
  didYouMean,
  flag,
  listOf,
  mapOf,
  matching,
  type OptionTable,
  object,
  oneOf,
  required,
  text,
  texts,
  wholeNumber,
} from '@gosend/options'
import {
  type DocumentOptions,
  documentOptions,
  learnedOption,
  type ServedDocument,
  servedDocument,
  specOption,
} from './documents.js'
import { checkLearned, type Learned, readLearned } from './learning/learned-file.js'
import { type MockApi, mockApiOptions } from './mock-api.js'
import type { OAuthClient } from './oauth/clients.js'
import type { RequestMode } from './pipeline/request-mode.js'
import { type ProxyOptions, proxyOptions } from './proxy/options.js'
import { type RecordOptions, recordOptions } from './recording/recorder.js'
import type { Handlers } from './rules/handlers.js'
import { type Rules, rulesOptions } from './rules/rules.js'
import type { Scenario } from './scenarios/scenarios.js'
import type { AuthMode } from './security/gate.js'
import { network } from './security/networks.js'
import type { Tag } from './security/sandbox-keys.js'
import { type HttpsOptions, httpsOption } from './server/certificates.js'

export interface MockServerOptions extends DocumentOptions {
  /** The document: a file, an `http` or `https` address, or an object. */
  readonly spec?: string | URL | object | undefined
  /** Several documents in place of `spec`, each below a path and with a state of its own. */
  readonly documents?: readonly ServedDocument[] | undefined
  /** An API with its own rules and pages, in place of `spec`. Without either, `gosend()`: GoSendAPI v1. */
  readonly api?: MockApi | undefined
  /** Code that answers operations, by operationId: the handlers of `rules`. */
  readonly handlers?: Handlers | undefined
  /** What the document cannot say: handlers, jobs, a guard, pages. Those of `api` stay where these say nothing. */
  readonly rules?: Rules | undefined
  /** The database file; `:memory:` (the default) forgets everything when the server closes. */
  readonly db?: string | undefined
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /**
   * Serves `https`, over HTTP/1.1 and HTTP/2, in place of `http`: with a certificate that the mock makes and keeps in its database, or
   * with that of the caller. Default false.
   */
  readonly https?: boolean | HttpsOptions | undefined
  /** Host names to answer to besides loopback and `host`, with a port or for any port. */
  readonly allowedHosts?: readonly string[] | undefined
  /**
   * Networks such as `172.16.0.0/12` whose machines may use the control plane, with the admin key, as this machine may. Default: none.
   */
  readonly controlFrom?: readonly string[] | undefined
  /**
   * Origins whose pages may call the mocked API, with credentials. `local` is every page of this machine, `*` is all pages,
   * without credentials. Default: `local` alone.
   */
  readonly corsOrigins?: readonly string[] | undefined
  /** Fixed keys, as `generateKeys()` makes them. Default: those of the database, made when it is new. */
  readonly keys?: Partial<Record<Tag, string | undefined>> | undefined
  /** At least 32 characters. Default: the database's own. */
  readonly adminKey?: string | undefined
  /** How credentials are judged. Default `strict`. */
  readonly auth?: AuthMode | undefined
  /**
   * What is done with requests that do not fit the document: `strict` refuses them, `warn` answers and tells what is
   * wrong in `Mock-Violations`, `off` does not look. Default `strict`.
   */
  readonly requests?: RequestMode | undefined
  /**
   * The real API: requests are forwarded to it, and both directions held against the document. `auth` is then `any` and `requests` is `warn`
   * unless they say otherwise, for the answers that the mock gives in its place.
   */
  readonly proxy?: ProxyOptions | undefined
  /** Writes what clients send and get into a HAR, without credentials. Default: nothing is written. */
  readonly record?: RecordOptions | undefined
  /** What `gosend-mock learn` has made of recorded traffic: its file, or what is in it. Of several documents, each has its own. */
  readonly learned?: string | Learned | undefined
  /** Scripted answers, one after the other; a reset begins them anew. */
  readonly scenarios?: readonly Scenario[] | undefined
  /** Whether a document is refused that leaves the mock to guess what an operation does. Default false. */
  readonly failOnGuess?: boolean | undefined
  /** Credentials by security scheme, for schemes other than API keys. Default: any well-formed one. */
  readonly credentials?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * The OAuth clients that get tokens; with some, an `oauth2` or `openIdConnect` scheme takes only tokens and keys of this mock.
   * Default: any client does.
   */
  readonly clients?: readonly OAuthClient[] | undefined
  /** Where the OAuth consent page may send people back to with a code, besides addresses of this machine. */
  readonly redirectUris?: readonly string[] | undefined
  /** Addresses that get all webhooks which the document describes, besides those that clients subscribe. Default: none. */
  readonly webhooks?: readonly string[] | undefined
  /** What webhooks are signed with, where an endpoint has no secret of its own. Default: the database's own. */
  readonly webhookSecret?: string | undefined
  /** Hosts, addresses and networks besides this machine that webhooks may lead to. Default: none. */
  readonly allowWebhookHosts?: readonly string[] | undefined
  /** Samples are the same for the same seed. */
  readonly seed?: string | undefined
  /** Makes values anew for every answer. */
  readonly dynamic?: boolean | undefined
  /** False stores nothing: every answer is an example or a sample. Default true. */
  readonly stateful?: boolean | undefined
  /** How many samples every collection begins with. Default 2. */
  readonly seedItems?: number | undefined
  /** What collections begin with instead, by their paths: `{ '/pets': [{ name: 'Rex' }] }`. */
  readonly seedData?: Readonly<Record<string, readonly unknown[]>> | undefined
  /** Answers an error where the document contradicts itself. */
  readonly strict?: boolean | undefined
  /** Swaps the document when its files change, or what is at its address; what is stored stays. */
  readonly watch?: boolean | undefined
  /** How many exchanges the journal keeps. Default 500. */
  readonly journalSize?: number | undefined
  /**
   * Bytes that a request body may have, decompressed. Default: 10 MiB, and for files what the API's rules say. JSON may hold one
   * value for every 10 of them, and one name of its own for every 200.
   */
  readonly maxBodyBytes?: number | undefined
  /** Told of warnings and errors. Default: nobody. */
  readonly onLog?: ((line: string) => void) | undefined
  /** Told of every exchange in one line. Default: nobody. */
  readonly onExchange?: ((line: string) => void) | undefined
}

const ORIGIN = /^(\*|local|null|[a-z][a-z\d+.-]*:\/\/[^\s/]+)$/i

// What runs in the page that it is opened from is no address.
const REDIRECT_URI = /^(?!javascript:|data:|vbscript:|blob:)[a-z][a-z\d+.-]*:[^\s#]+$/i

const redirectUris = listOf(
  matching(
    REDIRECT_URI,
    'must be an absolute address without a fragment, such as https://app.example.com/callback',
  ),
  'must be a list of addresses',
)

const client = object<OAuthClient>({
  id: required(matching(/^[\x20-\x7e]+$/, 'must be visible ASCII')),
  secret: text,
  redirectUris,
})

const optionTable: OptionTable<MockServerOptions> = {
  ...documentOptions,
  spec: specOption,
  documents: listOf(servedDocument, 'must be a list of documents'),
  api: object(mockApiOptions),
  handlers: rulesOptions.handlers,
  rules: object(rulesOptions),
  db: text,
  port: wholeNumber(0, 65_535),
  host: text,
  https: httpsOption,
  allowedHosts: texts,
  controlFrom: listOf(network, 'must be a list of networks such as 172.16.0.0/12'),
  corsOrigins: listOf(
    matching(ORIGIN, 'must be an origin such as http://localhost:3000, local, or *'),
    'must be a list of origins such as http://localhost:3000, local, or *',
  ),
  keys: object<Partial<Record<Tag, string | undefined>>>({ test: text, live: text }),
  adminKey: text,
  auth: oneOf('strict', 'any', 'off'),
  requests: oneOf('strict', 'warn', 'off'),
  proxy: object(proxyOptions),
  record: object(recordOptions),
  learned: learnedOption,
  scenarios: listOf(anything, 'must be a list of scenarios'),
  failOnGuess: flag,
  credentials: mapOf(texts),
  clients: listOf(client, 'must be a list of clients'),
  redirectUris,
  webhooks: listOf(
    matching(/^https?:\/\/\S+$/i, 'must be an http or https address'),
    'must be a list of addresses',
  ),
  webhookSecret: text,
  allowWebhookHosts: texts,
  seed: text,
  dynamic: flag,
  stateful: flag,
  seedItems: wholeNumber(0, 100_000),
  seedData: mapOf(listOf(anything)),
  strict: flag,
  watch: flag,
  journalSize: wholeNumber(0, 1_000_000),
  maxBodyBytes: wholeNumber(0),
  onLog: callback(),
  onExchange: callback(),
}

/** @throws TypeError when an option is wrong, or none that there is. */
export function readOptions(given: MockServerOptions): MockServerOptions {
  const options = checkOptions(optionTable, given)
  if (options.api !== undefined && options.spec !== undefined)
    throw new TypeError('spec: goes without api, which brings a document of its own')
  if (options.documents !== undefined && (options.api ?? options.spec) !== undefined)
    throw new TypeError('documents: goes without spec and api')
  if (options.learned !== undefined && (options.documents?.length ?? 0) > 1)
    throw new TypeError('learned: goes with one document; of several, each has its own, in documents')
  if (options.documents?.length === 0) throw new TypeError('documents: must have at least one document')
  return options
}

/**
 * What was learned of the document.
 *
 * @throws TypeError when a file is no learned file.
 */
export function learnedIn(learned: MockServerOptions['learned']): Learned | undefined {
  if (typeof learned === 'string') return readLearned(learned)
  return learned && checkLearned(learned, 'the object')
}

/** @throws TypeError when a handler of the caller's is for an operation that the document has not. */
export function checkHandlers(
  { handlers, rules }: MockServerOptions,
  operationIds: ReadonlySet<string>,
): void {
  for (const name of Object.keys({ ...rules?.handlers, ...handlers })) {
    if (!operationIds.has(name))
      throw new TypeError(`handlers.${name}: no such operation${didYouMean(name, operationIds)}`)
  }
}
