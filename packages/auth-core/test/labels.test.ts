// A label must look like what it is: people revoke keys by their labels.

import { describe, expect, it } from 'vitest'
import { setUp } from './support/keys.js'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const turns = [...range(0x202a, 0x202e), ...range(0x2066, 0x2069), 0x200e, 0x200f, 0x061c]

describe('a label', () => {
  it('has no character that turns the direction of writing, and the refusal names it', async () => {
    const { apiKeys, issue } = setUp()
    for (const code of turns) {
      const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
      await expect(issue({ label: `backend${String.fromCodePoint(code)}dorp` }), name).rejects.toMatchObject({
        code: 'invalid_argument',
        message: `label: must not contain ${name}, an invisible character that turns the direction of writing`,
      })
    }
    expect(await apiKeys.list({ projectId: '42' })).toEqual([])
  })

  it.each(['\u200b', '\u200d\u2060\ufeff', ' \u00ad \u3164', '\ufe0f'])(
    'has something to see: %j has not',
    async (label) => {
      const { issue } = setUp()
      await expect(issue({ label })).rejects.toMatchObject({
        code: 'invalid_argument',
        message: 'label: must have a visible character',
      })
    },
  )

  it.each(['خادم الإنتاج', 'שרת', 'می\u200cخواهم', '👩\u200d💻', '本番', 'naïve café'])(
    'may be in any script: %s',
    async (label) => {
      const { apiKeys, issue } = setUp()
      const { record } = await issue({ label })
      expect((await apiKeys.find(record.id))?.label).toBe(label)
    },
  )

  it('is held to this when it changes, too', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue({ label: 'backend' })
    await expect(apiKeys.update(record.id, { label: 'x\u202ey' })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
    expect(await apiKeys.find(record.id)).toEqual(record)
  })
})
