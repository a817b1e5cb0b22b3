// Runtime expressions (OpenAPI 3.2, section 4.18.2): what a request and its answer say in an address that a document
// leaves open.

import type { IncomingHttpHeaders } from 'node:http'
import { isNested, isObject, member } from '../json.js'

/** A request and the answer to it. */
export interface Exchanged {
  /** Of the request, complete. */
  readonly url: string
  readonly method: string
  readonly request: {
    readonly headers: IncomingHttpHeaders
    readonly query: Readonly<Record<string, unknown>>
    readonly path: Readonly<Record<string, unknown>>
    readonly body: unknown
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string | readonly string[]>>
    readonly body: unknown
  }
}

const EMBEDDED = /\{(\$[^{}]*)\}/g

/**
 * An address with its expressions resolved: one expression, or a text with expressions in braces. Undefined when one of them
 * resolves to nothing, or to something that is no text, number or boolean.
 */
export function expandAddress(address: string, exchanged: Exchanged): string | undefined {
  if (address.startsWith('$')) return textOf(resolveExpression(address, exchanged))
  let isResolved = true
  const expanded = address.replace(EMBEDDED, (_, expression: string, offset: number) => {
    const text = textOf(resolveExpression(expression, exchanged))
    if (text === undefined) isResolved = false
    return text === undefined ? '' : escapedAt(address.slice(0, offset), text)
  })
  return isResolved ? expanded : undefined
}

/** What an expression resolves to; undefined when it does not. */
export function resolveExpression(
  expression: string,
  { url, method, request, response }: Exchanged,
): unknown {
  if (expression === '$url') return url
  if (expression === '$method') return method
  if (expression === '$statusCode') return response.status
  const [, side, source = ''] = /^\$(request|response)\.(.+)$/s.exec(expression) ?? []
  const { headers, body } = side === 'request' ? request : response
  const [, place, name = ''] = /^(header|query|path)\.(.+)$/s.exec(source) ?? []
  if (side === undefined) return undefined
  if (place === 'header') return headerIn(headers, name)
  if (place !== undefined)
    return side === 'request' ? member(request[place as 'query' | 'path'], name) : undefined
  if (source === 'body' || source === 'body#') return body
  return source.startsWith('body#/') ? pointedAt(body, source.slice('body#/'.length)) : undefined
}

function headerIn(headers: object, name: string): unknown {
  const wanted = name.toLowerCase()
  const found = Object.entries(headers).find(([own]) => own.toLowerCase() === wanted)?.[1] as unknown
  return Array.isArray(found) ? found.join(', ') : found
}

/** A JSON pointer without its first slash. It is no URI fragment: a percent sign stands for itself. */
function pointedAt(body: unknown, pointer: string): unknown {
  let at = body
  for (const segment of pointer.split('/')) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) at = /^(0|[1-9]\d*)$/.test(name) ? at[Number(name)] : undefined
    else at = isObject(at) ? member(at, name) : undefined
  }
  return at
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || isNested(value)) return undefined
  return String(value)
}

/** A value that begins the address is one; further on it must not change what the address is made of. */
function escapedAt(before: string, text: string): string {
  if (before === '') return text
  const reserved = before.includes('?') ? /[\s%&#+]/g : /[\s%?#]/g
  return text.replace(reserved, (character) => encodeURIComponent(character))
}
