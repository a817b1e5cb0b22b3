// The authorization server of a mock, by the roles of its endpoints. Each role's file owns what its endpoint does.

import type { Clock } from '../clock.js'
import type { GrantTable } from '../storage/grant-table.js'
import type { Role } from './addresses.js'
import { createClients, type OAuthClient } from './clients.js'
import { createGranting } from './granting.js'
import { errorAnswer, jsonAnswer, type OAuthAnswer, type OAuthRequest, oauthError } from './messages.js'
import { metadataOf } from './metadata.js'
import { createTokenEndpoint } from './token-endpoint.js'
import { createTokens, type KeySettings, type TokenCheck } from './tokens.js'

export interface AuthorizationServer {
  answer(request: OAuthRequest): Promise<OAuthAnswer>
  check(token: string): Promise<TokenCheck>
}

export interface AuthorizationServerParts {
  readonly grants: GrantTable
  readonly settings: KeySettings
  readonly clock: Clock
  /** Empty where any client will do. */
  readonly clients: readonly OAuthClient[]
  /** Where any client may send people back to, besides its own addresses and those of this machine. */
  readonly redirectUris: readonly string[]
}

type Endpoint = (request: OAuthRequest) => OAuthAnswer | Promise<OAuthAnswer>

export function createAuthorizationServer(parts: AuthorizationServerParts): AuthorizationServer {
  const { grants, settings, clock } = parts
  const tokens = createTokens({ grants, settings, clock })
  const clients = createClients(parts.clients, parts.redirectUris)
  const granting = createGranting({ grants, tokens, clock })
  const endpoints: Readonly<Partial<Record<Role, Endpoint>>> = {
    token: createTokenEndpoint({ clients, granting }),
    metadata: (request) => ({ answer: jsonAnswer(200, metadataOf(request), PUBLIC) }),
    jwks: async () => ({ answer: jsonAnswer(200, await tokens.keySet(), PUBLIC) }),
  }
  return {
    async answer(request) {
      const { repeated } = request.parameters
      if (repeated !== undefined)
        return errorAnswer(oauthError('invalid_request', `${repeated} must not be there twice`))
      const endpoint = endpoints[request.endpoint.role]
      return endpoint === undefined
        ? errorAnswer(oauthError('invalid_request', 'this endpoint is not served', 404))
        : endpoint(request)
    },
    check: tokens.check,
  }
}

/** What is no secret may be kept, but not for so long that another mock on this port is taken for this one. */
const PUBLIC = { 'cache-control': 'no-cache', pragma: [] }
