// What the tests share: mocks that close by themselves, folders that go away, and requests in one line.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { createMockServer, type MockServer, type MockServerOptions } from '../src/index.js'

const open = new Set<MockServer>()
const folders: string[] = []

afterEach(async () => {
  await Promise.all([...open].map((mock) => mock.close()))
  open.clear()
  await Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true, force: true })))
})

export async function start(options: MockServerOptions = {}): Promise<MockServer> {
  const mock = await createMockServer(options)
  open.add(mock)
  return mock
}

export async function stop(mock: MockServer): Promise<void> {
  open.delete(mock)
  await mock.close()
}

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gosend-mock-'))
  folders.push(path)
  return path
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies whose form is what they check
  readonly json: any
}

/** `send(mock, 'POST /pets', { name: 'Rex' })`; a string is sent as it is, anything else as JSON. */
export async function send(
  mock: MockServer,
  line: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const isJson = body !== undefined && typeof body !== 'string' && !(body instanceof FormData)
  const response = await fetch(mock.url + path, {
    method,
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string | FormData) }),
    redirect: 'manual',
  })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const fault = path.startsWith('/_mock')
    ? (await import('./control-contract.js')).faultOf(method, path, response.status, json)
    : undefined
  if (fault !== undefined) throw new Error(`Not as the control plane's document says: ${fault}`)
  return { status: response.status, headers: response.headers, text, json }
}

/** A document of OpenAPI 3.1 with these paths. */
export const document = (paths: object, rest: object = {}) => ({
  openapi: '3.1.0',
  info: { title: 'Test', version: '1.0.0' },
  paths,
  ...rest,
})

export const ok = (schema?: object, example?: unknown) => ({
  responses: {
    200: {
      description: 'OK',
      ...(schema === undefined
        ? {}
        : { content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } } }),
    },
  },
})

/** Processor time, so that a busy machine is not taken for a slow answer. */
export function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  return since(before)
}

/** The same for what takes a while, with what it gives. */
export async function withCpuMs<T>(work: () => Promise<T>): Promise<readonly [result: T, ms: number]> {
  const before = process.cpuUsage()
  const result = await work()
  return [result, since(before)]
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
