// Installs the packages of folders that have a lock file of their own, where they are missing or older than that file:
// `node scripts/install.mjs packages/auth-core/test`. They hold what only some commands need.

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** @param {string} folder Relative to the project's root. */
export function install(folder) {
  const path = (name) => join(root, folder, name)
  // npm writes this file last, so it is missing or old after an installation that failed.
  const installed = path('node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(path('package-lock.json')).mtimeMs)
    return
  const options = ['--no-audit', '--no-fund', '--loglevel=error']
  const { status, error } = spawnSync('npm', ['ci', ...options], { cwd: path(''), stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

if (process.argv[1] === import.meta.filename) for (const folder of process.argv.slice(2)) install(folder)
