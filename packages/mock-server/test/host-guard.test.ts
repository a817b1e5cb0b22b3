import type { IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createHostGuard } from '../src/security/host-guard.js'

type Headers = Readonly<Record<string, string | readonly string[]>>

/** A request as Node reads it, as far as the guard looks. */
function request(headers: Headers, remoteAddress: string | undefined = '127.0.0.1'): IncomingMessage {
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  )
  const first = Object.entries(headers).map(([name, values]) => [name.toLowerCase(), [values].flat()[0]])
  return {
    headers: Object.fromEntries(first),
    rawHeaders,
    socket: { remoteAddress },
  } as unknown as IncomingMessage
}

const refusalOf = (guard: ReturnType<typeof createHostGuard>, host: string) =>
  guard.refuse(request({ Host: host }))

describe('the host of a request', () => {
  const guard = () => createHostGuard('127.0.0.1', 4010, [])

  it.each(['localhost:4010', 'LocalHost:4010', '127.0.0.1:4010', '[::1]:4010'])('%s is answered', (host) => {
    expect(refusalOf(guard(), host)).toBeUndefined()
  })

  it.each([
    ...['localhost', '127.0.0.1', 'localhost:4011', 'localhost:40100', 'localhost:4010.evil.example'],
    ...[
      'evil.example',
      'evil.example:4010',
      'localhost.evil.example:4010',
      'xlocalhost:4010',
      '127.0.0.2:4010',
    ],
    ...[
      '[::2]:4010',
      '::1:4010',
      'localhost:4010 ',
      'localhost:4010,evil.example',
      'constructor',
      '__proto__',
    ],
  ])('%s is refused with 403', (host) => {
    expect(refusalOf(guard(), host)).toBe(403)
  })

  it('is refused with 400 when there is none, an empty one, or more than one', () => {
    expect(guard().refuse(request({}))).toBe(400)
    expect(guard().refuse(request({ Host: '' }))).toBe(400)
    expect(guard().refuse(request({ Host: ['localhost:4010', 'localhost:4010'] }))).toBe(400)
    expect(guard().refuse(request({ Host: 'localhost:4010', hOsT: 'evil.example' }))).toBe(400)
    expect(
      guard().refuse(request({ Host: 'localhost:4010', Hosts: 'x', From: 'host', Date: 'x' })),
    ).toBeUndefined()
  })

  it('needs no port where that is 80', () => {
    const web = createHostGuard('127.0.0.1', 80, [])
    expect(['localhost', 'localhost:80', 'localhost:81'].map((host) => refusalOf(web, host))).toEqual([
      undefined,
      undefined,
      403,
    ])
  })

  it('may be the name or the address that the server listens on, and no other', () => {
    const named = createHostGuard('Sandbox.Internal', 4010, [])
    expect(refusalOf(named, 'sandbox.internal:4010')).toBeUndefined()
    expect(refusalOf(named, 'SANDBOX.internal:4010')).toBeUndefined()
    const version6 = createHostGuard('fd00::1', 4010, [])
    expect([refusalOf(version6, '[fd00::1]:4010'), refusalOf(version6, 'fd00::1:4010')]).toEqual([
      undefined,
      403,
    ])
  })

  it.each(['0.0.0.0', '::'])('may be any address of this machine where the server listens on %s', (host) => {
    const everywhere = createHostGuard(host, 4010, [])
    const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
    for (const { address, family } of addresses) {
      const written = family === 'IPv6' ? `[${address}]` : address
      expect(refusalOf(everywhere, `${written}:4010`)).toBeUndefined()
    }
    expect(refusalOf(everywhere, `${host}:4010`)).toBe(403)
    expect(refusalOf(everywhere, '203.0.113.9:4010')).toBe(403)
  })

  it('may be one that is allowed: for any port, or for the port that it is allowed with', () => {
    const allowing = createHostGuard('127.0.0.1', 4010, ['Mock.Example', 'other.example:8080'])
    const hosts = [
      'mock.example',
      'MOCK.example:1',
      'other.example:8080',
      'other.example',
      'other.example:80',
    ]
    expect(hosts.map((host) => refusalOf(allowing, host))).toEqual([
      undefined,
      undefined,
      undefined,
      403,
      403,
    ])
    expect(refusalOf(allowing, 'mock.example:1x')).toBe(403)
    expect(refusalOf(allowing, 'mock.example:8080')).toBeUndefined()
    const version6 = createHostGuard('127.0.0.1', 4010, ['[fd00::1]'])
    expect(['[fd00::1]:80', '[fd00::1]', '[fd00::2]:80'].map((host) => refusalOf(version6, host))).toEqual([
      undefined,
      undefined,
      403,
    ])
    expect(refusalOf(allowing, 'x.mock.example')).toBe(403)
  })
})

describe('a page behind a request', () => {
  const guard = () => createHostGuard('127.0.0.1', 4010, [])
  const isOwn = (headers: Headers) => guard().isSameOrigin(request({ Host: 'localhost:4010', ...headers }))

  it.each([
    ['there is none', {}],
    ['of this server', { Origin: 'http://localhost:4010' }],
    [
      'of this server, as the browser says',
      { Origin: 'http://localhost:4010', 'Sec-Fetch-Site': 'same-origin' },
    ],
    ['that a person typed', { 'Sec-Fetch-Site': 'none' }],
  ])('is one of its own: %s', (_, headers) => {
    expect(isOwn(headers)).toBe(true)
  })

  it.each([
    ['of another site', { Origin: 'http://evil.example:4010' }],
    ['of another port', { Origin: 'http://localhost:4011' }],
    ['over https', { Origin: 'https://localhost:4010' }],
    ['over a scheme that is as long', { Origin: 'abcd://localhost:4010' }],
    ['over a scheme that is longer', { Origin: 'xhttp://localhost:4010' }],
    ['that hides', { Origin: 'null' }],
    ['whose origin is empty', { Origin: '' }],
    ['cross-site, whatever its origin', { Origin: 'http://localhost:4010', 'Sec-Fetch-Site': 'cross-site' }],
    ['same-site, whatever its origin', { Origin: 'http://localhost:4010', 'Sec-Fetch-Site': 'same-site' }],
    ['cross-site, with no origin', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('is none of its own: %s', (_, headers) => {
    expect(isOwn(headers)).toBe(false)
  })
})

describe('a request comes from this machine', () => {
  const guard = () => createHostGuard('0.0.0.0', 4010, [])
  const own = { Host: 'localhost:4010' }

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('from %s', (address) => {
    expect(guard().isLocal(request(own, address))).toBe(true)
    expect(guard().isLocal(request({ ...own, Origin: 'http://evil.example' }, address))).toBe(false)
  })

  it.each([
    '192.0.2.1',
    '1.127.0.1',
    '::ffff:192.0.2.1',
    '::1:1',
    '::11',
    '',
    '1270.0.0.1',
    'x::ffff:127.0.0.1',
  ])('but not from %j', (address) => {
    expect(guard().isLocal(request(own, address))).toBe(false)
  })

  it('but not from an address that is not known any more', () => {
    const { headers, rawHeaders } = request(own)
    expect(guard().isLocal({ headers, rawHeaders, socket: {} } as unknown as IncomingMessage)).toBe(false)
  })
})
