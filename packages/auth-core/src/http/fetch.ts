// For servers that speak `Request` and `Response`: Hono, Next.js, Bun, Deno, Workers. `X-API-Key` in, a record or a
// finished response out.

import { checkOptions, type OptionTable, text } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import { createGate, type GateOptions } from './gate.js'

export type AuthenticateOptions = GateOptions<Request>

export type Authentication =
  | {
      readonly ok: true
      readonly record: ApiKey
      /** To be added to the answer: `Vary`, so that no cache gives it to somebody else, and how the limits stand. */
      readonly headers: Readonly<Record<string, string>>
    }
  | {
      readonly ok: false
      /** The whole answer, as it is. */
      readonly response: Response
    }

export interface Connection {
  /** The client's address as the server knows it, for keys with an allowlist; without it these are refused. */
  readonly ip?: string | undefined
}

const connectionOptions: OptionTable<Connection> = { ip: text }

/** Authenticates a request by its `X-API-Key`. Rejects with a TypeError only when the connection has an option that there is not. */
export type Authenticate = (request: Request, connection?: Connection) => Promise<Authentication>

/**
 * Authentication for servers that speak `Request` and `Response`, with the answers of the Express middleware.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * const authenticate = createAuthenticate(apiKeys, { scopes: ['messages:write'] })
 *
 * export async function POST(request: Request) {
 *   const authentication = await authenticate(request)
 *   if (!authentication.ok) return authentication.response
 *   return Response.json({ project: authentication.record.projectId }, { headers: authentication.headers })
 * }
 */
export function createAuthenticate(apiKeys: ApiKeys, options: AuthenticateOptions = {}): Authenticate {
  const gate = createGate(apiKeys, options)
  return async (request, connection) => {
    const { ip } = checkOptions(connectionOptions, connection)
    const result = await gate({
      request,
      clientIp: () => ip,
      header: (name) => request.headers.get(name),
      url: pathOf(request.url),
    })
    if (result.ok) return { ok: true, record: result.record, headers: result.headers }
    const { status, headers, body } = result.message
    const content = request.method === 'HEAD' ? null : body
    return {
      ok: false,
      response: new Response(content, { status, headers: { ...headers, ...result.headers } }),
    }
  }
}

// A request's URL is absolute; the answer repeats only what follows the host.
function pathOf(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/'
}
