// The pictures of the READMEs: the same host as in the tests, a day in its life, in both schemes. With a folder as argument every
// view instead, on a phone, a desk and a wide screen.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ADMIN_KEY } from '../management-host.js'
import { openBrowser } from './browser.js'
import { dashboardHost, seed } from './dashboard-host.js'
import { addPages } from './element-host.js'

const [, , given] = process.argv
const folder = path.resolve(given ?? 'screenshots')
await mkdir(folder, { recursive: true })

const SIZES = [
  [390, 844],
  [1440, 900],
  [2560, 1300],
] as const

const host = await dashboardHost()
await seed(host)
const keys = await host.apiKeys.list({ projectId: '1' })
const product = await dashboardHost({ management: { authorize: () => 'all' } })
addPages(product.app)
await seed(product)
const browser = await openBrowser({ reducedMotion: 'reduce' })
try {
  const page = await browser.context.newPage()
  page.on('console', (message) => message.type() === 'error' && console.error(message.text()))
  const go = (route: string) => page.evaluate((hash) => location.assign(hash), `#/projects/1/${route}`)

  const shoot = async (name: string, width: number, height: number, fullPage = false) => {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.waitForTimeout(given === undefined ? 0 : 150)
      await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`), fullPage })
    }
  }
  const keyId = keys.find(({ label }) => label === 'checkout-worker')?.id
  const views: Readonly<Record<string, () => Promise<unknown>>> = {
    async keys() {
      await go('keys')
      await page.getByText('checkout-worker').waitFor()
    },
    async chosen() {
      await page.keyboard.press('Escape')
      await go('keys?status=active&sort=label')
      for (const label of ['checkout-worker', 'ci-integration-tests'])
        await page.getByRole('row').filter({ hasText: label }).getByRole('checkbox').check()
    },
    async bulk() {
      await views.chosen?.()
      await page.getByRole('toolbar').getByRole('button', { name: 'Revoke' }).click()
    },
    async key() {
      await page.keyboard.press('Escape')
      await go(`keys/${keyId}`)
      await page.getByText('Edited').waitFor()
      await page.locator('.plot canvas').waitFor()
    },
    async check() {
      await go('check')
      await page.getByLabel('Key', { exact: true }).fill('gsk_live_nonsense')
      await page.getByRole('button', { name: 'Check', exact: true }).click()
      await page.getByRole('region', { name: 'Result' }).waitFor()
    },
    async palette() {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Go to' }).waitFor()
    },
    async usage() {
      await page.keyboard.press('Escape')
      await go('usage')
      await page.getByText('Quota of this month').waitFor()
      await page.getByText('Busiest keys').waitFor()
      await page.locator('.plot canvas').waitFor()
    },
  }

  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByText('checkout-worker').waitFor()
  if (given === undefined) {
    await views.keys?.()
    await shoot('keys', 1280, 720)
    await views.key?.()
    await shoot('key', 1280, 760)
    await views.usage?.()
    await shoot('usage', 1280, 820)
  } else {
    for (const [name, show] of Object.entries(views))
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height })
        await show()
        await shoot(`${name}-${width}`, width, height)
      }
  }

  const style =
    ':root { color-scheme: light dark; --gosend-keys-accent: #0f766e } body { max-width: 980px; margin: auto }'
  await page.goto(`${product.url}/?${new URLSearchParams({ style })}`)
  await page.getByRole('button', { name: 'checkout-worker' }).click()
  await shoot('element', 1100, 720)
} finally {
  await browser.close()
  await host.close()
  await product.close()
}
