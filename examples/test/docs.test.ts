// The pages of docs/: their programs serve, their commands answer what is shown beside them, their flags and messages exist.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createMockServer } from 'gosend-mock'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type PostgresServer,
  startPostgres,
  stopPostgres,
} from '../../packages/auth-core/test/support/postgres-server.js'
import { bash, shownAs } from './support/commands.js'
import { freePort, newFolder, reach } from './support/program.js'

const root = join(import.meta.dirname, '..', '..')
const pages = readdirSync(join(root, 'docs', 'pages'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
)
const read = (page: string) => readFileSync(join(root, 'docs', 'pages', page), 'utf8')
const blocks = (page: string, language: string) =>
  [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  )
const first = (page: string, language: string) => blocks(page, language)[0] ?? ''

const AsyncFunction = (async () => {}).constructor as new (
  ...names: string[]
) => (require: NodeJS.Require, exports: object) => Promise<void>

// Where every framework is installed that a page shows.
const resolveFrom = join(root, 'packages', 'express-adapter', 'test', 'page.js')

/** Runs a program with a database of its own. */
async function run<Exports>(page: string): Promise<Exports> {
  const { outputText } = ts.transpileModule(first(page, 'ts'), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  })
  const source = outputText.replaceAll("'keys.db'", JSON.stringify(join(newFolder(), 'keys.db')))
  const exports = {}
  await new AsyncFunction('require', 'exports', source)(createRequire(resolveFrom), exports)
  return exports as Exports
}

/** Runs a program that listens; the key that it shows, and its address. */
async function serve(page: string) {
  const port = await freePort()
  vi.stubEnv('PORT', port)
  vi.stubEnv('ADMIN_KEY', '0123456789abcdef'.repeat(2))
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => {
    vi.unstubAllEnvs()
    log.mockRestore()
  })
  await run(page)
  const url = `http://127.0.0.1:${port}`
  if (!first(page, 'ts').includes('Shown once')) return { key: '', url }
  const key = await vi.waitFor(
    () => {
      const [, shown] = /Shown once: (\S+)/.exec(log.mock.calls.flat().join('\n')) ?? []
      return shown ?? expect.fail('no key is shown')
    },
    { timeout: 20_000 },
  )
  return { key, url }
}

describe('the program of', () => {
  it.each([
    'start/guard.md',
    'guides/express.md',
    'guides/nestjs.md',
    'guides/hono.md',
    'guides/fastify.md',
    'guides/node-http.md',
    'guides/limits.md',
  ])('%s accepts the key that it shows, and no request without one', async (page) => {
    const { key, url } = await serve(page)
    const accepted = await reach(`${url}/v1/whoami`, { headers: { 'X-API-Key': key } })
    expect([accepted.status, await accepted.json()]).toMatchObject([200, { project: expect.any(String) }])
    const refused = await fetch(`${url}/v1/whoami`)
    expect([refused.status, await refused.json()]).toEqual([
      401,
      { statusCode: 401, message: 'Invalid or missing API key', error: 'Unauthorized' },
    ])
  })

  it('guides/nextjs.md answers a key of its own, and no request without one', async () => {
    interface Exports {
      readonly apiKeys: ReturnType<typeof import('@gosend/auth-core').createApiKeys>
      GET(request: Request): Promise<Response>
    }
    const { apiKeys, GET } = await run<Exports>('guides/nextjs.md')
    const { key } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'backend' })
    const get = (headers: HeadersInit) => GET(new Request('http://localhost/v1/whoami', { headers }))
    expect((await get({})).status).toBe(401)
    expect(await (await get({ 'X-API-Key': key })).json()).toEqual({ project: '1' })
    await apiKeys.close()
  })

  describe('over Postgres', () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres()
    })
    afterAll(stopPostgres)
    const connect = () => {
      const { host, port, user, database } = server.address
      vi.stubEnv('DATABASE_URL', `postgres://${user}@${host}:${port}/${database}`)
    }

    it('guides/postgres.md accepts the key that it shows', async () => {
      connect()
      const { key, url } = await serve('guides/postgres.md')
      expect((await reach(`${url}/v1/whoami`, { headers: { 'X-API-Key': key } })).status).toBe(200)
    })

    it('guides/customers-dashboard.md lets a customer make a key that no other customer sees', async () => {
      connect()
      const { url } = await serve('guides/customers-dashboard.md')
      await reach(url)
      const logIn = async (user: string) => {
        const answer = await fetch(`${url}/login?as=${user}`, { redirect: 'manual' })
        expect(answer.headers.get('location')).toBe('/settings/keys/')
        const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
        return { cookie, origin: url, 'content-type': 'application/json' }
      }
      const [anna, joe] = [await logIn('anna@acme.example'), await logIn('joe@globex.example')]
      expect((await fetch(`${url}/settings/keys/`, { headers: anna })).status).toBe(200)
      const keys = `${url}/api/keys/projects/1/keys`
      const body = JSON.stringify({ label: 'worker', environment: 'production' })
      const made = await fetch(keys, { method: 'POST', headers: anna, body })
      expect(made.status).toBe(201)
      const { key, createdBy } = (await made.json()) as { key: string; createdBy: string }
      expect(createdBy).toBe('anna@acme.example')
      expect((await fetch(`${url}/v1/whoami`, { headers: { 'X-API-Key': key } })).status).toBe(200)
      expect((await fetch(keys, { headers: joe })).status).toBe(404)
      expect((await fetch(keys)).status).toBe(401)
    })
  })
})

/** The commands of a page with what they print. */
const exchanges = (page: string) =>
  blocks(page, 'console').flatMap((text) =>
    [...text.matchAll(/^\$ (.*)\n(.*)$/gm)].map(([, ...both]) => both),
  )

describe('start/sandbox.md', () => {
  /** The document and the test lie where the packages resolve. */
  let folder: string
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeAll(() => {
    folder = mkdtempSync(join(root, 'examples', 'page-'))
    // Where a reader has no configuration, none of this repository is to be found.
    writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {}')
    writeFileSync(join(folder, 'openapi.yaml'), first('start/sandbox.md', 'yaml'))
  })

  it('shows what its curls get', async () => {
    const mock = await createMockServer({ spec: join(folder, 'openapi.yaml') })
    onTestFinished(() => mock.close())
    expect(exchanges('start/sandbox.md')).toHaveLength(4)
    for (const [command = '', shown = ''] of exchanges('start/sandbox.md'))
      expect(
        await bash(command.replace('http://127.0.0.1:4010', mock.url), { API_KEY: mock.keys.test }),
      ).toMatch(shownAs(shown))
  })

  it('has a test that passes, and so have the pages that use its document', { timeout: 120_000 }, () => {
    const tests = { pets: 'start/sandbox.md', both: 'start/both.md', faults: 'guides/vitest.md' }
    for (const [name, page] of Object.entries(tests))
      writeFileSync(join(folder, `${name}.test.ts`), first(page, 'ts'))
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run'], {
      encoding: 'utf8',
      cwd: folder,
    })
    expect(status, stdout + stderr).toBe(0)
    expect(stdout).toContain('4 passed')
  })

  it('has a document that Jest’s setup serves', () => {
    const [setup = '', teardown = ''] = blocks('guides/jest.md', 'js')
    writeFileSync(join(folder, 'setup.cjs'), setup)
    writeFileSync(join(folder, 'teardown.cjs'), teardown)
    const program = `require('./setup.cjs')().then(async () => {
      const headers = { 'X-API-Key': process.env.API_KEY }
      console.log((await fetch(process.env.API_URL + '/pets', { headers })).status)
      require('./teardown.cjs')()
    })`
    expect(execFileSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' })).toBe('200\n')
  })
})

it('start/guard.md shows what its curls get', async () => {
  const { key, url } = await serve('start/guard.md')
  await reach(url)
  expect(exchanges('start/guard.md')).toHaveLength(2)
  for (const [command = '', shown = ''] of exchanges('start/guard.md'))
    expect(await bash(command.replace('http://127.0.0.1:3000', url), { KEY: key })).toMatch(shownAs(shown))
})

describe('commands in the pages', () => {
  const commands = pages.flatMap((page) =>
    [...read(page).matchAll(/(?:npx |pnpm |`)(gosend-mock|gosend-keys) ([^`\n|]*)/g)].map(
      ([, command = '', rest = '']) => ({ page, command, flags: rest.match(/(?<= )--[\w-]+/g) ?? [] }),
    ),
  )
  const help = (path: string, ...args: string[]) =>
    execFileSync(process.execPath, [join(root, 'packages', path), ...args], { encoding: 'utf8' })

  it('have flags that the commands have', () => {
    const known = {
      'gosend-mock': help('mock-server/bin/gosend-mock.js', 'help', '--json'),
      'gosend-keys': help('auth-core/bin/gosend-keys.js', '--help'),
    }
    expect(commands.length).toBeGreaterThan(20)
    for (const { page, command, flags } of commands)
      for (const flag of flags)
        expect(known[command as keyof typeof known], `${page}: ${command} ${flag}`).toMatch(
          new RegExp(`${flag}(?![\\w-])`),
        )
  })
})

it('troubleshooting.md names messages that the code has', () => {
  const source = execFileSync(
    'git',
    ['grep', '-h', '', '--', ':/packages/*/src/*.ts', ':/openapi/gosend.yaml'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  const rows = [...read('troubleshooting.md').matchAll(/^\| ([^|]*`[^|]*) \|/gm)].map(([, cell = '']) => cell)
  const messages = rows
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
    .filter((text) => /\w \w/.test(text))
  expect(messages.length).toBeGreaterThan(20)
  expect(messages.filter((text) => !source.includes(text))).toEqual([])
})
