// Pictures of the sandbox's pages: those of the README, and all others, to check a change of their looks.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fill } from './life.js'
import { JUAN, openSandbox, type Sandbox, template, text, webhook } from './sandbox.js'

const SCHEMES = ['light', 'dark'] as const
const WIDTHS = [1440, 390, 2560] as const
const PHONE = ['conversations', '555000000001', JUAN] as const

async function shoot(
  { page }: Sandbox,
  folder: string,
  name: string,
  sizes: readonly (readonly [number, number])[],
) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      const suffix = sizes.length > 1 ? `-${width}` : ''
      await page.screenshot({ path: path.join(folder, `${name}${suffix}-${colorScheme}.png`) })
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
}

/** All that was asked for has been answered and drawn. */
async function settle({ page }: Sandbox): Promise<void> {
  await page.waitForFunction(() => document.querySelector('.skeleton') === null)
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)))
}

async function withSandbox(work: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await openSandbox()
  try {
    await work(sandbox)
  } finally {
    await sandbox.close()
  }
}

async function takeForReadme(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await withSandbox(async (sandbox) => {
    const close = await fill(sandbox.mock)
    for (const [name, view] of [
      ['requests', ['requests', '6']],
      ['phone', PHONE],
      ['delivery', ['webhooks', '1', '3']],
    ] as const) {
      const [page, ...choice] = view
      await sandbox.go(page, ...choice)
      await settle(sandbox)
      await shoot(sandbox, folder, name, [[1280, 760]])
    }
    close()
  })
}

const LONG = `${'An unusually long text that somebody has put into a field that is usually short '.repeat(3).slice(0, 200)}`
const SCRIPT = '<script>alert("hello")</script>'

/** What is in the mock, by the name of its pictures. */
const lives: Readonly<Record<string, (sandbox: Sandbox) => Promise<unknown>>> = {
  empty: async () => {},
  some: ({ mock }) => fill(mock).then((close) => close()),
  hostile: async ({ call, control, mock }) => {
    await call(
      'POST /v1/webhooks',
      webhook(`http://127.0.0.1:9/${'long/'.repeat(40)}?${encodeURIComponent(SCRIPT)}`),
    )
    for (const words of [LONG, SCRIPT, 'x'.repeat(200)]) {
      await call('POST /v1/messages', text(words))
      await control('POST /inbound', { from: JUAN, text: words })
      await call(`GET /v1/${encodeURIComponent(words)}`)
    }
    await call('POST /v1/wabas/1/templates', template(`${'long_'.repeat(40)}pending`))
    await control('PUT /faults', [
      { operation: LONG, status: 500, rate: 0.5 },
      { operation: SCRIPT, drop: true },
    ])
    await control(`PUT /snapshots/${'s'.repeat(64)}`)
    await mock.advance(26 * 3_600_000)
  },
  many: async ({ call, mock }) => {
    await call('POST /v1/webhooks', webhook('http://127.0.0.1:9/webhooks'))
    for (let i = 0; i < 500; i += 25)
      await Promise.all(
        Array.from({ length: 25 }, (_, at) =>
          call('POST /v1/messages', text(`Number ${i + at}`, '12025550100')),
        ),
      )
    await mock.advance(5_000)
  },
}

const views: Readonly<Record<string, readonly [string, ...string[]]>> = {
  requests: ['requests'],
  request: ['requests', '6'],
  messages: ['messages'],
  message: ['messages', '2'],
  conversations: ['conversations'],
  phone: PHONE,
  webhooks: ['webhooks'],
  delivery: ['webhooks', '1', '2'],
  templates: ['templates'],
  template: ['templates', '3'],
  recipients: ['recipients'],
  stored: ['stored'],
  objects: ['stored', '/messages'],
  controls: ['controls'],
}

async function takeAll(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const sizes = WIDTHS.map((width) => [width, 900] as const)
  for (const [life, live] of Object.entries(lives)) {
    await withSandbox(async (sandbox) => {
      await live(sandbox)
      for (const [name, [page, ...choice]] of Object.entries(views)) {
        await sandbox.go(page, ...choice)
        await settle(sandbox)
        await shoot(sandbox, folder, `${life}-${name}`, sizes)
      }
    })
  }
}

const [, , everything] = process.argv
await (everything === undefined ? takeForReadme('screenshots') : takeAll(everything))
