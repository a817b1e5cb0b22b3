// Projects with more keys than fit into an answer, in a real browser.

import type { StoredKey } from '@gosend/auth-core'
import { storedKey } from '@gosend/auth-core/testing'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { ADMIN_KEY } from './management-host.js'
import { type Browser, openBrowser } from './support/browser.js'
import { type DashboardHost, dashboardHost } from './support/dashboard-host.js'

let browser: Browser
let host: DashboardHost
let page: Page
/** What the page asked the API for. */
let requests: URL[]

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  host = await dashboardHost()
  page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
  requests = []
  page.on('request', (request) => requests.push(new URL(request.url())))
})
afterEach(async () => {
  await page?.close()
  await host?.close()
})

const DAY_MS = 86_400_000
const idOf = (n: number) => `key${String(n).padStart(9, '0')}`
const row = (label: string) => page.getByRole('row').filter({ hasText: label })

async function fill(count: number, changes: (n: number) => Partial<StoredKey> = () => ({})) {
  const now = Date.now()
  const rows = Array.from({ length: count }, (_, n) =>
    storedKey(n, { projectId: '1', label: `worker-${n}`, createdAt: now - DAY_MS + n, ...changes(n) }),
  )
  const events = rows.map(({ id, projectId, createdAt }) => {
    return { at: createdAt, projectId, keyId: id, action: 'issued', actor: null, details: {} } as const
  })
  await host.store.commit(rows, events)
}

const open = (route = '') =>
  page.goto(`${host.page}#key=${ADMIN_KEY}`).then(() => (route ? go(route) : undefined))
const go = (route: string) => page.evaluate((hash) => location.assign(hash), route)
const lists = () => requests.filter(({ pathname }) => pathname.endsWith('/keys'))

it('shows the first of 10,000 keys after one small answer, and the last once people have scrolled there', async () => {
  await fill(10_000)
  let bytes = 0
  page.on('response', async (response) => {
    if (new URL(response.url()).pathname.endsWith('/keys') && bytes === 0)
      bytes = (await response.body().catch(() => Buffer.alloc(0))).length
  })
  await open()
  await row('worker-9999').waitFor()
  await page.getByText('10,000 keys').waitFor()
  expect(lists().length).toBeLessThan(4)
  expect(bytes).toBeLessThan(60_000)
  await expect
    .poll(
      async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
        return page
          .locator('.rows .row')
          .filter({ hasText: /^worker-0gsk_/ })
          .count()
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe(1)
  expect(await page.locator('.rows .row').count()).toBeLessThan(80)
  const cursors = lists().map(({ searchParams }) => searchParams.get('cursor'))
  expect(new Set(cursors).size).toBeGreaterThan(99)
}, 90_000)

it('finds, filters and sorts by the service', async () => {
  await fill(3_000, (n) => ({
    environment: n % 2 ? 'sandbox' : 'production',
    revokedAt: n === 7 ? 1 : null,
    expiresAt: n === 1_500 ? Date.now() + 90 * DAY_MS : null,
  }))
  await open()
  await page.getByText('3,000 keys').waitFor()
  await page.getByLabel('Search keys').fill('WORKER-150')
  await page.getByText('11 of 3,000 keys').waitFor()
  await page.getByLabel('Environment').selectOption('sandbox')
  await page.getByText('5 of 3,000 keys').waitFor()
  await page.getByLabel('Search keys').fill('')
  await page.getByLabel('Environment').selectOption('')
  await page.getByLabel('Status').selectOption('Revoked or rotated')
  await page.getByText('1 of 3,000 keys').waitFor()
  await row('worker-7').waitFor()
  await page.getByLabel('Status').selectOption('All keys')
  await page.getByLabel('Order').selectOption('Expiring first')
  await expect.poll(() => page.locator('.rows .row').first().textContent()).toContain('worker-1500')
})

it('sends of a pasted key no more than its public part', async () => {
  await fill(300)
  const { key } = await host.apiKeys.issue({ projectId: '1', environment: 'production', label: 'wanted' })
  await fill(0)
  await open()
  await page.getByText('301 keys').waitFor()
  await page.getByLabel('Search keys').fill(` ${key}\n`)
  await page.getByText('1 of 301 keys').waitFor()
  await row('wanted').waitFor()
  expect(requests.join('\n')).toContain(key.slice(9, 21))
  expect(requests.join('\n')).not.toContain(key.slice(21, 27))
})

it('looks for keys that deserve a look beyond the first page', async () => {
  await fill(2_500, (n) => ({ createdAt: n === 3 ? Date.now() - 100 * DAY_MS : Date.now() - DAY_MS + n }))
  await open()
  await page.getByText('2,500 keys').waitFor()
  await page.getByLabel('Status').selectOption('Needs attention')
  await row('worker-3').waitFor()
  await page.getByText('1 of 2,500 keys').waitFor()
})

it('opens a key that no page has shown yet, and changes it', async () => {
  await fill(500)
  await open(`#/projects/1/keys/${idOf(2)}`)
  await page.getByRole('heading', { name: 'worker-2', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Label').fill('renamed')
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('heading', { name: 'renamed', exact: true }).waitFor()
  await go('#/projects/1/keys')
  await page.getByText('500 keys').waitFor()
  await page.getByLabel('Search keys').fill('renamed')
  await row('renamed').waitFor()
  await go('#/projects/1/keys/nobody000000')
  await page.getByText('This key does not exist').waitFor()
})

it('calls keys by their labels in the activity, also those that are on no page yet', async () => {
  await fill(500)
  await host.apiKeys.revoke(idOf(3))
  await open('#/projects/1/activity')
  await page.getByRole('link', { name: 'worker-3', exact: true }).first().waitFor()
})
