// How fast the dashboard is: its first view from a cold cache, on this machine and on a slow phone, and 5,000 keys being scrolled.

import type { BrowserContext } from 'playwright-core'
import { ADMIN_KEY } from '../management-host.js'
import { openBrowser } from './browser.js'
import { dashboardHost, seed } from './dashboard-host.js'

const host = await dashboardHost()
await seed(host)
const browser = await openBrowser()
const spread = (values: number[]) => {
  const sorted = values.sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  return `median ${at(0.5)} ms, 90th percentile ${at(0.9)} ms, most ${at(1)} ms`
}
try {
  const { context } = browser
  const page = await context.newPage()
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByText('checkout-worker').waitFor()
  const session = await context.newCDPSession(page)
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const views: number[] = []
  for (let i = 0; i < 20; i++) {
    await page.reload({ waitUntil: 'commit' })
    await page.getByText('checkout-worker').waitFor()
    views.push(await page.evaluate(() => performance.now()))
  }
  console.log(`first view, cold cache:      ${spread(views)}`)

  const { cookies } = await context.storageState()
  const slow: number[] = []
  for (let i = 0; i < 9; i++) {
    const fresh = await context.browser()?.newContext()
    if (fresh === undefined) throw new Error('This browser has one profile only')
    await fresh.addCookies(cookies)
    slow.push(await slowFirstView(fresh))
    await fresh.close()
  }
  console.log(`first view, slow 4G and CPU: ${spread(slow)}`)

  for (let i = 0; i < 5_000; i++) {
    const environment = i % 2 ? 'sandbox' : 'production'
    await host.apiKeys.issue({ projectId: '1', environment, label: `worker-${i}` })
  }
  await page.reload()
  await page.getByText('worker-4999').waitFor()
  const frames = await page.evaluate(async () => {
    const durations: number[] = []
    let before = performance.now()
    for (let i = 0; i < 240; i++) {
      scrollBy(0, i % 3 === 2 ? 9_000 : 300)
      await new Promise(requestAnimationFrame)
      durations.push(performance.now() - before)
      before = performance.now()
    }
    return durations
  })
  console.log(`a frame while 5,000 scroll:  ${spread(frames)}`)
} finally {
  await browser.close()
  await host.close()
}

/** Milliseconds until the keys are drawn, in a profile that has never been here, over slow 4G and with a quarter of this CPU. */
async function slowFirstView(context: BrowserContext): Promise<number> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  const latency = { latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 }
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', { offline: false, ...latency })
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  // In the page itself, for what Playwright asks a page takes four times as long as well.
  await page.addInitScript(() => {
    const shown = new Promise<number>((resolve) => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('#main')?.textContent.includes('checkout-worker')) return
        observer.disconnect()
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
      }).observe(document, { childList: true, subtree: true, characterData: true })
    })
    Object.assign(window, { shown })
  })
  await page.goto(host.page, { waitUntil: 'commit' })
  return page.evaluate(() => (window as unknown as { shown: Promise<number> }).shown)
}
