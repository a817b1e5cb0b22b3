// Connections in memory to the HTTP/1.1 server: for requests that came over HTTP/2, and for those that a page has the mock send
// to itself.

import { Duplex } from 'node:stream'

/** @param known what the far end, the server's, tells of its client. */
export function connectionPair(known: object): readonly [near: Duplex, far: Duplex] {
  const near: Duplex = end(() => far)
  const far: Duplex = end(() => near)
  return [near, Object.assign(far, known)]
}

function end(other: () => Duplex): Duplex {
  let proceed: (() => void) | undefined
  const duplex = new Duplex({
    read() {
      const next = proceed
      proceed = undefined
      next?.()
    },
    write(chunk: Buffer, _, done) {
      const sibling = other() as Duplex & { proceedWith?: (next: () => void) => void }
      if (sibling.push(chunk)) done()
      else sibling.proceedWith?.(done)
    },
    final(done) {
      other().push(null)
      done()
    },
    destroy(error, done) {
      const sibling = other()
      if (!sibling.destroyed) setImmediate(() => sibling.destroy())
      done(error)
    },
  })
  return Object.assign(duplex, {
    proceedWith(next: () => void) {
      proceed = next
    },
    // Of sockets; there is nothing to do.
    setTimeout: () => duplex,
    setNoDelay: () => duplex,
    setKeepAlive: () => duplex,
    ref: () => duplex,
    unref: () => duplex,
  })
}
