// A payload for one address as it is put into the outbox: with the headers that its description asks for, and what it will
// be signed by.

import type { OutgoingRequest } from '../engine/document/outgoing.js'
import type { Engine } from '../engine.js'
import { describedParameters } from './headers.js'
import type { Draft } from './outbox.js'
import type { Payload } from './payloads.js'
import { isStandardHeader, type Proof, proofOf } from './signatures.js'

/** A payload with the addresses that it goes to. */
export interface Made {
  readonly payload: Payload & { readonly ok: true }
  /** Of the event. */
  readonly uuid: string
  readonly to: readonly { readonly url: string; readonly endpoint: string | undefined }[]
}

export function draftsOf(
  engine: Engine,
  request: OutgoingRequest,
  { payload, uuid, to }: Made,
  now: number,
): readonly Draft[] {
  const { operation, name, callback } = request
  const proof = proofOf(request)
  const { headers, query } = describedParameters(
    engine,
    operation,
    { event: payload.event, uuid, now },
    takenBy(proof),
  )
  return to.map(({ url, endpoint }) => ({
    webhook: name,
    event: payload.event,
    kind: callback === undefined ? 'webhook' : 'callback',
    method: operation.method,
    url: withQuery(url, query),
    contentType: payload.type,
    body: payload.body,
    headers,
    eventId: `msg_${uuid.replaceAll('-', '')}`,
    pointer: operation.pointer,
    endpoint,
    proof,
  }))
}

function takenBy({ signatures, credentials }: Proof): (header: string) => boolean {
  const names = [...signatures.map(({ header }) => header), ...credentials.map(({ name }) => name)]
  const taken = new Set(names.map((name) => name.toLowerCase()))
  return (header) => isStandardHeader(header) || taken.has(header.toLowerCase())
}

/** What the address says itself stays as it is. */
function withQuery(address: string, query: readonly (readonly [name: string, value: string])[]): string {
  if (query.length === 0) return address
  const url = new URL(address)
  for (const [name, value] of query) if (!url.searchParams.has(name)) url.searchParams.set(name, value)
  return url.href
}
