// The shape of an error: which of its members says what, and what can be asked of it.

import type { Schema } from '../schema/schema.js'
import type { Meaning, MemberRole } from './error-members.js'
import { isCode } from './error-words.js'

/** A single value. */
export interface ErrorLeaf {
  readonly kind: 'leaf'
  readonly schema: Schema
  readonly meaning: Meaning | undefined
  /** Undefined when it may be anything. */
  readonly types: ReadonlySet<string> | undefined
  readonly values: readonly unknown[] | undefined
  readonly maxLength: number | undefined
  /** Whether more than its type and values must be checked. */
  readonly isConstrained: boolean
  /** What the document's examples have here, those of the answer first. */
  readonly seen: readonly unknown[]
  /** The name of the schema around it. */
  readonly within: string
}

export interface ErrorMember {
  readonly name: string
  readonly required: boolean
  readonly nullable: boolean
  readonly node: ErrorNode
}

export interface ErrorObject {
  readonly kind: 'object'
  readonly members: readonly ErrorMember[]
  /** The members that every example of exactly this error shows; undefined when there are none. */
  readonly shown: ReadonlySet<string> | undefined
  /** Whether a member says for people what is wrong, whatever else there is. */
  readonly hasText: boolean
  /** Whether a member says where in the request something is wrong. */
  readonly hasPlace: boolean
  /** The member that says it where `hasText` is false. */
  readonly lead: string | undefined
  /** 2 for a member that is where errors are, 1 for one that may be around them, 0 for any other. */
  readonly envelope: 0 | 1 | 2
}

/** One entry for each thing that is wrong. */
export interface ErrorList {
  readonly kind: 'list'
  readonly items: ErrorNode
  readonly maxItems: number
  readonly isKnown: boolean
  /** Of a list of names: how it names the member at fault. */
  readonly meaning: Meaning | undefined
}

/** An object whose members are called as the request's are. */
export interface ErrorMap {
  readonly kind: 'map'
  readonly values: ErrorNode
  readonly isKnown: boolean
}

export interface ErrorChoice {
  readonly kind: 'choice'
  readonly options: readonly ErrorNode[]
}

export type ErrorNode = ErrorLeaf | ErrorObject | ErrorList | ErrorMap | ErrorChoice

/** Whether a value says for people what is wrong, in words of its own. */
export function saysText(node: ErrorNode): boolean {
  if (node.kind === 'choice') return node.options.some(saysText)
  return node.kind === 'leaf' && node.meaning?.role === 'text' && isFree(node)
}

export function saysPlace(node: ErrorNode): boolean {
  if (node.kind === 'choice') return node.options.some(saysPlace)
  if (node.kind === 'object') return node.envelope > 0 && node.hasPlace
  if (node.kind === 'map') return false
  return PLACES.has(node.meaning?.role ?? 'text') && (node.kind === 'list' || isFree(node))
}

const PLACES: ReadonlySet<MemberRole> = new Set(['field', 'pointer', 'parameter', 'segments', 'location'])

/** How early a member says it where no text does: the lowest first; undefined when it says nothing. */
export function leadRank(node: ErrorNode): number | undefined {
  if (node.kind === 'choice') return node.options.map(leadRank).find((rank) => rank !== undefined)
  return node.kind === 'leaf' && node.meaning?.role === 'maybeText' && isFree(node)
    ? (node.meaning.rank ?? 9)
    : undefined
}

/** Whether any text will do. */
const isFree = ({ types, values }: ErrorLeaf): boolean =>
  values === undefined && (types === undefined || types.has('string'))

/** How well a shape can say what is wrong: 2 in words for people, 1 by a code or a status, 0 not at all. */
export function eloquenceOf(node: ErrorNode): 0 | 1 | 2 {
  switch (node.kind) {
    case 'choice':
      return max(node.options.map(eloquenceOf))
    case 'leaf': {
      const role = node.meaning?.role
      if (role === 'text' || role === 'maybeText' || role === 'phrase') return isFree(node) ? 2 : 1
      return role === 'code' || role === 'status' || role === 'family' || role === 'title' ? 1 : 0
    }
    case 'list':
      return node.isKnown ? eloquenceOf(node.items) : 0
    case 'map':
      return node.isKnown ? eloquenceOf(node.values) : 0
    case 'object':
      return max(
        node.members.map(({ node: inner }) =>
          inner.kind === 'object' && inner.envelope === 0 ? 0 : eloquenceOf(inner),
        ),
      )
  }
}

const max = (all: readonly (0 | 1 | 2)[]): 0 | 1 | 2 => (all.includes(2) ? 2 : all.includes(1) ? 1 : 0)

/** A word for programs that a shape names, such as `INVALID_REQUEST`. */
export function wordOf(node: ErrorNode): string | undefined {
  switch (node.kind) {
    case 'choice':
      return firstOf(node.options)
    case 'object':
      return firstOf(node.members.map((one) => one.node))
    case 'list':
      return wordOf(node.items)
    case 'map':
      return wordOf(node.values)
    case 'leaf': {
      const { meaning, values = [], seen } = node
      const isWord = meaning?.role === 'code' || meaning?.role === 'family'
      return isWord ? [...values, ...seen].find(isCodeText) : undefined
    }
  }
}

function firstOf(nodes: readonly ErrorNode[]): string | undefined {
  for (const node of nodes) {
    const found = wordOf(node)
    if (found !== undefined) return found
  }
  return undefined
}

const isCodeText = (value: unknown): value is string => typeof value === 'string' && isCode(value)

/** Whether an error has more of an error than a text, which other things have as well. */
export function saysMore(shape: ErrorNode): boolean {
  if (eloquenceOf(shape) < 2) return false
  if (shape.kind === 'list') return saysMore(shape.items)
  if (shape.kind !== 'object') return shape.kind === 'choice'
  const [only] = shape.members
  if (shape.members.length === 1 && only !== undefined && only.node.kind !== 'leaf')
    return saysMore(only.node)
  const others = shape.members.filter(({ node }) => {
    if (node.kind !== 'leaf') return node.kind === 'object' ? node.envelope > 0 : eloquenceOf(node) > 0
    return node.meaning !== undefined && node.meaning.role !== 'text'
  })
  return others.length > 0
}

/**
 * The one member of errors that are all about places in the request. Where APIs with such errors have something else
 * to say, they say it as text in the same member, as FastAPI does in `detail`.
 */
export function nameOfPlacedErrors(shape: ErrorNode): string | undefined {
  if (shape.kind !== 'object' || shape.members.length !== 1) return undefined
  const [only] = shape.members
  const items = only?.node.kind === 'list' ? only.node.items : undefined
  if (only === undefined || items?.kind !== 'object') return undefined
  const needsPlace = items.members.some(
    ({ required, node }) => required && node.kind === 'list' && node.meaning?.role === 'location',
  )
  return needsPlace ? only.name : undefined
}
