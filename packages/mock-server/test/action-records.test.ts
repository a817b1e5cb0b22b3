// Records of what is done to things: they can be read, are listed where they belong, and the things follow.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const number = { type: 'integer' }
const Action = object(
  {
    id: number,
    command: text,
    status: { ...text, enum: ['running', 'success', 'error'] },
    progress: number,
    error: { type: ['object', 'null'], properties: { code: text } },
    resources: list(object({ id: number, type: text }, ['id', 'type'])),
  },
  ['id', 'command', 'status', 'progress', 'error', 'resources'],
)
const action = { $ref: '#/components/schemas/Action' }
const server = object(
  { id: number, name: text, size: number, status: { ...text, enum: ['deleting', 'running', 'off'] } },
  ['id', 'name', 'status'],
)
const done = ok(object({ action: action }, ['action']))
const of = (plural: string, one: string) => ({
  [`/${plural}`]: {
    get: ok(object({ [plural]: list(server) })),
    post: { ...json(object({ name: text })), ...ok(object({ [one]: server }, [one])) },
  },
  [`/${plural}/{id}`]: { ...named('id'), get: ok(object({ [one]: server }, [one])) },
  [`/${plural}/{id}/actions`]: { ...named('id'), get: ok(object({ actions: list(action) })) },
  [`/${plural}/{id}/actions/poweroff`]: { ...named('id'), post: done },
  [`/${plural}/{id}/actions/resize`]: {
    ...named('id'),
    post: { ...json(object({ size: number }, ['size'])), ...done },
  },
})
const spec = document(
  {
    ...of('servers', 'server'),
    '/actions': { get: ok(object({ actions: list(action) })) },
    '/actions/{id}': { ...named('id'), get: done },
  },
  { components: { schemas: { Action } } },
)

describe('an action that answers with a record of itself', () => {
  it('does what it is called after, and can be read and found below the thing', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: made } = await send(mock, 'POST /servers', { name: 's' })
    const { id, status } = made.server
    expect(status).toBe('running')
    const { json: off } = await send(mock, `POST /servers/${id}/actions/poweroff`)
    expect(off.action).toMatchObject({ command: 'poweroff', status: 'running', progress: 0, error: null })
    expect(off.action.resources).toEqual([{ id, type: 'server' }])
    expect((await send(mock, `GET /servers/${id}`)).json.server.status).toBe('off')
    const { json: sized } = await send(mock, `POST /servers/${id}/actions/resize`, { size: 50 })
    expect(sized.action).not.toHaveProperty('size')
    expect((await send(mock, `GET /servers/${id}`)).json.server.size).toBe(50)
    const { json: listed } = await send(mock, `GET /servers/${id}/actions`)
    expect(listed.actions.map(({ id }: { id: number }) => id)).toEqual([off.action.id, sized.action.id])
    expect((await send(mock, `GET /actions/${sized.action.id}`)).json).toEqual(sized)
  })
})
