import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMockServer } from 'gosend-mock'
import ts from 'typescript'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bash, shownAs } from './support/commands.js'
import { example, freePort, reach, start } from './support/program.js'

const root = join(import.meta.dirname, '..', '..')
const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
const documents = files.split('\n').filter((path) => path !== '' && !path.startsWith('.changeset/'))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const blocks = (path: string, language: string) =>
  [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  )

it('every program in the documents compiles', () => {
  // Each block is compiled as if it lay among the examples, or among the tests that its packages are installed for.
  const examples = join(root, 'examples', 'src')
  const tests = ['auth-core', 'express-adapter'].map((name) => join(root, 'packages', name, 'test'))
  const folderOf = (text: string) => {
    const imported = [...text.matchAll(/from '([^'.]+)'/g)].map(([, name = '']) => name)
    const has = (folder: string) => imported.some((name) => existsSync(join(folder, 'node_modules', name)))
    return tests.find(has) ?? examples
  }
  const programs = new Map<string, { readonly path: string; readonly text: string }>()
  for (const path of documents) {
    for (const text of blocks(path, 'ts')) {
      programs.set(join(folderOf(text), `block-${programs.size}.ts`), { path, text })
    }
  }
  const config = ts.readConfigFile(join(root, 'examples', 'tsconfig.json'), ts.sys.readFile).config
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'examples'))
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (name) => programs.has(name) || fileExists(name)
  host.readFile = (name) => programs.get(name)?.text ?? readFile(name)
  host.getSourceFile = (name, version, ...rest) => {
    const text = programs.get(name)?.text
    return text === undefined
      ? getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, text, version)
  }
  const program = ts.createProgram(
    [...programs.keys()],
    { ...options, rootDir: root, composite: false, noEmit: true, noUnusedLocals: false },
    host,
  )
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const block = programs.get(file?.fileName ?? '')
    const line = file?.text.slice(start).split('\n', 1)[0]
    return `${block?.path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')} at ${line}`
  })
  expect(problems).toEqual([])
  // A machine that does other work, too, takes its time to compile them all.
}, 180_000)

it.each(documents)('%s links to files that exist', (path) => {
  const broken = [...read(path).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    // The site makes these pages, and checks the links to them.
    .filter((target) => !/^\/(reference|start|keys|sandbox|guides)\//.test(target))
    .filter((target) => !existsSync(join(root, path, '..', target)))
  expect(broken).toEqual([])
})

it.each(documents.filter((path) => path.startsWith('packages/')))('%s names tests that exist', (path) => {
  const named = [...read(path).matchAll(/`(test\/[\w/-]+\.test\.ts)`/g)].map(([, name = '']) => name)
  expect(named.filter((name) => !existsSync(join(root, path, '..', name)))).toEqual([])
})

describe('the first screen', () => {
  it('shows the program of the examples', () => {
    const example = read('examples/src/express-app.ts').replace(/^\/\/.*\n\n/, '')
    expect(blocks('README.md', 'ts')[0]).toBe(example)
    expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(18)
  })

  const exchanges = (at: number) => [
    ...(blocks('README.md', 'console')[at] ?? '').matchAll(/^\$ (curl .*)\n(.*)$/gm),
  ]

  it('shows the answers that its curls get from the sandbox', async () => {
    expect(exchanges(0)).toHaveLength(2)
    const mock = await createMockServer({ db: ':memory:' })
    onTestFinished(() => mock.close())
    for (const [, command = '', shown = ''] of exchanges(0))
      expect(
        await bash(command.replace('http://127.0.0.1:4010', mock.url), { GOSENDAPI_KEY: mock.keys.test }),
      ).toMatch(shownAs(shown))
  })

  it('shows the answers that its curls get from its program', async () => {
    expect(exchanges(1)).toHaveLength(3)
    const env = { PORT: await freePort(), ADMIN_KEY: '0123456789abcdef'.repeat(2) }
    const app = start('node', [example('express-app.js')], env)
    const KEY = (await app.line()).replace('Shown once: ', '')
    const url = `http://127.0.0.1:${env.PORT}`
    await reach(url)
    for (const [, command = '', shown = ''] of exchanges(1))
      expect(await bash(command.replace('http://127.0.0.1:3000', url), { ...env, KEY })).toMatch(
        shownAs(shown),
      )
  })

  it('has commands that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const [commands = ''] = blocks('README.md', 'sh')
    expect([...commands.matchAll(/npm run (\S+)/g)].filter(([, name = '']) => !(name in scripts))).toEqual([])
    expect(commands).toMatch(/^npm ci && npx gosend-mock {4}#/m)
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(110)
  })

  it('is one screen, as those of the packages are', () => {
    const packages = ['auth-core', 'express-adapter', 'mock-server', 'options'].map(
      (name) => `packages/${name}`,
    )
    for (const folder of [...packages, 'openapi']) {
      const lines = read(`${folder}/README.md`).trimEnd().split('\n').length
      expect([folder, lines <= 120]).toEqual([folder, true])
    }
  })
})
