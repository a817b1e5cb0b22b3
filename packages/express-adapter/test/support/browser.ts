// A real Chromium for tests and pictures. The machine brings it; nothing is downloaded.

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium, errors } from 'playwright-core'
import { findChromium } from './chromium.js'

export interface Browser {
  readonly context: BrowserContext
  close(): Promise<void>
}

// Longer than a busy machine takes. Now and then Chromium starts and never answers, and another one does.
const LAUNCH_MS = 20_000

/** A browser with an empty profile of its own. */
export async function openBrowser(options: BrowserContextOptions = {}): Promise<Browser> {
  try {
    return await launch(options)
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error
    return launch(options)
  }
}

async function launch(options: BrowserContextOptions): Promise<Browser> {
  const executablePath = findChromium()
  const profile = await mkdtemp(path.join(tmpdir(), 'dashboard-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    executablePath,
    headless: true,
    timeout: LAUNCH_MS,
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
