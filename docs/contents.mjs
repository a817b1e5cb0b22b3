// What the site has, in the order of its sidebar: the path of each page, the file that it is made from, and its name there.
// Files beside the code stay where they are. Pages below `reference/` are made by reference.mjs.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {readonly [path: string, name: string, file?: string]} Entry */

/** @type {{ readonly name: string, readonly entries: readonly Entry[] }[]} */
export const CONTENTS = [
  {
    name: 'Start',
    entries: [
      ['start/sandbox', 'A sandbox of your document', 'docs/pages/start/sandbox.md'],
      ['start/guard', 'A guarded API', 'docs/pages/start/guard.md'],
      ['start/both', 'Both together', 'docs/pages/start/both.md'],
      ['concepts', 'Concepts', 'docs/pages/concepts.md'],
    ],
  },
  {
    name: 'Guides: servers',
    entries: [
      ['guides/express', 'Express 4 and 5', 'docs/pages/guides/express.md'],
      ['guides/nestjs', 'NestJS', 'docs/pages/guides/nestjs.md'],
      ['guides/nextjs', 'Next.js', 'docs/pages/guides/nextjs.md'],
      ['guides/hono', 'Hono', 'docs/pages/guides/hono.md'],
      ['guides/fastify', 'Fastify', 'docs/pages/guides/fastify.md'],
      ['guides/tsoa', 'tsoa', 'docs/pages/guides/tsoa.md'],
      ['guides/node-http', 'node:http', 'docs/pages/guides/node-http.md'],
    ],
  },
  {
    name: 'Guides: operation',
    entries: [
      ['guides/postgres', 'Postgres', 'docs/pages/guides/postgres.md'],
      ['guides/mysql', 'MySQL and MariaDB', 'docs/pages/guides/mysql.md'],
      ['guides/limits', 'Limits', 'docs/pages/guides/limits.md'],
      ['guides/customers-dashboard', 'A dashboard for customers', 'docs/pages/guides/customers-dashboard.md'],
      ['express/proxies', 'Behind proxies', 'packages/express-adapter/PROXIES.md'],
      ['keys/monitoring', 'Monitoring', 'packages/auth-core/MONITORING.md'],
    ],
  },
  {
    name: 'Guides: tests',
    entries: [
      ['guides/vitest', 'Vitest', 'docs/pages/guides/vitest.md'],
      ['guides/jest', 'Jest', 'docs/pages/guides/jest.md'],
      ['sandbox/containers', 'Docker and GitHub Actions', 'packages/mock-server/CONTAINERS.md'],
      ['guides/pnpm', 'pnpm', 'docs/pages/guides/pnpm.md'],
    ],
  },
  {
    name: 'Switching',
    entries: [
      ['switching/prism', 'From Prism', 'docs/pages/switching/prism.md'],
      ['switching/mocks', 'From other mock servers', 'docs/pages/switching/mocks.md'],
      ['switching/keys', 'From other key libraries', 'packages/auth-core/MIGRATING.md'],
    ],
  },
  {
    name: 'Keys',
    entries: [
      ['keys/', 'The core', 'packages/auth-core/README.md'],
      ['keys/calls', 'Calls and options', 'packages/auth-core/CALLS.md'],
      ['keys/stores', 'Stores', 'packages/auth-core/STORES.md'],
      ['express/', 'The Express adapter', 'packages/express-adapter/README.md'],
      ['express/dashboard', 'The dashboard', 'packages/express-adapter/dashboard/README.md'],
      ['express/element', 'Keys in your product', 'packages/express-adapter/ELEMENT.md'],
      ['keys/servers', 'Other servers', 'packages/auth-core/src/http/README.md'],
      ['keys/postgres', 'Keys in Postgres', 'packages/auth-core/src/stores/README.md'],
      ['keys/databases', 'Keys in other databases', 'packages/auth-core/src/stores/KYSELY.md'],
      ['keys/limits', 'Limits in detail', 'packages/auth-core/src/limits/README.md'],
      ['keys/scopes', 'Scopes', 'packages/auth-core/SCOPES.md'],
      ['keys/child-keys', 'Keys for agents', 'packages/auth-core/CHILD-KEYS.md'],
      ['keys/events', 'Events', 'packages/auth-core/EVENTS.md'],
      ['keys/webhooks', 'Webhook delivery', 'packages/auth-core/src/webhooks/README.md'],
      ['express/leaked-keys', 'Leaked keys', 'packages/express-adapter/src/secret-scanning/README.md'],
      ['keys/command-line', 'The command line', 'packages/auth-core/src/cli/README.md'],
    ],
  },
  {
    name: 'Sandbox',
    entries: [
      ['sandbox/', 'The sandbox', 'packages/mock-server/README.md'],
      ['sandbox/options', 'Options and hints', 'packages/mock-server/OPTIONS.md'],
      ['sandbox/openapi', 'OpenAPI and HTTP', 'packages/mock-server/OPENAPI.md'],
      ['sandbox/several', 'Several documents', 'packages/mock-server/DOCUMENTS.md'],
      ['sandbox/oauth', 'OAuth 2', 'packages/mock-server/OAUTH.md'],
      ['sandbox/webhooks', 'Webhooks', 'packages/mock-server/WEBHOOKS.md'],
      ['sandbox/control', 'The control plane', 'packages/mock-server/CONTROL.md'],
      ['sandbox/rules', 'Rules', 'packages/mock-server/RULES.md'],
      ['sandbox/scenarios', 'Scenarios', 'packages/mock-server/SCENARIOS.md'],
      ['sandbox/proxy', 'In front of a real API', 'packages/mock-server/PROXY.md'],
      ['sandbox/recordings', 'Recordings', 'packages/mock-server/LEARN.md'],
      ['sandbox/agents', 'Tools for agents', 'packages/mock-server/MCP.md'],
      ['sandbox/dashboard', 'The dashboard', 'packages/mock-server/dashboard/README.md'],
      ['sandbox/gosendapi', 'GoSendAPI', 'packages/mock-server/GOSENDAPI.md'],
      ['sandbox/documents', 'Documents and clients', 'openapi/README.md'],
      ['sandbox/client', 'The client in detail', 'openapi/CLIENT.md'],
    ],
  },
  {
    name: 'Reference',
    entries: [
      ['reference/gosend-mock', 'gosend-mock: flags'],
      ['reference/gosend-keys', 'gosend-keys: flags'],
      ['reference/errors', 'Errors and answers'],
      ['reference/hints', 'x-mock-* hints'],
      ['reference/control-plane', 'Control plane'],
      ['reference/management-api', 'Management API'],
      ['reference/gosendapi', 'GoSendAPI'],
      ['reference/api/auth-core/', 'API: auth-core'],
      ['reference/api/express-adapter/', 'API: express-adapter'],
      ['reference/api/gosend-mock/', 'API: gosend-mock'],
      ['reference/api/openapi/', 'API: openapi'],
    ],
  },
  {
    name: 'About',
    entries: [
      ['troubleshooting', 'Troubleshooting', 'docs/pages/troubleshooting.md'],
      ['security', 'Security', 'SECURITY.md'],
      ['comparison', 'Comparison with peers', 'docs/pages/comparison.md'],
      ['sandbox/comparison', 'The sandbox beside others', 'packages/mock-server/COMPARISON.md'],
      ['benchmarks', 'Benchmarks', 'bench/README.md'],
      ['sdks', 'Official SDKs', 'sdks/README.md'],
      ['architecture', 'Architecture', 'ARCHITECTURE.md'],
      ['contributing', 'Contributing', 'CONTRIBUTING.md'],
      ['options', 'Checking options', 'packages/options/README.md'],
      ['mutants', 'Mutants', 'mutants/README.md'],
      ['changelog', 'Changelog'],
    ],
  },
]

/** Markdown of the repository that the table does not name yet. */
const known = new Set(CONTENTS.flatMap(({ entries }) => entries.map(([, , file]) => file)))
const root = fileURLToPath(new URL('..', import.meta.url))
const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
const unnamed = files.filter((file) => !known.has(file) && !/^(\.|docs\/|README\.md)/.test(file))
if (unnamed.length > 0)
  CONTENTS.push({
    name: 'More',
    entries: unnamed.map((file) => {
      const [, title = file] = /^# (.*)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? []
      return [`more/${file.replace(/\.md$/, '').toLowerCase()}`, title.replaceAll('`', ''), file]
    }),
  })

/** Pages that no sidebar names. */
export const OTHERS = [
  ['index', 'GoSend', 'docs/pages/index.md'],
  ['readme', 'The repository', 'README.md'],
]
