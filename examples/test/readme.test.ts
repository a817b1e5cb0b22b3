import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMockServer } from 'gosend-mock'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const readmes = [
  '.',
  'packages/auth-core',
  'packages/auth-core/src/cli',
  'packages/auth-core/src/http',
  'packages/auth-core/src/limits',
  'packages/auth-core/src/stores',
  'packages/auth-core/src/webhooks',
  'packages/express-adapter',
  'packages/express-adapter/dashboard',
  'packages/express-adapter/src/secret-scanning',
  'packages/mock-server',
  'openapi',
]
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const blocks = (path: string, language: string) =>
  [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  )

describe.each(readmes)('the README of %s', (folder) => {
  it('holds programs that compile', () => {
    // Each block is compiled as if it lay among the examples, where every package resolves.
    const programs = new Map(
      blocks(join(folder, 'README.md'), 'ts').map((text, i) => [
        join(root, 'examples', 'src', `block-${i}.ts`),
        text,
      ]),
    )
    const config = ts.readConfigFile(join(root, 'examples', 'tsconfig.json'), ts.sys.readFile).config
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'examples'))
    const host = ts.createCompilerHost(options)
    const { getSourceFile, fileExists, readFile } = host
    host.fileExists = (name) => programs.has(name) || fileExists(name)
    host.readFile = (name) => programs.get(name) ?? readFile(name)
    host.getSourceFile = (name, version, ...rest) => {
      const text = programs.get(name)
      return text === undefined
        ? getSourceFile(name, version, ...rest)
        : ts.createSourceFile(name, text, version)
    }
    const program = ts.createProgram(
      [...programs.keys()],
      { ...options, composite: false, noEmit: true, noUnusedLocals: false },
      host,
    )
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      )
    expect(problems).toEqual([])
  })

  it('links to files that exist', () => {
    for (const [, target = ''] of read(join(folder, 'README.md')).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      expect(
        ts.sys.fileExists(join(root, folder, target)) || ts.sys.directoryExists(join(root, folder, target)),
        target,
      ).toBe(true)
    }
  })
})

describe('the first screen', () => {
  it('shows the program of the examples', () => {
    const example = read('examples/src/express-app.ts').replace(/^\/\/.*\n\n/, '')
    expect(blocks('README.md', 'ts')[0]).toBe(example)
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(15)
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
