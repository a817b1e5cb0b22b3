// A real Chromium for tests and pictures. The machine brings it; nothing is downloaded.

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** @throws Error that says what to install. */
export function findChromium(): string {
  const found = places.find((place) => place !== undefined && existsSync(place))
  if (found !== undefined) return found
  throw new Error(
    'The dashboard is tested in a real browser, and this machine has none. Install Chromium ' +
      '(`apt-get install chromium` on Debian and Ubuntu), or set CHROMIUM_PATH to a Chromium or Chrome.',
  )
}

export interface Browser {
  readonly context: BrowserContext
  close(): Promise<void>
}

/** A browser with an empty profile of its own. */
export async function openBrowser(options: BrowserContextOptions = {}): Promise<Browser> {
  const executablePath = findChromium()
  const profile = await mkdtemp(path.join(tmpdir(), 'dashboard-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    context,
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
