// What an API's own rules answer, and the document for every operation that they do not know.

import type { IncomingMessage } from 'node:http'
import type { JournalNote } from '../control/noted-exchanges.js'
import type { Operation } from '../engine/document/operation.js'
import { isNested } from '../engine/json.js'
import type { MaybeLater } from '../engine/later.js'
import type { Answer } from '../engine/response/answers.js'
import type { Engine } from '../engine.js'
import type { MockContext } from '../rules/context.js'
import type { Contexts } from '../rules/contexts.js'
import type { Handler, HandlerResult } from '../rules/handlers.js'
import { isRefusal, type Rules } from '../rules/rules.js'
import type { Identity } from '../security/gate.js'
import type { Scheme } from '../security/host-guard.js'
import type { Transactions } from '../storage/transactions.js'
import { createDocumentAnswers, refused } from './document-answers.js'
import type { AdmittedRequest } from './request-state.js'

export interface HandlerAnswersOptions {
  readonly rules: Rules
  readonly contexts: Contexts
  readonly transactions: Transactions
  readonly scheme: Scheme
  /** True answers an error where the document contradicts itself, instead of the nearest answer. */
  readonly strict: boolean
  readonly onError: (error: unknown) => void
}

export interface HandlerAnswers {
  answer(engine: Engine, request: AdmittedRequest, note: JournalNote): MaybeLater<Answer>
  /** What the API's own rules work with. @throws when the project of a verified key is gone. */
  /** @param by the operation whose handler works with it. */
  contextFor(identity: Identity, headers: IncomingMessage['headers'], by?: Operation): MockContext
  isHandled(operationId: string | undefined): boolean
}

export function createHandlerAnswers(options: HandlerAnswersOptions): HandlerAnswers {
  const { contexts, transactions, scheme, onError } = options
  const { handlers = {} } = options.rules
  const documentAnswers = createDocumentAnswers(options.strict)

  const handlerOf = (id: string | undefined): Handler | undefined =>
    id !== undefined && Object.hasOwn(handlers, id) ? handlers[id] : undefined

  const contextFor: HandlerAnswers['contextFor'] = ({ projectId, environment }, { host }, by) => {
    const context = contexts.of(projectId, environment, host && `${scheme}://${host}`, by)
    if (context === undefined) throw new Error('The project of a verified key is gone')
    return context
  }

  const handled = async (
    engine: Engine,
    request: AdmittedRequest,
    note: JournalNote,
    { id, handler }: { readonly id: string; readonly handler: Handler },
  ): Promise<Answer> => {
    const { operation, identity } = request
    const called = {
      ...contextFor(identity, request.headers, operation),
      request: { ...request, operationId: id, method: operation.method },
      apiKey: identity.apiKey,
      fallback: async () => unshared(documentAnswers.answer(engine, request, note)),
    }
    let result: HandlerResult
    try {
      result = await transactions.unit(() => handler(called))
    } catch (error) {
      onError(error)
      result = { refusal: { status: 500, message: `The handler of ${id} failed; the log says why` } }
    }
    return isRefusal(result)
      ? refused(engine, request, result.refusal, note)
      : documentAnswers.completed(engine, request, result, note)
  }

  return {
    contextFor,
    isHandled: (id) => handlerOf(id) !== undefined,

    answer(engine, request, note) {
      const { operation, preferences } = request
      const { operationId: id } = operation
      const handler = handlerOf(id)
      return handler === undefined || id === undefined || preferences.code !== undefined
        ? documentAnswers.answer(engine, request, note)
        : handled(engine, request, note, { id, handler })
    },
  }
}

/** An answer whose body its handler may change: what it is made of is shown again to others. */
const unshared = (answer: Answer): Answer =>
  isNested(answer.body) && !Buffer.isBuffer(answer.body)
    ? { ...answer, body: structuredClone(answer.body) }
    : answer
