// Several products over one store, each with a prefix and environments of its own, and keys without an environment tag.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createApiKeys, createKeyFormat } from '../src/index.js'
import { leakRule } from '../src/leaks.js'
import { memoryStore } from '../src/stores/memory.js'
import { fastHasher } from '../src/testing/index.js'

const prefix = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/)
const tag = fc.oneof(fc.constant(''), fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/))
const environments = fc
  .uniqueArray(tag, { minLength: 1, maxLength: 3 })
  .map((tags) => Object.fromEntries(tags.map((tag, i) => [tag, `environment ${i}`])))
const product = fc.record({ prefix, environments })

describe('a key of any product', () => {
  it('is read as what it was made as, by its own product alone', () => {
    fc.assert(
      fc.property(product, product, (mine, theirs) => {
        const [format, other] = [createKeyFormat(mine), createKeyFormat(theirs)]
        for (const environment of format.environments) {
          const made = format.generate(environment)
          expect(format.parse(made.key)).toEqual(made)
          expect(format.pattern.test(made.key)).toBe(true)
          expect(made.key.startsWith(made.start)).toBe(true)
          expect(other.parse(made.key) === undefined).toBe(!other.starts.includes(made.start))
        }
      }),
    )
  })

  it('goes on working when its product gets another prefix and other tags, or none', () => {
    fc.assert(
      fc.property(
        product,
        prefix,
        fc.shuffledSubarray(['', 'a', 'b', 'c'], { minLength: 3 }),
        (old, prefix, tags) => {
          const names = Object.values(old.environments)
          const renamed = Object.fromEntries(names.map((name, i) => [tags[i], name]))
          // A tag cannot change sides.
          fc.pre(Object.entries(old.environments).every(([tag, name]) => (renamed[tag] ?? name) === name))
          const before = createKeyFormat(old)
          const after = createKeyFormat({
            prefix: [prefix, old.prefix],
            environments: [renamed, old.environments],
          })
          for (const environment of names) {
            const { key, id } = before.generate(environment)
            expect(after.parse(key)).toMatchObject({ id, environment })
            expect(after.generate(environment).start.startsWith(`${prefix}_`)).toBe(true)
            expect(after.redact(environment, id, null)).toBe(before.redact(environment, id))
          }
        },
      ),
    )
  })
})

describe('keys without an environment tag', () => {
  it('have the prefix and 61 characters, which scanners find', () => {
    const format = createKeyFormat({ prefix: 'acme', environments: { '': 'production' } })
    const { key, id } = format.generate('production')
    expect(key).toMatch(/^acme_[0-9A-Za-z]{61}$/)
    expect(format.redact('production', id)).toBe(`acme_${id}…`)
    expect(format.parse(key.replace('_', '_live_'))).toBeUndefined()
    expect(leakRule('gitleaks', { prefix: 'acme', environments: { '': 'production' } })).toContain(
      "regex = '''acme_[0-9A-Za-z]{61}\\b'''",
    )
  })

  it('may stand beside keys that have one', async () => {
    const environments = { '': 'production', test: 'sandbox' } as const
    const apiKeys = createApiKeys({
      store: memoryStore(),
      hasher: fastHasher(),
      prefix: 'acme',
      environments: [environments, { test: 'sandbox', live: 'production' }],
    })
    for (const [environment, start] of [
      ['production', 'acme_'],
      ['sandbox', 'acme_test_'],
    ] as const) {
      const { key, record } = await apiKeys.issue({ projectId: '42', environment, label: 'x' })
      expect(key).toMatch(new RegExp(`^${start}[0-9A-Za-z]{61}$`))
      expect(await apiKeys.verify(key, { environment })).toMatchObject({
        ok: true,
        record: { hint: `${start}${record.id}…` },
      })
      expect(await apiKeys.list({ search: record.hint })).toMatchObject([{ id: record.id }])
    }
  })
})

describe('two products over one store', () => {
  const wanted = { projectId: '42', environment: 'production', label: 'x' } as const

  it('refuse the keys of each other without a look into the store', async () => {
    const store = memoryStore()
    const hasher = fastHasher()
    const pay = createApiKeys({ store, hasher, prefix: 'pay' })
    const mail = createApiKeys({ store, hasher, prefix: 'mail', environments: { '': 'production' } })
    const [paying, mailing] = [await pay.issue(wanted), await mail.issue(wanted)]

    expect(await pay.verify(paying.key)).toMatchObject({ ok: true })
    expect(await mail.verify(mailing.key)).toMatchObject({ ok: true })
    expect(await pay.verify(mailing.key)).toMatchObject({ ok: false, reason: 'malformed' })
    expect(await mail.verify(paying.key)).toMatchObject({ ok: false, reason: 'malformed' })
  })

  it('rotate only keys of their own, so that no holder gets a key of another product', async () => {
    const store = memoryStore()
    const hasher = fastHasher()
    const [pay, mail] = ['pay', 'mail'].map((prefix) => createApiKeys({ store, hasher, prefix })) as [
      ReturnType<typeof createApiKeys>,
      ReturnType<typeof createApiKeys>,
    ]
    const { key, record } = await pay.issue(wanted)

    await expect(mail.rotate(record.id)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('pay_live_'),
    })
    expect(await pay.verify(key)).toMatchObject({ ok: true })
    expect((await pay.rotate(record.id)).key).toMatch(/^pay_live_/)
  })
})
