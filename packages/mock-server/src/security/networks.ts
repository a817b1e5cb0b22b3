// Networks in CIDR notation, for addresses that requests come from.

import { BlockList, isIP } from 'node:net'

export interface Networks {
  /** @param address of a socket; an IPv4 address may be written as an IPv6 one. */
  has(address: string): boolean
}

/** Whether a text is an address or a network such as `172.16.0.0/12`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...others] = text.split('/')
  const version = isIP(address)
  if (version === 0 || others.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
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
