// The listener: which requests are for the mocked API, which for the mock itself, and which for nobody.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { send, standardError } from '../engine/response/answers.js'
import type { RequestHandler } from '../pipeline.js'
import { createHostGuard, type HostGuard, type Scheme } from '../security/host-guard.js'
import { isFull } from '../storage/database.js'
import { connectionPair } from './memory-connection.js'
import type { RulePages } from './rule-pages.js'
import type { SecureOptions } from './secure.js'

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown

export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly requestHandler: RequestHandler
  /** Whether a path below one of the mock's own addresses is the document's all the same. */
  readonly isTaken: (path: string) => boolean
  /** `/_mock`. */
  readonly control: (request: IncomingMessage, response: ServerResponse, guard: HostGuard) => unknown
  /** `/admin` and `/dashboard`, loaded when the first request arrives. */
  readonly pages: () => Promise<NodeHandler>
  /** The API's own pages. */
  readonly rulePages: RulePages
  /** Undefined for http. */
  readonly secure: Omit<SecureOptions, 'inner'> | undefined
  readonly onError: (error: unknown) => void
  /** Told once of each host name that is not served. */
  readonly onStranger: (line: string) => void
  /** Networks from which the control plane may be used, besides this machine. */
  readonly controlFrom: readonly string[]
}

export interface RunningServer {
  readonly guard: HostGuard
  readonly port: number
  /** A connection from this machine that leaves the process nowhere. */
  connect(): Duplex
  close(): Promise<void>
}

/** Where the mock's own pages are and where they send the admin key, besides the pages of an API. */
export const OWN_ADDRESSES = [
  '/_mock',
  '/admin/keys',
  '/admin/projects',
  '/admin/sandbox',
  '/admin/session',
  '/dashboard',
] as const
const NO_ROOM =
  'There is no room for this: reset the mock (POST /_mock/reset), free the disk, or start the mock with --db FILE if it keeps all in memory'
/** Clients keep an idle connection for up to 90 s (Go). One that is closed from here loses a request that is on its way. */
const TIMEOUTS = { keepAliveTimeout: 100_000, requestTimeout: 60_000 }
const PAGES = /^\/(admin|dashboard)(\/|$)/
const CONTROL = /^\/_mock(\/|$)/

/** @throws the listener's own error, such as `EADDRINUSE`. */
export async function listen(options: ServerOptions): Promise<RunningServer> {
  const { host, port, allowedHosts, requestHandler, rulePages, onError } = options
  let guard: HostGuard | undefined
  const strangers = createStrangers(options.onStranger)

  const dispatch = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = guard?.refuse(request) ?? (guard === undefined ? 403 : undefined)
    if (refused !== undefined) return refuse(response, refused, strangers.refusal(request))
    const { path, query } = targetOf(request.url ?? '/')
    const page = rulePages.find(path, request.method ?? 'GET')
    const isOwn = CONTROL.test(path) || PAGES.test(path) || page !== undefined
    if (!isOwn || guard === undefined || options.isTaken(path))
      return requestHandler.handle(request, response, path, query)
    if (CONTROL.test(path)) return void (await options.control(request, response, guard))
    if (page !== undefined) return rulePages.answer(page, { path, query }, request, response, guard)
    const handler = await options.pages()
    handler(request, response)
  }

  const inner = createServer(TIMEOUTS, (request, response) => {
    dispatch(request, response).catch((error: unknown) => {
      onError(error)
      if (response.headersSent) response.destroy()
      else if (isFull(error)) refuse(response, 507, NO_ROOM)
      else refuse(response, 500, 'The mock failed to answer; its log says why')
    })
  })
  inner.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  })
  const scheme: Scheme = options.secure === undefined ? 'http' : 'https'
  const server = options.secure === undefined ? inner : await secured(options.secure, inner)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const sockets = new Set<Socket>()
  if (options.secure !== undefined)
    server.on('secureConnection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
  const address = server.address()
  const listening = typeof address === 'object' && address !== null ? address.port : port
  const hostGuard = createHostGuard(host, listening, allowedHosts, scheme, options.controlFrom)
  guard = hostGuard
  return {
    guard: hostGuard,
    port: listening,
    connect() {
      const [near, far] = connectionPair({
        ...{ remoteAddress: '127.0.0.1', remoteFamily: 'IPv4', encrypted: options.secure !== undefined },
        ...{ authorized: false, getPeerCertificate: () => ({}) },
      })
      inner.emit('connection', far)
      return near
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        inner.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

const MAX_STRANGERS = 20
const HOST_NAME = /^(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])(?::\d+)?$/i

/** Explains why a host is not served, in the answer and once for each name in the log. */
function createStrangers(onStranger: (line: string) => void) {
  const known = new Set<string>()
  return {
    refusal({ headers: { host = '' } }: IncomingMessage): string {
      if (host.length > 253 || !HOST_NAME.test(host)) return 'This host is not served here'
      const name = host.replace(/:\d+$/, '').toLowerCase()
      const message = `The host ${name} is not served here: start the mock with --allow-host ${name} (option allowedHosts)`
      if (!known.has(name) && known.size < MAX_STRANGERS) {
        known.add(name)
        onStranger(message)
      }
      return message
    },
  }
}

/** What https takes is loaded for https alone. */
async function secured(secure: Omit<SecureOptions, 'inner'>, inner: Server): Promise<Http2SecureServer> {
  const { createSecure } = await import('./secure.js')
  return createSecure({ ...secure, inner })
}

/** The path and query of a request target; an absolute URL (RFC 9112, section 3.2.2) counts by its path. */
function targetOf(url: string): { readonly path: string; readonly query: string } {
  const absolute = url.startsWith('/') ? null : /^https?:\/\/[^/?#]*/i.exec(url)
  const target = absolute === null ? url : url.slice(absolute[0].length) || '/'
  const hash = target.indexOf('#')
  const beforeFragment = hash < 0 ? target : target.slice(0, hash)
  const mark = beforeFragment.indexOf('?')
  return mark < 0
    ? { path: beforeFragment, query: '' }
    : { path: beforeFragment.slice(0, mark), query: beforeFragment.slice(mark + 1) }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  send(response, { status, headers, body: standardError(status, message) }, false)
}
