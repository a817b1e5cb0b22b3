// The answer to a request that is let in and fits: once for each idempotency key, only while its conditions hold, and with
// the entity tag that its document wants.

import type { JournalNote } from '../control/noted-exchanges.js'
import type { Operation } from '../engine/document/operation.js'
import type { MaybeLater } from '../engine/later.js'
import { fingerprintOf } from '../engine/request/idempotency.js'
import type { Answer } from '../engine/response/answers.js'
import { TAG_PLACEHOLDER } from '../engine/response/conditions.js'
import type { Refusal } from '../engine/response/refusals.js'
import { validatorsOf } from '../engine/response/representations.js'
import type { Engine } from '../engine.js'
import { scopeOf } from '../rules/contexts.js'
import type { Served } from '../served.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import { refused } from './document-answers.js'
import { createHandlerAnswers, type HandlerAnswers, type HandlerAnswersOptions } from './handler-answers.js'
import { createPreconditions, isConditional } from './preconditions.js'
import type { Replays } from './replays.js'
import type { AdmittedRequest } from './request-state.js'

export interface AnsweringOptions extends HandlerAnswersOptions {
  readonly served: Pick<Served, 'route' | 'operations'>
  readonly replays: Replays
  readonly webhooks: Pick<Webhooks, 'maySend' | 'through'>
}

export type Answering = HandlerAnswers

export function createAnswering(options: AnsweringOptions): Answering {
  const { rules, replays, served, webhooks } = options
  const handlerAnswers = createHandlerAnswers(options)
  const preconditions = createPreconditions<AdmittedRequest>({
    route: served.route,
    answer: async (engine, request) => handlerAnswers.answer(engine, request, {}),
  })

  return {
    ...handlerAnswers,
    answer(engine, request, note) {
      const withTag = (first: Answer) =>
        isTagged(first, request.operation) ? tagged(engine, request, first) : first
      const answer = answerOnce(engine, request, note)
      return answer instanceof Promise ? answer.then(withTag) : withTag(answer)
    },
  }

  /** Where the document wants an entity tag on a change, it is that of what a GET now shows. */
  async function tagged(engine: Engine, request: AdmittedRequest, answer: Answer): Promise<Answer> {
    const { method } = request.operation
    const isChange = method !== 'POST' && method !== 'GET' && answer.status < 300
    const current = isChange ? await preconditions.stateOf(engine, request) : undefined
    const { etag: own } = current ?? validatorsOf(answer)
    return { ...answer, headers: { ...answer.headers, etag: own } }
  }

  /** The answer, or the first one again when the request repeats one with its idempotency key. */
  function answerOnce(engine: Engine, request: AdmittedRequest, note: JournalNote): MaybeLater<Answer> {
    const { operation, headers } = request
    const isOwn = rules.ownIdempotency === true && handlerAnswers.isHandled(operation.operationId)
    const key = isOwn ? undefined : engine.idempotencyKeys.keyOf(operation, headers, request)
    return key === undefined ? answerIf(engine, request, note) : answerByKey(engine, request, note, key)
  }

  async function answerByKey(
    engine: Engine,
    request: AdmittedRequest,
    note: JournalNote,
    key: string,
  ): Promise<Answer> {
    const { operation, identity, path, parameters, body } = request
    const scope = scopeOf(identity.projectId, identity.environment)
    const keyed = { scope, operation: engine.prefix + operation.id, key }
    const fingerprint = fingerprintOf([path, parameters.query, body])
    const result = await replays.through(keyed, fingerprint, async () => answerIf(engine, request, note))
    if (result.ok) return result.answer
    const refusal = reusedKey(operation)
    return refused(engine, request, refusal, note, refusal.message)
  }

  /** The answer, unless the request changes only a state that there is no more. */
  function answerIf(engine: Engine, request: AdmittedRequest, note: JournalNote): MaybeLater<Answer> {
    const made = () => handlerAnswers.answer(engine, request, note)
    const answer = () =>
      webhooks.maySend(engine, request.operation)
        ? webhooks.through(engine, request, async () => made())
        : made()
    if (!isConditional(request)) return answer()
    const refuse = (refusal: Refusal) => refused(engine, request, refusal, note, refusal.message)
    return preconditions.through(engine, request, async () => answer(), refuse)
  }
}

/** Whether an answer is to have the entity tag of what it is about. */
const isTagged = ({ headers: { etag }, body, status }: Answer, { method }: Operation): boolean =>
  etag?.includes(TAG_PLACEHOLDER) === true && (method !== 'GET' || body === undefined || status !== 200)

const reusedKey = (operation: Operation): Refusal => {
  const documented = new Set(operation.responses().map(({ status }) => status))
  return {
    status: documented.has('422') && !documented.has('409') ? 422 : 409,
    kind: 'idempotency',
    message: 'This idempotency key was used with a different request',
  }
}
