// `/_mock`: what a test does to the mock itself. For this machine and the admin key only, and not for web pages.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createAdminKeyCheck } from '@gosend/auth-core/http'
import { type Answer, send } from '../engine/response/answers.js'
import type { HostGuard } from '../security/host-guard.js'
import { type Commands, notFromHere, refusal } from './commands.js'

export interface ControlPlaneOptions {
  readonly adminKey: string
  readonly commands: Commands
}

export function createControlPlane({ adminKey, commands }: ControlPlaneOptions) {
  const isAdminKey = createAdminKeyCheck(adminKey)

  const answerTo = (request: IncomingMessage, guard: HostGuard): Answer | Promise<Answer> => {
    if (!guard.isLocal(request)) return notFromHere
    if (!isAdminKey(request.headers['x-admin-key'])) {
      return refusal(401, 'Invalid or missing admin key', { 'www-authenticate': 'ApiKey realm="mock"' })
    }
    return commands.answer(request, request.url ?? '/')
  }

  return async (request: IncomingMessage, response: ServerResponse, guard: HostGuard): Promise<void> => {
    send(response, await answerTo(request, guard), request.method === 'HEAD')
  }
}
