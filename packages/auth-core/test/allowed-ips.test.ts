import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowlist, createAllowlistCheck } from '../src/allowed-ips.js'

const isAllowed = createAllowlistCheck()

describe('an allowlist', () => {
  it.each([
    ['203.0.113.7', ['203.0.113.7'], true],
    ['203.0.113.8', ['203.0.113.7'], false],
    ['10.255.0.1', ['192.0.2.0/24', '10.0.0.0/8'], true],
    ['::ffff:203.0.113.7', ['203.0.113.7'], true],
    ['::FFFF:CB00:7107', ['203.0.113.7'], true],
    ['::203.0.113.7', ['203.0.113.7'], false],
    ['64:ff9b::cb00:7107', ['203.0.113.7'], false],
    ['fe80::1%eth0', ['fe80::1'], false],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['203.0.113.7', ['::/0'], false],
    ['203.0.113.7', ['0.0.0.0/0'], true],
    ['2001:db8::1', ['::/0'], true],
    ['127.0.0.1', [], false],
    [undefined, ['0.0.0.0/0', '::/0'], false],
    ['garbage', ['0.0.0.0/0', '::/0'], false],
    ['<script>', ['0.0.0.0/0'], false],
    ['010.0.0.1', ['10.0.0.0/8', '8.0.0.0/8'], false],
    ['10.0.0.1:1234', ['10.0.0.0/8'], true],
    ['10.0.0.1:1234', ['10.0.0.2'], false],
    ['[2001:db8::1]:443', ['2001:db8::1'], true],
    ['[2001:db8::1]', ['2001:db8::1'], true],
    ['[::ffff:203.0.113.7]:51234', ['203.0.113.7'], true],
    ['2001:db8::1:443', ['2001:db8::1'], false],
    ['010.0.0.1:80', ['0.0.0.0/0'], false],
    ['10.1:80', ['0.0.0.0/0'], false],
    ['10.0.0.1:', ['0.0.0.0/0'], false],
    ['10.0.0.1:65535', ['0.0.0.0/0'], true],
    ['10.0.0.1:65536', ['0.0.0.0/0'], false],
    ['10.0.0.1:+80', ['0.0.0.0/0'], false],
    ['10.0.0.1:80:80', ['0.0.0.0/0', '::/0'], false],
    ['[10.0.0.1]:80', ['0.0.0.0/0', '::/0'], false],
    ['[fe80::1%eth0]:80', ['::/0'], false],
    ['[2001:db8::1]:', ['::/0'], false],
    ['[2001:db8::1]443', ['::/0'], false],
    ['2001:db8:0:0:0:0:0:1:443', ['::/0'], false],
  ])('judges %s against %j: %s', (ip, entries, expected) => {
    expect(isAllowed(entries, ip)).toBe(expected)
  })

  it('knows an IPv6 address in all its spellings', () => {
    const spellings = [
      '2001:db8::a:0:1',
      '2001:DB8::A:0:1',
      '2001:0db8::000a:0000:0001',
      '2001:db8:0:0:0:a:0:1',
      '2001:0db8:0000:0000:0000:000a:0000:0001',
      '2001:db8:0::a:0:1',
      '2001:db8::a:0.0.0.1',
      '2001:db8::0:a:0:1',
      '2001:db8::00a:0:1',
    ]
    for (const ip of spellings) expect(isAllowed(['2001:db8::a:0:0/112'], ip), ip).toBe(true)
  })

  it('says the same of an address with a port and without one', () => {
    const cases = fc.record({
      network: fc.oneof(fc.ipV4(), fc.constant('2001:db8::1')),
      port: fc.integer({ min: 0, max: 65_535 }),
      client: fc.oneof(
        fc.ipV4().map((ip) => [ip, ip] as const),
        fc.ipV6().map((ip) => [ip, `[${ip}]`] as const),
      ),
    })
    fc.assert(
      fc.property(cases, ({ network, port, client: [ip, host] }) => {
        for (const entries of [[network], ['0.0.0.0/0'], ['::/0']]) {
          expect(isAllowed(entries, `${host}:${port}`)).toBe(isAllowed(entries, ip))
        }
      }),
    )
  })

  it('agrees with arithmetic on the bits, for any IPv4 block and address', () => {
    const number = (ip: string) => ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (network, ip, bits) => {
        const size = 2 ** (32 - bits)
        const first = Math.floor(number(network) / size) * size
        const base = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')
        const expected = number(ip) >= first && number(ip) < first + size
        expect(isAllowed([`${base}/${bits}`], ip)).toBe(expected)
        expect(isAllowed([`${base}/${bits}`], `::ffff:${ip}`)).toBe(expected)
      }),
    )
  })

  it('tells IPv4 inside IPv6 apart by its prefix, however it is written', () => {
    const tail = fc
      .ipV4()
      .map((ip) => [ip, ip.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))])
    fc.assert(
      fc.property(tail, ([ip, hex]) => {
        const groups = `${hex?.[0]}${hex?.[1]}:${hex?.[2]}${hex?.[3]}`
        for (const written of [ip, groups]) {
          expect(isAllowed([`${ip}`], `::ffff:${written}`)).toBe(true)
          for (const prefix of ['::', '64:ff9b::', '::ffff:0:', '2001:db8::', '::1:']) {
            expect(isAllowed(['0.0.0.0/0'], `${prefix}${written}`)).toBe(false)
            expect(isAllowed(['::/0'], `${prefix}${written}`)).toBe(true)
          }
        }
      }),
    )
  })

  it('never throws, whatever the address, and however long', () => {
    expect(isAllowed(['0.0.0.0/0'], '9'.repeat(65_536))).toBe(false)
    fc.assert(fc.property(fc.string(), (ip) => isAllowed(['10.0.0.0/8', '2001:db8::/32'], ip) === false))
  })
})

describe('an entry is refused and named', () => {
  it.each([
    ...[
      '010.0.0.0/8',
      '10.1/16',
      '0x0a.0.0.1',
      '10.0.0.1 ',
      ' 10.0.0.1',
      '10.0.0.0/33',
      '/8',
      '',
      '10.0.0.0/8/8',
    ],
    ...['::/129', '10.0.0.1/8', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/', 'fe80::1%eth0', '2001:db8::1/32'],
    ...[
      '::ffff:10.0.0.1',
      '::ffff:10.0.0.0/104',
      'localhost',
      '1.2.3',
      '1.2.3.4.5',
      '12345',
      '10.0.0.0-10.0.0.9',
    ],
  ])('%j', (entry) => {
    expect(() => allowlist(['192.0.2.1', entry], 'allowedIps')).toThrow(JSON.stringify(entry))
    expect(() => allowlist([entry], 'allowedIps')).toThrow(/^allowedIps: /)
  })

  it('when there are more than 1,000', () => {
    const many = Array.from({ length: 1_001 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
    expect(() => allowlist(many, 'allowedIps')).toThrow('the limit is 1000')
    expect(isAllowed(['10.0.0.1'], ['10.0.0.1'] as never)).toBe(false)
    // What is as long as a key may be one.
    expect(() => allowlist(['gsk_live_'.padEnd(70, 'S')], 'allowedIps')).not.toThrow('SSSS')
    expect(allowlist(many.slice(1), 'allowedIps')).toHaveLength(1_000)
  })

  it('with the block it probably meant', () => {
    expect(() => allowlist(['10.1.2.3/8'], 'allowedIps')).toThrow('did you mean 10.0.0.0/8?')
    expect(() => allowlist(['::ffff:10.0.0.0/104'], 'allowedIps')).toThrow('write it as 10.0.0.0/8')
    expect(() => allowlist(['::ffff:10.0.0.1'], 'allowedIps')).toThrow(/write it as 10\.0\.0\.1$/)
    expect(() => allowlist(['2001:db8::1/32'], 'allowedIps')).toThrow('did you mean 2001:db8::/32?')
  })
})

describe('a list is refused, in words that say what to write', () => {
  it.each([
    ['10.0.0.1', /^allowedIps: must be a list of addresses and CIDR blocks, or null for anywhere$/],
    [{ length: 0 }, /^allowedIps: must be a list/],
    [[7], /^allowedIps: a value of type number is no address or CIDR block/],
    [[null], /a value of type object is no address/],
    [['::ffff:10.0.0.0/96'], /write it as 10\.0\.0\.0\/0$/],
    [['::ffff:0.0.0.0/95'], /write it as 0\.0\.0\.0$/],
    [['x'.repeat(64)], `"${'x'.repeat(64)}" is no address`],
    [['abcdefgh'.padEnd(65, 'x')], '"abcdefgh…" is no address'],
  ])('%j', (entries, message) => {
    expect(() => allowlist(entries, 'allowedIps')).toThrow(message)
  })

  it('also where it stands in the store', () => {
    expect(() => isAllowed(['10.0.0.300'], '10.0.0.1')).toThrow(/^allowedIps: "10.0.0.300"/)
  })
})

it('keeps each entry once', () => {
  expect(allowlist(['10.0.0.0/8', '::1', '10.0.0.0/8'], 'allowedIps')).toEqual(['10.0.0.0/8', '::1'])
})
