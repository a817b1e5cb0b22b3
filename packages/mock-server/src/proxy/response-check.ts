// Holds an answer of the real API against the document: its status, media type, body and header fields.

import type { Operation, ResponseSpec } from '../engine/document/operation.js'
import { bestMatch, isJsonType, isXmlType, parseMediaType } from '../engine/request/media-types.js'
import { noPreferences } from '../engine/request/preferences.js'
import { headerErrors } from '../engine/response/header-values.js'
import type { Engine } from '../engine.js'
import { type Diagnostic, ofResponse } from './diagnostics.js'
import type { Fields } from './header-fields.js'

export interface ReceivedAnswer {
  readonly status: number
  readonly headers: Fields
  /** Decompressed; undefined where the body has not been held back, or has none. */
  readonly bytes: Buffer | undefined
  /** Whether an answer of this kind has no body at all. */
  readonly isEmpty: boolean
}

export interface CheckedAnswer {
  readonly diagnostics: readonly Diagnostic[]
  /** What the body says; its text where it is no JSON. */
  readonly body: unknown
}

/** Whether the body of an answer can be held against a schema. */
export const isCheckable = (contentType: string): boolean => isJsonType(contentType) || isXmlType(contentType)

export async function checkAnswer(
  engine: Engine,
  operation: Operation | undefined,
  { status, headers, bytes, isEmpty }: ReceivedAnswer,
): Promise<CheckedAnswer> {
  const contentType = String(headers['content-type'] ?? '')
  const parsed = bytes === undefined ? undefined : bodyOf(bytes, contentType)
  if (operation === undefined) return { diagnostics: [], body: parsed?.value }
  const choice = engine.responses.choose(operation, undefined, { ...noPreferences, code: status })
  const { response } = choice.ok ? choice.template : { response: undefined }
  if (response === undefined) return { diagnostics: [undocumented(operation, status)], body: parsed?.value }
  const mistyped = isEmpty ? [] : mediaTypeOf(response, contentType)
  const wrong =
    parsed === undefined ? [] : await bodyDiagnostics(engine, response, contentType, bytes, parsed)
  return {
    diagnostics: [...mistyped, ...wrong, ...headerDiagnostics(engine, response, headers)],
    body: parsed?.value,
  }
}

/** Prism takes an undocumented success for an error, and leaves others at a warning. */
const undocumented = (operation: Operation, status: number): Diagnostic => ({
  location: ['response'],
  severity: status >= 200 && status < 300 ? 'Error' : 'Warning',
  message: `Unable to match the returned status code with those defined in the document: ${operation
    .responses()
    .map((response) => response.status)
    .join(',')}`,
})

function mediaTypeOf({ content }: ResponseSpec, contentType: string): readonly Diagnostic[] {
  const sent = parseMediaType(contentType)
  if (content.length === 0 || (sent !== undefined && bestMatch(content, sent) !== undefined)) return []
  const types = content.map(({ type }) => type).join(', ')
  const message = `The received media type "${contentType}" does not match the one${
    content.length > 1 ? 's' : ''
  } specified in the current response: ${types}`
  return [{ location: ['response'], severity: 'Error', message }]
}

type ParsedBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly value: string }

function bodyOf(bytes: Buffer, contentType: string): ParsedBody {
  const text = bytes.toString()
  if (!isJsonType(contentType)) return { ok: true, value: text }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, value: text }
  }
}

async function bodyDiagnostics(
  engine: Engine,
  { content }: ResponseSpec,
  contentType: string,
  bytes: Buffer | undefined,
  parsed: ParsedBody,
): Promise<readonly Diagnostic[]> {
  const sent = parseMediaType(contentType)
  const media = sent && bestMatch(content, sent)
  if (media?.schema === undefined || bytes === undefined) return []
  if (!parsed.ok) return [notParsable('JSON')]
  let value = parsed.value
  if (isXmlType(contentType)) {
    const decoded = await engine.bodies.decode(
      { required: true, content },
      { 'content-type': contentType },
      bytes,
    )
    if ('status' in decoded) return [notParsable('XML')]
    if (!decoded.comparable) return []
    value = decoded.value
  }
  const schema = engine.schemas.convert(media.schema, 'response')
  return engine.validation
    .ofSchema(schema)(value)
    .map((error) => ofResponse('body', [], error))
}

const notParsable = (language: string): Diagnostic => ({
  location: ['response', 'body'],
  severity: 'Error',
  code: 'parse',
  message: `Response body is not valid ${language}`,
})

function headerDiagnostics(engine: Engine, response: ResponseSpec, headers: Fields): readonly Diagnostic[] {
  return response.headers.flatMap(({ name, required, schema }): Diagnostic[] => {
    const lower = name.toLowerCase()
    const value = headers[lower]
    // A field of that name describes nothing (OpenAPI, Response Object).
    if (lower === 'content-type') return []
    if (value === undefined)
      return required
        ? [
            {
              ...{ location: ['response', 'header'], severity: 'Error', code: 'required' },
              message: `Response header must have required property '${lower}'`,
            },
          ]
        : []
    if (schema === undefined) return []
    const converted = engine.schemas.convert(schema, 'response')
    const errors = headerErrors(engine.validation, converted, [value].flat().join(', '))
    return errors.map((error) => ofResponse('header', [lower], error))
  })
}
