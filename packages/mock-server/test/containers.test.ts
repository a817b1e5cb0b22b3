// A mock beside other containers: names that it does not know, neighbours that use its control plane, and waiting for it.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { waitFor } from '../src/command/wait.js'
import type { MockServer } from '../src/index.js'
import { createHostGuard } from '../src/security/host-guard.js'
import { createNetworks, isNetwork } from '../src/security/networks.js'
import { document, ok, start } from './harness.js'

const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
const spec = document({ '/pets': { get: ok({ type: 'array', items: {} }) } })

const asked = (mock: MockServer, host: string) =>
  new Promise<{ readonly status: number; readonly message: string }>((resolve, reject) => {
    const sent = request(`${mock.url}/pets`, { headers: { host } }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, message: JSON.parse(text).message }),
      )
    })
    sent.on('error', reject).end()
  })

const run = async (...typed: string[]) =>
  (await promisify(execFile)(process.execPath, [bin, ...typed])).stdout

const wait = (...typed: string[]) =>
  new Promise<{ readonly code: unknown; readonly err: string }>((resolve) => {
    execFile(process.execPath, [bin, 'wait', ...typed], (error, _out, err) =>
      resolve({ code: error?.code ?? 0, err }),
    )
  })

describe('a host name that is not served', () => {
  it('is refused with the flag that serves it, and logged once', async () => {
    const lines: string[] = []
    const mock = await start({ spec, onLog: (line) => lines.push(line) })
    const message =
      'The host mock is not served here: start the mock with --allow-host mock (option allowedHosts)'
    for (const host of ['mock:4010', 'Mock', 'mock:1'])
      expect(await asked(mock, host)).toEqual({ status: 403, message })
    expect(lines).toEqual([`Warning: ${message}`])
    const { message: odd } = await asked(mock, 'a"b<c>')
    expect(odd).toBe('This host is not served here')
    const allowing = await start({ spec, allowedHosts: ['mock'] })
    expect((await asked(allowing, 'mock:4010')).status).toBe(200)
  })
})

describe('a neighbour', () => {
  const from = (remoteAddress: string, headers: object = {}) =>
    ({ socket: { remoteAddress }, headers }) as never

  it('may use the control plane from the networks that are named, and from no other', () => {
    const guard = createHostGuard('0.0.0.0', 4010, ['mock'], 'http', ['172.16.0.0/12', 'fd00::/8'])
    for (const address of ['127.0.0.1', '::1', '172.18.0.3', '::ffff:172.31.255.255', 'fd00::7'])
      expect([address, guard.isLocal(from(address))]).toEqual([address, true])
    for (const address of ['172.32.0.1', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', ''])
      expect([address, guard.isLocal(from(address))]).toEqual([address, false])
    const page = { origin: 'https://evil.example' }
    expect(guard.isLocal(from('172.18.0.3', page))).toBe(false)
  })

  it('is in a network exactly when the first bits of its address are', () => {
    const number = fc.nat({ max: 0xffffffff })
    const text = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
    fc.assert(
      fc.property(number, number, fc.integer({ min: 0, max: 32 }), (network, address, bits) => {
        const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
        const isIn = (network & mask) >>> 0 === (address & mask) >>> 0
        expect(createNetworks([`${text(network)}/${bits}`]).has(text(address))).toBe(isIn)
      }),
    )
  })

  it('is named by a network that is one', async () => {
    for (const wrong of ['mock', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/1', 'fd00::/129', '10.0.0.0/', ''])
      expect([wrong, isNetwork(wrong)]).toEqual([wrong, false])
    await expect(start({ spec, controlFrom: ['mock'] })).rejects.toThrow('controlFrom[0]: must be a network')
    await expect(start({ spec, controlFrom: ['172.18.0.1/12'] })).rejects.toThrow(
      'controlFrom[0]: 172.18.0.1/12 has bits set after its prefix; did you mean 172.16.0.0/12?',
    )
  })
})

describe('the files for containers and CI', () => {
  const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8')

  it('are YAML that says what the flags are called', async () => {
    const { services } = parse(await read('container/compose.yaml'))
    const { flags } = JSON.parse(await run('help', '--json'))
    const known = flags.map(({ name }: { readonly name: string }) => name)
    const used = services.mock.command.filter((word: string) => word.startsWith('--'))
    expect(used.filter((flag: string) => !known.includes(flag))).toEqual([])
    const blocks = [...(await read('CONTAINERS.md')).matchAll(/```yaml\n(.*?)```/gs)]
    for (const [, text = ''] of blocks) expect(parse(text).steps.length).toBeGreaterThan(3)
    expect(blocks.length).toBeGreaterThan(0)
  })

  it('run as nobody special, and check their health', async () => {
    const dockerfile = await read('container/Dockerfile')
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toMatch(/^HEALTHCHECK .*\n {2}CMD \["gosend-mock", "wait", /m)
  })
})

describe('gosend-mock wait', () => {
  it('ends when something answers, and says why nothing did', async () => {
    const mock = await start({ spec })
    expect(await wait(mock.url)).toEqual({ code: 0, err: '' })
    const nobody = await wait('http://127.0.0.1:1', '--timeout', '1ms')
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('127.0.0.1:1 does not answer: ')])
    expect((await wait('localhost')).code).toBe(2)
  })

  it('asks again until there is an answer below 500, and says what the last one was', async () => {
    let asked = 0
    const broken = createServer((_request, response) => response.writeHead(++asked < 3 ? 503 : 404).end())
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`
    expect(await waitFor(url, 60_000)).toBeUndefined()
    expect(asked).toBe(3)
    asked = Number.NEGATIVE_INFINITY
    expect(await waitFor(url, 60_000, passing())).toBe('it answers 503')
    await new Promise((resolve) => broken.close(resolve))
    expect(await waitFor(url, 60_000, passing())).toBe('ECONNREFUSED')
  })
})

/** A clock on which 20 seconds pass with each look. */
function passing(): () => number {
  let time = 0
  return () => {
    time += 20_000
    return time
  }
}
