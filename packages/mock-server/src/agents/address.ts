// Requests to a mock at an address: for the command, which serves an agent from another process.

import { connect as connectPlain } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { type Send, sendOver } from './connection.js'

/** To a mock of another process or of this one. @param certificate what it is trusted by, as PEM. */
export function sendToAddress(address: string, certificate: string | undefined): Send {
  const { protocol, hostname, port, host } = new URL(address)
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
  return sendOver(
    () =>
      protocol === 'https:'
        ? connectSecure({ ...target, ...(certificate === undefined ? {} : { ca: certificate }) })
        : connectPlain(target),
    host,
  )
}
