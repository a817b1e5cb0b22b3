import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMockServer } from 'gosend-mock'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
const documents = files.split('\n').filter((path) => path !== '' && !path.startsWith('.changeset/'))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const blocks = (path: string, language: string) =>
  [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  )

it('every program in the documents compiles', () => {
  // Each block is compiled as if it lay among the examples, where every package resolves.
  const programs = new Map<string, { readonly path: string; readonly text: string }>()
  for (const path of documents) {
    for (const text of blocks(path, 'ts')) {
      programs.set(join(root, 'examples', 'src', `block-${programs.size}.ts`), { path, text })
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
    { ...options, composite: false, noEmit: true, noUnusedLocals: false },
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

  it('shows the answers that its curls get', async () => {
    const exchanges = [...(blocks('README.md', 'console')[0] ?? '').matchAll(/^\$ curl (.*)\n(.*)$/gm)]
    expect(exchanges).toHaveLength(2)
    const mock = await createMockServer({ db: ':memory:' })
    try {
      for (const [, command = '', shown] of exchanges) {
        const path = command.replace(/^http:\/\/127\.0\.0\.1:4010(\S+).*$/, '$1')
        const headers = command.includes('X-API-Key: $GOSENDAPI_KEY') ? { 'X-API-Key': mock.keys.test } : {}
        expect(await (await fetch(mock.url + path, { headers })).text()).toBe(shown)
      }
    } finally {
      await mock.close()
    }
  })
})
