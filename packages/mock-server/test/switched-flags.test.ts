// Flags and lists that actions change by what they are called: `star` and `unstar`, `toggle`, `addTag`.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const [flag, count] = [{ type: 'boolean' }, { type: 'integer' }]
const flags = ['enabled', 'is_following', 'starred', 'favorite', 'read']
const post = object(
  {
    id: { ...text, readOnly: true },
    ...Object.fromEntries(flags.map((name) => [name, flag])),
    stars_count: count,
    followers_count: count,
    tags: list(text),
    host_source_ids: list(text),
    version: count,
  },
  ['id', ...flags, 'stars_count', 'followers_count'],
)
const done = { responses: { 204: { description: 'Done' } } }
const below = (word: string, described: object) => ({
  [`/posts/{id}${word}`]: { ...named('id'), ...described },
})
const begin = async (...more: readonly object[]) => {
  const own = {
    '/posts': {
      get: ok(list(post)),
      post: { ...json(object({ tags: list(text), host_source_ids: list(text) })), ...ok(post) },
    },
    ...below('', { get: ok(post) }),
  }
  const mock = await start({ spec: document(Object.assign(own, ...more)), seedItems: 0 })
  const { json: made } = await send(mock, 'POST /posts', { tags: ['a'], host_source_ids: ['h1'] })
  const act = async (line: string, body?: unknown) => {
    const [method, word] = line.split(' ')
    await send(mock, `${method} /posts/${made.id}${word}`, body)
    return (await send(mock, `GET /posts/${made.id}`)).json
  }
  return { made, act }
}
const verbs = (...words: readonly string[]) => words.map((word) => below(`/${word}`, { post: done }))

describe('a flag that an action is called after', () => {
  it('is not set on a new thing, and is by the action until another takes it back', async () => {
    const { made, act } = await begin(
      ...verbs('star', 'unstar', 'follow', 'unfollow', 'favorite', 'unfavorite'),
    )
    expect(made).toMatchObject({ starred: false, is_following: false, favorite: false, stars_count: 0 })
    expect(await act('POST /star')).toMatchObject({ starred: true, is_following: false, stars_count: 1 })
    expect(await act('POST /star')).toMatchObject({ starred: true, stars_count: 1 })
    expect(await act('POST /follow')).toMatchObject({ is_following: true, followers_count: 1 })
    expect(await act('POST /unfollow')).toMatchObject({ is_following: false, followers_count: 0 })
    expect(await act('POST /unstar')).toMatchObject({ starred: false, stars_count: 0 })
    expect(await act('POST /favorite')).toMatchObject({ favorite: true })
    expect(await act('POST /unfavorite')).toMatchObject({ favorite: false })
  })

  it('is taken back by a DELETE beside what sets it', async () => {
    const { act } = await begin(below('/star', { put: done, delete: done }))
    expect(await act('PUT /star')).toMatchObject({ starred: true })
    expect(await act('DELETE /star')).toMatchObject({ starred: false })
  })

  it('is told by the verb of an operation whose path has the noun of it', async () => {
    const activation = {
      put: { operationId: 'activatePost', ...done },
      delete: { operationId: 'deactivatePost', ...done },
    }
    const { act } = await begin(below('/activation', activation))
    expect(await act('DELETE /activation')).toMatchObject({ enabled: false })
    expect(await act('PUT /activation')).toMatchObject({ enabled: true })
  })

  it('is what a thing is marked as', async () => {
    const { act } = await begin(...verbs('mark-as-read', 'mark_unread'))
    expect(await act('POST /mark_unread')).toMatchObject({ read: false })
    expect(await act('POST /mark-as-read')).toMatchObject({ read: true })
  })

  it('is turned round by an action that toggles it, unless the request says what it is to be', async () => {
    const toggle = { post: { requestBody: json(object({ enabled: flag })).requestBody, ...done } }
    const { made, act } = await begin(below('/toggle', toggle), ...verbs('toggle-starred'))
    expect(await act('POST /toggle')).toMatchObject({ enabled: !made.enabled })
    expect(await act('POST /toggle')).toMatchObject({ enabled: made.enabled })
    expect(await act('POST /toggle', { enabled: false })).toMatchObject({ enabled: false })
    expect(await act('POST /toggle-starred')).toMatchObject({ starred: !made.starred, enabled: false })
  })

  it('stays on for what is there to be used', async () => {
    const { made } = await begin(...verbs('enable', 'disable'))
    expect(made.enabled).toBe((await begin()).made.enabled)
  })
})

describe('a list that an action is called after', () => {
  it('has what is added to it one by one, and has no more what is taken out', async () => {
    const one = { post: { ...json(object({ tag: text })), ...ok(object({})) } }
    const { act } = await begin(below('/addTag', one), below('/removeTag', one))
    expect(await act('POST /addTag', { tag: 'b' })).toMatchObject({ tags: ['a', 'b'] })
    expect(await act('POST /addTag', { tag: 'b' })).toMatchObject({ tags: ['a', 'b'] })
    expect(await act('POST /removeTag', { tag: 'a' })).toMatchObject({ tags: ['b'] })
  })

  it('is changed by several beside what else a request says', async () => {
    const more = { post: { ...json(object({ host_source_ids: list(text), version: count })), ...ok(post) } }
    const { act } = await begin(
      below(':add-host-sources', more),
      below(':remove-host-sources', more),
      below(':set-host-sources', more),
    )
    const said = (...ids: readonly string[]) => ({ host_source_ids: ids, version: 1 })
    expect(await act('POST :add-host-sources', said('h2'))).toMatchObject({ host_source_ids: ['h1', 'h2'] })
    expect(await act('POST :remove-host-sources', said('h1'))).toMatchObject({ host_source_ids: ['h2'] })
    expect(await act('POST :set-host-sources', said('h3'))).toMatchObject({ host_source_ids: ['h3'] })
  })
})
