// How an answer leaves, and what the journal keeps of it.

import { type NotedExchange, noted } from '../control/noted-exchanges.js'
import type { MaybeLater } from '../engine/later.js'
import { type Answer, JSON_TYPE, send, sendStream } from '../engine/response/answers.js'
import type { Cors } from '../security/cors.js'
import { headersOf } from './answer-headers.js'
import type { RequestState } from './request-state.js'

/** Written out: to spread what has so many shapes costs more than to name its members. */
function withHeaders(answer: Answer, headers: Answer['headers']): Answer {
  const { status, body, encoded, length, mediaType, stream } = answer
  return { status, headers, body, encoded, length, mediaType, stream }
}

type Sent = Pick<NotedExchange, 'status' | 'responseHeaders' | 'responseBody'>

/** Sends an answer, and gives what the journal keeps of it. */
export function sent(state: RequestState, answer: Answer, cors: Cors): MaybeLater<Sent> {
  const { request, response, notedBytes } = state
  const { status, body, encoded, mediaType = JSON_TYPE, stream, relay } = answer
  const whole = withHeaders(answer, headersOf(answer, state, cors))
  if (stream !== undefined || relay !== undefined) return sentLater(state, whole, relay)
  const length = send(response, whole, request.method === 'HEAD')
  const json = mediaType === JSON_TYPE && typeof encoded === 'string' ? encoded : undefined
  return { status, responseHeaders: sentHeaders(whole), responseBody: noted(body, length, notedBytes, json) }
}

/** The same for what takes its time: a stream, or what somebody else has framed. */
async function sentLater(
  { request, response, notedBytes }: RequestState,
  whole: Answer,
  relay: Answer['relay'],
): Promise<Sent> {
  const { status, headers } = whole
  const responseHeaders = sentHeaders(whole)
  if (relay !== undefined) {
    const relayed = await relay(response, headers)
    return { status, responseHeaders, responseBody: noted(relayed.body, relayed.length, notedBytes) }
  }
  const { text, length } = await sendStream(response, whole, request.method === 'HEAD')
  return { status, responseHeaders, responseBody: noted(text, length, notedBytes) }
}

/** Ends the connection of a request that gets no answer. */
export function dropped({ request, response }: RequestState): Sent {
  // A request whose body has been read has let go of its connection; its answer has not.
  request.destroy()
  response.destroy()
  return { status: 0, responseHeaders: {}, responseBody: noted(undefined, 0) }
}

/** With the type of the body, which is written with it. */
function sentHeaders({ headers, mediaType = JSON_TYPE, body, stream }: Answer): Answer['headers'] {
  if (body === undefined && stream === undefined) return headers
  const fields: Record<string, string | string[]> = { 'content-type': mediaType }
  for (const name in headers) fields[name] = headers[name] ?? []
  return fields
}
