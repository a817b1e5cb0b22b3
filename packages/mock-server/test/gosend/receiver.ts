// A receiver of webhooks on this machine: what it got, and what it answers.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** As it came, before any parsing. */
  readonly body: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events whose form is what they check
  readonly event: any
}

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** The names of the events, in the order of their arrival. */
  names(): string[]
  /** Answers every request from now on; a number is a status. */
  answer(how: number | ((received: Received, response: ServerResponse) => void)): void
  /** Resolves once so many have arrived in all. */
  until(count: number): Promise<readonly Received[]>
  close(): Promise<void>
}

/** Forms and empty bodies are no events. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const open = new Set<Receiver>()

afterEach(async () => {
  await Promise.all([...open].map((receiver) => receiver.close()))
})

export async function receiver(port = 0): Promise<Receiver> {
  const received: Received[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  let answer: Parameters<Receiver['answer']>[0] = 204
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const one = {
        ...{ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body },
        event: parsed(body.toString()),
      }
      received.push(one)
      if (typeof answer === 'number') response.writeHead(answer).end()
      else answer(one, response)
      for (const { count, resolve } of waiting) if (received.length >= count) resolve()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo
  const self: Receiver = {
    url: `http://127.0.0.1:${own}/hook`,
    port: own,
    received,
    names: () => received.map(({ event }) => event.event),
    answer(how) {
      answer = how
    },
    until: (count) =>
      new Promise((resolve) => {
        const done = () => resolve(received)
        if (received.length >= count) done()
        else waiting.push({ count, resolve: done })
      }),
    close: () =>
      new Promise((resolve) => {
        open.delete(self)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  open.add(self)
  return self
}
