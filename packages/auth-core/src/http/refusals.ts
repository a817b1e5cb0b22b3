// The answer to a refused request: in the shape of the host where it has one, and slower for clients that are refused all the time.

import { type Awaitable, andThen, isPromise } from '../awaitable.js'
import { notify } from '../callbacks.js'
import { answerTo, disclosingAnswerTo, type ErrorMessage, writeError } from './answers.js'
import type { Credential } from './credential.js'
import type { FailureEvent } from './failures.js'
import type { GateOptions } from './gate-options.js'
import type { GateRequest } from './gate-request.js'
import { type OwnAnswer, writeOwnAnswer } from './own-answer.js'
import { createRefusalThrottle } from './refusal-throttle.js'

export interface GateRefusal {
  readonly ok: false
  readonly failure: FailureEvent
  /** The whole answer, but for `headers`. */
  readonly message: ErrorMessage
  /** To be added to the answer: `Vary`, and the state of the limits. */
  readonly headers: Readonly<Record<string, string>>
}

/** Writes the answer to a refused request, as the host wants it, and slows down clients that are refused all the time. */
export function createRefusing<Request extends object>(
  { respond, onFailure, disclose = [] }: Pick<GateOptions<Request>, 'respond' | 'onFailure' | 'disclose'>,
  { challenge, insufficientScope }: Credential,
) {
  const throttle = createRefusalThrottle()

  function ownAnswer(
    answer: NonNullable<typeof respond>,
    event: FailureEvent,
    request: Request,
    standard: ErrorMessage,
  ): ErrorMessage {
    try {
      const own: unknown = answer(event, request)
      if (isPromise(own)) own.catch(() => {})
      return own === undefined ? standard : writeOwnAnswer(own as OwnAnswer, standard, challenge)
    } catch (error) {
      warnOfAnswer(error)
      return standard
    }
  }

  return function refuse(
    incoming: GateRequest<Request>,
    event: FailureEvent,
    headers: GateRefusal['headers'],
  ): Awaitable<GateRefusal> {
    const isDisclosed = disclose.some((reason) => reason === event.reason)
    const scopes = event.missingScopes?.flatMap(shownScope)
    const answer = isDisclosed
      ? disclosingAnswerTo(event.reason, scopes)
      : answerTo(event.reason, event.retryAfterSeconds)
    const about = { url: incoming.url, accept: incoming.header('accept') }
    const lacking = scopes && insufficientScope(scopes, isDisclosed)
    const standard = writeError(about, answer, answer.status === 401 ? challenge : lacking)
    const message = respond === undefined ? standard : ownAnswer(respond, event, incoming.request, standard)
    const failure = message.status === event.status ? event : { ...event, status: message.status }
    notify('onFailure', onFailure, failure, incoming.request)
    const refusal: GateRefusal = { ok: false, failure, ...withOneVary(message, headers) }
    return andThen(answer.status === 401 ? throttle() : undefined, () => refusal)
  }
}

/** What caches must hold apart, as the guard and the host's own answer say together (RFC 9110, section 12.5.5). */
function withOneVary(
  message: ErrorMessage,
  headers: GateRefusal['headers'],
): Pick<GateRefusal, 'message' | 'headers'> {
  const own = Object.keys(message.headers).find((name) => name.toLowerCase() === 'vary')
  if (own === undefined) return { message, headers }
  const { [own]: named, ...others } = message.headers
  return {
    message: { ...message, headers: others },
    headers: { ...headers, Vary: [headers.Vary, named].filter(Boolean).join(', ') },
  }
}

const MAX_SHOWN_SCOPE = 256

/** A scope as a header field can name it, and not as long as a client may make the name of a resource. */
function shownScope(scope: string): readonly string[] {
  const name = scope.length > MAX_SHOWN_SCOPE ? (scope.split('@', 1)[0] ?? '') : scope
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name) ? [name] : []
}

let isWarned = false

function warnOfAnswer(error: unknown): void {
  if (isWarned) return
  isWarned = true
  const why = error instanceof Error ? error.message : String(error)
  process.emitWarning(`The answer of respond cannot be sent, so the standard one was: ${why}`, {
    type: 'ApiKeysWarning',
    code: 'OWN_ANSWER',
  })
}
