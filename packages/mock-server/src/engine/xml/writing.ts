// Values as XML, by the `xml` keywords of their schema. Every answer has one root element, and every prefix that it
// uses is declared.

import { isObject } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Layout, Layouts, NodeName } from './layouts.js'
import { TEXT_MEMBER } from './reading.js'
import { SCHEMA_INSTANCE } from './tree.js'

/** The namespaces in scope, by prefix. */
type Scope = ReadonlyMap<string, string>

interface Written {
  attributes: string
  content: string
}

export function createXmlWriter(layouts: Layouts): (value: unknown, schema: Schema) => string {
  /** @param itemName of the elements within, where the value is a list. */
  const elementOf = (
    value: unknown,
    schema: Schema,
    name: NodeName,
    scope: Scope,
    itemName: string,
  ): string => {
    const { declarations, inner, tag } = declared(name, scope)
    if (value === null || value === undefined)
      return `<${tag}${declarations} xmlns:xsi="${SCHEMA_INSTANCE}" xsi:nil="true"/>`
    const written: Written = { attributes: declarations, content: '' }
    const layout = layouts.of(schema)
    if (Array.isArray(value)) written.content = itemsOf(value, layout, itemName, inner, true)
    else if (isObject(value)) addMembers(value, layout, inner, written)
    else written.content = escapeText(String(value))
    const { attributes, content } = written
    return content === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${content}</${tag}>`
  }

  const itemsOf = (
    list: readonly unknown[],
    layout: Layout,
    inferred: string,
    scope: Scope,
    isWrapped: boolean,
  ): string =>
    list
      .map((item, index) => {
        const schema = layout.items(index)
        const own = layouts.of(schema)
        if (isWrapped && own.kind === 'text') return escapeText(textOf(item))
        if (isWrapped && own.kind === 'cdata') return cdata(textOf(item))
        const name = own.name ?? inferred
        return elementOf(item, schema, nodeName(own, name), scope, name)
      })
      .join('')

  const addMembers = (object: object, layout: Layout, scope: Scope, written: Written): void => {
    for (const [property, value] of Object.entries(object)) {
      if (value === undefined) continue
      if (property === TEXT_MEMBER) {
        written.content += escapeText(textOf(value))
        continue
      }
      addMember(property, value, layout.properties.get(property) ?? layout.others, scope, written)
    }
  }

  const addMember = (
    property: string,
    value: unknown,
    schema: Schema,
    scope: Scope,
    written: Written,
  ): void => {
    const own = layouts.of(schema)
    const name = nodeName(own, own.name ?? property)
    switch (own.kind) {
      case 'attribute':
        addAttribute(name, value, scope, written)
        return
      case 'text':
        written.content += escapeText(textOf(value ?? ''))
        return
      case 'cdata':
        written.content += cdata(textOf(value ?? ''))
        return
      case 'none':
        if (!isObject(value)) break
        addMembers(value, own, scope, written)
        return
    }
    const isUnwrapped = Array.isArray(value) && own.kind !== 'element'
    written.content += isUnwrapped
      ? itemsOf(value, own, property, scope, false)
      : elementOf(value, schema, name, scope, name.local)
  }

  return (value, schema) => {
    const root = elementOf(value, schema, layouts.rootOf(schema), new Map(), layouts.rootItem(schema))
    return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`
  }
}

function addAttribute(name: NodeName, value: unknown, scope: Scope, written: Written): void {
  // Null has no form there (OpenAPI 3.2, section 4.26.5).
  if (value === null) return
  const { declarations, tag } = declared(name, scope, false)
  const text = Array.isArray(value) ? value.map(textOf).join(' ') : textOf(value)
  if (!written.attributes.includes(declarations)) written.attributes += declarations
  written.attributes += ` ${tag}="${escapeAttribute(text)}"`
}

const nodeName = ({ prefix, namespace }: Layout, local: string): NodeName => ({ local, prefix, namespace })

/** A name as a tag, with the declarations that it needs where it stands. */
function declared({ local, prefix, namespace }: NodeName, scope: Scope, mayBeDefault = true) {
  const tag = prefix === undefined ? asName(local) : `${asName(prefix)}:${asName(local)}`
  const key = prefix === undefined ? '' : asName(prefix)
  // A prefix that nothing declares would leave the XML unreadable.
  const wanted = namespace ?? (key === '' ? undefined : (scope.get(key) ?? `urn:${key}`))
  const isKnown =
    wanted === undefined || scope.get(key) === wanted || key === 'xml' || (key === '' && !mayBeDefault)
  if (isKnown) return { tag, inner: scope, declarations: '' }
  const declarations = ` xmlns${key === '' ? '' : `:${key}`}="${escapeAttribute(wanted)}"`
  return { tag, inner: new Map([...scope, [key, wanted]]), declarations }
}

/** XML 1.0, section 2.3, without the letters that hardly anybody uses. */
const asName = (text: string): string =>
  text.replace(/[^\p{L}\p{N}._-]/gu, '_').replace(/^[^\p{L}_]/u, (first) => `_${first}`) || '_'

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' },
  // Parsers read these as something else where they are not escaped.
  ...{ '\r': '&#13;', '\n': '&#10;', '\t': '&#9;' },
}

/** Letters that XML has no form for (XML 1.0, section 2.2). */
const FORBIDDEN = /[^\P{Cc}\t\n\r\x7f-\x9f]|[\p{Cs}\ufffe\uffff]/gu

const escapeText = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[<>&\r]/g, (letter) => ENTITIES[letter] ?? letter)

const escapeAttribute = (text: string): string =>
  escapeText(text).replace(/["\n\t]/g, (letter) => ENTITIES[letter] ?? letter)

const cdata = (text: string): string =>
  `<![CDATA[${text.replace(FORBIDDEN, '\ufffd').replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

const textOf = (value: unknown): string =>
  value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value)
