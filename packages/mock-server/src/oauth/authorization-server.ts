// The authorization server of a mock, by the roles of its endpoints. Each role's file owns what its endpoint does.

import type { Clock } from '../clock.js'
import type { GrantTable } from '../storage/grant-table.js'
import type { Role } from './addresses.js'
import { createAuthorizationEndpoint } from './authorization-endpoint.js'
import { createClients, type OAuthClient } from './clients.js'
import { createDeviceFlow } from './device-flow.js'
import { createGranting } from './granting.js'
import { errorAnswer, jsonAnswer, type OAuthAnswer, type OAuthRequest, oauthError } from './messages.js'
import { metadataOf } from './metadata.js'
import { createTokenEndpoint } from './token-endpoint.js'
import { createTokenManagement } from './token-management.js'
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
  const device = createDeviceFlow({ clients, granting, grants })
  const management = createTokenManagement({ clients, granting, tokens })
  const endpoints: Readonly<Record<Role, Endpoint>> = {
    token: createTokenEndpoint({ clients, granting, grants }),
    authorization: createAuthorizationEndpoint({ clients, granting }),
    device: device.begin,
    verification: device.verify,
    introspection: management.introspect,
    revocation: management.revoke,
    userinfo: management.userinfo,
    metadata: (request) => ({ answer: jsonAnswer(200, metadataOf(request), PUBLIC) }),
    jwks: async () => ({ answer: jsonAnswer(200, await tokens.keySet(), PUBLIC) }),
  }
  return {
    async answer(request) {
      const { repeated } = request.parameters
      if (repeated !== undefined)
        return errorAnswer(oauthError('invalid_request', `${repeated} must not be there twice`))
      return endpoints[request.endpoint.role](request)
    },
    check: tokens.check,
  }
}

/** What is no secret may be kept, but not for so long that another mock on this port is taken for this one. */
const PUBLIC = { 'cache-control': 'no-cache', pragma: [] }
