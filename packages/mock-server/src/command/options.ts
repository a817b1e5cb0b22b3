// The flags, and the environment, as the options of createMockServer.

import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { shownAddress } from '../engine/document/resources.js'
import { type DocumentOptions, gosend, type MockApi, type MockServerOptions } from '../index.js'
import { learnedFileOf } from '../learning/learned-file.js'
import type { Typed } from './commands.js'
import type { Flags } from './flags.js'
import { UsageError } from './usage-error.js'
import {
  clientFrom,
  countFrom,
  credentialsFrom,
  oneOf,
  pemOf,
  portFrom,
  readEnvironment,
  scenariosFrom,
  seedDataFrom,
  sizeFrom,
  upstreamTimeoutFrom,
} from './values.js'

/** @throws UsageError when a flag has a value that it cannot have. */
export function optionsFrom({ flags, documents, upstream, command }: Typed): MockServerOptions {
  const environment = readEnvironment(flags.env ?? flags['env-file'])
  const auth = oneOf('--auth', flags.auth, ['strict', 'any', 'off'])
  const requests = oneOf('--requests', flags.requests, ['strict', 'warn', 'off'])
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
    seedData: seedDataFrom(flags['seed-data']),
    watch: flags.watch,
    corsOrigins: originsFrom(flags),
  }
}

/** @throws UsageError when a file cannot be read. */
function httpsFrom({ https, cert, key, ca }: Flags): MockServerOptions['https'] {
  if (cert === undefined && key === undefined && ca === undefined) return https
  return { cert: pemOf('--cert', cert), key: pemOf('--key', key), ca: pemOf('--ca', ca) }
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
  const given = flags['rate-limits'] ?? environment.GOSEND_MOCK_RATE_LIMITS
  const rateLimits = oneOf('--rate-limits', given, ['documented', 'off']) ?? 'documented'
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
  if (others.length === 0) return first.mount === undefined ? { spec: first.spec } : { documents }
  return { documents: documents.map((one) => ({ ...one, learned: learnedFrom(flags, [one]) })) }
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

/** What lies beside the document is taken, unless somebody does not want it. */
export function learnedFrom(flags: Flags, documents: Typed['documents']): string | undefined {
  const [first, ...others] = documents
  if (first !== undefined && others.length > 0 && flags.learned !== undefined)
    throw new UsageError(
      `--learned goes with one document; of several, each takes the file beside it, such as ${learnedFileOf(first.spec)}`,
    )
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

function proxyFrom(upstream: string | undefined, flags: Flags): MockServerOptions['proxy'] {
  if (upstream === undefined) {
    for (const name of PROXY_FLAGS)
      if (flags[name] !== undefined) throw new UsageError(`--${name} is for proxy`)
    return undefined
  }
  oneOf('--fail-on', flags['fail-on'], ['violations'])
  return {
    url: upstream,
    errors: flags.errors,
    fallback: flags['no-fallback'] !== true,
    mocked: flags.mocked,
    timeoutMs: upstreamTimeoutFrom(flags['upstream-timeout']),
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
