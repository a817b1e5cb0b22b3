// Answers to reads, remembered until something is written: whoever asks the same again is told the same, in the bytes that
// were made the first time (contract, 6).

import type { ApiRequest } from '../../engine/request/api-request.js'
import { type Answer, JSON_TYPE, serialize } from '../../engine/response/answers.js'
import { validatorsOf } from '../../engine/response/representations.js'
import type { Transactions } from '../../storage/transactions.js'
import type { StateAnswer } from '../answering.js'

export interface UnchangedAnswers {
  /** The answer to the same request, header by header, where nothing was written since; else what `make` gives. */
  through(request: ApiRequest, make: () => StateAnswer): StateAnswer
  forget(): void
}

const MAX_ANSWERS = 64
const MAX_LENGTH = 32_768

export function createUnchangedAnswers({ stamp }: Pick<Transactions, 'stamp'>): UnchangedAnswers {
  const answers = new Map<string, StateAnswer>()
  let answersAreOf = -1

  return {
    through(request, make) {
      if (request.operation.method !== 'GET' || request.body !== undefined) return make()
      const now = stamp()
      if (answersAreOf !== now || answers.size >= MAX_ANSWERS) {
        answers.clear()
        answersAreOf = now
      }
      const name = nameOf(request)
      const known = answers.get(name)
      if (known !== undefined) return known
      const made = make()
      if (made === undefined || 'refusal' in made) return made
      const answer = written(made.answer)
      // A read may write: the samples that a collection begins with, for one.
      const isUnchanged = stamp() === now
      if (isUnchanged && (answer.encoded?.length ?? 0) <= MAX_LENGTH) answers.set(name, { answer })
      return { answer }
    },
    forget: () => answers.clear(),
  }
}

/** With the bytes that it is sent in, and their entity tag. */
function written(answer: Answer): Answer {
  const { body, mediaType = JSON_TYPE } = answer
  if (body === undefined) return answer
  const encoded = answer.encoded ?? serialize(body, mediaType)
  return { ...answer, encoded, etag: validatorsOf({ ...answer, encoded }).etag }
}

function nameOf({ operation, identity, scheme, target, path, headers }: ApiRequest): string {
  let name = `${operation.id}\n${identity.projectId}\n${identity.environment}\n${scheme}\n${target ?? path}`
  for (const field in headers) name += `\n${field}:${headers[field]}`
  return name
}
