// Schemas with more alternatives, or more members with alternatives, than are compiled for one request.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createBudget } from '../src/engine/budget.js'
import { loadDocument } from '../src/engine/document/document.js'
import { createSchemas } from '../src/engine/schema/schemas.js'
import { createValidation } from '../src/engine/schema/validation.js'
import { createJudge } from '../src/engine/schema/verdicts.js'
import { document, ok, send, start, withCpuMs } from './harness.js'
import { json, object, text } from './schemas.js'

const COUNT = 1_500
const ref = (i: number) => ({ $ref: `#/components/schemas/S${i}` })
const listOf = <T>(length: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length }, (_, i) => make(i))

/** Records that are told apart by a number alone, which is found only by looking into them. */
const record = (i: number) =>
  object(
    {
      id: text,
      note: { type: 'string', pattern: '^[a-z ]*$' },
      inner: object({ size: { type: 'integer', minimum: i, maximum: i }, unit: { enum: ['kg', 'lb'] } }, [
        'size',
      ]),
    },
    ['id', 'inner'],
  )

const api = (schema: object, make: (i: number) => object = record) =>
  start({
    spec: document(
      { '/records': { get: ok({ type: 'array', items: schema }), post: { ...json(schema), ...ok(schema) } } },
      { components: { schemas: Object.fromEntries(listOf(COUNT, (i) => [`S${i}`, make(i)])) } },
    ),
    seedItems: 1,
  })

it.each(['oneOf', 'anyOf'])(
  'a thing that may be %s of hundreds is shown, made and refused in time',
  async (word) => {
    const mock = await api({ [word]: listOf(COUNT, ref) })
    const timed = async (line: string, body?: unknown) => {
      const [reply, ms] = await withCpuMs(() => send(mock, line, body))
      expect([line, ms]).toEqual([line, expect.toSatisfy((one: number) => one < 1_000)])
      return reply
    }
    expect((await timed('GET /records')).status).toBe(200)
    const sent = { id: 'a', note: 'an apple', inner: { size: COUNT - 1, unit: 'kg' } }
    const made = await timed('POST /records', sent)
    expect([made.status, made.json]).toEqual([200, expect.objectContaining({ inner: sent.inner })])
    const wrong = await timed('POST /records', { ...sent, inner: { size: COUNT } })
    expect(wrong.status).toBe(400)
    expect(wrong.text.length).toBeLessThan(20_000)
    expect((await timed('POST /records', { inner: {} })).status).toBe(400)
    expect((await timed('POST /records', [sent])).status).toBe(400)
  },
)

it('a member that fits none of its alternatives is named among thousands, and so are many', async () => {
  const names = listOf(COUNT, (i) => `p${i}`)
  const mock = await api(
    object(Object.fromEntries(names.map((name, i) => [name, { oneOf: [ref(i), text] }]))),
  )
  expect(
    (await send(mock, 'POST /records', { p7: 'x', p1400: { id: 'a', inner: { size: 1_400 } } })).status,
  ).toBe(200)
  const one = await send(mock, 'POST /records', { p7: 'x', p1400: { id: 'a', inner: { size: 7 } } })
  expect([one.status, one.text]).toEqual([400, expect.stringContaining('/p1400/inner/size')])
  const [many, ms] = await withCpuMs(() =>
    send(mock, 'POST /records', Object.fromEntries(names.slice(0, 200).map((name) => [name, 5]))),
  )
  expect([many.status, many.text]).toEqual([400, expect.stringContaining('/p1 ')])
  expect(ms).toBeLessThan(1_000)
})

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, 2, 2.5, '', 'a', 'ab', '𝒳𝒳', 'abc'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('any'), { maxKeys: 3 }),
  ),
})).any

const NAMES = ['a', 'b', 'c']
const BOUNDS = [
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties', 'multipleOf'],
]
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'null', ['string', 'object']]

/** Schemas of one to three keywords. */
const anySchema = fc.letrec<{ schema: object; keyword: object }>((tie) => {
  const schema = tie('schema')
  const keyed = (names: readonly string[], of: fc.Arbitrary<unknown>) =>
    fc.tuple(fc.constantFrom(...names), of).map(([name, own]) => ({ [name]: own }))
  return {
    keyword: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...TYPES).map((type) => ({ type })),
      keyed(BOUNDS, fc.integer({ min: 1, max: 3 })),
      keyed(['pattern'], fc.constantFrom('^a', 'b$', '^[a-c]*$')),
      keyed(['format'], fc.constantFrom('date', 'uuid')),
      keyed(['required'], fc.subarray(NAMES, { minLength: 1 })),
      keyed(['const'], value),
      keyed(['enum'], fc.array(value, { minLength: 1, maxLength: 3 })),
      fc.constant({ $ref: '#/components/schemas/Part' }),
      keyed(
        ['properties', 'patternProperties'],
        fc.dictionary(fc.constantFrom(...NAMES), schema, { maxKeys: 2 }),
      ),
      keyed(
        ['items', 'additionalProperties', 'not', 'if', 'else'],
        fc.oneof({ maxDepth: 3 }, fc.boolean(), schema),
      ),
      keyed(['allOf', 'anyOf', 'oneOf', 'prefixItems'], fc.array(schema, { minLength: 1, maxLength: 3 })),
    ),
    schema: fc
      .array(tie('keyword'), { minLength: 1, maxLength: 3 })
      .map((parts) => Object.assign({}, ...parts) as object),
  }
}).schema

it('what is told of a value without compiling its schema is what the compiled schema says', () => {
  fc.assert(
    fc.property(
      anySchema,
      anySchema,
      fc.array(value, { minLength: 5, maxLength: 5 }),
      (schema, Part, values) => {
        const spec = document({}, { components: { schemas: { Part } } })
        const schemas = createSchemas(loadDocument(spec))
        const budget = createBudget()
        const { target, patterns } = schemas
        const judge = createJudge({ budget, target, patterns })
        const converted = schemas.convert(schema, 'request')
        const validate = createValidation(schemas, budget, () => {}).ofSchema(converted)
        for (const one of values) {
          const verdict = judge(converted, one)
          if (verdict !== undefined) expect([one, verdict]).toEqual([one, validate(one).length === 0])
        }
      },
    ),
    { numRuns: 300 },
  )
})
