// For servers that speak `Request` and `Response`: Hono, Next.js, Bun, Deno, Workers. A request in, a record or a
// finished response out.

import { checkOptions, nullable, type OptionTable, text } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import { createGate } from './gate.js'
import type { DemandingGateOptions, GateOptions } from './gate-options.js'

export type AuthenticateOptions<Scope extends string = string> = GateOptions<Request, Scope>

export type Authentication<Key extends ApiKey | null = ApiKey> =
  | {
      readonly ok: true
      /** Null for a request without a key, where the key is optional. */
      readonly record: Key
      /** The request as it came, or with `stripCredential` a copy without the key. */
      readonly request: Request
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
  readonly ip?: string | null | undefined
}

// Null is what `headers.get` gives for a field that is missing.
const connectionOptions: OptionTable<Connection> = { ip: nullable(text) }

/** Authenticates a request by its key. Rejects with a TypeError only when the connection has an option that there is not. */
export type Authenticate<Key extends ApiKey | null = ApiKey> = (
  request: Request,
  connection?: Connection,
) => Promise<Authentication<Key>>

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
export function createAuthenticate<Scope extends string>(
  apiKeys: ApiKeys<string, Scope>,
  options?: DemandingGateOptions<Request, NoInfer<Scope>>,
): Authenticate
export function createAuthenticate<Scope extends string>(
  apiKeys: ApiKeys<string, Scope>,
  options: AuthenticateOptions<NoInfer<Scope>>,
): Authenticate<ApiKey | null>
export function createAuthenticate(
  apiKeys: ApiKeys,
  options: AuthenticateOptions = {},
): Authenticate<ApiKey | null> {
  const gate = createGate(apiKeys, options)
  return async (given, connection) => {
    const { ip } = checkOptions(connectionOptions, connection)
    let request = given
    const result = await gate({
      request: given,
      clientIp: () => ip ?? undefined,
      header: (name) => given.headers.get(name),
      url: pathOf(given.url),
      removeHeader(name) {
        // A server may have made the headers of its requests unchangeable.
        if (request === given) request = new Request(given)
        request.headers.delete(name)
      },
    })
    if (result.ok) return { ok: true, record: result.record, request, headers: result.headers }
    const { status, headers, body } = result.message
    const content = given.method === 'HEAD' ? null : body
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
