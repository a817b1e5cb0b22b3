// For Fastify 5: a plugin that guards the scope it is registered in. It knows Fastify only by the members it calls.

import { anything, checkOptions, type OptionTable } from '@gosend/options'
import type { ApiKeys } from '../api-keys.js'
import { createGate } from './gate.js'
import type { GateOptions } from './gate-options.js'
import { type GuardedRequest, gateRequestOf } from './server-request.js'

/** What is read of a Fastify request. */
export interface FastifyLikeRequest {
  readonly url: string
  readonly ip: string
  readonly headers: Record<string, string | string[] | undefined>
  /** Node's own request. */
  readonly raw?: { readonly rawHeaders?: string[] | undefined } | undefined
}

/** What is called of a Fastify reply. */
export interface FastifyLikeReply {
  getHeader(name: string): unknown
  header(name: string, value: string): unknown
  code(status: number): unknown
  send(body: Buffer): unknown
}

/** What is called of a Fastify instance. */
export interface FastifyLikeInstance {
  decorateRequest(name: string, value: null): unknown
  hasRequestDecorator(name: string): boolean
  addHook(
    name: 'onRequest',
    hook: (request: FastifyLikeRequest, reply: FastifyLikeReply) => Promise<unknown>,
  ): unknown
}

export type ApiKeyPlugin = (instance: FastifyLikeInstance, options: object, done: () => void) => void

// Fastify's own. What guards is said to `apiKeyPlugin`, and would be passed over here.
const registerOptions: OptionTable<{ prefix?: unknown; logLevel?: unknown; logSerializers?: unknown }> = {
  prefix: anything,
  logLevel: anything,
  logSerializers: anything,
}

export type ApiKeyPluginOptions<Scope extends string = string> = GateOptions<FastifyLikeRequest, Scope>

/**
 * A Fastify plugin that lets requests of its scope pass only with a valid key in `X-API-Key`, and sets `request.apiKey`.
 * Registered again in an inner scope, each verifies the request against its own requirements, and the use is counted once. With
 * `trustProxy: true` every client chooses its own address, so keys with an allowlist are refused.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * await app.register(async (v1) => {
 *   await v1.register(apiKeyPlugin(apiKeys))
 *   v1.get('/whoami', async (request) => request.apiKey)
 * }, { prefix: '/v1' })
 */
export function apiKeyPlugin<Scope extends string>(
  apiKeys: ApiKeys<string, Scope>,
  options?: ApiKeyPluginOptions<NoInfer<Scope>>,
): ApiKeyPlugin
export function apiKeyPlugin(apiKeys: ApiKeys, options: ApiKeyPluginOptions = {}): ApiKeyPlugin {
  const gate = createGate(apiKeys, options)

  async function guard(request: FastifyLikeRequest & GuardedRequest, reply: FastifyLikeReply) {
    const result = await gate(gateRequestOf(request))
    const vary = reply.getHeader('vary')
    for (const [name, value] of Object.entries(result.headers)) reply.header(name, value)
    const { Vary } = result.headers
    if (vary !== undefined && Vary !== undefined && vary !== Vary) reply.header('vary', `${vary}, ${Vary}`)
    if (result.ok) return
    const { status, headers, body } = result.message
    for (const [name, value] of Object.entries(headers)) reply.header(name, value)
    reply.code(status)
    // As bytes, because Fastify adds a charset to the type of a string.
    return reply.send(Buffer.from(body))
  }

  const plugin: ApiKeyPlugin = (instance, options, done) => {
    checkOptions(registerOptions, options, 'register')
    if (!instance.hasRequestDecorator('apiKey')) instance.decorateRequest('apiKey', null)
    instance.addHook('onRequest', guard)
    done()
  }
  // Without it the hook would guard nothing but what is registered inside the plugin itself.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true })
}
