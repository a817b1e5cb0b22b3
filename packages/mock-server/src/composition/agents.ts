// Agents over HTTP, whose code is loaded when the first of them comes.

import { sendOver } from '../agents/connection.js'
import type { Agents } from '../agents/http.js'
import { lazy } from '../engine/json.js'
import { type LateParts, made } from './late-parts.js'

export function lateAgents(late: LateParts, adminKey: string): Agents {
  const load = lazy(async () => {
    const { createAgents } = await import('../agents/http.js')
    const { url } = late
    return createAgents(() => ({
      send: sendOver(() => made(late, 'server').connect(), new URL(url).host),
      ...{ adminKey, url },
    }))
  })
  return async (request, response) => (await load())(request, response)
}
