// https: HTTP/1.1 and HTTP/2 on one port (ALPN). A request over HTTP/2 is carried to the HTTP/1.1 server over a pipe in
// memory, so that everything behind it, Express included, knows one kind of request.

import { type ClientRequest, type IncomingMessage, request as requestOf, type Server } from 'node:http'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Certificate } from './certificate-maker.js'
import { connectionPair } from './memory-connection.js'

export interface SecureOptions {
  readonly certificate: Certificate
  /** Whether clients are asked for a certificate; they need not have one. */
  readonly asksClients: boolean
  /** The certificates that sign those of clients. */
  readonly ca: string | undefined
  /** Serves HTTP/1.1, and listens nowhere itself. */
  readonly inner: Server
}

/** @throws TypeError when the certificate and its key cannot be used. */
export function createSecure({ certificate, asksClients, ca, inner }: SecureOptions): Http2SecureServer {
  const server = open({
    ...certificate,
    allowHTTP1: true,
    ...(asksClients ? { requestCert: true, rejectUnauthorized: false } : {}),
    ...(ca === undefined ? {} : { ca }),
  })
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    if (request.httpVersionMajor === 2) carry(inner, request, response)
    else inner.emit('request', request, response)
  })
  server.on('clientError', (error, socket) => inner.emit('clientError', error, socket))
  const close = server.close.bind(server)
  server.close = (callback) => {
    for (const session of sessions) session.destroy()
    return close(callback)
  }
  return server
}

function open(options: Parameters<typeof createSecureServer>[0]): Http2SecureServer {
  try {
    return createSecureServer(options)
  } catch (error) {
    throw new TypeError(
      `https.cert: cannot be used (${error instanceof Error ? error.message : String(error)})`,
    )
  }
}

/** What belongs to one connection, which HTTP/2 has no place for (RFC 9113, section 8.2.2). */
const OF_CONNECTIONS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

function carry(inner: Server, request: Http2ServerRequest, response: Http2ServerResponse): void {
  const client = request.socket as TLSSocket
  const { remoteAddress, remotePort, remoteFamily, authorized } = client
  const [near, far] = connectionPair({
    ...{ remoteAddress, remotePort, remoteFamily, authorized, encrypted: true },
    getPeerCertificate: () => client.getPeerCertificate(),
  })
  inner.emit('connection', far)
  const { authority } = request
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !name.startsWith(':') && name !== 'host'),
  )
  const sent: ClientRequest = requestOf({
    createConnection: () => near,
    method: request.method,
    path: request.url,
    headers: { ...headers, ...(authority === '' ? {} : { host: authority }), connection: 'close' },
    setHost: false,
  })
  sent.on('response', (answer: IncomingMessage) => {
    const fields = Object.entries(answer.headers).filter(
      ([name, value]) => !OF_CONNECTIONS.has(name) && value !== undefined,
    )
    if (response.stream.destroyed) return void answer.destroy()
    response.writeHead(answer.statusCode ?? 500, Object.fromEntries(fields))
    answer.pipe(response)
    answer.on('error', () => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  })
  // The inner connection ended without an answer, as a fault may want it to.
  sent.on('error', () => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  response.on('close', () => {
    if (!response.writableFinished) near.destroy()
  })
  request.pipe(sent)
}
