// An API's own pages, such as one where its users sign up: what is sent is read, and the answer waits for the writes.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../engine/request/reading.js'
import { send, standardError } from '../engine/response/answers.js'
import type { Contexts } from '../rules/contexts.js'
import type { Page, PageContext, Rules } from '../rules/rules.js'
import type { HostGuard, Scheme } from '../security/host-guard.js'
import { SANDBOX_ENVIRONMENTS } from '../security/sandbox-keys.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import type { Transactions } from '../storage/transactions.js'
import type { FrontDoor } from './front-door.js'

/** A page; only the front door asks who it is for. */
export type FoundPage = (context: PageContext, isLocal: boolean) => ReturnType<Page>

export interface RulePages {
  /** The paths of the pages. */
  readonly addresses: readonly string[]
  /** The page at or above a path, or the front door, which only reads. */
  find(path: string, method: string): FoundPage | undefined
  answer(
    page: FoundPage,
    target: { readonly path: string; readonly query: string },
    request: IncomingMessage,
    response: ServerResponse,
    guard: HostGuard,
  ): Promise<void>
}

export interface RulePagesOptions {
  readonly pages: Rules['pages']
  readonly frontDoor: FrontDoor
  readonly contexts: Contexts
  readonly transactions: Transactions
  readonly scheme: Scheme
}

const MAX_BODY_BYTES = 64 * 1024
const HTML = 'text/html; charset=utf-8'
const QUIET = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** @throws TypeError when a path is not like `/signup`. */
export function createRulePages(options: RulePagesOptions): RulePages {
  const { pages = {}, frontDoor, contexts, transactions, scheme } = options
  for (const path of Object.keys(pages))
    if (!/^(\/[\w.-]+)+$/.test(path))
      throw new TypeError(`pages: ${JSON.stringify(path)} is not like /signup`)
  const addresses = Object.keys(pages).sort((a, b) => b.length - a.length)

  return {
    addresses,
    find(path, method) {
      if (path === '/' && (method === 'GET' || method === 'HEAD')) return frontDoor
      const address = addresses.find((one) => path === one || path.startsWith(`${one}/`))
      return address === undefined ? undefined : pages[address]
    },
    async answer(page, { path, query }, request, response, guard) {
      const { method = 'GET', headers } = request
      const isHead = method === 'HEAD'
      const refuse = (status: number, message: string) =>
        void send(response, { status, headers: QUIET, body: standardError(status, message) }, isHead)
      if (method !== 'GET' && !isHead && !guard.isSameOrigin(request))
        return refuse(403, 'This must not be called from another website')
      const bytes = await readBody(request, MAX_BODY_BYTES)
      if (!Buffer.isBuffer(bytes))
        return refuse(bytes.status, bytes.status === 413 ? 'The body is too large' : bytes.message)
      const origin = headers.host && `${scheme}://${headers.host}`
      const context = contexts.of(DEFAULT_PROJECT.id, SANDBOX_ENVIRONMENTS.test, origin)
      if (context === undefined) throw new Error('The first project is gone')
      const body = parse(bytes, headers['content-type'])
      const asked = { method, path, headers, query: new URLSearchParams(query), body }
      const answer = await transactions.unit(() =>
        page({ ...context, request: asked }, guard.isLocal(request)),
      )
      // Nobody is told of what could still be lost.
      await transactions.committed()
      if (answer === undefined) return refuse(404, `Cannot ${method} ${path}`)
      const { status = 200, headers: own = {}, body: shown } = answer
      const { 'content-type': type = HTML, ...others } = own
      send(
        response,
        { status, headers: { ...QUIET, ...others }, body: shown, mediaType: String(type) },
        isHead,
      )
    },
  }
}

function parse(bytes: Buffer, type = ''): unknown {
  const text = bytes.toString('utf8')
  if (/^application\/x-www-form-urlencoded\b/i.test(type))
    return Object.fromEntries(new URLSearchParams(text))
  try {
    return /^application\/json\b/i.test(type) ? (JSON.parse(text) as unknown) : undefined
  } catch {
    return undefined
  }
}
