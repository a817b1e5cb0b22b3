import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import express from 'express'
import { describe, expect, it, vi } from 'vitest'
import { type FailureEvent, requireApiKey } from '../src/index.js'
import { badInputs, ends, line } from './bad-inputs.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { captureOutput, createTestKeys, listen, withChange } from './host.js'
import { exchange, get } from './wire.js'

async function host(settings: Readonly<Record<string, unknown>> = {}, address?: string) {
  const { apiKeys, counters } = createTestKeys()
  const issue = (allowedIps: readonly string[] | null = null) =>
    apiKeys.issue({ projectId: '42', environment: 'production', label: 'test', allowedIps })
  const { key, record } = await issue()
  const other = await issue()
  await apiKeys.verify(key)
  const events: FailureEvent[] = []
  const app = express()
  for (const [name, value] of Object.entries(settings)) app.set(name, value)
  app.use(requireApiKey(apiKeys, { onFailure: (event) => events.push(event) }))
  app.use((_request, response) => void response.json({ served: true }))
  const { port } = await listen(app, address)
  Object.assign(counters, { reads: 0, hashes: 0 })
  return { apiKeys, counters, events, port, V: key, id: record.id, other: other.key, issue }
}

describe('the header', () => {
  it.each(badInputs)('%s ends at: %s', async (_name, stop, request, status = ends[stop].status) => {
    const logged = captureOutput()
    const ground = await host()
    const sent = request(ground)
    const [response, ...more] = await exchange(ground.port, sent)

    expect(more).toEqual([])
    expect(response?.status).toBe(status)
    if (status === 401) expect(response?.body).toBe(UNAUTHORIZED_BODY)
    expect(ground.counters).toEqual({ reads: ends[stop].reads, hashes: 0 })
    expect(JSON.stringify([logged, ground.events, response])).not.toContain(ground.V.slice(21))
  })

  it('cannot inject a header into the answer', async () => {
    const ground = await host()
    const [response] = await exchange(ground.port, line(`${ground.V}\r\nX-Admin: 1`))
    expect(response?.status).toBe(200)
    expect(response?.headers).not.toHaveProperty('x-admin')
  })

  it('judges 1,000 pipelined requests one by one and in order', async () => {
    const { port, V } = await host()
    const alternating = Array.from({ length: 1_000 }, (_, i) => {
      const request = line(i % 2 === 0 ? V : withChange(V, -1))
      return i < 999 ? request.replace('Connection: close\r\n', '') : request
    })
    const responses = await exchange(port, alternating.join(''))
    expect(responses.map(({ status }) => status)).toEqual(
      alternating.map((_, i) => (i % 2 === 0 ? 200 : 401)),
    )
  })

  it('refuses a key revoked between two requests on one connection', async () => {
    const { apiKeys, port, V, id } = await host()
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    const first = line(V).replace('Connection: close\r\n', '')
    socket.write(first)
    const [served] = await once(socket, 'data')
    await apiKeys.revoke(id)
    socket.write(line(V))
    const [refused] = await once(socket, 'data')
    expect([served, refused].map((answer) => answer.slice(0, 12))).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401'])
  })
})

describe('the address', () => {
  const from = (V: string, ...headers: string[]) => get('/', `X-API-Key: ${V}`, ...headers)

  type AddressRow = [
    name: string,
    trustProxy: unknown,
    allowedIps: readonly string[],
    headers: readonly string[],
    status: number,
    reason?: string,
  ]
  const office = ['203.0.113.7']
  const forwarded = (value: string) => [`X-Forwarded-For: ${value}`]
  const IPV6_SPELLINGS = [
    '2001:db8::8:800:200c:417a',
    '2001:DB8::8:800:200C:417A',
    '2001:db8:0:0:8:800:200c:417a',
    '2001:0db8:0000:0000:0008:0800:200c:417a',
    '2001:0DB8:0000:0000:0008:0800:200C:417A',
    '2001:db8::0:8:800:200c:417a',
    '2001:db8:0::8:800:200c:417a',
    '2001:0db8::8:0800:200c:417a',
    '2001:db8::0008:800:200c:417a',
    '2001:db8::8:800:32.12.65.122',
    '2001:DB8::8:800:32.12.65.122',
    '2001:db8:0:0:8:800:32.12.65.122',
  ]

  const addressRows: readonly AddressRow[] = [
    ['a forged X-Forwarded-For without a proxy', false, office, forwarded('203.0.113.7'), 403],
    ['the same, believing every proxy', true, office, forwarded('203.0.113.7'), 403, 'untrusted_proxy'],
    ['the same, without any header', true, ['127.0.0.1'], [], 403, 'untrusted_proxy'],
    [
      'a forged entry left of the one that the proxy added',
      1,
      office,
      forwarded('203.0.113.7, 6.6.6.6'),
      403,
    ],
    ['the entry that the proxy added', 1, office, forwarded('6.6.6.6, 203.0.113.7'), 200],
    ['the entry added by a proxy known by its address', 'loopback', office, forwarded('203.0.113.7'), 200],
    ['a proxy that is not known', '10.0.0.0/8', office, forwarded('203.0.113.7'), 403],
    ['no address', 1, office, forwarded('garbage'), 403],
    ['markup', 1, office, forwarded('<script>alert(1)</script>'), 403],
    ['a long value', 1, office, forwarded('1'.repeat(15_000)), 403],
    ['a port', 1, office, forwarded('203.0.113.7:1234'), 200],
    ['a port, of another address', 1, office, forwarded('203.0.113.8:1234'), 403],
    ['a port that there is not', 1, office, forwarded('203.0.113.7:123456'), 403],
    ['IPv6 with a port', 1, ['2001:db8::1'], forwarded('[2001:db8::1]:443'), 200],
    ['IPv4 inside IPv6', 1, office, forwarded('::ffff:203.0.113.7'), 200],
    ['IPv4 inside IPv6, in hexadecimal', 1, office, forwarded('::ffff:cb00:7107'), 200],
    ['an IPv4-compatible address', 1, office, forwarded('::203.0.113.7'), 403],
    ['a NAT64 address', 1, office, forwarded('64:ff9b::cb00:7107'), 403],
    ['a zone', 1, ['fe80::/10'], forwarded('fe80::1%eth0'), 403],
    ['nowhere', false, [], [], 403],
    ['every IPv4 address', false, ['0.0.0.0/0'], [], 200],
    ['every IPv6 address, from IPv4', false, ['::/0'], [], 403],
    ['every IPv4 address, from IPv6', 1, ['0.0.0.0/0'], forwarded('2001:db8::1'), 403],
    [
      'other headers of the kind',
      1,
      office,
      [
        'Forwarded: for=203.0.113.7',
        'X-Real-IP: 203.0.113.7',
        'CF-Connecting-IP: 203.0.113.7',
        'True-Client-IP: 203.0.113.7',
        'X-Client-IP: 203.0.113.7',
      ],
      403,
    ],
    ['two X-Forwarded-For headers', 1, office, [...forwarded('203.0.113.7'), ...forwarded('6.6.6.6')], 403],
    ...IPV6_SPELLINGS.map(
      (spelling): AddressRow => [spelling, 1, ['2001:db8::8:800:200c:417a'], forwarded(spelling), 200],
    ),
  ]

  it.each(addressRows)(
    '%s, trust proxy %j, allowed %j',
    async (_name, trustProxy, allowedIps, headers, status, reason) => {
      const ground = await host({ 'trust proxy': trustProxy })
      const { key, record } = await ground.issue(allowedIps)
      const [response] = await exchange(ground.port, from(key, ...headers))
      expect(response?.status).toBe(status)
      expect(response?.headers['www-authenticate']).toBeUndefined()
      expect(ground.events).toEqual(
        status === 200 ? [] : [{ reason: reason ?? 'ip_not_allowed', keyId: record.id, status: 403 }],
      )
    },
  )

  it('is the canonical one on a listener for both protocols', async () => {
    const ground = await host({}, '::')
    const { key } = await ground.issue(['127.0.0.1'])
    const [response] = await exchange(ground.port, from(key))
    expect(response?.status).toBe(200)
  })

  it('is on no list when there is none, as over a Unix socket', async () => {
    const socket = path.join(await mkdtemp(path.join(tmpdir(), 'adapter-')), 'socket')
    const ground = await host({}, socket)
    const { key } = await ground.issue(['0.0.0.0/0', '::/0'])
    const [response] = await exchange({ path: socket }, from(key))
    expect(response?.status).toBe(403)
    const [unrestricted] = await exchange({ path: socket }, from(ground.V))
    expect(unrestricted?.status).toBe(200)
  })

  it('is not looked at for a key without a list', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'test' })
    const trust = vi.fn(() => true)
    const app = express().set('trust proxy', trust)
    app.use(requireApiKey(apiKeys))
    app.use((_request, response) => void response.end('served'))
    const { port } = await listen(app)
    const [response] = await exchange(port, from(key, ...forwarded('203.0.113.7')))
    expect(response?.body).toBe('served')
    expect(trust).not.toHaveBeenCalled()
  })

  it('is not believed either when a parent application believes every proxy', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'test',
      allowedIps: ['203.0.113.7'],
    })
    const child = express().use(requireApiKey(apiKeys))
    const { port } = await listen(express().set('trust proxy', true).use(child))
    const [response] = await exchange(port, from(key, ...forwarded('203.0.113.7')))
    expect(response?.status).toBe(403)
  })

  it.each([
    ['a function', () => true],
    ['every network', '0.0.0.0/1, 128.0.0.0/1'],
    ['every network of IPv6', 'loopback, 2000::/3'],
    ['more proxies than there are', 1_000],
  ])('is not believed when trust proxy says yes to anybody, by %s', async (_name, trustProxy) => {
    const ground = await host({ 'trust proxy': trustProxy })
    const { key, record } = await ground.issue(['203.0.113.7'])
    const [response] = await exchange(ground.port, from(key, ...forwarded('203.0.113.7')))
    expect(response?.status).toBe(403)
    expect(ground.events).toEqual([{ reason: 'untrusted_proxy', keyId: record.id, status: 403 }])
  })

  it('warns once of an application that believes every proxy, and says what to do', async () => {
    const warnings: Error[] = []
    const collect = (warning: Error) => void warnings.push(warning)
    process.on('warning', collect)
    vi.resetModules()
    const fresh = await import('../src/index.js')
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({
      projectId: '1',
      environment: 'production',
      label: 'x',
      allowedIps: [],
    })
    const app = express().set('trust proxy', true)
    app.use(fresh.requireApiKey(apiKeys))
    const { port } = await listen(app)
    for (let i = 0; i < 3; i++) await exchange(port, from(key))
    await new Promise(setImmediate)
    process.off('warning', collect)
    expect(warnings.filter(({ name }) => name === 'ApiKeysWarning')).toHaveLength(1)
    expect(warnings[0]?.message).toContain('trust proxy')
  })
})
