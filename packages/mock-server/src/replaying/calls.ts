// Calls that are sent to several APIs: each has ids of its own in the place of those that were recorded.

import { isObject } from '../engine/json.js'
import type { Heard } from '../learning/learn.js'
import { madeIdsOf, mayBeId } from './made-ids.js'

export interface Call {
  readonly method: string
  /** With the query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface Reply {
  readonly status: number
  /** What the body says; undefined where it is no JSON. */
  readonly body: unknown
}

/** One API, with the ids that it has given in the place of others. */
export interface Side {
  readonly send: (call: Call) => Promise<Reply>
  readonly ids: Map<string, string | number>
}

/** Header fields of a connection, or of a credential that was hidden. */
const OWN =
  /^(host|connection|content-length|accept-encoding|transfer-encoding|keep-alive|origin|referer|cookie|sec-.*|:.*)$/

/** Sends a recorded request, and notes the ids of what it has made. */
export async function sendAgain(heard: Heard, { send, ids }: Side): Promise<Reply> {
  const { exchange } = heard
  const { method, path, query, headers, body } = exchange
  const target = path
    .split('/')
    .map((part) => encodeURIComponent(String(ids.get(decoded(part)) ?? decoded(part))))
    .join('/')
  const sentHeaders = Object.entries(headers).filter(
    ([name, value]) => !OWN.test(name) && !value.includes('[redacted]'),
  )
  const reply = await send({
    ...{ method, target: query === '' ? target : `${target}?${query}` },
    headers: Object.fromEntries(sentHeaders),
    body: body === '' ? undefined : translated(body, ids),
  })
  for (const { value, segments } of madeIdsOf(heard)) {
    const own = segments.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), reply.body)
    if (typeof own === 'string' || typeof own === 'number') ids.set(value, own)
  }
  return reply
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function translated(body: string, ids: Side['ids']): string {
  try {
    return JSON.stringify(JSON.parse(body), (name, value: unknown) =>
      (typeof value === 'string' || typeof value === 'number') && mayBeId(value, name)
        ? (ids.get(String(value)) ?? value)
        : value,
    )
  } catch {
    return body
  }
}
