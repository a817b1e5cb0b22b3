// Requests whose schema is written in parts: what one part says of a member holds for all of them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, send, start } from './harness.js'

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const created = (schema: object) => ({ 201: { description: 'Created', ...json(schema) } })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: object, required: readonly string[] = [], rest: object = {}) => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
  ...rest,
})

const NAMES = ['a', 'b', 'c', 'd'] as const
const PARTS = 3

/** For each name: the part that describes it, the part that requires it, and whether it is readOnly. */
const layout = fc.tuple(
  ...NAMES.map(() =>
    fc.record({
      describedIn: fc.nat(PARTS - 1),
      requiredIn: fc.option(fc.nat(PARTS - 1), { nil: undefined }),
      readOnly: fc.boolean(),
    }),
  ),
)
type Layout = typeof layout extends fc.Arbitrary<infer Value> ? Value : never

const partsOf = (all: Layout) =>
  Array.from({ length: PARTS }, (_, part) =>
    object(
      Object.fromEntries(
        NAMES.flatMap((name, i) =>
          all[i]?.describedIn === part ? [[name, { type: 'string', readOnly: all[i].readOnly }]] : [],
        ),
      ),
      NAMES.filter((_, i) => all[i]?.requiredIn === part),
    ),
  )

/** The same parts side by side, by reference, or each inside the next. */
const FORMS: readonly ((parts: readonly object[]) => object)[] = [
  (parts) => ({ allOf: parts }),
  (parts) => ({ allOf: parts.map((_, i) => ref(`Part${i}`)) }),
  ([first = {}, second = {}, third = {}]) => ({ ...third, allOf: [{ ...second, allOf: [first] }] }),
]

describe('a schema in parts', () => {
  it('requires of a request what any part requires and no part calls readOnly', async () => {
    await fc.assert(
      fc.asyncProperty(layout, fc.nat(FORMS.length - 1), async (all, form) => {
        const parts = partsOf(all)
        const schema = FORMS[form]?.(parts) ?? {}
        const schemas = Object.fromEntries(parts.map((part, i) => [`Part${i}`, part]))
        const mock = await start({
          spec: document(
            {
              '/things': {
                post: { requestBody: { required: true, ...json(schema) }, responses: created({}) },
              },
            },
            { components: { schemas } },
          ),
        })
        const needed = NAMES.filter((_, i) => all[i]?.requiredIn !== undefined && all[i].readOnly === false)
        const body = Object.fromEntries(needed.map((name) => [name, 'x']))
        expect((await send(mock, 'POST /things', body)).status).toBe(201)
        for (const name of needed) {
          const { [name]: _, ...less } = body
          expect((await send(mock, 'POST /things', less)).status).toBe(400)
        }
        await mock.close()
      }),
      { numRuns: 25 },
    )
  })

  it('holds for what it contains, also where that is a thing of its own kind', async () => {
    const text = { type: 'string' }
    const kinds = {
      // What requests leave out on every level: `id` is readOnly.
      Tree: object(
        {
          id: { ...text, readOnly: true },
          name: text,
          child: { allOf: [ref('Tree')], required: ['id', 'name'] },
        },
        ['id', 'name'],
      ),
      // Each part forbids what the other requires, and all of it is within such a part.
      Chain: object(
        { name: text, child: { allOf: [ref('Chain'), object({ size: text }, ['size'])] } },
        ['name'],
        { additionalProperties: false },
      ),
    }
    const mock = await start({
      spec: document(
        Object.fromEntries(
          Object.keys(kinds).map((name) => [
            `/${name}`,
            { post: { requestBody: json(ref(name)), responses: created({}) } },
          ]),
        ),
        { components: { schemas: kinds } },
      ),
    })
    const status = async (path: string, body: object) => (await send(mock, `POST /${path}`, body)).status
    expect(await status('Tree', { name: 'a', child: { name: 'b', child: { name: 'c' } } })).toBe(201)
    expect(await status('Tree', { name: 'a', child: { name: 'b', child: {} } })).toBe(400)
    const link = (child: object) => ({ name: 'b', size: 's', child })
    expect(await status('Chain', { name: 'a', child: link(link({ name: 'c', size: 's' })) })).toBe(201)
    expect(await status('Chain', { name: 'a', child: link(link({ name: 'c' })) })).toBe(400)
    expect(await status('Chain', { name: 'a', child: link({ name: 'c', size: 's', more: 1 }) })).toBe(400)
  })

  it('whose parts each forbid what the others require allows the names of all, and no other', async () => {
    const key = object({ key: { type: 'string' } }, ['key'], { additionalProperties: false })
    const own = object({ email: { type: 'string' } }, ['email'], { additionalProperties: false })
    const mock = await start({
      spec: document(
        {
          '/closed': { post: { requestBody: json({ allOf: [ref('Key'), own] }), responses: created({}) } },
          '/extended': {
            post: {
              requestBody: json({ ...own, allOf: [object({ page: { type: 'integer' } }, [])] }),
              responses: created({}),
            },
          },
          // Here a request can fit: the document means what it says.
          '/narrowed': {
            post: {
              requestBody: json({ allOf: [ref('Key'), object({ note: { type: 'string' } })] }),
              responses: created({}),
            },
          },
        },
        { components: { schemas: { Key: key } } },
      ),
    })
    const status = async (path: string, body: object) => (await send(mock, `POST ${path}`, body)).status
    expect(await status('/closed', { key: 'k', email: 'a@example.com' })).toBe(201)
    expect(await status('/closed', { key: 'k', email: 'a@example.com', more: 1 })).toBe(400)
    expect(await status('/closed', { key: 'k' })).toBe(400)
    expect(await status('/extended', { email: 'a@example.com', page: 2 })).toBe(201)
    expect(await status('/extended', { email: 'a@example.com', more: 1 })).toBe(400)
    expect(await status('/narrowed', { key: 'k' })).toBe(201)
    expect(await status('/narrowed', { key: 'k', note: 'n' })).toBe(400)
  })

  it('whose closed parts describe different members takes the members of all, however deep they inherit', async () => {
    const text = { type: 'string' }
    const closed = { additionalProperties: false }
    const schemas = {
      Base: object({ name: text }, [], closed),
      Middle: { allOf: [ref('Base'), object({ size: text }, [], closed)] },
      Leaf: { allOf: [ref('Middle'), object({ colour: text }, [], closed)] },
      // It requires what it forbids: no request would fit.
      Torn: object({ name: text }, ['name', 'id'], closed),
    }
    const post = (name: string) => ({ post: { requestBody: json(ref(name)), responses: created({}) } })
    const mock = await start({
      spec: document({ '/leaves': post('Leaf'), '/torn': post('Torn') }, { components: { schemas } }),
    })
    const status = async (path: string, body: object) => (await send(mock, `POST ${path}`, body)).status
    expect(await status('/leaves', { name: 'a', size: 'b', colour: 'c' })).toBe(201)
    expect(await status('/leaves', { name: 'a', more: 1 })).toBe(400)
    expect(await status('/leaves', { name: 1 })).toBe(400)
    expect(await status('/torn', { name: 'a', id: 1 })).toBe(201)
    expect(await status('/torn', { name: 'a' })).toBe(400)
    expect(await status('/torn', { name: 'a', id: 1, more: 1 })).toBe(400)
  })

  it('whose closed parts leave no room for each other is answered with the members of all', async () => {
    const text = { type: 'string' }
    const closed = { additionalProperties: false }
    const schemas = {
      Ok: object({ ok: { const: true } }, ['ok'], closed),
      Backups: object({ folder: text }, ['folder']),
      // Nothing but an empty object would fit.
      Tenant: { ...closed, allOf: [object({ id: text }), object({ name: text }, [], closed)] },
      Pool: { ...closed, allOf: [object({ size: { type: 'integer' } }, ['size'])] },
      Password: object({ type: { const: 'password' }, hash: text }, ['type', 'hash'], closed),
      Pin: object({ type: { const: 'pin' }, digits: text }, ['type', 'digits'], closed),
      Secret: { ...closed, oneOf: [ref('Password'), ref('Pin')], discriminator: { propertyName: 'type' } },
      Empty: { type: 'object', ...closed },
    }
    const shown = (schema: object) => ({
      get: { responses: { 200: { description: 'OK', ...json(schema) } } },
    })
    const mock = await start({
      spec: document(
        {
          '/backups': shown({ allOf: [ref('Ok'), ref('Backups')] }),
          '/tenant': shown(ref('Tenant')),
          '/pool': shown(ref('Pool')),
          '/empty': shown(ref('Empty')),
          '/secrets': { post: { requestBody: json(ref('Secret')), responses: created(ref('Secret')) } },
        },
        { components: { schemas } },
      ),
    })
    const names = async (path: string) => Object.keys((await send(mock, `GET ${path}`)).json as object).sort()
    expect(await names('/backups')).toEqual(['folder', 'ok'])
    expect(await names('/tenant')).toEqual(['id', 'name'])
    expect(await names('/pool')).toEqual(['size'])
    expect(await names('/empty')).toEqual([])
    const secret = { type: 'pin', digits: '1234' }
    expect(await send(mock, 'POST /secrets', secret)).toMatchObject({ status: 201, json: secret })
    expect((await send(mock, 'POST /secrets', { ...secret, hash: 'x' })).status).toBe(400)
  })

  it('that others extend stands for itself where its discriminator lists values that name none of them', async () => {
    const schemas = {
      Rule: object(
        { kind: { type: 'string', enum: ['daily', 'weekly'] }, from: { type: 'string' } },
        ['kind'],
        {
          discriminator: { propertyName: 'kind' },
        },
      ),
      WeeklyRule: { allOf: [ref('Rule'), object({ day: { type: 'integer' } }, ['day'])] },
    }
    const mock = await start({
      spec: document(
        { '/rules': { post: { requestBody: json(ref('Rule')), responses: created({}) } } },
        { components: { schemas } },
      ),
    })
    expect((await send(mock, 'POST /rules', { kind: 'daily', from: '9' })).status).toBe(201)
    expect((await send(mock, 'POST /rules', { kind: 'weekly', day: 1 })).status).toBe(201)
    expect((await send(mock, 'POST /rules', { kind: 'yearly' })).status).toBe(400)
  })
})
