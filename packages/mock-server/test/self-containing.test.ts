// Schemas whose alternatives contain themselves: however many ways lead to a part of a value, it is looked at once for each
// schema, so that it is known in time whether the value fits, and what can be shown of it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, send, start, withCpuMs } from './harness.js'

const NAMES = ['S0', 'S1', 'S2', 'S3'] as const
type Name = (typeof NAMES)[number]

/** A schema by its name: an object whose members are of any of them, or a choice among those before it. */
type Described =
  | { readonly members: { readonly v: Name; readonly w: Name }; readonly isRequired: boolean }
  | { readonly choice: 'anyOf' | 'oneOf'; readonly of: readonly (Name | 'null' | 'string' | 'boolean')[] }
type Document = Readonly<Record<Name, Described>>

const RUNS = Number(process.env.SELF_CONTAINING ?? 40)

const anyName = fc.constantFrom(...NAMES)
const members = fc.record({ members: fc.record({ v: anyName, w: anyName }), isRequired: fc.boolean() })
const choice = (before: readonly Name[], keyword: 'anyOf' | 'oneOf') =>
  fc.record({
    choice: fc.constant(keyword),
    of: fc.array(fc.constantFrom(...before, 'null' as const, 'string' as const, 'boolean' as const), {
      minLength: 2,
      maxLength: 3,
    }),
  })
const documents = (keyword: 'anyOf' | 'oneOf'): fc.Arbitrary<Document> =>
  fc.record({
    S0: members,
    S1: choice(['S0'], keyword),
    S2: choice(['S0', 'S1'], keyword),
    S3: choice(['S0', 'S1', 'S2'], keyword),
  })

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const schemaOf = (described: Described): object =>
  'choice' in described
    ? {
        [described.choice]: described.of.map((one) =>
          NAMES.includes(one as Name) ? ref(one) : { type: one },
        ),
      }
    : {
        type: 'object',
        properties: { v: ref(described.members.v), w: ref(described.members.w) },
        ...(described.isRequired ? { required: ['v'] } : {}),
      }

/** A chain of members with something at its end. */
const bodies = fc
  .record({
    path: fc.array(fc.constantFrom('v', 'w'), { maxLength: 24 }),
    end: fc.constantFrom(1, 'x', null, true, {}, [], { v: 1, w: 'x' }),
  })
  .map(({ path, end }) => path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), end))

/** Every level of a body offers three ways to put a number one level further down. */
const ENDLESS: Document = {
  S0: { members: { v: 'S3', w: 'S3' }, isRequired: true },
  S1: { choice: 'oneOf', of: ['S0', 'S0', 'null'] },
  S2: { choice: 'oneOf', of: ['S0', 'S1', 'null'] },
  S3: { choice: 'oneOf', of: ['S2', 'S1', 'null'] },
}
const DEEP = Array.from({ length: 14 }).reduce<unknown>((inner) => ({ v: inner }), 1)

/** Whether a value fits: each part and name are decided once. */
function fits(
  described: Document,
  name: Name,
  value: unknown,
  known = new Map<unknown, Map<Name, boolean>>(),
): boolean {
  const decided = known.get(value)?.get(name)
  if (decided !== undefined) return decided
  const own = described[name]
  const one = (option: Name | 'null' | 'string' | 'boolean'): boolean => {
    if (option === 'null') return value === null
    if (option === 'string' || option === 'boolean') return typeof value === option
    return fits(described, option, value, known)
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const result =
    'choice' in own
      ? own.of.some(one)
      : isObject &&
        (!own.isRequired || 'v' in value) &&
        Object.entries(value).every(([member, inner]) =>
          fits(described, own.members[member as 'v' | 'w'], inner, known),
        )
  known.set(value, (known.get(value) ?? new Map<Name, boolean>()).set(name, result))
  return result
}

const LAST = ref('S3')
const json = (schema: object) => ({ content: { 'application/json': { schema } } })

async function sent(
  described: Document,
  body: unknown,
  { taken, shown }: { readonly taken: object; readonly shown: object } = { taken: LAST, shown: LAST },
) {
  const operation = { requestBody: json(taken), responses: { 200: { description: '', ...json(shown) } } }
  const schemas = Object.fromEntries(NAMES.map((name) => [name, schemaOf(described[name])]))
  const mock = await start({ spec: document({ '/a': { post: operation } }, { components: { schemas } }) })
  await send(mock, 'POST /a', {})
  const [{ status }, ms] = await withCpuMs(() =>
    send(mock, 'POST /a', JSON.stringify(body), { 'content-type': 'application/json' }),
  )
  await mock.close()
  return { status, ms }
}

describe('a schema whose alternatives contain themselves', () => {
  it('takes a body of any depth exactly when it fits', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(documents('anyOf'), bodies, async (described, body) => {
        const { status } = await sent(described, body)
        expect(status).toBe(fits(described, 'S3', body) ? 200 : 400)
      }),
      { numRuns: RUNS },
    )
  })

  it('takes no second, even where exactly one must fit', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(documents('oneOf'), bodies, async (described, body) => {
        const { status, ms } = await sent(described, body)
        expect([200, 400]).toContain(status)
        expect(ms).toBeLessThan(1_000)
      }),
      { numRuns: RUNS },
    )
  })

  it('shows in time what it can of a body that it has no room for', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(documents('oneOf'), bodies, async (described, body) => {
        const within = (schema: object) => ({ type: 'object', required: ['in'], properties: { in: schema } })
        const schemas = { taken: within({}), shown: within(LAST) }
        const { status, ms } = await sent(described, { in: body }, schemas)
        expect(status).toBe(200)
        expect(ms).toBeLessThan(1_000)
      }),
      { numRuns: RUNS, examples: [[ENDLESS, DEEP]] },
    )
  })
})
