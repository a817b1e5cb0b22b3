// Schemas of every dialect as JSON Schema 2020-12, one node at a time. A reference becomes a link that is followed
// when data or a sample needs it, so a document of any size costs only what is used of it.

import type { ApiDocument } from '../document/document.js'
import { isObject, type JsonObject, lazy, segmentsOf, stringMember } from '../json.js'
import { type Conversion, convertObject, type Mode } from './conversion.js'
import { findHeirs } from './inheritance.js'
import { LINK, type Schema } from './schema.js'

export type { Mode } from './conversion.js'

export interface Schemas {
  /** A node of the document as JSON Schema 2020-12; anything that is no schema accepts everything. */
  convert(node: unknown, mode: Mode): Schema
  /** The schema behind a link. */
  target(link: string): Schema
  /** The name of the schema behind a link: the last segment of its pointer. */
  nameOf(link: string): string
  /** Whether links are written as `$ref`, because a schema asks what others have evaluated. */
  readonly usesReferences: boolean
}

const MAX_HOPS = 64

export function createSchemas(document: ApiDocument): Schemas {
  const { deref, resolvePointer } = document
  const is31 = document.dialect === 'openapi-3.1'
  const usesReferences = is31 && mentionsUnevaluated(document.root)
  const pointers: string[] = []
  const indexes = new Map<string, number>()
  const targets = new Map<string, Schema>()

  const heirs = lazy(() => findHeirs(resolvePointer))

  const linkTo = (reference: string, mode: Mode): Schema => {
    if (!reference.startsWith('#')) return true
    let index = indexes.get(reference)
    if (index === undefined) {
      index = pointers.push(reference) - 1
      indexes.set(reference, index)
    }
    return { [usesReferences ? '$ref' : LINK]: `${mode}-${index}` }
  }
  const nameOf = (link: string): string => segmentsOf(pointers[Number(link.split('-')[1])] ?? '').at(-1) ?? ''

  const converterTo = (mode: Mode): ((node: unknown) => Schema) => {
    const converted = new WeakMap<object, Schema>()
    const convert = (node: unknown): Schema => {
      if (typeof node === 'boolean') return node
      if (!isObject(node)) return true
      const known = converted.get(node)
      if (known !== undefined) return known
      const schema = convertObject(node, conversion)
      converted.set(node, schema)
      return schema
    }
    const linkHere = (reference: string): Schema => linkTo(reference, mode)
    const heirsOf = (reference: string) => heirs().get(reference)?.[mode]
    const conversion: Conversion = { mode, is31, deref, convert, linkTo: linkHere, heirsOf, nameOf }
    return convert
  }
  const converters = { request: converterTo('request'), response: converterTo('response') }

  return {
    convert: (node, mode) => converters[mode](node),
    target(link) {
      const known = targets.get(link)
      if (known !== undefined) return known
      const [mode, index] = link.split('-')
      const node = followAll(pointers[Number(index)] ?? '', resolvePointer)
      const target = converters[mode === 'request' ? 'request' : 'response'](node)
      targets.set(link, target)
      return target
    },
    nameOf,
    usesReferences,
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

function mentionsUnevaluated(root: JsonObject): boolean {
  const stack: unknown[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === null || typeof node !== 'object') continue
    if (Object.hasOwn(node, 'unevaluatedProperties') || Object.hasOwn(node, 'unevaluatedItems')) return true
    for (const child of Object.values(node))
      if (child !== null && typeof child === 'object') stack.push(child)
  }
  return false
}
