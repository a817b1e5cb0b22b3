// Runs one tool of this folder in the folder where you are, `node tools/run.mjs biome check .`, after installing the tools
// if they are not there yet. Without a tool it only installs them.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { install } from '../scripts/install.mjs'

const tools = ['attw', 'biome', 'changeset', 'knip', 'publint']
const [tool, ...args] = process.argv.slice(2)
if (tool !== undefined && !tools.includes(tool)) throw new Error(`choose from ${tools.join(', ')}`)

install('tools')
if (tool !== undefined) {
  const { status, error } = spawnSync(join(import.meta.dirname, 'node_modules/.bin', tool), args, {
    stdio: 'inherit',
  })
  if (error !== undefined) throw error
  process.exit(status ?? 1)
}
