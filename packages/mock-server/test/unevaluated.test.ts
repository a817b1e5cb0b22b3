// What is left unevaluated: the same as Ajv finds, which compiles all that a schema leads to at once.

import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, send, start, withCpuMs } from './harness.js'

const RUNS = Number(process.env.UNEVALUATED ?? 15)
const NAMES = ['a', 'b', 'c', 'd', '__proto__x', 'xa'] as const

type Json = Readonly<Record<string, unknown>>
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const LINKED = ['One', 'Two'] as const

/** Schemas of one value, made so that most values fit most of them: what is left unevaluated is then what decides. */
const { part, closed } = fc.letrec<{ readonly part: Json; readonly leaf: Json; readonly closed: Json }>(
  (tie) => {
    const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq })
    const name = fc.constantFrom(...NAMES)
    const inner = tie('part')
    const keywords = {
      properties: maybe(fc.dictionary(name, tie('leaf'), { minKeys: 1, maxKeys: 2 }), 1),
      patternProperties: maybe(fc.constant({ '^x': {} })),
      required: maybe(fc.uniqueArray(name, { minLength: 1, maxLength: 1 }), 3),
      prefixItems: maybe(fc.array(tie('leaf'), { minLength: 1, maxLength: 2 }), 1),
      allOf: maybe(fc.array(inner, { minLength: 1, maxLength: 2 })),
      anyOf: maybe(fc.array(inner, { minLength: 1, maxLength: 3 })),
      // Of one, for those that overlap by nature are taken here and not by Ajv.
      oneOf: maybe(fc.tuple(inner)),
      if: maybe(inner),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: maybe(inner),
      else: maybe(inner),
      dependentSchemas: maybe(fc.dictionary(name, inner, { minKeys: 1, maxKeys: 1 })),
      additionalProperties: fc.option(tie('leaf'), { nil: undefined, freq: 9 }),
      items: fc.option(tie('leaf'), { nil: undefined, freq: 9 }),
      not: fc.option(fc.constant({ required: ['d'] }), { nil: undefined, freq: 9 }),
    }
    const described = (made: Json): Json =>
      Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))
    const closing = fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, fc.constant(true), tie('leaf'))
    const closings = { unevaluatedProperties: closing, unevaluatedItems: closing }
    return {
      leaf: fc.oneof(
        { arbitrary: fc.constant({}), weight: 4 },
        fc.constantFrom({ type: 'string' }, { const: 'k' }),
      ),
      part: fc.oneof(
        { maxDepth: 3 },
        tie('leaf'),
        { arbitrary: fc.record(keywords).map(described), weight: 5 },
        fc.constantFrom(...LINKED.map(ref)),
        tie('closed'),
      ),
      closed: fc.record({ ...keywords, ...closings }).map(described),
    }
  },
)
const values = fc.oneof(
  fc.dictionary(
    fc.constantFrom(...NAMES),
    fc.constantFrom<unknown>('k', 'text', 1, {}, [], { a: 'k' }, ['k', 1]),
    { maxKeys: 4 },
  ),
  fc.array(fc.constantFrom<unknown>('k', 1, {}, []), { maxLength: 4 }),
)

/** No schema of one value may be a part of itself: neither Ajv nor anyone comes to an end there. */
const withoutLinks = (schemas: Json): Json =>
  JSON.parse(JSON.stringify(schemas).replaceAll(/\{"\$ref":"[^"]*"\}/g, '{}')) as Json

/**
 * The same said without `if`, as the alternatives that it stands for (JSON Schema 2020-12, core 10.2.2.1).
 * Ajv counts what an `if` evaluates even where it does not hold, and does not look at one without branches.
 */
function withoutIf(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(withoutIf)
  if (of === null || typeof of !== 'object') return of
  const said = Object.entries(of).map(([keyword, value]) => [keyword, withoutIf(value)] as const)
  const { if: condition, then: met = {}, else: unmet = {}, ...rest } = Object.fromEntries(said)
  if (condition === undefined) return rest
  const otherwise = { allOf: [{ not: condition }, unmet] }
  // Of what is never valid Ajv keeps what it evaluates: nothing stands beside a condition that always holds.
  const always = Object.keys(condition as object).length === 0
  const alternatives = { anyOf: [{ allOf: [condition, met] }, ...(always ? [] : [otherwise])] }
  return { ...rest, allOf: [...((rest.allOf as unknown[] | undefined) ?? []), alternatives] }
}

/** Undefined where the code that Ajv makes throws, as it does at some patterns within alternatives. */
function fitsByAjv(root: Json): (value: unknown) => boolean | undefined {
  const validate = new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(root)
  return (value) => {
    try {
      return validate(value)
    } catch {
      return undefined
    }
  }
}

const content = (of: object) => ({ content: { 'application/json': { schema: of } } })

describe('what is unevaluated', () => {
  it('is refused exactly where Ajv refuses it', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        ...([fc.array(closed, { minLength: 8, maxLength: 8 }), part, part] as const),
        fc.array(values, { minLength: 5, maxLength: 10 }),
        async (roots, one, two, sent) => {
          const schemas = { One: withoutLinks(one), Two: withoutLinks(two) }
          const paths = roots.map((root, i) => {
            const post = { requestBody: content(root), responses: { 204: { description: '' } } }
            return [`/${i}`, { post }] as const
          })
          const mock = await start({ spec: document(Object.fromEntries(paths), { components: { schemas } }) })
          for (const [i, root] of roots.entries()) {
            const fits = fitsByAjv(withoutIf({ ...root, components: { schemas } }) as Json)
            for (const value of sent.filter((one) => fits(one) !== undefined)) {
              const { status } = await send(mock, `POST /${i}`, value)
              expect([root, value, status]).toEqual([root, value, fits(value) ? 204 : 400])
            }
          }
          await mock.close()
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('is known in time among a thousand alternatives, and named', async () => {
    const kinds = Array.from({ length: 1_000 }, (_, i) => [
      `Kind${i}`,
      {
        type: 'object',
        required: ['kind'],
        properties: { kind: { const: `k${i}` }, [`p${i}`]: { type: 'string' } },
      },
    ])
    const thing = { oneOf: kinds.map(([name]) => ref(String(name))), unevaluatedProperties: false }
    const operation = {
      requestBody: content(ref('Thing')),
      responses: { 200: { description: '', ...content(ref('Thing')) } },
    }
    const schemas = { ...Object.fromEntries(kinds), Thing: thing }
    const mock = await start({
      spec: document({ '/a': { post: operation } }, { openapi: '3.1.0', components: { schemas } }),
    })
    const [{ status }, ms] = await withCpuMs(() => send(mock, 'POST /a', { kind: 'k700', p700: 'x' }))
    expect(status).toBe(200)
    expect(ms).toBeLessThan(1_000)
    const refused = await send(mock, 'POST /a', { kind: 'k700', p701: 'x' })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('p701')
  })
})
