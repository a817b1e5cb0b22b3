// The back end of the sandbox's pages in the dashboard: the control plane's steps below `/admin/sandbox`, and a stream
// of what changes. Who may call it is the management API's affair, which comes
// before; it is as closed to other machines as `/_mock`.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from '../engine/response/answers.js'
import type { Changes } from './changes.js'
import { type Commands, notFromHere, refusal } from './commands.js'

export interface SandboxRoutesOptions {
  readonly commands: Commands
  readonly changes: Changes
  /** Whether a request comes from this machine, and from no page of another site. */
  readonly isLocal: (request: IncomingMessage) => boolean
}

/** For `managementRouter({ routes })`: what is not below `/sandbox` goes on. */
export type SandboxRoutes = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => Promise<void>

const PREFIX = '/sandbox'
const STREAM = `${PREFIX}/changes`
/** Changes come in bursts: what happens within this time is told together. */
const GATHER_MS = 60
const HEARTBEAT_MS = 15_000
const MAX_STREAMS = 64
/** More topics than this are told as one. */
const MAX_TOPICS = 100

export function createSandboxRoutes({ commands, changes, isLocal }: SandboxRoutesOptions): SandboxRoutes {
  let streams = 0

  const stream = (response: ServerResponse): void => {
    const waiting = new Set<string>()
    let timer: NodeJS.Timeout | undefined
    const tell = () => {
      timer = undefined
      // A reader that is too slow gets all of it together once it is ready.
      if (response.writableNeedDrain) return void response.once('drain', tell)
      response.write(`data: ${JSON.stringify([...waiting])}\n\n`)
      waiting.clear()
    }
    const unwatch = changes.watch((topic) => {
      if (waiting.size === 0 && timer === undefined) timer = setTimeout(tell, GATHER_MS)
      waiting.add(waiting.size < MAX_TOPICS ? topic : 'store')
    })
    const heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': still here\n\n')
    }, HEARTBEAT_MS)
    streams++
    response.once('close', () => {
      streams--
      unwatch()
      clearInterval(heartbeat)
      clearTimeout(timer)
    })
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    response.write('retry: 1000\n\n')
  }

  return async (request, response, next) => {
    const url = request.url ?? ''
    const [path = ''] = url.split('?', 1)
    if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return next()
    if (!isLocal(request)) return void send(response, notFromHere, request.method === 'HEAD')
    if (path === STREAM && request.method === 'GET') {
      if (streams < MAX_STREAMS) return stream(response)
      return void send(response, refusal(503, 'Too many pages are watching', { 'retry-after': '5' }), false)
    }
    const answer = await commands.answer(request, `/_mock${url.slice(PREFIX.length)}`)
    send(response, answer, request.method === 'HEAD')
  }
}
