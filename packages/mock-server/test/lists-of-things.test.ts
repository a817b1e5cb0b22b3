// Lists of a thing that show what was made elsewhere, and lists that answers call otherwise than requests; and what is not
// there yet when a thing is made.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const whole = { type: 'integer' }

describe('a list of a thing below its path', () => {
  const Label = object({ id: whole, name: text }, ['id', 'name'])
  const label = { $ref: '#/components/schemas/Label' }
  const Issue = object({ id: whole, title: text, labels: list(label) }, ['id', 'title'])
  const issue = { $ref: '#/components/schemas/Issue' }
  const ids = json(object({ labels: list(whole) }, ['labels']))
  const paths = {
    '/labels': { get: ok(list(label)), post: { ...json(object({ name: text })), ...ok(label) } },
    '/labels/{id}': { ...named('id'), get: ok(label), delete: ok() },
    '/issues': { post: { ...json(object({ title: text, labels: list(whole) })), ...ok(issue) } },
    '/issues/{issue_id}': { ...named('issue_id'), get: ok(issue) },
    '/issues/{issue_id}/labels': {
      ...named('issue_id'),
      get: ok(list(label)),
      post: { ...ids, ...ok(list(label)) },
      put: { ...ids, ...ok(list(label)) },
      delete: { responses: { 204: { description: 'Gone' } } },
    },
    '/issues/{issue_id}/labels/{id}': {
      ...named('issue_id', 'id'),
      delete: { responses: { 204: { description: 'Gone' } } },
    },
  }
  const spec = document(paths, { components: { schemas: { Label, Issue } } })

  it('says the same as the thing, whatever is added, taken out, replaced and cleared', async () => {
    const mock = await start({ spec })
    const make = async (name: string) => (await send(mock, 'POST /labels', { name })).json
    const [bug, wish, late] = [await make('bug'), await make('wish'), await make('late')]
    const { json: made } = await send(mock, 'POST /issues', { title: 'a', labels: [bug.id] })
    const at = `/issues/${made.id}`
    const expectNames = async (...names: readonly string[]) => {
      for (const shown of [
        (await send(mock, `GET ${at}`)).json.labels,
        (await send(mock, `GET ${at}/labels`)).json,
      ])
        expect(shown.map(({ name }: { name: string }) => name).sort()).toEqual(names)
    }
    await expectNames('bug')
    await send(mock, `POST ${at}/labels`, { labels: [wish.id, late.id] })
    await expectNames('bug', 'late', 'wish')
    await send(mock, `DELETE ${at}/labels/${bug.id}`)
    await expectNames('late', 'wish')
    await send(mock, `PUT ${at}/labels`, { labels: [bug.id] })
    await expectNames('bug')
    await send(mock, `DELETE ${at}/labels`)
    await expectNames()
    for (const { id } of [bug, wish, late]) expect((await send(mock, `GET /labels/${id}`)).status).toBe(200)
  })
})

it('a PUT without a word puts what its path names into the list of a thing', async () => {
  const entry = object({ id: { ...text, readOnly: true }, service_id: text, kind: text }, ['id'])
  const stage = object({ id: { ...text, readOnly: true }, name: text, services: list(entry) }, ['id'])
  const service = object({ id: text, name: text }, ['id'])
  const mock = await start({
    spec: document({
      '/services': { post: { ...json(object({ name: text })), ...ok(service) } },
      '/services/{id}': { ...named('id'), get: ok(service) },
      '/stages': { post: { ...json(object({ name: text })), ...ok(stage) } },
      '/stages/{id}': { ...named('id'), get: ok(stage) },
      '/stages/{id}/service/{serviceId}': { ...named('id', 'serviceId'), put: ok(stage) },
    }),
  })
  const { json: made } = await send(mock, 'POST /stages', { name: 'a' })
  await send(mock, `PUT /stages/${made.id}/service/s1`)
  await send(mock, `PUT /stages/${made.id}/service/s1`)
  expect((await send(mock, `GET /stages/${made.id}`)).json.services).toMatchObject([{ service_id: 's1' }])
})

it('a collection of names is what a PUT lists', async () => {
  const names = object({ topics: list(text) })
  const gone = { responses: { 204: { description: 'Done' } } }
  const mock = await start({
    spec: document({
      '/topics': { get: ok(names), put: { ...json(names), ...gone } },
      '/topics/{topic}': { ...named('topic'), put: gone, delete: gone },
    }),
  })
  await send(mock, 'PUT /topics', { topics: ['one', 'two'] })
  await send(mock, 'PUT /topics/three')
  await send(mock, 'DELETE /topics/one')
  expect((await send(mock, 'GET /topics')).json.topics.sort()).toEqual(['three', 'two'])
  await send(mock, 'PUT /topics', { topics: [] })
  expect((await send(mock, 'GET /topics')).json.topics).toEqual([])
})

describe('what answers call otherwise than requests', () => {
  it('is a list whose entries say who is in it', async () => {
    const signature = object(
      { signature_id: text, signer_name: text, signer_email_address: text, order: whole, status: text },
      ['signature_id'],
    )
    const request = object({ id: { ...text, readOnly: true }, title: text, signatures: list(signature) }, [
      'id',
    ])
    const signer = object({ name: text, email_address: text, order: whole }, ['name', 'email_address'])
    const mock = await start({
      spec: document({
        '/requests': { post: { ...json(object({ title: text, signers: list(signer) })), ...ok(request) } },
        '/requests/{id}': { ...named('id'), get: ok(request) },
      }),
    })
    const signers = [
      { name: 'Ann', email_address: 'ann@a.org', order: 0 },
      { name: 'Bob', email_address: 'bob@a.org', order: 1 },
    ]
    const { json: made } = await send(mock, 'POST /requests', { title: 'a', signers })
    expect(made.signatures).toMatchObject([
      { signer_name: 'Ann', signer_email_address: 'ann@a.org', order: 0 },
      { signer_name: 'Bob', signer_email_address: 'bob@a.org', order: 1 },
    ])
    const ids = made.signatures.map((one: { signature_id: string }) => one.signature_id)
    expect(new Set(ids).size).toBe(2)
    expect((await send(mock, `GET /requests/${made.id}`)).json).toEqual(made)
  })

  it('is a name with the thing before it', async () => {
    const commit = object({ id: text, message: text })
    const flags = Object.fromEntries(
      ['protected', 'open', 'checked'].map((name) => [name, { type: 'boolean' }]),
    )
    const branch = object({ name: text, commit, ...flags })
    const mock = await start({
      spec: document({
        '/branches': {
          post: { ...json(object({ new_branch_name: text, old_branch_name: text })), ...ok(branch) },
        },
        '/branches/{branch}': { ...named('branch'), get: ok(branch), delete: ok() },
      }),
    })
    const { json: made } = await send(mock, 'POST /branches', {
      new_branch_name: 'dev',
      old_branch_name: 'main',
    })
    expect(made.name).toBe('dev')
    expect((await send(mock, 'GET /branches/dev')).json).toEqual(made)
  })
})

it('a new thing has none of what clients make, and is in the first of the states that lists ask for', async () => {
  const counts = { comments: whole, open_issues: whole, callsCounterEnded: whole, max_comments: whole }
  const issue = object({ id: { ...text, readOnly: true }, title: text, state: text, ...counts }, [
    'id',
    'state',
    ...Object.keys(counts),
  ])
  const thing = object({ id: { ...text, readOnly: true }, body: text }, ['id'])
  const at = (name: string, shown: object) => ({
    [`/${name}`]: { post: { ...json(object({ title: text, body: text })), ...ok(shown) } },
    [`/${name}/{id}`]: { ...named('id'), get: ok(shown) },
  })
  const states = { name: 'state', in: 'query', schema: { ...text, enum: ['closed', 'open', 'all'] } }
  const { post } = at('issues', issue)['/issues'] as { post: object }
  const mock = await start({
    spec: document({
      ...at('comments', thing),
      ...at('issues', issue),
      '/issues': { post, get: { parameters: [states], ...ok(list(issue)) } },
    }),
  })
  const { json: made } = await send(mock, 'POST /issues', { title: 'a' })
  expect(made).toMatchObject({ state: 'open', comments: 0, open_issues: 0, callsCounterEnded: 0 })
  const open = (await send(mock, 'GET /issues?state=open')).json
  expect(open.map(({ id }: { id: string }) => id)).toContain(made.id)
})
