// axe-core over every view, in both schemes and on both a desk and a phone, and what screen readers say of a refusal.

import axe from 'axe-core'
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
  browser = await openBrowser()
  host = await dashboardHost()
  await seed(host)
  const keys = await host.apiKeys.list({ projectId: '1' })
  keyId = keys.find(({ label }) => label === 'checkout-worker')?.id ?? ''
  page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
})
afterAll(async () => {
  await browser?.close()
  await host?.close()
})

const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
const click = (name: string) => page.getByRole('button', { name, exact: true }).first().click()

const views: Readonly<Record<string, () => Promise<void>>> = {
  'the way in': async () => {
    await browser.context.clearCookies()
    await page.goto(host.page)
    await page.getByLabel('Admin key').waitFor()
    await click('Sign in')
  },
  keys: async () => {
    await page.goto(`${host.page}#key=${ADMIN_KEY}`)
    await page.getByText('checkout-worker').waitFor()
  },
  'chosen keys': async () => {
    await page.getByRole('row').filter({ hasText: 'staging' }).getByRole('checkbox').check()
    await page.getByRole('toolbar', { name: 'Chosen keys' }).getByRole('button', { name: 'Revoke' }).click()
    await heading('Revoke 1 key?')
  },
  'no keys': async () => {
    await page.goto(`${host.page}#/projects/2/keys`)
    await heading('No keys yet')
  },
  'a key': async () => {
    await page.goto(`${host.page}#/projects/1/keys/${keyId}`)
    await heading('checkout-worker')
    await page.getByText('Edited').waitFor()
  },
  'making a key': async () => {
    await page.goto(`${host.page}#/projects/1/keys`)
    await click('Create key')
    await page.getByLabel('Only these addresses').check()
    await page.getByLabel('IP allowlist').fill('nonsense')
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
  },
  'a new key': async () => {
    await page.getByLabel('Label').fill('fresh')
    await page.getByLabel('Anywhere').check()
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    await heading('Save your key')
    await page.keyboard.press('Escape')
    await page.getByText('The key has not been copied').waitFor()
  },
  'rotating a key': async () => {
    // The page goes back to where the dialog was opened, and nowhere else before that.
    const isBack = page.evaluate(
      () => new Promise<void>((resolve) => addEventListener('popstate', () => resolve(), { once: true })),
    )
    await click('Close without the key')
    await isBack
    await page.goto(`${host.page}#/projects/1/keys/${keyId}`)
    await click('Rotate')
    await heading('Rotate “checkout-worker”?')
  },
  'revoking a key': async () => {
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await click('Revoke')
    await heading('Revoke “checkout-worker”?')
  },
  usage: async () => {
    await page.goto(`${host.page}#/projects/1/usage`)
    await heading('Busiest keys')
    await page.getByText('Quota of this month').waitFor()
    await page.getByText('Show as a table').click()
    await page.getByRole('slider').focus()
  },
  'checking a key': async () => {
    await page.goto(`${host.page}#/projects/1/check`)
    await page.getByLabel('Key', { exact: true }).fill('nonsense')
    await click('Check')
    await page.getByRole('region', { name: 'Result' }).waitFor()
  },
  activity: async () => {
    await page.goto(`${host.page}#/projects/1/activity`)
    await page.getByText('joe@acme.example').first().waitFor()
  },
  settings: async () => {
    await page.goto(`${host.page}#/projects/1/settings`)
    await heading('Settings')
  },
  'the list of places': async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Go to' }).waitFor()
  },
  shortcuts: async () => {
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await heading('Keyboard shortcuts')
  },
}

describe.each([
  ['light', 1440],
  ['dark', 390],
  ['dark', 1440],
  ['light', 390],
] as const)('in the %s scheme, %i wide', (colorScheme, width) => {
  beforeAll(async () => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 900 })
  })

  it.each(Object.keys(views))('%s has no serious or critical finding', async (name) => {
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

describe('with the keyboard', () => {
  beforeAll(async () => {
    await page.goto('about:blank')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`${host.page}#key=${ADMIN_KEY}`)
    await page.getByText('checkout-worker').waitFor()
  })

  it.each(['keys', 'usage', 'check', 'activity', 'settings'])(
    'all of %s shows that it has the focus',
    async (view) => {
      await page.goto('about:blank')
      await page.goto(`${host.page}#/projects/1/${view}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      const walked = new Set<string>()
      for (let steps = 0; steps < MAX_STEPS; steps++) {
        await page.keyboard.press('Tab')
        const { name, isShown } = await page.evaluate(focused)
        expect([name, isShown]).toEqual([name, true])
        if (walked.has(name)) break
        walked.add(name)
      }
      expect(walked.size).toBeGreaterThan(8)
    },
  )
})

const MAX_STEPS = 80

/** What has the focus, and whether it, or the label that stands for it, has an outline. Runs in the page. */
function focused(): { readonly name: string; readonly isShown: boolean } {
  const element = document.activeElement ?? document.body
  const marked = [element, element.closest('label')].filter((one) => one !== null)
  const isOutlined = marked.some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
  })
  return { name: element.outerHTML, isShown: element === document.body || isOutlined }
}

describe('a question before something that cannot be undone', () => {
  it('stays and says why when it could not be done', async () => {
    await page.goto('about:blank')
    await page.goto(`${host.page}#key=${ADMIN_KEY}`)
    await page.getByText('checkout-worker').waitFor()
    await page.goto(`${host.page}#/projects/1/settings`)
    await click('Suspend project')
    const question = page.getByRole('dialog')
    await page.route('**/projects/1', (route) => route.abort())
    await question.getByRole('button', { name: 'Suspend project' }).click()
    await question.getByRole('alert').getByText('The server cannot be reached.').waitFor()
    await page.unroute('**/projects/1')
    await question.getByRole('button', { name: 'Suspend project' }).click()
    await question.waitFor({ state: 'detached' })
    expect(host.projects.find('1')?.status).toBe('suspended')
  })
})
