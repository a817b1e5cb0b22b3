// Audits each package as it would be published: what it exports, and whether its types resolve.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const documents = ['./control.json', './control.yaml', './gosend.json', './gosend.yaml', './management.json']
const audits = (profile) => [
  ['publint', '--strict'],
  ['attw', '--pack', '.', '--profile', profile, '--format', 'ascii', '--exclude-entrypoints', ...documents],
]

for (const [name, profile] of [
  ['packages/options', 'node16'],
  ['packages/auth-core', 'node16'],
  ['packages/express-adapter', 'node16'],
  ['packages/mock-server', 'esm-only'],
  ['openapi', 'esm-only'],
]) {
  for (const [tool, ...args] of audits(profile)) {
    console.log(`${tool} ${name}`)
    try {
      execFileSync(process.execPath, [`${root}tools/run.mjs`, tool, ...args], {
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
