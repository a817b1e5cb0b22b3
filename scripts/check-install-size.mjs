// Holds each package to the number of packages that installing it brings, counted in the lock file.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const { packages } = JSON.parse(readFileSync(fileURLToPath(new URL('../package-lock.json', import.meta.url))))

const limits = [
  { install: ['@gosend/auth-core'], limit: 20 },
  { install: ['@gosend/express-adapter', 'express', 'better-sqlite3'], limit: 125 },
  { install: ['@gosend/express-adapter'], beside: ['express', 'better-sqlite3'], limit: 25 },
  { install: ['gosend-mock'], limit: 150 },
]

/** The place in the lock file where Node would find `name`, looked up from the package at `from`. */
function resolve(name, from) {
  for (let folder = from; ; folder = folder.replace(/(^|\/)(node_modules\/)?[^/]*$/, '')) {
    const place = `${folder && `${folder}/`}node_modules/${name}`
    const found = packages[place]
    if (found !== undefined) return found.link ? found.resolved : place
    if (folder === '') return undefined
  }
}

function closure(names) {
  const places = new Set()
  const add = (name, from) => {
    const place = resolve(name, from)
    if (place === undefined || places.has(place)) return
    places.add(place)
    for (const dependency of Object.keys(packages[place].dependencies ?? {})) add(dependency, place)
  }
  for (const name of names) add(name, '')
  return places
}

let isOver = false
for (const { install, beside = [], limit } of limits) {
  const already = closure(beside)
  const added = [...closure(install)].filter((place) => !already.has(place))
  const what = `${install.join(' + ')}${beside.length > 0 ? ` beside ${beside.join(' + ')}` : ''}`
  console.log(`${what}: ${added.length} packages of at most ${limit}`)
  if (added.length > limit) isOver = true
}
if (isOver) process.exit(1)
