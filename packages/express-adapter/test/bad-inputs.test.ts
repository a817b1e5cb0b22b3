import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import express from 'express'
import { describe, expect, it, vi } from 'vitest'
import { type FailureEvent, requireApiKey } from '../src/index.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { captureOutput, createTestKeys, listen, withChange, withChecksum } from './host.js'
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

type Ground = Awaited<ReturnType<typeof host>>

const inner = (key: string, inserted: string) => `${key.slice(0, 20)}${inserted}${key.slice(20)}`
const line = (value: string) => get('/', `X-API-Key: ${value}`)
const swapped = (key: string, at: number) =>
  key.slice(0, at) + key.charAt(at + 1) + key.charAt(at) + key.slice(at + 2)

/** Where a request must end: in Node's parser, in ours, after one read of the store, or in the handler. */
type Stop = 'node' | 'parse' | 'store' | 'handler'
type Row = [name: string, stop: Stop, request: (ground: Ground) => string | Buffer, status?: number]

const rows: readonly Row[] = [
  ['no header', 'parse', () => get('/')],
  ['an empty header', 'parse', () => get('/', 'X-API-Key:')],
  ['only spaces', 'parse', () => get('/', 'X-API-Key:      ')],
  ['white space around the key', 'handler', ({ V }) => get('/', `X-API-Key: \t ${V} \t `)],
  ['a space inside', 'parse', ({ V }) => line(inner(V, ' '))],
  ['a tab inside', 'parse', ({ V }) => line(inner(V, '\t'))],
  ['the key in two headers', 'parse', ({ V }) => get('/', `X-API-Key: ${V}`, `X-API-Key: ${V}`)],
  ['a bad key, then the key', 'parse', ({ V }) => get('/', 'X-API-Key: bad', `X-API-Key: ${V}`)],
  [
    'the key, then a bad key under another spelling',
    'parse',
    ({ V }) => get('/', `X-API-Key: ${V}`, 'x-api-KEY: bad'),
  ],
  ['a list of keys', 'parse', ({ V }) => line(`${V}, ${V}`)],
  ['900 equal headers', 'parse', () => get('/', ...Array<string>(900).fill('X-API-Key: a'))],
  ['underscores in the name', 'parse', ({ V }) => get('/', `X_API_Key: ${V}`)],
  ['a space before the colon', 'node', ({ V }) => get('/', `X-Api-Key : ${V}`), 400],
  ['a folded line', 'node', ({ V }) => line(`${V}\r\n more`), 400],
  ['a NUL inside', 'node', ({ V }) => line(inner(V, '\0')), 400],
  ['a bare line feed', 'node', ({ V }) => line(`${V}\nX-Other: 1`), 400],
  ['a bare carriage return', 'node', ({ V }) => line(`${V}\rX-Other: 1`), 400],
  ['a vertical tab', 'node', ({ V }) => line(inner(V, '\v')), 400],
  ['a delete character', 'node', ({ V }) => line(inner(V, '\x7f')), 400],
  ['a Latin-1 letter appended', 'parse', ({ V }) => Buffer.from(line(`${V}\xe9`), 'latin1')],
  ['a Cyrillic letter', 'parse', ({ V }) => line(V.replace('live', 'l\u0456ve'))],
  ['full-width letters', 'parse', ({ V }) => line(V.replace('gsk', '\uff47\uff53\uff4b'))],
  ['a zero-width joiner', 'parse', ({ V }) => line(inner(V, '\u200d'))],
  ['a byte order mark', 'parse', ({ V }) => line(`\ufeff${V}`)],
  ['a soft hyphen', 'parse', ({ V }) => line(inner(V, '\u00ad'))],
  ['a right-to-left override', 'parse', ({ V }) => line(`\u202e${V}`)],
  ['an emoji', 'parse', ({ V }) => line(inner(V, '\u{1f511}'))],
  ['15,000 characters', 'parse', () => line('a'.repeat(15_000))],
  ['17,000 characters', 'node', () => line('a'.repeat(17_000)), 431],
  [
    'the key after 2,100 other headers, which Node drops',
    'parse',
    ({ V }) => get('/', ...Array.from({ length: 2_100 }, () => 'a:'), `X-API-Key: ${V}`),
  ],
  ['a prefix and nothing else', 'parse', () => line('gsk_live_')],
  ['the product and nothing else', 'parse', () => line('gsk_')],
  ['no separator at the end', 'parse', () => line('gsk_live')],
  ['two separators', 'parse', ({ V }) => line(V.replace('gsk_', 'gsk__'))],
  ['a prefix in capitals', 'parse', ({ V }) => line(V.replace('gsk_live_', 'GSK_LIVE_'))],
  ['an environment with a capital', 'parse', ({ V }) => line(V.replace('live', 'Live'))],
  ['an unknown environment', 'parse', ({ V }) => line(withChecksum(V.replace('live', 'prod')))],
  ['another environment, old checksum', 'parse', ({ V }) => line(V.replace('live', 'test'))],
  ['another environment, right checksum', 'store', ({ V }) => line(withChecksum(V.replace('live', 'test')))],
  ['the environment __proto__', 'parse', ({ V }) => line(withChecksum(V.replace('live', '__proto__')))],
  ['the environment constructor', 'parse', ({ V }) => line(withChecksum(V.replace('live', 'constructor')))],
  ['the environment toString', 'parse', ({ V }) => line(withChecksum(V.replace('live', 'toString')))],
  ['the id __proto__', 'parse', ({ V, id }) => line(withChecksum(V.replace(id, '__proto__000')))],
  ['a character missing', 'parse', ({ V }) => line(V.slice(0, -1))],
  ['a character too many', 'parse', ({ V }) => line(`${V}0`)],
  ['a wrong checksum', 'parse', ({ V }) => line(withChange(V, -1))],
  ['another secret, old checksum', 'parse', ({ V }) => line(withChange(V, 30))],
  ['another secret, right checksum', 'store', ({ V }) => line(withChecksum(withChange(V, 30)))],
  [
    'two characters of the secret swapped',
    'parse',
    ({ V }) =>
      line(
        swapped(
          V,
          [...V].findIndex((char, i) => i > 21 && char !== V.charAt(i + 1)),
        ),
      ),
  ],
  [
    'the secret of another key',
    'store',
    ({ V, other }) => line(withChecksum(V.slice(0, 21) + other.slice(21))),
  ],
  ['an unknown id', 'store', ({ V }) => line(withChecksum(withChange(V, 12)))],
  ['a trailing =', 'parse', ({ V }) => line(`${V}=`)],
  ['a trailing %3D', 'parse', ({ V }) => line(`${V}%3D`)],
  ['percent encoding', 'parse', ({ V }) => line(V.replaceAll('_', '%5F'))],
  ['quotation marks', 'parse', ({ V }) => line(`"${V}"`)],
  ['a Bearer scheme', 'parse', ({ V }) => line(`Bearer ${V}`)],
  ['an ApiKey scheme', 'parse', ({ V }) => line(`ApiKey ${V}`)],
  ['a parameter', 'parse', ({ V }) => line(`${V};foo=bar`)],
  ['SQL in place of the id', 'parse', ({ V, id }) => line(withChecksum(V.replace(id, "' OR 1=1 -- ")))],
  [
    'a LIKE wildcard in place of the id',
    'parse',
    ({ V, id }) => line(withChecksum(V.replace(id, '%'.repeat(12)))),
  ],
  ['another LIKE wildcard', 'parse', ({ V, id }) => line(withChecksum(V.replace(id, '_'.repeat(12))))],
  [
    'both Content-Length and Transfer-Encoding',
    'node',
    ({ V }) =>
      `${get('/', `X-API-Key: ${V}`, 'Content-Length: 5', 'Transfer-Encoding: chunked').replace('GET', 'POST')}0\r\n\r\n`,
    400,
  ],
  ['two Host headers, with the key', 'handler', ({ V }) => get('/', 'Host: evil.example', `X-API-Key: ${V}`)],
  ['two Host headers, without', 'parse', () => get('/', 'Host: evil.example')],
  ['an absolute target, with the key', 'handler', ({ V }) => get('http://evil.example/x', `X-API-Key: ${V}`)],
  ['an absolute target, without', 'parse', () => get('http://evil.example/x')],
  ['OPTIONS *, with the key', 'handler', ({ V }) => get('*', `X-API-Key: ${V}`).replace('GET', 'OPTIONS')],
  ['OPTIONS *, without', 'parse', () => get('*').replace('GET', 'OPTIONS')],
  ['a path of tricks, with the key', 'handler', ({ V }) => get('//evil.example/..%2e', `X-API-Key: ${V}`)],
  ['a path of tricks, without', 'parse', () => get('//evil.example/..%2e')],
  ['a malformed Host, with the key', 'handler', ({ V }) => line(V).replace('localhost', '[::')],
  ['a malformed Host, without', 'parse', () => get('/').replace('localhost', '[::')],
]

const expected: Record<Stop, { status: number; reads: number }> = {
  node: { status: 400, reads: 0 },
  parse: { status: 401, reads: 0 },
  store: { status: 401, reads: 1 },
  handler: { status: 200, reads: 1 },
}

describe('the header', () => {
  it.each(rows)('%s ends at: %s', async (_name, stop, request, status = expected[stop].status) => {
    const logged = captureOutput()
    const ground = await host()
    const sent = request(ground)
    const [response, ...more] = await exchange(ground.port, sent)

    expect(more).toEqual([])
    expect(response?.status).toBe(status)
    if (status === 401) expect(response?.body).toBe(UNAUTHORIZED_BODY)
    expect(ground.counters).toEqual({ reads: expected[stop].reads, hashes: 0 })
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
    ['a port', 1, office, forwarded('203.0.113.7:1234'), 403],
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
