// The formats of strings, each decided in time that grows with the text alone: by expressions that never read far
// more than once, and by ajv-formats where the format itself limits the length.

import { isIPv6 } from 'node:net'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import type { Library } from './library.js'
import { MAX_PATTERN_LENGTH } from './patterns.js'

type TextFormat = (text: string) => boolean

const LABEL = '[a-z0-9]+(?:-+[a-z0-9]+)*'
const ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
const ESCAPE = '%[0-9a-f]{2}'
const manyOf = (characters: string): string => `^(?:[${characters}]|${ESCAPE})*$`
const USUAL = "a-z0-9\\-._~!$&'()*+,;="
const POINTER = '(?:\\/(?:[^~/]|~[01])*)*'
/** Letters and digits of any script. */
const WORD = 'a-z0-9\\u00a1-\\uffff'
const VARIABLE = `(?:[a-z0-9_]|${ESCAPE})+(?::[1-9][0-9]{0,3}|\\*)?`

/** What formats are made of. A test computes for each how much an engine can have to do with it. */
export const EXPRESSIONS = {
  label: new RegExp(`^${LABEL}$`, 'i'),
  email: new RegExp(`^${ATOM}(?:\\.${ATOM})*@${LABEL}(?:\\.${LABEL})+$`, 'i'),
  scheme: /^[a-z][a-z0-9+\-.]*$/i,
  userinfo: new RegExp(manyOf(`${USUAL}:`), 'i'),
  name: new RegExp(manyOf(USUAL), 'i'),
  futureAddress: new RegExp(`^v[0-9a-f]+\\.[${USUAL}:]+$`, 'i'),
  path: new RegExp(manyOf(`${USUAL}:@/`), 'i'),
  query: new RegExp(manyOf(`${USUAL}:@/?`), 'i'),
  // RFC 6570.
  template: new RegExp(
    `^(?:[^\\x00-\\x20"'<>%\\\\^\`{|}]|${ESCAPE}|\\{[+#./;?&=,!@|]?${VARIABLE}(?:,${VARIABLE})*\\})*$`,
    'i',
  ),
  pointer: new RegExp(`^${POINTER}$`),
  relativePointer: new RegExp(`^(?:0|[1-9][0-9]*)(?:#|${POINTER})$`),
  pointerFragment: new RegExp(`^#(?:\\/(?:[a-z0-9_\\-.!$&'()*+,;:=@]|${ESCAPE}|~[01])*)*$`, 'i'),
  webScheme: /^(?:https?|ftp):\/\//i,
  webLabel: new RegExp(`^[${WORD}]+(?:-[${WORD}]+)*$`, 'iu'),
  webTopLevel: /^[a-z\u00a1-\uffff]{2,}$/iu,
  webRest: /^(?::\d{2,5})?(?:\/|$)/,
  host: new RegExp(`^[${WORD}.-]*`, 'iu'),
} as const

const { label, email, scheme, userinfo, name, futureAddress, path, query } = EXPRESSIONS
const { template, pointer, relativePointer, pointerFragment } = EXPRESSIONS
const { webScheme, webLabel, webTopLevel, webRest, host } = EXPRESSIONS

const MAX_HOST_LENGTH = 253
const MAX_LABEL_LENGTH = 63

const isHostname: TextFormat = (text) => {
  const dotless = text.endsWith('.') ? text.slice(0, -1) : text
  if (dotless.length > MAX_HOST_LENGTH) return false
  return dotless.split('.').every((part) => part.length <= MAX_LABEL_LENGTH && label.test(part))
}

/** The parts of a reference (RFC 3986, section 3), whatever is in them. */
function partsOf(text: string) {
  const [beforeFragment, fragment = ''] = halves(text, '#')
  const [hierarchy, question = ''] = halves(beforeFragment, '?')
  const [beforeSlash] = halves(hierarchy, '/')
  const [start, after] = halves(beforeSlash, ':')
  const hasScheme = after !== undefined && scheme.test(start)
  const rest = hasScheme ? hierarchy.slice(start.length + 1) : hierarchy
  const [authority, way] = rest.startsWith('//') ? halves(rest.slice(2), '/') : [undefined, rest]
  return { hasScheme, authority, path: way ?? '', query: question, fragment }
}

/** What is before and behind the first of some character; undefined behind it where there is none. */
const halves = (text: string, character: string): readonly [string, string | undefined] => {
  const at = text.indexOf(character)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

const isUri: TextFormat = (text) => {
  const { hasScheme, authority, path: way } = partsOf(text)
  return hasScheme && (authority !== undefined || way !== '') && isReference(text)
}

function isReference(text: string): boolean {
  const { authority, path: way, query: question, fragment } = partsOf(text)
  const isPlace = path.test(way) && (authority === undefined || isAuthority(authority))
  return isPlace && query.test(question) && query.test(fragment)
}

function isAuthority(text: string): boolean {
  const at = text.lastIndexOf('@')
  const [, address = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text.slice(at + 1)) ?? [
    undefined,
    '?',
  ]
  if (at >= 0 && !userinfo.test(text.slice(0, at))) return false
  if (!address.startsWith('[')) return name.test(address) && port.length < 100
  const inside = address.slice(1, -1)
  return (inside.length < 50 && isIPv6(inside) && !inside.includes('%')) || futureAddress.test(inside)
}

/** An address of the web with a public host: what people type into a browser. */
const isWebAddress: TextFormat = (text) => {
  const [start] = webScheme.exec(text) ?? []
  if (start === undefined || /\s/.test(text)) return false
  // A name and a password may hold anything, also more of what ends them.
  for (let at = start.length; at > 0; at = text.indexOf('@', Math.max(at, start.length + 1)) + 1) {
    const [name = ''] = host.exec(text.slice(at, at + 1_000)) ?? []
    if (isPublicHost(name) && webRest.test(text.slice(at + name.length, at + name.length + 8))) return true
  }
  return false
}

function isPublicHost(text: string): boolean {
  const parts = text.split('.')
  const numbers = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ? parts.map(Number) : undefined
  if (numbers === undefined)
    return (
      parts.length > 1 && webTopLevel.test(parts.at(-1) ?? '') && parts.every((part) => webLabel.test(part))
    )
  const [a = 0, b = 0, , d = 0] = numbers
  const isPrivate =
    a === 10 ||
    a === 127 ||
    (a === 169 && b === 254) ||
    (a === 192 && b === 168) ||
    (a === 172 && b >= 16 && b < 32)
  return !isPrivate && a > 0 && a < 224 && d > 0 && d < 255 && numbers.every((number) => number < 256)
}

const isRegex: TextFormat = (text) => {
  // Longer ones take too long to read; what cannot be told is taken for a yes.
  if (text.length > MAX_PATTERN_LENGTH) return true
  if (/[^\\]\\Z/.test(text)) return false
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

const FORMATS: Readonly<Record<string, TextFormat>> = {
  hostname: isHostname,
  email: (text) => email.test(text),
  uri: isUri,
  'uri-reference': isReference,
  'uri-template': (text) => template.test(text),
  url: isWebAddress,
  regex: isRegex,
  'json-pointer': (text) => pointer.test(text),
  'relative-json-pointer': (text) => relativePointer.test(text),
  'json-pointer-uri-fragment': (text) => pointerFragment.test(text),
}

/** The most characters that a text of these can have, and some to spare: ajv-formats knows the rest. */
const LIMITED: Readonly<Record<string, number>> = {
  ...{ date: 16, time: 64, 'date-time': 80, 'iso-time': 64, 'iso-date-time': 80 },
  ...{ duration: 200, uuid: 50, ipv4: 20, ipv6: 50 },
}

/** Bytes are checked where bodies are decoded; JSON documents put any text there. */
const UNCHECKED = ['binary', 'byte', 'password']

/** @param onText told of the length of each text before it is held against a format. */
export function addFormats(ajv: Ajv2020, library: Library, onText: (length: number) => void): void {
  library.addFormats(ajv)
  const add = (name: string, fits: TextFormat) =>
    ajv.addFormat(name, (text: string) => {
      onText(text.length)
      return fits(text)
    })
  for (const [name, longest] of Object.entries(LIMITED)) {
    const test = textTestOf(ajv.formats[name])
    add(name, (text) => text.length <= longest && test(text))
  }
  for (const [name, fits] of Object.entries(FORMATS)) add(name, fits)
  for (const name of UNCHECKED) ajv.addFormat(name, true)
}

function textTestOf(format: Ajv2020['formats'][string]): TextFormat {
  const validate = typeof format === 'object' && 'validate' in format ? format.validate : format
  if (validate instanceof RegExp) return (text) => validate.test(text)
  if (typeof validate === 'function') return validate as TextFormat
  throw new Error('ajv-formats knows a format no longer')
}
