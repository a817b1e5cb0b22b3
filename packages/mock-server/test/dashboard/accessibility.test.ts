// axe-core over every page of the sandbox, in both schemes and on both a desk and a phone.

/// <reference lib="dom" />

import axe from 'axe-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fill } from './life.js'
import { JUAN, openSandbox, type Sandbox } from './sandbox.js'

let sandbox: Sandbox
let closeReceiver: () => void

beforeAll(async () => {
  sandbox = await openSandbox()
  closeReceiver = await fill(sandbox.mock)
}, 60_000)
afterAll(async () => {
  closeReceiver?.()
  await sandbox?.close()
})

const main = () => sandbox.page.getByRole('main')
const shown = (words: string) => main().getByText(words).first().waitFor()

const views: Readonly<Record<string, () => Promise<void>>> = {
  requests: async () => {
    await sandbox.go('requests')
    await shown('/v1/messages')
  },
  'a request': async () => {
    await sandbox.go('requests', '2')
    await shown('Request headers')
  },
  messages: async () => {
    await sandbox.go('messages')
    await shown('Two for one on Friday')
  },
  'a message': async () => {
    await sandbox.go('messages', '1')
    await shown('As the API shows it')
  },
  conversations: async () => {
    await sandbox.go('conversations')
    await shown(JUAN)
  },
  'a phone': async () => {
    await sandbox.go('conversations', '555000000001', JUAN)
    await shown('When will you come by?')
  },
  webhooks: async () => {
    await sandbox.go('webhooks')
    await shown('message.received')
  },
  'a delivery': async () => {
    await sandbox.go('webhooks', '1', '1')
    await shown('x-gosendapi-signature')
  },
  templates: async () => {
    await sandbox.go('templates')
    await shown('hello_world')
  },
  'a template': async () => {
    await sandbox.go('templates', '3')
    await shown('Spring sale')
  },
  recipients: async () => {
    await sandbox.go('recipients')
    await shown('Stays queued for ever')
  },
  'stored objects': async () => {
    await sandbox.go('stored', '/messages')
    await main().getByRole('rowheader').first().waitFor()
  },
  'a stored object': async () => {
    await main().getByRole('rowheader').first().getByRole('link').click()
    await shown('History')
  },
  'a request to be tried': async () => {
    await sandbox.go('try', 'listMessages')
    await main().getByRole('button', { name: 'Send', exact: true }).click()
    await main().getByRole('link', { name: 'Open in the log' }).waitFor()
  },
  controls: async () => {
    await sandbox.go('controls')
    await shown('gosend.conversation')
  },
  'a question': async () => {
    await main().getByRole('button', { name: 'Reset everything' }).click()
    await sandbox.page.getByRole('dialog').waitFor()
  },
  'nothing at all': async () => {
    await sandbox.page.keyboard.press('Escape')
    await sandbox.go('webhooks')
    await main().getByText('production', { exact: true }).click()
    await shown('No webhooks yet')
    await sandbox.go('messages')
    await shown('No messages yet')
    await main().getByText('sandbox', { exact: true }).click()
  },
}

describe.each([
  ['light', 1440],
  ['dark', 390],
] as const)('in the %s scheme, %i wide', (colorScheme, width) => {
  beforeAll(async () => {
    await sandbox.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await sandbox.page.setViewportSize({ width, height: 900 })
  })

  it.each(Object.keys(views))('%s has no serious or critical finding', async (name) => {
    const { page } = sandbox
    await views[name]?.()
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() =>
      (window as unknown as { axe: typeof axe }).axe.run(document),
    )
    const findings = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
    expect(findings).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
  })
})
