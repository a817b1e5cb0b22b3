// What `gosend-mock explain` prints.

import type { OperationReading } from '../index.js'

/** The readings of one operation, by its id, its path, or its method and path; of all without a name. */
export const chosenFrom = (
  readings: readonly OperationReading[],
  wanted: string | undefined,
): readonly OperationReading[] =>
  readings.filter(
    ({ operationId, method, path }) =>
      wanted === undefined ||
      [operationId, path, `${method} ${path}`].some((name) => name?.toLowerCase() === wanted.toLowerCase()),
  )

export function explanationOf(readings: readonly OperationReading[]): string {
  const guessed = readings.filter(({ basis }) => basis === 'guessed').length
  const count = `${readings.length} operation${readings.length === 1 ? '' : 's'}`
  const summary = `${count}: ${readings.length - guessed} declared, ${guessed} guessed`
  return [...readings.map(textOf), summary].join('\n\n')
}

function textOf(reading: OperationReading): string {
  const { method, path, operationId, role, thing, collection, because, basis, guesses } = reading
  const { id, envelope, paging, filters, ignored } = reading
  const pages = Object.entries(paging).map(([name, meaning]) => `${name} (${meaning})`)
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['role', role === undefined ? 'none' : `${role}, ${basis}: ${because}`],
    ['thing', thing && `${thing} of ${collection}`],
    ['id', id?.member && `${id.parameter === undefined ? '' : `{${id.parameter}} is `}${id.member}`],
    ['envelope', envelope],
    ['paging', pages.join(', ')],
    ['filters', filters.join(', ')],
    ['ignored', ignored.join(', ')],
    ['security', securityOf(reading)],
    ...guesses.map((guess) => ['guessed', guess] as const),
  ]
  const lines = rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(9)} ${value}`] : []))
  const title = `${method} ${path}${operationId === undefined ? '' : `  (${operationId})`}`
  return [title, ...lines].join('\n')
}

/** `oauth (read, write), or key and session`. */
const securityOf = ({ security }: OperationReading): string =>
  security
    .map((requirement) =>
      requirement
        .map(({ scheme, scopes }) => (scopes.length === 0 ? scheme : `${scheme} (${scopes.join(', ')})`))
        .join(' and '),
    )
    .map((names) => (names === '' ? 'none' : names))
    .join(', or ')
