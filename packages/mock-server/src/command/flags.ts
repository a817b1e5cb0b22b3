// What was typed, and the environment, as the options of createMockServer.

import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import { didYouMean } from '@gosend/options'
import { durationOf } from '../control/durations.js'
import { shownAddress } from '../engine/document/resources.js'
import { readData } from '../engine/document/tree.js'
import { isObject } from '../engine/json.js'
import {
  type DocumentOptions,
  gosend,
  type MockApi,
  type MockServerOptions,
  type Scenario,
} from '../index.js'
import { learnedFileOf } from '../learning/learned-file.js'
import { isUpstream } from '../proxy/options.js'
import { withoutPrism } from './prism.js'
import { UsageError } from './usage-error.js'

export const FLAGS = {
  spec: { type: 'string', short: 's' },
  mount: { type: 'string', multiple: true },
  overlay: { type: 'string', multiple: true },
  root: { type: 'string' },
  'allow-remote-refs': { type: 'boolean' },
  'allow-ref-host': { type: 'string', multiple: true },
  port: { type: 'string', short: 'p' },
  host: { type: 'string', short: 'h' },
  'allow-host': { type: 'string', multiple: true },
  'control-from': { type: 'string', multiple: true },
  timeout: { type: 'string' },
  db: { type: 'string' },
  env: { type: 'string' },
  'env-file': { type: 'string' },
  'key-test': { type: 'string' },
  'key-live': { type: 'string' },
  'admin-key': { type: 'string' },
  auth: { type: 'string' },
  requests: { type: 'string' },
  'fail-on-guess': { type: 'boolean' },
  scenario: { type: 'string', multiple: true },
  record: { type: 'string' },
  learned: { type: 'string' },
  'no-learned': { type: 'boolean' },
  out: { type: 'string' },
  har: { type: 'string', multiple: true },
  header: { type: 'string', multiple: true },
  writes: { type: 'boolean' },
  'record-bodies': { type: 'string' },
  'fail-on': { type: 'string' },
  fallback: { type: 'boolean' },
  'no-fallback': { type: 'boolean' },
  mocked: { type: 'string', multiple: true },
  'upstream-timeout': { type: 'string' },
  'upstream-ca': { type: 'string' },
  'validate-request': { type: 'boolean' },
  'no-validate-request': { type: 'boolean' },
  credential: { type: 'string', multiple: true },
  client: { type: 'string', multiple: true },
  'redirect-uri': { type: 'string', multiple: true },
  'rate-limits': { type: 'string' },
  webhook: { type: 'string', multiple: true },
  'webhook-secret': { type: 'string' },
  'allow-webhook-host': { type: 'string', multiple: true },
  'max-body': { type: 'string' },
  dynamic: { type: 'boolean', short: 'd' },
  seed: { type: 'string' },
  stateless: { type: 'boolean' },
  'seed-items': { type: 'string' },
  strict: { type: 'boolean' },
  errors: { type: 'boolean' },
  'seed-data': { type: 'string' },
  watch: { type: 'boolean' },
  https: { type: 'boolean' },
  cert: { type: 'string' },
  key: { type: 'string' },
  ca: { type: 'string' },
  cors: { type: 'boolean' },
  'no-cors': { type: 'boolean' },
  'cors-origin': { type: 'string', multiple: true },
  quiet: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values']

export interface Typed {
  readonly flags: Flags
  /** What to do; without a word of its own it is to serve. */
  readonly command: 'serve' | 'keygen' | 'explain' | 'mcp' | 'help' | 'wait' | 'learn' | 'test' | 'parity'
  /** The real API to forward to. */
  readonly upstream?: string | undefined
  /** What to explain. */
  readonly file: string | undefined
  /** What to serve; GoSendAPI where there is none. */
  readonly documents: readonly { readonly spec: string; readonly mount?: string }[]
  /** What to learn from. */
  readonly recordings?: readonly string[]
  /** What to explain; all operations where it is undefined. */
  readonly operation?: string | undefined
}

/** What was typed, with `--flag=true` as `--flag`, and without what `--flag=false` or `--no-flag` takes back. */
function plainArguments(typed: readonly string[]): readonly string[] {
  const plain: string[] = []
  for (const argument of joinedAnswers(withoutPrism(typed))) {
    const [, no, name = '', value] = /^--(no-)?([\w-]+?)(?:=(true|false))?$/.exec(argument) ?? []
    if (!isBoolean(name)) plain.push(argument)
    else {
      const opposite = `no-${name}`
      const isOn = (no === undefined) === (value !== 'false')
      const others = plain.filter((other) => other !== `--${name}` && other !== `--${opposite}`)
      const last = isOn ? [`--${name}`] : Object.hasOwn(FLAGS, opposite) ? [`--${opposite}`] : []
      plain.splice(0, plain.length, ...others, ...last)
    }
  }
  return plain
}

const isBoolean = (name: string): boolean =>
  Object.hasOwn(FLAGS, name) && FLAGS[name as keyof typeof FLAGS].type === 'boolean'

/** `--cors false`, in two words, as `--cors=false`. */
const joinedAnswers = (typed: readonly string[]): readonly string[] =>
  typed.flatMap((argument, at) => {
    const isAnswer = /^(true|false)$/.test(argument) && isBoolean(typed[at - 1]?.replace(/^--/, '') ?? '')
    const next = typed[at + 1] ?? ''
    if (isAnswer) return []
    const takesNext = /^--/.test(argument) && isBoolean(argument.slice(2)) && /^(true|false)$/.test(next)
    return [takesNext ? `${argument}=${next}` : argument]
  })

/** @throws UsageError when nobody can say what is meant. */
export function readArguments(typed: readonly string[]): Typed {
  const args = plainArguments(typed)
  const unknown = parseArgs({ args: [...args], options: FLAGS, strict: false, tokens: true }).tokens.find(
    (token) => token.kind === 'option' && !Object.hasOwn(FLAGS, token.name),
  )
  if (unknown?.kind === 'option') {
    const known = Object.keys(FLAGS).map((name) => `--${name}`)
    throw new UsageError(`unknown option ${unknown.rawName}${didYouMean(unknown.rawName, known)}`)
  }
  const { values: flags, positionals } = parsed(args)
  // Every command has the same page.
  if (flags.help) return { flags, command: 'help', file: undefined, documents: [] }
  const [first, ...rest] = positionals
  if (first === 'keygen') {
    if (rest.length > 0) throw new UsageError('keygen takes nothing')
    return { flags, command: 'keygen', file: undefined, documents: [] }
  }
  if (first === 'explain') {
    const [file, operation, ...surplus] = [...(flags.spec === undefined ? [] : [flags.spec]), ...rest]
    if (file === undefined)
      throw new UsageError('explain needs a document, as in: gosend-mock explain openapi.yaml')
    if (surplus.length > 0)
      throw new UsageError('explain takes a document and one operation; put "GET /pets" in quotes')
    return { flags, command: 'explain', file, operation, documents: [] }
  }
  if (first === 'learn' || first === 'test')
    return { flags, command: first, file: undefined, documents: [], recordings: recorded(first, rest) }
  if (first === 'wait') return { flags, command: 'wait', file: awaited(rest), documents: [] }
  if (first === 'help') return { flags, command: 'help', file: undefined, documents: [] }
  if (first === 'parity') {
    const { documents, upstream } = proxied('parity', rest, flags)
    return { flags, command: 'parity', file: documents[0]?.spec, documents: [], upstream }
  }
  if (first === 'proxy') return { flags, command: 'serve', file: undefined, ...proxied('proxy', rest, flags) }
  if (first !== undefined && !isServing(first) && !/[./\\]/.test(first) && !existsSync(first)) {
    throw new UsageError(`unknown command ${JSON.stringify(first)}${didYouMean(first, COMMANDS)}`)
  }
  const files = isServing(first) ? rest : positionals
  const specs = [...files, ...(flags.spec === undefined ? [] : [flags.spec])]
  const documents = [...specs.map((spec) => ({ spec })), ...(flags.mount ?? []).map(mountFrom)]
  if (first === 'mock' && documents.length === 0) {
    throw new UsageError('mock needs a document, as in: gosend-mock mock openapi.yaml')
  }
  if (documents.length > 1 && flags.overlay !== undefined)
    throw new UsageError('--overlay is for one document; with several, use the option overlays of each')
  if (first === 'mcp' && flags.json)
    throw new UsageError('mcp goes without --json: its output is for the agent')
  return { flags, command: first === 'mcp' ? 'mcp' : 'serve', file: undefined, documents }
}

const COMMANDS = ['mock', 'proxy', 'learn', 'test', 'parity', 'mcp', 'wait', 'keygen', 'explain', 'help']

function recorded(command: string, files: readonly string[]): readonly string[] {
  if (files.length === 0)
    throw new UsageError(
      `${command} needs recorded traffic, as in: gosend-mock ${command} api.har --spec openapi.yaml`,
    )
  return files
}

function awaited([url, ...surplus]: readonly string[]): string {
  if (url === undefined || surplus.length > 0 || !/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new UsageError('wait takes an address, as in: gosend-mock wait http://127.0.0.1:4010')
  return url
}

/** How long `wait` waits. */
export function waitingTimeFrom({ timeout = '30s' }: Flags): number {
  const milliseconds = durationOf(timeout)
  if (milliseconds === undefined)
    throw new UsageError(`--timeout must be a time such as 30s, not ${JSON.stringify(timeout)}`)
  return milliseconds
}

/** Commands that take what a mock without a command takes. */
const isServing = (first: string | undefined): boolean => first === 'mock' || first === 'mcp'

/** The document and the API behind it. */
function proxied(
  command: string,
  given: readonly string[],
  { spec }: Flags,
): Pick<Typed, 'documents' | 'upstream'> {
  const [file, upstream, ...surplus] = [...(spec === undefined ? [] : [spec]), ...given]
  if (file === undefined || upstream === undefined || surplus.length > 0)
    throw new UsageError(
      `${command} takes a document and the address of the API, as in: gosend-mock ${command} openapi.yaml https://api.example.com`,
    )
  if (!isUpstream(upstream))
    throw new UsageError(
      `${command} needs an http or https address without a user, query or fragment, not ${JSON.stringify(shownAddress(upstream))}`,
    )
  return { documents: [{ spec: file }], upstream }
}

function proxyFrom(upstream: string | undefined, flags: Flags): MockServerOptions['proxy'] {
  if (upstream === undefined) {
    for (const name of PROXY_FLAGS)
      if (flags[name] !== undefined) throw new UsageError(`--${name} is for proxy`)
    return undefined
  }
  if (flags['fail-on'] !== undefined && flags['fail-on'] !== 'violations')
    throw new UsageError('--fail-on must be violations')
  return {
    url: upstream,
    errors: flags.errors,
    fallback: flags['no-fallback'] !== true,
    mocked: flags.mocked,
    timeoutMs: timeoutFrom(flags['upstream-timeout']),
    ca: pemOf('--upstream-ca', flags['upstream-ca']),
  }
}

const PROXY_FLAGS = [
  'fail-on',
  'fallback',
  'no-fallback',
  'mocked',
  'upstream-timeout',
  'upstream-ca',
  'validate-request',
  'no-validate-request',
] as const

function timeoutFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const milliseconds = durationOf(text)
  if (milliseconds === undefined || milliseconds < 1 || milliseconds > 600_000)
    throw new UsageError(
      `--upstream-timeout must be a time such as 30s, at most 10m, not ${JSON.stringify(text)}`,
    )
  return milliseconds
}

function mountFrom(pair: string): { readonly spec: string; readonly mount: string } {
  const [, mount, spec] = /^((?:\/[\w.~-]+)+)=(.+)$/.exec(pair) ?? []
  if (mount === undefined || spec === undefined)
    throw new UsageError(
      `--mount must be /PATH=FILE, such as /crm=crm.yaml, not ${JSON.stringify(shownAddress(pair))}`,
    )
  return { spec, mount }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [, ambiguous] = /^Option '(--?[\w-]+)' argument is ambiguous/.exec(message) ?? []
    if (ambiguous !== undefined)
      throw new UsageError(`${ambiguous} needs a value; for one that begins with a dash, write --FLAG=-VALUE`)
    throw new UsageError((message.split('.')[0] ?? message).replace(/^./, (letter) => letter.toLowerCase()))
  }
}

/** @throws UsageError when a flag has a value that it cannot have. */
export function optionsFrom({ flags, documents, upstream, command }: Typed): MockServerOptions {
  const environment = { ...process.env, ...readEnvironment(flags.env ?? flags['env-file']) }
  const { auth, requests } = flags
  if (auth !== undefined && auth !== 'strict' && auth !== 'any' && auth !== 'off') {
    throw new UsageError('--auth must be strict, any or off')
  }
  if (requests !== undefined && requests !== 'strict' && requests !== 'warn' && requests !== 'off') {
    throw new UsageError('--requests must be strict, warn or off')
  }
  return {
    ...apiFrom(documents, flags, environment),
    ...documentOptionsFrom(flags),
    // Several agents may have a mock each, and start them in a folder that they cannot write to.
    port: portFrom(flags.port ?? (command === 'mcp' ? '0' : '4010')),
    host: flags.host,
    https: httpsFrom(flags),
    allowedHosts: flags['allow-host'],
    controlFrom: flags['control-from'],
    db: flags.db ?? (command === 'mcp' ? ':memory:' : databaseOf(documents.map(({ spec }) => spec))),
    keys: {
      test: flags['key-test'] ?? environment.GOSEND_MOCK_KEY_TEST,
      live: flags['key-live'] ?? environment.GOSEND_MOCK_KEY_LIVE,
    },
    adminKey: flags['admin-key'] ?? environment.GOSEND_MOCK_ADMIN_KEY,
    auth,
    proxy: proxyFrom(upstream, flags),
    record: recordFrom(flags),
    learned: learnedFrom(flags, documents),
    scenarios: flags.scenario?.flatMap(scenariosFrom),
    requests: requests ?? (flags['no-validate-request'] ? 'off' : undefined),
    failOnGuess: flags['fail-on-guess'],
    credentials: credentialsFrom(flags.credential ?? []),
    clients: flags.client?.map(clientFrom),
    redirectUris: flags['redirect-uri'],
    ...webhooksFrom(flags, documents.length === 0, environment),
    seed: flags.seed,
    dynamic: flags.dynamic,
    stateful: flags.stateless !== true,
    seedItems: countFrom(flags['seed-items']),
    maxBodyBytes: sizeFrom('--max-body', flags['max-body']),
    // `--errors` is Prism's name for it; for a proxy it is about what upstream answers.
    strict: flags.strict ?? (upstream === undefined ? flags.errors : undefined),
    seedData: flags['seed-data'] === undefined ? undefined : seedDataFrom(flags['seed-data']),
    watch: flags.watch,
    corsOrigins: originsFrom(flags),
  }
}

/** @throws UsageError when a file cannot be read. */
function httpsFrom({ https, cert, key, ca }: Flags): MockServerOptions['https'] {
  if (cert === undefined && key === undefined && ca === undefined) return https
  return { cert: pemOf('--cert', cert), key: pemOf('--key', key), ca: pemOf('--ca', ca) }
}

function pemOf(flag: string, file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${flag} ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** What `--cors-origin` names comes on top of the pages of this machine, unless `--no-cors` closes it to them. */
const originsFrom = ({ cors, 'no-cors': closed, 'cors-origin': named = [] }: Flags): readonly string[] => [
  ...(cors ? ['*'] : []),
  ...(closed ? [] : ['local']),
  ...named,
]

/** What the document may be made of: for serving it, and for explaining it. */
export const documentOptionsFrom = (flags: Flags): DocumentOptions => ({
  overlays: flags.overlay,
  root: flags.root,
  allowRemoteRefs: flags['allow-remote-refs'],
  allowRefHosts: flags['allow-ref-host'],
})

function gosendFrom(flags: Flags, environment: NodeJS.Dict<string>): MockApi {
  const rateLimits = flags['rate-limits'] ?? environment.GOSEND_MOCK_RATE_LIMITS ?? 'documented'
  if (rateLimits !== 'documented' && rateLimits !== 'off') {
    throw new UsageError('--rate-limits must be documented or off')
  }
  return gosend({ rateLimits, allowWebhookHosts: flags['allow-webhook-host'], editable: flags.watch })
}

/** Where webhooks go. @throws UsageError when they are of GoSendAPI, whose clients say so by its own operations. */
function webhooksFrom(
  flags: Flags,
  isGosend: boolean,
  environment: NodeJS.Dict<string>,
): Pick<MockServerOptions, 'webhooks' | 'webhookSecret' | 'allowWebhookHosts'> {
  for (const name of ['webhook', 'webhook-secret'] as const)
    if (isGosend && flags[name] !== undefined)
      throw new UsageError(`--${name} is for other documents; GoSendAPI has POST /v1/webhooks`)
  if (isGosend) return {}
  return {
    webhooks: flags.webhook,
    webhookSecret: flags['webhook-secret'] ?? environment.GOSEND_MOCK_WEBHOOK_SECRET,
    allowWebhookHosts: flags['allow-webhook-host'],
  }
}

/** What is served. @throws UsageError when a flag is for GoSendAPI alone. */
function apiFrom(
  documents: Typed['documents'],
  flags: Flags,
  environment: NodeJS.Dict<string>,
): Pick<MockServerOptions, 'api' | 'spec' | 'documents'> {
  const [first, ...others] = documents
  if (first === undefined) return { api: gosendFrom(flags, environment) }
  if (flags['rate-limits'] !== undefined)
    throw new UsageError(`--rate-limits is for GoSendAPI, not for ${shownAddress(first.spec)}`)
  return others.length === 0 && first.mount === undefined ? { spec: first.spec } : { documents }
}

const ADDRESS = /^https?:\/\//i

/** What one API has stored must not turn up in the lists of another that has paths of the same names. */
function databaseOf(specs: readonly string[]): string {
  // Without its document a mock does not start, and shall leave no file behind.
  if (specs.some((spec) => !ADDRESS.test(spec) && !existsSync(spec))) return ':memory:'
  const name = specs.map(shortNameOf).filter(Boolean).join('-').slice(0, MAX_NAME)
  return `.gosend/${name === '' ? 'mock' : `mock-${name}`}.db`
}

const MAX_NAME = 150

function shortNameOf(spec: string): string {
  const place = ADDRESS.test(spec) ? shownAddress(spec).replace(/^https?:|[?#].*$/gi, '') : relative('', spec)
  return place
    .replace(/\.\w+$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

function seedDataFrom(file: string): Record<string, unknown[]> {
  const data = readData(file)
  if (!isObject(data) || !Object.values(data).every(Array.isArray)) {
    throw new UsageError(`--seed-data ${file}: must be an object of lists, by the paths of collections`)
  }
  return data as Record<string, unknown[]>
}

function scenariosFrom(file: string): readonly Scenario[] {
  const data = readData(file)
  const list = isObject(data) && Array.isArray(data.scenarios) ? data.scenarios : data
  if (!Array.isArray(list)) throw new UsageError(`--scenario ${file}: must be a list of scenarios`)
  return list as readonly Scenario[]
}

function portFrom(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new UsageError(`--port must be 0 to 65535, not ${JSON.stringify(text)}`)
  return port
}

function countFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,3}$/.test(text))
    throw new UsageError(`--seed-items must be 0 to 999, not ${JSON.stringify(text)}`)
  return Number(text)
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** What lies beside the document is taken, unless somebody does not want it. */
export function learnedFrom(flags: Flags, documents: Typed['documents']): string | undefined {
  const [first, ...others] = documents
  if (flags.learned !== undefined || flags['no-learned']) return flags.learned
  const beside = first && others.length === 0 && !ADDRESS.test(first.spec) ? learnedFileOf(first.spec) : ''
  return existsSync(beside) ? beside : undefined
}

function recordFrom(flags: Flags): MockServerOptions['record'] {
  const { record: file, 'record-bodies': bodies } = flags
  if (file === undefined && bodies !== undefined)
    throw new UsageError('--record-bodies goes with --record FILE.har')
  return file === undefined ? undefined : { file, maxBodyBytes: sizeFrom('--record-bodies', bodies) }
}

function sizeFrom(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, digits = '', unit = ''] = /^(\d{1,9}) ?([kmg]?)(?:i?b)?$/i.exec(text) ?? []
  if (digits === '') throw new UsageError(`${flag} must be a size such as 20MB, not ${JSON.stringify(text)}`)
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
}

function credentialsFrom(pairs: readonly string[]): Record<string, string[]> {
  const credentials = new Map<string, string[]>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new UsageError('--credential must be SCHEME=VALUE')
    const scheme = pair.slice(0, equals)
    credentials.set(scheme, [...(credentials.get(scheme) ?? []), pair.slice(equals + 1)])
  }
  return Object.fromEntries(credentials)
}

/** A client that has no secret stands there by its id alone. */
function clientFrom(pair: string): { readonly id: string; readonly secret?: string } {
  const colon = pair.indexOf(':')
  if (pair === '' || colon === 0)
    throw new UsageError('--client must be ID:SECRET, or ID for a public client')
  return colon < 0 ? { id: pair } : { id: pair.slice(0, colon), secret: pair.slice(colon + 1) }
}

function readEnvironment(file: string | undefined): NodeJS.Dict<string> {
  if (file === undefined) return {}
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`--env ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
