// Holds ARCHITECTURE.md to the files that exist: every path in back quotes must be one, or the end of one. Holds the folders
// of the state engine to their order: each imports from itself, from those before it and from the files beside them.

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

const state = 'packages/mock-server/src/state'
const order = ['conventions', 'forms', 'queries', 'places', 'entities', 'store', 'answers', 'changes']
const folders = new Set(files.map((file) => file.match(`^${state}/(.+)/`)?.[1]).filter(Boolean))
const unordered = [...folders].filter((folder) => !order.includes(folder))
const upward = order.flatMap((folder, position) =>
  files
    .filter((file) => file.startsWith(`${state}/${folder}/`))
    .flatMap((file) =>
      [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/ from '\.\.\/([\w-]+)\//g)]
        .filter(([, imported]) => order.indexOf(imported) > position)
        .map(([, imported]) => `${file} imports from ${imported}/, which comes after ${folder}/.`),
    ),
)
for (const folder of unordered) console.error(`${state}/${folder} has no place in the order of folders.`)
for (const fault of upward) console.error(fault)

if (missing.length + unordered.length + upward.length > 0) process.exit(1)
