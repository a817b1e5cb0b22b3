// The mock's own addresses, such as `/dashboard`, beside those of the document. A document may take one by its very
// name; a template such as `/{bucket}/{key}` means something else, and leaves them alone.

import type { Operation } from '../engine/document/operation.js'
import { grouped } from '../engine/json.js'
import { createRouter } from '../engine/request/router.js'

export interface Addresses {
  /** One for each of the mock's own addresses that the document takes. */
  readonly warnings: readonly string[]
  /** Whether a path below one of the mock's own addresses is the document's. */
  isTaken(path: string): boolean
  /** The same for a document that has changed since: it takes no further address, so that no operation gets the admin key. */
  warningsFor(operations: readonly Operation[]): readonly string[]
}

/** @param own addresses of the mock: all that is below them is its own as well. */
export function createAddresses(operations: readonly Operation[], own: readonly string[]): Addresses {
  const taken = takenBy(operations, own)
  const routers = new Map(
    [...takenBy(operations, [...own, SHARED])].map(([at, all]) => [at, createRouter(all)]),
  )
  const addresses = [...own, SHARED].sort((a, b) => b.length - a.length)
  return {
    warnings: [...taken].map(
      ([address, [first]]) =>
        `the document has ${nameOf(first)}, so the mock's own ${address} may be out of reach; the dashboard's address is printed without the admin key`,
    ),
    isTaken(path) {
      if (routers.size === 0) return false
      const address = addresses.find((one) => path === one || path.startsWith(`${one}/`))
      const match = routers.get(address ?? '')?.match('GET', path, '')
      // Without its base path an operation is reached at a second address, to which it has no right where the mock has one.
      return match?.kind === 'found'
        ? address === SHARED || basePathsOf(match.operation).includes(match.basePath)
        : match?.kind === 'wrong_method'
    },
    warningsFor: (changed) =>
      [...takenBy(changed, own)]
        .filter(([address]) => !taken.has(address))
        .map(
          ([address, [first]]) =>
            `the document has ${nameOf(first)} now, which is not served: ${address} is the mock's own until it is started again`,
        ),
  }
}

/** Of what is below it only some is the mock's own: a document may have all the rest. */
const SHARED = '/admin'
const nameOf = (operation: Operation | undefined): string => `${operation?.method} ${operation?.path}`

/** The addresses that operations take, with all that take it. */
function takenBy(
  operations: readonly Operation[],
  own: readonly string[],
): ReadonlyMap<string, readonly Operation[]> {
  return grouped(
    [...operations].flatMap((operation) => {
      const paths = basePathsOf(operation).map((base) => base + operation.path)
      const isAt = (address: string) => (path: string) => isLiterallyBelow(path, address)
      return own
        .filter((address) => (address === SHARED ? [...paths, operation.path] : paths).some(isAt(address)))
        .map((address) => [address, operation] as const)
    }),
  )
}

const basePathsOf = ({ basePaths }: Operation): readonly string[] =>
  basePaths.length === 0 ? [''] : basePaths

const isLiterallyBelow = (path: string, address: string): boolean => {
  const [plain = ''] = path.split(/[?#]/, 1)
  const segments = plain.split('/').map(decoded)
  return address.split('/').every((segment, i) => segment === segments[i])
}

/** Undefined for a template. */
function decoded(segment: string): string | undefined {
  if (segment.includes('{')) return undefined
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
