// How a schema lies in XML: the names, namespaces and kinds of nodes that its `xml` keywords say, worked out once
// for each schema that a value needs.

import { arrayMember, isObject, type JsonObject, stringMember } from '../json.js'
import { linkOf, type Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { flattened, possibleTypes } from '../schema/shape.js'

/** OpenAPI 3.2, section 4.26.2; `attribute` and `wrapped` of earlier versions say the same of some of them. */
export type NodeKind = 'element' | 'attribute' | 'text' | 'cdata' | 'none'

/** A name as the `xml` keyword gives it. */
export interface NodeName {
  readonly local: string
  readonly prefix: string | undefined
  readonly namespace: string | undefined
}

export interface Layout {
  readonly types: ReadonlySet<string> | undefined
  /** Undefined where the document leaves it to the kind of value. */
  readonly kind: NodeKind | undefined
  /** What the document calls its element, whatever the property is called. */
  readonly name: string | undefined
  readonly prefix: string | undefined
  readonly namespace: string | undefined
  readonly properties: ReadonlyMap<string, Schema>
  readonly required: ReadonlySet<string>
  /** Of members that are not listed. */
  readonly others: Schema
  /** Of the item at an index. */
  readonly items: (index: number) => Schema
  /** How many of the items have schemas of their own. */
  readonly tupleLength: number
}

export interface Layouts {
  of(schema: Schema): Layout
  /** The name of the element that stands for a whole body; `isGiven` where the document itself names it. */
  rootOf(schema: Schema): NodeName & { readonly isGiven: boolean }
  /** The name of the elements that are the items of the list that is a whole body. */
  rootItem(schema: Schema): string
}

const KINDS: ReadonlySet<unknown> = new Set<NodeKind>(['element', 'attribute', 'text', 'cdata', 'none'])

/** @param namesComponents whether an element of a referenced schema has that schema's name (OpenAPI 3.2). */
export function createLayouts(schemas: Schemas, namesComponents: boolean): Layouts {
  const known = new WeakMap<object, Layout>()

  const of = (schema: Schema): Layout => {
    const key = isObject(schema) ? schema : ANYTHING
    let layout = known.get(key)
    if (layout === undefined) {
      layout = layoutOf(isObject(schema) ? schema : true)
      known.set(key, layout)
    }
    return layout
  }

  /** The `xml` of a schema and of what it refers to, its own last. */
  const keywordsOf = (schema: Schema, seen = new Set<string>()): JsonObject => {
    if (!isObject(schema)) return {}
    // Without a prototype, so that a member named __proto__ is one like any other.
    const keywords: JsonObject = Object.create(null)
    const link = linkOf(schema)
    if (link !== undefined && !seen.has(link)) {
      seen.add(link)
      Object.assign(keywords, keywordsOf(schemas.target(link), seen))
    }
    for (const part of arrayMember(schema, 'allOf')) Object.assign(keywords, keywordsOf(part as Schema, seen))
    return Object.assign(keywords, schema.xml)
  }

  const layoutOf = (schema: Schema): Layout => {
    const shape = flattened(schemas, schema)
    const xml = keywordsOf(schema)
    const link = isObject(schema) ? linkOf(schema) : undefined
    const component = namesComponents && link !== undefined ? schemas.nameOf(link) : undefined
    const rest = conjunctionOf(shape.items)
    const tuple = shape.prefixItems
    return {
      types: possibleTypes(schemas, schema),
      kind: kindOf(xml),
      name: stringMember(xml, 'name') ?? component,
      prefix: stringMember(xml, 'prefix'),
      namespace: stringMember(xml, 'namespace'),
      properties: new Map([...shape.properties].map(([name, all]) => [name, conjunctionOf(all)])),
      required: shape.required,
      others: conjunctionOf(shape.nameRules.map((rule) => rule.others).filter(isObject)),
      items: (index) => tuple[index] ?? rest,
      tupleLength: tuple.length,
    }
  }

  const componentOf = (schema: Schema): string | undefined => {
    const [link] = flattened(schemas, schema).links
    return link === undefined ? undefined : schemas.nameOf(link)
  }
  const rootItem = (schema: Schema): string => {
    const item = of(schema).items(0)
    return of(item).name ?? componentOf(item) ?? 'item'
  }

  return {
    of,
    rootItem,
    rootOf(schema) {
      const { kind, name, prefix, namespace, types } = of(schema)
      const given = kind === 'none' ? undefined : name
      const inferred = types?.has('array') === true ? `${rootItem(schema)}s` : 'root'
      return {
        local: given ?? componentOf(schema) ?? inferred,
        prefix,
        namespace,
        isGiven: given !== undefined,
      }
    },
  }
}

const conjunctionOf = (schemas: readonly Schema[]): Schema =>
  schemas.length === 0 ? true : schemas.length === 1 ? (schemas[0] ?? true) : { allOf: schemas }

const ANYTHING = {}

function kindOf(xml: JsonObject): NodeKind | undefined {
  if (KINDS.has(xml.nodeType)) return xml.nodeType as NodeKind
  if (xml.attribute === true) return 'attribute'
  return xml.wrapped === true ? 'element' : undefined
}
