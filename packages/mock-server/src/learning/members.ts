// What the members of answers depend on: found by comparing several, and filled in when an answer is made like them.

import { escapeSegment, isObject, normalizeName, segmentsOf, setMember } from '../engine/json.js'
import type { MemberLesson } from './learned-file.js'

/** What was sent. */
export interface Sent {
  readonly path: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

export interface Sample {
  readonly sent: Sent
  readonly body: unknown
}

type Scalar = string | number | boolean
const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value)

const MAX_DEPTH = 8
const MAX_NAMES = 60

/** Every value below an object that is no object itself, by its pointer. */
export function leavesOf(value: unknown, at = '', depth = 0): ReadonlyMap<string, unknown> {
  if (!isObject(value) || depth > MAX_DEPTH || Object.keys(value).length === 0) return new Map([[at, value]])
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...leavesOf(inner, `${at}/${escapeSegment(name)}`, depth + 1),
    ]),
  )
}

/** What was sent, by names such as `body.name`, and what was answered, where that is asked for. */
export function namesOf({
  path,
  query,
  body,
  ...rest
}: Sent & { readonly answer?: unknown }): ReadonlyMap<string, unknown> {
  const named = Object.entries({ path, query, body, ...rest }).flatMap(([place, value]) =>
    [...leavesOf(value)].map(([pointer, leaf]) => [[place, ...segmentsOf(pointer)].join('.'), leaf] as const),
  )
  return new Map(named.slice(0, MAX_NAMES))
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A path has texts where a body has numbers. */
const alike = (shown: unknown, sent: unknown): boolean =>
  same(shown, sent) || (isScalar(shown) && isScalar(sent) && String(shown) === String(sent))

const DATE_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/
const TIME_NAME = /(at|time|date|created|updated|modified|timestamp|expires|now)$/
/** The years from 2001 to 2096. */
const isSeconds = (value: unknown): boolean => typeof value === 'number' && value > 1e9 && value < 4e9
const isMilliseconds = (value: unknown): boolean => typeof value === 'number' && value > 1e12 && value < 4e12

/** One member of all samples. */
interface Column {
  readonly name: string
  readonly values: readonly unknown[]
  readonly sent: readonly ReadonlyMap<string, unknown>[]
}

/** What each member depends on; those that are the same in all answers are left out. */
export function membersOf(
  samples: readonly Sample[],
  idPointer: string | undefined,
): Readonly<Record<string, MemberLesson>> {
  const leaves = samples.map(({ body }) => leavesOf(body))
  const sent = samples.map((sample) => namesOf(sample.sent))
  const pointers = new Set(leaves.flatMap((one) => [...one.keys()]))
  const found = [...pointers].sort().flatMap((pointer) => {
    const values = leaves.map((one) => one.get(pointer))
    const lesson =
      pointer === idPointer
        ? ({ is: 'id' } as const)
        : lessonOf({ name: normalizeName(segmentsOf(pointer).at(-1) ?? ''), values, sent })
    return lesson === undefined ? [] : [[pointer, lesson] as const]
  })
  return Object.fromEntries(found)
}

function lessonOf(column: Column): MemberLesson | undefined {
  const { values } = column
  const [first] = values
  const isConstant = values.length > 1 && values.every((value) => same(value, first))
  const echoed = echoOf(column, isConstant)
  if (echoed !== undefined) return { echoes: echoed }
  if (values.some((value) => value === undefined)) return { is: 'optional' }
  if (isConstant) return undefined
  const moves = movesOf(column)
  if (moves !== undefined) return { moves }
  const computes = values.length > 1 ? computedOf(column) : undefined
  if (computes !== undefined) return { computes }
  const says = saysOf(values, column.sent)
  if (says !== undefined) return { says }
  return values.length > 1 ? { is: 'other' } : undefined
}

/** @param isConstant whether all answers have the same: then a name must say that it is what was sent. */
function echoOf({ name, values, sent }: Column, isConstant: boolean): string | undefined {
  const isClear = !isConstant && values.length > 1
  const candidates = [...(sent[0]?.keys() ?? [])].filter((one) => {
    const isNamed = normalizeName(one.split('.').at(-1) ?? '') === name
    const [value] = values
    const isTelling = typeof value === 'string' ? value.length > 3 : Array.isArray(value)
    return isNamed || isClear || (!isConstant && isTelling)
  })
  const named = new Set(sent.flatMap((one) => [...one.keys()]).filter((one) => nameOf(one) === name))
  return [...new Set([...named, ...candidates])].find(
    (one) =>
      values.every((value, i) => alike(value, sent[i]?.get(one))) &&
      values.some((value) => value !== undefined),
  )
}

const nameOf = (reference: string): string => normalizeName(reference.split('.').at(-1) ?? '')

function movesOf({ name, values }: Column): Extract<MemberLesson, { moves: string }>['moves'] | undefined {
  if (values.every((value) => typeof value === 'string' && DATE_TIME.test(value))) return 'date-time'
  if (!TIME_NAME.test(name)) return undefined
  if (values.every(isSeconds)) return 'seconds'
  return values.every(isMilliseconds) ? 'milliseconds' : undefined
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

function computedOf({ values, sent }: Column): string | undefined {
  if (!values.every((value) => typeof value === 'number')) return undefined
  const numbers = [...(sent[0] ?? [])].filter(([, value]) => isNumeric(value)).map(([one]) => one)
  const formulas = numbers.flatMap((a) =>
    numbers.flatMap((b) => (a === b ? ['*'] : Object.keys(OPERATORS)).map((sign) => `${a} ${sign} ${b}`)),
  )
  return formulas.find((formula) =>
    values.every((value, i) => {
      const result = computed(formula, sent[i] ?? new Map())
      return result !== undefined && Math.abs(result - Number(value)) < 1e-9
    }),
  )
}

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))

function computed(formula: string, sent: ReadonlyMap<string, unknown>): number | undefined {
  const [, a = '', sign = '', b = ''] = /^(\S+) ([-+*/]) (\S+)$/.exec(formula) ?? []
  const operands = [sent.get(a), sent.get(b)]
  if (!operands.every(isNumeric)) return undefined
  return OPERATORS[sign]?.(Number(operands[0]), Number(operands[1]))
}

/** A sentence with what was sent in it, such as `Todo {path.id} is gone`. */
export function saysOf(
  values: readonly unknown[],
  sent: readonly ReadonlyMap<string, unknown>[],
): string | undefined {
  const [first] = values
  if (typeof first !== 'string' || first.includes('{')) return undefined
  const parts = [...(sent[0] ?? [])]
    .filter(([, value]) => isScalar(value) && typeof value !== 'boolean' && String(value) !== '')
    .sort(([, a], [, b]) => String(b).length - String(a).length)
  let text = first
  for (const [name, value] of parts) {
    const escaped = String(value).replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
    text = text
      .split(/(\{[^{}]*\})/)
      .map((piece) =>
        piece.startsWith('{')
          ? piece
          : piece.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'gu'), `{${name}}`),
      )
      .join('')
  }
  const isMade = text !== first && values.every((value, i) => saidBy(text, sent[i] ?? new Map()) === value)
  return isMade ? text : undefined
}

/** The sentence; undefined where a value in it is not known. */
export function saidBy(template: string, sent: ReadonlyMap<string, unknown>): string | undefined {
  let isWhole = true
  const text = template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = sent.get(name)
    isWhole &&= isScalar(value)
    return String(value)
  })
  return isWhole ? text : undefined
}

/** Members that differ although the request is the same. */
export const movingIn = (
  members: Readonly<Record<string, MemberLesson>>,
): Readonly<Record<string, MemberLesson>> =>
  Object.fromEntries(Object.entries(members).filter(([, lesson]) => 'moves' in lesson))

/** What stands for a member that is left out. */
const NOTHING = Symbol('nothing')

/**
 * An answer like those that were seen.
 *
 * @param isForNew whether it is for something that is made now: then what differs from one to the next is left out.
 */
export function rendered(
  body: unknown,
  members: Readonly<Record<string, MemberLesson>>,
  { sent, now, isForNew = false }: { readonly sent: Sent; readonly now: number; readonly isForNew?: boolean },
): unknown {
  const names = namesOf(sent)
  let result = structuredClone(body)
  for (const [pointer, lesson] of Object.entries(members)) {
    const segments = segmentsOf(pointer)
    const example = segments.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), body)
    const value = filledIn(lesson, { names, now, isForNew, example })
    if (value === undefined) continue
    if (segments.length === 0) result = value === NOTHING ? undefined : value
    else place(result, segments, value)
  }
  return result
}

interface Filling {
  readonly names: ReadonlyMap<string, unknown>
  readonly now: number
  readonly isForNew: boolean
  readonly example: unknown
}

/** Undefined where the example stays. */
function filledIn(lesson: MemberLesson, { names, now, isForNew, example }: Filling): unknown {
  if ('echoes' in lesson) {
    const value = names.get(lesson.echoes)
    if (value === undefined) return NOTHING
    return typeof example === 'number' && isNumeric(value)
      ? Number(value)
      : typeof example === 'string' && isScalar(value)
        ? String(value)
        : value
  }
  if ('says' in lesson) return saidBy(lesson.says, names)
  if ('computes' in lesson) return computed(lesson.computes, names)
  if ('moves' in lesson) return timeLike(lesson.moves, example, now)
  return isForNew ? NOTHING : undefined
}

function timeLike(moves: string, example: unknown, now: number): unknown {
  if (moves === 'milliseconds') return now
  if (moves === 'seconds') return Number.isInteger(example) ? Math.floor(now / 1_000) : now / 1_000
  const [, fraction = '', zone = ''] = DATE_TIME.exec(String(example)) ?? []
  const [whole = '', milliseconds = ''] = new Date(now).toISOString().slice(0, -1).split('.')
  const digits =
    fraction === '' ? '' : `.${milliseconds.padEnd(fraction.length - 1, '0').slice(0, fraction.length - 1)}`
  const shown = `${whole}${digits}${zone === '' ? '' : zone === 'Z' ? 'Z' : '+00:00'}`
  return String(example).charAt(10) === ' ' ? shown.replace('T', ' ') : shown
}

function place(root: unknown, segments: readonly string[], value: unknown): void {
  const last = segments.at(-1) ?? ''
  let at: unknown = root
  for (const name of segments.slice(0, -1)) at = isObject(at) ? at[name] : undefined
  if (!isObject(at)) return
  if (value === NOTHING) delete (at as Record<string, unknown>)[last]
  else setMember(at, last, value)
}
