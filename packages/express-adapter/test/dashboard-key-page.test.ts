// The page of one key, in a real browser.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { ADMIN_KEY } from './management-host.js'
import { type Browser, openBrowser } from './support/browser.js'
import { type DashboardHost, dashboardHost } from './support/dashboard-host.js'

let browser: Browser
let host: DashboardHost
let page: Page

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  host = await dashboardHost()
  page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
})
afterEach(async () => {
  await page?.close()
  await host?.close()
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')

/** Issues a key and opens its page. */
async function openKey(metadata: Record<string, unknown> = {}): Promise<string> {
  const { record } = await host.apiKeys.issue({
    projectId: '1',
    environment: 'production',
    label: 'backend',
    metadata,
  })
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByRole('link', { name: 'backend' }).click()
  await page.getByRole('heading', { name: 'History' }).waitFor()
  return record.id
}

it('shows what the service keeps with a key, and what is nested indented', async () => {
  await openKey({ team: 'billing', seats: 12, note: '', contact: { mail: 'ada@acme.example' } })
  const metadata = page.getByRole('region', { name: 'Metadata' })
  expect(await metadata.getByRole('term').allTextContents()).toEqual(['team', 'seats', 'note', 'contact'])
  expect(await metadata.getByRole('definition').allTextContents()).toEqual([
    'billing',
    '12',
    '""',
    '{\n  "mail": "ada@acme.example"\n}',
  ])
})

it('says nothing of metadata that a key does not have', async () => {
  await openKey()
  expect(await page.getByRole('heading', { name: 'Metadata' }).count()).toBe(0)
})

it('keeps what people had typed when their session ends, and goes on with it', async () => {
  await openKey()
  await button('Edit').click()
  await dialog().getByLabel('Label').fill('half a sentence')
  await browser.context.clearCookies()
  await dialog().getByRole('button', { name: 'Save' }).click()
  const overlay = dialog().filter({ hasText: 'Your session has ended' })
  await overlay.waitFor()
  await page.keyboard.press('Escape')
  await overlay.getByLabel('Admin key').fill(ADMIN_KEY)
  await overlay.getByRole('button', { name: 'Sign in' }).click()
  await overlay.waitFor({ state: 'detached' })
  expect(await dialog().getByLabel('Label').inputValue()).toBe('half a sentence')
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await expect.poll(focused).toBe('Save')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'half a sentence' }).waitFor()
})

it('comes once the network is back, when a part of it could not be loaded', async () => {
  await host.apiKeys.issue({ projectId: '1', environment: 'sandbox', label: 'far-away' })
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  const link = page.getByRole('link', { name: 'far-away' })
  await link.waitFor()
  onTestFinished(() => browser.context.setOffline(false))
  await browser.context.setOffline(true)
  await link.click()
  await page.getByText('This part of the page could not be loaded.').waitFor()
  await button('Try again').click()
  await page.getByText('This part of the page could not be loaded.').waitFor()
  await browser.context.setOffline(false)
  await button('Try again').click()
  await page.getByRole('heading', { name: 'far-away' }).waitFor()
})

it('names the latest refusals with their addresses, and puts one on the allowlist', async () => {
  const { record, key } = await host.apiKeys.issue({
    ...{ projectId: '1', environment: 'production', label: 'fenced' },
    allowedIps: ['203.0.113.7'],
  })
  const use = async () => (await fetch(`${host.url}/v1/me`, { headers: { 'X-API-Key': key } })).status
  expect(await use()).toBe(403)
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByRole('link', { name: 'fenced' }).click()
  const refusals = page.getByRole('region', { name: 'Latest refusals' })
  await refusals.getByText('address not on the allowlist').waitFor()
  await refusals.getByRole('button', { name: 'Allow 127.0.0.1' }).click()
  await dialog().getByRole('button', { name: 'Allow' }).click()
  await dialog().waitFor({ state: 'detached' })
  expect((await host.apiKeys.find(record.id))?.allowedIps).toEqual(['203.0.113.7', '127.0.0.1'])
  expect(await use()).toBe(200)
})

it('names the addresses that a key is used from, and offers them for its allowlist', async () => {
  const { record, key } = await host.apiKeys.issue({
    ...{ projectId: '1', environment: 'production', label: 'roaming' },
  })
  for (const ip of ['203.0.113.7', '2001:db8::7']) await host.apiKeys.verify(key, { ip })
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByRole('link', { name: 'roaming' }).click()
  await page.getByRole('region', { name: 'Used from' }).getByText('2001:db8::7').waitFor()
  await button('Edit').click()
  await dialog().getByLabel('Only these addresses').check()
  const offered = dialog().getByRole('list', { name: 'Addresses that this key is used from' })
  await offered.getByRole('button', { name: '+ 203.0.113.7' }).click()
  await offered.getByRole('button', { name: '+ 2001:db8::7' }).click()
  await offered.waitFor({ state: 'detached' })
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().waitFor({ state: 'detached' })
  expect((await host.apiKeys.find(record.id))?.allowedIps).toEqual(['203.0.113.7', '2001:db8::7'])
})

it('takes a message along when it is left', async () => {
  await openKey()
  const message = page.getByRole('status').filter({ hasText: 'Saved.' })
  const save = async () => {
    await button('Edit').click()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await message.waitFor()
  }
  await save()
  await page.getByRole('link', { name: 'Usage' }).click()
  await page.getByRole('heading', { name: 'Usage', level: 1 }).waitFor()
  expect(await message.count()).toBe(0)

  await page.goBack()
  await save()
  await button('Sign out').click()
  await page.getByLabel('Admin key').waitFor()
  expect(await message.count()).toBe(0)
})

it('is where the keyboard goes on, once it has opened the page', async () => {
  await openKey()
  await page.getByRole('link', { name: 'API keys' }).first().click()
  await page.getByRole('link', { name: 'backend' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'History' }).waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main')
  for (const name of ['API keys', 'Edit', 'Rotate']) {
    await page.keyboard.press('Tab')
    expect(await focused()).toBe(name)
  }
})

/** Opens the page of a key that expired yesterday. */
async function openExpiredKey(): Promise<string> {
  const yesterday = new Date(Date.now() - 86_400_000)
  const { record } = await host.daysAgo(2, () =>
    host.apiKeys.issue({ projectId: '1', environment: 'production', label: 'late', expiresAt: yesterday }),
  )
  await page.goto(`${host.page}#key=${ADMIN_KEY}`)
  await page.getByRole('link', { name: 'late' }).click()
  await page.getByText('Expired', { exact: true }).first().waitFor()
  return record.id
}

it('renames an expired key as it is, and makes it work again by a later expiry', async () => {
  const id = await openExpiredKey()
  const expiredAt = (await host.apiKeys.find(id))?.expiresAt
  await button('Edit').click()
  await dialog().getByLabel('Label').fill('too late')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'too late' }).waitFor()
  expect((await host.apiKeys.find(id))?.expiresAt).toEqual(expiredAt)
  await button('Edit').click()
  await dialog().getByLabel('Expires').selectOption('never')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('Active', { exact: true }).first().waitFor()
  expect((await host.apiKeys.find(id))?.expiresAt).toBeNull()
})

it('asks when the new key expires that replaces an expired one', async () => {
  const id = await openExpiredKey()
  await button('Rotate').click()
  await dialog().getByLabel('The new key expires').selectOption('30')
  await dialog().getByRole('button', { name: 'Rotate' }).click()
  await dialog().getByRole('heading', { name: 'Save your new key' }).waitFor()
  const { replacedBy } = (await host.apiKeys.find(id)) ?? {}
  const days = ((await host.apiKeys.find(replacedBy ?? ''))?.expiresAt?.getTime() ?? 0) - Date.now()
  expect(Math.round(days / 86_400_000)).toBe(30)
})

it('offers a login that may only read nothing to press', async () => {
  const reading = await dashboardHost({
    management: { authorize: () => ({ projects: 'all', readOnly: true }) },
  })
  onTestFinished(() => reading.close())
  await reading.apiKeys.issue({ projectId: '1', environment: 'production', label: 'seen' })
  const names = [
    'Create key',
    'New project',
    'Edit',
    'Rotate',
    'Disable',
    'Revoke',
    'Save',
    'Suspend project',
  ]
  const offered = async () => {
    const buttons = await page.getByRole('button').allInnerTexts()
    return buttons.filter((text) => names.includes(text))
  }
  await page.goto(reading.page)
  await page.getByRole('link', { name: 'seen' }).waitFor()
  expect(await offered()).toEqual([])
  await page.getByRole('link', { name: 'seen' }).click()
  await page.getByRole('heading', { name: 'History' }).waitFor()
  expect(await offered()).toEqual([])
  await page.goto(`${reading.page}#/projects/1/settings`)
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  expect(await offered()).toEqual([])
  expect(await page.getByLabel('Name').isDisabled()).toBe(true)
})
