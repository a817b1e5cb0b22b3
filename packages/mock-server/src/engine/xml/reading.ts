// Elements as the values that a schema describes: attributes, elements and text become members, repeated elements
// lists. What the schema does not describe is kept under its own name, so that validation finds it.

import { setMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Layout, Layouts } from './layouts.js'
import { SCHEMA_INSTANCE, type XmlAttribute, type XmlElement, type XmlName } from './tree.js'

/** The member for text beside elements or attributes that the schema has no place for. */
export const TEXT_MEMBER = '#text'

export type XmlValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }

/** @param coerce gives a text the type that a schema asks for. */
export function createXmlReader(
  layouts: Layouts,
  coerce: (text: string, schema: Schema) => unknown,
): (root: XmlElement, schema: Schema) => XmlValue {
  const scalarOf = (text: string, schema: Schema): unknown => {
    const value = coerce(text, schema)
    // Space around a number means nothing (XML Schema, part 2, section 4.3.6).
    return value === text && layouts.of(schema).types?.has('string') === false
      ? coerce(text.trim(), schema)
      : value
  }

  const elementValue = (element: XmlElement, schema: Schema, itemName?: string): unknown => {
    if (isNil(element)) return null
    const layout = layouts.of(schema)
    const { types } = layout
    if (types?.has('array') === true && layout.properties.size === 0) {
      const list = listOf(element, layout, itemName ?? element.local)
      if (list !== undefined) return list
    }
    const isStructure = hasStructure(element)
    const isObjectOnly = types?.has('object') === true && !SCALARS.some((type) => types.has(type))
    if (!isStructure && !isObjectOnly) return scalarOf(textOf(element), schema)
    return objectOf(element, layout)
  }

  /** The items within an element that stands for a list; undefined where it holds something else. */
  const listOf = (element: XmlElement, layout: Layout, itemName: string): unknown[] | undefined => {
    const list: unknown[] = []
    for (const [index, child] of element.children.entries()) {
      const schema = layout.items(index)
      const item = layouts.of(schema)
      const isText = item.kind === 'text' || item.kind === 'cdata'
      if (typeof child === 'string') {
        if (!isText && child.trim() === '') continue
        if (!isText) return undefined
        list.push(scalarOf(child, schema))
        continue
      }
      if (isText || !isNamed(child, item, item.name ?? itemName)) return undefined
      list.push(elementValue(child, schema, item.name ?? itemName))
    }
    return list
  }

  const objectOf = (element: XmlElement, layout: Layout): object => {
    const object = {}
    const rest = restOf(element)
    readProperties(layout, rest, object)
    readRest(layout, rest, object)
    const text = rest.text ?? ''
    if (text.trim() !== '') setMember(object, TEXT_MEMBER, text)
    return object
  }

  const readProperties = (layout: Layout, rest: Rest, object: object): void => {
    for (const [property, schema] of layout.properties) {
      const value = propertyOf(property, schema, layout, rest)
      if (value !== undefined) setMember(object, property, value)
    }
  }

  const propertyOf = (property: string, schema: Schema, parent: Layout, rest: Rest): unknown => {
    const own = layouts.of(schema)
    const isList = own.types?.has('array') === true
    switch (own.kind) {
      case 'attribute': {
        const found = take(rest.attributes, own.name ?? property, own, 1)[0]
        if (found !== undefined) return attributeValue(found.value, schema, own)
        return own.types?.has('null') === true && parent.required.has(property) ? null : undefined
      }
      case 'text':
      case 'cdata': {
        const { text } = rest
        rest.text = undefined
        return text === undefined ? undefined : scalarOf(text, schema)
      }
      case 'none':
        if (!isList) return inlined(own, rest)
    }
    if (isList && own.kind !== 'element') {
      const found = itemsAmong(property, own, rest)
      return found.length > 0 || !parent.required.has(property) || own.types?.has('null') === true
        ? found.length > 0
          ? found
          : undefined
        : []
    }
    const name = own.name ?? property
    const found = take(rest.elements, name, own)
    const values = found.map((one) => elementValue(one, schema, name))
    return values.length > 1 ? values : values[0]
  }

  /** The items of a list that has no element of its own. */
  const itemsAmong = (property: string, list: Layout, rest: Rest): unknown[] => {
    const items = (index: number, most?: number): XmlElement[] => {
      const item = layouts.of(list.items(index))
      return take(rest.elements, item.name ?? property, item, most)
    }
    const found: XmlElement[] = []
    for (let index = 0; index < list.tupleLength; index++) found.push(...items(index, 1))
    for (const one of items(list.tupleLength)) found.push(one)
    return found.map((one, index) =>
      elementValue(one, list.items(index), layouts.of(list.items(index)).name ?? property),
    )
  }

  /** An object whose members stand among those of the one around it. */
  const inlined = (layout: Layout, rest: Rest): unknown => {
    const object = {}
    readProperties(layout, rest, object)
    return Object.keys(object).length > 0 ? object : undefined
  }

  const attributeValue = (text: string, schema: Schema, { types, items }: Layout): unknown =>
    types?.has('array') === true && !types.has('string')
      ? text
          .split(/\s+/)
          .filter((part) => part !== '')
          .map((part, index) => scalarOf(part, items(index)))
      : scalarOf(text, schema)

  /** What no property describes, under its own name. */
  const readRest = (layout: Layout, { attributes, elements }: Rest, object: object): void => {
    const { properties, others } = layout
    // A described name that stands in another kind of node, or in another namespace, is not that property.
    const isTaken = (name: string): boolean => properties.has(name) || Object.hasOwn(object, name)
    for (const [name, [attribute]] of attributes)
      if (attribute !== undefined && !isTaken(name))
        setMember(object, name, scalarOf(attribute.value, others))
    const { types, kind, items } = layouts.of(others)
    const isList = types?.has('array') === true && kind !== 'element'
    for (const [name, found] of elements) {
      if (found.length === 0 || isTaken(name)) continue
      const values = found.map((one, index) => elementValue(one, isList ? items(index) : others))
      setMember(object, name, isList || values.length > 1 ? values : values[0])
    }
  }

  return (root, schema) => {
    const expected = layouts.rootOf(schema)
    if (expected.isGiven && !isNamed(root, expected, expected.local))
      return { ok: false, message: `The root element is <${root.local}>, and not <${expected.local}>` }
    return { ok: true, value: elementValue(root, schema, layouts.rootItem(schema)) }
  }
}

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

function byName<T extends XmlName>(nodes: readonly T[]): Map<string, T[]> {
  const named = new Map<string, T[]>()
  for (const node of nodes) {
    const same = named.get(node.local)
    if (same === undefined) named.set(node.local, [node])
    else same.push(node)
  }
  return named
}

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
