// A real Chromium for tests and pictures. The machine brings it; nothing is downloaded.

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
import { findChromium } from './chromium.js'

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
