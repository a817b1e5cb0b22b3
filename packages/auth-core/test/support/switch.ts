// An address that leads to one port and later to another, as that of a database does that fails over.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Switch {
  readonly port: number
  /** Cuts every connection; new ones lead to `port`. */
  leadTo(port: number): void
  /** From here on connections come about, and nothing gets through. */
  swallow(): void
  /** What was swallowed stays so; new connections lead on as before. */
  letThrough(): void
}

export async function startSwitch(target: number): Promise<Switch> {
  const sockets = new Set<Socket>()
  let current = target
  let swallows = false
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => client.destroy())
    if (swallows) return void client.resume()
    const upstream = connect(current, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    server.close()
    cut()
  })
  return {
    port: (server.address() as AddressInfo).port,
    swallow() {
      swallows = true
      for (const socket of sockets) {
        socket.unpipe()
        socket.pause()
      }
    },
    letThrough() {
      swallows = false
    },
    leadTo(port) {
      current = port
      cut()
    },
  }
}
