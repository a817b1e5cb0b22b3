// Runs one tool of this folder in the folder where you are, `node tools/run.mjs biome check .`, after installing the tools
// if they are not there yet. Without a tool it only installs them.

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const tools = ['attw', 'biome', 'changeset', 'knip', 'publint']
const [tool, ...args] = process.argv.slice(2)
if (tool !== undefined && !tools.includes(tool)) throw new Error(`choose from ${tools.join(', ')}`)

const here = fileURLToPath(new URL('.', import.meta.url))
const run = (command, args, cwd) => {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

// npm writes this file last, so it is missing or old after an installation that failed.
const installed = `${here}node_modules/.package-lock.json`
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${here}package-lock.json`).mtimeMs) {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], here)
}
if (tool !== undefined) run(`${here}node_modules/.bin/${tool}`, args)
