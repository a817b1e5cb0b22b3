// Recorded traffic, whoever recorded it: a HAR, a Postman collection (2.1) with saved answers, or mappings of WireMock.

import { arrayMember, isObject, type JsonObject, member, stringMember } from '../engine/json.js'
import { entriesIn, type HarEntry, type HarPair } from '../recording/har-file.js'

export interface Exchange {
  readonly method: string
  /** Where it was sent to. Empty where only the path is known. */
  readonly origin: string
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly status: number
  readonly answerHeaders: Readonly<Record<string, string>>
  /** Undefined where it was left out. */
  readonly answer: string | undefined
}

/** @throws Error when a text is none of these. */
export function exchangesIn(text: string, file: string): readonly Exchange[] {
  const data = parsed(text)
  if (isObject(data) && Array.isArray(data.item)) return data.item.flatMap((item) => ofPostman(item, data))
  if (isObject(data) && (Array.isArray(data.mappings) || isObject(data.request) || isObject(data.response)))
    return (Array.isArray(data.mappings) ? data.mappings : [data]).flatMap(ofWireMock)
  try {
    return entriesIn(text, file).flatMap(ofHar)
  } catch (error) {
    throw new Error(
      `${file} is neither a HAR nor a Postman collection nor mappings of WireMock: ${error instanceof Error ? error.message : ''}`,
    )
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function addressOf(url: string): Pick<Exchange, 'origin' | 'path' | 'query'> | undefined {
  const isAbsolute = /^https?:\/\//i.test(url)
  if (!URL.canParse(url, 'http://nowhere')) return undefined
  const { origin, pathname: path, search } = new URL(url, 'http://nowhere')
  return { origin: isAbsolute ? origin : '', path, query: search.slice(1) }
}

const headersOf = (pairs: readonly unknown[]): Record<string, string> =>
  Object.fromEntries(
    pairs.flatMap((pair) => {
      const [name, value] = [
        stringMember(pair, 'name') ?? stringMember(pair, 'key'),
        stringMember(pair, 'value'),
      ]
      return name === undefined || member(pair, 'disabled') === true
        ? []
        : [[name.toLowerCase(), value ?? '']]
    }),
  )

function ofHar({ request, response }: HarEntry): readonly Exchange[] {
  const address = addressOf(request.url)
  if (address === undefined || response.status < 100) return []
  const { postData } = request
  const { content = {} } = response
  const headers = headersOf(request.headers ?? [])
  const type = headers['content-type'] ?? postData?.mimeType
  const answerType = headersOf(response.headers ?? [])['content-type'] ?? content.mimeType
  return [
    {
      ...address,
      method: request.method.toUpperCase(),
      headers: type === undefined || type === '' ? headers : { ...headers, 'content-type': type },
      body: postData?.text ?? formOf(postData?.params ?? []),
      status: response.status,
      answerHeaders: {
        ...headersOf(response.headers ?? []),
        ...(answerType ? { 'content-type': answerType } : {}),
      },
      answer:
        content.encoding === 'base64' ? Buffer.from(content.text ?? '', 'base64').toString() : content.text,
    },
  ]
}

const formOf = (pairs: readonly Partial<HarPair>[]): string =>
  new URLSearchParams(pairs.map(({ name = '', value = '' }): [string, string] => [name, value])).toString()

/** A folder, or a request with the answers that were saved with it. */
function ofPostman(item: unknown, collection: JsonObject): readonly Exchange[] {
  const inner = arrayMember(item, 'item')
  if (inner.length > 0) return inner.flatMap((one) => ofPostman(one, collection))
  const variables = new Map(
    arrayMember(collection, 'variable').map((one) => [
      String(member(one, 'key')),
      String(member(one, 'value')),
    ]),
  )
  const filled = (text: string): string =>
    text.replace(/\{\{([^{}]+)\}\}/g, (whole, name: string) => variables.get(name.trim()) ?? whole)
  return arrayMember(item, 'response').flatMap((saved) => {
    const request = member(saved, 'originalRequest') ?? member(item, 'request')
    const url = member(request, 'url')
    const raw = filled(typeof url === 'string' ? url : (stringMember(url, 'raw') ?? ''))
    const values = new Map(
      arrayMember(url, 'variable').map((one) => [member(one, 'key'), member(one, 'value')]),
    )
    // An address whose host is a variable without a value is a path.
    const address = addressOf(
      raw
        .replace(/^\{\{[^{}]+\}\}/, '')
        .replace(/\/:([\w-]+)/g, (whole, name: string) =>
          values.has(name) ? `/${String(values.get(name))}` : whole,
        ),
    )
    const status = member(saved, 'code')
    if (address === undefined || typeof status !== 'number') return []
    const body = member(request, 'body')
    const fields = arrayMember(body, 'urlencoded')
    const headers = headersOf(arrayMember(request, 'header'))
    const type = fields.length > 0 ? 'application/x-www-form-urlencoded' : 'application/json'
    const sent =
      fields.length > 0
        ? new URLSearchParams(headersOfFields(fields)).toString()
        : filled(stringMember(body, 'raw') ?? '')
    return [
      {
        ...address,
        method: (stringMember(request, 'method') ?? 'GET').toUpperCase(),
        headers: sent === '' ? headers : { 'content-type': type, ...headers },
        body: sent,
        status,
        answerHeaders: withType(headersOf(arrayMember(saved, 'header')), stringMember(saved, 'body')),
        answer: stringMember(saved, 'body'),
      },
    ]
  })
}

const headersOfFields = (fields: readonly unknown[]): [string, string][] =>
  fields.map((field) => [String(member(field, 'key') ?? ''), String(member(field, 'value') ?? '')])

/** A text that is JSON is one, where nobody says what it is. */
const withType = (headers: Readonly<Record<string, string>>, text = ''): Record<string, string> =>
  parsed(text) === undefined ? { ...headers } : { 'content-type': 'application/json', ...headers }

/** A stub with one address; one that is for any of a pattern says nothing of what a request was. */
function ofWireMock(mapping: unknown): readonly Exchange[] {
  const [request, response] = [member(mapping, 'request'), member(mapping, 'response')]
  const url = ['url', 'urlPath', 'urlPathTemplate'].map((name) => stringMember(request, name)).find(Boolean)
  const address = url === undefined || url.includes('{') ? undefined : addressOf(url)
  const method = stringMember(request, 'method') ?? 'GET'
  if (address === undefined || method === 'ANY') return []
  const queries = new URLSearchParams(equalsIn(member(request, 'queryParameters')).map(([...pair]) => pair))
  const body = stubbedBody(request)
  const status = member(response, 'status')
  const answer = stubbedAnswer(response)
  const headers = member(response, 'headers')
  const answerHeaders = Object.entries(isObject(headers) ? headers : {}).map(
    ([name, value]): [string, string] => [name.toLowerCase(), String(value)],
  )
  return [
    {
      ...address,
      query: [address.query, queries.toString()].filter((one) => one !== '').join('&'),
      method: method.toUpperCase(),
      headers: body === '' ? {} : { 'content-type': 'application/json' },
      body,
      status: typeof status === 'number' ? status : 200,
      answerHeaders: withType(Object.fromEntries(answerHeaders), answer),
      answer,
    },
  ]
}

function stubbedBody(request: unknown): string {
  const [pattern] = arrayMember(request, 'bodyPatterns')
  const wanted = member(pattern, 'equalToJson') ?? member(pattern, 'equalTo') ?? ''
  return typeof wanted === 'string' ? wanted : JSON.stringify(wanted)
}

function stubbedAnswer(response: unknown): string {
  const json = member(response, 'jsonBody')
  if (json !== undefined) return JSON.stringify(json)
  const base64 = stringMember(response, 'base64Body')
  return (
    stringMember(response, 'body') ?? (base64 === undefined ? '' : Buffer.from(base64, 'base64').toString())
  )
}

const equalsIn = (patterns: unknown): readonly (readonly [string, string])[] =>
  Object.entries(isObject(patterns) ? patterns : {}).flatMap(([name, pattern]) => {
    const value = stringMember(pattern, 'equalTo')
    return value === undefined ? [] : [[name, value] as const]
  })
