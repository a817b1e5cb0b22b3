// The page judges an allowlist and a label while they are typed; the API has the last word. They must agree.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readAllowlist } from '../dashboard/src/keys/allowlist.js'
import { emptyDraft, problemsWith } from '../dashboard/src/keys/draft.js'
import { createTestKeys } from './host.js'

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.constantFrom('::', '::1', '::ffff:10.0.0.1'),
)
const length = fc.oneof(fc.nat(140).map(String), fc.constantFrom('', '08', '-1', '1e1', '+1'))
const entry = fc.oneof(
  address,
  fc.tuple(address, length).map(([text, bits]) => `${text}/${bits}`),
  fc.stringMatching(/^[0-9a-f:./]{1,20}$/),
  fc.constantFrom(
    '10.0.0.0/8',
    '10.0.0.1/8',
    '2001:db8::/32',
    '2001:db8::1/32',
    '1.2.3',
    '01.2.3.4',
    'fe80::1%eth0',
    '0.0.0.0/0',
    '::/0',
    '1.2.3.4/33',
    '::ffff:0:0/96',
    '1::2::3',
    '[::1]',
    '1.2.3.4/8/8',
  ),
)

it('the page and the API accept the same entries', async () => {
  const { apiKeys } = createTestKeys()
  const { record } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'x' })
  await fc.assert(
    fc.asyncProperty(entry, async (text) => {
      const isAccepted = await apiKeys.update(record.id, { allowedIps: [text] }).then(
        () => true,
        () => false,
      )
      expect([text, readAllowlist(text).problems.length === 0]).toEqual([text, isAccepted])
    }),
    { numRuns: 3_000 },
  )
})

it('the page and the API accept the same labels', async () => {
  const { apiKeys } = createTestKeys()
  const { record } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'x' })
  const invisible = fc.constantFrom(
    '\u202e',
    '\u2066',
    '\u200f',
    '\u061c',
    '\u200b',
    '\u200d',
    '\ufeff',
    ' ',
    '\0',
  )
  const label = fc.array(fc.oneof(invisible, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(label, async (parts) => {
      const text = parts.join('')
      const isAccepted = await apiKeys.update(record.id, { label: text.trim() }).then(
        () => true,
        () => false,
      )
      const { label: problem } = problemsWith({ ...emptyDraft('production'), label: text }, 0)
      expect([text, problem === undefined]).toEqual([text, isAccepted])
    }),
    { numRuns: 2_000 },
  )
})

it('a problem names the entry and what would be right', () => {
  expect(readAllowlist('203.0.113.7, 10.0.0.1/8\n 203.0.113.7')).toEqual({
    entries: ['203.0.113.7', '10.0.0.1/8'],
    problems: ['“10.0.0.1/8” has bits set after its prefix: did you mean 10.0.0.0/8?'],
  })
})
