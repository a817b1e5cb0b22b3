// IP allowlists: which notations are accepted when a key is made, how the address of a client is read, and whether it is on
// the list of a key.

import { isIP } from 'node:net'
import { type Check, OptionError } from '@gosend/options'
import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'

const MAX_ENTRIES = 1_000

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Block = readonly [Address, number]

/**
 * Checks an allowlist entry by entry, and gives each once. Only canonical notations pass: dotted decimal without leading
 * zeros, IPv6 without zone, a prefix length that leaves no host bits set. IPv4-mapped IPv6 is refused in favour of plain
 * IPv4.
 */
export const allowlist: Check<readonly string[]> = (entries, path) => {
  if (!Array.isArray(entries)) {
    throw new OptionError(path, 'must be a list of addresses and CIDR blocks, or null for anywhere')
  }
  if (entries.length > MAX_ENTRIES) {
    throw new OptionError(
      path,
      `has ${entries.length} entries; the limit is ${MAX_ENTRIES}, so use wider blocks`,
    )
  }
  for (const entry of entries) parseBlock(entry, path)
  return [...new Set<string>(entries)]
}

export type AllowlistCheck = (entries: readonly string[], ip: string | undefined) => boolean

/**
 * Whether the address of a client is inside one of the blocks. An IPv4-mapped IPv6 address counts as IPv4; an IPv4 block
 * never admits another IPv6 address, nor the reverse. A port is ignored. No address, a malformed one or one with a zone is
 * on no list.
 */
export function createAllowlistCheck(): AllowlistCheck {
  const parsed = new LRUCache<string, readonly Block[]>({ max: 1_000 })
  return (entries, ip) => {
    // Whatever a host in JavaScript gives in its place.
    const client = typeof ip === 'string' ? withoutPort(ip) : undefined
    if (client === undefined || client.includes('%')) return false
    const address = plain(read(client))
    const name = entries.join()
    const blocks = parsed.get(name) ?? entries.map((entry) => parseBlock(entry))
    parsed.set(name, blocks)
    return blocks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
  }
}

// Some proxies, Azure's for example, name a client as `203.0.113.7:51234` or `[2001:db8::1]:443`. Without brackets a last
// group of IPv6 cannot be told from a port, so it is never taken for one.
const WITH_PORT = /^(?:(\d[\d.]*):|\[([\da-f:.]+)\](?::|$))(\d{0,5})$/i

/** The address in what a server or proxy gives as the address of a client; undefined when there is none. */
function withoutPort(client: string): string | undefined {
  if (isIP(client) !== 0) return client
  const [, v4 = '', v6 = '', port] = WITH_PORT.exec(client) ?? []
  const isPort = port === '' ? client.endsWith(']') : Number(port) <= 65_535
  if (!isPort) return undefined
  if (isIP(v4) === 4) return v4
  return isIP(v6) === 6 ? v6 : undefined
}

function parseBlock(entry: string, path = 'allowedIps'): Block {
  const invalid = (problem: string) => new OptionError(path, problem)
  const [text = '', length, ...rest] = typeof entry === 'string' ? entry.split('/') : []
  // net.isIP is strict where ipaddr.js is lenient: no octal, no hexadecimal, no missing octets.
  const wellFormed =
    isIP(text) !== 0 &&
    !text.includes('%') &&
    rest.length === 0 &&
    (length === undefined || /^(?:0|[1-9]\d{0,2})$/.test(length))
  if (!wellFormed)
    throw invalid(`${quote(entry)} is no address or CIDR block such as 203.0.113.7 or 10.0.0.0/8`)

  const address = read(text)
  if (plain(address) !== address)
    throw invalid(`${quote(entry)} is IPv4 inside IPv6; write it as ${plain(address)}${shortened(length)}`)
  const width = address.kind() === 'ipv4' ? 32 : 128
  const bits = length === undefined ? width : Number(length)
  if (bits > width) throw invalid(`${quote(entry)} has a prefix longer than ${width} bits`)
  const network = networkMeantBy(text, bits)
  if (network !== undefined) {
    throw invalid(`${quote(entry)} has bits set after its prefix; did you mean ${network}?`)
  }
  return [address, bits]
}

/** The network of so many bits that an address lies in, unless it is the first address of that. */
export function networkMeantBy(ip: string, bits: number): string | undefined {
  const address = read(ip)
  const network = networkOf(address, bits)
  return network.toString() === address.toString() ? undefined : `${network}/${bits}`
}

// ipaddr.js takes any IPv6 address with a dotted tail for an IPv4-mapped one, so it gets hexadecimal groups only.
function read(ip: string): Address {
  return ipaddr.parse(isIP(ip) === 6 ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip)
}

/** The IPv4 address inside an IPv4-mapped one (RFC 4291 section 2.5.5.2); any other as it is. */
function plain(address: Address): Address {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

function networkOf(address: Address, bits: number): Address {
  const bytes = address
    .toByteArray()
    .map((byte, i) => byte & (0xff << Math.max(0, Math.min(8, 8 * (i + 1) - bits))))
  return ipaddr.fromByteArray(bytes.map((byte) => byte & 0xff))
}

// Of the 128 bits, 96 come before the address.
const shortened = (length: string | undefined) =>
  length === undefined || Number(length) < 96 ? '' : `/${Number(length) - 96}`

const MAX_QUOTED = 64

// No address is longer, and what is may be a key that has slipped into the list.
function quote(entry: unknown): string {
  if (typeof entry !== 'string') return `a value of type ${typeof entry}`
  return JSON.stringify(entry.length > MAX_QUOTED ? `${entry.slice(0, 8)}…` : entry)
}
