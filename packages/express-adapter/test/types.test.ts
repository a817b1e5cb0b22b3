import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const dist = path.join(import.meta.dirname, '../dist')

/** What the declarations of a file name, and those of the files of this package that they lead to. */
function modulesOf(file: string, seen = new Set<string>()): Set<string> {
  const text = readFileSync(file, 'utf8')
  for (const [, module = ''] of text.matchAll(/(?:from |import\(|import )'([^']+)'/g)) {
    const found = module.startsWith('.')
      ? path.join(path.dirname(file), module.replace(/\.js$/, '.d.ts'))
      : module
    if (seen.has(found)) continue
    seen.add(found)
    if (found !== module) modulesOf(found, seen)
  }
  return seen
}

// tsoa's declarations bring those of hapi and koa along, which do not compile on their own.
it('a program that imports the package needs the types of Express and of the core alone', () => {
  const modules = [...modulesOf(path.join(dist, 'index.d.ts'))].filter(
    (module) => !/^(?:\/|node:)/.test(module),
  )
  const packages = modules.map((module) => module.split('/', module.startsWith('@') ? 2 : 1).join('/'))
  expect([...new Set(packages)].sort()).toEqual(['@gosend/auth-core', 'express'])
})
