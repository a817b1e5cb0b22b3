import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

type State = 'whole' | 'not installed' | 'without a binary' | 'of another Node' | 'for later Nodes only'

/** Where each package looks for a binary that was compiled on this machine. */
const binaries = {
  argon2: 'build/Release/argon2.node',
  'better-sqlite3': 'build/Release/better_sqlite3.node',
} as const

/** What is needed at run time besides, with what better-sqlite3 and argon2 need. */
const dependencies = [
  ...['ipaddr.js', 'leven', 'lru-cache', 'p-limit', 'rate-limiter-flexible', 'yocto-queue'],
  ...['@phc', 'bindings', 'file-uri-to-path', 'node-gyp-build'],
]

/** An application that has installed the built package, and packages with native binaries in the given states. */
function application(states: Readonly<Record<keyof typeof binaries, State>>) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'native-')))
  folders.push(folder)
  const modules = join(folder, 'node_modules')
  for (const part of ['auth-core/package.json', 'auth-core/dist', 'auth-core/bin', 'options']) {
    const copy = join(modules, '@gosend', part)
    mkdirSync(dirname(copy), { recursive: true })
    cpSync(join(repository, 'packages', part), copy, { recursive: true })
  }
  const installed = (name: string) => {
    const nested = join(repository, 'packages/auth-core/node_modules', name)
    return existsSync(nested) ? nested : join(repository, 'node_modules', name)
  }
  const install = (name: string) => symlinkSync(installed(name), join(modules, name))
  for (const name of dependencies) install(name)
  for (const [name, state] of Object.entries(states)) {
    if (state === 'not installed') continue
    if (state === 'whole') {
      install(name)
      continue
    }
    const original = installed(name)
    const copy = join(modules, name)
    const isBinary = (path: string) => /^.(?:build|prebuilds|deps)$/.test(path.slice(original.length))
    cpSync(original, copy, { recursive: true, filter: (path) => !isBinary(path) })
    if (state === 'without a binary') continue
    if (state === 'for later Nodes only') {
      writeFileSync(join(copy, 'package.json'), '{ "version": "99.1.0", "engines": { "node": ">=99" } }')
      continue
    }
    const file = join(copy, binaries[name as keyof typeof binaries])
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'compiled for another Node')
  }
  const run = (...args: readonly string[]) =>
    new Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>(
      (resolve) => {
        const child = execFile(process.execPath, args, { cwd: folder }, (_, output, errors) =>
          resolve({ code: child.exitCode, output: output.trim(), errors: errors.trim() }),
        )
      },
    )
  return {
    run: (program: string) => run('--input-type=module', '--eval', program),
    gosendKeys: (...args: readonly string[]) =>
      run('node_modules/@gosend/auth-core/bin/gosend-keys.js', ...args),
  }
}

const broken = ['not installed', 'without a binary', 'of another Node'] as const
const cures = {
  'not installed': 'is not installed: npm install',
  'without a binary': `has no binary for Node ${process.version} on ${process.platform}-${process.arch}: npm rebuild`,
  'of another Node': `has no binary for Node ${process.version} on ${process.platform}-${process.arch}: npm rebuild`,
}
const [major = 0] = process.versions.node.split('.').map(Number)

const ISSUE_AND_VERIFY = `
  const { key } = await apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'first' })
  console.log((await apiKeys.verify(key)).ok)`

describe.each(broken)('where argon2 is %s,', (state) => {
  it('keys work with a hasher of your own, and without it one line says what to type', async () => {
    const { run } = application({ argon2: state, 'better-sqlite3': 'not installed' })
    const setUp = `
      import { createApiKeys } from '@gosend/auth-core'
      import { memoryStore } from '@gosend/auth-core/memory'
      const store = memoryStore()`
    const own = await run(`${setUp}
      const hasher = { hash: async (key) => 'own:' + key, verify: async (hash, key) => hash === 'own:' + key, needsRehash: () => false }
      const apiKeys = createApiKeys({ store, hasher })
      ${ISSUE_AND_VERIFY}`)
    expect(own).toEqual({ code: 0, output: 'true', errors: '' })
    const theirs = await run(`${setUp}
      const apiKeys = createApiKeys({ store })
      try { ${ISSUE_AND_VERIFY} } catch ({ code, message }) { console.log(code, message) }`)
    expect(theirs).toEqual({ code: 0, output: `verifier_failed argon2 ${cures[state]} argon2`, errors: '' })
  })
})

const lines = [
  ...broken.map((state) => [state, `better-sqlite3 ${cures[state]} better-sqlite3`] as const),
  [
    'for later Nodes only',
    `better-sqlite3 99.1.0 needs Node 99 or later, and this is ${process.version}: npm install better-sqlite3@12`,
  ],
] as const

describe.each(lines)('where better-sqlite3 is %s,', (state, line) => {
  it.runIf(major < 22)('the command and openSqlite() say in one line what to type', async () => {
    const { run, gosendKeys } = application({ argon2: 'whole', 'better-sqlite3': state })
    expect(await gosendKeys('migrate', '--db', 'keys.db')).toEqual({
      code: 4,
      output: '',
      errors: `gosend-keys: ${line}`,
    })
    const program = await run(`
      import { openSqlite } from '@gosend/auth-core/sqlite'
      try { openSqlite('keys.db') } catch ({ code, message }) { console.log(code, message) }`)
    expect(program).toEqual({ code: 0, output: `store_unavailable ${line}`, errors: '' })
  })

  it.runIf(major >= 22)('the command and openSqlite() use the SQLite that comes with Node', async () => {
    const { run, gosendKeys } = application({ argon2: 'whole', 'better-sqlite3': state })
    expect(await gosendKeys('migrate', '--db', 'keys.db')).toMatchObject({ code: 0 })
    const program = await run(`
      import { createApiKeys } from '@gosend/auth-core'
      import { openSqlite, sqliteStore } from '@gosend/auth-core/sqlite'
      const apiKeys = createApiKeys({ store: sqliteStore(openSqlite('keys.db', {})) })
      ${ISSUE_AND_VERIFY}`)
    expect(program).toMatchObject({ code: 0, output: 'true' })
  })
})

describe('where both are whole,', () => {
  it('argon2 is loaded with the first key and not before', async () => {
    const { run } = application({ argon2: 'whole', 'better-sqlite3': 'whole' })
    const program = await run(`
      import { createRequire } from 'node:module'
      import { createApiKeys } from '@gosend/auth-core'
      import { openSqlite, sqliteStore } from '@gosend/auth-core/sqlite'
      const { cache } = createRequire(import.meta.url)
      const isLoaded = () => Object.keys(cache).some((file) => file.endsWith('argon2.cjs'))
      const apiKeys = createApiKeys({ store: sqliteStore(openSqlite('keys.db')) })
      console.log(isLoaded())
      ${ISSUE_AND_VERIFY}
      console.log(isLoaded())`)
    expect(program).toMatchObject({ code: 0, output: 'false\ntrue\ntrue' })
  })
})
