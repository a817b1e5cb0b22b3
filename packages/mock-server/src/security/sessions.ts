// Cookies that the mock has set, as a login does: it takes them for API keys in a cookie until they end.

import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { Operation } from '../engine/document/operation.js'
import { isObject } from '../engine/json.js'
import { decodeText } from '../engine/request/pairs.js'
import type { Answer } from '../engine/response/answers.js'
import type { ItemTable } from '../storage/item-table.js'

/** Whose state a cookie opens: that of who logged in. */
export interface Session {
  readonly projectId: string
  readonly environment: string
}

export interface Sessions {
  find(name: string, value: string): Session | undefined
  /** Keeps the cookies of an answer, or forgets those that it ends; adds one that the document describes without an example. */
  settled(operation: Operation, answer: Answer, cookies: string | undefined, session: Session): Answer
}

export interface SessionsOptions {
  readonly items: ItemTable
  readonly clock: Clock
  /** The cookies that the documents have API keys in. */
  readonly names: () => readonly string[]
}

/** No project: no client's state is here. */
const SCOPE = '#sessions'
const COOKIES = '#cookies'

export function createSessions({ items, clock, names }: SessionsOptions): Sessions {
  const idOf = (name: string, value: string): string =>
    createHash('sha256')
      .update(`${name}=${decodeText(value)}`)
      .digest('hex')

  const keep = (field: string, sent: string, session: Session): void => {
    const { name, value, lifetimeMs } = parse(field, clock.now())
    if (!names().includes(name)) return
    if (value !== '' && lifetimeMs > 0) {
      const expiresAt = Number.isFinite(lifetimeMs) ? clock.now() + lifetimeMs : null
      items.replace(SCOPE, COOKIES, idOf(name, value), JSON.stringify({ ...session, expiresAt }))
      return
    }
    for (const pair of sent.split(';')) {
      const [one = '', ended = ''] = pair.trim().split(/=(.*)/s)
      if (one === name) items.remove(SCOPE, COOKIES, idOf(name, ended))
    }
  }

  return {
    find(name, value) {
      const row = items.find(SCOPE, COOKIES, idOf(name, value))
      const kept: unknown = row && JSON.parse(row.body)
      if (!isObject(kept)) return undefined
      const { expiresAt, projectId, environment } = kept
      if (typeof expiresAt === 'number' && expiresAt <= clock.now()) return undefined
      return { projectId: String(projectId), environment: String(environment) }
    },

    settled(operation, answer, cookies = '', { projectId, environment }) {
      const given = answer.headers['set-cookie']
      const isMade = given === undefined && makesCookie(operation, answer.status)
      if (answer.status >= 400 || (given === undefined && !isMade)) return answer
      const [name, ...others] = names()
      if (name === undefined || (isMade && others.length > 0)) return answer
      const fields =
        given ?? `${name}=${randomBytes(24).toString('base64url')}; Path=/; HttpOnly; SameSite=Lax`
      for (const field of [fields].flat()) keep(field, cookies, { projectId, environment })
      return { ...answer, headers: { ...answer.headers, 'set-cookie': fields } }
    },
  }
}

const cookieStatuses = new WeakMap<Operation, ReadonlySet<string>>()

/** Whether the document describes a cookie for an answer, with whatever value. */
function makesCookie(operation: Operation, status: number): boolean {
  let statuses = cookieStatuses.get(operation)
  if (statuses === undefined) {
    const setting = operation
      .responses()
      .filter(({ headers }) => headers.some(({ name }) => name.toLowerCase() === 'set-cookie'))
    statuses = new Set(setting.map((response) => response.status))
    cookieStatuses.set(operation, statuses)
  }
  return statuses.size > 0 && statuses.has(String(status))
}

/** The cookies that operations take API keys in. */
export const cookieNamesOf = (operations: readonly Operation[]): readonly string[] => [
  ...new Set(
    operations.flatMap((operation) =>
      operation
        .security()
        .flat()
        .flatMap(({ scheme: { type, in: place, parameter } }) =>
          type === 'apiKey' && place === 'cookie' ? [parameter] : [],
        ),
    ),
  ),
]

/** RFC 6265, section 5.2. */
function parse(field: string, now: number) {
  const [pair = '', ...attributes] = field.split(';').map((part) => part.trim())
  const [name = '', value = ''] = pair.split(/=(.*)/s)
  const attribute = (wanted: string): string | undefined =>
    attributes
      .map((one) => one.split(/\s*=\s*(.*)/s))
      .findLast(([key = '']) => key.toLowerCase() === wanted)?.[1]
  const maxAge = attribute('max-age')
  const expires = Date.parse(attribute('expires') ?? '')
  const lifetimeMs =
    maxAge !== undefined && /^-?\d+$/.test(maxAge)
      ? Number(maxAge) * 1_000
      : Number.isNaN(expires)
        ? Number.POSITIVE_INFINITY
        : expires - now
  return { name: name.trim(), value, lifetimeMs }
}
