// Audits each package as it would be published: what it exports, and whether its types resolve.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const audits = [
  ['publint', '--strict'],
  [
    'attw',
    '--pack',
    '.',
    '--profile',
    'esm-only',
    '--format',
    'ascii',
    '--exclude-entrypoints',
    './gosend.json',
    './gosend.yaml',
    './management.json',
  ],
]

for (const name of [
  'packages/options',
  'packages/auth-core',
  'packages/express-adapter',
  'packages/mock-server',
  'openapi',
]) {
  for (const [tool, ...args] of audits) {
    console.log(`${tool} ${name}`)
    try {
      execFileSync('npx', ['--no-install', tool, ...args], {
        cwd: `${root}${name}`,
        encoding: 'utf8',
        stdio: 'pipe',
      })
    } catch (error) {
      console.error(error.stdout, error.stderr)
      process.exit(1)
    }
  }
}
