// What people see before anything has come, and in the few colours that they have chosen for everything.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY } from './management-host.js'
import { type Browser, openBrowser } from './support/browser.js'
import { type DashboardHost, dashboardHost, seed } from './support/dashboard-host.js'

let browser: Browser
let host: DashboardHost
let page: Page
let keyId: string

beforeAll(async () => {
  host = await dashboardHost()
  await seed(host)
  const keys = await host.apiKeys.list({ projectId: '1' })
  keyId = keys.find(({ label }) => label === 'checkout-worker')?.id ?? ''
  browser = await openBrowser({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
  page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByText('checkout-worker').waitFor()
})
afterAll(async () => {
  await browser?.close()
  await host?.close()
})

/** Opens a view with nothing in memory. */
const openAnew = async (view: string) => {
  await page.goto('about:blank')
  await page.goto(`${host.page}#/projects/1/${view}`)
}

describe('while it waits, a view shows the shape of what comes', () => {
  const came: Readonly<Record<string, string>> = {
    keys: 'checkout-worker',
    usage: 'Busiest keys',
    activity: 'joe@acme.example',
  }

  it.each(Object.keys(came))('for the API: %s', async (view) => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const held = /\/admin\/projects\/1\/./
    await page.route(held, async (route) => {
      await released
      await route.continue()
    })
    try {
      await openAnew(view)
      await page.locator('[aria-busy="true"]').first().waitFor()
      // All around it is there already.
      await page.getByRole('navigation').getByRole('link', { name: 'Usage' }).waitFor()
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.getByText('Loading').count()).toBeGreaterThan(0)
      const { height = 0 } = (await page.locator('[aria-busy="true"]').first().boundingBox()) ?? {}
      expect(height).toBeGreaterThan(150)
      release()
      await page
        .getByText(came[view] ?? '')
        .first()
        .waitFor()
      await expect.poll(() => page.locator('[aria-busy="true"]').count()).toBe(0)
    } finally {
      release()
      await page.unrouteAll({ behavior: 'wait' })
    }
  })

  it('for its own script, and says so where that does not come', async () => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route(/\/assets\/views-.*\.js$/, async (route) => {
      await released
      await route.abort()
    })
    try {
      await openAnew('usage')
      await page.locator('.skeleton-title').waitFor()
      release()
      await page.getByText('This part of the page could not be loaded.').waitFor()
    } finally {
      release()
      await page.unrouteAll({ behavior: 'wait' })
    }
  })
})

describe('in forced colours', () => {
  const views: Readonly<Record<string, () => Promise<unknown>>> = {
    keys: async () => {
      await openAnew('keys')
      await page.getByRole('row').filter({ hasText: 'staging' }).getByRole('checkbox').check()
      await page.getByRole('toolbar', { name: 'Chosen keys' }).waitFor()
    },
    'a new key': async () => {
      await openAnew('keys')
      await page.getByRole('button', { name: 'Create key' }).first().click()
      await page.getByRole('dialog').waitFor()
    },
    'a key': async () => {
      await openAnew(`keys/${keyId}`)
      await page.getByText('Edited').waitFor()
    },
    usage: async () => {
      await openAnew('usage')
      await page.getByText('Busiest keys').waitFor()
      await page.locator('.plot canvas').waitFor()
    },
    check: async () => {
      await openAnew('check')
      await page.getByLabel('Key', { exact: true }).fill('nonsense')
      await page.getByRole('button', { name: 'Check', exact: true }).click()
      await page.getByRole('region', { name: 'Result' }).waitFor()
    },
    settings: async () => {
      await openAnew('settings')
      await page.getByRole('heading', { name: 'Settings' }).waitFor()
    },
  }

  it.each(Object.entries(views))(
    'what has only a ground of its own elsewhere has a line: %s',
    async (_view, show) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ forcedColors: 'active', colorScheme })
        await show()
        expect(await page.evaluate(withoutLine)).toEqual([])
      }
    },
  )

  it('the place in the navigation and chosen rows are told apart', async () => {
    await page.emulateMedia({ forcedColors: 'active' })
    await views.keys?.()
    const outlines = await page.evaluate(() =>
      ['nav a[aria-current]', 'nav a:not([aria-current])', '.row.chosen', '.row:not(.chosen, .head)'].map(
        (selector) => {
          const element = document.querySelector(selector)
          return element && getComputedStyle(element).outlineStyle
        },
      ),
    )
    expect(outlines).toEqual(['solid', 'none', 'solid', 'none'])
  })

  it('the series of a chart are', async () => {
    await page.emulateMedia({ forcedColors: 'active' })
    await views.usage?.()
    const colours = await page.evaluate(() =>
      ['accepted', 'limited'].map((name) => {
        const swatch = document.querySelector(`.swatch.${name}`)
        return swatch && getComputedStyle(swatch).backgroundColor
      }),
    )
    expect(new Set(colours).size).toBe(2)
  })
})

/** Controls, badges and cards with neither a border nor an outline. Runs in the page. */
function withoutLine(): readonly string[] {
  const shown = [
    ...document.querySelectorAll(
      '.badge, .button, .input, .card, dialog, .swatch, .toast, .plot-tip, [role=toolbar]',
    ),
  ].filter((element) => element.checkVisibility())
  return shown
    .filter((element) => {
      const { borderStyle, borderWidth, outlineStyle } = getComputedStyle(element)
      const hasBorder = borderStyle !== 'none' && Number.parseFloat(borderWidth) >= 1
      return !hasBorder && outlineStyle === 'none'
    })
    .map((element) => element.outerHTML.slice(0, 120))
}
