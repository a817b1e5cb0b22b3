// Holds ARCHITECTURE.md to the files that exist: every path in back quotes must be one, or the end of one.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n')
const text = readFileSync(`${root}/ARCHITECTURE.md`, 'utf8')

const isPath = (word) => /^[\w.-]+(\/[\w.-]+)*(\/|\.(ts|tsx|mjs|md|yaml|json))$/.test(word)
const exists = (path) =>
  files.some((file) =>
    path.endsWith('/') ? `/${file}`.includes(`/${path}`) : `/${file}`.endsWith(`/${path}`),
  )

const missing = [...text.matchAll(/`([^`\n]+)`/g)]
  .map(([, word]) => word)
  .filter((word) => isPath(word) && !exists(word))
for (const path of new Set(missing))
  console.error(`ARCHITECTURE.md names ${path}, which does not exist. Correct the path or remove it.`)
if (missing.length > 0) process.exit(1)
