// Tokens in the form that a document describes for its token endpoint: with its names, its envelope and its further members.

import type { Operation } from '../engine/document/operation.js'
import { isObject, type JsonObject, normalizeName } from '../engine/json.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Answer } from '../engine/response/answers.js'
import type { Responses } from '../engine/response/responses.js'

/** What a sample must not make up, for a client would use it. */
const ONLY_REAL = new Set(['refreshtoken', 'idtoken'])

/** @param answer of the authorization server; an error stays as it is. */
export function inDocumentedForm(
  responses: Responses,
  operation: Operation,
  accept: string | undefined,
  answer: Answer,
): Answer {
  const { body, headers } = answer
  const choice = responses.choose(operation, accept, noPreferences)
  if (answer.status !== 200 || !isObject(body) || !choice.ok || choice.template.media === undefined)
    return answer
  const { template } = choice
  const { value } = responses.sample(template, noPreferences)
  // Some documents allow the type in one spelling only (RFC 6749, section 5.1: either is right).
  for (const type of [body.token_type, String(body.token_type).toLowerCase()]) {
    const issued = { ...body, token_type: type }
    const filled = withTokens(value, issued, true)
    const complete = isObject(filled) ? [{ ...filled, ...issued }, filled] : []
    const fitting = [...complete, issued, withTokens(value, issued, false)].find(
      (one) => responses.check(template, one).length === 0,
    )
    if (fitting !== undefined) return responses.answerOf(template, fitting, headers)
  }
  return answer
}

/** A sample with real tokens wherever it has a member of such a name. */
function withTokens(sample: unknown, issued: JsonObject, isStrict: boolean): unknown {
  const real = new Map(Object.entries(issued).map(([name, value]) => [normalizeName(name), value]))
  const replaced = (node: unknown, depth: number): unknown => {
    if (!isObject(node) || depth > MAX_DEPTH) return node
    return Object.fromEntries(
      Object.entries(node).flatMap(([name, value]) => {
        const plain = normalizeName(name)
        const token = real.get(plain)
        if (token !== undefined) return [[name, inTypeOf(value, token)]]
        return isStrict && ONLY_REAL.has(plain) ? [] : [[name, replaced(value, depth + 1)]]
      }),
    )
  }
  return replaced(sample, 0)
}

const MAX_DEPTH = 8

function inTypeOf(sample: unknown, value: unknown): unknown {
  if (typeof sample === 'string') return String(value)
  if (typeof sample === 'number') return Number(value)
  return Array.isArray(sample) ? String(value).split(' ') : value
}
