// Which addresses may be reached: webhooks are posted to them, documents are read from them. A name is resolved when a
// connection is made, and the connection goes to the address that was checked, so that a name server cannot send it
// anywhere else.

import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import {
  callback,
  checkOptions,
  flag,
  type OptionTable,
  object,
  oneOf,
  required,
  text,
  texts,
} from '@gosend/options'
import { networkMeantBy } from '../allowed-ips.js'

export interface WebhookTargets {
  /** Why nothing is posted there, in words; undefined when something is. */
  refuse(url: URL): string | undefined
  /** Resolves a name for one connection, to addresses that may be reached. */
  readonly lookup: LookupFunction
}

/** Gives the addresses of a name; `dns.lookup` with all of them. */
export type Resolve = (
  name: string,
  done: (
    error: Error | null,
    addresses: readonly { readonly address: string; readonly family: number }[],
  ) => void,
) => void

const systemResolve: Resolve = (name, done) =>
  systemLookup(name, { all: true }, (error, addresses) => done(error, error === null ? addresses : []))

interface Networks {
  check(address: string, family: 'ipv4' | 'ipv6'): boolean
}

/** Loopback: RFC 1122, section 3.2.1.3 and RFC 4291, section 2.5.3. A mapped IPv4 address counts as what it maps. */
const loopback = listOf('127.0.0.0/8', '::1/128')

/** What the registries of special-purpose addresses (RFC 6890) keep out of the public Internet. */
const special = listOf(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // Teredo, 6to4 and NAT64 carry IPv4 addresses, any of those above among them.
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '64:ff9b::/96', '64:ff9b:1::/48'],
)
/** The part of IPv6 that is given out (RFC 4291, section 2.4). */
const unicast = listOf('2000::/3')

const has = (list: Networks, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const isLoopback = (address: string): boolean => has(loopback, address)
const isPublic = (address: string): boolean =>
  !has(special, address) && (isIP(address) === 4 || has(unicast, address))

export interface WebhookTargetsOptions {
  /** `loopback`: this machine only, and what `allow` names. `public`: every public address, and what `allow` names. */
  readonly reach: 'loopback' | 'public'
  /**
   * Host names, addresses or networks (`10.0.0.0/8`) that may be posted to as well. A name must resolve to public
   * addresses or to ones that are listed themselves.
   */
  readonly allow?: readonly string[] | undefined
  /** What the user can do to allow a host, as words that follow a semicolon. */
  readonly advice?: ((host: string) => string) | undefined
  readonly resolve?: Resolve | undefined
  /** Whether what `allow` names may be reached over `http` too. Default false. */
  readonly allowHttp?: boolean | undefined
  /** What is done with an address, for the words of a refusal. Default: webhooks are posted to it. */
  readonly use?: { readonly subject: string; readonly verb: string } | undefined
}

const optionTable: OptionTable<WebhookTargetsOptions> = {
  reach: required(oneOf('loopback', 'public')),
  allow: texts,
  advice: callback(),
  resolve: callback(),
  allowHttp: flag,
  use: object<NonNullable<WebhookTargetsOptions['use']>>({ subject: required(text), verb: required(text) }),
}

const WEBHOOKS = { subject: 'Webhooks', verb: 'posted to' }

/**
 * Other machines are reached over `https` alone, unless `allowHttp` is set and `allow` names them.
 *
 * @throws TypeError when an entry of `allow` is no host name, address or network.
 */
export function createWebhookTargets(options: WebhookTargetsOptions): WebhookTargets {
  const checked = checkOptions(optionTable, options)
  const { reach, allow = [], advice, resolve = systemResolve, allowHttp = false } = checked
  const { subject, verb } = checked.use ?? WEBHOOKS
  const names = new Set<string>()
  const addresses = new BlockList()
  for (const entry of allow) {
    if (isIP(entry.split('/', 1)[0] ?? '') !== 0) addTo(addresses, entry)
    else if (NAME.test(entry)) names.add(entry.toLowerCase())
    else throw new TypeError(`allow: ${JSON.stringify(entry)} is not a host name, address or network`)
  }
  const mayReach = (address: string): boolean => isPublic(address) || has(addresses, address)
  const isOpen = (address: string): boolean => reach === 'public' && isPublic(address)
  const isThisMachine = (host: string): boolean => reach === 'loopback' && isLocal(host)
  const isNamed = (host: string): boolean => (isIP(host) === 0 ? names.has(host) : has(addresses, host))
  const isAllowed = (host: string): boolean =>
    isNamed(host) || (isIP(host) === 0 ? reach === 'public' : isOpen(host))
  const adviceFor = (host: string): string => (advice === undefined ? '' : `; ${advice(host)}`)

  return {
    refuse({ protocol, hostname }) {
      const host = hostOf(hostname)
      if (protocol !== 'http:' && protocol !== 'https:')
        return `${subject} are ${verb} http and https addresses only`
      if (isThisMachine(host)) return undefined
      if (!isAllowed(host)) return `${subject} are not ${verb} ${host}${adviceFor(host)}`
      if (protocol === 'https:' || (allowHttp && isNamed(host))) return undefined
      return `${subject} are ${verb} other machines over https only`
    },

    lookup(hostname, options, done) {
      const host = hostOf(hostname)
      resolve(host, (error, found) => {
        const fit = found.filter(({ address, family }) => {
          const isWanted = !options.family || options.family === family || options.family === `IPv${family}`
          return isWanted && (isThisMachine(host) ? isLoopback(address) : mayReach(address))
        })
        const [first] = fit
        if (error !== null) done(error as NodeJS.ErrnoException, '')
        else if (first === undefined)
          done(
            new UnreachableError(
              `${host} does not lead to an address that ${subject.toLowerCase()} are ${verb}`,
            ),
            '',
          )
        else if (options.all) done(null, [...fit])
        else done(null, first.address, first.family)
      })
    },
  }
}

/** A name resolved only to addresses that may not be reached. */
export class UnreachableError extends Error {
  readonly code = 'TARGET_REFUSED'
}

const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i

/** Without the brackets of an IPv6 address and the dot of a complete name. */
const hostOf = (hostname: string): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()

/** Whether a host means this machine by what it is called (RFC 6761, section 6.3), whatever it resolves to. */
const isLocal = (host: string): boolean =>
  isIP(host) === 0 ? /(^|\.)localhost$/.test(host) : isLoopback(host)

/** Made when the first address is looked up: most programs that load this send nothing. */
function listOf(...networks: readonly string[]): Networks {
  let list: BlockList | undefined
  const made = (): BlockList => {
    const making = new BlockList()
    for (const network of networks) addTo(making, network)
    return making
  }
  return {
    check(address, family) {
      list ??= made()
      return list.check(address, family)
    },
  }
}

/** @throws TypeError when the length of the prefix does not fit the address, or bits after it are set. */
function addTo(list: BlockList, entry: string): void {
  const [address = '', length, ...more] = entry.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const bits = family === 'ipv6' ? 128 : 32
  const prefix = length === undefined ? bits : Number(length)
  if (!/^\d{1,3}$/.test(length ?? '0') || prefix > bits || more.length > 0 || address.includes('%'))
    throw new TypeError(`allow: ${JSON.stringify(entry)} is not a network`)
  const meant = networkMeantBy(address, prefix)
  if (meant !== undefined)
    throw new TypeError(
      `allow: ${JSON.stringify(entry)} has bits set after its prefix; did you mean ${meant}?`,
    )
  list.addSubnet(address, prefix, family)
}
