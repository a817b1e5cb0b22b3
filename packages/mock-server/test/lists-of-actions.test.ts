// Changes that a body lists: operations of a JSON patch beside a comment, and actions on a thing and on its lists.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

describe('a JSON patch beside a comment', () => {
  const operation = object({ op: text, path: { ...text, example: '/exampleField' }, value: {} }, [
    'op',
    'path',
  ])
  const patch = object({ patch: list(operation), comment: text }, ['patch'])
  const flag = object({ key: text, description: text, tags: list(text) }, ['key'])
  const spec = document({
    '/flags': { post: { ...json(flag), ...ok(flag) } },
    '/flags/{key}': { ...named('key'), get: ok(flag), patch: { ...json(patch), ...ok(flag) } },
  })
  const changed = async (...operations: readonly object[]) => {
    const mock = await start({ spec })
    await send(mock, 'POST /flags', { key: 'dark', description: 'a', tags: ['ui'] })
    const { status } = await send(mock, 'PATCH /flags/dark', { patch: operations, comment: 'why' })
    return { status, flag: (await send(mock, 'GET /flags/dark')).json }
  }

  it('is applied', async () => {
    const { flag } = await changed(
      { op: 'replace', path: '/description', value: 'b' },
      { op: 'add', path: '/tags/0', value: 'top' },
    )
    expect(flag).toEqual({ key: 'dark', description: 'b', tags: ['top', 'ui'] })
  })

  it('is refused where it leads to nothing, but not as the example of the document', async () => {
    expect((await changed({ op: 'replace', path: '/nothing/here', value: 1 })).status).toBe(409)
    expect((await changed({ op: 'replace', path: '/exampleField', value: 1 })).status).toBe(200)
  })

  it('is no patch where the thing has a list of that name', async () => {
    const rules = object({ key: text, rules: list(object({ op: text, path: text })) }, ['key'])
    const mock = await start({
      spec: document({
        '/gates': { post: { ...json(rules), ...ok(rules) } },
        '/gates/{key}': { ...named('key'), get: ok(rules), patch: { ...json(rules), ...ok(rules) } },
      }),
    })
    await send(mock, 'POST /gates', { key: 'a', rules: [] })
    const sent = [{ op: 'add', path: '/admin' }]
    expect((await send(mock, 'PATCH /gates/a', { key: 'a', rules: sent })).json.rules).toEqual(sent)
  })
})

describe('a list of actions', () => {
  const item = { id: { ...text, readOnly: true }, name: text, quantity: { type: 'integer' } }
  const zone = object({
    id: { ...text, readOnly: true },
    name: text,
    quantity: { type: 'integer' },
    locations: list(object({ country: text })),
    lineItems: list(object(item, ['id'])),
    tags: list(text),
  })
  const draft = object({
    name: text,
    locations: list(object({ country: text })),
    lineItems: list(object({ name: text, quantity: { type: 'integer' } })),
    tags: list(text),
  })
  const update = object({ actions: list({ type: 'object' }), instructions: list({ type: 'object' }) })
  const zones = async () => {
    const mock = await start({
      spec: document({
        '/zones': { post: { ...json(draft), ...ok(zone) } },
        '/zones/{id}': { ...named('id'), get: ok(zone), post: { ...json(update), ...ok(zone) } },
      }),
    })
    const { json: made } = await send(mock, 'POST /zones', {
      name: 'EU',
      locations: [{ country: 'DE' }],
      lineItems: [{ name: 'Milk', quantity: 2 }],
      tags: ['a'],
    })
    const change = async (body: object) => (await send(mock, `POST /zones/${made.id}`, body)).json
    return { made, change }
  }

  it('adds to lists of the thing and takes out of them', async () => {
    const { change } = await zones()
    const added = await change({ actions: [{ action: 'addLocation', location: { country: 'FR' } }] })
    expect(added.locations).toEqual([{ country: 'DE' }, { country: 'FR' }])
    const removed = await change({ actions: [{ action: 'removeLocation', location: { country: 'DE' } }] })
    expect(removed.locations).toEqual([{ country: 'FR' }])
  })

  it('makes an entry of what it says, with an id by which it is changed and removed', async () => {
    const { change } = await zones()
    const { lineItems } = await change({ actions: [{ action: 'addLineItem', name: 'Eggs', quantity: 6 }] })
    expect(lineItems).toMatchObject([{ name: 'Milk' }, { name: 'Eggs', quantity: 6 }])
    const [milk, eggs] = lineItems
    const changed = await change({
      actions: [
        { action: 'changeLineItemQuantity', lineItemId: eggs.id, quantity: 12 },
        { action: 'setLineItemName', lineItemId: eggs.id, name: 'Many eggs' },
      ],
    })
    expect(changed.lineItems).toEqual([milk, { ...eggs, name: 'Many eggs', quantity: 12 }])
    // What is said of an entry is not said of the thing.
    expect(changed.name).toBe('EU')
    const removed = await change({ actions: [{ action: 'removeLineItem', lineItemId: milk.id }] })
    expect(removed.lineItems.map(({ id }: { id: string }) => id)).toEqual([eggs.id])
  })

  it('says by `kind` and `value` what members and lists become', async () => {
    const { change } = await zones()
    const changed = await change({
      instructions: [
        { kind: 'updateName', value: 'World' },
        { kind: 'addTags', values: ['b', 'c'] },
        { kind: 'removeTags', values: ['a'] },
      ],
    })
    expect(changed).toMatchObject({ name: 'World', tags: ['b', 'c'] })
  })
})
