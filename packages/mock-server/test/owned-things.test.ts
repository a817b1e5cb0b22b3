// Things that are read below their owners and made elsewhere, and what paths call things by: a name, a number, a path with
// slashes.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const whole = { type: 'integer' }
/** A document whose things have schemas by name, as paths that show the same things refer to them. */
const documentOf = (paths: object, schemas: object) => document(paths, { components: { schemas } })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const missing = { 404: { description: 'Not found' } }
const read = (schema: object) => ({ responses: { ...ok(schema).responses, ...missing } })

describe('what is made at its organization and read below its owner', () => {
  const org = object({ id: whole, username: text, avatar: text }, ['id', 'username'])
  const repo = object(
    { id: whole, name: text, full_name: text, owner: object({ id: whole, login: text, avatar: text }) },
    ['id', 'name', 'full_name', 'owner'],
  )
  const [Org, Repo] = [ref('Org'), ref('Repo')]
  const said = json(object({ name: text }, ['name']))
  const paths = {
    '/orgs': { post: { ...json(object({ username: text, avatar: text }, ['username'])), ...ok(Org) } },
    '/orgs/{org}': { ...named('org'), get: read(Org) },
    '/orgs/{org}/repos': { ...named('org'), get: ok(list(Repo)), post: { ...said, ...ok(Repo) } },
    '/repos/{owner}/{repo}': {
      ...named('owner', 'repo'),
      get: read(Repo),
      patch: { ...said, ...read(Repo) },
      delete: read(Repo),
    },
  }
  const spec = documentOf(paths, { Org: org, Repo: repo })

  it('shows the organization as its owner, and is found, renamed and removed by both names', async () => {
    const mock = await start({ spec })
    const { json: acme } = await send(mock, 'POST /orgs', { username: 'acme', avatar: 'a.png' })
    await send(mock, 'POST /orgs', { username: 'other' })
    const { json: app } = await send(mock, 'POST /orgs/acme/repos', { name: 'app' })
    const { json: twin } = await send(mock, 'POST /orgs/other/repos', { name: 'app' })
    expect(app).toMatchObject({
      owner: { id: acme.id, login: 'acme', avatar: 'a.png' },
      full_name: 'acme/app',
    })
    expect((await send(mock, 'GET /repos/acme/app')).json).toEqual(app)
    expect((await send(mock, 'GET /repos/other/app')).json.id).toBe(twin.id)
    const { json: web } = await send(mock, 'PATCH /repos/acme/app', { name: 'web' })
    expect(web).toMatchObject({ id: app.id, full_name: 'acme/web' })
    expect((await send(mock, 'GET /repos/acme/app')).status).toBe(404)
    expect((await send(mock, 'DELETE /repos/acme/web')).status).toBe(200)
    expect((await send(mock, 'GET /repos/acme/web')).status).toBe(404)
    expect((await send(mock, 'GET /repos/other/app')).status).toBe(200)
  })
})

describe('a path that calls the number of a thing an index', () => {
  const issue = object({ id: whole, number: whole, title: text }, ['id', 'number', 'title'])
  const spec = document({
    '/issues': { get: ok(list(issue)), post: { ...json(object({ title: text })), ...ok(issue) } },
    '/issues/{index}': {
      parameters: [{ name: 'index', in: 'path', required: true, schema: whole }],
      get: read(issue),
      patch: { ...json(object({ title: text })), ...read(issue) },
      delete: read(issue),
    },
  })

  it('finds no other thing by what is its id, and gives each a number of its own', async () => {
    const mock = await start({ spec })
    const made = []
    for (const title of ['a', 'b', 'c', 'd']) made.push((await send(mock, 'POST /issues', { title })).json)
    expect(new Set(made.map(({ number }) => number)).size).toBe(4)
    await send(mock, `PATCH /issues/${made[1].number}`, { title: 'B' })
    await send(mock, `DELETE /issues/${made[2].number}`)
    const titles = (await send(mock, 'GET /issues?limit=100')).json.map(
      ({ title }: { title: string }) => title,
    )
    expect(titles.filter((title: string) => title.length === 1)).toEqual(['a', 'B', 'd'])
    expect((await send(mock, `GET /issues/${made[2].number}`)).status).toBe(404)
  })
})

describe('things that are made under a path of their own', () => {
  const user = object({ id: whole, login: text, email: text }, ['id', 'login'])
  const post = object({ id: whole, author: object({ login: text }, ['login']) }, ['id', 'author'])
  const paths = {
    '/admin/users': {
      post: { ...json(object({ username: text, email: text }, ['username'])), ...ok(ref('User')) },
    },
    '/admin/users/{username}': { ...named('username'), delete: ok() },
    '/users/{username}': { ...named('username'), get: read(ref('User')) },
    '/posts': { post: { ...json(object({})), ...ok(post) } },
    '/posts/{id}': { ...named('id'), get: read(post) },
  }
  const spec = documentOf(paths, { User: user })

  it('are known by what they were called, and nobody else is, but those that other things show', async () => {
    const mock = await start({ spec })
    const { json: bob } = await send(mock, 'POST /admin/users', { username: 'bob', email: 'bob@a.org' })
    expect(bob.login).toBe('bob')
    expect((await send(mock, 'GET /users/bob')).json).toEqual(bob)
    expect((await send(mock, 'GET /users/nobody-here')).status).toBe(404)
    const { json: shown } = await send(mock, 'POST /posts', {})
    expect((await send(mock, `GET /users/${shown.author.login}`)).status).toBe(200)
  })

  it('are missing where a word behind the collection makes them and a range of errors is documented', async () => {
    const request = object({ request_id: text, title: text }, ['request_id'])
    const answer = ok(ref('Answer'))
    const paths = {
      '/request/list': { get: ok(object({ requests: list(ref('Request')) })) },
      '/request/send': { post: { ...json(object({ title: text })), ...answer } },
      '/request/{request_id}': {
        ...named('request_id'),
        get: { responses: { ...answer.responses, '4XX': { description: 'No' } } },
      },
    }
    const mock = await start({
      spec: documentOf(paths, { Request: request, Answer: object({ request: ref('Request') }) }),
    })
    const { request: made } = (await send(mock, 'POST /request/send', { title: 'a' })).json
    expect((await send(mock, `GET /request/${made.request_id}`)).json.request).toEqual(made)
    expect((await send(mock, 'GET /request/none')).status).toBe(404)
  })
})

describe('a file below a path with slashes', () => {
  const file = object({ name: text, path: text, content: text }, ['name', 'path'])
  const spec = document({
    '/contents': { get: ok(list(file)) },
    '/contents/{filepath}': {
      ...named('filepath'),
      get: read(file),
      put: { ...json(object({ content: text })), ...ok(file) },
    },
    '/contents/{filepath}/history': { ...named('filepath'), get: ok(list(text)) },
    '/pets/{pet}': { ...named('pet'), get: ok(object({ id: text })) },
  })

  it('is found as clients write it, and is called as its path ends', async () => {
    const mock = await start({ spec })
    const { json: made } = await send(mock, 'PUT /contents/docs/old/a.txt', { content: 'hi' })
    expect(made).toMatchObject({ path: 'docs/old/a.txt', name: 'a.txt', content: 'hi' })
    for (const path of ['docs/old/a.txt', 'docs%2Fold%2Fa.txt'])
      expect((await send(mock, `GET /contents/${path}`)).json).toEqual(made)
    const { json: other } = await send(mock, 'PUT /contents/a.txt', { content: 'ho' })
    expect(other).toMatchObject({ path: 'a.txt', name: 'a.txt', content: 'ho' })
    expect((await send(mock, 'GET /contents/docs/old/a.txt')).json).toEqual(made)
    expect((await send(mock, 'GET /contents/docs/history')).json).toBeInstanceOf(Array)
    expect((await send(mock, 'GET /pets/a/b')).status).toBe(404)
  })
})
