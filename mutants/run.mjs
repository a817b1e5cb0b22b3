#!/usr/bin/env node
// Changes the code that decides about keys in small ways, and prints how many of these mutants the tests notice.
//
//   npm run test:mutants [-- module …]

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { install } from '../scripts/install.mjs'
import { modules } from './modules.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !Object.hasOwn(modules, name))
if (unknown.length > 0) {
  console.error(`There is no module ${unknown.join(', ')}; there are ${Object.keys(modules).join(', ')}.`)
  process.exit(2)
}
// Some of the tests need packages of their own.
for (const folder of ['mutants', 'packages/auth-core/test']) install(folder)

let isMissed = false
for (const [name, { folder, file, tests }] of Object.entries(modules)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  const report = `${here}reports/${name}.json`
  const { status } = spawnSync(
    process.execPath,
    [`${here}node_modules/@stryker-mutator/core/bin/stryker.js`, 'run', `${here}stryker.config.mjs`],
    {
      cwd: `${here}../${folder}`,
      stdio: 'inherit',
      env: { ...process.env, MUTANT_FILE: file, MUTANT_TESTS: tests.join(), MUTANT_REPORT: report },
    },
  )
  if (status !== 0) process.exit(status ?? 1)
  isMissed = !printed(name, report) || isMissed
}
process.exit(isMissed ? 1 : 0)

/** Whether nine of ten mutants were noticed. */
function printed(name, report) {
  const { files } = JSON.parse(readFileSync(report, 'utf8'))
  const [{ source, mutants }] = Object.values(files)
  const lines = source.split('\n')
  const counted = mutants.filter(({ status }) => status !== 'Ignored')
  const missed = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  const score = (100 * (counted.length - missed.length)) / counted.length
  console.log(`${name}: ${score.toFixed(1)} % of ${counted.length} mutants were noticed`)
  for (const { location, mutatorName, replacement } of missed) {
    const { line, column } = location.start
    console.log(`  ${line}:${column} ${mutatorName}: ${lines[line - 1].trim()}  ->  ${replacement}`)
  }
  return score >= 90
}
