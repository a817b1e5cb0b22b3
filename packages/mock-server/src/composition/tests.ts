// Tests made of the journal.

import { checkOptions, didYouMean, flag, listOf, type OptionTable, text, wholeNumber } from '@gosend/options'
import { createRedaction, WHOLE } from '../control/redaction.js'
import type { JournalEntry, TestSelection } from '../control/wire.js'
import { namesOf } from '../engine/document/operation.js'
import { exchangeOf, testOf } from '../replaying/tests.js'
import type { Documents } from './documents.js'
import type { Settings } from './settings.js'
import type { Traffic } from './traffic.js'

export type Tests = (selection?: TestSelection) => Promise<string>

const selectionOptions: OptionTable<TestSelection> = {
  requests: listOf(wholeNumber(), 'must be a list of numbers of the journal'),
  operation: text,
  refused: flag,
  spec: text,
}

export function createTests(
  { options }: Settings,
  { served, secretNames }: Documents,
  { journal }: Traffic,
): Tests {
  // What the journal shows is hidden already, but for a value that has become secret since.
  const redaction = createRedaction(secretNames, [], WHOLE)
  return async (given = {}) => {
    const { requests, operation, refused, spec } = checkOptions(selectionOptions, given, 'toTest')
    const meant = served
      .operations()
      .filter((one) => operation !== undefined && namesOf(one).includes(operation))
    if (operation !== undefined && meant.length === 0)
      throw new TypeError(
        `toTest.operation: no such operation as ${operation}${didYouMean(operation, served.operations().flatMap(namesOf))}`,
      )
    const ids = new Set(meant.map(({ id }) => id))
    const isMeant = ({ number, operationId, reason, violations }: JournalEntry): boolean =>
      (requests === undefined || requests.includes(number)) &&
      (operation === undefined || ids.has(operationId ?? '')) &&
      (refused !== true || reason !== null || violations.length > 0)
    const entries = journal.entries().filter(isMeant)
    const [first] = entries
    if (first === undefined) throw new TypeError('toTest: no request of the journal is meant')
    const { engine } = served.route(first.method, first.path.split('?')[0] ?? '', '')
    const { state } = engine
    if (state === undefined)
      throw new TypeError('toTest: a mock without state knows no things to begin a test with')
    return testOf(entries.map(exchangeOf), { ...engine, state }, redaction, spec ?? nameOf(options.spec))
  }
}

/** Undefined for GoSendAPI, which a mock serves by itself. */
function nameOf(spec: Settings['options']['spec']): string | undefined {
  if (spec === undefined || typeof spec === 'string') return spec
  return spec instanceof URL ? spec.href : 'openapi.yaml'
}
