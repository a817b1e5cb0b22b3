// What the members of error bodies mean, by their names: the conventions of frameworks, standards and published APIs
// in one table. A document that follows none of them still gets valid errors, only less telling ones.

import { normalizeName } from '../json.js'

export type MemberRole =
  /** Says for people what is wrong. */
  | 'text'
  /** Says so where no `text` does, and is otherwise what its `otherwise` says. */
  | 'maybeText'
  /** The name of the status. */
  | 'title'
  /** What went wrong, for programs. */
  | 'code'
  /** The family of errors that it belongs to, for programs. */
  | 'family'
  /** A code of RFC 6749, section 5.2. */
  | 'oauthCode'
  /** What is wrong with one member, in pydantic's words. */
  | 'violationType'
  /** The status of the answer, as a number or as text. */
  | 'status'
  /** The part of the request, the member and what is wrong with it, in one line. */
  | 'phrase'
  /** The member at fault, as `items.0.price`. */
  | 'field'
  /** The same as a JSON pointer (RFC 6901). */
  | 'pointer'
  /** The same as a list of names and positions. */
  | 'segments'
  /** The same with the part of the request in front. */
  | 'location'
  /** The parameter at fault, when it is none of the body. */
  | 'parameter'
  /** The header at fault. */
  | 'header'
  /** The part of the request: body, query, path, header, cookie. */
  | 'place'
  /** The keyword of JSON Schema that was not met. */
  | 'keyword'
  /** The path of the request. */
  | 'request'
  /** The name of the schema. */
  | 'schemaName'
  /** Whether it went well: text beside a numeric status. */
  | 'outcome'
  | 'isError'
  | 'isSuccess'
  | 'retryAfter'
  /** As RFC 9457, section 4.2.1 has it. */
  | 'problemType'

export interface Meaning {
  readonly role: MemberRole
  /** Of a `maybeText` beside a text. */
  readonly otherwise?: MemberRole
  /** Which of several texts says it where one does for all: the lowest. */
  readonly rank?: number
}

interface Row {
  readonly names: readonly string[]
  readonly meaning: Meaning
  /** Where it means this: at the top, in the entry for one violation, or in both. */
  readonly at: 'top' | 'entry' | 'both'
  /** Who writes errors so. */
  readonly source: string
}

const ROWS: readonly Row[] = [
  {
    names: ['message', 'msg', 'errormessage', 'errmsg', 'errormsg'],
    meaning: { role: 'text' },
    at: 'both',
    source: 'google.rpc.Status, Stripe, NestJS, Spring Boot, Laravel, pydantic (msg), and most others',
  },
  {
    names: ['detail', 'details'],
    meaning: { role: 'text' },
    at: 'both',
    source: 'RFC 9457, JSON:API, Django REST framework, Square, SCIM (RFC 7644, section 3.12)',
  },
  {
    names: ['errordescription', 'description', 'longmessage', 'longdescription', 'extendedmessage'],
    meaning: { role: 'text' },
    at: 'both',
    source: 'RFC 6749, section 5.2; PayPal; eBay',
  },
  {
    names: [
      ...[
        'displaymessage',
        'usermessage',
        'developermessage',
        'friendlymessage',
        'humanmessage',
        'localizedmessage',
      ],
      ...[
        'errorsummary',
        'errortext',
        'errordetail',
        'faultstring',
        'diagnostics',
        'text',
        'explanation',
        'messagetext',
      ],
    ],
    meaning: { role: 'text' },
    at: 'both',
    source: 'Plaid, Okta, SOAP, FHIR OperationOutcome',
  },
  {
    names: ['reason', 'issue'],
    meaning: { role: 'maybeText', otherwise: 'code', rank: 1 },
    at: 'both',
    source: 'Kubernetes, Google (code beside a message), PayPal (issue), Elasticsearch (the text itself)',
  },
  {
    names: ['error', 'err', 'exception', 'fault'],
    meaning: { role: 'maybeText', otherwise: 'title', rank: 2 },
    at: 'both',
    source: 'NestJS, Spring Boot, hapi (name of the status); Sinatra, Express and others (the text itself)',
  },
  {
    names: ['title', 'summary'],
    meaning: { role: 'maybeText', otherwise: 'title', rank: 3 },
    at: 'both',
    source: 'RFC 9457, JSON:API',
  },
  {
    names: ['name', 'errorname'],
    meaning: { role: 'maybeText', otherwise: 'code', rank: 4 },
    at: 'top',
    source: 'PayPal, Resend, Mandrill',
  },
  {
    names: ['statustext', 'statusmessage', 'reasonphrase', 'httpstatustext'],
    meaning: { role: 'maybeText', otherwise: 'title', rank: 5 },
    at: 'both',
    source: 'the Fetch standard',
  },
  {
    names: ['code', 'errorcode', 'errcode', 'scimtype', 'subcode', 'errorkey', 'logref'],
    meaning: { role: 'code' },
    at: 'both',
    source: 'Stripe, Square, Salesforce, Okta, SCIM',
  },
  {
    names: ['type', 'errortype', 'category', 'errorcategory', 'family', 'errorclass', 'kindoferror'],
    meaning: { role: 'family' },
    at: 'top',
    source: 'Stripe, OpenAI, Plaid, Square, HubSpot',
  },
  {
    names: ['category', 'errortype'],
    meaning: { role: 'family' },
    at: 'entry',
    source: 'Square',
  },
  {
    names: ['type', 'violationtype'],
    meaning: { role: 'violationType' },
    at: 'entry',
    source: 'pydantic and FastAPI',
  },
  {
    names: ['status', 'statuscode', 'httpstatus', 'httpstatuscode', 'httpcode', 'responsecode'],
    meaning: { role: 'status' },
    at: 'both',
    source: 'RFC 9457, JSON:API, NestJS, google.rpc.Status',
  },
  {
    names: ['in', 'location', 'locationtype', 'where', 'place', 'parameterlocation', 'parametertype'],
    meaning: { role: 'place' },
    at: 'entry',
    source: 'PayPal, express-validator, Google, HubSpot',
  },
  {
    names: [
      ...[
        'field',
        'fieldname',
        'fieldpath',
        'property',
        'propertyname',
        'propertypath',
        'param',
        'paramname',
      ],
      ...[
        'attribute',
        'attributename',
        'target',
        'element',
        'argument',
        'key',
        'expression',
        'fields',
        'member',
      ],
    ],
    meaning: { role: 'field' },
    at: 'both',
    source: 'Stripe, OpenAI, Square, GitHub, Azure, Symfony, FHIR',
  },
  {
    names: ['path', 'name', 'variable'],
    meaning: { role: 'field' },
    at: 'entry',
    source: 'RFC 9457 (name), Zod and Joi (path)',
  },
  {
    names: ['parameter', 'parametername'],
    meaning: { role: 'parameter' },
    at: 'both',
    source: 'JSON:API',
  },
  { names: ['header'], meaning: { role: 'header' }, at: 'entry', source: 'JSON:API' },
  {
    names: ['pointer', 'instancepath', 'datapath', 'jsonpointer', 'requestpointer'],
    meaning: { role: 'pointer' },
    at: 'both',
    source: 'JSON:API, Ajv, GoCardless',
  },
  { names: ['loc'], meaning: { role: 'location' }, at: 'entry', source: 'pydantic and FastAPI' },
  {
    names: ['keyword', 'rule', 'constraint', 'validator', 'validation'],
    meaning: { role: 'keyword' },
    at: 'entry',
    source: 'Ajv, class-validator',
  },
  {
    names: ['path', 'requestpath', 'requesturi', 'requesturl'],
    meaning: { role: 'request' },
    at: 'top',
    source: 'Spring Boot',
  },
  { names: ['instance'], meaning: { role: 'request' }, at: 'top', source: 'RFC 9457' },
  { names: ['kind'], meaning: { role: 'schemaName' }, at: 'top', source: 'Kubernetes' },
  {
    names: ['success', 'ok', 'succeeded', 'issuccess', 'successful'],
    meaning: { role: 'isSuccess' },
    at: 'top',
    source: 'Slack, Cloudflare, Telegram',
  },
  {
    names: ['failed', 'failure', 'iserror', 'haserror'],
    meaning: { role: 'isError' },
    at: 'top',
    source: 'JSend',
  },
  {
    names: ['retryafter', 'retryafterseconds', 'retryin'],
    meaning: { role: 'retryAfter' },
    at: 'top',
    source: 'Discord',
  },
]

/** Names of members that hold one entry for each thing that is wrong, in a list or by the names of members. */
const LIST =
  /^(errors?|violations|issues?|problems|causes|failures|faults|reasons|messages?|details?|params|fields|suberrors|rootcause|validation)$|(errors|violations|issues|problems|causes|failures|messages|errordetails|invalidparams|invalidfields|errorlist)$/
/** Names of objects in which the error itself is. */
const ENVELOPE = /(error|errors|fault|exception|problem)$|^(err|status|detail|details|source)$/
/** The same where nothing beside them says what is wrong. */
const OUTER_ENVELOPE = /^(meta|body|response|data|result|context|extensions|outcome|embedded)$/

const tableFor = (at: 'top' | 'entry'): ReadonlyMap<string, Meaning> =>
  new Map(
    ROWS.filter((row) => row.at === at || row.at === 'both').flatMap(({ names, meaning }) =>
      names.map((name): [string, Meaning] => [name, meaning]),
    ),
  )
const TABLES = { top: tableFor('top'), entry: tableFor('entry') }

/** What a scalar member means; undefined when its name says nothing. */
export const meaningOf = (name: string, at: 'top' | 'entry'): Meaning | undefined =>
  TABLES[at].get(normalizeName(name))

const letters = (name: string): string => name.replace(/[^A-Za-z]/g, '').toLowerCase()

export const isList = (name: string): boolean => LIST.test(letters(name))
export const isEnvelope = (name: string): boolean => ENVELOPE.test(letters(name))
export const isOuterEnvelope = (name: string): boolean => OUTER_ENVELOPE.test(letters(name))
