// What createMockServer can be told, and what is wrong with it: a slip shall be heard of at once, not in a test's answers.

import { didYouMean } from './did-you-mean.js'
import { isObject } from './engine/json.js'
import type { MockApi } from './mock-api.js'
import type { Handlers } from './rules/handlers.js'
import type { Rules } from './rules/rules.js'
import type { Tag } from './security/sandbox-keys.js'
import type { AuthMode } from './security/security.js'

export interface MockServerOptions {
  /** The document: a file, or an object. */
  readonly spec?: string | URL | object | undefined
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
  /** Host names to answer to besides loopback and `host`, with a port or for any port. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Origins whose pages may call the mocked API; `*` is all of them. Default: none. */
  readonly corsOrigins?: readonly string[] | undefined
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
  /** What collections begin with instead, by their paths: `{ '/pets': [{ name: 'Rex' }] }`. */
  readonly seedData?: Readonly<Record<string, readonly unknown[]>> | undefined
  /** Answers an error where the document contradicts itself. */
  readonly strict?: boolean | undefined
  /** Swaps the document when its files change; what is stored stays. */
  readonly watch?: boolean | undefined
  /** How many exchanges the journal keeps. Default 500. */
  readonly journalSize?: number | undefined
  /** Bytes that a request body may have. Default: what the API's rules say, else 10 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Told of warnings and errors. Default: nobody. */
  readonly onLog?: ((line: string) => void) | undefined
  /** Told of every exchange in one line. Default: nobody. */
  readonly onExchange?: ((line: string) => void) | undefined
}

type Check = readonly [fits: (value: unknown) => boolean, wanted: string]

const ORIGIN = /^(\*|null|[a-z][a-z\d+.-]*:\/\/[^\s/]+)$/i

const text: Check = [(value) => typeof value === 'string', 'a string']
export const flag: Check = [(value) => typeof value === 'boolean', 'true or false']
const object: Check = [isObject, 'an object']
const listener: Check = [(value) => typeof value === 'function', 'a function']
const whole = (high: number): Check => [
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= high,
  `a whole number from 0 to ${high}`,
]
export const listOf = (wanted: string, pattern = /./): Check => [
  (value) => Array.isArray(value) && value.every((one) => typeof one === 'string' && pattern.test(one)),
  `a list of ${wanted}`,
]
export const oneOf = (...values: readonly string[]): Check => [
  (value) => typeof value === 'string' && values.includes(value),
  values.join(' or '),
]

const CHECKS: Readonly<Record<keyof MockServerOptions, Check>> = {
  spec: [
    (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
    'a file or an object',
  ],
  api: [
    (value) => isObject(value) && Object.hasOwn(value, 'document'),
    'what gosend() returns, or another object with a document',
  ],
  handlers: object,
  rules: object,
  db: text,
  port: whole(65_535),
  host: text,
  allowedHosts: listOf('host names'),
  corsOrigins: listOf('origins such as http://localhost:3000, or *', ORIGIN),
  keys: object,
  adminKey: text,
  auth: oneOf('strict', 'any', 'off'),
  credentials: object,
  seed: text,
  dynamic: flag,
  stateful: flag,
  seedItems: whole(100_000),
  seedData: object,
  strict: flag,
  watch: flag,
  journalSize: whole(1_000_000),
  maxBodyBytes: whole(Number.MAX_SAFE_INTEGER),
  onLog: listener,
  onExchange: listener,
}

/** @throws TypeError when an option is wrong, or none that there is. */
export function checkOptions(options: MockServerOptions): void {
  checkEach(options, CHECKS)
  if (options.api !== undefined && options.spec !== undefined)
    throw new TypeError('spec: goes without api, which brings a document of its own')
}

/** @throws TypeError when a value does not fit its check, or has none. */
export function checkEach<Options extends object>(
  options: Options,
  checks: Readonly<Record<keyof Options, Check>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name))
      throw new TypeError(`${name}: no such option${didYouMean(name, Object.keys(checks))}`)
    const [fits, wanted] = checks[name as keyof Options]
    if (value !== undefined && !fits(value)) throw new TypeError(`${name}: must be ${wanted}`)
  }
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
