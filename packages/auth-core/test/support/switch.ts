// An address that leads to one port and later to another, as that of a database does that fails over.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Switch {
  readonly port: number
  /** Cuts every connection; new ones lead to `port`. */
  leadTo(port: number): void
}

export async function startSwitch(target: number): Promise<Switch> {
  const sockets = new Set<Socket>()
  let current = target
  const server = createServer((client) => {
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
    leadTo(port) {
      current = port
      cut()
    },
  }
}
