// `/_mock/mcp`: agents over HTTP, once the control plane has let them in.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { refusal } from '../control/commands.js'
import { lazy } from '../engine/json.js'
import { readBody } from '../engine/request/reading.js'
import { type Answer, send } from '../engine/response/answers.js'
import { ownVersion } from '../shipped.js'
import { MissingSdk, serveHttp } from './mcp.js'
import { openToolbox, type ToolboxOptions } from './tools.js'

const MAX_BODY_BYTES = 1024 * 1024

export type Agents = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function createAgents(options: () => ToolboxOptions): Agents {
  const toolbox = lazy(() => openToolbox(options()))
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = await answered(request, response)
    if (refused !== undefined) send(response, refused, false)
  }

  async function answered(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    // There is no stream of messages from the mock, and no session to end.
    if (request.method !== 'POST')
      return refusal(405, `Cannot ${request.method} /_mock/mcp`, { allow: 'POST' })
    const bytes = await readBody(request, MAX_BODY_BYTES)
    if (!Buffer.isBuffer(bytes)) return refusal(bytes.status, bytes.message)
    const body = jsonOf(bytes)
    if (body === undefined) return refusal(400, 'The body is not valid JSON')
    try {
      await serveHttp(request, response, { body, toolbox: await toolbox(), version: ownVersion() })
    } catch (error) {
      if (error instanceof MissingSdk) return refusal(501, error.message)
      throw error
    }
    return undefined
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
