// Runs the command once, and keeps what V8 has compiled of it by its first answers.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

const { bundle, kept, checksumOf, scriptOf, run } = createRequire(import.meta.url)('./bin/compiled.js')
const document = fileURLToPath(import.meta.resolve('@gosend/openapi/gosend.yaml'))
const folder = mkdtempSync(join(tmpdir(), 'gosend-mock-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
rmSync(kept, { force: true })

/** Starts the command in this process. Resolves to what it prints for programs. */
function start(script) {
  const flags = ['--port', '0', '--json', '--quiet', '--db', join(folder, 'mock.db')]
  process.argv.splice(2, Infinity, document, ...flags)
  return new Promise((resolve) => {
    process.stdout.write = (line) => resolve(JSON.parse(line))
    run(script)
  })
}

const source = readFileSync(bundle)
const script = scriptOf(source)
const { url, keys } = await start(script)
const headers = { 'x-api-key': keys.test, 'content-type': 'application/json' }
await (await fetch(`${url}/v1/groups`, { headers })).text()
// Code is for the flags that it was compiled with, and the command sets one when it runs.
setFlagsFromString('--heap-growing-percent=0')
writeFileSync(kept, Buffer.concat([checksumOf(source), script.createCachedData()]))
process.exit()
