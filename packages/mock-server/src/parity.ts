// Sends the same calls to a mock and to the real API, and tells where their answers differ.

import type { OperationDescription } from './control/wire.js'
import type { DocumentOptions } from './documents.js'
import type { Operation } from './engine/document/operation.js'
import { noPreferences } from './engine/request/preferences.js'
import type { Engine } from './engine.js'
import { trafficIn, withDocument } from './learn.js'
import { lessonsFrom, listen } from './learning/learn.js'
import type { Learned } from './learning/learned-file.js'
import { createMockServer, type MockServer } from './mock-server.js'
import type { MockServerOptions } from './options.js'
import { type Call, type Reply, type Side, sendAgain } from './replaying/calls.js'
import { type ShapeDifference, shapeDifferences } from './replaying/shapes.js'
import type { State } from './state/state.js'

export interface ParityOptions extends DocumentOptions {
  /** Recorded traffic whose requests are sent. Default: an example of each operation that changes nothing. */
  readonly recordings?: readonly string[] | undefined
  /** Whether examples of operations that change something are sent as well. Default false. */
  readonly writes?: boolean | undefined
  /** Header fields for the real API, such as its credential. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly learned?: MockServerOptions['learned']
}

export interface ParityDifference {
  /** `GET /pets/7`, as the mock was asked. */
  readonly call: string
  readonly status: { readonly mock: number; readonly api: number }
  readonly shape: readonly ShapeDifference[]
}

export interface ParityReport {
  readonly calls: number
  readonly differing: number
  readonly operations: readonly {
    readonly operation: string
    readonly calls: number
    readonly differences: readonly ParityDifference[]
  }[]
  /** Operations that were not called, and why. */
  readonly skipped: readonly string[]
}

type Pair = readonly [operation: string, call: string, mock: Reply, api: Reply]
type Known = Engine & { readonly state: State }

/**
 * Holds a mock of a document against the real API.
 *
 * @throws DocumentError when the document cannot be read, and Error when the API cannot be reached.
 */
export async function compareWithApi(
  spec: string,
  url: string,
  options: ParityOptions = {},
): Promise<ParityReport> {
  const { recordings = [], headers = {}, learned, writes = false, ...documentOptions } = options
  return await withDocument(spec, documentOptions, async (engine, redaction) => {
    const traffic =
      recordings.length === 0 ? undefined : await listen(trafficIn(recordings), engine, redaction)
    const mock = await createMockServer({
      ...{ spec, auth: 'off', ...documentOptions },
      learned:
        learned ??
        (traffic &&
          beginningOf(lessonsFrom(traffic.heard, engine.state, redaction, { things: 'first' }).learned)),
    })
    const bases = engine.document.operations.flatMap(({ basePaths }) => basePaths)
    const sides = [sideAt(mock.url, bases, {}), sideAt(url.replace(/\/$/, ''), bases, headers)] as const
    try {
      if (traffic === undefined) return reportOf(...(await callExamples(engine, mock, sides, writes)))
      const pairs: Pair[] = []
      for (const one of traffic.heard) {
        const [here, there] = [await sendAgain(one, sides[0]), await sendAgain(one, sides[1])]
        pairs.push([one.operation.id, `${one.exchange.method} ${one.exchange.path}`, here, there])
      }
      return reportOf(
        pairs,
        traffic.unknown.map((line) => `${line}, which is no operation of the document`),
      )
    } finally {
      await mock.close()
    }
  })
}

/** What was there before a recording: the mock is to answer by the document, not by what it is compared with. */
const beginningOf = ({ things, ...learned }: Learned): Learned => ({
  ...learned,
  operations: {},
  ids: {},
  things,
})

const TIMEOUT_MS = 30_000

/** @param bases of the document: one that an address ends with is not repeated. */
const sideAt = (address: string, bases: readonly string[], own: Readonly<Record<string, string>>): Side => ({
  ids: new Map(),
  async send({ method, target: asked, headers, body }) {
    const repeated =
      bases.find((one) => one !== '' && address.endsWith(one) && asked.startsWith(`${one}/`)) ?? ''
    const target = asked.slice(repeated.length)
    const response = await fetch(address + target, {
      ...{ method, headers: { ...headers, ...own }, redirect: 'manual' as const },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Error(`${address} does not answer ${method} ${target}: ${reasonOf(error)}`, { cause: error })
    })
    const text = await response.text()
    return { status: response.status, body: valueIn(text) }
  },
})

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reportOf(pairs: readonly Pair[], skipped: readonly string[]): ParityReport {
  const operations = new Map<string, { calls: number; differences: ParityDifference[] }>()
  for (const [operation, call, mock, api] of pairs) {
    const own = operations.get(operation) ?? { calls: 0, differences: [] }
    operations.set(operation, own)
    own.calls += 1
    const shape = shapeDifferences(mock.body, api.body)
    if (mock.status !== api.status || shape.length > 0)
      own.differences.push({ call, status: { mock: mock.status, api: api.status }, shape })
  }
  const list = [...operations].map(([operation, one]) => ({ operation, ...one }))
  const differing = list.reduce((sum, { differences }) => sum + differences.length, 0)
  return { calls: pairs.length, differing, operations: list, skipped }
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD'])
/** What makes things comes before what asks for them, and that before what removes them. */
const ORDER = ['POST', 'GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']

/** An example of each operation, with the ids that each side has shown before. */
async function callExamples(
  engine: Known,
  mock: MockServer,
  sides: readonly [Side, Side],
  writes: boolean,
): Promise<readonly [readonly Pair[], readonly string[]]> {
  const pairs: Pair[] = []
  const skipped: string[] = []
  const ranked = engine.document.operations
    .filter(({ method }) => SAFE.has(method) || (writes && ORDER.includes(method)))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.method) - ORDER.indexOf(b.method) ||
        a.path.split('/').length - b.path.split('/').length,
    )
  for (const operation of ranked) {
    const example = await exampleOf(mock, operation)
    const calls = sides.map(({ ids }) => callOf(operation, example, ids))
    const [here, there] = calls
    if (here === undefined || there === undefined) {
      skipped.push(
        `${operation.id}: no id is known for ${operation.path}; record one call and name it with --har`,
      )
      continue
    }
    const [mine, theirs] = [await sides[0].send(here), await sides[1].send(there)]
    for (const [side, call, reply] of [
      [sides[0], here, mine],
      [sides[1], there, theirs],
    ] as const)
      remember(engine, operation, side, call, reply)
    pairs.push([operation.id, `${operation.method} ${here.target}`, mine, theirs])
  }
  return [pairs, skipped]
}

async function exampleOf(mock: MockServer, { id }: Operation): Promise<OperationDescription['example']> {
  const headers = { 'x-admin-key': mock.adminKey }
  const response = await fetch(`${mock.url}/_mock/operations/${encodeURIComponent(id)}`, { headers })
  return ((await response.json()) as OperationDescription).example
}

/** Undefined where no id is known of something that the path names. */
function callOf(
  { method, path }: Operation,
  { query = {}, headers = {}, contentType = 'application/json', body }: OperationDescription['example'],
  ids: Side['ids'],
): Call | undefined {
  let target = ''
  for (const part of path.split('/').slice(1)) {
    const isId = part.includes('{')
    const id = isId ? ids.get(target) : part
    if (id === undefined) return undefined
    target += `/${isId ? encodeURIComponent(String(id)) : part}`
  }
  const search = new URLSearchParams(query).toString()
  return {
    method,
    target: search === '' ? target : `${target}?${search}`,
    headers: body === undefined ? headers : { ...headers, 'content-type': contentType },
    body: body === undefined ? undefined : written(body, contentType),
  }
}

const written = (body: unknown, type: string): string =>
  /urlencoded/.test(type)
    ? new URLSearchParams(body as Record<string, string>).toString()
    : JSON.stringify(body)

/** The latest id of each collection that an answer shows, by the path of the collection. */
function remember(engine: Known, operation: Operation, { ids }: Side, { target }: Call, reply: Reply): void {
  if (reply.status >= 300 || operation.method === 'DELETE') return
  const [path = ''] = target.split('?')
  const match = engine.router.match(operation.method, path, '')
  if (match.kind !== 'found') return
  const observed = engine.state.observe(
    {
      ...{
        operation,
        path,
        headers: {},
        body: undefined,
        preferences: noPreferences,
        scheme: 'http' as const,
      },
      parameters: { path: match.params, query: {}, header: {}, cookie: {} },
      identity: { projectId: 'parity', environment: 'parity' },
    },
    reply.body,
  )
  for (const { collection, id } of observed) if (id !== '' && !ids.has(collection)) ids.set(collection, id)
}
