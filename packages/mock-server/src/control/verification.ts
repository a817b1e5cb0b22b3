// Whether clients have called the mock as a test expects, and which requests came nearest where they have not.

import {
  anything,
  checkOptions,
  didYouMean,
  fitting,
  mapOf,
  type OptionTable,
  text,
  wholeNumber,
} from '@gosend/options'
import { namesOf, type Operation } from '../engine/document/operation.js'
import { isObject } from '../engine/json.js'
import { type Difference, differencesOf } from '../engine/partial-match.js'
import type { Journal } from './journal.js'
import type { JournalEntry, Verification, VerificationMiss, WantedRequests } from './wire.js'

export interface Verifier {
  /** @throws TypeError when what is wanted cannot be, such as an operation that the document has not. */
  check(wanted: WantedRequests): Verification
  /** @throws AssertionError with the nearest misses when the requests have not come. */
  verify(wanted: WantedRequests): void
}

const MAX_MISSES = 3
const MAX_DIFFERENCES = 10

const count = wholeNumber(0, 1_000_000)
const bounds = { atLeast: count, atMost: count }

const wantedOptions: OptionTable<WantedRequests> = {
  operation: text,
  path: text,
  status: wholeNumber(0, 599),
  headers: mapOf(text),
  body: anything,
  times: fitting<NonNullable<WantedRequests['times']>>((value) => {
    if (Number.isSafeInteger(value) && Number(value) >= 0) return true
    return isObject(value) && Object.keys(checkOptions(bounds, value, 'times')).length > 0
  }, 'must be a number, or an object with atLeast or atMost'),
}

/** @param operations those of the document at this moment. */
export function createVerifier(journal: Journal, operations: () => readonly Operation[]): Verifier {
  const check = (given: WantedRequests): Verification => {
    const wanted = checkOptions(wantedOptions, given, 'verify')
    const ids = operationIds(wanted.operation, operations())
    const entries = journal.entries().map((entry) => ({ entry, differences: unmet(entry, wanted, ids) }))
    const matching = entries.filter(({ differences }) => differences.length === 0)
    const { least, most } = boundsOf(wanted.times)
    const isRight = matching.length >= least && matching.length <= most
    if (isRight) return { ok: true, count: matching.length, message: '', nearest: [] }
    const nearest =
      matching.length > most
        ? matching.slice(-MAX_MISSES).map(missOf)
        : entries
            .filter(({ differences }) => differences.length > 0)
            .sort((a, b) => a.differences.length - b.differences.length || b.entry.number - a.entry.number)
            .slice(0, MAX_MISSES)
            .map(missOf)
    const message = messageOf(wanted, matching.length, entries.length, nearest)
    return { ok: false, count: matching.length, message, nearest }
  }
  return {
    check,
    verify(wanted) {
      const { ok, count: actual, message } = check(wanted)
      if (ok) return
      // Loaded here: most mocks are never asked, and their start would wait for it.
      const { AssertionError } = process.getBuiltinModule('node:assert')
      throw new AssertionError({ message, actual, expected: wanted.times ?? { atLeast: 1 } })
    },
  }
}

function operationIds(
  name: string | undefined,
  operations: readonly Operation[],
): ReadonlySet<string> | undefined {
  if (name === undefined) return undefined
  const found = operations.filter((operation) => namesOf(operation).includes(name))
  if (found.length > 0) return new Set(found.map(({ id }) => id))
  const hint = didYouMean(name, operations.flatMap(namesOf))
  throw new TypeError(`verify.operation: no such operation as ${name}${hint}`)
}

function boundsOf(times: WantedRequests['times'] = { atLeast: 1 }) {
  if (typeof times === 'number') return { least: times, most: times }
  return { least: times.atLeast ?? 0, most: times.atMost ?? Number.POSITIVE_INFINITY }
}

function unmet(
  entry: JournalEntry,
  wanted: WantedRequests,
  ids: ReadonlySet<string> | undefined,
): readonly Difference[] {
  const { operation, path, status, headers = {}, body } = wanted
  const isOther = ids !== undefined && !ids.has(entry.operationId ?? '')
  return [
    // Another operation is further off than anything else can be.
    ...(isOther
      ? Array<Difference>(MAX_DIFFERENCES).fill({
          at: 'operation',
          wanted: operation,
          got: entry.operationId,
        })
      : []),
    ...(path === undefined
      ? []
      : differencesOf('path', path, path.includes('?') ? entry.path : entry.path.split('?')[0])),
    ...(status === undefined ? [] : differencesOf('status', status, entry.status)),
    ...Object.entries(headers).flatMap(([name, value]) =>
      differencesOf(`headers.${name}`, value, entry.headers[name.toLowerCase()]),
    ),
    ...(body === undefined ? [] : differencesOf('body', body, entry.body)),
  ]
}

const missOf = ({
  entry: { number, method, path, status },
  differences,
}: {
  readonly entry: JournalEntry
  readonly differences: readonly Difference[]
}): VerificationMiss => ({
  ...{ number, method, path, status },
  differences: [...new Map(differences.map((one) => [one.at, one])).values()].slice(0, MAX_DIFFERENCES),
})

function messageOf(
  { operation, path, times }: WantedRequests,
  found: number,
  all: number,
  nearest: readonly VerificationMiss[],
): string {
  const what = operation ?? path ?? 'a request'
  const { least, most } = boundsOf(times)
  const often =
    least === most
      ? `${least}`
      : most === Number.POSITIVE_INFINITY
        ? `at least ${least}`
        : `${least} to ${most}`
  const lines = nearest.map(({ number, method, path: target, differences }) => {
    const wrong = differences.map(({ at, wanted, got }) => `${at} is ${shown(got)}, not ${shown(wanted)}`)
    return `  #${number} ${method} ${target}${wrong.length === 0 ? '' : `: ${wrong.join('; ')}`}`
  })
  const head = `Wanted ${often} of ${what}, got ${found} among ${all} request${all === 1 ? '' : 's'}`
  return [lines.length === 0 ? head : `${head}. The nearest:`, ...lines].join('\n')
}

function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
