// Projects with more keys than fit into an answer, in a real browser.

import { readFile } from 'node:fs/promises'
import type { StoredKey } from '@gosend/auth-core'
import { storedKey } from '@gosend/auth-core/testing'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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

it('tells a key that ends from the one that replaces it, and says how long it still works', async () => {
  const { record } = await host.apiKeys.issue({ projectId: '1', environment: 'production', label: 'backend' })
  const next = await host.apiKeys.rotate(record.id, { gracePeriodMs: 2 * 3_600_000 })
  await open()
  const rowOf = (id: string) => page.getByRole('row').filter({ has: page.locator(`[data-row="${id}"]`) })
  await rowOf(record.id).getByText('Ending', { exact: true }).waitFor()
  await rowOf(record.id).getByText('2 hr left', { exact: true }).waitFor()
  await rowOf(next.record.id).getByText('Active', { exact: true }).waitFor()
  await rowOf(next.record.id).getByText('Replacement', { exact: true }).waitFor()
  expect(await rowOf(record.id).getByText('Replacement').count()).toBe(0)
})

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

describe('keys that people choose', () => {
  const choose = (label: string) => row(label).getByRole('checkbox').click()
  const bar = () => page.getByRole('toolbar', { name: 'Chosen keys' })
  const dialog = () => page.getByRole('dialog')

  it('are revoked together after one question that names their number, and failures are told one by one', async () => {
    await fill(12, (n) => ({ label: `worker-${String(n).padStart(2, '0')}` }))
    await open()
    await row('worker-11').waitFor()
    await choose('worker-11')
    await row('worker-08')
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] })
    await bar().getByText('4 selected').waitFor()
    await choose('worker-10')
    await page.route(`**/keys/${idOf(9)}/revoke`, (route) => route.abort())
    await bar().getByRole('button', { name: 'Revoke' }).click()
    await dialog().getByRole('heading', { name: 'Revoke 3 keys?' }).waitFor()
    await dialog().getByRole('button', { name: 'Revoke 3 keys' }).click()
    await dialog().getByText('Done: 2 of 3.').waitFor()
    expect(await dialog().locator('li').allTextContents()).toEqual([
      expect.stringMatching(/^worker-09.*The server cannot be reached/),
    ])
    await page.unroute(`**/keys/${idOf(9)}/revoke`)
    await dialog().getByRole('button', { name: 'Try again' }).click()
    await dialog().waitFor({ state: 'detached' })
    const gone = await host.apiKeys.list({ projectId: '1', status: 'revoked' })
    expect(gone.map(({ label }) => label).sort()).toEqual(['worker-08', 'worker-09', 'worker-11'])
  })

  it('are disabled and enabled together, only those that can be', async () => {
    await fill(3, (n) => ({ revokedAt: n === 0 ? 1 : null }))
    await open()
    await page.getByRole('checkbox', { name: 'Select all keys that are listed' }).click()
    await bar().getByRole('button', { name: 'Disable 2' }).click()
    await dialog().getByRole('button', { name: 'Disable 2 keys' }).click()
    await row('worker-1').getByText('Disabled').waitFor()
    await bar().getByRole('button', { name: 'Enable 2' }).click()
    await dialog().getByRole('button', { name: 'Enable 2 keys' }).click()
    await row('worker-1').getByText('Active').waitFor()
    await bar().getByRole('button', { name: 'Select none' }).click()
    expect(await bar().count()).toBe(0)
  })
})

describe('a key that somebody wonders about', () => {
  it('is pasted to see whose it is and what is the matter with it, and stays nowhere', async () => {
    const { key, record } = await host.apiKeys.issue({
      ...{ projectId: '1', environment: 'production', label: 'lost' },
      allowedIps: ['203.0.113.0/24'],
    })
    await open()
    await page.getByRole('link', { name: 'Check a key' }).click()
    const check = async (text: string, address = '') => {
      // The list that was open before has labels with these words in them.
      await page.getByLabel('Key', { exact: true }).fill(text)
      await page.getByLabel('Address').fill(address)
      await page.getByRole('button', { name: 'Check', exact: true }).click()
      return page.getByRole('region', { name: 'Result' }).textContent()
    }
    expect(await check(key)).toContain('This key works.')
    expect(await check(key, '198.51.100.7')).toContain('not on the allowlist')
    expect(await check(key.slice(0, -1))).toContain('too short or too long')
    expect(await check(`${key.slice(0, -1)}${key.endsWith('0') ? 1 : 0}`)).toContain('do not fit')
    await host.apiKeys.revoke(record.id)
    expect(await check(key)).toContain('revoked for good')
    await page.getByRole('link', { name: 'lost' }).click()
    await page.getByRole('heading', { name: 'lost' }).waitFor()
    const kept = await page.evaluate(() =>
      JSON.stringify([
        document.documentElement.outerHTML,
        { ...localStorage },
        { ...sessionStorage },
        location.href,
      ]),
    )
    expect(kept + requests.join('\n')).not.toContain(key.slice(21, 40))
  })
})

describe('a filter', () => {
  it('stands in the address, and comes back with it, as does the place in the list', async () => {
    await fill(400, (n) => ({ environment: n % 2 ? 'sandbox' : 'production' }))
    await open()
    await page.getByLabel('Environment').selectOption('sandbox')
    await page.getByRole('button', { name: 'Key', exact: true }).click()
    await page.getByText('200 of 400 keys').waitFor()
    expect(page.url()).toMatch(/#\/projects\/1\/keys\?environment=sandbox&sort=label$/)
    await expect
      .poll(() => page.getByRole('columnheader', { name: 'Key', exact: true }).getAttribute('aria-sort'))
      .toBe('ascending')
    await page.mouse.wheel(0, 4_000)
    const link = page.getByRole('link', { name: 'worker-221', exact: true })
    await link.waitFor()
    const top = await page.evaluate(() => scrollY)
    await link.click()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    expect(await page.evaluate(() => scrollY)).toBe(0)
    await page.goBack()
    await link.waitFor()
    expect(await page.evaluate(() => scrollY)).toBeCloseTo(top, -1)
    expect(await page.getByLabel('Environment').inputValue()).toBe('sandbox')

    await page.goto(`${host.page}?#/projects/1/keys?search=worker-39&order=asc`)
    await page.getByText('11 keys', { exact: true }).waitFor()
    expect(await page.getByLabel('Search keys').inputValue()).toBe('worker-39')
    await expect.poll(() => page.locator('.rows .row').first().textContent()).toContain('worker-39')
  })

  it('is kept under a name in this browser, without the secret of a key', async () => {
    await fill(5)
    const { key } = await host.apiKeys.issue({ projectId: '1', environment: 'production', label: 'wanted' })
    await open()
    await page.getByLabel('Search keys').fill(key)
    await page.getByText('1 of 6 keys').waitFor()
    await page.getByRole('button', { name: 'Save this filter' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('The one')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.reload()
    await page.getByRole('link', { name: 'API keys' }).first().click()
    await page.getByText(/^6 keys$/).waitFor()
    await page.getByRole('link', { name: 'The one' }).click()
    await page.getByText('1 of 6 keys').waitFor()
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + location.href)
    expect(kept).not.toContain(key.slice(21, 27))
    await page.getByRole('button', { name: 'Forget the filter The one' }).click()
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
  })

  it('says what a file for spreadsheets holds, all pages of it, in which nothing is a formula', async () => {
    await fill(1_200, (n) => ({ label: n === 700 ? '=HYPERLINK("//x","y")' : `worker-${n}` }))
    await open()
    await page.getByLabel('Status').selectOption('Active')
    await page.getByText('1,200 of 1,200 keys').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export CSV' }).click()
    const file = await download
    expect(file.suggestedFilename()).toMatch(/^keys-\d{4}-\d\d-\d\d\.csv$/)
    const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n')
    expect(lines).toHaveLength(1_201)
    expect(lines[0]).toMatch(/^id,label,key,environment,status,created_at,/)
    expect(lines.find((line) => line.includes('HYPERLINK'))).toContain(`,"'=HYPERLINK(""//x"",""y"")",`)
    expect(lists().filter(({ searchParams }) => searchParams.get('limit') === '1000')).toHaveLength(2)
  })
})
