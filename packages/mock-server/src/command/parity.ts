// `gosend-mock parity`: holds the mock against the real API, and prints where they differ.

import { compareWithApi, type ParityReport } from '../parity.js'
import type { Typed } from './commands.js'
import { documentOptionsFrom, learnedFrom } from './options.js'
import { UsageError } from './usage-error.js'

/** @throws UsageError when a header is none, and Error when the API cannot be reached. */
export function parityCommand({ flags, file = '', upstream = '' }: Typed): Promise<ParityReport> {
  return compareWithApi(file, upstream, {
    ...documentOptionsFrom(flags),
    recordings: flags.har,
    writes: flags.writes,
    headers: Object.fromEntries((flags.header ?? []).map(headerFrom)),
    learned: learnedFrom(flags, [{ spec: file }]),
  })
}

function headerFrom(line: string): readonly [string, string] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*(.+)$/.exec(line) ?? []
  if (name === undefined || value === undefined)
    throw new UsageError("--header must be like 'Authorization: Bearer …'")
  return [name, value]
}

/** A report for people. */
export function parityTextOf({ calls, differing, operations, skipped }: ParityReport): string {
  const lines = operations.flatMap(({ operation, calls: own, differences }) => [
    `${operation}: ${own} call${own === 1 ? '' : 's'}, ${differences.length === 0 ? 'same' : `${differences.length} differ${differences.length === 1 ? 's' : ''}`}`,
    ...differences.flatMap(({ call, status, shape }) => [
      ...(status.mock === status.api ? [] : [`  ${call}: ${status.mock} here, ${status.api} there`]),
      ...shape.map(({ at, mock, api }) => `  ${call}: ${at} is ${mock} here, ${api} there`),
    ]),
  ])
  const summary = `${calls} calls of ${operations.length} operations: ${differing === 0 ? 'no difference' : `${differing} differ`}`
  return [...lines, ...skipped.map((line) => `Not called: ${line}`), summary].join('\n')
}
