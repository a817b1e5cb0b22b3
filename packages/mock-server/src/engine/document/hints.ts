// The `x-mock-*` extensions: hints by which a document corrects in one line what the mock would guess. One table names
// them all; what is not in it, or has a value that it cannot have, is reported when the document is loaded.

import { didYouMean } from '@gosend/options'
import { isObject } from '../json.js'

/** What a query parameter can ask of a list, and `ignore` for one that asks for nothing: the values of `x-mock-query`. */
export const QUERY_MEANINGS = [
  'size',
  'number',
  'offset',
  'token',
  'after',
  'before',
  'later',
  'earlier',
  'around',
  'sort',
  'direction',
  'search',
] as const

interface Hint {
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

const oneOf = (values: readonly string[]): Hint => ({
  expected: `one of ${values.join(', ')}`,
  accepts: (value) => typeof value === 'string' && values.includes(value),
})
const text = (expected: string): Hint => ({
  expected,
  accepts: (value) => typeof value === 'string' && value !== '',
})

/** Judged by what knows the document's collections. */
const ELSEWHERE: Hint = { expected: '', accepts: () => true }

export const OPERATION_HINTS: Readonly<Record<string, Hint>> = {
  'x-mock-envelope': {
    expected: 'the path of a member, such as data.items, or "" for the body itself',
    accepts: (value) => typeof value === 'string',
  },
  'x-mock-finish': {
    expected:
      'how many milliseconds a new thing is worked on, or false for one that does not finish by itself',
    accepts: (value) => value === false || (typeof value === 'number' && value >= 0),
  },
  'x-mock-id': text('the name of the member that identifies a thing'),
  'x-mock-resource': ELSEWHERE,
  'x-mock-role': ELSEWHERE,
  'x-mock-seed': {
    expected: 'how many samples a collection begins with',
    accepts: (value) => typeof value === 'number' && value >= 0,
  },
  'x-mock-stream': { expected: 'an object such as { count: 20, intervalMs: 100 }', accepts: isObject },
  'x-mock-validation-status': {
    expected: 'a status from 400 to 499',
    accepts: (value) => typeof value === 'number' && value >= 400 && value < 500,
  },
}

export const PARAMETER_HINTS: Readonly<Record<string, Hint>> = {
  'x-mock-filter': text('the path of the member that the parameter compares'),
  'x-mock-query': oneOf([...QUERY_MEANINGS, 'ignore']),
}

const KINDS = ['create', 'update', 'delete']

export const WEBHOOK_HINTS: Readonly<Record<string, Hint>> = {
  'x-mock-on': {
    expected: `${KINDS.join(', ')}, the operationId of what it tells of, or a list of these`,
    accepts: (value) =>
      [value].flat().length > 0 && [value].flat().every((one) => typeof one === 'string' && one !== ''),
  },
}

const isHint = (name: string): boolean => name.startsWith('x-mock-') && name !== 'x-mock-files'

/** What is wrong with the hints of a node: a path item, an operation, or the document itself. */
export const operationHintFaults = (node: unknown): readonly string[] => faultsIn(node, OPERATION_HINTS)

/** What is wrong with the hints of a parameter. */
export const parameterHintFaults = (node: unknown): readonly string[] => faultsIn(node, PARAMETER_HINTS)

/** What is wrong with the hints of a webhook or a callback. */
export const webhookHintFaults = (node: unknown): readonly string[] => faultsIn(node, WEBHOOK_HINTS)

function faultsIn(node: unknown, hints: Readonly<Record<string, Hint>>): readonly string[] {
  if (!isObject(node)) return []
  return Object.keys(node)
    .filter(isHint)
    .flatMap((name) => {
      const hint = Object.hasOwn(hints, name) ? hints[name] : undefined
      if (hint === undefined) return [`has no use for ${name}${didYouMean(name, Object.keys(hints))}`]
      return hint.accepts(node[name]) ? [] : [`${name} must be ${hint.expected}`]
    })
}
