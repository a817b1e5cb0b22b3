// How fast the dashboard is: its first view from a cold cache, and 5,000 keys being scrolled.

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
  const page = await browser.context.newPage()
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByText('checkout-worker').waitFor()
  const session = await browser.context.newCDPSession(page)
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const views: number[] = []
  for (let i = 0; i < 20; i++) {
    await page.reload({ waitUntil: 'commit' })
    await page.getByText('checkout-worker').waitFor()
    views.push(await page.evaluate(() => performance.now()))
  }
  console.log(`first view, cold cache:      ${spread(views)}`)

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
