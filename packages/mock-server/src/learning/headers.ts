// Header fields of recorded answers: which of them say something of the API, what each depends on, and how they are filled in.

import type { Operation } from '../engine/document/operation.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Answer } from '../engine/response/answers.js'
import type { Responses, Template } from '../engine/response/responses.js'
import type { AnswerLesson, HeaderLesson } from './learned-file.js'
import { namesOf, type Sample, saidBy, saysOf } from './members.js'

/** With the header fields of its answer, names in lower case and without secrets. */
export type HeaderSample = Sample & { readonly headers: Readonly<Record<string, string>> }

/** Those that clients act on, whether a document describes them or not. */
const USUAL = new Set([
  'accept-patch',
  'allow',
  'cache-control',
  'content-disposition',
  'content-language',
  'deprecation',
  'link',
  'location',
  'retry-after',
  'sunset',
  'warning',
])
/** The mock makes these itself, for each answer or connection. */
const OWN = new Set([
  ...['connection', 'content-encoding', 'content-length', 'content-type', 'date', 'etag', 'keep-alive'],
  ...['last-modified', 'mock-source', 'set-cookie', 'trailer', 'transfer-encoding', 'upgrade', 'vary'],
  'www-authenticate',
])
/** The state knows these better, where it has them. */
const BETTER_KNOWN = new Set(['link', 'location', 'retry-after', 'allow'])
const MAX_LENGTH = 1_024

export function headersOf(
  samples: readonly HeaderSample[],
  operation: Operation,
  status: number,
): Readonly<Record<string, HeaderLesson>> {
  const described = new Set(
    operation
      .responses()
      .filter((one) => one.status === String(status) || /^(default|[1-5]XX)$/.test(one.status))
      .flatMap(({ headers }) => headers.map(({ name }) => name.toLowerCase())),
  )
  const [first] = samples
  const names = Object.keys(first?.headers ?? {}).filter((name) => USUAL.has(name) || described.has(name))
  const found = names.sort().flatMap((name) => {
    const lesson = OWN.has(name) ? undefined : lessonOf(name, samples)
    return lesson === undefined ? [] : [[name, lesson] as const]
  })
  return Object.fromEntries(found)
}

function lessonOf(name: string, samples: readonly HeaderSample[]): HeaderLesson | undefined {
  const values = samples.map(({ headers }) => headers[name])
  const [first] = values
  if (first === undefined || first.length > MAX_LENGTH) return undefined
  const isConstant = values.every((value) => value === first)
  if (isConstant && (samples.length > 1 || name !== 'location')) return first
  const says = saysOf(values, samples.map(namesIn))
  return says === undefined ? undefined : { says }
}

/** What an answer was made of: what was sent, and what it holds itself. */
const namesIn = (sample: Sample): ReadonlyMap<string, unknown> =>
  namesOf({ ...sample.sent, answer: sample.body })

/** The part of the document that an answer of a status must fit. */
export function templateOf(responses: Responses, operation: Operation, status: number): Template | undefined {
  const choice = responses.choose(operation, undefined, { ...noPreferences, code: status })
  return choice.ok ? choice.template : undefined
}

interface Answered extends Pick<Sample, 'sent'> {
  readonly operation: Operation
  readonly responses: Responses
}

/** An answer with the header fields that were seen, as far as the document allows them. */
export function withHeaders(
  answer: Answer,
  { headers: lessons }: Pick<AnswerLesson, 'headers'>,
  { operation, responses, sent }: Answered,
): Answer {
  if (lessons === undefined) return answer
  const template = templateOf(responses, operation, answer.status)
  const names = namesIn({ sent, body: answer.body })
  const headers = { ...answer.headers }
  for (const [name, lesson] of Object.entries(lessons)) {
    const text = typeof lesson === 'string' ? lesson : saidBy(lesson.says, names)
    const isKept = Object.hasOwn(headers, name) && BETTER_KNOWN.has(name)
    if (text === undefined || isKept || !SENDABLE.test(text)) continue
    if (template === undefined || responses.checkHeader(template, name, text).length === 0)
      headers[name] = text
  }
  return { ...answer, headers }
}

/** What Node sends: a file may hold anything. */
const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/
