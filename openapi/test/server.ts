// A real HTTP server that records what it was asked and answers as told.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

interface ReceivedRequest extends Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  readonly body: string
}

export interface TestServer {
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
}

/** What a server does about a request. */
export type Answer = (response: ServerResponse, request: ReceivedRequest) => void

/** Listens on a free loopback port until the test is over. */
export async function listen(answer: Answer): Promise<TestServer> {
  const requests: ReceivedRequest[] = []
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request
    const received = { method, url, headers, body: await text(request) }
    requests.push(received)
    answer(response, received)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}

/** No answer: the connection breaks. */
export function hangUp(response: ServerResponse): void {
  response.destroy()
}

/** One answer after the other; the last one from then on. */
export function inTurn(...answers: readonly Answer[]): Answer {
  let turn = 0
  return (response, request) => answers[Math.min(turn++, answers.length - 1)]?.(response, request)
}
