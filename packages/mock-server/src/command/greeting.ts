// What people read on the terminal once the mock listens, and what programs read instead.

import { curlOf } from '../engine/document/curl.js'
import type { MockOverview, MockServer } from '../index.js'

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

/** @param db where the state is kept. */
export function greetingOf(mock: MockServer, db: string): string {
  const { url, dashboardUrl, project, keys, adminKey } = mock
  const { operations, resources } = mock.overview()
  return [
    ...warningsOf(mock),
    `
  ${titleOf(mock.overview())}: ${operations} operation${operations === 1 ? '' : 's'}, ${storing(resources)}

  Listening    ${url}
  Project      ${project.name} (${project.id})
  Sandbox      ${keys.test}
  Production   ${keys.live}
  Admin        ${adminKey}
  Dashboard    ${dashboardUrl}
  Reference    ${url}/reference
  State        ${db === ':memory:' ? 'in memory, gone at the end' : db}

  ${exampleOf(mock)}
`,
  ].join('\n')
}

/** One document, or all of them with the paths that they are served below. */
const titleOf = ({ title, version, documents }: MockOverview): string =>
  documents?.map((one) => `${one.title} ${one.version} (${one.path})`).join(', ') ?? `${title} ${version}`

/** A curl that works, credential included. */
function exampleOf({ url, keys, overview }: MockServer): string {
  const { path, security } = overview().example
  // In quotes that every shell takes, and in which the shell finds nothing to do.
  const address = `${url}${path.replace(/[\s"'$`\\!]/g, encodeURIComponent).replaceAll("'", '%27')}`
  return curlOf({ address, security, key: keys.test, quote: process.platform === 'win32' ? '"' : "'" })
}

function storing(names: readonly string[]): string {
  if (names.length === 0) return 'nothing is stored'
  const shown = names.slice(0, 5).join(', ')
  return `stores ${names.length > 5 ? `${shown} and ${names.length - 5} more` : shown}`
}
