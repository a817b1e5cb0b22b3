// The same guarded route on other servers than Express, as their documentation would have it written.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import { apiKeyPlugin } from '@gosend/auth-core/fastify'
import { createAuthenticate } from '@gosend/auth-core/fetch'
import type { GateOptions } from '@gosend/auth-core/http'
import { createNodeGuard } from '@gosend/auth-core/node'
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import fastify, { type FastifyServerOptions } from 'fastify'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'

/** Names the credentials that a handler behind a guard finds in its request. */
export const credentialsIn = (headers: Headers) =>
  ['authorization', 'x-api-key', 'x-acme-key'].filter((name) => headers.has(name)).join()

export type Host = (apiKeys: ApiKeys, options: GateOptions<unknown>) => Promise<{ readonly port: number }>

/** Hono on Node. Listens until the test ends, as the others do. */
export const honoHost: Host = async (apiKeys, options) => {
  const authenticate = createAuthenticate(apiKeys, options)
  const app = new Hono()
  app.all('*', async (context) => {
    const { address: ip } = getConnInfo(context).remote
    const authentication = await authenticate(context.req.raw, { ip })
    if (!authentication.ok) return authentication.response
    const { record, request, headers } = authentication
    context.header('X-Found', credentialsIn(request.headers))
    return context.json({ admitted: record?.projectId }, 200, headers)
  })
  const { promise, resolve } = listening()
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, resolve) as Server
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return promise
}

export const fastifyHost = async (
  apiKeys: ApiKeys,
  options: GateOptions<unknown>,
  settings: FastifyServerOptions = {},
): Promise<{ readonly port: number }> => {
  const app = fastify({ ...settings, forceCloseConnections: true })
  onTestFinished(() => app.close())
  await app.register(apiKeyPlugin(apiKeys, options))
  app.all('*', async (request, reply) => {
    const { apiKey } = request as { apiKey?: ApiKey }
    reply.header('X-Found', credentialsIn(new Headers(request.headers as Record<string, string>)))
    return { admitted: apiKey?.projectId }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address() as AddressInfo
}

/** Node's own server. */
export const nodeHost: Host = async (apiKeys, options) => {
  const guard = createNodeGuard(apiKeys, options)
  const server = createServer(
    guard((request, response, key) => {
      response.setHeader('X-Found', credentialsIn(new Headers(request.headers as Record<string, string>)))
      response.setHeader('Content-Type', 'application/json; charset=utf-8')
      response.end(JSON.stringify({ admitted: key?.projectId }))
    }),
  )
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  return server.address() as AddressInfo
}

function listening() {
  let resolve: (address: AddressInfo) => void = () => {}
  const promise = new Promise<AddressInfo>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
