// The pictures of the READMEs: the same host as in the tests, a day in its life, in both schemes.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ADMIN_KEY } from '../management-host.js'
import { openBrowser } from './browser.js'
import { dashboardHost, seed } from './dashboard-host.js'

const folder = path.resolve('screenshots')
await mkdir(folder, { recursive: true })

const host = await dashboardHost()
await seed(host)
const browser = await openBrowser({ reducedMotion: 'reduce' })
try {
  const page = await browser.context.newPage()
  const shoot = async (name: string, width: number, height: number) => {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`) })
    }
  }

  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByText('checkout-worker').waitFor()
  await shoot('keys', 1280, 720)
  await page.getByRole('link', { name: 'checkout-worker' }).click()
  await page.getByText('Edited').waitFor()
  await shoot('key', 1280, 620)
  await page.getByRole('link', { name: 'Usage' }).click()
  await page.getByText('Quota of this month').waitFor()
  await shoot('usage', 1280, 720)
} finally {
  await browser.close()
  await host.close()
}
