#!/usr/bin/env node
// Runs official SDKs, unmodified, against gosend-mock with their vendors' documents, and prints what works.
//
//   SPECS=FOLDER[:FOLDER] npm run sdks [-- vendor …] [-- --check] [-- --write]
//
// SPECS names the folders that hold the documents, under the file names in vendors.mjs. `--write` keeps the outcome in
// results.json and the README; `--check` fails when a step fails that worked when it was last kept.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { KINDS, vendors } from './vendors.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean' }, write: { type: 'boolean' } },
})
const folders = (process.env.SPECS ?? '').split(':').filter(Boolean)
if (folders.length === 0) {
  console.log('SPECS names no folder with the documents of vendors, so the SDKs are left out.')
  process.exit(0)
}
if (!existsSync(join(here, 'node_modules'))) {
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' })
}

const output = mkdtempSync(join(tmpdir(), 'sdks-'))
const unknown = positionals.filter((name) => !Object.hasOwn(vendors, name))
if (unknown.length > 0) {
  console.error(`There is no vendor ${unknown.join(', ')}; there are ${Object.keys(vendors).join(', ')}.`)
  process.exit(2)
}

const outcome = {}
for (const name of positionals.length > 0 ? positionals : Object.keys(vendors)) {
  const { file, args = [] } = vendors[name]
  const document = folders.map((folder) => join(folder, file)).find((path) => existsSync(path))
  if (document === undefined) {
    console.log(`${name}: ${file} is in no folder of SPECS, so it is left out.`)
    continue
  }
  const results = join(output, `${name}.json`)
  spawnSync(process.execPath, [join(here, 'programs', `${name}.mjs`)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 300_000,
    env: {
      ...process.env,
      RESULTS: results,
      MOCK_COMMAND: join(here, '../packages/mock-server/bin/gosend-mock.js'),
      MOCK_DOCUMENT: document,
      MOCK_ARGUMENTS: JSON.stringify(args),
    },
  })
  outcome[name] = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : []
  for (const { kind, promise, reason } of outcome[name].filter(({ ok }) => !ok))
    console.log(`${name}: ${kind}: ${promise}: ${reason}`)
}

const cellOf = (steps, kind) => {
  const own = steps.filter((step) => step.kind === kind)
  if (own.length === 0) return ''
  const works = own.filter(({ ok }) => ok).length
  return works === own.length ? 'yes' : `${works} of ${own.length}`
}
const keptFile = join(here, 'results.json')
const kept = existsSync(keptFile) ? JSON.parse(readFileSync(keptFile, 'utf8')) : {}
// A run of some vendors says nothing of the others: they stay as they were when they were last kept.
const merged = flags.write ? { ...kept, ...outcome } : outcome
const shown = Object.fromEntries(
  Object.keys(vendors)
    .filter((name) => merged[name] !== undefined)
    .map((name) => [name, merged[name]]),
)
const all = Object.values(shown).flat()
const works = (steps) => `${steps.filter(({ ok }) => ok).length} of ${steps.length}`
const table = [
  ['SDK', ...KINDS, 'all'],
  ['---', ...KINDS.map(() => '---'), '---'],
  ...Object.entries(shown).map(([name, steps]) => [
    vendors[name].sdk,
    ...KINDS.map((kind) => cellOf(steps, kind)),
    works(steps),
  ]),
]
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n')
console.log(`\n${table}\n\nSteps that work: ${works(all)}`)

if (flags.write) {
  // What went wrong names ports and ids of one run; the README says why.
  const withoutReasons = (key, value) => (key === 'reason' ? undefined : value)
  writeFileSync(keptFile, `${JSON.stringify(shown, withoutReasons, 2)}\n`)
  const readme = join(here, 'README.md')
  const failing = Object.entries(shown).flatMap(([name, steps]) =>
    steps
      .filter(({ ok }) => !ok)
      .map(({ promise, reason }) => {
        const because = vendors[name].because?.[promise] ?? (reason ?? '').replace(/[<>|`]/g, ' ')
        return `- ${vendors[name].sdk}, "${promise}": ${because}`
      }),
  )
  const text = `${table}\n\nSteps that work: ${works(all)}.${failing.length > 0 ? ` Those that do not:\n\n${failing.join('\n')}` : ''}`
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(
      /(<!-- results -->\n).*(\n<!-- end -->)/s,
      (_, start, end) => start + text + end,
    ),
  )
}
if (flags.check) {
  const broken = Object.entries(outcome).flatMap(([name, steps]) =>
    steps
      .filter(
        ({ promise, ok }) => !ok && kept[name]?.some((before) => before.promise === promise && before.ok),
      )
      .map(({ promise }) => `${name}: ${promise}`),
  )
  for (const line of broken) console.error(`Worked before: ${line}`)
  if (broken.length > 0) process.exit(1)
}
