// Things of several kinds that have to do with each other: what one shows of another, what a new one has none of yet, and
// what is made under one path of an API and read under another.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const asked = (...names: readonly string[]) => ({
  parameters: names.map((name) => ({ name, in: 'query', schema: text })),
})

describe('a thing that names another one below the same things', () => {
  const preview = object({ id: text, name: text, code: text }, ['id'])
  const locale = object({ id: text, name: text, code: text, source_locale: preview }, ['id'])
  const key = object({ id: text, name: text, plural: { type: 'boolean' }, tags: list(text) }, ['id'])
  const word = object(
    {
      id: text,
      content: text,
      key: object({ id: text, name: text, plural: { type: 'boolean' }, ordinal: { type: 'boolean' } }),
    },
    ['id', 'key'],
  )
  const below = (path: string, param: string, thing: object, sent: object) => ({
    [`/projects/{project}/${path}`]: {
      ...named('project'),
      post: { ...json(sent), ...ok(thing) },
      get: ok(list(thing)),
    },
    [`/projects/{project}/${path}/{${param}}`]: { ...named('project', param), get: ok(thing) },
  })
  const spec = document({
    ...below('locales', 'id', locale, object({ name: text, code: text, source_locale_id: text })),
    ...below('keys', 'id', key, object({ name: text, plural: { type: 'boolean' } })),
    ...below('words', 'id', word, object({ content: text, key_id: text })),
  })

  it('shows its members in the part that it shows of it', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: own } = await send(mock, 'POST /projects/7/keys', { name: 'cart', plural: true })
    const { json: made } = await send(mock, 'POST /projects/7/words', { content: 'Korb', key_id: own.id })
    expect(made.key).toMatchObject({ id: own.id, name: 'cart', plural: true })
    // The same id below other things is another thing's.
    const { json: other } = await send(mock, 'POST /projects/8/words', { content: 'x', key_id: own.id })
    expect(other.key.name).not.toBe('cart')
  })

  it('may be of the same kind, and called by what it is to the thing', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: source } = await send(mock, 'POST /projects/7/locales', { name: 'English', code: 'en' })
    const sent = { name: 'German', code: 'de', source_locale_id: source.id }
    const { json: made } = await send(mock, 'POST /projects/7/locales', sent)
    expect(made.source_locale).toEqual({ id: source.id, name: 'English', code: 'en' })
  })

  it('tells its id where it was named by its name', async () => {
    const set = object({ id: text, name: text, note: text }, ['id'])
    const row = object({ id: text, setId: text, setName: text, input: text }, ['id', 'setId'])
    const mock = await start({
      spec: document({
        '/sets': { post: { ...json(object({ name: text, note: text })), ...ok(set) } },
        '/sets/{id}': { ...named('id'), get: ok(set) },
        '/rows': { post: { ...json(object({ setName: text, input: text })), ...ok(row) } },
        '/rows/{id}': { ...named('id'), get: ok(row) },
      }),
      seedItems: 0,
    })
    const { json: own } = await send(mock, 'POST /sets', { name: 'qa' })
    const { json: made } = await send(mock, 'POST /rows', { setName: 'qa', input: 'Why?' })
    expect(made).toMatchObject({ setId: own.id, setName: 'qa' })
  })
})

describe('a list of other things that a thing shows', () => {
  const tag = object({ id: text, name: text, color: text }, ['id'])
  const brief = object({ id: text, name: text }, ['id'])
  const board = object({ id: text, title: text }, ['id'])
  const card = object({ id: text, title: text, board, tags: list(tag), members: list(brief) }, ['id'])
  const sent = object({ title: text, tagIds: list(text), members: list(text) })
  const spec = document({
    '/tags': { post: { ...json(object({ name: text, color: text })), ...ok(tag) }, get: ok(list(tag)) },
    '/tags/{id}': { ...named('id'), get: ok(tag) },
    '/members': {
      post: { ...json(object({ name: text })), ...ok(object({ ...brief.properties, mail: text })) },
    },
    '/members/{id}': { ...named('id'), get: ok(object({ ...brief.properties, mail: text })) },
    '/boards': { post: { ...json(object({ title: text })), ...ok(board) } },
    '/boards/{board_id}': { ...named('board_id'), get: ok(board) },
    '/boards/{board_id}/cards': { ...named('board_id'), post: { ...json(sent), ...ok(card) } },
    '/cards/{id}': { ...named('id'), get: ok(card), patch: { ...json(sent), ...ok(card) } },
  })

  it('has those that a request names by their ids, and the thing that its path names', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const [red, blue] = [
      (await send(mock, 'POST /tags', { name: 'red', color: '#f00' })).json,
      (await send(mock, 'POST /tags', { name: 'blue', color: '#00f' })).json,
    ]
    const { json: ann } = await send(mock, 'POST /members', { name: 'Ann' })
    const { json: own } = await send(mock, 'POST /boards', { title: 'Plans' })
    const body = { title: 'a', tagIds: [red.id, blue.id], members: [ann.id] }
    const { json: made } = await send(mock, `POST /boards/${own.id}/cards`, body)
    const wanted = { title: 'a', board: own, tags: [red, blue], members: [{ id: ann.id, name: 'Ann' }] }
    expect(made).toMatchObject(wanted)
    await send(mock, `PATCH /cards/${made.id}`, { title: 'b' })
    expect((await send(mock, `GET /cards/${made.id}`)).json).toMatchObject({ ...wanted, title: 'b' })
    await send(mock, `PATCH /cards/${made.id}`, { tagIds: [blue.id] })
    expect((await send(mock, `GET /cards/${made.id}`)).json.tags).toEqual([blue])
    await send(mock, `PATCH /cards/${made.id}`, { tagIds: [] })
    expect((await send(mock, `GET /cards/${made.id}`)).json.tags).toEqual([])
  })
})

describe('a new thing', () => {
  const tag = object({ id: text, name: text }, ['id'])
  const page = object(
    {
      id: text,
      title: text,
      tags: list({ ...tag, required: ['id', 'name'] }),
      labels: { type: 'object', additionalProperties: text },
    },
    ['id', 'tags', 'labels'],
  )
  const spec = document({
    '/tags': { post: { ...json(object({ name: text })), ...ok(tag) } },
    '/tags/{id}': { ...named('id'), get: ok(tag) },
    '/pages': { post: { ...json(object({ title: text })), ...ok(page) }, get: ok(list(page)) },
    '/pages/{id}': {
      ...named('id'),
      get: ok(page),
      patch: { ...json(object({ labels: { type: 'object', additionalProperties: text } })), ...ok(page) },
    },
  })

  it('has none of the things and names yet that clients give it later', async () => {
    const mock = await start({ spec })
    const { json: made } = await send(mock, 'POST /pages', { title: 'a' })
    expect(made).toMatchObject({ title: 'a', tags: [], labels: {} })
    await send(mock, `PATCH /pages/${made.id}`, { labels: { team: 'x' } })
    expect((await send(mock, `GET /pages/${made.id}`)).json.labels).toEqual({ team: 'x' })
  })

  it('has an id that no thing of another kind has', async () => {
    const example = { id: 'tz4a98xxat96iws9zmbrgj3a' }
    const one = (name: string) => object({ id: { ...text, example: example.id }, [name]: text }, ['id'])
    const kinds = ['lists', 'tasks', 'notes', 'files']
    const paths = kinds.flatMap((kind) => [
      [`/${kind}`, { post: { ...json(object({ [kind]: text })), ...ok(one(kind)) } }],
      [`/${kind}/{id}`, { ...named('id'), get: ok(one(kind)) }],
    ])
    const mock = await start({ spec: document(Object.fromEntries(paths)), seedItems: 0 })
    const ids = []
    for (const kind of kinds)
      for (let i = 0; i < 3; i++) ids.push((await send(mock, `POST /${kind}`, { [kind]: 'a' })).json.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has the kind that was sent in the one part of it that has kinds', async () => {
    const kind = (type: string, ...names: readonly string[]) =>
      object({ type: { const: type }, ...Object.fromEntries(names.map((name) => [name, text])) }, [
        'type',
        ...names,
      ])
    const shown = object(
      { id: text, title: text, content: { oneOf: [kind('link', 'url'), kind('text', 'text')] } },
      ['id', 'content'],
    )
    const sent = { oneOf: [kind('link', 'url'), kind('text', 'text')] }
    const mock = await start({
      spec: document({
        '/marks': { post: { ...json(sent), ...ok(shown) } },
        '/marks/{id}': { ...named('id'), get: ok(shown) },
      }),
    })
    for (const content of [
      { type: 'text', text: 'Hello' },
      { type: 'link', url: 'https://example.org/a' },
    ])
      expect((await send(mock, 'POST /marks', content)).json.content).toEqual(content)
  })

  it('has the words that a text lists between commas, where answers show a list', async () => {
    const shown = object({ id: text, tags: list(text) }, ['id'])
    const mock = await start({
      spec: document({
        '/keys': { post: { ...json(object({ tags: text })), ...ok(shown) } },
        '/keys/{id}': { ...named('id'), get: ok(shown) },
      }),
    })
    const tagsOf = async (tags: string) => (await send(mock, 'POST /keys', { tags })).json.tags
    expect(await tagsOf('shop,cart')).toEqual(['shop', 'cart'])
    expect(await tagsOf('shop, cart')).toEqual(['shop', 'cart'])
    expect(await tagsOf('one')).toEqual(['one'])
    expect(await tagsOf('A sentence, and more of it')).toEqual(['A sentence, and more of it'])
  })

  it('is its first version', async () => {
    const shown = object({ id: text, version: { type: 'integer', minimum: 1 } }, ['id', 'version'])
    const mock = await start({
      spec: document({
        '/prompts': { post: { ...json(object({ note: text })), ...ok(shown) } },
        '/prompts/{id}': { ...named('id'), get: ok(shown) },
      }),
    })
    expect((await send(mock, 'POST /prompts', { note: 'a' })).json.version).toBe(1)
  })
})

describe('a collection under several paths', () => {
  const score = object({ id: text, name: text, value: { type: 'integer' } }, ['id'])
  const sent = json(object({ name: text, value: { type: 'integer' } }))

  it('is the same in each version of the API that does a part of the work', async () => {
    const mock = await start({
      spec: document({
        '/public/scores': { post: { ...sent, ...ok(object({ id: text }, ['id'])) } },
        '/public/scores/{id}': { ...named('id'), delete: ok() },
        '/public/v2/scores': { get: { ...asked('name'), ...ok(object({ data: list(score) })) } },
        '/public/v2/scores/{id}': { ...named('id'), get: ok(score) },
      }),
      seedItems: 0,
    })
    const { id } = (await send(mock, 'POST /public/scores', { name: 'speed', value: 7 })).json
    expect((await send(mock, `GET /public/v2/scores/${id}`)).json).toEqual({ id, name: 'speed', value: 7 })
    expect((await send(mock, 'GET /public/v2/scores?name=speed')).json.data).toEqual([
      { id, name: 'speed', value: 7 },
    ])
    await send(mock, `DELETE /public/scores/${id}`)
    expect((await send(mock, 'GET /public/v2/scores')).json.data).toEqual([])
  })

  it('stays apart where each version makes and reads its own', async () => {
    const version = (name: string) => ({
      [`/${name}/scores`]: { post: { ...sent, ...ok(score) }, get: ok(list(score)) },
      [`/${name}/scores/{id}`]: { ...named('id'), get: ok(score) },
    })
    const mock = await start({ spec: document({ ...version('v1'), ...version('v2') }), seedItems: 0 })
    await send(mock, 'POST /v1/scores', { name: 'speed' })
    expect((await send(mock, 'GET /v2/scores')).json).toEqual([])
  })

  it('is listed beside where it is made, though no schema has a name', async () => {
    const account = object({ id: text, name: text, iban: text }, ['id'])
    const mock = await start({
      spec: document({
        '/c/{company}/settings/accounts': {
          ...named('company'),
          post: { ...json(object({ name: text, iban: text })), ...ok(account) },
        },
        '/c/{company}/settings/accounts/{id}': { ...named('company', 'id'), get: ok(account) },
        '/c/{company}/info/accounts': { ...named('company'), get: ok(object({ data: list(account) })) },
      }),
      seedItems: 0,
    })
    const { json: made } = await send(mock, 'POST /c/7/settings/accounts', { name: 'Bank', iban: 'x' })
    expect((await send(mock, 'GET /c/7/info/accounts')).json.data).toContainEqual(made)
  })

  it('has its members set by what stands beside it and names its things', async () => {
    const link = object({ connection_id: text, metadata: { type: 'object', additionalProperties: true } }, [
      'connection_id',
      'metadata',
    ])
    const body = json(
      object({ connection_id: { oneOf: [text, list(text)] }, metadata: { type: 'object' } }, [
        'connection_id',
      ]),
    )
    const mock = await start({
      spec: document({
        '/connections': { post: { ...json(object({ connection_id: text })), ...ok(link) } },
        '/connections/metadata': { post: { ...body, ...ok() }, patch: { ...body, ...ok() } },
        '/connections/{connection_id}': { ...named('connection_id'), get: ok(link) },
      }),
      seedItems: 0,
    })
    for (const id of ['a', 'b']) await send(mock, 'POST /connections', { connection_id: id })
    const metadataOf = async (id: string) => (await send(mock, `GET /connections/${id}`)).json.metadata
    await send(mock, 'POST /connections/metadata', {
      connection_id: ['a', 'b'],
      metadata: { lang: 'en', n: 1 },
    })
    expect([await metadataOf('a'), await metadataOf('b')]).toEqual([
      { lang: 'en', n: 1 },
      { lang: 'en', n: 1 },
    ])
    await send(mock, 'PATCH /connections/metadata', { connection_id: 'a', metadata: { lang: 'de' } })
    expect([await metadataOf('a'), await metadataOf('b')]).toEqual([
      { lang: 'de', n: 1 },
      { lang: 'en', n: 1 },
    ])
    await send(mock, 'POST /connections/metadata', { connection_id: 'a', metadata: { x: 1 } })
    expect(await metadataOf('a')).toEqual({ x: 1 })
  })
})

describe('an operation below a thing', () => {
  const buyer = object({ id: text, name: text, email: text }, ['id'])
  const bill = object({ id: text, note: text, status: { ...text, enum: ['draft', 'voided'] }, buyer }, [
    'id',
    'status',
  ])
  const components = {
    schemas: {
      Buyer: buyer,
      Bill: { ...bill, properties: { ...bill.properties, buyer: { $ref: '#/components/schemas/Buyer' } } },
    },
  }
  const shown = (name: string, kind: string) =>
    ok(object({ [name]: { $ref: `#/components/schemas/${kind}` } }))
  const spec = document(
    {
      '/buyers': {
        post: { ...json(object({ buyer: object({ name: text }) })), ...shown('buyer', 'Buyer') },
        get: ok(object({ buyers: list({ $ref: '#/components/schemas/Buyer' }) })),
      },
      '/buyers/{id}': { ...named('id'), get: shown('buyer', 'Buyer') },
      '/bills': { post: { ...json(object({ bill: object({ note: text }) })), ...shown('bill', 'Bill') } },
      '/bills/preview': {
        post: { ...json(object({ buyer: object({ name: text }) })), ...shown('bill', 'Bill') },
      },
      '/bills/{id}': { ...named('id'), get: shown('bill', 'Bill') },
      '/bills/{id}/void': {
        ...named('id'),
        post: { ...json(object({ note: text })), ...shown('bill', 'Bill') },
      },
    },
    { components },
  )

  it('makes nothing of what the thing has as a part, and nothing where it only says what would be', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { id } = (await send(mock, 'POST /bills', { bill: { note: 'a' } })).json.bill
    await send(mock, `POST /bills/${id}/void`, { note: 'b' })
    expect((await send(mock, `GET /bills/${id}`)).json.bill.status).toBe('voided')
    await send(mock, 'POST /bills/preview', { buyer: { name: 'Ann' } })
    expect((await send(mock, 'GET /buyers')).json.buyers).toEqual([])
  })

  it('adds to the list that it is called like, also in an envelope, and leaves the thing as it is', async () => {
    const option = object({ gid: text, name: text, color: text }, ['gid'])
    const field = object({ gid: text, name: text, enum_options: list(option) }, ['gid', 'enum_options'])
    const data = (schema: object) => object({ data: schema })
    const mock = await start({
      spec: document({
        '/fields': { post: { ...json(data(object({ name: text }))), ...ok(data(field)) } },
        '/fields/{field_gid}': { ...named('field_gid'), get: ok(data(field)) },
        '/fields/{field_gid}/enum_options': {
          ...named('field_gid'),
          post: { ...json(data(object({ name: text }))), ...ok(data(option)) },
        },
      }),
      seedItems: 0,
    })
    const { gid } = (await send(mock, 'POST /fields', { data: { name: 'Priority' } })).json.data
    await send(mock, `POST /fields/${gid}/enum_options`, { data: { name: 'Top' } })
    const { data: read } = (await send(mock, `GET /fields/${gid}`)).json
    expect(read).toMatchObject({ name: 'Priority', enum_options: [{ name: 'Top' }] })
  })
})

describe('a class whose name begins like that of another', () => {
  it('is another one, where a collection is called by the whole of it', async () => {
    const project = object({ gid: text, name: text, note: text }, ['gid'])
    const brief = object({ gid: text, name: text, text }, ['gid'])
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const mock = await start({
      spec: document(
        {
          '/projects': {
            post: { ...json(object({ name: text, note: text })), ...ok(ref('ProjectResponse')) },
          },
          '/projects/{gid}': { ...named('gid'), get: ok(ref('ProjectResponse')) },
          '/project_briefs/{brief}': {
            ...named('brief'),
            get: ok(ref('ProjectBrief')),
            put: { ...json(brief), ...ok(ref('ProjectBrief')) },
            delete: ok(),
          },
          '/search/projects': { get: ok(list(ref('ProjectCompact'))) },
        },
        {
          components: {
            schemas: {
              ProjectResponse: project,
              ProjectBrief: brief,
              ProjectCompact: object({ gid: text, name: text }, ['gid']),
            },
          },
        },
      ),
      seedItems: 0,
    })
    const { json: made } = await send(mock, 'POST /projects', { name: 'Launch' })
    expect((await send(mock, 'GET /search/projects')).json).toEqual([{ gid: made.gid, name: 'Launch' }])
  })
})

describe('a change that is sent in an envelope', () => {
  it('leaves what it does not say, where nothing but the envelope has to be there', async () => {
    const metric = object({ code: text, name: text, note: text }, ['code'])
    const envelope = (schema: object) => object({ metric: schema }, ['metric'])
    const mock = await start({
      spec: document({
        '/metrics': {
          post: {
            ...json(envelope(object({ code: text, name: text, note: text }))),
            ...ok(envelope(metric)),
          },
        },
        '/metrics/{code}': {
          ...named('code'),
          get: ok(envelope(metric)),
          put: { ...json(envelope(object({ name: text, note: text }))), ...ok(envelope(metric)) },
        },
      }),
      seedItems: 0,
    })
    await send(mock, 'POST /metrics', { metric: { code: 'gb', name: 'Disk', note: 'n' } })
    const { json: put } = await send(mock, 'PUT /metrics/gb', { metric: { name: 'Disk 2' } })
    expect(put.metric).toEqual({ code: 'gb', name: 'Disk 2', note: 'n' })
  })
})

describe('a number that was sent as a text', () => {
  it.each([
    ['25.0', 25],
    ['0.50', 0.5],
    ['-1.25', -1.25],
    ['7', 7],
  ])('is the number %s', async (sent, wanted) => {
    const tax = object({ id: text, rate: { type: 'number' } }, ['id', 'rate'])
    const mock = await start({
      spec: document({
        '/taxes': { post: { ...json(object({ rate: text })), ...ok(tax) } },
        '/taxes/{id}': { ...named('id'), get: ok(tax) },
      }),
    })
    expect((await send(mock, 'POST /taxes', { rate: sent })).json.rate).toBe(wanted)
  })
})

describe('a list that a thing shows', () => {
  it('has what a request below the thing attaches by its id, until it is detached', async () => {
    const tag = object({ id: text, name: text }, ['id', 'name'])
    const by = { ...text, enum: ['ai', 'human'] }
    const mark = object(
      { id: text, tags: list(object({ id: text, name: text, by }, ['id', 'name', 'by'])) },
      ['id', 'tags'],
    )
    const naming = json(object({ tags: list(object({ tagId: text, tagName: text })) }, ['tags']))
    const mock = await start({
      spec: document({
        '/tags': { post: { ...json(object({ name: text })), ...ok(tag) } },
        '/tags/{id}': { ...named('id'), get: ok(tag) },
        '/marks': { post: { ...json(object({ title: text })), ...ok(mark) } },
        '/marks/{id}': { ...named('id'), get: ok(mark) },
        '/marks/{id}/tags': {
          ...named('id'),
          post: { ...naming, ...ok(object({ attached: list(text) }, ['attached'])) },
          delete: { ...naming, ...ok(object({ detached: list(text) }, ['detached'])) },
        },
      }),
    })
    const [one, two] = [
      (await send(mock, 'POST /tags', { name: 'a' })).json,
      (await send(mock, 'POST /tags', { name: 'b' })).json,
    ]
    const { id } = (await send(mock, 'POST /marks', { title: 'x' })).json
    const tagsOf = async () => (await send(mock, `GET /marks/${id}`)).json.tags
    const both = { tags: [{ tagId: one.id }, { tagId: two.id }] }
    expect((await send(mock, `POST /marks/${id}/tags`, both)).json).toEqual({ attached: [one.id, two.id] })
    expect(await tagsOf()).toMatchObject([one, two])
    const first = { tags: [{ tagId: one.id }] }
    expect((await send(mock, `DELETE /marks/${id}/tags`, first)).json).toEqual({ detached: [one.id] })
    expect(await tagsOf()).toMatchObject([two])
  })
})

describe('a file whose GET the document says nothing of', () => {
  it('is sent as it came', async () => {
    const shown = object({ assetId: text, fileName: text, size: { type: 'integer' } }, ['assetId'])
    const form = {
      content: { 'multipart/form-data': { schema: object({ file: { type: 'string', format: 'binary' } }) } },
    }
    const mock = await start({
      spec: document({
        '/assets': { post: { requestBody: form, ...ok(shown) } },
        '/assets/{assetId}': {
          ...named('assetId'),
          get: { responses: { 200: { description: 'The bytes' } } },
        },
      }),
    })
    const body = new FormData()
    body.set('file', new Blob(['%PDF-1.4 hello'], { type: 'application/pdf' }), 'a.pdf')
    const { json: made } = await send(mock, 'POST /assets', body)
    const file = await send(mock, `GET /assets/${made.assetId}`)
    expect([file.text, file.headers.get('content-type')]).toEqual(['%PDF-1.4 hello', 'application/pdf'])
  })
})

describe('a list', () => {
  const one = object({ id: text, name: text, age: { type: 'integer' } }, ['id'])
  const people = (...names: readonly string[]) =>
    document({
      '/people': {
        post: { ...json(object({ name: text, age: { type: 'integer' } })), ...ok(one) },
        get: { ...asked(...names), ...ok(list(one)) },
      },
      '/people/{id}': { ...named('id'), get: ok(one) },
    })
  const filled = async (...names: readonly string[]) => {
    const mock = await start({ spec: people(...names), seedItems: 0 })
    for (const [i, name] of ['Ann', 'Bob', 'Cy'].entries())
      await send(mock, 'POST /people', { name, age: 10 * i })
    return async (query: string) =>
      (await send(mock, `GET /people?${query}`)).json.map((row: { name: string }) => row.name)
  }

  it('is searched by a comparison where the search is written as one, and else by its words', async () => {
    const names = await filled('q')
    expect(await names(`q=${encodeURIComponent("name = 'Bob'")}`)).toEqual(['Bob'])
    expect(await names(`q=${encodeURIComponent('age >= 10 and name != "Cy"')}`)).toEqual(['Bob'])
    expect(await names('q=ann')).toEqual(['Ann'])
    // The mock's own ids hold letters by chance.
    for (const letter of 'bcdefgijk') expect(await names(`q=${letter}`)).not.toContain('Ann')
  })

  it('is content with a part of a text where the description says so', async () => {
    const described = [
      {
        name: 'name',
        in: 'query',
        schema: text,
        description: 'A partial string match of the name. Case insensitive.',
      },
    ]
    const spec = people()
    const get = { parameters: described, ...ok(list(one)) }
    const paths: Record<string, object> = spec.paths as Record<string, object>
    const mock = await start({
      spec: { ...spec, paths: { ...paths, '/people': { ...paths['/people'], get } } },
      seedItems: 0,
    })
    for (const name of ['Ann Lee', 'Bob Ray']) await send(mock, 'POST /people', { name })
    expect((await send(mock, 'GET /people?name=bob')).json).toMatchObject([{ name: 'Bob Ray' }])
  })

  it.each(['records_per_page', 'rowsPerPage', 'entries_per_page'])('is as long as %s says', async (size) => {
    const names = await filled('page', size)
    expect(await names(`page=2&${size}=2`)).toEqual(['Cy'])
  })
})
