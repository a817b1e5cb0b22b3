// The command, as a person or a script runs it.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createMockServer, generateKeys } from '../src/index.js'
import { document, folder, ok } from './harness.js'

const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
const running: ChildProcess[] = []

beforeAll(async () => {
  await createMockServer().then((mock) => mock.close())
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
}

const run = (...flags: string[]) =>
  new Promise<Finished>((resolve) => {
    execFile(process.execPath, [bin, ...flags], { timeout: 20_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err })
    })
  })

interface Served {
  readonly child: ChildProcess
  readonly json: {
    url: string
    dashboardUrl: string
    project: object
    keys: { test: string; live: string }
    adminKey: string
  }
  readonly lines: () => string[]
  readonly errors: () => string
}

async function serve(flags: string[], cwd?: string, env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const child = spawn(process.execPath, [bin, '--port', '0', '--json', ...flags], {
    cwd: cwd ?? (await folder()),
    env: { ...process.env, ...env },
  })
  running.push(child)
  let out = ''
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes('\n')) resolve()
    })
    child.on('exit', () => reject(new Error(err)))
  })
  return { child, json: JSON.parse(out), lines: () => out.trim().split('\n'), errors: () => err }
}

const exit = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('exit', resolve))

describe('gosend-mock --json', () => {
  it('prints exactly one line once it listens, and everything else to stderr', async () => {
    const { json, lines, errors, child } = await serve([])
    expect(Object.keys(json)).toEqual(['url', 'dashboardUrl', 'project', 'keys', 'adminKey'])
    expect(json.project).toEqual({
      id: '42',
      name: 'Acme Production',
      webhookUrl: 'https://api.acme.com/webhooks/gosendapi',
      createdAt: '2026-01-15T10:00:00Z',
    })
    const response = await fetch(`${json.url}/v1/me`, { headers: { 'X-API-Key': json.keys.test } })
    expect(response.status).toBe(200)
    await expect.poll(errors).toContain('GET /v1/me 200')
    child.kill('SIGTERM')
    expect(await exit(child)).toBe(0)
    expect(lines()).toHaveLength(1)
    expect(errors()).not.toMatch(/gsk_(test|live|admin)_/)
  })

  it('manages keys, and says what is wrong with a request to do so', async () => {
    const { json } = await serve([])
    const keys = `${json.url}/admin/projects/42/keys`
    const manage = (url: string, body: object) =>
      fetch(url, {
        method: 'POST',
        headers: { 'x-admin-key': json.adminKey, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const wrong = { environment: 'sandbox', label: 'ci', allowedIps: ['not an address'] }
    expect((await manage(keys, { ...wrong, allowedIps: ['10.0.0.0/8'] })).status).toBe(201)
    expect((await manage(keys, wrong)).status).toBe(400)
    expect((await manage(`${keys}/none/revoke`, {})).status).toBe(404)
  })

  it('writes the last lines of its log when it is told to end', async () => {
    const { json, child, errors } = await serve([])
    await fetch(`${json.url}/v1/me`, { headers: { 'x-api-key': json.keys.test } })
    child.kill('SIGTERM')
    expect(await exit(child)).toBe(0)
    await expect.poll(errors).toMatch(/^GET \/v1\/me 200 /m)
  })

  it('has the same keys again after a restart in the same folder, also after kill -9', async () => {
    const cwd = await folder()
    const first = await serve([], cwd)
    first.child.kill('SIGKILL')
    await exit(first.child)
    const second = await serve([], cwd)
    expect(second.json.keys).toEqual(first.json.keys)
    expect(second.json.adminKey).toBe(first.json.adminKey)
  })

  it('takes keys from flags, the environment and a file that is named, and from no other file', async () => {
    const [flag, environment, named, stray] = [generateKeys(), generateKeys(), generateKeys(), generateKeys()]
    const cwd = await folder()
    await writeFile(join(cwd, '.env'), `GOSEND_MOCK_KEY_TEST=${stray.test}\n`)
    await writeFile(join(cwd, 'ci.env'), `GOSEND_MOCK_KEY_TEST=${named.test}\n`)
    expect((await serve(['--db', ':memory:'], cwd)).json.keys.test).not.toBe(stray.test)
    for (const flag of ['--env', '--env-file'])
      expect((await serve(['--db', ':memory:', flag, 'ci.env'], cwd)).json.keys.test).toBe(named.test)
    expect(
      (await serve(['--db', ':memory:'], cwd, { GOSEND_MOCK_KEY_TEST: environment.test })).json.keys.test,
    ).toBe(environment.test)
    expect(
      (
        await serve(['--db', ':memory:', '--key-test', flag.test], cwd, {
          GOSEND_MOCK_KEY_TEST: environment.test,
        })
      ).json.keys.test,
    ).toBe(flag.test)
  })

  it.each([
    ['GOSEND_MOCK_KEY_TETS', 'GOSEND_MOCK_KEY_TEST'],
    ['GOSEND_MOCK_TEST_KEY', 'GOSEND_MOCK_KEY_TEST'],
    ['GOSEND_MOCK_RATE_LIMIT', 'GOSEND_MOCK_RATE_LIMITS'],
  ])('refuses the variable %s, which is a misspelt one', async (name, meant) => {
    const file = join(await folder(), 'ci.env')
    await writeFile(file, `${name}=off\n`)
    const { code, err } = await run('--env', file, '--db', ':memory:')
    expect([code, err]).toEqual([
      2,
      `gosend-mock: ${name}: no such variable; did you mean ${meant}?; see gosend-mock --help\n`,
    ])
  })

  it('leaves the variables of tests alone, whatever they begin with', async () => {
    const variables = {
      GOSEND_MOCK_URL: 'x',
      GOSEND_MOCK_API_KEY: 'x',
      GOSEND_MOCK_PORT: 'tcp://10.0.0.1:80',
    }
    expect((await serve(['--db', ':memory:'], undefined, variables)).json.url).toMatch(/^http/)
  })

  it('serves any document, as `FILE`, `--spec FILE` and `mock FILE`', async () => {
    const cwd = await folder()
    await writeFile(
      join(cwd, 'api.json'),
      JSON.stringify(document({ '/ping': { get: ok({ const: 'pong' }) } })),
    )
    for (const flags of [
      ['api.json'],
      ['--spec', 'api.json'],
      ['mock', 'api.json', '-h', '127.0.0.1', '-d', '--cors'],
    ]) {
      const { json } = await serve(flags, cwd)
      expect(await (await fetch(`${json.url}/ping`)).json()).toBe('pong')
    }
  })
})

describe('a flag without a value', () => {
  it('takes true and false, can be taken back, and may be one of Prism that changes nothing here', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'api.json'), JSON.stringify(document({ '/ping': { get: ok() } })))
    const preflight = async (...flags: string[]) => {
      const { json } = await serve(['mock', 'api.json', '--db', ':memory:', ...flags], cwd)
      const headers = { origin: 'https://app.example', 'access-control-request-method': 'GET' }
      return (await fetch(`${json.url}/ping`, { method: 'OPTIONS', headers })).status
    }
    const ignored = [
      '--json-schema-faker-fillProperties=false',
      '-m',
      '--multiprocess',
      'false',
      '-v',
      'debug',
    ]
    expect(await preflight('--cors=true')).toBe(204)
    expect(await preflight('--cors', '--cors=false', ...ignored)).toBe(403)
    expect(await preflight('--cors', 'true', '--ignoreExamples=false', '--no-multiprocess')).toBe(204)
    expect(await preflight('--cors', '--no-cors')).toBe(403)
    expect(await preflight('--no-cors', '--cors-origin', 'https://app.example')).toBe(204)
  })
})

describe('gosend-mock', () => {
  it('starts from the code that was kept at the build, and without it where V8 runs with other flags', async () => {
    const { keptScript } = createRequire(bin)('./compiled.js')
    expect(keptScript()).toBeDefined()
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-opt', bin, '--version'])
    expect(stdout).toBe((await run('--version')).out)
  })

  it('has a help page, a version and well-formed keys to give away', async () => {
    const help = await run('--help')
    expect([help.code, help.err]).toEqual([0, ''])
    for (const flag of [
      '--spec',
      '--port',
      '--host',
      '--db',
      '--json',
      '--env-file',
      '--key-test',
      '--key-live',
      'keygen',
    ])
      expect(help.out).toContain(flag)
    expect(Math.max(...help.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await run('keygen')).out).toMatch(
      /^GOSEND_MOCK_KEY_TEST=gsk_test_[0-9A-Za-z]{61}\nGOSEND_MOCK_KEY_LIVE=gsk_live_[0-9A-Za-z]{61}\n$/,
    )
  })

  it.each(['mock', 'proxy', 'wait', 'explain'])('has the same help page for %s', async (command) => {
    const { code, out } = await run(command, '--help')
    expect([code, out]).toEqual([0, (await run('help')).out])
  })

  it('lists each route with an address that can be called as it is, up to a screenful', async () => {
    const cwd = await folder()
    const pet = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
    const one = ok(pet, {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    })
    const paths = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`/things-${i}`, { get: ok({}) }]))
    const pets = { '/pets': { get: ok({ type: 'array', items: pet }) }, '/pets/{id}': { get: one } }
    await writeFile(join(cwd, 'api.json'), JSON.stringify(document({ ...pets, ...paths })))
    const child = spawn(process.execPath, [bin, 'api.json', '--port', '0', '--auth', 'any'], { cwd })
    running.push(child)
    let shown = ''
    child.stderr.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
    })
    await expect.poll(() => shown, { timeout: 10_000 }).toMatch(/… and 7 more: http:\S+\/reference/)
    expect(shown).toContain('Credentials  any will do (--auth any)')
    const [address = ''] = /http:\S+\/pets\/\S+/.exec(shown) ?? []
    expect((await fetch(address)).status).toBe(200)
  })

  it('explains how it reads a document, and fails on guesses when told to', async () => {
    const file = join(await folder(), 'api.json')
    const writePets = async (operation: object) => {
      const paths = {
        '/pets': { post: operation },
        '/pets/{id}': { get: operation },
        '/pets/{id}/feed': { post: operation },
      }
      await writeFile(file, JSON.stringify(document(paths)))
    }
    // Where no answer is described, its member for the id is a guess as well.
    await writePets({ responses: { 200: { description: 'OK' } } })
    expect((await run('explain', file)).out).toContain('3 operations: 1 declared, 2 guessed')
    await writePets(ok({ type: 'object', properties: { id: { type: 'string' } } }))
    const all = await run('explain', file)
    expect([all.code, all.err]).toEqual([0, ''])
    expect(all.out).toContain('3 operations: 2 declared, 1 guessed')
    const one = await run('explain', file, 'POST /pets/{id}/feed', '--json', '--fail-on-guess')
    expect([one.code, JSON.parse(one.out)]).toMatchObject([1, [{ role: 'action', basis: 'guessed' }]])
    expect((await run('explain', file, 'feedPets')).err).toContain('has no operation feedPets')
  })

  it.each([
    [['--nope'], /unknown option --nope; see/],
    [['--prot', '1'], /unknown option --prot; did you mean --port\?/],
    [['--ignoreExamples', 'api.yaml'], /--ignoreExamples is of Prism: here, use --dynamic/],
    [['proxy', 'a.yaml', 'http://b', '--upstreamProxy=http://c'], /without an HTTP proxy/],
    [['--verboseLevel', 'loud'], /--verboseLevel must be one of silent, fatal/],
    [['serve'], /unknown command "serve"; see/],
    [['moc', 'api.yaml'], /unknown command "moc"; did you mean mock\?/],
    [['mock'], /mock needs a document/],
    [['gone-a.yaml', 'gone-b.yaml'], /gone-a.yaml: no such file/],
    [['--mount', 'crm.yaml'], /--mount must be \/PATH=FILE/],
    [['keygen', 'ci'], /keygen takes nothing/],
    [['explain'], /explain needs a document/],
    [['explain', 'a.yaml', 'GET', '/pets'], /put "GET \/pets" in quotes/],
    [['api.yaml'], /api.yaml: no such file/],
    [['--port', '70000'], /--port/],
    [['--port', '-1'], /--port needs a value; for one that begins with a dash, write --FLAG=-VALUE/],
    [['--port=-1'], /--port must be/],
    [['--port', 'abc'], /--port/],
    [['--auth', 'maybe'], /--auth/],
    [['--rate-limits', 'sometimes'], /--rate-limits/],
    [['--spec', '/no/such/file'], /no such file/],
    [['--spec', '/dev/null'], /not a regular file/],
    [['--spec', 'http://127.0.0.1:1/a.json'], /connection was refused/],
    [['--env', '/no/such/file'], /--env \/no\/such\/file: .*no such file/],
    // Node itself reads this flag first, and says it in its own words.
    [['--env-file', '/no/such/file'], /\/no\/such\/file/],
    [['--key-test', 'gsk_test_short', '--db', ':memory:'], /--key-test: not a well-formed/],
    [['--admin-key', 'short', '--db', ':memory:'], /--admin-key: must have at least 32 characters/],
    [['--host', '203.0.113.7', '--db', ':memory:'], /no such address as 203.0.113.7/],
  ])('explains in one line what is wrong with %j', async (flags, reason) => {
    const { code, out, err } = await run(...flags)
    expect(code).not.toBe(0)
    expect(out).toBe('')
    expect(err).toMatch(reason)
    expect(err.trim().split('\n')).toHaveLength(1)
  })

  it('has GoSendAPI’s limits, and lifts them where tests run at full speed', async () => {
    const passed = async (env: NodeJS.ProcessEnv) => {
      const { url, keys, adminKey } = (await serve(['--db', ':memory:'], undefined, env)).json
      // While time stands still, a second does not end.
      await fetch(`${url}/_mock/clock`, {
        method: 'POST',
        headers: { 'X-Admin-Key': adminKey, 'content-type': 'application/json' },
        body: '{"freeze":true}',
      })
      const headers = { 'X-API-Key': keys.test }
      const replies = await Promise.all(Array.from({ length: 30 }, () => fetch(`${url}/v1/me`, { headers })))
      return replies.filter(({ ok }) => ok).length
    }
    expect(await passed({})).toBe(10)
    expect(await passed({ GOSEND_MOCK_RATE_LIMITS: 'off' })).toBe(30)
  })

  it('does not take another port in secret when its own is in use', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const { port } = blocker.address() as { port: number }
    const { code, err } = await run('--port', String(port), '--db', ':memory:')
    expect([code, err]).toEqual([
      1,
      `gosend-mock: port ${port} is in use; choose another with --port, or 0 for any\n`,
    ])
    await new Promise((resolve) => blocker.close(resolve))
  })

  it('keeps apart what each document stores', async () => {
    const cwd = await folder()
    const pet = { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } }
    const pets = document({
      '/pets': {
        get: ok({ type: 'array', items: pet }),
        post: { ...ok(pet), requestBody: { content: { 'application/json': { schema: pet } } } },
      },
      '/pets/{id}': { get: ok(pet) },
    })
    for (const name of ['cats', 'dogs']) await writeFile(join(cwd, `${name}.json`), JSON.stringify(pets))
    const petsOf = async (file: string) => {
      const { child, json } = await serve([file, '--seed-items', '0'], cwd)
      const url = `${json.url}/pets`
      const before = await (await fetch(url)).json()
      await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
      child.kill('SIGTERM')
      await exit(child)
      return before
    }
    expect(await petsOf('cats.json')).toHaveLength(0)
    expect(await petsOf('dogs.json')).toHaveLength(0)
    expect(await petsOf('cats.json')).toHaveLength(1)
    expect(await readdir(join(cwd, '.gosend'))).toEqual(
      expect.arrayContaining(['mock-cats.db', 'mock-dogs.db']),
    )
  })

  it('leaves nothing behind when its document is not there', async () => {
    const cwd = await folder()
    await expect(serve(['mock', 'api.yaml'], cwd)).rejects.toThrow('no such file')
    expect(await readdir(cwd)).toEqual([])
    await writeFile(join(cwd, 'bad.yaml'), 'openapi: [')
    await expect(serve(['bad.yaml'], cwd)).rejects.toThrow('not valid YAML')
    expect(await readdir(cwd)).toEqual(['bad.yaml'])
  })

  it('keeps what is stored while its document cannot be read', async () => {
    const cwd = await folder()
    const pet = { type: 'object', properties: { id: { type: 'string' } } }
    const requestBody = { content: { 'application/json': { schema: pet } } }
    const pets = { get: ok({ type: 'array', items: pet }), post: { requestBody, ...ok(pet) } }
    const file = join(cwd, 'api.json')
    const text = JSON.stringify(document({ '/pets': pets }))
    await writeFile(file, text)
    const flags = ['api.json', '--seed-items', '0']
    const first = await serve(flags, cwd)
    const headers = { 'content-type': 'application/json' }
    await fetch(`${first.json.url}/pets`, { method: 'POST', body: '{}', headers })
    first.child.kill('SIGTERM')
    await exit(first.child)
    await writeFile(file, '{')
    await expect(serve(flags, cwd)).rejects.toThrow('not valid')
    await writeFile(file, text)
    const second = await serve(flags, cwd)
    expect(second.json.keys).toEqual(first.json.keys)
    expect(await (await fetch(`${second.json.url}/pets`)).json()).toHaveLength(1)
  })

  it('says that a folder cannot be written to, and does not blame the port', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'file'), '')
    const { code, err } = await run('--db', join(cwd, 'file/mock.db'), '--port', '0')
    expect([code, err]).toEqual([1, expect.stringMatching(/file\/mock.db cannot keep the state: .*--db\n$/)])
  })

  it('refuses a database that belongs to something else', async () => {
    const cwd = await folder()
    await mkdir(join(cwd, 'x'))
    await writeFile(join(cwd, 'notes.db'), 'these are not keys '.repeat(100))
    const { code, err } = await run('--db', join(cwd, 'notes.db'), '--port', '0')
    expect(code).toBe(1)
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})
