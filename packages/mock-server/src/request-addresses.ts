// The address of each operation, as it can be sent: with ids of things that are there, and the parameters that must be.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Operation } from './engine/document/operation.js'
import type { Engine } from './engine.js'
import { rowsOf } from './request-drafts.js'
import { parameterExamples, type RequestScope } from './request-examples.js'
import type { ItemTable } from './storage/item-table.js'

export interface RequestAddress {
  readonly method: string
  /** With the query. */
  readonly path: string
}

/**
 * A collection that nobody has asked for yet gets what it begins with, which takes a while in a big document. Requests are
 * answered meanwhile.
 *
 * @param limit how many at most; those that come first in the document.
 */
export async function requestAddresses(
  engines: readonly Engine[],
  items: ItemTable,
  scope: RequestScope,
  limit: number,
): Promise<readonly RequestAddress[]> {
  const addresses: RequestAddress[] = []
  for (const engine of engines)
    for (const operation of engine.document.operations.slice(0, limit - addresses.length)) {
      await nextTurn()
      const path = engine.budget.lift(() => addressOf(engine, operation, items, scope))
      addresses.push({ method: operation.method, path })
    }
  return addresses
}

function addressOf(engine: Engine, operation: Operation, items: ItemTable, scope: RequestScope): string {
  let path = `${operation.basePaths[0] ?? ''}${operation.path}`
  const query: string[] = []
  for (const [parameter, value] of parameterExamples(engine, operation, items, scope)) {
    if (!parameter.required) continue
    for (const row of rowsOf(parameter, value)) {
      if (parameter.in === 'path') path = path.replaceAll(`{${row.name}}`, encodeURIComponent(row.value))
      if (parameter.in === 'query')
        query.push(`${encodeURIComponent(row.name)}=${encodeURIComponent(row.value)}`)
    }
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}
