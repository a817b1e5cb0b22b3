import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ANYBODY, RECIPIENTS } from '../../src/gosend/messages/recipients.js'
import { gosend } from './gosend.js'

const guide = readFileSync(new URL('../../GOSENDAPI.md', import.meta.url), 'utf8')
const rows = [...guide.matchAll(/^\| `(\d{11,13})` \| (.*) \|$/gm)]

describe('the guide to GoSendAPI', () => {
  it('names every person with a fixed course, with WhatsApp’s code where messages fail', () => {
    expect(rows.map(([, number]) => number).sort()).toEqual(Object.keys(RECIPIENTS).sort())
    for (const [, number = '', text = ''] of rows) {
      const { course, error, trouble } = RECIPIENTS[number] ?? ANYBODY
      const [code] = /\b1\d{5}\b/.exec(text) ?? []
      expect([number, code]).toEqual([number, error === undefined ? undefined : String(error.code)])
      expect([number, course.at(-1) === 'failed']).toEqual([number, error !== undefined])
      if (trouble !== undefined) expect(text).toContain(String(trouble.status))
    }
  })

  it('has a request that works, with either key', async () => {
    const api = await gosend()
    const [, body = ''] = /-d '(.*)'$/m.exec(guide) ?? []
    expect((await api.test('POST /messages', JSON.parse(body))).status).toBe(201)
    expect((await api.live('POST /messages', JSON.parse(body))).status).toBe(201)
  })

  it('has the figures of every plan', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    const cells = [
      ...guide.matchAll(/^\| `(sandbox|standard|high_volume)`.*? \| (.*?) \| (.*?) \| (.*?) \|$/gm),
    ]
    expect(cells).toHaveLength(3)
    for (const [, plan, ...figures] of cells) {
      const { json } = await api.control('PUT /limits', { plan })
      const { requestsPerSecond, requestsPerDay, messagesPerMonth } = json
      const said = figures.map((figure = '') =>
        /\d/.test(figure) ? Number(figure.replaceAll(',', '')) : null,
      )
      expect(said).toEqual([requestsPerSecond, requestsPerDay, messagesPerMonth])
    }
  })
})
