// What can go wrong with a request, and the words that APIs have for it: which value of an `enum` fits an error, and
// which one stands for it where the document names none.

import { normalizeName } from '../json.js'
import type { Violation } from '../request/violations.js'

export type ErrorKind = keyof typeof KINDS

interface KindWords {
  /** What programs compare, the most usual first. The first one is written where the document names none. */
  readonly codes: readonly string[]
  /** Families of errors, for members such as `type` and `category`, likewise. */
  readonly families: readonly string[]
  /** Tells other words of the same kind, in lower case with `_` between and around their parts. */
  readonly pattern: RegExp
}

// The last resort of each: no API has a word for everything.
const CLIENT = [
  'invalid_request_error',
  'invalid_request',
  'bad_request',
  'request_error',
  'client_error',
  'invalid_input',
  'validation_error',
  'failure',
  'fail',
  'error',
  'other',
  'unknown',
] as const
const SERVER = [
  'api_error',
  'server_error',
  'internal_error',
  'internal',
  'error',
  'other',
  'unknown',
] as const

/**
 * In the order in which patterns are tried. Words from google.rpc.Code, RFC 6749 (section 5.2), RFC 6750 (section 3.1),
 * the status names of RFC 9110, and the published error lists of some forty APIs.
 */
export const KINDS = {
  idempotency: {
    codes: [
      'idempotency_error',
      'idempotency_key_reused',
      'idempotency_conflict',
      'idempotency_key_in_use',
      'conflict',
    ],
    families: ['idempotency_error', 'conflict', ...CLIENT],
    pattern: /idempoten/,
  },
  rateLimited: {
    codes: [
      'rate_limit_exceeded',
      'rate_limited',
      'too_many_requests',
      'rate_limit_error',
      'resource_exhausted',
      'throttled',
      'quota_exceeded',
    ],
    families: ['rate_limit_error', 'rate_limit_exceeded', 'rate_limit', 'too_many_requests', ...CLIENT],
    pattern:
      /rate_?limit|too_many_requests|throttl|quota|slow_down|resource_exhausted|requests?_limit|^_limit_exceeded/,
  },
  unauthenticated: {
    codes: [
      'unauthorized',
      'unauthenticated',
      'authentication_error',
      'invalid_auth',
      'authentication_failed',
      'authentication_required',
      'not_authenticated',
      'invalid_token',
      'invalid_api_key',
      'invalid_credentials',
      'not_authed',
      'invalid_client',
    ],
    families: [
      'authentication_error',
      'authentication',
      'auth_error',
      'auth',
      'unauthorized',
      'unauthenticated',
      ...CLIENT,
    ],
    pattern:
      /unauthoriz|unauthenticat|authenticat|_auth(ed)?_|authorization_header|credential|_token_|api_?key|log_?in|session|invalid_client|access_key/,
  },
  forbidden: {
    codes: [
      'forbidden',
      'permission_denied',
      'insufficient_permissions',
      'not_authorized',
      'access_denied',
      'insufficient_scope',
      'missing_scope',
      'permission_error',
    ],
    families: [
      'permission_error',
      'forbidden',
      'permission_denied',
      'authorization_error',
      'authorization',
      ...CLIENT,
    ],
    pattern: /forbid|permission|not_authorized|authorization|_scopes?_|access_denied|privilege|restricted/,
  },
  methodNotAllowed: {
    codes: ['method_not_allowed', 'unsupported_method', 'not_allowed', 'invalid_method'],
    families: ['method_not_allowed', ...CLIENT],
    pattern: /method/,
  },
  notFound: {
    codes: [
      'not_found',
      'resource_not_found',
      'object_not_found',
      'record_not_found',
      'entity_not_found',
      'item_not_found',
      'resource_missing',
      'does_not_exist',
      'not_found_error',
      'no_such_resource',
      'gone',
    ],
    families: ['not_found_error', 'not_found', 'resource_not_found', 'record_not_found', ...CLIENT],
    pattern:
      /not_?found|no_such|missing_resource|resource_missing|not_exist|_gone_|unknown_(resource|object|id)/,
  },
  conflict: {
    codes: [
      'conflict',
      'already_exists',
      'resource_conflict',
      'duplicate',
      'resource_already_exists',
      'aborted',
      'invalid_state',
    ],
    families: ['conflict', 'conflict_error', 'already_exists', ...CLIENT],
    pattern: /conflict|already|duplicate|_exists_|_taken_|_in_use_|aborted|not_unique/,
  },
  tooLarge: {
    codes: [
      'payload_too_large',
      'request_too_large',
      'content_too_large',
      'request_entity_too_large',
      'file_too_large',
      'too_large',
    ],
    families: ['request_too_large', 'payload_too_large', ...CLIENT],
    pattern: /too_(large|big)|payload/,
  },
  unsupportedMediaType: {
    codes: [
      'unsupported_media_type',
      'unsupported_content_type',
      'invalid_content_type',
      'expected_json_body',
    ],
    families: ['unsupported_media_type', ...CLIENT],
    pattern: /(media|content|mime)_?type/,
  },
  notAcceptable: {
    codes: ['not_acceptable'],
    families: ['not_acceptable', ...CLIENT],
    pattern: /acceptable/,
  },
  paymentRequired: {
    codes: ['payment_required', 'card_declined', 'insufficient_funds'],
    families: ['card_error', 'payment_error', 'payment_required', 'billing_error', ...CLIENT],
    pattern: /payment|_card_|funds|billing|declin/,
  },
  timeout: {
    codes: ['request_timeout', 'timeout', 'gateway_timeout', 'deadline_exceeded'],
    families: ['timeout_error', 'timeout', ...SERVER],
    pattern: /time_?out|timed_out|deadline/,
  },
  notImplemented: {
    codes: ['not_implemented', 'unimplemented'],
    families: ['not_implemented', ...SERVER],
    pattern: /implemented/,
  },
  unavailable: {
    codes: [
      'service_unavailable',
      'unavailable',
      'overloaded',
      'temporarily_unavailable',
      'bad_gateway',
      'try_again_later',
    ],
    families: ['service_unavailable', 'overloaded_error', 'unavailable', ...SERVER],
    pattern: /unavailable|overload|maintenance|temporar|gateway|try_again/,
  },
  internal: {
    codes: [
      'internal_error',
      'internal_server_error',
      'server_error',
      'internal',
      'api_error',
      'unexpected_error',
      'fatal_error',
    ],
    families: [...SERVER],
    pattern: /internal|server_error|fatal|_api_error_|unexpected_error|_system_/,
  },
  invalid: {
    codes: [
      'validation_error',
      'validation_failed',
      'validation_errors',
      'invalid_request',
      'invalid_parameter',
      'invalid_argument',
      'bad_request',
      'invalid_input',
      'invalid_arguments',
      'unprocessable_entity',
      'invalid_value',
      'bad_parameter',
      'malformed_request',
      'invalid',
    ],
    families: [
      'invalid_request_error',
      'invalid_request',
      'validation_error',
      'validation',
      'bad_request',
      'invalid',
      ...CLIENT,
    ],
    pattern:
      /invalid|valid|bad_|malformed|missing|require|unprocess|param|argument|input|request|field|format|schema|constraint|illegal|incorrect/,
  },
} as const satisfies Readonly<Record<string, KindWords>>

const KIND_OF_STATUS: Readonly<Record<number, ErrorKind>> = {
  401: 'unauthenticated',
  402: 'paymentRequired',
  403: 'forbidden',
  404: 'notFound',
  405: 'methodNotAllowed',
  406: 'notAcceptable',
  407: 'unauthenticated',
  408: 'timeout',
  409: 'conflict',
  410: 'notFound',
  412: 'conflict',
  413: 'tooLarge',
  415: 'unsupportedMediaType',
  423: 'conflict',
  428: 'conflict',
  429: 'rateLimited',
  501: 'notImplemented',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
}

export const kindOfStatus = (status: number): ErrorKind =>
  KIND_OF_STATUS[status] ?? (status >= 500 ? 'internal' : 'invalid')

/** What a member is wrong about, by the keyword of JSON Schema: codes for one violation, the most usual first. */
const VIOLATION_CODES: Readonly<Record<string, readonly string[]>> = {
  required: [
    'missing_field',
    'missing',
    'missing_required_parameter',
    'missing_required_field',
    'missing_parameter',
    'parameter_missing',
    'required_field',
    'field_required',
    'required',
    'blank',
  ],
  additionalProperties: [
    'unknown_field',
    'unknown_parameter',
    'parameter_unknown',
    'extra_forbidden',
    'unexpected_field',
    'unexpected_parameter',
    'unknown_query_parameter',
    'unrecognized_field',
  ],
  type: ['invalid_type', 'incorrect_type', 'wrong_type', 'type_error', 'type_mismatch'],
  enum: ['invalid_enum_value', 'invalid_choice', 'not_in_enum', 'inclusion', 'enum'],
  format: ['invalid_format', 'format'],
  pattern: [
    'invalid_format',
    'value_regex_mismatch',
    'pattern_mismatch',
    'string_pattern_mismatch',
    'pattern',
  ],
  minLength: ['too_short', 'value_too_short', 'string_too_short', 'value_empty', 'min_length'],
  maxLength: ['too_long', 'value_too_long', 'string_too_long', 'max_length'],
  minimum: ['too_small', 'value_too_low', 'too_low', 'greater_than_equal', 'min_value', 'out_of_range'],
  maximum: ['too_large', 'value_too_high', 'too_high', 'less_than_equal', 'max_value', 'out_of_range'],
  minItems: ['too_few_items', 'array_length_too_short', 'array_empty', 'too_short'],
  maxItems: ['too_many_items', 'array_length_too_long', 'too_long'],
  uniqueItems: ['duplicate', 'not_unique'],
}
const SAME_AS: Readonly<Record<string, string>> = {
  dependentRequired: 'required',
  unevaluatedProperties: 'additionalProperties',
  const: 'enum',
  exclusiveMinimum: 'minimum',
  exclusiveMaximum: 'maximum',
}
const GENERAL_CODES = ['invalid_value', 'invalid', 'invalid_parameter', 'invalid_field'] as const

/** The codes of one violation. */
export function codesOf({ keyword = '', message }: Violation): readonly string[] {
  const own = VIOLATION_CODES[SAME_AS[keyword] ?? keyword] ?? []
  const type = keyword === 'type' ? /must be (\w+)/.exec(message)?.[1] : undefined
  return [...own, ...(type === undefined ? [] : [`expected_${type}`]), ...GENERAL_CODES]
}

/** What pydantic calls one violation in `type`, by the same keywords. */
const VIOLATION_TYPES: Readonly<Record<string, string>> = {
  required: 'missing',
  dependentRequired: 'missing',
  additionalProperties: 'extra_forbidden',
  unevaluatedProperties: 'extra_forbidden',
  enum: 'enum',
  const: 'literal_error',
  pattern: 'string_pattern_mismatch',
  minLength: 'string_too_short',
  maxLength: 'string_too_long',
  minimum: 'greater_than_equal',
  exclusiveMinimum: 'greater_than',
  maximum: 'less_than_equal',
  exclusiveMaximum: 'less_than',
  minItems: 'too_short',
  maxItems: 'too_long',
}

/** The types of one violation. */
export function typesOf(violation: Violation): readonly string[] {
  const { keyword = '', message } = violation
  const type = keyword === 'type' ? /must be (\w+)/.exec(message)?.[1] : undefined
  return [
    type === undefined ? (VIOLATION_TYPES[keyword] ?? 'value_error') : `${type}_type`,
    ...codesOf(violation),
  ]
}

/** The codes of RFC 6749 (sections 4.1.2.1 and 5.2) and RFC 6750. */
export const OAUTH_CODES: Readonly<Partial<Record<ErrorKind, string>>> = {
  unauthenticated: 'invalid_client',
  forbidden: 'access_denied',
  unavailable: 'temporarily_unavailable',
  internal: 'server_error',
  invalid: 'invalid_request',
}

/** `InvalidRequest`, `invalid-request` and `INVALID_REQUEST` are `_invalid_request_`. */
const inWords = (text: string): string =>
  `_${text
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase()}_`

/** What kind of error a word is about; undefined when it does not say. */
export function kindOfWord(word: string): ErrorKind | undefined {
  const text = inWords(word)
  return (Object.keys(KINDS) as ErrorKind[]).find((kind) => KINDS[kind].pattern.test(text))
}

export interface Wanted {
  readonly kind: ErrorKind
  /** The words that say it, the best first. */
  readonly words: readonly string[]
  /** The member that it is about, whose name may be part of a word. */
  readonly member: string
}

/**
 * The word that says what is wanted: the same, or one of the same kind with the fewest parts that say something else,
 * or one that is said of any error; undefined where none does.
 */
export function chooseWord(values: readonly string[], wanted: Wanted): string | undefined {
  const [best] = values
    .map((value) => ({ value, points: closeness(value, wanted) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
  return best?.value
}

/** How well a word says what is wanted: from 2 for the same word to 0 for one of something else. */
export function closeness(value: string, { kind, words, member }: Wanted): number {
  const name = normalizeName(value)
  const index = words.findIndex((word) => normalizeName(word) === name)
  const isGeneral = LAST_RESORTS.has(words[index] ?? '') && !KINDS[kind].pattern.test(inWords(value))
  if (index >= 0) return isGeneral ? 0.1 - index / 1_000 : 2 - index / 1_000
  if (kindOfWord(value) !== kind) return 0
  return Math.min(1, Math.max(0, nearness(value, words, member) / 50))
}

const LAST_RESORTS: ReadonlySet<string> = new Set([...CLIENT, ...SERVER])

/** Whether a word says nothing but what is wanted. */
export function isPlain(value: string, { words, member }: Wanted): boolean {
  const ofMember = partsOf(member)
  return words.some((word) => {
    const wanted = partsOf(word)
    return partsOf(value).every((part) => wanted.includes(part) || ofMember.includes(part))
  })
}

const partsOf = (text: string): readonly string[] => inWords(text).split('_').filter(Boolean)

/** How much of a value is said by one of the words, or by the member's name; what nobody asked for counts against it. */
function nearness(value: string, words: readonly string[], member: string): number {
  const parts = partsOf(value)
  const ofMember = partsOf(member)
  const points = words.map((word, index) => {
    const wanted = partsOf(word)
    const said = wanted.filter((part) => parts.includes(part)).length
    const strange = parts.filter((part) => !wanted.includes(part) && !ofMember.includes(part)).length
    const named = parts.filter((part) => ofMember.includes(part)).length
    return said === 0 ? 0 : 10 * said + 5 * named - 6 * strange - index / 10
  })
  return Math.max(...points, 0)
}

/** A word in the manner of another one: `not_found` like `E_CONFLICT` is `NOT_FOUND`. */
export function inMannerOf(word: string, model: string | undefined): string {
  if (model === undefined || /\s/.test(model)) return word
  const parts = word.split('_')
  const capital = (part: string) => part.charAt(0).toUpperCase() + part.slice(1)
  if (/^[A-Z\d]+([_-][A-Z\d]+)*$/.test(model))
    return parts.join(model.includes('-') ? '-' : '_').toUpperCase()
  if (/^[a-z\d]+(-[a-z\d]+)+$/.test(model)) return parts.join('-')
  if (/^[A-Z][A-Za-z\d]*$/.test(model)) return parts.map(capital).join('')
  if (/^[a-z]+[A-Z]/.test(model)) return parts.map((part, i) => (i === 0 ? part : capital(part))).join('')
  if (/^[a-z\d]+(\.[a-z\d_]+)+$/.test(model)) return word
  return word
}

/** Whether a text reads like a word for programs rather than a sentence for people. */
export const isCode = (text: string): boolean =>
  /^[A-Z][a-z]+([A-Z][a-z]+)+$/.test(text) ||
  /^[a-z\d]+([_.-][a-z\d]+)+$/.test(text) ||
  /^[A-Z\d]+([_.-][A-Z\d]+)+$/.test(text) ||
  /^[A-Z]{3,}$/.test(text)
