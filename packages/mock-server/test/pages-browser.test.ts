// The reference and the sign-up in a real browser: what they ask for, what they look like, and whether all can use them.

/// <reference lib="dom" />

import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../express-adapter/test/support/chromium.js'
import { document as describing, ok, send, start } from './harness.js'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
})
afterAll(() => browser?.close())

const pets = describing({ '/pets': { get: { summary: 'List the pets', ...ok({ type: 'array' }) } } })

/** Every origin that a page asks for something, and what the browser complains of. */
function watch(page: Page) {
  const origins = new Set<string>()
  const complaints: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/.test(message.text())) complaints.push(message.text())
  })
  return { origins, complaints }
}

describe('the reference', () => {
  it.each([
    ['GoSendAPI', {}, 'Read the key'],
    ['any document', { spec: pets }, 'List the pets'],
  ])('shows %s, and asks nobody else for anything', { timeout: 60_000 }, async (_, options, words) => {
    const mock = await start(options)
    const page = await browser.newPage()
    const { origins, complaints } = watch(page)
    await page.goto(`${mock.url}/reference`)
    await page.getByText(words).first().waitFor({ timeout: 90_000 })
    // What it would fetch later on, it fetches before it rests.
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
    expect([...origins]).toEqual([mock.url])
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('a page of this machine', () => {
  it('calls the API from another port without a flag, and nothing that belongs to the mock', async () => {
    const [mock, other] = [await start({ spec: pets }), await start({ spec: pets })]
    const page = await browser.newPage()
    await page.goto(`${other.url.replace('127.0.0.1', 'localhost')}/openapi.json`)
    const statuses = await page.evaluate(
      ([url = '', key = '']) =>
        Promise.all(
          ['/pets', '/_mock', '/admin/projects'].map((path) =>
            fetch(url + path, {
              headers: { 'X-Admin-Key': key },
              credentials: path === '/pets' ? 'include' : 'omit',
            }).then(
              ({ status, headers }) => [path, status, headers.get('mock-source')],
              () => [path, 'blocked'],
            ),
          ),
        ),
      [mock.url, mock.adminKey],
    )
    const blocked = ['/_mock', '/admin/projects'].map((path) => [path, 'blocked'])
    expect(statuses).toEqual([['/pets', 200, 'generated'], ...blocked])
    // The browser's cache asks whether what it has is still so.
    const again = await page.evaluate(
      (url) => fetch(url, { credentials: 'include', cache: 'no-cache' }).then(({ status }) => status),
      `${mock.url}/pets`,
    )
    const reads = mock.requests().filter(({ path }) => path === '/pets')
    expect([again, reads.at(-1)?.status]).toEqual([200, 304])
    await page.close()
  })
})

/** A setup link that leads back to a page of the mock, so that no request leaves this machine. */
async function setupLink() {
  const mock = await start()
  const admin = { 'x-admin-key': mock.adminKey }
  const customer = await send(mock, 'POST /admin/tenants/42/customers', { name: 'Harbor Bikes' }, admin)
  const redirects = {
    successRedirectUrl: `${mock.url}/openapi.json?from=signup`,
    failureRedirectUrl: `${mock.url}/openapi.json?from=failure`,
  }
  const path = `POST /admin/customers/${customer.json.id}/setup-links`
  return { mock, url: String((await send(mock, path, redirects, admin)).json.url) }
}

const violations = async (page: Page): Promise<unknown[]> => {
  // The policy of the page admits no script; axe comes in beside it.
  await page.evaluate(axe.source)
  const results = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return results.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
}

describe('the sign-up', () => {
  it.each(['light', 'dark'] as const)(
    'can be done on a phone, by keyboard (%s)',
    { timeout: 60_000 },
    async (colorScheme) => {
      const { mock, url } = await setupLink()
      const page = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme })
      const { origins, complaints } = watch(page)
      await page.goto(url)
      expect(await violations(page)).toEqual([])
      const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
      expect(await isWide()).toBe(false)

      await page.getByLabel('Business name').fill('Harbor Bikes Ltd')
      await page.getByLabel('Phone number', { exact: true }).fill('12345')
      await page.keyboard.press('Enter')
      const number = page.getByLabel('Phone number', { exact: true })
      await page.getByRole('alert').waitFor()
      expect(await number.evaluate((input) => input === document.activeElement)).toBe(true)
      expect(await violations(page)).toEqual([])
      await number.fill('+44 20 7946 0123')
      await page.keyboard.press('Enter')

      await page.getByRole('heading', { name: 'Confirm your number' }).waitFor()
      expect(await violations(page)).toEqual([])
      expect(await isWide()).toBe(false)
      await page.getByLabel('Six-digit code').fill('123456')
      await page.keyboard.press('Enter')
      await page.waitForURL(`${mock.url}/openapi.json?from=signup&status=success`)
      expect(complaints).toEqual([])
      expect([...origins]).toEqual([mock.url])
      await page.close()
    },
  )

  it('can be left', { timeout: 60_000 }, async () => {
    const { mock, url } = await setupLink()
    const page = await browser.newPage()
    await page.goto(url)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.waitForURL(`${mock.url}/openapi.json?from=failure&status=failed`)
    await page.goto(url)
    await page.getByRole('heading', { name: 'This sign-up was given up' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.close()
  })
})

describe('the consent page', () => {
  it.each(['light', 'dark'] as const)(
    'sends a person back to the app, by keyboard on a phone (%s)',
    { timeout: 60_000 },
    async (colorScheme) => {
      const scopes = { read: 'See your pets', write: 'Change your pets' }
      const flow = { authorizationUrl: '/authorize', tokenUrl: '/token', scopes }
      const oauth = { type: 'oauth2', flows: { authorizationCode: flow } }
      const rest = { components: { securitySchemes: { oauth } } }
      const [mock, app] = await Promise.all([
        start({ spec: describing({ '/pets': { get: ok() } }, rest) }),
        start({ spec: pets }),
      ])
      const page = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme })
      const { complaints } = watch(page)
      const asked = {
        response_type: 'code',
        client_id: 'Pet shop',
        state: 'x',
        redirect_uri: `${app.url}/pets`,
      }
      await page.goto(`${mock.url}/authorize?${new URLSearchParams(asked)}`)
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false)
      await page.getByLabel('write').uncheck()
      await page.getByLabel('Sign in as').fill('alice')
      await page.keyboard.press('Enter')
      await page.waitForURL(`${app.url}/pets?code=gsk_code_*`)
      expect(mock.requests().at(-1)?.reason).toBe('allowed by alice, for read')
      await page.goto(
        `${mock.url}/authorize?${new URLSearchParams({ ...asked, redirect_uri: 'https://a.example.com' })}`,
      )
      expect(await violations(page)).toEqual([])
      expect(page.url()).toContain(mock.url)
      expect(complaints).toEqual([])
      await page.close()
    },
  )
})
