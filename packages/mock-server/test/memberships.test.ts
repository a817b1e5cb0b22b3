// What belongs to a thing because a request said so: it is told from both sides, and stays where it was made.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMockServer, type MockServer } from '../src/index.js'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const thing = (...names: string[]) => ({
  type: 'object',
  required: ['id'],
  properties: { id: { ...text, readOnly: true }, ...Object.fromEntries(names.map((name) => [name, text])) },
})
const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const listOf = (name: string) => ({ type: 'array', items: schema(name) })
const body = (content: object) => ({
  required: true,
  content: { 'application/json': { schema: content } },
})
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: text })
const done = { responses: { 204: { description: 'Done' } } }
const collection = (name: string) => ({
  get: ok(listOf(name)),
  post: { requestBody: body(schema(name)), ...ok(schema(name)) },
})
const item = (param: string, name: string) => ({
  parameters: [inPath(param)],
  get: ok(schema(name)),
  delete: done,
})
const naming = (...names: string[]) =>
  body({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, text])) })
const references = body({
  type: 'object',
  properties: { data: { type: 'array', items: { type: 'object', properties: { type: text, id: text } } } },
})

const spec = document(
  {
    '/tasks': collection('Task'),
    '/tasks/{taskId}': item('taskId', 'Task'),
    '/labels': collection('Label'),
    '/labels/{labelId}': item('labelId', 'Label'),
    '/people': collection('Person'),
    '/people/{personId}': item('personId', 'Person'),
    '/tasks/{taskId}/labels': {
      parameters: [inPath('taskId')],
      get: ok(listOf('Label')),
    },
    '/labels/{labelId}/tasks': {
      parameters: [inPath('labelId')],
      get: ok(listOf('Task')),
    },
    '/tasks/{taskId}/addLabel': {
      parameters: [inPath('taskId')],
      post: { requestBody: naming('label'), ...done },
    },
    '/tasks/{taskId}/removeLabel': {
      parameters: [inPath('taskId')],
      post: { requestBody: naming('label'), ...done },
    },
    '/tasks/{taskId}/people': {
      parameters: [inPath('taskId')],
      get: ok(listOf('Person')),
      post: { requestBody: naming('id'), ...ok(schema('Person')) },
    },
    '/tasks/{taskId}/people/{personId}': {
      parameters: [inPath('taskId'), inPath('personId')],
      put: done,
      delete: done,
    },
    '/tasks/{taskId}/relationships/labels': {
      parameters: [inPath('taskId')],
      get: ok({ type: 'object', properties: { data: { type: 'array', items: thing('type') } } }),
      post: { requestBody: references, ...done },
      delete: { requestBody: references, ...done },
    },
    '/tasks/{taskId}/notes': { parameters: [inPath('taskId')], ...collection('Note') },
    '/tasks/{taskId}/events': {
      parameters: [inPath('taskId')],
      get: ok({ type: 'array', items: thing('text') }),
    },
  },
  {
    components: {
      schemas: {
        Task: thing('title'),
        Label: thing('name', 'colour'),
        Person: thing('name', 'city'),
        Note: thing('text'),
      },
    },
  },
)

let mock: MockServer
beforeAll(async () => {
  mock = await createMockServer({ spec })
})
afterAll(() => mock.close())

const made = async (collection: string, content: object): Promise<string> =>
  (await send(mock, `POST /${collection}`, content)).json.id
const idsIn = async (path: string): Promise<string[]> => {
  const { json } = await send(mock, `GET ${path}`)
  return (json.data ?? json).map(({ id }: { id: string }) => id)
}

/** The ways of letting a thing join a task and leave it again, and where the task shows it. */
const WAYS = {
  'an action for each': {
    kind: 'labels',
    join: (task: string, id: string) => [`POST /tasks/${task}/addLabel`, { label: id }],
    leave: (task: string, id: string) => [`POST /tasks/${task}/removeLabel`, { label: id }],
  },
  'POST of an id, and DELETE': {
    kind: 'people',
    join: (task: string, id: string) => [`POST /tasks/${task}/people`, { id }],
    leave: (task: string, id: string) => [`DELETE /tasks/${task}/people/${id}`, undefined],
  },
  'PUT without a body, and DELETE': {
    kind: 'people',
    join: (task: string, id: string) => [`PUT /tasks/${task}/people/${id}`, undefined],
    leave: (task: string, id: string) => [`DELETE /tasks/${task}/people/${id}`, undefined],
  },
  'references of JSON:API': {
    kind: 'labels',
    join: (task: string, id: string) => [
      `POST /tasks/${task}/relationships/labels`,
      { data: [{ type: 'label', id }] },
    ],
    leave: (task: string, id: string) => [
      `DELETE /tasks/${task}/relationships/labels`,
      { data: [{ type: 'label', id }] },
    ],
  },
} as const

describe('what joins a thing', () => {
  for (const [name, { kind, join, leave }] of Object.entries(WAYS)) {
    it(`is in its list until it leaves, and stays where it was made: ${name}`, async () => {
      const task = await made('tasks', { title: 'a' })
      const other = await made('tasks', { title: 'b' })
      const joining = await made(kind, { name: 'c' })
      const call = async ([line, content]: readonly [string, unknown] | readonly unknown[]) =>
        expect((await send(mock, line as string, content)).status).toBeLessThan(300)

      await call(join(task, joining))
      await call(join(task, joining))
      expect(await idsIn(`/tasks/${task}/${kind}`)).toEqual([joining])
      expect(await idsIn(`/tasks/${other}/${kind}`)).toEqual([])

      await call(leave(task, joining))
      expect(await idsIn(`/tasks/${task}/${kind}`)).toEqual([])
      expect((await send(mock, `GET /${kind}/${joining}`)).json).toMatchObject({ id: joining, name: 'c' })
    })
  }

  it('has the thing in its own list, too', async () => {
    const task = await made('tasks', { title: 'a' })
    const label = await made('labels', { name: 'b' })
    await send(mock, `POST /tasks/${task}/relationships/labels`, { data: [{ type: 'label', id: label }] })
    for (const path of [`/tasks/${task}/labels`, `/tasks/${task}/relationships/labels`])
      expect(await idsIn(path)).toEqual([label])
    expect(await idsIn(`/labels/${label}/tasks`)).toEqual([task])
    await send(mock, `POST /tasks/${task}/removeLabel`, { label })
    expect(await idsIn(`/labels/${label}/tasks`)).toEqual([])
  })

  it('is what was let in and not taken out, after any number of calls', async () => {
    const labels = await Promise.all(['a', 'b', 'c'].map((name) => made('labels', { name })))
    const calls = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 2 })), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(calls, async (steps) => {
        const task = await made('tasks', { title: 't' })
        const wanted = new Set<string>()
        for (const [isJoining, index] of steps) {
          const label = labels[index] ?? ''
          await send(mock, `POST /tasks/${task}/${isJoining ? 'addLabel' : 'removeLabel'}`, { label })
          if (isJoining) wanted.add(label)
          else wanted.delete(label)
        }
        expect(new Set(await idsIn(`/tasks/${task}/labels`))).toEqual(wanted)
      }),
      { numRuns: 15 },
    )
  })
})

describe('below a thing that a client made', () => {
  it('there is nothing yet that a client could make, and what only the server makes is there', async () => {
    const task = await made('tasks', { title: 'a' })
    expect(await idsIn(`/tasks/${task}/notes`)).toEqual([])
    expect(await idsIn(`/tasks/${task}/events`)).not.toEqual([])
    const note = await made(`tasks/${task}/notes`, { text: 'b' })
    expect(await idsIn(`/tasks/${task}/notes`)).toEqual([note])
  })

  it('there are samples below one that was there from the start', async () => {
    const [task] = await idsIn('/tasks')
    expect(await idsIn(`/tasks/${task}/notes`)).not.toEqual([])
  })
})

it('a thing that is about an item of any kind is in the list of that thing, whatever else is called an item', async () => {
  const id = { ...text, readOnly: true }
  const file = { type: 'object', properties: { id, name: text } }
  const item = { type: 'object', properties: { id: text, type: text } }
  const comment = { type: 'object', properties: { id, message: text, item } }
  const schemas = { File: file, Comment: comment }
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
  const listOf = (name: string) => ok({ type: 'array', items: ref(name) })
  const made = (name: string) => ({
    requestBody: { content: { 'application/json': { schema: ref(name) } } },
    ...ok(ref(name)),
  })
  const parameters = [{ name: 'id', in: 'path', required: true, schema: text }]
  const mock = await start({
    spec: document(
      {
        '/files': { get: listOf('File'), post: made('File') },
        '/files/{id}': { parameters, get: ok(ref('File')) },
        '/files/{id}/comments': { parameters, get: listOf('Comment') },
        '/folders/{id}/items': { parameters, get: listOf('File'), post: made('File') },
        '/comments': { post: made('Comment') },
        '/comments/{id}': { parameters, get: ok(ref('Comment')) },
      },
      { components: { schemas } },
    ),
    seedItems: 0,
  })
  const [one, other] = [
    (await send(mock, 'POST /files', { name: 'a' })).json,
    (await send(mock, 'POST /files', { name: 'b' })).json,
  ]
  await send(mock, 'POST /comments', { message: 'm', item: { id: one.id, type: 'file' } })
  expect((await send(mock, `GET /files/${one.id}/comments`)).json).toMatchObject([{ message: 'm' }])
  expect((await send(mock, `GET /files/${other.id}/comments`)).json).toEqual([])
})
