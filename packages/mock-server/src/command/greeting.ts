// What people read on the terminal once the mock listens, and what programs read instead.

import { curlTo } from '../control/drafted-request.js'
import { curlOf } from '../engine/document/curl.js'
import type { AuthMode, MockOverview, MockServer, MockServerOptions } from '../index.js'

const MAX_WARNINGS = 10

/** The one line of `--json`. */
export const summaryOf = ({ url, dashboardUrl, project, keys, adminKey }: MockServer): string =>
  JSON.stringify({ url, dashboardUrl, project, keys, adminKey })

/** What is wrong with the document, in a few lines. */
export function warningsOf({ url, overview }: MockServer): readonly string[] {
  const { warnings } = overview()
  const surplus = warnings.length - MAX_WARNINGS
  return [
    ...warnings.slice(0, MAX_WARNINGS).map((warning) => `Warning: ${warning}`),
    ...(surplus > 0 ? [`Warning: and ${surplus} more; see ${url}/_mock`] : []),
  ]
}

/** Who may call from a browser, and the flag that changes it. */
function pagesOf(origins: readonly string[]): string {
  if (origins.includes('*')) return 'of any origin may call the API (--cors)'
  const named = origins.filter((origin) => origin !== 'local')
  if (!origins.includes('local'))
    return named.length === 0 ? 'may not call the API (--no-cors)' : `of ${named.join(', ')} may call the API`
  const others = named.length === 0 ? '' : ` and of ${named.join(', ')}`
  return `of this machine${others} may call the API; --cors opens it to all, --no-cors closes it`
}

/** Whose credentials are accepted, and the flag that changes it. */
const CREDENTIALS: Readonly<Record<AuthMode, string>> = {
  strict: 'keys of this mock; --auth any accepts any, --auth off asks for none',
  any: 'any will do (--auth any)',
  off: 'are not asked for (--auth off)',
}

const MAX_ROUTES = 25

/** Each operation with an address to call, as far as they fit on a screen. */
export async function routesOf({ routes, overview, url }: MockServer): Promise<string> {
  const shown = await routes(MAX_ROUTES)
  const width = Math.max(0, ...shown.map(({ method }) => method.length))
  const more = overview().operations - shown.length
  return [
    ...shown.map((route) => `  ${route.method.padEnd(width)}  ${quotable(route.url)}`),
    ...(more > 0 ? [`  … and ${more} more: ${url}/reference`] : []),
    '',
  ].join('\n')
}

/** How clients come to trust a certificate that the mock has made. */
const certificateOf = (file: string | undefined): string =>
  file === undefined ? '' : `  Certificate  ${file}, for Node.js: NODE_EXTRA_CA_CERTS=${file}\n`

/** A curl that takes the certificate for what it is, or where it is in no file does not ask who signed it. */
const trusting = (line: string, url: string, file: string | undefined): string =>
  line.replace(/\bcurl(?= )/g, file === undefined ? curlTo(url) : `curl --cacert ${file}`)

/** What was asked for, as far as it is told again. */
export type Greeted = Pick<
  MockServerOptions,
  'db' | 'corsOrigins' | 'proxy' | 'record' | 'learned' | 'documents' | 'auth'
>

/** @param certificateFile where the certificate is that the mock has made. */
export function greetingOf(
  mock: MockServer,
  { db = ':memory:', corsOrigins = ['local'], proxy, record, learned, documents = [], auth }: Greeted,
  certificateFile?: string,
): string {
  const { url, dashboardUrl, project, keys, adminKey } = mock
  const { operations, resources } = mock.overview()
  return [
    ...warningsOf(mock),
    `
  ${titleOf(mock.overview())}: ${operations} operation${operations === 1 ? '' : 's'}, ${storing(resources)}

  Listening    ${url}
${proxy === undefined ? '' : `  Forwards to  ${proxy.url}\n`}  Project      ${project.name} (${project.id})
  Sandbox      ${keys.test}
  Production   ${keys.live}
  Admin        ${adminKey}
  Dashboard    ${dashboardUrl}
  Reference    ${url}/reference
${certificateOf(certificateFile)}  Credentials  ${CREDENTIALS[auth ?? (proxy === undefined ? 'strict' : 'any')]}
  Web pages    ${pagesOf(corsOrigins)}
  State        ${db === ':memory:' ? 'in memory, gone at the end' : db}
${learnedOf([learned, ...documents.map((one) => one.learned)])}${record === undefined ? '' : `  Records to   ${record.file}\n`}
  ${[exampleOf(mock), ...tokenExampleOf(mock)].map((line) => trusting(line, url, certificateFile)).join('\n  ')}
`,
  ].join('\n')
}

function learnedOf(learned: readonly Greeted['learned'][]): string {
  const files = learned.filter((one) => typeof one === 'string')
  return files.length === 0 ? '' : `  Learned      ${files.join(', ')}\n`
}

/** One document, or all of them with the paths that they are served below. */
const titleOf = ({ title, version, documents }: MockOverview): string =>
  documents?.map((one) => `${one.title} ${one.version} (${one.path})`).join(', ') ?? `${title} ${version}`

const QUOTE = process.platform === 'win32' ? '"' : "'"
/** For quotes that every shell takes: the shell finds nothing to do in it. */
const quotable = (address: string): string =>
  address.replace(/[\s"'$`\\!]/g, encodeURIComponent).replaceAll("'", '%27')

/** A curl that works, credential included. */
function exampleOf({ url, keys, overview }: MockServer): string {
  const { path, security } = overview().example
  return curlOf({ address: quotable(`${url}${path}`), security, key: keys.test, quote: QUOTE })
}

/** A curl that gets a token, where there are some. */
function tokenExampleOf({ url, overview }: MockServer): readonly string[] {
  const { tokenRequest } = overview()
  if (tokenRequest === undefined) return []
  const { path, client, form } = tokenRequest
  const fields = Object.entries(form).map(([name, value]) => `-d ${name}=${value}`)
  const address = `${QUOTE}${quotable(`${url}${path}`)}${QUOTE}`
  return [`curl ${address} -u ${QUOTE}${quotable(client)}${QUOTE} ${fields.join(' ')}`]
}

function storing(names: readonly string[]): string {
  if (names.length === 0) return 'nothing is stored'
  const shown = names.slice(0, 5).join(', ')
  return `stores ${names.length > 5 ? `${shown} and ${names.length - 5} more` : shown}`
}
