// Schemas of every dialect as JSON Schema 2020-12, one node at a time. A reference becomes a link that is followed
// when data or a sample needs it, so a document of any size costs only what is used of it.

import type { ApiDocument } from '../document/document.js'
import { isObject, type JsonObject, lazy, mentions, segmentsOf, stringMember } from '../json.js'
import { type Conversion, convertObject, type Mode } from './conversion.js'
import { createDynamicScopes, type DynamicScope } from './dynamic-scope.js'
import { findHeirs } from './inheritance.js'
import { createOutlines, type Outline } from './outline.js'
import { createPatterns, type Patterns } from './patterns.js'
import { LINK, type Schema } from './schema.js'

export type { Mode } from './conversion.js'

export interface Schemas {
  /** A node of the document as JSON Schema 2020-12; anything that is no schema accepts everything. */
  convert(node: unknown, mode: Mode): Schema
  /** The schema behind a link. */
  target(link: string): Schema
  /** The name of the schema behind a link: the last segment of its pointer. */
  nameOf(link: string): string
  /** What a schema shows of a value without being compiled. */
  outline(schema: JsonObject): Outline
  readonly patterns: Patterns
}

const MAX_HOPS = 64

/** What a link leads to, and where it stands. */
interface Target {
  readonly reference: string
  /** The schema itself, where the place decides and not the reference. */
  readonly node: JsonObject | undefined
  readonly scope: DynamicScope
  /** How the schema differs from the one that the reference names. */
  readonly variant?: string
}

interface Converter {
  convert(node: unknown): Schema
  /** Converts a copy itself; {@link convert} makes a link to it. */
  convertCopy(copy: JsonObject): Schema
}

export function createSchemas(document: ApiDocument): Schemas {
  const { deref, resolvePointer, root } = document
  const is31 = document.dialect === 'openapi-3.1'
  const scopes = is31 && mentions(root, ['$dynamicRef']) ? createDynamicScopes(root) : undefined
  const outermost = scopes?.outermost ?? { key: '', anchors: new Map() }
  const targets = new Map<string, Schema>()

  const heirs = lazy(() => findHeirs(resolvePointer))
  const patterns = createPatterns()
  const matches = (pattern: string, name: string) => patterns.compiled(pattern).test(name)

  const { linkTo, placeOf, nameOf } = createPlaces()
  const converters = new Map<string, Converter>()
  const converterTo = (mode: Mode, scope: DynamicScope): Converter => {
    const name = mode + scope.key
    const found = converters.get(name) ?? createConverter(mode, scope)
    converters.set(name, found)
    return found
  }

  const createConverter = (mode: Mode, scope: DynamicScope): Converter => {
    const converted = new WeakMap<object, Schema>()
    const copies = new WeakMap<object, Target>()
    const convert = (node: unknown): Schema => {
      if (typeof node === 'boolean') return node
      if (!isObject(node)) return true
      const known = converted.get(node)
      if (known !== undefined) return known
      const schema = convertObject(node, conversion)
      converted.set(node, schema)
      return schema
    }
    const linkHere = (reference: string): Schema => linkTo(mode, { reference, node: undefined, scope })
    const linkToAnchor = (reference: string): Schema =>
      linkTo(mode, { reference, node: scope.anchors.get(reference.slice(1)), scope })
    const heirsOf = (reference: string) => heirs().get(reference)?.[mode]
    const inPlaceOf = (part: unknown, copy: JsonObject, variant: string): JsonObject => {
      const known = isObject(part) ? copies.get(part) : undefined
      const reference = known?.reference ?? stringMember(part, '$ref')
      if (reference === undefined) return copy
      const place = { reference, node: copy, scope, variant: `${known?.variant ?? ''} ${variant}` }
      copies.set(copy, place)
      converted.set(copy, linkTo(mode, place))
      return copy
    }
    const links = { linkTo: linkHere, linkToAnchor, inPlaceOf, heirsOf, nameOf }
    const conversion: Conversion = { mode, is31, deref, matches, convert, ...links }
    return { convert, convertCopy: (copy) => convertObject(copy, conversion) }
  }

  const plain = { request: converterTo('request', outermost), response: converterTo('response', outermost) }

  const targetOf = (link: string): Schema => {
    const mode = link.startsWith('request') ? 'request' : 'response'
    const place: Target = placeOf(link) ?? { reference: '', node: undefined, scope: outermost }
    const { reference, scope } = place
    const node = place.node ?? followAll(reference, resolvePointer)
    const inner = scopes?.within(scope, scopes.resourceOf(reference, node)) ?? scope
    const { convert, convertCopy } = converterTo(mode, inner)
    const isCopy = place.variant !== undefined && isObject(node)
    return isCopy ? convertCopy(node) : convert(node)
  }
  const target = (link: string): Schema => {
    const found = targets.get(link) ?? targetOf(link)
    targets.set(link, found)
    return found
  }

  return {
    convert(node, mode) {
      const scope = scopes?.within(outermost, node) ?? outermost
      return scope === outermost ? plain[mode].convert(node) : converterTo(mode, scope).convert(node)
    },
    target,
    nameOf,
    outline: createOutlines(target),
    patterns,
  }
}

/** What the links stand for. */
function createPlaces() {
  const places: Target[] = []
  const indexes = new Map<string, number>()
  const placeOf = (link: string): Target | undefined => places[Number(link.split('-')[1])]
  return {
    linkTo(mode: Mode, place: Target): Schema {
      const { reference, node, scope, variant = node === undefined ? '' : ' dynamic' } = place
      if (!reference.startsWith('#')) return true
      const key = `${reference}${scope.key}${variant}`
      let index = indexes.get(key)
      if (index === undefined) {
        index = places.push(place) - 1
        indexes.set(key, index)
      }
      return { [LINK]: `${mode}-${index}` }
    },
    placeOf,
    nameOf: (link: string): string => segmentsOf(placeOf(link)?.reference ?? '').at(-1) ?? '',
  }
}

/** The first node that is more than a reference; undefined for a circle of references. */
function followAll(first: string, resolvePointer: ApiDocument['resolvePointer']): unknown {
  let reference = first
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    const node = resolvePointer(reference.slice(1))
    const next = stringMember(node, '$ref')
    if (!next?.startsWith('#') || !isObject(node) || Object.keys(node).length > 1) return node
    reference = next
  }
  return undefined
}
