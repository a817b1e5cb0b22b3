// What the queries of lists say, in the manners of APIs that have nothing to do with each other.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const pet = {
  type: 'object',
  properties: { id: { type: 'integer', readOnly: true }, name: text, age: { type: 'integer' } },
}
const created = {
  requestBody: { content: { 'application/json': { schema: pet } } },
  ...ok(pet),
}
const withList = (parameters: object[], list: object, example?: unknown) =>
  document({
    '/pets': { get: { parameters, ...ok(list, example) }, post: created },
    '/pets/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      get: ok(pet),
    },
  })
const startWith = async (spec: object, names: readonly string[]) => {
  const mock = await start({ spec, seedItems: 0 })
  for (const [age, name] of names.entries()) await send(mock, 'POST /pets', { name, age })
  return mock
}
const namesIn = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => name)

it('an object that stands in the query as its members says which page is wanted, and in which order', async () => {
  const pageable = {
    type: 'object',
    properties: {
      page: { type: 'integer', minimum: 0 },
      size: { type: 'integer' },
      sort: { type: 'array', items: text },
    },
  }
  const list = {
    type: 'object',
    properties: {
      content: { type: 'array', items: pet },
      totalElements: { type: 'integer' },
      next: { ...text, format: 'uri', nullable: true },
    },
  }
  const mock = await startWith(
    withList([{ name: 'pageable', in: 'query', required: true, schema: pageable }], list),
    ['a', 'b', 'c', 'd', 'e'],
  )
  const first = (await send(mock, 'GET /pets?size=2&sort=name,desc')).json
  expect([namesIn(first.content), first.totalElements]).toEqual([['e', 'd'], 5])
  const { pathname, search } = new URL(first.next)
  expect(namesIn((await send(mock, `GET ${pathname}${search}`)).json.content)).toEqual(['c', 'b'])
})

it('a next link has the parameter of the link that the document shows, where it describes none', async () => {
  const list = {
    type: 'object',
    properties: { data: { type: 'array', items: pet }, next_url: { ...text, nullable: true } },
  }
  const example = { data: [], next_url: 'https://api.example.com/pets?limit=2&after=abc' }
  const limit = { name: 'limit', in: 'query', schema: { type: 'integer' } }
  const mock = await startWith(withList([limit], list, example), ['a', 'b', 'c'])
  const { data, next_url } = (await send(mock, 'GET /pets?limit=2')).json
  const { pathname, search, searchParams } = new URL(next_url)
  expect([namesIn(data), [...searchParams.keys()]]).toEqual([
    ['a', 'b'],
    ['limit', 'after'],
  ])
  const last = (await send(mock, `GET ${pathname}${search}`)).json
  expect([namesIn(last.data), last.next_url ?? null]).toEqual([['c'], null])
})

const filter = { name: 'filter', in: 'query', schema: text }
const asJson = {
  name: 'filter',
  in: 'query',
  content: { 'application/json': { schema: { type: 'object' } } },
}
const WRITTEN = {
  'JSON in a text': [filter, '{"name":{"_eq":"b"}}'],
  'JSON by its media type': [asJson, '{"name":{"_eq":"b"},"age":{"_gt":0}}'],
  'a `where` in JSON': [filter, '{"where":{"name":"b"},"limit":7}'],
  'a function': [filter, 'equals(name,"b")'],
  'functions that all hold': [filter, 'and(greater-than(age,"0"),less-than(age,"2"))'],
  'a comparison in words': [filter, 'name eq "b" and age ge 1'],
  'a comparison in signs': [filter, 'name = "b" AND age < 2'],
  'a name with its value': [filter, 'name:b'],
  'names with their values, of which one or all are wanted': [filter, 'name:b|z,age:"1"'],
} as const

for (const [manner, [parameter, value]] of Object.entries(WRITTEN)) {
  it(`a filter is understood that is written as ${manner}`, async () => {
    const mock = await startWith(withList([parameter], { type: 'array', items: pet }), ['a', 'b', 'c'])
    const { json } = await send(mock, `GET /pets?filter=${encodeURIComponent(value)}`)
    expect(namesIn(json)).toEqual(['b'])
  })
}

it('a filter that says more than comparisons that all hold leaves nothing out', async () => {
  const mock = await startWith(withList([filter], { type: 'array', items: pet }), ['a', 'b', 'c'])
  for (const value of [
    'name eq "b" or age eq 0',
    'not(equals(name,"b"))',
    '(((',
    '{"name"',
    'x'.repeat(5_000),
  ]) {
    const { json } = await send(mock, `GET /pets?filter=${encodeURIComponent(value)}`)
    expect(namesIn(json)).toEqual(['a', 'b', 'c'])
  }
})

it('a position that is described as an id of its own kind is the id of the entry that a page begins with', async () => {
  const cat = {
    type: 'object',
    properties: { id: { ...text, pattern: '^cat_.+$', readOnly: true }, name: text },
  }
  const list = {
    type: 'object',
    properties: { cats: { type: 'array', items: cat }, next: { ...text, format: 'uri', nullable: true } },
  }
  const described = (name: string, schema: object) => ({ name, in: 'query', schema })
  const spec = document({
    '/cats': {
      get: {
        parameters: [
          described('from', { ...text, pattern: '^cat_.+$' }),
          described('limit', { type: 'integer' }),
        ],
        ...ok(list),
      },
      post: { requestBody: { content: { 'application/json': { schema: cat } } }, ...ok(cat) },
    },
    '/cats/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
      get: ok(cat),
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const made: { readonly id: string }[] = []
  for (const name of ['a', 'b', 'c']) made.push((await send(mock, 'POST /cats', { name })).json)
  const first = (await send(mock, 'GET /cats?limit=2')).json
  expect(new URL(first.next).searchParams.get('from')).toBe(made[2]?.id)
  expect((await send(mock, `GET /cats?limit=2&from=${made[1]?.id}`)).json.cats).toEqual(made.slice(1))
})

it('a header that is named like the parameter for a position has the next one, until the list ends', async () => {
  const named = (name: string) => ({ name, in: 'query', schema: text })
  const list = {
    parameters: [named('after_cursor'), named('per_page')],
    responses: {
      200: {
        description: '',
        headers: { 'X-After-Cursor': { schema: text } },
        content: { 'application/json': { schema: { type: 'array', items: pet } } },
      },
    },
  }
  const spec = document({
    '/pets': { get: list, post: created },
    '/pets/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      get: ok(pet),
    },
  })
  const mock = await startWith(spec, ['a', 'b', 'c'])
  const first = await send(mock, 'GET /pets?per_page=2')
  const cursor = first.headers.get('x-after-cursor')
  const last = await send(mock, `GET /pets?per_page=2&after_cursor=${cursor}`)
  expect([namesIn(first.json), namesIn(last.json)]).toEqual([['a', 'b'], ['c']])
  expect(last.headers.get('x-after-cursor') ?? '').toBe('')
})

it('a filter that is the example of the document leaves nothing out, until something has what it asks for', async () => {
  const required = { ...filter, required: true, example: 'equals(name,"sample")' }
  const mock = await startWith(withList([required], { type: 'array', items: pet }), ['a', 'b'])
  const path = `GET /pets?filter=${encodeURIComponent(required.example)}`
  expect(namesIn((await send(mock, path)).json)).toEqual(['a', 'b'])
  await send(mock, 'POST /pets', { name: 'sample' })
  expect(namesIn((await send(mock, path)).json)).toEqual(['sample'])
})

it('a list of which nothing is stored is one page, so that clients come to its end', async () => {
  const row = { type: 'object', properties: { text } }
  const page = {
    type: 'object',
    properties: { rows: { type: 'array', items: row }, has_more: { type: 'boolean' }, cursor: text },
  }
  const example = { rows: [{ text: 'a' }], has_more: true, cursor: 'next' }
  const mock = await start({
    spec: document({
      '/logs.read': {
        post: {
          requestBody: {
            content: {
              'application/json': { schema: { type: 'object', properties: { cursor: text, name: text } } },
            },
          },
          ...ok(page, example),
        },
      },
      '/logs': {
        get: {
          parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }],
          ...ok(page, example),
        },
      },
    }),
  })
  expect((await send(mock, 'POST /logs.read', { name: 'x' })).json).toMatchObject({ has_more: true })
  expect((await send(mock, 'POST /logs.read', { cursor: 'next' })).json).toMatchObject({
    rows: [],
    has_more: false,
  })
  expect((await send(mock, 'GET /logs')).json).toMatchObject({ rows: [{ text: 'a' }], has_more: false })
  expect((await send(mock, 'GET /logs?page=2')).json).toMatchObject({ rows: [], has_more: false })
})

it('a page is as long as was asked, whatever another name for its length has for a default', async () => {
  const sizes = [
    { name: 'per_page', in: 'query', schema: { type: 'integer', default: 250 } },
    { name: 'page', in: 'query', schema: { type: 'integer' } },
    { name: 'page_size', in: 'query', schema: { type: 'integer', default: 250 } },
  ]
  const mock = await startWith(withList(sizes, { type: 'array', items: pet }), ['a', 'b', 'c'])
  expect(namesIn((await send(mock, 'GET /pets?page_size=2')).json)).toEqual(['a', 'b'])
  expect(namesIn((await send(mock, 'GET /pets?per_page=2&page=2')).json)).toEqual(['c'])
  expect(namesIn((await send(mock, 'GET /pets')).json)).toEqual(['a', 'b', 'c'])
})

it('a list tells how many results there are, under the name that it has for them', async () => {
  const list = {
    type: 'object',
    properties: {
      pets: { type: 'array', items: pet },
      list_info: {
        type: 'object',
        properties: { num_pages: { type: 'integer' }, num_results: { type: 'integer' } },
      },
    },
  }
  const paging = ['page', 'page_size'].map((name) => ({ name, in: 'query', schema: { type: 'integer' } }))
  const mock = await startWith(withList(paging, list), ['a', 'b', 'c'])
  const { pets, list_info: info } = (await send(mock, 'GET /pets?page_size=2')).json
  expect([namesIn(pets), info]).toEqual([['a', 'b'], { num_pages: 2, num_results: 3 }])
})

it('a list of ids selects the things that have them', async () => {
  const ids = [{ name: 'ids', in: 'query', schema: { type: 'array', items: { type: 'integer' } } }]
  const mock = await startWith(withList(ids, { type: 'array', items: pet }), ['a', 'b', 'c'])
  const all = (await send(mock, 'GET /pets')).json
  expect((await send(mock, `GET /pets?ids=${all[0].id}&ids=${all[2].id}`)).json).toEqual([all[0], all[2]])
  expect((await send(mock, 'GET /pets?ids=4711')).json).toEqual([])
})

it.each([
  ['nothing is said', { schema: { type: 'integer' } }, 1],
  ['the least is 0', { schema: { type: 'integer', minimum: 0 } }, 0],
  ['the default is 0', { schema: { type: 'integer', default: 0 } }, 0],
  ['an example is 0', { schema: { type: 'integer' }, example: 0 }, 0],
  ['the default is 1, and 0 is taken too', { schema: { type: 'integer', minimum: 0, default: 1 } }, 1],
  ['it is told', { schema: { type: 'integer', minimum: 0 }, description: 'The page (1-based)' }, 1],
  ['it is told otherwise', { schema: { type: 'integer' }, description: 'Zero-indexed page' }, 0],
])('each thing is on one page, and the first has its number, where %s', async (_, page, first) => {
  const list = {
    type: 'object',
    properties: { pets: { type: 'array', items: pet }, page: { type: 'integer' } },
  }
  const size = { name: 'per_page', in: 'query', schema: { type: 'integer' } }
  const spec = withList([{ name: 'page', in: 'query', ...page }, size], list)
  const mock = await startWith(spec, ['a', 'b', 'c'])
  const ask = async (query: string) => (await send(mock, `GET /pets?per_page=2${query}`)).json
  expect(namesIn((await ask('')).pets)).toEqual(['a', 'b'])
  expect(namesIn((await ask(`&page=${first}`)).pets)).toEqual(['a', 'b'])
  expect(namesIn((await ask(`&page=${first + 1}`)).pets)).toEqual(['c'])
  expect((await ask(`&page=${first}`)).page).toBe(first)
})

const asked = (name: string, schema: object = text) => ({ name, in: 'query', schema })

it('`order` is a direction beside a member, and alone a member with its direction', async () => {
  const mock = await startWith(withList([asked('order')], { type: 'array', items: pet }), ['b', 'c', 'a'])
  for (const [order, wanted] of [
    ['name', 'abc'],
    ['name%20DESC', 'cba'],
    ['-name', 'cba'],
    ['desc', 'acb'],
  ])
    expect(namesIn((await send(mock, `GET /pets?order=${order}`)).json).join(''), order).toBe(wanted)
})

it('a filter may be called after the things and their member, or after the ids of the things', async () => {
  const list = { type: 'array', items: pet }
  const mock = await startWith(withList([asked('pet_name'), asked('IDs')], list), ['a', 'b', 'c'])
  expect(namesIn((await send(mock, 'GET /pets?pet_name=b')).json)).toEqual(['b'])
  const { json: all } = await send(mock, 'GET /pets')
  expect(namesIn((await send(mock, `GET /pets?IDs=${all[0].id},${all[2].id}`)).json)).toEqual(['a', 'c'])
})

it.each([
  ['fields', 'fields=name'],
  ['fields', 'fields=name,none'],
  ['$select', '%24select=name'],
  ['select', 'select=name'],
])('%s shows the members that it names, and no others: %s', async (name, query) => {
  const mock = await startWith(withList([asked(name)], { type: 'array', items: pet }), ['a'])
  expect((await send(mock, `GET /pets?${query}`)).json).toEqual([{ name: 'a' }])
  // What names no member of the things means something else.
  expect(Object.keys((await send(mock, `GET /pets?${name}=all`)).json[0])).toContain('age')
})

it('a fieldset leaves what must be there, and is meant for the things of its type (JSON:API)', async () => {
  const attributes = {
    type: 'object',
    properties: { name: text, color: text, size: text },
    required: ['size'],
  }
  const thing = {
    type: 'object',
    required: ['id', 'type', 'attributes'],
    properties: { id: { ...text, readOnly: true }, type: { type: 'string', enum: ['shirt'] }, attributes },
  }
  const one = { type: 'object', properties: { data: thing } }
  const spec = document({
    '/shirts': { post: { requestBody: { content: { 'application/json': { schema: one } } }, ...ok(one) } },
    '/shirts/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
      get: { parameters: [asked('fields[shirt]'), asked('fields[shop]')], ...ok(one) },
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const sent = { name: 'a', color: 'red', size: 'l' }
  const { json: made } = await send(mock, 'POST /shirts', { data: { type: 'shirt', attributes: sent } })
  const shown = async (query: string) => (await send(mock, `GET /shirts/${made.data.id}?${query}`)).json.data
  const { id } = made.data
  expect(await shown('fields[shirt]=color')).toEqual({
    ...{ id, type: 'shirt' },
    attributes: { color: 'red', size: 'l' },
  })
  expect((await shown('fields[shop]=color')).attributes).toEqual(sent)
})

it.each([
  ['Number of pets returned.', 2],
  ['Number of pets in this page.', 2],
  ['Number of pets.', 3],
])('a count is that of the page where its description says so: %s', async (description, expected) => {
  const counted = {
    type: 'object',
    properties: { count: { type: 'integer', description }, pets: { type: 'array', items: pet } },
  }
  const limit = { name: 'limit', in: 'query', schema: { type: 'integer' } }
  const mock = await startWith(withList([limit], counted), ['a', 'b', 'c'])
  expect((await send(mock, 'GET /pets?limit=2')).json.count).toBe(expected)
})

it.each([
  ['name_contains=Ann', ['Ann', 'Joann']],
  ['q%5Bname_cont%5D=nn', ['Ann', 'Joann']],
  ['min_age=1', ['Bob', 'Joann']],
  ['age_lte=0', ['Ann']],
])('a filter that compares by a word of its name compares so: %s', async (query, names) => {
  const filters = ['name_contains', 'q[name_cont]', 'min_age', 'age_lte'].map((name) => ({
    ...{ name, in: 'query', schema: text },
  }))
  const mock = await startWith(withList(filters, { type: 'array', items: pet }), ['Ann', 'Bob', 'Joann'])
  expect(namesIn((await send(mock, `GET /pets?${query}`)).json)).toEqual(names)
})

it('a text that is sent several times means any of these', async () => {
  const thing = {
    type: 'object',
    required: ['id', 'status'],
    properties: { id: { type: 'string' }, status: { type: 'string' } },
  }
  const content = { 'application/json': { schema: thing } }
  const parameters = ['ids', 'status'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }))
  const mock = await start({
    seedItems: 0,
    spec: document({
      '/things': {
        post: { requestBody: { content }, ...ok(thing) },
        get: { parameters, ...ok({ type: 'array', items: thing }) },
      },
      '/things/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: ok(thing),
      },
    }),
  })
  for (const [id, status] of Object.entries({ a: 'new', b: 'old', c: 'odd' }))
    await send(mock, 'POST /things', { id, status })
  const found = async (query: string) =>
    (await send(mock, `GET /things?${query}`)).json.map(({ id }: { id: string }) => id)
  expect(await found('ids=a&ids=c')).toEqual(['a', 'c'])
  expect(await found('status=new&status=old')).toEqual(['a', 'b'])
  expect(await found('ids=b&status=old')).toEqual(['b'])
})
