// A test for Vitest that sends recorded requests again, and holds what stays the same in their answers.

import { REDACTED } from '../control/secrets.js'
import { isObject } from '../engine/json.js'
import type { Heard } from '../learning/learn.js'
import type { Learned } from '../learning/learned-file.js'
import { leavesOf } from '../learning/members.js'
import { isPassing, madeIdsOf, mayBeId } from './made-ids.js'

export interface TestTextOptions {
  /** What is to be tested: the file or address of the document. Undefined for GoSendAPI. */
  readonly spec: string | undefined
  /** What was there before the first request. */
  readonly snapshot: Learned
  /** Why requests were left out, in sentences. */
  readonly leftOut: readonly string[]
}

/** Values that only the run knows, by what they were in the recording: how the test spells them. */
type Spelling = Map<string, string>

export function testTextOf(heard: readonly Heard[], { spec, snapshot, leftOut }: TestTextOptions): string {
  const spelling: Spelling = new Map()
  const steps = heard.map((one, index) => stepOf(one, `answer${index + 1}`, spelling))
  const given = [
    "auth: 'any'",
    'learned: snapshot',
    ...(spec === undefined ? [] : [`spec: ${JSON.stringify(spec)}`]),
  ]
  return `// Sends ${heard.length} recorded request${heard.length === 1 ? '' : 's'} again. gosend-mock wrote it; it is yours to change.
${leftOut.map((line) => `// Left out: ${line}\n`).join('')}
import { createMockServer, type Learned, type MockServer } from 'gosend-mock'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** What was there before the first request, and what the API was seen to answer. */
const snapshot: Learned = ${JSON.stringify(snapshot, undefined, 2)}

let mock: MockServer

beforeAll(async () => {
  mock = await createMockServer({ ${given.join(', ')} })
})

afterAll(() => mock.close())

async function send(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const response = await fetch(mock.url + path, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  // biome-ignore lint/suspicious/noExplicitAny: a body may be anything
  const json: any = /json/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined
  return { status: response.status, json }
}

it('answers as it did', async () => {
${steps.map((step) => `${step}\n`).join('\n')}})
`
}

/** Header fields that a connection or a client makes by itself. */
const UNTOLD =
  /^(host|connection|content-length|accept-encoding|user-agent|keep-alive|transfer-encoding|te|upgrade.*|sec-.*|origin|referer|dnt|priority|cache-control|pragma|accept-language|:.*)$/

function stepOf(heard: Heard, name: string, spelling: Spelling): string {
  const { exchange, status, body } = heard
  const { method, path, query, headers } = exchange
  const sentHeaders = Object.entries(headers)
    .filter(([field, value]) => !UNTOLD.test(field) && !(field === 'accept' && value === '*/*'))
    .map(
      ([field, value]) =>
        `${JSON.stringify(field)}: ${code(field === 'cookie' ? value : standIn(value), spelling)}`,
    )
  const args = [JSON.stringify(method), targetCode(path, query, spelling)]
  if (sentHeaders.length > 0 || exchange.body !== '') args.push(`{ ${sentHeaders.join(', ')} }`)
  if (exchange.body !== '') args.push(bodyCode(exchange.body, spelling))
  const lines = [
    `  const ${name} = await send(${args.join(', ')})`,
    `  expect(${name}.status).toBe(${status})`,
  ]
  const made = isPassing(status) ? madeIdsOf(heard) : []
  for (const { value, path: at } of made) spelling.set(value, `${name}.json${at}`)
  const fixed = withoutMoving(body, heard, new Set(made.map((one) => one.value)))
  if (fixed !== undefined && !(isObject(fixed) && Object.keys(fixed).length === 0))
    lines.push(`  expect(${name}.json).toMatchObject(${valueCode(fixed, spelling)})`)
  return lines.join('\n')
}

/** A credential that a mock with `auth: 'any'` takes in place of one that was hidden. */
const standIn = (value: string): string => value.replaceAll(REDACTED, 'a-credential')

const bodyCode = (body: string, spelling: Spelling): string => {
  try {
    const value: unknown = JSON.parse(body)
    if (isObject(value) || Array.isArray(value)) return `JSON.stringify(${valueCode(value, spelling)})`
  } catch {
    // What is no JSON is sent as it is.
  }
  return code(body, spelling, /[&=]/)
}

/** A value as a program spells it. */
function valueCode(value: unknown, spelling: Spelling, name = ''): string {
  if (typeof value === 'string' || typeof value === 'number') {
    const own = mayBeId(value, name) ? spelling.get(String(value)) : undefined
    if (own !== undefined) return typeof value === 'string' ? `String(${own})` : own
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map((one) => valueCode(one, spelling, name)).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'undefined'
  const members = Object.entries(value).map(
    ([name, one]) => `${JSON.stringify(name)}: ${valueCode(one, spelling, name)}`,
  )
  return `{ ${members.join(', ')} }`
}

/** A path has ids between slashes; a query may have numbers that mean something else. */
function targetCode(path: string, query: string, spelling: Spelling): string {
  if (query === '') return code(path, spelling, /\//)
  const long: Spelling = new Map([...spelling].filter(([value]) => mayBeId(value, '')))
  return `${code(`${path}?`, spelling, /[/?]/)} + ${code(query, long, /[&=]/)}`
}

/** A text, in which whole parts between separators may be values of the run. */
function code(text: string, spelling: Spelling, separator?: RegExp): string {
  const parts = separator === undefined ? [text] : text.split(new RegExp(`(${separator.source})`))
  const isPlain = !parts.some((part) => spelling.has(decoded(part)))
  if (isPlain) return JSON.stringify(text)
  const inner = parts.map((part) => {
    const own = spelling.get(decoded(part))
    return own === undefined ? part.replace(/[`\\]|\$\{/g, '\\$&') : `\${${own}}`
  })
  return `\`${inner.join('')}\``
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const DATE_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** An answer without what differs from one run to the next, unless it was sent. */
function withoutMoving(body: unknown, { sent, exchange }: Heard, made: ReadonlySet<string>): unknown {
  const known = new Set([...leavesOf(sent.body).values(), ...leavesOf(sent.query).values()].map(String))
  const moves = (value: unknown): boolean => {
    if (made.has(String(value))) return true
    if (typeof value !== 'string' || known.has(value) || exchange.path.includes(value)) return false
    return DATE_TIME.test(value) || UUID.test(value)
  }
  const fixed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fixed)
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, one]) => (moves(one) ? [] : [[name, fixed(one)]])),
    )
  }
  return isObject(body) || Array.isArray(body) ? fixed(body) : undefined
}
