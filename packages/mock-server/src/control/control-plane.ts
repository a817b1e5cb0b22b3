// `/_mock`: what a test does to the mock itself. For this machine and the admin key only, and not for web pages.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createAdminKeyCheck } from '@gosend/auth-core/http'
import { type Answer, send } from '../engine/response/answers.js'
import type { HostGuard } from '../security/host-guard.js'
import { type Commands, notFromHere, refusal } from './commands.js'

export interface ControlPlaneOptions {
  readonly adminKey: string
  readonly commands: Commands
  /** `/_mock/mcp`. */
  readonly agents: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

const AGENTS = /^\/_mock\/mcp(?:\?|$)/

export function createControlPlane({ adminKey, commands, agents }: ControlPlaneOptions) {
  const isAdminKey = createAdminKeyCheck(adminKey)

  const refusalOf = (request: IncomingMessage, guard: HostGuard): Answer | undefined => {
    if (!guard.isLocal(request)) return notFromHere
    if (!isAdminKey(request.headers['x-admin-key'])) {
      return refusal(401, 'Invalid or missing admin key', { 'www-authenticate': 'ApiKey realm="mock"' })
    }
    return undefined
  }

  return async (request: IncomingMessage, response: ServerResponse, guard: HostGuard): Promise<void> => {
    const refused = refusalOf(request, guard)
    const { url = '/' } = request
    if (refused === undefined && AGENTS.test(url)) return agents(request, response)
    send(response, refused ?? (await commands.answer(request, url)), request.method === 'HEAD')
  }
}
