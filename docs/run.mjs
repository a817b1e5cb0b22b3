// Builds the site, `npm run docs`, and serves it on this machine, or with `--check` builds it and checks every link and
// anchor. Installs what it needs if that is not there yet.

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const run = (command, ...args) => {
  const { status, error } = spawnSync(command, args, { cwd: here, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

// npm writes this file last, so it is missing or old after an installation that failed.
const installed = `${here}node_modules/.package-lock.json`
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${here}package-lock.json`).mtimeMs) {
  run('npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error')
}
const { stage } = await import('./stage.mjs')
await stage()
run(`${here}node_modules/.bin/vitepress`, 'build')
const { checkSite } = await import('./check.mjs')
checkSite(`${here}dist`)
if (!process.argv.includes('--check')) run(`${here}node_modules/.bin/vitepress`, 'preview')
