// The command: flags and environment to createMockServer, and what people and programs read on the terminal.

import { readFileSync, statSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { DocumentError, readData } from './document/source.js'
import { createMockServer, generateKeys, type MockServer, type MockServerOptions } from './index.js'
import { isObject } from './json.js'
import { shipped } from './shipped.js'

const HELP = `gosend-mock: a stateful, offline sandbox for an HTTP API, made from its OpenAPI document

Usage
  gosend-mock                        serve GoSendAPI v1 on http://127.0.0.1:4010
  gosend-mock --spec openapi.yaml    serve any OpenAPI 3.1, 3.0 or Swagger 2.0 document
  gosend-mock mock openapi.yaml      the same, as Prism spells it
  gosend-mock keygen                 print a fixed pair of keys, for CI

Server
  -s, --spec FILE          the document, JSON or YAML; files it refers to must lie below its folder
  -p, --port N             0 takes any free port                                       [4010]
  -h, --host ADDRESS       0.0.0.0 lets other machines in                         [127.0.0.1]
      --allow-host NAME    answer to this host name too; may be repeated
      --db FILE            where state is kept; :memory: forgets it         [.gosend/mock.db]
      --seed-data FILE     what collections begin with: {"/pets": [{"name": "Rex"}]}
      --watch              swap the document when its files change; what is stored stays
      --cors               let pages of any origin call the mocked API
      --cors-origin URL    let pages of this origin call it; may be repeated
      --env-file FILE      read the variables below from a file; no other file is ever read

Keys
      --key-test KEY       the sandbox key                            or GOSEND_MOCK_KEY_TEST
      --key-live KEY       the production key                         or GOSEND_MOCK_KEY_LIVE
      --admin-key KEY      for /admin and /_mock, 32 characters or more
                                                                     or GOSEND_MOCK_ADMIN_KEY
                           Flags are visible to other users of this machine, in \`ps\`; these
                           keys open nothing but this sandbox. Prefer the variables anyway.
      --auth MODE          strict: only this mock's keys; any: any credential; off    [strict]
      --credential S=VALUE what security scheme S accepts; may be repeated

Answers
  -d, --dynamic            new values for every answer instead of examples
      --seed TEXT          other, but always the same, samples                       [gosend]
      --stateless          store nothing: examples and samples only
      --seed-items N       samples that every collection begins with                      [2]
      --strict             an error where the document contradicts itself

GoSendAPI
      --rate-limits MODE   documented: 10 requests a second in the sandbox, and so on; off: none,
                           for tests at full speed                           [documented]
                                                                  or GOSEND_MOCK_RATE_LIMITS
      --allow-webhook-host HOST
                           post webhooks to this host, address or network too, over https;
                           may be repeated                                [this machine only]

Output
      --quiet              no line per request
      --json               one line of JSON on standard output once the server listens
      --help, --version

Each request may ask for more: Prefer: code=404, example=NAME, dynamic=true, delay=250
`

const OPTIONS = {
  spec: { type: 'string', short: 's' },
  port: { type: 'string', short: 'p' },
  host: { type: 'string', short: 'h' },
  'allow-host': { type: 'string', multiple: true },
  db: { type: 'string' },
  'env-file': { type: 'string' },
  'key-test': { type: 'string' },
  'key-live': { type: 'string' },
  'admin-key': { type: 'string' },
  auth: { type: 'string' },
  credential: { type: 'string', multiple: true },
  'rate-limits': { type: 'string' },
  'allow-webhook-host': { type: 'string', multiple: true },
  dynamic: { type: 'boolean', short: 'd' },
  seed: { type: 'string' },
  stateless: { type: 'boolean' },
  'seed-items': { type: 'string' },
  strict: { type: 'boolean' },
  errors: { type: 'boolean' },
  'seed-data': { type: 'string' },
  watch: { type: 'boolean' },
  cors: { type: 'boolean' },
  'cors-origin': { type: 'string', multiple: true },
  quiet: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

type Flags = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values']

/** A mistake of whoever typed the command: one line, no stack. */
class UsageError extends Error {}

const note = (line: string): void => void process.stderr.write(`${line}\n`)

// V8 lets garbage grow with the heap, to twice its size. A fifth is enough for a mock, and keeps big documents small.
const HEAP_GROWTH = '--heap-growing-percent=20'

async function main(): Promise<void> {
  setFlagsFromString(HEAP_GROWTH)
  const { values: flags, positionals } = readArguments()
  if (flags.help) return void process.stdout.write(HELP)
  if (flags.version) return void process.stdout.write(`${version()}\n`)
  const [command, file, ...rest] = positionals
  if (command === 'keygen') return printKeys()
  if (command !== undefined && (command !== 'mock' || rest.length > 0)) {
    throw new UsageError(`unknown command ${JSON.stringify(command)}`)
  }
  const options = optionsFrom(flags, file)
  announceBigFile(options.spec)
  const mock = await createMockServer(options)
  if (flags.json) process.stdout.write(`${JSON.stringify(summaryOf(mock))}\n`)
  else greet(mock)
  if (flags.host !== undefined && !/^(localhost|127\.|::1)/.test(flags.host)) {
    note(`Warning: ${flags.host} lets other machines reach this mock. The admin key is what protects it.`)
  }
  closeOnSignal(mock)
}

const BIG_BYTES = 2 * 1024 * 1024

/** A line before the pause, so that nobody takes it for a hang. */
function announceBigFile(spec: MockServerOptions['spec']): void {
  const size = typeof spec === 'string' ? (statSync(spec, { throwIfNoEntry: false })?.size ?? 0) : 0
  if (size > BIG_BYTES) note(`Reading ${String(spec)} (${(size / 1024 / 1024).toFixed(0)} MB) …`)
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new UsageError((message.split('.')[0] ?? message).replace(/^U/, 'u'))
  }
}

function optionsFrom(flags: Flags, file: string | undefined): MockServerOptions {
  const environment = { ...process.env, ...readEnvironment(flags['env-file']) }
  const { auth } = flags
  if (auth !== undefined && auth !== 'strict' && auth !== 'any' && auth !== 'off') {
    throw new UsageError('--auth must be strict, any or off')
  }
  const rateLimits = flags['rate-limits'] ?? environment.GOSEND_MOCK_RATE_LIMITS ?? 'documented'
  if (rateLimits !== 'documented' && rateLimits !== 'off') {
    throw new UsageError('--rate-limits must be documented or off')
  }
  return {
    spec: flags.spec ?? file,
    port: portFrom(flags.port ?? '4010'),
    host: flags.host,
    allowedHosts: flags['allow-host'],
    db: flags.db ?? '.gosend/mock.db',
    keys: {
      test: flags['key-test'] ?? environment.GOSEND_MOCK_KEY_TEST,
      live: flags['key-live'] ?? environment.GOSEND_MOCK_KEY_LIVE,
    },
    adminKey: flags['admin-key'] ?? environment.GOSEND_MOCK_ADMIN_KEY,
    auth,
    credentials: credentialsFrom(flags.credential ?? []),
    seed: flags.seed,
    dynamic: flags.dynamic,
    stateful: flags.stateless !== true,
    seedItems: countFrom(flags['seed-items']),
    // `--errors` is Prism's name for it.
    strict: flags.strict ?? flags.errors,
    seedData: flags['seed-data'] === undefined ? undefined : seedDataFrom(flags['seed-data']),
    rateLimits,
    allowWebhookHosts: flags['allow-webhook-host'],
    watch: flags.watch,
    corsOrigins: [...(flags.cors ? ['*'] : []), ...(flags['cors-origin'] ?? [])],
    onLog: note,
    onExchange: flags.quiet ? undefined : createBufferedNote(),
  }
}

/** Lines are written together a few times a second, for a write for each would halve the speed, and at the end. */
function createBufferedNote(): (line: string) => void {
  let lines: string[] = []
  const flush = () => {
    process.stderr.write(lines.join(''))
    lines = []
  }
  process.once('exit', flush)
  return (line) => {
    if (lines.length === 0) setTimeout(flush, 50).unref()
    lines.push(`${line.replace(UNPRINTABLE, '?')}\n`)
  }
}

// What clients send must not drive the terminal.
const UNPRINTABLE = /[\p{Cc}\p{Cf}]/gu

function seedDataFrom(file: string): Record<string, unknown[]> {
  const data = readData(file)
  if (!isObject(data) || !Object.values(data).every(Array.isArray)) {
    throw new UsageError(`--seed-data ${file}: must be an object of lists, by the paths of collections`)
  }
  return data as Record<string, unknown[]>
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

function credentialsFrom(pairs: readonly string[]): Record<string, string[]> {
  const credentials: Record<string, string[]> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new UsageError('--credential must be SCHEME=VALUE')
    const scheme = pair.slice(0, equals)
    credentials[scheme] = [...(credentials[scheme] ?? []), pair.slice(equals + 1)]
  }
  return credentials
}

function readEnvironment(file: string | undefined): NodeJS.Dict<string> {
  if (file === undefined) return {}
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`--env-file ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function printKeys(): void {
  const { test, live } = generateKeys()
  process.stdout.write(`GOSEND_MOCK_KEY_TEST=${test}\nGOSEND_MOCK_KEY_LIVE=${live}\n`)
}

const summaryOf = ({ url, dashboardUrl, project, keys, adminKey }: MockServer) => ({
  url,
  dashboardUrl,
  project,
  keys,
  adminKey,
})

function greet(mock: MockServer): void {
  const { url, dashboardUrl, project, keys, adminKey } = mock
  const { title, version, operations, resources, warnings } = mock.overview()
  const stored = resources.length === 0 ? 'nothing is stored' : `stores ${list(resources)}`
  for (const warning of warnings.slice(0, MAX_WARNINGS)) note(`Warning: ${warning}`)
  if (warnings.length > MAX_WARNINGS)
    note(`Warning: and ${warnings.length - MAX_WARNINGS} more; see ${url}/_mock`)
  note(`
  ${title} ${version}: ${operations} operations, ${stored}

  Listening    ${url}
  Project      ${project.name} (${project.id})
  Sandbox      ${keys.test}
  Production   ${keys.live}
  Admin        ${adminKey}
  Dashboard    ${dashboardUrl}
  Reference    ${url}/reference

  curl ${curlArguments(mock)}
`)
}

/** The arguments of a curl that works, credential included. */
function curlArguments({ url, keys, overview }: MockServer): string {
  const { path, security } = overview().example
  const target = `'${url}${path}'`
  if (security === undefined) return target
  const { type, scheme, in: place, parameter } = security
  if (type !== 'apiKey')
    return scheme === 'basic' ? `${target} -u name:password` : `${target} -H 'Authorization: Bearer token'`
  if (place === 'header') return `${target} -H '${parameter}: ${keys.test}'`
  return place === 'cookie'
    ? `${target} -b '${parameter}=${keys.test}'`
    : `'${url}${path}?${parameter}=${keys.test}'`
}

const MAX_WARNINGS = 10

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}

function closeOnSignal(mock: MockServer): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      mock.close().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
}

function version(): string {
  const file = shipped('package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

const NETWORK_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; choose another with --port, or 0 for any',
  EACCES: 'the port is not allowed; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this host name cannot be resolved',
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}; see gosend-mock --help`
  if (error instanceof DocumentError || error instanceof TypeError) return error.message
  const { code, message } = error as { code?: string; message?: string }
  return NETWORK_PROBLEMS[code ?? ''] ?? message ?? String(error)
}

main().catch((error: unknown) => {
  note(`gosend-mock: ${explain(error)}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
