// How two answers differ in what they are made of, whatever their values.

import { escapeSegment, isObject } from '../engine/json.js'

export interface ShapeDifference {
  /** A JSON pointer, with `*` for each item of a list. */
  readonly at: string
  /** The types there, such as `string`; `missing` where there are none. */
  readonly mock: string
  readonly api: string
}

const MAX_DEPTH = 20

export function shapeDifferences(mock: unknown, api: unknown): readonly ShapeDifference[] {
  const [here, there] = [shapeOf(mock), shapeOf(api)]
  const pointers = [...new Set([...here.keys(), ...there.keys()])].sort()
  const differing = pointers.filter((at) => textOf(here, at) !== textOf(there, at))
  return differing
    .filter((at) => !isBelow(at, differing) && isKnown(at, here) && isKnown(at, there))
    .map((at) => ({ at: at === '' ? '/' : at, mock: textOf(here, at), api: textOf(there, at) }))
}

type Shape = ReadonlyMap<string, ReadonlySet<string>>

function shapeOf(root: unknown): Shape {
  const shape = new Map<string, Set<string>>()
  const walk = (value: unknown, at: string, depth: number): void => {
    shape.set(at, (shape.get(at) ?? new Set()).add(typeOf(value)))
    if (depth > MAX_DEPTH) return
    if (Array.isArray(value)) for (const item of value) walk(item, `${at}/*`, depth + 1)
    else if (isObject(value))
      for (const [name, inner] of Object.entries(value))
        walk(inner, `${at}/${escapeSegment(name)}`, depth + 1)
  }
  walk(root, '', 0)
  return shape
}

const typeOf = (value: unknown): string =>
  value === undefined ? 'nothing' : value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value

const textOf = (shape: Shape, at: string): string => [...(shape.get(at) ?? ['missing'])].sort().join(' or ')

/** What is below a difference differs with it. */
const isBelow = (at: string, others: readonly string[]): boolean =>
  others.some((other) => other !== at && at.startsWith(`${other}/`))

/** An empty list says nothing of its items. */
function isKnown(at: string, shape: Shape): boolean {
  const star = at.lastIndexOf('/*')
  return star < 0 || shape.has(at.slice(0, star + 2))
}
