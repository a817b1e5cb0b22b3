// Elements as the values that a schema describes: attributes, elements and text become members, repeated elements
// lists. What the schema does not describe is kept under its own name, so that validation finds it.

import { grouped, setMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Layout, Layouts } from './layouts.js'
import { SCHEMA_INSTANCE, type XmlAttribute, type XmlElement, type XmlName } from './tree.js'

/** The member for text beside elements or attributes that the schema has no place for. */
export const TEXT_MEMBER = '#text'

export type XmlValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }

/** Gives a text the type that a schema asks for. */
type Coerce = (text: string, schema: Schema) => unknown

export function createXmlReader(
  layouts: Layouts,
  coerce: Coerce,
): (root: XmlElement, schema: Schema) => XmlValue {
  const reader = new XmlReader(layouts, coerce)
  return (root, schema) => {
    const expected = layouts.rootOf(schema)
    if (expected.isGiven && !isNamed(root, expected, expected.local))
      return { ok: false, message: `The root element is <${root.local}>, and not <${expected.local}>` }
    return { ok: true, value: reader.elementValue(root, schema, layouts.rootItem(schema)) }
  }
}

class XmlReader {
  readonly #layouts: Layouts
  readonly #coerce: Coerce

  constructor(layouts: Layouts, coerce: Coerce) {
    this.#layouts = layouts
    this.#coerce = coerce
  }

  elementValue(element: XmlElement, schema: Schema, itemName?: string): unknown {
    if (isNil(element)) return null
    const layout = this.#layouts.of(schema)
    const { types } = layout
    if (types?.has('array') === true && layout.properties.size === 0) {
      const list = this.#listOf(element, layout, itemName ?? element.local)
      if (list !== undefined) return list
    }
    const isObjectOnly = types?.has('object') === true && !SCALARS.some((type) => types.has(type))
    return hasStructure(element) || isObjectOnly
      ? this.#objectOf(element, layout)
      : this.#scalarOf(textOf(element), schema)
  }

  #scalarOf(text: string, schema: Schema): unknown {
    const value = this.#coerce(text, schema)
    // Space around a number means nothing (XML Schema, part 2, section 4.3.6).
    return value === text && this.#layouts.of(schema).types?.has('string') === false
      ? this.#coerce(text.trim(), schema)
      : value
  }

  /** The items within an element that stands for a list; undefined where it holds something else. */
  #listOf(element: XmlElement, layout: Layout, itemName: string): unknown[] | undefined {
    const list: unknown[] = []
    for (const [index, child] of element.children.entries()) {
      const schema = layout.items(index)
      const item = this.#layouts.of(schema)
      if (!isItem(child, item, itemName)) {
        if (isBlank(child)) continue
        return undefined
      }
      list.push(
        typeof child === 'string'
          ? this.#scalarOf(child, schema)
          : this.elementValue(child, schema, item.name ?? itemName),
      )
    }
    return list
  }

  #objectOf(element: XmlElement, layout: Layout): object {
    const object = {}
    const rest = restOf(element)
    this.#readProperties(layout, rest, object)
    this.#readRest(layout, rest, object)
    const text = rest.text ?? ''
    if (text.trim() !== '') setMember(object, TEXT_MEMBER, text)
    return object
  }

  #readProperties(layout: Layout, rest: Rest, object: object): void {
    for (const [property, schema] of layout.properties) {
      const value = this.#propertyOf(property, schema, layout.required.has(property), rest)
      if (value !== undefined) setMember(object, property, value)
    }
  }

  #propertyOf(property: string, schema: Schema, isRequired: boolean, rest: Rest): unknown {
    const own = this.#layouts.of(schema)
    const isList = own.types?.has('array') === true
    if (own.kind === 'attribute') return this.#attributeOf(property, schema, isRequired, rest)
    if (own.kind === 'text' || own.kind === 'cdata') {
      const { text } = rest
      rest.text = undefined
      return text === undefined ? undefined : this.#scalarOf(text, schema)
    }
    if (own.kind === 'none' && !isList) return this.#inlined(own, rest)
    if (isList && own.kind !== 'element') {
      const found = this.#itemsAmong(property, own, rest)
      const isEmpty = isRequired && own.types?.has('null') !== true
      return found.length > 0 || isEmpty ? found : undefined
    }
    const name = own.name ?? property
    const values = take(rest.elements, name, own).map((one) => this.elementValue(one, schema, name))
    return values.length > 1 ? values : values[0]
  }

  #attributeOf(property: string, schema: Schema, isRequired: boolean, { attributes }: Rest): unknown {
    const own = this.#layouts.of(schema)
    const [found] = take(attributes, own.name ?? property, own, 1)
    if (found === undefined) return own.types?.has('null') === true && isRequired ? null : undefined
    if (own.types?.has('array') !== true || own.types.has('string'))
      return this.#scalarOf(found.value, schema)
    const parts = found.value.split(/\s+/).filter((part) => part !== '')
    return parts.map((part, index) => this.#scalarOf(part, own.items(index)))
  }

  /** The items of a list that has no element of its own. */
  #itemsAmong(property: string, list: Layout, rest: Rest): unknown[] {
    const nameAt = (index: number): string => this.#layouts.of(list.items(index)).name ?? property
    const items = (index: number, most?: number): XmlElement[] =>
      take(rest.elements, nameAt(index), this.#layouts.of(list.items(index)), most)
    const found: XmlElement[] = []
    for (let index = 0; index < list.tupleLength; index++) found.push(...items(index, 1))
    for (const one of items(list.tupleLength)) found.push(one)
    return found.map((one, index) => this.elementValue(one, list.items(index), nameAt(index)))
  }

  /** An object whose members stand among those of the one around it. */
  #inlined(layout: Layout, rest: Rest): unknown {
    const object = {}
    this.#readProperties(layout, rest, object)
    return Object.keys(object).length > 0 ? object : undefined
  }

  /** What no property describes, under its own name. */
  #readRest({ properties, others }: Layout, { attributes, elements }: Rest, object: object): void {
    // A described name that stands in another kind of node, or in another namespace, is not that property.
    const isTaken = (name: string): boolean => properties.has(name) || Object.hasOwn(object, name)
    for (const [name, [attribute]] of attributes)
      if (attribute !== undefined && !isTaken(name))
        setMember(object, name, this.#scalarOf(attribute.value, others))
    const { types, kind, items } = this.#layouts.of(others)
    const isList = types?.has('array') === true && kind !== 'element'
    for (const [name, found] of elements) {
      if (found.length === 0 || isTaken(name)) continue
      const values = found.map((one, index) => this.elementValue(one, isList ? items(index) : others))
      setMember(object, name, isList || values.length > 1 ? values : values[0])
    }
  }
}

/** Whether a node can be an item of a list: text where items are text, otherwise an element of their name. */
function isItem(child: XmlElement | string, item: Layout, inferred: string): boolean {
  const isText = item.kind === 'text' || item.kind === 'cdata'
  if (typeof child === 'string') return isText
  return !isText && isNamed(child, item, item.name ?? inferred)
}

const isBlank = (child: XmlElement | string): boolean => typeof child === 'string' && child.trim() === ''

const SCALARS = ['string', 'integer', 'number', 'boolean'] as const

/** What of an element nothing has taken yet, by name. */
interface Rest {
  readonly attributes: Map<string, XmlAttribute[]>
  readonly elements: Map<string, XmlElement[]>
  text: string | undefined
}

function restOf(element: XmlElement): Rest {
  const elements = element.children.filter((child) => typeof child !== 'string')
  const attributes = element.attributes.filter(({ namespace }) => namespace !== SCHEMA_INSTANCE)
  return { attributes: byName(attributes), elements: byName(elements), text: textOf(element) }
}

const byName = <T extends XmlName>(nodes: readonly T[]): Map<string, T[]> =>
  grouped(nodes.map((node) => [node.local, node]))

/** Takes the nodes of a name out of what is left. */
function take<T extends XmlName>(
  rest: Map<string, T[]>,
  name: string,
  wanted: { readonly namespace: string | undefined },
  most = Number.POSITIVE_INFINITY,
): T[] {
  const taken: T[] = []
  const left: T[] = []
  for (const one of rest.get(name) ?? [])
    (taken.length < most && isNamed(one, wanted, name) ? taken : left).push(one)
  rest.set(name, left)
  return taken
}

const textOf = ({ children }: XmlElement): string =>
  children.filter((child) => typeof child === 'string').join('')

const hasStructure = ({ children, attributes }: XmlElement): boolean =>
  children.some((child) => typeof child !== 'string') ||
  attributes.some(({ namespace }) => namespace !== SCHEMA_INSTANCE)

const isNil = ({ attributes }: XmlElement): boolean =>
  attributes.some(
    ({ local, namespace, value }) =>
      local === 'nil' && namespace === SCHEMA_INSTANCE && /^(true|1)$/.test(value),
  )

/** Clients often leave namespaces out; a name of another namespace is another name. */
const isNamed = (
  node: { readonly local: string; readonly namespace: string | undefined },
  wanted: { readonly namespace: string | undefined },
  local: string,
): boolean =>
  node.local === local &&
  (wanted.namespace === undefined || node.namespace === undefined || node.namespace === wanted.namespace)
