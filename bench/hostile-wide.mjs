// Kinds of hostile documents in which something is many or large: alternatives, patterns, paths, references, parameters,
// examples. Each has a document of its own, for what is made of the whole document counts, too.

const json = (schema) => ({ 'application/json': { schema } })
const answering = (schema) => ({ 200: { description: '', content: json(schema) } })
const asJson = (value) => ({ body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })
const ref = (name) => ({ $ref: `#/components/schemas/S${name}` })
const list = (length, make) => Array.from({ length }, (_, i) => make(i))
const named = (length, make) => Object.fromEntries(list(length, make))
const operationOf = (schema) => ({ requestBody: { content: json(schema) }, responses: answering(schema) })

/** A POST that takes what it answers, and a GET that shows what is made up for it. */
const posting = (schema, bodies, schemas = {}) => ({
  item: { post: operationOf(schema), get: { responses: answering(schema) } },
  requests: [{ method: 'GET' }, ...bodies.map((body) => ({ method: 'POST', ...asJson(body) }))],
  schemas,
})

const MANY = [30, 300, 1_000, 2_000]
const ODD = ['__proto__', 'constructor', '', 'k-1', 7, null, { a: 1 }, ['k1']]

/** One of many things: told apart by a member, by what they require, or by nothing. */
const thingOf = ({ pick }, i) =>
  pick([
    () => ({ type: 'object', required: ['kind'], properties: { kind: { const: `k${i}` }, [`p${i}`]: {} } }),
    () => ({ type: 'object', required: [`p${i}`], properties: { [`p${i}`]: { type: 'string' } } }),
    () => ({ type: 'object', properties: { [`p${i}`]: { type: 'integer' }, kind: { type: 'string' } } }),
    () => ({ properties: { kind: { enum: [`k${i}`, `k${i + 1}`] }, v: { minLength: i } } }),
    () => ({ type: 'array', items: { type: 'string', maxLength: i }, minItems: i % 5 }),
    () => ({
      type: 'object',
      properties: { kind: { pattern: `^k${i}$` } },
      patternProperties: { [`^p${i}`]: {} },
    }),
  ])()

/** What may be one of so many things, or looks like it. */
const sentOf = ({ int, pick, times }, count) =>
  times(3, 5, () => {
    const i = pick([0, count - 1, int(0, count)])
    return pick([
      { kind: `k${i}`, [`p${i}`]: 'x' },
      { kind: pick(ODD), [`p${i}`]: 1 },
      { [`p${i}`]: 'x', [`p${i + 1}`]: 'x' },
      named(int(1, 3_000), (n) => [`p${n}`, 'x']),
      list(int(1, 300), (n) => ({ kind: `k${n}` })),
      list(int(1, 300), () => 'x'),
      'x',
    ])
  })

/** Members that a thing must have beside what tells it apart, some with a schema of their own. */
const recordOf = ({ pick }, i) => {
  const text = { type: 'string', maxLength: 80 + (i % 9) }
  const inner = pick([
    { type: 'object', required: ['code', 'at'], properties: { code: text, at: { format: 'date-time' } } },
    { oneOf: [{ type: 'object', required: [`d${i}`], properties: { [`d${i}`]: text } }, text] },
    { type: 'array', items: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } },
    ref('One'),
  ])
  const kind = pick([{ type: 'string' }, { const: `k${i}` }, { enum: [`k${i}`] }, { pattern: `^k${i}$` }])
  const properties = { id: text, kind, [`p${i}`]: text, count: { type: 'integer', minimum: i }, inner }
  const required = pick([['id', 'kind', 'inner'], ['id', 'kind', `p${i}`], Object.keys(properties)])
  return { type: 'object', required, properties }
}

/** A record as its schemas ask for it, or nearly. */
const sentRecord = ({ int, pick }, count) => {
  const i = pick([0, count - 1, int(0, count)])
  const inner = pick([{ code: 'x', at: '2026-01-01T00:00:00Z' }, { [`d${i}`]: 'x' }, [{ n: 1 }], 'x', 5])
  return { id: pick(['x', 'x', 7]), kind: `k${i}`, [`p${i}`]: 'x', count: pick([1, i, 1e6]), inner }
}

export const WIDE_KINDS = {
  discriminators(random) {
    const { pick, isIt } = random
    const count = pick(MANY)
    const schemas = named(count, (i) => [
      `S${i}`,
      pick([
        { type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, [`p${i}`]: {} } },
        { allOf: [ref('Base'), { properties: { [`p${i}`]: { type: 'string' } } }] },
        thingOf(random, i),
      ]),
    ])
    const mapping = named(count, (i) => [pick([`k${i}`, `k${i % 7}`, `K${i}`]), `#/components/schemas/S${i}`])
    const discriminator = { propertyName: pick(['kind', 'kind', '__proto__']), ...(isIt(0.7) && { mapping }) }
    schemas.SBase = {
      type: 'object',
      required: ['kind'],
      properties: { kind: { type: 'string' } },
      ...(isIt(0.5) && { discriminator }),
    }
    const one = { [pick(['oneOf', 'anyOf'])]: list(count, ref), discriminator }
    const schema = pick([one, { type: 'array', items: one }, { properties: { v: one } }, ref('Base')])
    const bodies = sentOf(random, count)
    return posting(schema, [...bodies, bodies, { v: bodies[0] }], schemas)
  },
  patternNames({ int, pick, times }) {
    const count = pick([...MANY, 3_000])
    const pattern = pick([
      (i) => `^p${i}$`,
      (i) => `^p${i}`,
      (i) => `p.*${i}`,
      (i) => `^(?:p|q){1,${(i % 40) + 1}}${i}$`,
      (i) => `(?=p)p\\d*${i}`,
      (i) => `^\\p{L}+${i}$`,
    ])
    const value = pick([{ type: 'string' }, { type: 'integer' }, { $ref: '#/components/schemas/S0' }, false])
    const schema = {
      type: 'object',
      patternProperties: named(count, (i) => [pattern(i), value]),
      ...pick([{}, { additionalProperties: false }, { unevaluatedProperties: false }, { minProperties: 50 }]),
    }
    const bodies = times(2, 3, () =>
      named(int(1, 9_000), (i) => [pick([`p${i}`, `q${i}`, 'p'.repeat(200) + i]), 'x']),
    )
    return posting(schema, bodies, { S0: { type: 'object', properties: { a: { pattern: '^a+$' } } } })
  },
  paths(random) {
    const { int, pick, isIt } = random
    const count = pick(MANY)
    const schema = {
      type: 'object',
      properties: { id: pick([{ type: 'string' }, { type: 'integer' }]), name: {} },
    }
    const whole = { type: 'array', items: schema }
    const pathOf = pick([
      (i) => `n${i}`,
      (i) => `n/{a}/n${i}`,
      (i) => `n${i % 30}/{a}/m${i}`,
      (i) => `{a}/x${i}/{b}`,
      (i) => `n${i}/{a}.json`,
      (i) => `n/${list((i % 60) + 1, (level) => `{p${level}}/l${level}`).join('/')}`,
      (i) => `{a}-${i}-{b}`,
      (i) => list((i % 12) + 1, (level) => pick(['a', `{p${level}}`, 'b'])).join('/'),
    ])
    const withNames = (path, item) => {
      const names = [...path.matchAll(/\{(.*?)\}/g)].map(([, name]) => name)
      const parameters = names.map((name) => ({ name, in: 'path', required: true, schema: {} }))
      return [path, { ...item, ...(isIt(0.9) && { parameters }) }]
    }
    const paths = Object.fromEntries(
      list(count, (i) => `/c/${pathOf(i)}`).flatMap((path) => [
        withNames(path, { get: { responses: answering(whole) }, post: operationOf(schema) }),
        withNames(`${path}/{id}`, {
          get: { responses: answering(schema) },
          delete: { responses: { 204: { description: '' } } },
        }),
      ]),
    )
    const known = Object.keys(paths)
    const requests = list(8, () => pick(known).replaceAll(/\{.*?\}/g, () => String(int(0, 9)))).flatMap(
      (path) => [
        { method: 'POST', path, ...asJson({ name: 'x' }) },
        { method: 'GET', path },
        { method: 'GET', path: `${path}${pick(['/1', '/x/y', '//', '-', '/a'.repeat(500), '/%'])}` },
      ],
    )
    return { item: { get: { responses: answering(schema) } }, requests, paths }
  },
  chains({ int, pick }) {
    const length = pick([10, 100, 500, 2_000])
    const next = (i) => ref(i + 1)
    const link = pick([
      next,
      (i) => ({ ...next(i), description: `${i}` }),
      (i) => ({ allOf: [next(i)] }),
      (i) => ({ allOf: [next(i), { properties: { [`p${i}`]: { type: 'string' } } }] }),
      (i) => ({ oneOf: [next(i), { type: 'null' }] }),
      (i) => ({ anyOf: [next(i), { type: 'array', items: next(i) }] }),
      (i) => ({ type: 'object', properties: { v: next(i) }, required: ['v'] }),
      (i) => ({ type: 'array', items: next(i), minItems: 1 }),
      (i) => ({ properties: { v: next(i), w: ref(int(0, length)) } }),
      (i) => ({ if: next(i), else: next(i) }),
      (i) => ({ not: next(i) }),
      (i) => ({ allOf: [next(i), next(i)] }),
    ])
    const end = pick([{ type: 'string' }, { type: 'object', properties: { z: {} } }, ref(0), true])
    const schemas = { ...named(length, (i) => [`S${i}`, link(i)]), [`S${length}`]: end }
    const deep = (key) =>
      list(int(1, 400), () => 0).reduce((inner) => (key ? { [key]: inner } : [inner]), 'x')
    const schema = pick([ref(0), ref(0), { properties: named(20, (i) => [`m${i}`, ref(i % length)]) }])
    return posting(schema, ['x', {}, named(int(1, 500), (i) => [`p${i}`, 'x']), deep('v'), deep()], schemas)
  },
  alternatives(random) {
    const { int, pick } = random
    const count = pick(MANY)
    const word = pick(['oneOf', 'anyOf', 'allOf'])
    const schemas = named(count, (i) => [
      `S${i}`,
      pick([
        thingOf(random, i),
        { oneOf: [thingOf(random, i), { type: 'string', minLength: i }, { type: 'null' }] },
        { properties: { [`p${i}`]: { oneOf: [thingOf(random, i), { type: 'string' }] } } },
      ]),
    ])
    const further = pick([
      {},
      { unevaluatedProperties: false },
      { unevaluatedProperties: { type: 'string' }, properties: { kind: {} } },
      { unevaluatedItems: false },
      { not: { [pick(['anyOf', 'oneOf'])]: list(Math.min(count, 300), ref) } },
      { dependentSchemas: named(Math.min(count, 1_000), (i) => [`p${i}`, ref(i)]) },
      { type: 'object', minProperties: 3 },
    ])
    const one = { [word]: list(count, ref), ...further }
    const members = named(count, (i) => [`p${i}`, { oneOf: [ref(i), { type: 'string' }, { type: 'null' }] }])
    const schema = pick([
      one,
      one,
      { type: 'array', items: one },
      { type: 'object', properties: members, ...further },
    ])
    return posting(
      schema,
      [...sentOf(random, count), list(int(1, 200), () => sentOf(random, count)[0])],
      schemas,
    )
  },
  records(random) {
    const { int, pick, times, isIt } = random
    const count = pick([300, 1_000, 2_000])
    const word = pick(['oneOf', 'anyOf'])
    const discriminator = isIt(0.4) && {
      discriminator: {
        propertyName: 'kind',
        ...(isIt(0.7) && { mapping: named(count, (i) => [`k${i}`, `#/components/schemas/S${i}`]) }),
      },
    }
    const form = pick(['links', 'links', 'inline', 'heirs'])
    const whole = (i) => recordOf(random, i)
    const heir = (i) => ({ allOf: [ref('Base'), whole(i)] })
    const schemas = named(form === 'inline' ? 0 : count, (i) => [
      `S${i}`,
      form === 'heirs' ? heir(i) : whole(i),
    ])
    const one = { [word]: form === 'inline' ? list(count, whole) : list(count, ref), ...discriminator }
    schemas.SBase = { type: 'object', required: ['id'], properties: { id: {}, note: { type: 'string' } } }
    schemas.SOne = pick([one, { type: 'object', required: ['code'], properties: { code: {} } }])
    const schema = pick([
      one,
      one,
      { type: 'array', items: one },
      { type: 'object', required: ['data'], properties: { data: one, next: one } },
      { type: 'object', properties: { data: { type: 'array', items: one } } },
    ])
    const sent = times(2, 4, () => sentRecord(random, count))
    const wrapped = [...sent, sent, { data: sent[0] }, { data: sent }, { data: {} }]
    const posted = posting(schema, [...wrapped, list(int(1, 200), () => sent[0])], schemas)
    posted.requests.push({ method: 'GET' })
    return posted
  },
  enums({ int, pick, isIt }) {
    const count = pick([100, 5_000, 50_000])
    const made = pick([
      (i) => `value-${i}`,
      (i) => i,
      (i) => ({ a: [i] }),
      (i) => [i, `x${i}`],
      (i) => 'x'.repeat(i % 90) + i,
    ])
    const values = list(count, made)
    const choice = pick([
      { enum: values },
      { enum: values, type: 'string' },
      { oneOf: values.slice(0, 5_000).map((value) => ({ const: value, title: 'x' })) },
      { not: { enum: values } },
      { allOf: [{ enum: values }, { enum: values.slice(count / 2) }] },
    ])
    const schema = pick([
      { properties: { v: choice } },
      {
        // Twenty times the largest would be a document of 160 MB.
        properties: named(count > 5_000 ? 2 : pick([1, 20]), (i) => [
          `v${i}`,
          { ...choice, ...(isIt(0.5) && { default: made(1) }) },
        ]),
      },
      { type: 'array', items: choice, uniqueItems: true, minItems: pick([1, 50]) },
      { type: 'object', propertyNames: choice, minProperties: 1 },
      { type: 'array', contains: choice, minContains: 3 },
    ])
    const bodies = [
      { v: made(count - 1) },
      { v: 'no', v0: 'no' },
      list(int(1, 20_000), () => 'no'),
      values.slice(0, 20_000),
    ]
    const posted = posting(schema, bodies)
    posted.item.get.parameters = [{ name: 'q', in: 'query', schema: choice }]
    posted.requests.push({ method: 'GET', query: 'q=no' }, { method: 'GET', query: `q=value-${count - 1}` })
    return posted
  },
  parameters({ int, pick }) {
    const count = pick([...MANY, 4_000])
    const parameters = list(count, (i) => {
      const place = pick(['query', 'query', 'header', 'cookie'])
      const [style, explode] =
        place === 'query'
          ? [pick(['form', 'deepObject', 'pipeDelimited', 'spaceDelimited']), pick([true, false])]
          : [undefined, false]
      return {
        ...{ name: pick([`q${i}`, `q[${i}]`, `Q${i}`, `q${i % 9}.a${i}`]), in: place, style, explode },
        required: pick([false, false, false, true]) && i > count / 2,
        schema: pick([
          { type: 'string' },
          { type: 'integer', default: i },
          { type: 'array', items: { type: 'string' } },
          { type: 'object', additionalProperties: { type: 'string' } },
          { type: 'string', pattern: `^x{1,${(i % 50) + 1}}$` },
          { enum: list(30, (n) => `e${n}`) },
        ]),
      }
    })
    const queryOf = (length) =>
      list(length, () => `${pick([`q${int(0, count)}`, `q[${int(0, count)}]`, 'z'])}=${int(0, 9)}`).join('&')
    const item = {
      parameters: parameters.slice(0, count / 2),
      get: {
        parameters: parameters.slice(count / 2),
        responses: answering({ type: 'array', items: { type: 'object' } }),
      },
    }
    return {
      item,
      requests: [
        { method: 'GET' },
        ...[5, 200, 1_500].map((length) => ({ method: 'GET', query: queryOf(length).slice(0, 14_000) })),
        { method: 'GET', headers: { cookie: list(700, (i) => `q${i}=${i}`).join('; ') } },
      ],
    }
  },
  conjunctions(random) {
    const { int, pick } = random
    const count = pick(MANY)
    const part = pick([
      (i) => ({ type: 'object', properties: { [`p${i}`]: { type: 'string' } }, required: [`p${i}`] }),
      (i) => ({ properties: { a: { minLength: i % 9 }, [`p${i}`]: {} } }),
      (i) => ({ properties: { a: { allOf: [{ pattern: `^.{${i % 50}}` }] } } }),
      (i) => ({ if: { required: [`p${i}`] }, else: { required: [`p${i + 1}`] } }),
      (i) => ({ anyOf: [{ required: [`p${i}`] }, { properties: { [`p${i}`]: false } }] }),
      (i) => ({ not: { required: [`p${i}`, `q${i}`] } }),
      (i) => ({ enum: list(200, (n) => n + (i % 3)) }),
    ])
    const depth = int(1, 30)
    const [schema, schemas] = pick([
      () => [{ allOf: list(count, part) }, {}],
      () => [{ allOf: list(count, ref) }, named(count, (i) => [`S${i}`, part(i)])],
      // A chain of ancestors, each with an own part.
      () => [ref(0), named(count, (i) => [`S${i}`, { allOf: [i < count - 1 ? ref(i + 1) : {}, part(i)] }])],
      // Each twice: doubles with each level, unless it is read once.
      () => [
        ref(0),
        named(depth + 1, (i) => [
          `S${i}`,
          i < depth ? { allOf: [ref(i + 1), ref(i + 1), part(i)] } : part(i),
        ]),
      ],
      () => [list(Math.min(count, 150), part).reduce((inner, one) => ({ allOf: [inner, one] }), {}), {}],
    ])()
    const closed = pick([{}, { unevaluatedProperties: false }, { additionalProperties: false }])
    return posting(
      { ...schema, ...closed },
      [{}, named(int(1, 3_000), (i) => [`p${i}`, 'x']), { a: 'x'.repeat(99) }, 5],
      schemas,
    )
  },
  examples({ int, pick, isIt }) {
    const size = pick([100, 5_000, 50_000])
    const deep = (depth) => list(depth, () => 0).reduce((inner, _, i) => (i % 2 ? [inner] : { v: inner }), 1)
    const big = () =>
      pick([
        () => list(size, (i) => ({ id: i, name: `n${i}` })),
        () => named(size, (i) => [`p${i}`, i]),
        () => ({ v: 'x'.repeat(size * 20) }),
        () => deep(int(1, 350)),
        () => ({ data: list(size / 10, (i) => ({ id: `${i}`, tags: list(5, String), v: { a: { b: i } } })) }),
      ])()
    const item = {
      type: 'object',
      properties: { id: { type: pick(['integer', 'string']) }, name: {}, v: {} },
    }
    const schema = pick([
      item,
      { type: 'array', items: item },
      { type: 'object', properties: { data: { type: 'array', items: item } } },
      {},
    ])
    const example = big()
    const many = named(pick([3, 100, 1_000]), (i) => [`e${i}`, { value: { id: i, name: 'x' } }])
    const content = {
      'application/json': {
        schema,
        ...pick([{ example }, { examples: { one: { value: example } } }, { examples: many }]),
      },
    }
    const own = {
      ...schema,
      ...pick([{ example }, { examples: [example, example] }, { default: example }, {}]),
    }
    const responses = { 200: { description: '', content } }
    const parameters = [
      { name: 'q', in: 'query', schema: { type: 'string' }, ...(isIt(0.3) && { examples: many }) },
    ]
    return {
      item: {
        get: { parameters, responses },
        post: {
          requestBody: { content: pick([content, json(own)]) },
          responses: pick([responses, answering(own)]),
        },
      },
      requests: [
        { method: 'GET' },
        { method: 'GET', query: 'q=x' },
        { method: 'GET', headers: { prefer: 'example=e999' } },
        { method: 'POST', ...asJson({ id: 1, name: 'x' }) },
        { method: 'POST', ...asJson(Array.isArray(example) ? example.slice(0, 20_000) : { v: 1 }) },
        { method: 'GET' },
      ],
    }
  },
  operations({ pick, isIt }) {
    const count = pick(MANY)
    const schema = { type: 'object', properties: { id: { type: 'string' } } }
    const types = named(count, (i) => [
      pick([`application/vnd.t${i}+json`, `text/t${i}`, `x/t${i}; v=${i}`]),
      { schema },
    ])
    const responses = {
      ...named(Math.min(count, 400), (i) => [
        String(200 + i),
        { description: '', content: i < 3 && isIt(0.5) ? types : json(schema) },
      ]),
      default: { description: '', headers: named(count, (i) => [`X-H${i}`, { schema: { type: 'string' } }]) },
    }
    const post = {
      requestBody: { content: isIt(0.5) ? types : json(schema) },
      responses: isIt(0.5) ? { 201: responses[200], default: responses.default } : responses,
      tags: list(count, (i) => `t${i}`),
      callbacks: named(Math.min(count, 300), (i) => [
        `c${i}`,
        {
          '{$request.body#/url}': {
            post: { requestBody: { content: json(schema) }, responses: answering(schema) },
          },
        },
      ]),
      servers: list(Math.min(count, 300), (i) => ({
        url: `https://s${i}.example.com/v{n}`,
        variables: { n: { default: '1' } },
      })),
    }
    const accept = list(700, (i) => `x/t${i};q=0.${i % 9}`).join(',')
    return {
      item: { post, get: { responses } },
      requests: [
        { method: 'GET' },
        { method: 'GET', headers: { accept } },
        { method: 'GET', headers: { prefer: 'code=499' } },
        { method: 'POST', ...asJson({ id: 'x', url: 'http://127.0.0.1:9/' }) },
        { method: 'POST', body: 'x', headers: { 'content-type': `text/t${count - 1}` } },
        { method: 'POST', body: '{}', headers: { 'content-type': 'x/none' } },
      ],
    }
  },
}
