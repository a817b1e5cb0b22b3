// Whom a request is from, and the refusal for one that the API's security keeps out.

import type { IncomingMessage } from 'node:http'
import type { Operation } from '../engine/document/operation.js'
import type { MaybeLater } from '../engine/later.js'
import type { Answer } from '../engine/response/answers.js'
import type { Refusal } from '../engine/response/refusals.js'
import type { Engine } from '../engine.js'
import { withDocumentedStatus } from '../security/documented-status.js'
import type { Admission, ClientCertificate, Gate, Identity, RefusedAdmission } from '../security/gate.js'
import { type RequestState, refuse } from './request-state.js'

export interface AdmissionParts {
  readonly gate: Gate
  readonly clientCertificateOf: (socket: IncomingMessage['socket']) => ClientCertificate
}

type Admitted = { readonly identity: Identity } | { readonly answer: Answer }

/** Whom a request is from, or the answer that keeps it out. */
export function admit(
  { gate, clientCertificateOf }: AdmissionParts,
  engine: Engine,
  state: RequestState,
  operation: Operation,
): MaybeLater<Admitted> {
  const { request, path, query } = state
  const { headers, method = 'GET' } = request
  state.fields = gate.fieldsOf(operation)
  const admitting = gate.admit(operation, () => ({
    ...{ headers, query, method, ip: request.socket.remoteAddress },
    target: request.url ?? path,
    clientCertificate: clientCertificateOf(request.socket),
  }))
  const settled = (admission: Admission) => admittedBy(admission, engine, state, operation)
  return admitting instanceof Promise ? admitting.then(settled) : settled(admitting)
}

function admittedBy(
  admission: Admission,
  engine: Engine,
  state: RequestState,
  operation: Operation,
): Admitted {
  const { note } = state
  if (!admission.ok) {
    note.reason = `credential: ${admission.reason}`
    const refusal = withDocumentedStatus(REFUSED_ADMISSION[admission.status](admission), operation)
    return { answer: refuse(engine, state, refusal, operation) }
  }
  const { identity } = admission
  note.projectId = identity.projectId
  note.environment = identity.environment
  note.keyId = identity.apiKey?.id
  note.clientId = identity.token?.clientId
  return { identity }
}

/** In the words of the wire contract of real keys. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  ip_not_allowed: 'This API key may not be used from this address',
  missing_scope: 'This API key lacks a scope that this request needs',
}

const REFUSED_ADMISSION = {
  401: ({ reason, challenges, wanted, explanation }: RefusedAdmission): Refusal => ({
    status: 401,
    isAnonymous: reason === 'missing',
    message: explanation ?? `Invalid or missing credentials: send ${wanted}`,
    headers: { 'www-authenticate': [...challenges] },
    // Nothing is told of what is wrong with them: the document's own words say as much.
    isCommonplace: explanation === undefined,
  }),
  403: ({ reason, challenges, explanation }: RefusedAdmission): Refusal => ({
    status: 403,
    message: explanation ?? FORBIDDEN[reason] ?? 'This credential is not enough for this request',
    // RFC 6750, section 3: a client reads there which scope to ask for.
    ...(explanation === undefined ? {} : { headers: { 'www-authenticate': [...challenges] } }),
  }),
  503: (): Refusal => ({
    status: 503,
    message: 'The service cannot answer right now; try again in a moment',
    retryAfterSeconds: 1,
  }),
}
