// The dashboard as people meet it: in a real browser.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ADMIN_KEY, newKey } from './management-host.js'
import { type Browser, openBrowser } from './support/browser.js'
import {
  type DashboardHost,
  type DashboardHostOptions,
  dashboardHost,
  seed,
} from './support/dashboard-host.js'

let browser: Browser
let host: DashboardHost
let page: Page
/** What the browser complained about: refused resources, thrown errors, dialogs. */
let complaints: string[]

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  complaints = []
  await browser.context.clearCookies()
  return async () => {
    await page?.close()
    await host?.close()
  }
})

async function open(options: DashboardHostOptions = {}): Promise<void> {
  host = await dashboardHost(options)
  page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
}

/** Opens the dashboard as the program in the terminal says. */
const enter = (route = '') =>
  page.goto(`${host.page}#key=${ADMIN_KEY}`).then(() => (route ? go(route) : undefined))
const go = (route: string) => page.evaluate((hash) => location.assign(hash), route)

const button = (name: string) => page.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')
const inDialog = (name: string) => dialog().getByRole('button', { name, exact: true })
const row = (label: string) => page.getByRole('row').filter({ hasText: label })
const use = async (key: string) =>
  (await fetch(`${host.url}/v1/me`, { headers: { 'X-API-Key': key } })).status

describe('a key, from beginning to end', () => {
  it('is created, copied, used, rotated and revoked, and its secret stays nowhere', async () => {
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await open()
    const later: string[] = []
    await enter()
    await button('Create key').click()
    await dialog().getByLabel('Label').fill('backend-prod')
    await dialog().getByLabel('Environment').selectOption('production')
    await inDialog('Create key').click()

    await inDialog('Copy').click()
    const first = await page.evaluate(() => navigator.clipboard.readText())
    expect(first).toMatch(/^gsk_live_[0-9A-Za-z]{61}$/)
    expect(await dialog().textContent()).toContain(`API_KEY=${first}`)
    expect(await dialog().textContent()).toContain(`curl ${host.url}/v1/me -H "X-API-Key: $API_KEY"`)
    expect(await dialog().textContent()).toMatch(/cannot be shown again/)

    page.on('response', async (response) => later.push(await response.text().catch(() => '')))
    await inDialog('Done').click()
    await dialog().waitFor({ state: 'detached' })
    expect(await use(first)).toBe(200)
    await page.reload()
    await row('backend-prod').getByText('just now').nth(1).waitFor()

    await row('backend-prod').getByRole('button', { name: 'Rotate', exact: true }).click()
    expect(await dialog().textContent()).toMatch(/“backend-prod”.*stops working at once/)
    await inDialog('Rotate').click()
    await inDialog('Copy').click()
    const second = await page.evaluate(() => navigator.clipboard.readText())
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect([await use(first), await use(second)]).toEqual([401, 200])

    await row('Active').getByRole('button', { name: 'Revoke', exact: true }).click()
    expect(await dialog().textContent()).toMatch(/“backend-prod”.*stops working at once, for good/)
    await inDialog('Revoke').click()
    await row('Revoked').waitFor()
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main')
    expect(await use(second)).toBe(401)

    await row('Revoked').getByRole('link').click()
    await page.getByText('Created in place of').waitFor()
    await page.reload()
    const state = await page.evaluate(async () => ({
      dom: document.documentElement.outerHTML,
      address: location.href,
      storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, window.name]),
      cookies: document.cookie,
      databases: await indexedDB.databases(),
      caches: await caches.keys(),
    }))
    expect(state).toMatchObject({ cookies: '', databases: [], caches: [], storage: '[{},{},null,""]' })
    const cookies = JSON.stringify(await browser.context.cookies())
    // The rotation's own answer holds the second key, for its dialog; nothing else may.
    const answers = later.filter((body) => !body.startsWith(`{"key":"${second}"`))
    expect(answers).toHaveLength(later.length - 1)
    const elsewhere = [...Object.values(state).map(String), cookies, ...answers].join('\n')
    expect(elsewhere).toContain('backend-prod')
    for (const key of [first, second]) expect(elsewhere).not.toContain(key.slice(21, 40))
    expect(elsewhere).not.toContain(ADMIN_KEY)
    expect(complaints).toEqual([])
  })

  it('is edited, also who may use it from where', async () => {
    await open()
    const { record } = await host.apiKeys.issue({ projectId: '1', label: 'old', environment: 'sandbox' })
    await enter(`#/projects/1/keys/${record.id}`)
    await button('Edit').click()
    await dialog().getByLabel('Label').fill('new')
    await dialog().getByLabel('Only these addresses').check()
    const allowlist = dialog().getByLabel('IP allowlist')
    await allowlist.fill('10.0.0.1/8')
    await dialog().getByText('did you mean 10.0.0.0/8?').waitFor()
    await inDialog('Save').click()
    expect(await allowlist.evaluate((field) => field === document.activeElement)).toBe(true)
    await allowlist.fill('10.0.0.0/8\n203.0.113.7')
    await inDialog('Save').click()
    await page.getByRole('heading', { name: 'new', exact: true }).waitFor()
    await page.getByText('(allowlist, label)').waitFor()
    expect(await host.apiKeys.find(record.id)).toMatchObject({
      label: 'new',
      allowedIps: ['10.0.0.0/8', '203.0.113.7'],
      scopes: [],
      expiresAt: null,
    })
  })
})

describe('a new key that nobody has copied', () => {
  it('leads back to nowhere once it is closed: whoever goes on at once stays there, and Back works from there', async () => {
    await open()
    await enter()
    for (const view of ['usage', 'activity', 'settings']) {
      // Without a hand on the mouse, whose clicks Chromium prefers to what a page goes back to. The page may still be going back.
      const label = dialog().getByLabel('Label')
      const opened = async () => {
        if (!(await label.isVisible())) await button('Create key').dispatchEvent('click')
        return label.isVisible()
      }
      await expect.poll(opened, { timeout: 15_000 }).toBe(true)
      await label.fill(`before ${view}`)
      await inDialog('Create key').dispatchEvent('click')
      await inDialog('Done').dispatchEvent('click')
      await dialog().getByText('The key has not been copied').waitFor()
      // As soon as the dialog has left the page, before the browser does anything else.
      await page.evaluate(
        (place) =>
          new Promise<void>((resolve) => {
            const watch = new MutationObserver(() => {
              if (document.querySelector('dialog') !== null) return
              watch.disconnect()
              location.hash = place
              resolve()
            })
            watch.observe(document.body, { childList: true, subtree: true })
            const close = [...document.querySelectorAll<HTMLElement>('dialog [role=alert] button')]
            close[0]?.click()
          }),
        `#/projects/1/${view}`,
      )
      const heading = page.getByRole('heading', { level: 1 })
      await expect.poll(() => heading.textContent()).toBe(view[0]?.toUpperCase() + view.slice(1))
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(page.url()).toBe(`${host.page}#/projects/1/${view}`)
      await page.evaluate(() => history.back())
      await row(`before ${view}`).waitFor()
    }
    expect(complaints).toEqual([])
  })
})

describe('the admin key', () => {
  it('leaves the address, and comes back in no cookie', async () => {
    await open()
    await page.goto(`${host.url}/dashboard#key=${ADMIN_KEY}`)
    await button('Create key').waitFor()
    expect(page.url()).toBe(`${host.page}#/projects/1/keys`)
    expect(await page.evaluate(() => history.length)).toBe(2)
    const [cookie] = await browser.context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/admin' })
    expect(cookie?.value).not.toContain(ADMIN_KEY)

    await button('Sign out').click()
    await page.getByLabel('Admin key').waitFor()
    expect(await browser.context.cookies()).toEqual([])
    await page.reload()
    await page.getByLabel('Admin key').waitFor()
  })

  it('is asked for in a field, and told apart from others', async () => {
    await open()
    await page.goto(host.page)
    const field = page.getByLabel('Admin key')
    expect(await field.getAttribute('type')).toBe('password')
    for (const wrong of ['x'.repeat(40), 'ключ']) {
      await field.fill(wrong)
      await button('Sign in').click()
      await page.getByText('That is not the admin key.').waitFor()
    }
    await field.fill(ADMIN_KEY)
    await button('Sign in').click()
    await button('Create key').waitFor()
  })
})

describe('in a host app', () => {
  const authorize = ({ headers }: { readonly headers: Record<string, unknown> }) => {
    const projectId = /customer=(\d)/.exec(String(headers.cookie))?.[1]
    return projectId === undefined ? null : { projects: [projectId], actor: `customer ${projectId}` }
  }

  it('people log in at the host, and are back where they were; nobody is sent round in circles', async () => {
    const management = { authorize: authorize as never }
    await open({ management, dashboard: { login: '/login?next={here}' } })
    host.app.get('/login', ({ query }, response) => {
      response.type('html').send(`<title>Login</title><a href="${query.next}">Go on</a>`)
    })
    await page.goto(`${host.page}#/projects/1/activity`)
    await page.waitForURL('**/login?**')
    await page.getByRole('link', { name: 'Go on' }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    expect(await page.getByLabel('Admin key').count()).toBe(0)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.waitForURL('**/login?**')
    await browser.context.addCookies([{ name: 'customer', value: '1', url: host.url }])
    await page.getByRole('link', { name: 'Go on' }).click()
    await page.getByRole('heading', { name: 'Activity' }).waitFor()
  })

  it('it has the host’s name, logo and colour, and only the parts that the host wants', async () => {
    const features = { webhooks: false, projects: false, usage: false }
    const look = { title: 'Acme keys', logo: '/logo.svg', accent: '#fde047', home: 'activity' }
    await open({ management: { authorize: () => 'all' }, dashboard: { ...look, features } })
    host.app.get('/logo.svg', (_request, response) => {
      response.type('svg').send('<svg xmlns="http://www.w3.org/2000/svg" width="48" height="24"/>')
    })
    await page.goto(host.page)
    await page.getByRole('heading', { name: 'Activity' }).waitFor()
    expect(await page.locator('.product').innerText()).toBe('Acme keys')
    const width = () => page.locator('.product img').evaluate((logo: HTMLImageElement) => logo.naturalWidth)
    await expect.poll(width).toBe(48)
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual([
      'API keys',
      'Check a key',
      'Activity',
    ])
    expect(await page.getByLabel('Project', { exact: true }).count()).toBe(0)
    await go('#/projects/1/usage')
    await page.getByText('There is nothing here').waitFor()
    await go('#/projects/1/keys')
    const styleOf = (property: string) =>
      button('Create key').evaluate((one, name) => getComputedStyle(one).getPropertyValue(name), property)
    expect(await styleOf('background-color')).toBe('rgb(253, 224, 71)')
    // White could not be read on it.
    expect(await styleOf('color')).toBe('rgb(0, 0, 0)')
  })

  it('a customer sees its own project, under any path, and the others not at all', async () => {
    const management = { authorize: authorize as never }
    await open({ mount: '/internal/keys', management, dashboard: { login: '/login' } })
    const theirs = await host.apiKeys.issue({
      projectId: '2',
      ...newKey,
      environment: 'production',
      label: 'theirs',
    })
    await browser.context.addCookies([{ name: 'customer', value: '1', url: host.url }])
    await page.goto(host.page)
    await page.getByText('No keys yet').waitFor()
    expect(await page.getByLabel('Project', { exact: true }).locator('option').allTextContents()).toEqual([
      'Acme',
    ])
    expect(await button('New project').count()).toBe(0)
    expect(await button('Sign out').count()).toBe(0)
    for (const route of ['#/projects/2', `#/projects/2/keys/${theirs.record.id}`, '#/projects/2/settings']) {
      await go(route)
      await page.getByText('This project does not exist').waitFor()
    }
    await go(`#/projects/1/keys/${theirs.record.id}`)
    await page.getByText('This key does not exist').waitFor()
    expect(await page.content()).not.toContain('theirs')

    await browser.context.clearCookies()
    await page.reload()
    await page.waitForURL(`${host.url}/login`)
  })
})

describe('projects', () => {
  it('are created, renamed, suspended and switched', async () => {
    await open()
    await enter()
    await button('New project').click()
    await dialog().getByLabel('Name').fill('Initech')
    await dialog().getByLabel('Webhook URL').fill('ftp://x')
    await dialog().getByText('This is no http or https address.').waitFor()
    await dialog().getByLabel('Webhook URL').fill('https://initech.example/hooks')
    await inDialog('Create project').click()
    await page.waitForURL(/#\/projects\/p[0-9a-z]{17}\/keys$/)
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByLabel('Name').fill('Initech Ltd')
    await button('Save').click()
    await page.getByText('Saved.').waitFor()
    await button('Suspend project').click()
    await inDialog('Suspend project').click()
    await button('Resume project').waitFor()
    expect(host.projects.list().at(-1)).toMatchObject({
      name: 'Initech Ltd',
      webhookUrl: 'https://initech.example/hooks',
      status: 'suspended',
    })
    await page.getByLabel('Project', { exact: true }).selectOption('Globex')
    await page.waitForURL(/#\/projects\/2\/keys$/)
    expect(complaints).toEqual([])
  })
})

describe('the keyboard', () => {
  it('does everything', async () => {
    await open()
    await seed(host)
    await enter()
    await row('checkout-worker').waitFor()
    const focused = () =>
      page.evaluate(() => document.activeElement?.textContent || document.activeElement?.getAttribute('name'))

    await page.keyboard.press('c')
    await dialog().waitFor()
    expect(await focused()).toBe('label')
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press('Tab')
      const isOutside = await page.evaluate(() => {
        const at = document.activeElement
        return at !== document.body && at?.closest('dialog') === null
      })
      expect(isOutside).toBe(false)
    }
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })

    await button('Create key').press('Enter')
    await dialog().waitFor()
    await page.keyboard.type('from-the-keyboard')
    await page.keyboard.press('Enter')
    await inDialog('Copy').waitFor()
    await expect.poll(focused).toBe('Copy')
    // Neither Escape, Back, Done nor a reload loses a key that nobody has copied.
    for (let i = 0; i < 3; i++) await page.keyboard.press('Escape')
    await dialog().getByText('The key has not been copied').waitFor()
    await page.evaluate(() => history.back())
    await inDialog('Done').click()
    const asked = new Promise<string>((resolve) =>
      page.once('dialog', async (question) => {
        resolve(question.type())
        await question.dismiss()
      }),
    )
    await page.evaluate(() => location.reload())
    expect(await asked).toBe('beforeunload')
    expect(await dialog().textContent()).toMatch(/gsk_/)
    await inDialog('Close without the key').click()
    await dialog().waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('Create key')
    await row('from-the-keyboard').waitFor()

    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await expect.poll(focused).toBe('from-the-keyboard')
    await page.keyboard.press('/')
    await page.keyboard.type('legacy')
    await page.getByText('1 of 10 keys').waitFor()
    // Out of the search, letters are shortcuts.
    await page.keyboard.press('Escape')
    await page.keyboard.press('c')
    await dialog().getByLabel('Label').waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await page.getByText('1 of 10 keys').waitFor()
    await page.locator('.key-link').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'legacy-crm-sync' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.getByRole('heading', { name: 'Usage' }).waitFor()
    await page.keyboard.press('?')
    await dialog().getByText('Keyboard shortcuts').waitFor()
  })

  it('shows where it is', async () => {
    await open()
    await enter()
    await button('Create key').waitFor()
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Tab')
      const outline = await page.evaluate(
        () => getComputedStyle(document.activeElement as Element).outlineStyle,
      )
      expect(outline).toBe('solid')
    }
  })
})

describe('what people type', () => {
  it('is shown as text', async () => {
    await open()
    const label = `<script>alert(1)</script>"><img src=x onerror=alert(2)>`.padEnd(200, 'x')
    const { record } = await host.apiKeys.issue({
      projectId: '1',
      environment: 'sandbox',
      label,
      scopes: ['<b>'],
    })
    host.projects.update('1', { name: '<img src=x onerror=alert(3)>', webhookUrl: 'https://x/<script>' })
    await enter()
    await page.getByText(label).waitFor()
    await button('Revoke').click()
    await page.keyboard.press('Escape')
    for (const route of [`/keys/${record.id}`, '/usage', '/activity', '/settings']) {
      await go(`#/projects/1${route}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
    }
    // The page's own two.
    expect(await page.locator('script').count()).toBe(2)
    expect(complaints).toEqual([])
  })
})

describe('many keys', () => {
  it('are found among 5,000, and drawn only where people look', async () => {
    await open()
    for (let i = 0; i < 5_000; i += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, j) =>
          host.apiKeys.issue({
            projectId: '1',
            environment: i % 200 ? 'sandbox' : 'production',
            label: `worker-${i + j}`,
          }),
        ),
      )
    }
    await enter()
    await page.getByText('5,000 keys').waitFor()
    const drawn = await page.evaluate(async () => {
      let rows = 0
      for (let i = 0; i < 60; i++) {
        scrollBy(0, i % 3 === 2 ? 18_000 : 300)
        // A browser that is short of processor time may leave frames out for as long as it likes.
        await new Promise((resolve) => {
          requestAnimationFrame(resolve)
          setTimeout(resolve, 200)
        })
        rows = Math.max(rows, document.querySelectorAll('.rows .row').length)
      }
      return rows
    })
    expect(drawn).toBeLessThan(80)
    await page.getByLabel('Search keys').fill('worker-4999')
    await page.getByText('1 of 5,000 keys').waitFor()
    await row('worker-4999').waitFor()
  })
})

describe('the theme', () => {
  it("is the system's, or the one that people choose, from the first drawing on", async () => {
    await open()
    await enter()
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    await button('System theme').click()
    const light = await background()
    await button('Light theme').click()
    expect(await background()).not.toBe(light)
    // Before the module runs, that draws the page.
    await page.route('**/assets/index-*.js', (route) => route.abort())
    await page.reload()
    expect(await background()).not.toBe(light)
    await page.unroute('**/assets/index-*.js')
    await page.reload()
    await button('Dark theme').click()
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
  })
})

describe('the list of places', () => {
  it('opens with Ctrl+K, and leads to views, projects and keys by their names', async () => {
    await open()
    const { record } = await host.apiKeys.issue({ projectId: '1', environment: 'sandbox', label: 'payments' })
    await enter()
    await row('payments').waitFor()
    await page.getByLabel('Project', { exact: true }).focus()
    await page.keyboard.press('Control+k')
    const field = dialog().getByRole('combobox')
    await field.fill('paym')
    await dialog().getByRole('option', { name: 'payments' }).waitFor()
    expect(await field.getAttribute('aria-activedescendant')).toBe(
      await dialog().getByRole('option', { selected: true }).getAttribute('id'),
    )
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'payments' }).waitFor()
    expect(page.url()).toContain(record.id)
    await page.keyboard.press('Control+k')
    await field.fill('e')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowDown')
    await field.fill('globex')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor()
    await page.getByLabel('Project', { exact: true }).focus()
    await page.keyboard.press('?')
    await dialog().getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
    expect(complaints).toEqual([])
  })
})

describe('requests over time', () => {
  it('are told apart by what came of them, for eyes, keys, fingers and as a table', async () => {
    await open()
    const { key, record } = await host.apiKeys.issue({
      ...{ projectId: '1', environment: 'production', label: 'busy' },
    })
    for (let i = 0; i < 3; i++) await host.daysAgo(1, () => use(key))
    await host.apiKeys.revoke(record.id)
    await use(key)
    await enter(`#/projects/1/keys/${record.id}`)
    const chart = page.getByRole('region', { name: 'Requests', exact: true })
    const bars = chart.getByRole('slider', { name: 'Requests per day' })
    await chart.locator('canvas').waitFor()
    expect(await chart.locator('.figure').textContent()).toBe('4')

    await bars.focus()
    await page.keyboard.press('End')
    expect(await bars.getAttribute('aria-valuetext')).toContain(': 1 Refused: revoked key')
    await page.keyboard.press('ArrowLeft')
    expect(await bars.getAttribute('aria-valuetext')).toContain(': 3 Accepted')
    await chart.locator('.plot-tip').getByText('Accepted').waitFor()
    await page.keyboard.press('Escape')
    expect(await chart.locator('.plot-tip').count()).toBe(0)
    await bars.hover({ position: { x: 200, y: 60 } })
    await chart.locator('.plot-tip').getByText('No requests').waitFor()

    await chart.getByRole('button', { name: 'Accepted 3' }).click()
    expect(await chart.locator('.figure').textContent()).toBe('1')
    await chart.getByText('Show as a table').click()
    expect(await chart.getByRole('row').last().textContent()).toMatch(/01$/)
    await chart.getByText('Hour', { exact: true }).click()
    await chart.getByRole('slider', { name: 'Requests per hour' }).waitFor()
    await expect.poll(() => chart.getByRole('row').count()).toBe(49)
    expect(complaints).toEqual([])
  })

  it('are those that were accepted where the service counts nothing else, which the page says', async () => {
    await open({ outcomes: false })
    await seed(host)
    await enter('#/projects/1/usage')
    const chart = page.getByRole('region', { name: 'Requests', exact: true })
    await chart.getByRole('button', { name: /^Accepted \d\d,\d\d\d$/ }).waitFor()
    await chart.getByText('outcomes: true').waitFor()
    expect(await chart.getByText('Hour', { exact: true }).count()).toBe(0)
    expect(complaints).toEqual([])
  })
})

describe('the first view', () => {
  it('takes a handful of requests and less than 60 kB', async () => {
    await open()
    await seed(host)
    const sizes: number[] = []
    page.on('requestfinished', async (request) => {
      const { responseBodySize, responseHeadersSize } = await request.sizes()
      sizes.push(responseBodySize + responseHeadersSize)
    })
    await enter()
    await row('checkout-worker').waitFor()
    await page.waitForLoadState('networkidle')
    expect(sizes.length).toBeLessThan(12)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000)
  })

  it.each(['', '#/projects/1/keys?status=active&sort=label'])(
    'at “%s” asks for all that it shows before its own scripts are there, for nothing twice, and is drawn in one go',
    async (route) => {
      await open()
      await seed(host)
      await enter()
      await row('checkout-worker').waitFor()
      const asked: string[] = []
      page.on('request', (request) => {
        const { pathname } = new URL(request.url())
        if (pathname.startsWith('/admin')) asked.push(pathname)
      })
      let letScriptsCome = () => {}
      const scriptsMayCome = new Promise<void>((resolve) => {
        letScriptsCome = resolve
      })
      await page.route('**/assets/*.js', async (request) => {
        await scriptsMayCome
        await request.continue()
      })
      const keysHaveCome = page.waitForEvent('requestfinished', (request) => request.url().includes('/keys'))
      await page.goto('about:blank')
      await page.addInitScript(() => {
        const look = () => {
          const { textContent } = document.querySelector('#app') ?? {}
          if (textContent) Object.assign(window, { firstDrawn: textContent })
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      })
      await page.goto(host.page + route, { waitUntil: 'commit' })
      const all = ['/admin/session', '/admin/projects', '/admin/projects/1/keys']
      await expect.poll(() => asked, { timeout: 15_000 }).toEqual(all)
      await keysHaveCome
      letScriptsCome()
      await row('checkout-worker').waitFor()
      expect(await page.evaluate('firstDrawn')).toContain('checkout-worker')
      expect(asked).toEqual(all)
      expect(complaints).toEqual([])
    },
  )

  it('comes a little later where a policy in front of it stops the script that stands in it', async () => {
    await open()
    await seed(host)
    await page.route(host.page, async (route) => {
      const response = await route.fetch()
      const policy = `${response.headers()['content-security-policy']}, script-src 'self'`
      await route.fulfill({
        response,
        headers: { ...response.headers(), 'content-security-policy': policy },
      })
    })
    await enter()
    await row('checkout-worker').waitFor()
    expect(await page.evaluate('window.gosendStarted')).toBeUndefined()
    expect(page.url()).not.toContain(ADMIN_KEY)
  })

  it('shows what somebody may see who signs in, though it was refused before', async () => {
    await open()
    await seed(host)
    await page.goto(`${host.page}#/projects/1/keys`)
    await page.getByLabel('Admin key').fill(ADMIN_KEY)
    await button('Sign in').click()
    await row('checkout-worker').waitFor()
  })
})

describe('an extension', () => {
  it('adds pages to the navigation', async () => {
    const extensions = [{ name: 'sandbox', folder: new URL('./fixtures/extension/', import.meta.url) }]
    await open({ dashboard: { extensions } })
    await enter()
    await page.getByRole('link', { name: 'Request log' }).click()
    await page.getByText('The log of Acme').waitFor()
    expect(page.url()).toMatch(/#\/projects\/1\/sandbox\/log$/)
    expect(await page.locator('.fixture-log').evaluate((place) => getComputedStyle(place).fontWeight)).toBe(
      '700',
    )
    await page.getByRole('link', { name: 'Usage' }).click()
    await page.getByRole('heading', { name: 'Usage' }).waitFor()
    await page.waitForFunction(() => document.body.dataset.unmounted === 'Acme')
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.getByText('The log of Acme').waitFor()
    await page.keyboard.press('?')
    await dialog().getByText('Go to request log').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await dialog().getByRole('combobox').fill('timeouts')
    await dialog().getByRole('option', { name: 'timeouts of Acme' }).click()
    await page.waitForURL(/#\/projects\/1\/sandbox\/log\/7\/a%20b$/)
    expect(complaints).toEqual([])
  })

  it('can be where the dashboard opens', async () => {
    const extensions = [{ name: 'sandbox', folder: new URL('./fixtures/extension/', import.meta.url) }]
    await open({ dashboard: { extensions, home: 'sandbox/log' } })
    await enter()
    await page.getByText('The log of Acme').waitFor()
  })
})
