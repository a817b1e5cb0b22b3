// Networks in CIDR notation, for addresses that requests come from.

import { BlockList, isIP } from 'node:net'
import { networkMeantBy } from '@gosend/auth-core/http'
import { type Check, OptionError } from '@gosend/options'

export interface Networks {
  /** @param address of a socket; an IPv4 address may be written as an IPv6 one. */
  has(address: string): boolean
}

/** Whether a text is an address or a network such as `172.16.0.0/12`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...others] = text.split('/')
  const version = isIP(address)
  if (version === 0 || address.includes('%') || others.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** For options: a network with no bits set after its prefix, which would show that another one is meant. */
export const network: Check<string> = (value, path) => {
  if (typeof value !== 'string' || !isNetwork(value)) {
    throw new OptionError(path, 'must be a network such as 172.16.0.0/12')
  }
  const [address = '', bits] = value.split('/')
  const meant = bits === undefined ? undefined : networkMeantBy(address, Number(bits))
  if (meant === undefined) return value
  throw new OptionError(path, `${value} has bits set after its prefix; did you mean ${meant}?`)
}

/** @param networks as `isNetwork` takes them. */
export function createNetworks(networks: readonly string[]): Networks {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return {
    has(address) {
      const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
      const version = isIP(plain)
      return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
    },
  }
}
