// Runs one comparison, `node bench/run.mjs auth [sections]`, after installing the peers if they are not there yet.

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const comparisons = ['auth', 'caches', 'gosend', 'mock', 'scale']
const [name, ...sections] = process.argv.slice(2)
if (!comparisons.includes(name)) throw new Error(`choose from ${comparisons.join(', ')}`)

const here = fileURLToPath(new URL('.', import.meta.url))
const run = (command, args) => {
  const { status, error } = spawnSync(command, args, { cwd: here, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

// npm writes this file last, so it is missing or old after an installation that failed.
const installed = `${here}node_modules/.package-lock.json`
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${here}package-lock.json`).mtimeMs) {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}
run(process.execPath, ['--expose-gc', `${name}.mjs`, ...sections])
