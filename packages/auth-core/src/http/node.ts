// For Node's own HTTP servers: requests, and the upgrades that WebSockets begin with.

import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { callback, checkOptions, type OptionTable } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import { createGate, type GateResult } from './gate.js'
import { type DemandingGateOptions, type GateOptions, gateOptions } from './gate-options.js'
import type { GateRefusal } from './refusals.js'
import { gateRequestOf } from './server-request.js'

interface NodeOptions {
  /** The client's address, for keys with an allowlist. Default: the address at the other end of the socket. */
  readonly clientIp?: ((request: IncomingMessage) => string | undefined) | undefined
}

export type NodeGuardOptions<Scope extends string = string> = GateOptions<IncomingMessage, Scope> &
  NodeOptions

export interface NodeGuard<Key extends ApiKey | null = ApiKey> {
  /** A listener for `request`, which calls `handler` for accepted requests and answers all others. */
  (
    handler: (request: IncomingMessage, response: ServerResponse, key: Key) => unknown,
  ): (request: IncomingMessage, response: ServerResponse) => void
  /** A listener for `upgrade`. A refused one is answered on its socket, which is then closed. */
  upgrade(
    handler: (request: IncomingMessage, socket: Duplex, head: Buffer, key: Key) => unknown,
  ): (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

const optionTable: OptionTable<NodeGuardOptions> = { ...gateOptions<IncomingMessage>(), clientIp: callback() }

/**
 * A guard for servers of `node:http` and `node:https`. A WebSocket is authenticated once, by the request that opens it: end it
 * yourself when its key is revoked.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * const guard = createNodeGuard(apiKeys)
 * const server = createServer(guard((request, response, key) => response.end(key.projectId)))
 * server.on('upgrade', guard.upgrade((request, socket, head) => sockets.handleUpgrade(request, socket, head, welcome)))
 */
export function createNodeGuard<Scope extends string>(
  apiKeys: ApiKeys<string, Scope>,
  options?: DemandingGateOptions<IncomingMessage, NoInfer<Scope>> & NodeOptions,
): NodeGuard
export function createNodeGuard<Scope extends string>(
  apiKeys: ApiKeys<string, Scope>,
  options: NodeGuardOptions<NoInfer<Scope>>,
): NodeGuard<ApiKey | null>
export function createNodeGuard(apiKeys: ApiKeys, given: NodeGuardOptions = {}): NodeGuard<ApiKey | null> {
  const { clientIp = addressOf, ...options } = checkOptions(optionTable, given)
  const gate = createGate<IncomingMessage>(apiKeys, options)

  function authenticate(request: IncomingMessage, settle: (result: GateResult<ApiKey | null>) => void): void {
    const result = gate(gateRequestOf(request, { clientIp }))
    if ('ok' in result) settle(result)
    else result.then(settle)
  }

  const guard: NodeGuard<ApiKey | null> = (handler) => (request, response) =>
    authenticate(request, (result) => {
      for (const [name, value] of Object.entries(result.headers)) addField(response, name, value)
      if (result.ok) handler(request, response, result.record)
      else refuse(request, response, result)
    })

  guard.upgrade = (handler) => (request, socket, head) => {
    // From here on nobody else listens to the socket, and an error that nobody hears would end the process.
    const ignore = () => {}
    socket.on('error', ignore)
    authenticate(request, (result) => {
      if (socket.destroyed) return
      if (!result.ok) return refuseUpgrade(request, socket, result)
      socket.off('error', ignore)
      handler(request, socket, head, result.record)
    })
  }
  return guard
}

const addressOf = (request: IncomingMessage) => request.socket.remoteAddress

function addField(response: ServerResponse, name: string, value: string): void {
  const before = name === 'Vary' ? response.getHeader(name) : undefined
  response.setHeader(name, before === undefined || before === value ? value : `${before}, ${value}`)
}

function refuse(request: IncomingMessage, response: ServerResponse, { message }: GateRefusal): void {
  if (response.headersSent) return
  response.writeHead(message.status, message.headers)
  response.end(request.method === 'HEAD' ? undefined : message.body)
}

/** A response of Node's own, for it refuses fields that would split the answer. */
function refuseUpgrade(request: IncomingMessage, socket: Duplex, refusal: GateRefusal): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as typeof request.socket)
  response.on('finish', () => {
    response.detachSocket(socket as typeof request.socket)
    socket.end()
  })
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value)
  refuse(request, response, refusal)
}
