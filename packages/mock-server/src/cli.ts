// The command: what was typed to createMockServer, what is printed meanwhile, and how it ends.

import { statSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { didYouMean } from '@gosend/options'
import { readArguments, type Typed } from './command/commands.js'
import { chosenFrom, explanationOf } from './command/explanation.js'
import { FLAGS } from './command/flags.js'
import { greetingOf, routesOf, summaryOf, warningsOf } from './command/greeting.js'
import { HELP } from './command/help.js'
import { helpData } from './command/help-data.js'
import { documentOptionsFrom, optionsFrom } from './command/options.js'
import { UsageError } from './command/usage-error.js'
import { waitingTimeFrom } from './command/values.js'
import { exitCodeOf, violationsOf } from './command/violations.js'
import { shownAddress } from './engine/document/resources.js'
import { DocumentError } from './engine/document/source.js'
import {
  createMockServer,
  explainDocument,
  generateKeys,
  type MockServer,
  type MockServerOptions,
} from './index.js'
import { ownVersion } from './shipped.js'

const note = (line: string): void => void process.stderr.write(`${line}\n`)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

// V8 lets garbage grow with the heap, to twice its size. A fifth is enough for a mock, and keeps big documents small.
const HEAP_GROWTH = '--heap-growing-percent=20'

async function main(): Promise<void> {
  setFlagsFromString(HEAP_GROWTH)
  const typed = readArguments(process.argv.slice(2))
  const { flags, command } = typed
  const step = flags.version ? () => print(ownVersion()) : STEPS[command]
  if (step !== undefined) return await step(typed)
  const options = optionsFrom(typed)
  for (const { spec } of typed.documents) announceBigFile(spec)
  const mock = await start({
    ...options,
    onLog: note,
    onExchange: flags.quiet ? undefined : createBufferedNote(),
  })
  if (command === 'mcp') return serveAgent(mock)
  if (flags.json) {
    for (const warning of warningsOf(mock)) note(warning)
    print(summaryOf(mock))
  } else {
    note(greetingOf(mock, options, certificateFileOf(mock, options)))
    // The first request is not to wait for them. A mock that is told to end meanwhile has none to show.
    setTimeout(() => void routesOf(mock).then(note, () => {}), 200).unref()
  }
  if (flags.host !== undefined && !/^(localhost|127\.|::1)/.test(flags.host)) {
    note(`Warning: ${flags.host} lets other machines reach this mock. The admin key is what protects it.`)
  }
  closeOnSignal(mock, flags)
}

/** What the commands do that serve nothing. */
const STEPS: Readonly<Partial<Record<Typed['command'], (typed: Typed) => void | Promise<void>>>> = {
  help: ({ flags }) => printHelp(flags),
  keygen: printKeys,
  wait: waitForAnswer,
  learn: learnFromFiles,
  test: printTest,
  parity: printParity,
  explain: printExplanation,
}

/** Standard output is the agent's. */
async function serveAgent(mock: MockServer): Promise<void> {
  const { url, adminKey, certificate } = mock
  const { openToolbox, sendToAddress, serveStdio } = await import('./agents/agents.js')
  note(`gosend-mock serves an agent over standard input and output, and programs at ${url}`)
  try {
    const send = sendToAddress(url, certificate)
    await serveStdio(() => openToolbox({ send, adminKey, url }), ownVersion())
  } finally {
    await mock.close()
  }
}

/** @throws Error that a person can read. */
async function start(options: MockServerOptions): Promise<MockServer> {
  try {
    return await createMockServer(options)
  } catch (error) {
    throw new Error(explain(error, options), { cause: error })
  }
}

const BIG_BYTES = 2 * 1024 * 1024

/** A line before the pause, so that nobody takes it for a hang. */
function announceBigFile(spec: string): void {
  const size = statSync(spec, { throwIfNoEntry: false })?.size ?? 0
  if (size > BIG_BYTES) note(`Reading ${spec} (${(size / 1024 / 1024).toFixed(0)} MB) …`)
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
    lines.push(`${line}\n`)
  }
}

const printHelp = ({ json }: Typed['flags']): void =>
  print(json ? JSON.stringify(helpData(FLAGS)) : HELP.trimEnd())

/** @throws Error when there is no answer in time. */
async function waitForAnswer({ file: url = '', flags }: Typed): Promise<void> {
  const { waitFor } = await import('./command/wait.js')
  const reason = await waitFor(url, waitingTimeFrom(flags))
  if (reason !== undefined) throw new Error(`${shownAddress(url)} does not answer: ${reason}`)
}

function printKeys(): void {
  const { test, live } = generateKeys()
  print(`GOSEND_MOCK_KEY_TEST=${test}\nGOSEND_MOCK_KEY_LIVE=${live}`)
}

/** @throws UsageError when the document has no such operation. */
async function printExplanation({ flags, file = '', operation }: Typed): Promise<void> {
  const all = await explainDocument(file, documentOptionsFrom(flags))
  const readings = chosenFrom(all, operation)
  if (readings.length === 0 && operation !== undefined) {
    const names = all.map(({ operationId, method, path }) => operationId ?? `${method} ${path}`)
    throw new UsageError(`${shownAddress(file)} has no operation ${operation}${didYouMean(operation, names)}`)
  }
  print(flags.json ? JSON.stringify(readings) : explanationOf(readings))
  const isGuessed = readings.some(({ basis }) => basis === 'guessed')
  if (flags['fail-on-guess'] && isGuessed) process.exitCode = 1
}

/** Writes the learned file, and says what is in it. */
async function learnFromFiles(typed: Typed): Promise<void> {
  const { learnCommand } = await import('./command/learn.js')
  const { file, report } = await learnCommand(typed)
  if (typed.flags.json) return print(JSON.stringify({ file, ...report }))
  const { used, operations, things, unknown } = report
  note(`${file}: learned from ${used} exchanges of ${operations} operations, with ${things} things`)
  for (const line of unknown.slice(0, MAX_UNKNOWN))
    note(`Warning: ${line} is in no operation of the document`)
  if (unknown.length > MAX_UNKNOWN) note(`Warning: and ${unknown.length - MAX_UNKNOWN} more`)
}

async function printTest(typed: Typed): Promise<void> {
  const { testCommand } = await import('./command/learn.js')
  const { text, file } = await testCommand(typed)
  if (file === undefined) print(text.trimEnd())
  else note(`${file}: a test for Vitest`)
}

async function printParity(typed: Typed): Promise<void> {
  const { parityCommand, parityTextOf } = await import('./command/parity.js')
  const report = await parityCommand(typed)
  print(typed.flags.json ? JSON.stringify(report) : parityTextOf(report))
  if (report.differing > 0) process.exitCode = 1
}

const MAX_UNKNOWN = 10

function closeOnSignal(mock: MockServer, flags: Typed['flags']): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const code = reportViolations(mock, flags)
      mock.close().then(
        () => process.exit(code),
        () => process.exit(1),
      )
    })
  }
}

/** Prints what a proxy has found; the exit code that it is worth. */
function reportViolations(mock: MockServer, flags: Typed['flags']): number {
  const report = mock.proxyReport()
  if (report === undefined) return 0
  if (flags.json) print(JSON.stringify(report))
  else note(violationsOf(report))
  return flags['fail-on'] === 'violations' ? exitCodeOf(report) : 0
}

/** Where clients can be pointed to for a certificate that the mock has made: beside its state. */
function certificateFileOf(
  { certificate }: MockServer,
  { db, https }: MockServerOptions,
): string | undefined {
  const isMade = https === true || (typeof https === 'object' && https.cert === undefined)
  if (certificate === undefined || !isMade || db === undefined || db === ':memory:') return undefined
  const file = `${db.replace(/\.db$/, '')}.pem`
  writeFileSync(file, certificate)
  return file
}

/** What keeps a server from listening, by the code of its error. */
const LISTENING: Readonly<Record<string, (options: MockServerOptions) => string>> = {
  EADDRINUSE: ({ port }) => `port ${port} is in use; choose another with --port, or 0 for any`,
  EACCES: ({ port }) => `port ${port} is not allowed; choose one above 1023 with --port`,
  EADDRNOTAVAIL: ({ host }) => `this machine has no such address as ${host}`,
  ENOTFOUND: ({ host }) => `the host name ${host} cannot be resolved`,
}

/** The flags behind options that createMockServer may refuse. */
const FLAG_OF: Readonly<Record<string, string>> = {
  'keys.test': '--key-test',
  'keys.live': '--key-live',
  adminKey: '--admin-key',
  allowWebhookHosts: '--allow-webhook-host',
  corsOrigins: '--cors-origin',
  redirectUris: '--redirect-uri',
  host: '--host',
  controlFrom: '--control-from',
  'https.cert': '--cert',
  'https.key': '--key',
  overlays: '--overlay',
  root: '--root',
  allowRefHosts: '--allow-ref-host',
  'proxy.mocked': '--mocked',
  learned: '--learned',
  'record.file': '--record',
  'record.maxBodyBytes': '--record-bodies',
}

function explain(error: unknown, options: MockServerOptions): string {
  if (error instanceof DocumentError) return error.message
  if (error instanceof TypeError)
    return error.message.replace(/^[\w.]+(?=:)/, (name) => FLAG_OF[name] ?? name)
  const { code = '', syscall = '', message = String(error) } = error as Partial<NodeJS.ErrnoException>
  if (/^(listen|getaddrinfo)$/.test(syscall)) return LISTENING[code]?.(options) ?? message
  const isStorage = syscall !== '' || /SQLITE/.test(code) || /cannot be opened/.test(message)
  return isStorage
    ? `${options.db} cannot keep the state: ${message}; choose another file with --db`
    : message
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error)
  note(`gosend-mock: ${message}${error instanceof UsageError ? '; see gosend-mock --help' : ''}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
