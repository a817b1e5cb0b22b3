// Installs the packages as they would be published into an empty folder, with npm told to run no scripts, and uses them there:
// every entry point, the README's program, and both commands. Without scripts, better-sqlite3 has no binary and argon2 has the one
// that it was published with.

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = [
  'packages/options',
  'packages/auth-core',
  'packages/express-adapter',
  'packages/mock-server',
  'openapi',
]
const names = packages.map((path) => JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).name)
const nodeHasSqlite = Number(process.versions.node.split('.')[0]) >= 22
const folder = mkdtempSync(join(tmpdir(), 'install-'))
const running = []

function expect(isRight, promise, got = '') {
  if (!isRight) throw new Error(`${promise} does not hold: ${got}`)
  console.log(`ok  ${promise}`)
}

function npm(...args) {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
  })
}

function node(...args) {
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, PORT: '0' } })
  running.push(child)
  let [output, errors] = ['', '']
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (errors += text))
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })))
  return {
    ended,
    /** The first match in what it prints; when it ends without one, an error with all of that. */
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.exec(output) && resolve(pattern.exec(output))
        child.stdout.on('data', look)
        ended.then((all) => reject(new Error(`it ended: ${JSON.stringify(all)}`)))
        look()
      }),
  }
}

function entryPoints() {
  return packages.flatMap((path) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    return Object.keys(exports ?? {})
      .filter((entry) => !/\.(json|yaml)$/.test(entry))
      .map((entry) => name + entry.slice(1))
  })
}

/** Links of the packages' documents that lead to nothing installed. Pictures stay in the repository. */
function brokenLinks() {
  return names.flatMap((name) => {
    const home = join(folder, 'node_modules', name)
    const documents = readdirSync(home, { recursive: true }).filter((file) => file.endsWith('.md'))
    return documents.flatMap((file) =>
      [...readFileSync(join(home, file), 'utf8').matchAll(/(?<!!\[[^\]]*)\]\(([^)#\s]+)/g)]
        .map(([, link]) => link)
        .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(home, dirname(file), link)))
        .map((link) => `${name}/${file} → ${link}`),
    )
  })
}

/** The README's program, which also says where it listens. */
function readmeProgram() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, program] = /```ts\n(import \{ createApiKeys[\s\S]*?)```/.exec(readme)
  return program.replace(
    /^app\.listen\((.*)\)$/m,
    "const server = app.listen($1, () => console.log('Port:', server.address().port))",
  )
}

const MEMORY_PROGRAM = `
  import { createApiKeys } from '@gosend/auth-core'
  import { memoryStore } from '@gosend/auth-core/memory'
  const apiKeys = createApiKeys({ store: memoryStore() })
  const { key } = await apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'first key' })
  console.log((await apiKeys.verify(key)).ok)`

const statusOf = async (url, key) => (await fetch(url, { headers: { 'X-API-Key': key } })).status

async function mockAnswers() {
  const [, text] = await node('node_modules/gosend-mock/bin/gosend-mock.js', '--port', '0', '--json').printed(
    /^(\{.*\})$/m,
  )
  const { url, keys } = JSON.parse(text)
  expect((await statusOf(`${url}/v1/me`, keys.test)) === 200, 'gosend-mock answers', text)
}

/** CommonJS: both ways in one process, with the one copy that Node loads and with two; Jest as it comes; and types. */
async function commonjsWorks() {
  for (const file of readdirSync(join(root, 'scripts/consumers')))
    cpSync(join(root, 'scripts/consumers', file), join(folder, file))
  for (const [copies, ...flags] of [['one copy'], ['two copies', '--no-experimental-require-module']]) {
    const { code, output, errors } = await node(...flags, 'commonjs.cjs').ended
    expect(
      code === 0 && output === `${copies}\n`,
      `import and require() share their state in ${copies}`,
      errors,
    )
  }
  const jest = await node('node_modules/jest/bin/jest.js', '--testMatch', '**/jest.test.cjs').ended
  expect(jest.code === 0, 'a test runs in Jest', jest.errors)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--module', 'node16', '--strict', '--noEmit', '--types', 'express']
  const types = await node(tsc, ...options, 'types.cts').ended
  expect(types.code === 0, 'its types are right under module: node16', types.output)
}

async function run() {
  const tarballs = packages.map((path) => join(folder, npm('pack', join(root, path), '--silent').trim()))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  npm(
    'install',
    '--ignore-scripts',
    '--prefer-offline',
    ...tarballs,
    'express@5',
    'better-sqlite3@12',
    'pg@8',
    'jest@30',
    'kysely@0.28',
    '@nestjs/common@11',
    '@nestjs/core@11',
    'reflect-metadata@0.2',
    'rxjs@7',
    'react@19',
    '@types/express@5',
  )

  const unlicensed = names.filter((name) => !existsSync(join(folder, 'node_modules', name, 'LICENSE')))
  expect(unlicensed.length === 0, 'every package brings its licence', unlicensed)
  const broken = brokenLinks()
  expect(broken.length === 0, 'every link of the documents leads to something installed', broken.join('\n'))
  const imports = entryPoints().map((name) => `await import('${name}')`)
  const { code, errors } = await node('--input-type=module', '--eval', imports.join('\n')).ended
  expect(code === 0, `all ${imports.length} entry points can be imported`, errors)
  const memory = await node('--input-type=module', '--eval', MEMORY_PROGRAM).ended
  expect(
    memory.output === 'true\n',
    'keys in memory work with the published binary of argon2',
    JSON.stringify(memory),
  )

  await commonjsWorks()

  if (nodeHasSqlite) await mockAnswers()
  else {
    for (const [name, ...args] of [
      ['@gosend/auth-core/bin/gosend-keys.js', 'migrate', '--db', 'cli.db'],
      ['gosend-mock/bin/gosend-mock.js', '--port', '0'],
    ]) {
      const { code, errors } = await node(`node_modules/${name}`, ...args).ended
      const isOneLine = /^[^\n]*npm rebuild better-sqlite3[^\n]*\n$/.test(errors)
      expect(code !== 0 && isOneLine, `${name} says in one line what to type`, errors)
    }
  }

  // What `npm rebuild better-sqlite3` would download or compile, which takes minutes.
  const binary = join(root, 'node_modules/better-sqlite3/build')
  cpSync(binary, join(folder, 'node_modules/better-sqlite3/build'), { recursive: true })
  const { code: isOfAnotherNode } = await node('--eval', "new (require('better-sqlite3'))(':memory:')").ended
  if (isOfAnotherNode)
    return console.log("left out: the README's program, since `npm ci` was run by another Node")
  if (!nodeHasSqlite) await mockAnswers()
  writeFileSync(join(folder, 'program.js'), readmeProgram())
  const program = node('program.js')
  const [, key] = await program.printed(/^Shown once: (\S+)$/m)
  const [, port] = await program.printed(/^Port: (\d+)$/m)
  expect(
    (await statusOf(`http://127.0.0.1:${port}/v1/whoami`, key)) === 200,
    "the README's program answers",
    port,
  )
}

try {
  await run()
} finally {
  for (const child of running) child.kill()
  rmSync(folder, { recursive: true, force: true })
}
