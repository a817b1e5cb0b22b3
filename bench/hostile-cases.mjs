// Generates documents and requests that mean harm: each kind of case makes one operation and what is sent to it. A case is
// known by its number and the seed, so that one that takes too long can be run again by itself.

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { WIDE_KINDS } from './hostile-wide.mjs'

/** Random numbers by mulberry32: the same for the same seed. */
function randomOf(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (from, to) => from + Math.floor(next() * (to - from + 1))
  const pick = (list) => list[int(0, list.length - 1)]
  const times = (from, to, make) => Array.from({ length: int(from, to) }, (_, i) => make(i))
  return { int, pick, times, isIt: (chance) => next() < chance }
}

const json = (schema) => ({ 'application/json': { schema } })
const answering = (schema) => ({ 200: { description: '', content: json(schema) } })
const object = (schema) => ({ type: 'object', properties: { v: schema } })
const asJson = (value) => ({ body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })

/** A POST that takes what it answers; a GET shows what is made up for it. */
const posting = (schema, bodies, type = json(schema)) => ({
  item: {
    post: { requestBody: { content: type }, responses: answering(schema) },
    get: { responses: answering(schema) },
  },
  requests: [{ method: 'GET' }, ...bodies.map((sent) => ({ method: 'POST', ...sent }))],
})

const ATOMS = [
  'a',
  'b',
  '.',
  '\\w',
  '\\d',
  '[a-z]',
  '[a-f]',
  '[^x]',
  '\\s',
  '[A-Za-z]',
  '',
  '\\p{L}',
  'é',
  '(?:)',
]
const QUANTIFIERS = ['*', '+', '?', '{2,}', '{1,20}', '{25}', '{0,3000}', '{3000}', '*?', '+?', '{1,5}?', '']

function pattern(random, depth = 0) {
  const { pick, times, int, isIt } = random
  const part = () => {
    const kind = depth > 3 ? 0 : int(0, 9)
    if (kind < 4) return pick(ATOMS) + pick(QUANTIFIERS)
    const inner = pattern(random, depth + 1)
    if (kind < 7) return `(${inner})${pick(QUANTIFIERS)}`
    if (kind === 7)
      return `(?:${times(2, 4, () => pattern(random, depth + 1)).join('|')})${pick(QUANTIFIERS)}`
    if (kind === 8) return `(?=${inner})`
    return isIt(0.5) ? `(${inner})\\1` : `(?!${inner})`
  }
  const text = times(1, 4, part).join('')
  return depth === 0 && isIt(0.7) ? `^${text}$` : text
}

/** Long runs of what patterns and formats look for, with an end that fits none. */
function pumped({ pick, int, times }) {
  const unit = pick([
    'a',
    'ab',
    'a ',
    'a.',
    '0',
    ':',
    '/',
    '%41',
    'a@',
    'é',
    '{a',
    '~0',
    '1:',
    'a-',
    '\u{1f600}',
    'x0 ',
  ])
  const length = pick([30, 200, 5_000, 60_000])
  return (
    times(0, 2, () => pick(['http://', 'a@', '/', 'P', '2020-01-01T'])).join('') +
    unit.repeat(int(1, length)) +
    pick(['!', ' ', '\n', ''])
  )
}

const FORMATS = [
  ...[
    'date',
    'time',
    'date-time',
    'iso-time',
    'iso-date-time',
    'duration',
    'uri',
    'uri-reference',
    'uri-template',
    'url',
    'email',
    'hostname',
  ],
  ...[
    'ipv4',
    'ipv6',
    'regex',
    'uuid',
    'json-pointer',
    'relative-json-pointer',
    'byte',
    'binary',
    'int32',
    'int64',
    'idn-email',
    'iri',
    'constructor',
  ],
]
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '',
  ' ',
  '\u0000',
  '$ref',
  'a.b',
  '[0]',
  'a[b]',
  '\u202e',
  '💥',
  'then',
  'toJSON',
]

const wrap = (schema, depth, how) => {
  let wrapped = schema
  for (let i = 0; i < depth; i++) wrapped = how(wrapped, i)
  return wrapped
}
const NESTINGS = [
  (inner) => object(inner),
  (inner) => ({ type: 'array', items: inner, minItems: 1 }),
  (inner) => ({ allOf: [inner, inner] }),
  (inner) => ({ oneOf: [inner, { type: 'string' }] }),
  (inner) => ({ anyOf: [inner, inner] }),
  (inner) => ({ not: inner }),
  (inner) => ({ type: 'object', additionalProperties: inner }),
]
/** JSON text, for what JSON.stringify is too shallow for. */
const nested = (depth, open, close) => open.repeat(depth) + close.repeat(depth)

const FIELDS = [
  'a=x',
  'a[]=x',
  'a[0]=x',
  'a[b]=x',
  'a[0][b][c]=x',
  '__proto__[x]=y',
  'a[99999999]=x',
  '%5b%5d=',
  '=',
  'a',
]
const FORM = 'application/x-www-form-urlencoded'
const multipart = (parts, boundary = 'b') =>
  `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`

/** XML that is deep, wide, cut or full of entities: what expands, what repeats, and what is never closed. */
function xmlText({ pick, int, isIt }) {
  const count = pick([10, 1_000, 60_000, 200_000])
  const entities = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i} "${`&e${i - 1};`.repeat(10)}">`).join(
    '',
  )
  const content = pick([
    () => nested(Math.min(count, 100_000), '<v>', '</v>'),
    () => '<v/>'.repeat(count),
    () => `<v ${Array.from({ length: count }, (_, i) => `a${i}="${i}"`).join(' ')}/>`,
    () => `<v a="${'x'.repeat(count * 5)}"/>`,
    () => `<v ${'a="1" '.repeat(count)}/>`,
    () => `<v ${Array.from({ length: count }, (_, i) => `xmlns:n${i}="u"`).join(' ')}/>`,
    () =>
      `<v>${pick(['&lt;', '&#65;', '&#x1F600;', '&#0;', '&nope;', '&', '&amp'])}</v>`.repeat(
        Math.min(count, 99_000),
      ),
    () => `<v>${'&amp;'.repeat(count)}</v>`,
    () => `<v><![CDATA[${']'.repeat(count)}]]></v>`,
    () => `${'<![CDATA['.repeat(count)}`,
    () => `<!-- ${'-'.repeat(count)} -->`,
    () => '<!--'.repeat(count),
    () => `<v${' '.repeat(count)}`,
    () => `<${'v'.repeat(count)}/>`,
    () => `<${'n:'.repeat(count)}v/>`,
    () => `${'<'.repeat(count)}`,
    () => `<v a='${'"'.repeat(count)}`,
    () => `<?${'p ?'.repeat(count)}`,
    () => '<__proto__><constructor a="1"/></__proto__>'.repeat(Math.min(count, 9_000)),
    () => `\u0000\uFEFF${'\uD800'.repeat(count)}`,
  ])()
  const doctype = pick([
    '',
    '',
    `<!DOCTYPE r [<!ENTITY e-1 "x">${entities}]>`,
    '<!DOCTYPE r SYSTEM "file:///etc/passwd">',
    `<!DOCTYPE r [${'<!ELEMENT r ANY>'.repeat(5_000)}]>`,
  ])
  const text = `<?xml version="1.0"?>${doctype}<r>${content}${pick(['', '&e11;'])}</r>`
  return isIt(0.2) ? text.slice(0, int(1, text.length)) : text
}

/** By name: what makes a case of a kind. */
export const KINDS = {
  patterns(random) {
    const schema = object({
      type: 'string',
      pattern: pattern(random),
      ...(random.isIt(0.2) ? { minLength: 5_000 } : {}),
    })
    return posting(
      schema,
      random.times(2, 4, () => asJson({ v: pumped(random) })),
    )
  },
  formats(random) {
    const schema = object({ type: 'string', format: random.pick(FORMATS) })
    return posting(
      schema,
      random.times(2, 4, () => asJson({ v: pumped(random) })),
    )
  },
  nesting(random) {
    const { int, pick } = random
    const how = pick(NESTINGS)
    // One that names its inner schema twice doubles with each level.
    const schema = wrap({ type: 'integer' }, how({}).allOf || how({}).anyOf ? int(1, 12) : int(1, 150), how)
    const depth = pick([10, 100, 5_000, 100_000])
    const [open, close] = pick([
      ['[', ']'],
      ['{"v":', '}'],
      ['[{"v":', '}]'],
    ])
    const text = open === '[' ? nested(depth, open, close) : `${open.repeat(depth)}1${close.repeat(depth)}`
    return posting(schema, [
      { body: text, headers: { 'content-type': 'application/json' } },
      asJson({ v: { v: [1] } }),
    ])
  },
  recursion(random) {
    const { pick, times, int } = random
    const names = times(1, 6, (i) => `S${i}`)
    const ref = () => ({ $ref: `#/components/schemas/${pick(names)}` })
    const forms = [
      () => ({ type: 'object', properties: { v: ref(), w: ref() }, required: ['v'] }),
      () => ({ allOf: [ref(), ref()] }),
      () => ({ oneOf: [ref(), ref(), { type: 'null' }] }),
      () => ({ type: 'array', items: ref(), minItems: int(1, 3) }),
      () => ref(),
    ]
    const schemas = Object.fromEntries(names.map((name) => [name, pick(forms)()]))
    const deep = wrap(1, int(1, 50), (inner) => ({ v: inner }))
    return { ...posting(ref(), [asJson(deep), asJson([[[{}]]])]), schemas }
  },
  choices(random) {
    const { int, pick, isIt } = random
    const count = pick([100, 1_000, 20_000])
    const list = Array.from({ length: count }, (_, i) => (isIt(0.01) ? { a: [i] } : `value-${i}`))
    const branches = Array.from({ length: Math.min(count, 400) }, (_, i) => ({
      type: 'object',
      required: [`p${i}`],
      properties: { [`p${i}`]: { type: 'string' }, kind: { const: i } },
    }))
    const schema = pick([
      { enum: list },
      { [pick(['oneOf', 'anyOf'])]: branches },
      { type: 'array', items: { enum: list } },
    ])
    return posting(schema, [asJson({ [`p${int(0, 500)}`]: 1 }), asJson(Array(int(1, 20_000)).fill('no'))])
  },
  sizes(random) {
    const { pick, int } = random
    const huge = pick([1e3, 1e6, 1e9, 2 ** 53, 1e300])
    const schema = pick([
      { type: 'string', minLength: huge },
      { type: 'array', minItems: huge, items: { type: 'string', minLength: pick([1, 1e6]) } },
      {
        type: 'array',
        uniqueItems: true,
        minItems: pick([10, 5_000]),
        items: pick([{}, { type: 'boolean' }, object({})]),
      },
      { type: 'object', minProperties: huge, additionalProperties: { type: 'array', minItems: 1e6 } },
      { type: 'number', multipleOf: pick([1e-300, 1e300, 0.1]), minimum: pick([-1e308, 1e308]) },
      { type: 'integer', minimum: huge, maximum: -huge },
    ])
    const many = int(1, 150_000)
    return posting(schema, [
      asJson(Array.from({ length: many }, (_, i) => i)),
      asJson(Array.from({ length: Math.ceil(many / 10) }, (_, i) => ({ a: i, b: [i] }))),
      asJson(pick([1e308, -1e-320, 123456789.125])),
    ])
  },
  names(random) {
    const { pick, times, int } = random
    const properties = Object.fromEntries(
      times(1, 2_000, (i) => [i < 16 ? NAMES[i] : `n${i}`, { type: pick(['string', 'object']) }]),
    )
    const patternProperties = Object.fromEntries(times(0, 5, () => [pattern(random), { type: 'integer' }]))
    const schema = {
      type: 'object',
      properties,
      patternProperties,
      required: [pick(NAMES)],
      additionalProperties: false,
    }
    const body = `{${times(1, 9_000, (i) => `${JSON.stringify(i < 16 ? NAMES[i] : `${pick(['n', 'a'])}${int(0, 9_999)}`)}:1`).join(',')}}`
    return posting(schema, [{ body, headers: { 'content-type': 'application/json' } }])
  },
  forms(random) {
    const { pick, times, int, isIt } = random
    const schema = { type: 'object', properties: { a: pick([{}, { type: 'array' }, { type: 'object' }]) } }
    const fields = times(1, 4, () => Array(int(1, 9_999)).fill(pick(FIELDS))).flat()
    const deep = `a${'[b]'.repeat(int(1, 3_000))}=x`
    const part = () =>
      `Content-Disposition: form-data; name="${pick(FIELDS)}"${isIt(0.3) ? '; filename="../x"' : ''}\r\n\r\n${'x'.repeat(int(0, 9))}`
    return posting(
      schema,
      [
        { body: fields.join('&'), headers: { 'content-type': FORM } },
        { body: deep, headers: { 'content-type': FORM } },
        {
          body: multipart(times(1, 2_000, part)),
          headers: { 'content-type': 'multipart/form-data; boundary=b' },
        },
      ],
      { [FORM]: { schema }, 'multipart/form-data': { schema } },
    )
  },
  xml(random) {
    const { pick, int } = random
    const inner = { type: 'object', properties: { a: { type: 'string', xml: { attribute: true } }, v: {} } }
    const schema = pick([
      inner,
      { type: 'array', items: inner, xml: { name: 'r', wrapped: true } },
      {
        type: 'object',
        properties: { v: { $ref: '#/components/schemas/S0' } },
        xml: { prefix: 'p', namespace: 'u:u' },
      },
    ])
    const text = xmlText(random)
    const headers = { 'content-type': pick(['application/xml', 'text/xml', 'application/soap+xml']) }
    const compressedHeaders = { ...headers, 'content-encoding': 'gzip' }
    const many = Array(int(1, 30)).fill(`Content-Type: application/xml\r\n\r\n${text.slice(0, 60_000)}`)
    const content = {
      [headers['content-type']]: { schema },
      'multipart/mixed': { schema: { type: 'array', items: schema } },
    }
    const requests = [
      { body: text, headers },
      { body: gzipSync(text), headers: compressedHeaders },
      { body: multipart(many), headers: { 'content-type': 'multipart/mixed; boundary=b' } },
    ]
    return { ...posting(schema, requests, content), schemas: { S0: inner } }
  },
  parts(random) {
    const { pick, int, times } = random
    const schema = pick([
      {
        type: 'array',
        items: pick([{}, { type: 'integer' }, { oneOf: [{ type: 'object' }, { type: 'null' }] }]),
      },
      { type: 'object', properties: { a: { type: 'array' }, b: { type: 'string', format: 'binary' } } },
    ])
    const type = pick([
      'text/plain',
      'application/json',
      'application/octet-stream',
      'image/x',
      'multipart/mixed; boundary=b',
    ])
    const part = () =>
      pick([
        () =>
          `Content-Type: ${type}\r\n\r\n${pick(['1', '{"a":[1]}', '['.repeat(200), 'x'.repeat(int(0, 99))])}`,
        () => `Content-Disposition: form-data; name="${pick(FIELDS)}"\r\n\r\nx`,
        () => `${pick(['A', 'a:b\r\n c'])}: ${' ;name='.repeat(int(1, 150))}\r\n\r\nx`,
        () => `Content-Transfer-Encoding: base64\r\n\r\n${'='.repeat(int(1, 500))}`,
      ])()
    let deep = 'x'
    for (let level = int(1, 40); level > 0; level--)
      deep = `--n${level}\r\nContent-Type: multipart/mixed; boundary=n${level + 1}\r\n\r\n${deep}\r\n--n${level}--\r\n`
    const boundary = pick(['b', '-'.repeat(60), '\u00e9', 'b'.repeat(5_000), '(("', 'a b'])
    const unit = pick(['\n', '\r\n', '-', '\n--', `\n--${boundary}`, `\n--${boundary}x`])
    const lines = unit.repeat(int(1, Math.ceil(9_000_000 / unit.length)))
    const as = (name) => ({ 'content-type': `multipart/mixed; boundary="${encodeURI(name)}"` })
    const same = { schema, itemEncoding: { contentType: pick(['*/*', 'text/*, application/json', type]) } }
    const content = { 'multipart/mixed': same }
    return {
      item: {
        post: { requestBody: { content }, responses: { 200: { description: '', content } } },
        get: { responses: { 200: { description: '', content } } },
      },
      requests: [
        { method: 'GET' },
        { method: 'POST', body: multipart(times(1, 12_000, part)), headers: as('b') },
        {
          method: 'POST',
          body: multipart(
            times(
              1,
              40,
              () =>
                `Content-Type: multipart/mixed; boundary=b1\r\n\r\n${multipart(times(1, 500, part), 'b1')}`,
            ),
          ),
          headers: as('b'),
        },
        { method: 'POST', body: deep, headers: as('n1') },
        { method: 'POST', body: lines, headers: as(boundary) },
      ],
    }
  },
  compressed(random) {
    const { pick, int } = random
    const text = pick(['{},', '"a",', '[[]],', '{"a":1},', '0,', '\u0000', '{"', ' ']).repeat(
      pick([100, 100_000, 4_000_000]),
    )
    const [encoding, compress] = pick([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', (bytes) => brotliCompressSync(bytes, { params: { 1: 3 } })],
      ['gzip, gzip', (bytes) => gzipSync(gzipSync(bytes))],
    ])
    const bytes = compress(Buffer.from(`[${text}1]`))
    const cut = bytes.subarray(0, int(1, bytes.length))
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
    return posting({}, [
      { body: bytes, headers },
      { body: cut, headers },
    ])
  },
  queries(random) {
    const { pick, times, int } = random
    const parameters = times(1, 8, (i) => ({
      name: i === 0 ? 'a' : pick(NAMES) || `q${i}`,
      in: pick(['query', 'query', 'header', 'cookie']),
      style: pick(['form', 'deepObject', 'pipeDelimited', 'constructor']),
      explode: pick([true, false]),
      schema: pick([
        { type: 'array', items: {} },
        { type: 'object' },
        { type: 'string', pattern: pattern(random) },
      ]),
    }))
    const query = pick([
      () => Array(int(1, 3_000)).fill(pick(FIELDS)).join('&'),
      () => `a=${encodeURIComponent(pumped(random).slice(0, 5_000).toWellFormed())}`,
      () => `a${'[b]'.repeat(int(1, 2_000))}=x`,
      () => '%'.repeat(int(1, 9_000)),
    ])()
    const header = pick([
      'x="'.repeat(int(1, 4_000)),
      'a '.repeat(int(1, 6_000)),
      'a;q=0.1,'.repeat(int(1, 1_500)),
      '(('.repeat(999),
    ])
    const name = pick([
      'prefer',
      'accept',
      'content-type',
      'cookie',
      'authorization',
      'if-none-match',
      'idempotency-key',
    ])
    return {
      item: { get: { parameters, responses: answering({ type: 'array', items: object({}) }) } },
      requests: [
        { method: 'GET', query: query.replace(/#/g, '').slice(0, 12_000) },
        { method: 'GET', headers: { [name]: header.slice(0, 12_000) } },
      ],
    }
  },
  ...WIDE_KINDS,
}

/**
 * The documents of so many cases from `first` on, and what is sent to each: one with an operation for each case, and one
 * of its own for each case in which something is many. Each is made when it is asked for: all of them at once would take
 * more memory than a mock may.
 */
export function* documentsOf(seed, first, count) {
  const { KIND } = process.env
  const kinds = KIND === undefined ? Object.keys(KINDS) : KIND.split(',')
  const numbered = Array.from({ length: count }, (_, i) => {
    const number = first + i
    return { number, kind: kinds[number % kinds.length] }
  })
  const isWide = ({ kind }) => Object.hasOwn(WIDE_KINDS, kind)
  const made = ({ number, kind }) => ({
    ...{ number, kind },
    ...renamed(KINDS[kind](randomOf(seed * 1_000_003 + number)), number),
  })
  const together = numbered.filter((one) => !isWide(one))
  if (together.length > 0) yield documentOf(together.map(made))
  for (const alone of numbered.filter(isWide)) yield documentOf([made(alone)])
}

/** Case by case the schemas have other names, so that a document can have those of several. */
function renamed({ item, schemas = {}, paths = {}, requests }, number) {
  const text = JSON.stringify([item, schemas, paths])
  const [ownItem, own, ownPaths] = JSON.parse(text.replaceAll('schemas/S', `schemas/C${number}S`))
  const ownSchemas = Object.fromEntries(
    Object.entries(own).map(([name, schema]) => [`C${number}${name}`, schema]),
  )
  return { schemas: ownSchemas, paths: { ...ownPaths, [`/c${number}`]: ownItem }, requests }
}

const documentOf = (cases) => ({
  spec: {
    openapi: '3.1.0',
    info: { title: 'Hostile', version: '1' },
    paths: Object.assign({}, ...cases.map(({ paths }) => paths)),
    components: { schemas: Object.assign({}, ...cases.map(({ schemas }) => schemas)) },
  },
  cases: cases.map(({ number, kind, requests }) => ({ number, kind, path: `/c${number}`, requests })),
})
