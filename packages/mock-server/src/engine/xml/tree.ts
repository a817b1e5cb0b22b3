// XML text as a tree of elements with their namespaces. Document types are refused, so that no entity but the five of
// XML itself and numbered characters means anything; what is no XML, or more than is read, is refused with a reason.

import { createRequire } from 'node:module'
import { isObject } from '../json.js'

export interface XmlName {
  /** Without its prefix. */
  readonly local: string
  /** Undefined where none is declared. */
  readonly namespace: string | undefined
}

export interface XmlAttribute extends XmlName {
  readonly value: string
}

export interface XmlElement extends XmlName {
  readonly attributes: readonly XmlAttribute[]
  /** Elements and texts in their order; texts of nothing but space between elements are left out. */
  readonly children: readonly (XmlElement | string)[]
}

export interface XmlLimits {
  readonly maxDepth: number
  /** Of elements and attributes. */
  readonly maxValues: number
}

/** XML takes long to read: more of it is no message. */
const MAX_LENGTH = 4 * 1024 * 1024
export const MAX_XML_VALUES = 50_000

export type ParsedXml =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly status: 400 | 413; readonly message: string }

const require = createRequire(import.meta.url)
const [ATTRIBUTES, TEXT, CDATA] = [':@', '#text', '#cdata']
const DECLARATION = /^xmlns(:|$)/
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'
/** The namespace of `nil`, which says that an element is null. */
export const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance'

const refused = (message: string, status: 400 | 413 = 400): ParsedXml => ({ ok: false, status, message })

export function parseXml(text: string, limits: XmlLimits): ParsedXml {
  if (text.length > MAX_LENGTH) return refused(`The XML is longer than ${MAX_LENGTH} letters`, 413)
  const excess = excessOf(text, limits)
  if (excess !== undefined) return excess
  const { XMLParser, XMLValidator } = require('fast-xml-parser') as typeof import('fast-xml-parser')
  const trimmed = text.replace(/^\uFEFF?\s*/, '')
  const fault = XMLValidator.validate(trimmed)
  if (fault !== true) return refused(`The body is not valid XML: ${fault.err.msg} (line ${fault.err.line})`)
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    textNodeName: TEXT,
    cdataPropName: CDATA,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    // Decoded below, where a reference to anything else is a fault.
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: limits.maxDepth + 1,
    onDangerousProperty: (name: string) => name,
  })
  try {
    const nodes: unknown = parser.parse(trimmed)
    const roots = (Array.isArray(nodes) ? nodes : []).flatMap((node) => elementOf(node, NO_PREFIXES) ?? [])
    const [root] = roots
    return root === undefined || roots.length > 1
      ? refused('The body is not valid XML: it must have one root element')
      : { ok: true, root }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refused(`The body is not valid XML: ${why}`)
  }
}

/** What is too much, or never read, found in one pass before anything is parsed. */
function excessOf(text: string, { maxDepth, maxValues }: XmlLimits): ParsedXml | undefined {
  const most = Math.min(maxValues, MAX_XML_VALUES)
  let [depth, values] = [0, 0]
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const skipped = SKIPPED.find(([opening]) => text.startsWith(opening, at))
    if (skipped !== undefined) {
      const end = text.indexOf(skipped[1], at + skipped[0].length)
      if (end < 0) return refused(`The body is not valid XML: ${skipped[0]} is never closed`)
      at = end + skipped[1].length
      continue
    }
    if (text.startsWith('<!', at))
      return refused('Document type declarations are not read: send the XML without')
    const tag = tagAt(text, at)
    if (tag === undefined) return refused('The body is not valid XML: a tag is never closed')
    depth += tag.depth
    values += tag.values
    if (values > most) return refused(`The XML has more than ${most} elements and attributes`, 413)
    if (depth > maxDepth) return refused(`The body nests deeper than ${maxDepth} levels`)
    at = tag.end + 1
  }
  return values === 0 ? refused('The body is not valid XML: it has no element') : undefined
}

/** A tag, with what it adds to the depth and to the number of elements and attributes; undefined when it is not closed. */
function tagAt(text: string, at: number) {
  const { end, attributes } = endOfTag(text, at + 1)
  if (end < 0) return undefined
  if (text[at + 1] === '/') return { end, depth: -1, values: 0 }
  return { end, depth: text[end - 1] === '/' ? 0 : 1, values: 1 + attributes }
}

const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const

function endOfTag(text: string, start: number): { readonly end: number; readonly attributes: number } {
  let attributes = 0
  for (let at = start; at < text.length; at++) {
    const letter = text[at]
    if (letter === '>') return { end: at, attributes }
    if (letter !== '"' && letter !== "'") continue
    attributes++
    at = text.indexOf(letter, at + 1)
    if (at < 0) break
  }
  return { end: -1, attributes }
}

/** The namespaces that an element declares, and those of the elements around it. */
interface Prefixes {
  readonly own: ReadonlyMap<string, string>
  readonly outer: Prefixes | undefined
}

const NO_PREFIXES: Prefixes = { own: new Map([['xml', XML_NAMESPACE]]), outer: undefined }

function namespaceOf(prefix: string, { own, outer }: Prefixes): string | undefined {
  return own.get(prefix) ?? (outer && namespaceOf(prefix, outer))
}

function nameIn(node: object): string | undefined {
  for (const key in node) if (key !== ATTRIBUTES) return key
  return undefined
}

const NO_ATTRIBUTES: XmlElement['attributes'] = []

/** An element as the parser gives it; undefined for what is none. @throws Error for an unknown entity or prefix. */
function elementOf(node: unknown, outer: Prefixes): XmlElement | undefined {
  if (!isObject(node)) return undefined
  const name = nameIn(node)
  if (name === undefined || name === TEXT || name === CDATA || name.startsWith('?')) return undefined
  const inside = Array.isArray(node[name]) ? (node[name] as readonly unknown[]) : []
  // Most have none.
  if (node[ATTRIBUTES] === undefined) {
    const { local, namespace } = resolve(name, outer)
    return { local, namespace, attributes: NO_ATTRIBUTES, children: childrenOf(inside, outer) }
  }
  const written = Object.entries(isObject(node[ATTRIBUTES]) ? node[ATTRIBUTES] : {})
  const prefixes = declared(written, outer)
  const attributes = written
    .filter(([key]) => !DECLARATION.test(key))
    .map(([key, value]) => {
      // An attribute without a prefix is in no namespace (Namespaces in XML 1.0, section 6.2).
      const named = key.includes(':') ? resolve(key, prefixes) : { local: key, namespace: undefined }
      return { ...named, value: decode(String(value).replace(/[\t\r\n]/g, ' ')) }
    })
  return { ...resolve(name, prefixes), attributes, children: childrenOf(inside, prefixes) }
}

function childrenOf(nodes: readonly unknown[], prefixes: Prefixes): readonly (XmlElement | string)[] {
  const [only] = nodes
  const alone = nodes.length === 1 ? textOf(only) : undefined
  if (alone !== undefined) return [alone]
  const children: (XmlElement | string)[] = []
  for (const node of nodes) {
    const text = textOf(node)
    const child = text ?? elementOf(node, prefixes)
    const last = children.at(-1)
    if (typeof child === 'string' && typeof last === 'string') children[children.length - 1] = last + child
    else if (child !== undefined) children.push(child)
  }
  const hasElements = children.some((child) => typeof child !== 'string')
  return hasElements ? children.filter((child) => typeof child !== 'string' || child.trim() !== '') : children
}

function textOf(node: unknown): string | undefined {
  if (!isObject(node)) return undefined
  if (Object.hasOwn(node, TEXT)) return decode(String(node[TEXT]).replace(/\r\n?/g, '\n'))
  const parts = node[CDATA]
  if (!Array.isArray(parts)) return undefined
  return parts.map((part) => (isObject(part) ? String(part[TEXT] ?? '') : '')).join('')
}

function declared(attributes: readonly (readonly [string, unknown])[], outer: Prefixes): Prefixes {
  const own = attributes.filter(([name]) => DECLARATION.test(name))
  if (own.length === 0) return outer
  return { own: new Map(own.map(([name, value]) => [name.slice(6), decode(String(value))])), outer }
}

function resolve(name: string, prefixes: Prefixes): XmlName {
  const colon = name.indexOf(':')
  if (colon < 0) return { local: name, namespace: namespaceOf('', prefixes) || undefined }
  const prefix = name.slice(0, colon)
  const namespace = namespaceOf(prefix, prefixes)
  if (namespace === undefined) throw new Error(`the prefix ${prefix} is not declared`)
  return { local: name.slice(colon + 1), namespace }
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])
const REFERENCE = /&(?:#x([0-9a-f]{1,6});|#(\d{1,7});|([^\s;&<]{1,50});)?/gi

function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCE, (whole: string, hex?: string, digits?: string, name?: string) => {
    const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16)
    const letter = name === undefined ? letterOf(code) : ENTITIES.get(name)
    if (letter === undefined) throw new Error(`${whole.slice(0, 20)} is not defined`)
    return letter
  })
}

/** XML 1.0, section 2.2. */
const letterOf = (code: number): string | undefined =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)
    ? String.fromCodePoint(code)
    : undefined
