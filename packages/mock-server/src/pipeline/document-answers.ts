// What a document answers by itself: its streams, what is stored, and else its examples and samples.

import type { JournalNote } from '../control/noted-exchanges.js'
import type { Operation } from '../engine/document/operation.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import { noPreferences, type Preferences } from '../engine/request/preferences.js'
import { describe } from '../engine/request/violations.js'
import type { Answer } from '../engine/response/answers.js'
import { exampleIn } from '../engine/response/languages.js'
import type { Refusal } from '../engine/response/refusals.js'
import type { Template } from '../engine/response/responses.js'
import { nearest } from '../engine/schema/alternatives.js'
import type { SchemaError } from '../engine/schema/validation.js'
import type { Engine } from '../engine.js'
import type { HandlerAnswer } from '../rules/handlers.js'

export interface DocumentAnswers {
  answer(engine: Engine, request: ApiRequest, note: JournalNote): Answer
  /** A handler's answer with what the document says of its status. */
  completed(engine: Engine, request: ApiRequest, answered: HandlerAnswer, note: JournalNote): Answer
}

/** @param strict answers an error where the document contradicts itself, instead of the nearest answer. */
export function createDocumentAnswers(strict: boolean): DocumentAnswers {
  return {
    answer(engine, request, note) {
      const { lessons, responses, state } = engine
      const answer =
        streamed(engine, request, note) ??
        recalled(engine, request) ??
        stored(engine, request, note) ??
        sampled(engine, request, note)
      if (answer.source !== 'stored' && answer.source !== 'error') state?.noteShown(request, answer.body)
      return lessons?.dressed(request, answer, responses) ?? answer
    },

    completed(engine, request, { status, body, headers }, note) {
      const { operation } = request
      const preferences = status === undefined ? noPreferences : { ...noPreferences, code: status }
      const choice = engine.responses.choose(operation, request.headers.accept, preferences)
      if (!choice.ok) return { status: status ?? 200, headers: headers ?? {}, body, source: 'rule' }
      const errors = engine.responses.check(choice.template, body)
      const answer = engine.responses.answerOf(choice.template, body, headers)
      return contradicted(engine, operation, errors, note) ?? { ...answer, source: 'rule' }
    },
  }

  function streamed(engine: Engine, request: ApiRequest, note: JournalNote): Answer | undefined {
    const { streams, responses } = engine
    const chosen = streams.choose(request)
    if (chosen === undefined) return undefined
    const { errors, source, mediaType, ...stream } = streams.events(chosen, request.preferences)
    const answer = { ...responses.answer(chosen, undefined), mediaType, stream, source }
    return contradicted(engine, request.operation, errors, note) ?? answer
  }

  function sampled(engine: Engine, request: ApiRequest, note: JournalNote): Answer {
    const { operation, headers, preferences } = request
    const { responses } = engine
    const choice = responses.choose(operation, headers.accept, preferences)
    if (!choice.ok) return refused(engine, request, choice, note, choice.message)
    const spoken = spokenExample(choice.template, request)
    const wanted = spoken === undefined ? preferences : { ...preferences, example: spoken.name }
    const { value, errors, contradictions = [], source } = responses.sample(choice.template, wanted)
    const problems = strict ? [...errors, ...contradictions] : errors
    const language = spoken && { 'content-language': spoken.language, vary: 'Accept-Language' }
    const answer = responses.answer(choice.template, value, language)
    return contradicted(engine, operation, problems, note) ?? { ...answer, source }
  }

  /** Notes that a body does not fit its description; under `strict`, the answer that says so instead. */
  function contradicted(
    engine: Engine,
    operation: Operation,
    errors: readonly SchemaError[],
    note: JournalNote,
  ): Answer | undefined {
    const [error] = nearest(errors)
    if (error === undefined) return undefined
    const { source } = engine.document
    const place = source.locate(operation.pointer) ?? operation.pointer
    note.reason = `the answer does not fit ${place}: ${error.instancePath || 'it'} ${describe(error)}`
    return strict ? engine.refusals.answer(undefined, { status: 500, message: note.reason }) : undefined
  }
}

/** The answer of recorded traffic. */
const recalled = ({ lessons, responses, state }: Engine, request: ApiRequest): Answer | undefined =>
  lessons?.recall(request, responses, state?.keeps(request.operation) === true)

function stored(engine: Engine, request: ApiRequest, note: JournalNote): Answer | undefined {
  const found = wantsState(request.preferences) ? engine.state?.answer(request) : undefined
  if (found === undefined || 'answer' in found) return found?.answer
  return refused(engine, request, found.refusal, note)
}

/** The answer that refuses a request, with its reason for the journal. */
export function refused(
  { refusals }: Engine,
  { operation, headers, path }: ApiRequest,
  refusal: Refusal,
  note: JournalNote,
  reason: string = refusals.describe(refusal),
): Answer {
  note.reason = reason
  return refusals.answer(operation, refusal, { accept: headers.accept, path })
}

/** The example in the language that a client likes best, where examples differ by it and none was asked for by name. */
const spokenExample = ({ media }: Template, { headers, preferences }: ApiRequest) =>
  media === undefined || preferences.example !== undefined
    ? undefined
    : exampleIn(media, headers['accept-language'])

/** Whoever asks for a status, an example or new values wants just that. */
const wantsState = ({ code, example, dynamic }: Preferences): boolean =>
  code === undefined && example === undefined && dynamic !== true
