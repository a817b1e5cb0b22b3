// <gosend-keys> in pages of a host's own, in a real browser: plain, with React, and from another origin.

/// <reference lib="dom" />

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import express from 'express'
import type { Page } from 'playwright-core'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { listen } from './host.js'
import { ADMIN_KEY } from './management-host.js'
import { type Browser, openBrowser } from './support/browser.js'
import { type DashboardHost, type DashboardHostOptions, dashboardHost } from './support/dashboard-host.js'
import { addPages, loggedIn, type PageOptions, POLICY } from './support/element-host.js'
import { exchange, get } from './wire.js'

const FILE = path.join(import.meta.dirname, '../dist/element/gosend-keys.js')

let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
  onTestFinished(() => page.close())
})

async function hostOf(management: DashboardHostOptions['management'] = loggedIn): Promise<DashboardHost> {
  const host = await dashboardHost({ management })
  onTestFinished(() => host.close())
  addPages(host.app)
  await browser.context.addCookies([{ name: 'login', value: 'ana', url: host.url }])
  return host
}

/** Opens a page with the element, which remembers the element's events and what the page's policy forbade. */
async function open(host: DashboardHost, options: PageOptions = {}): Promise<void> {
  await page.addInitScript(() => {
    const told: unknown[] = []
    Object.assign(globalThis, { told })
    for (const name of ['created', 'rotated', 'revoked', 'updated', 'error'])
      addEventListener(`gosend-keys:${name}`, (event) => told.push([name, (event as CustomEvent).detail]))
    addEventListener('securitypolicyviolation', ({ violatedDirective }) => told.push(violatedDirective))
  })
  await page.goto(`${host.url}/?${new URLSearchParams({ ...options })}`)
}

const told = () => page.evaluate(() => (globalThis as unknown as { told: [string, object][] }).told)
const button = (name: string) => page.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')
const inDialog = (name: string) => dialog().getByRole('button', { name, exact: true })
const issue = (host: DashboardHost, label: string, projectId = '1') =>
  host.apiKeys.issue({ projectId, environment: 'production', label })
const set = (properties: object) =>
  page.evaluate((given) => void Object.assign(document.querySelector('gosend-keys') ?? {}, given), properties)

describe('a page under a strict policy', () => {
  it('creates a key that is shown once, and goes on where people were', async () => {
    const host = await hostOf()
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await open(host)
    await button('Create key').click()
    await dialog().getByLabel('Label').fill('backend')
    await dialog().getByLabel('Expires').selectOption('30')
    await inDialog('Create key').click()
    const shown = await dialog().locator('code', { hasText: /^gsk_/ }).innerText()
    expect((await fetch(`${host.url}/v1/me`, { headers: { 'X-API-Key': shown } })).status).toBe(200)

    await page.keyboard.press('Escape')
    await dialog().getByText('The key has not been copied.').waitFor()
    await inDialog('Copy').click()
    await dialog().getByText('Copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown)
    await inDialog('Done').click()
    await dialog().waitFor({ state: 'detached' })
    await button('backend').waitFor()

    const left = await page.evaluate(
      () => document.documentElement.outerHTML + document.querySelector('gosend-keys')?.shadowRoot?.innerHTML,
    )
    expect(left).not.toContain(shown.slice(-20))
    const events = await told()
    expect(events).toMatchObject([['created', { record: { label: 'backend', projectId: '1' } }]])
    expect(JSON.stringify(events)).not.toContain(shown.slice(-20))
    const focused = () =>
      page.evaluate(() => document.querySelector('gosend-keys')?.shadowRoot?.activeElement?.textContent)
    await expect.poll(focused).toBe('Create key')
  })

  it('edits, disables, enables, rotates with a grace period and revokes', async () => {
    const host = await hostOf()
    const { record } = await issue(host, 'backend')
    await open(host)
    await button('backend').click()
    await button('Edit').click()
    await dialog().getByLabel('Label').fill('worker')
    await dialog().getByLabel('Only these addresses').check()
    await dialog().getByLabel('IP allowlist').fill('10.0.0.0/8')
    await inDialog('Save').click()
    await page.getByText('10.0.0.0/8').waitFor()

    await button('Disable').click()
    await inDialog('Disable').click()
    await button('Enable').click()
    await inDialog('Enable').click()
    await button('Rotate').click()
    await dialog().getByLabel('The old key stops working').selectOption('24')
    await inDialog('Rotate').click()
    await dialog().getByRole('heading', { name: 'Save your new key' }).waitFor()
    await inDialog('Done').click()
    await inDialog('Close without the key').click()
    await page.getByText('Ending', { exact: true }).waitFor()

    await button('Revoke').last().click()
    await inDialog('Revoke').click()
    await page.getByText('Rotated', { exact: true }).waitFor()
    const events = await told()
    expect(events.map(([name]) => name)).toEqual(['updated', 'updated', 'updated', 'rotated', 'revoked'])
    expect(events[3]?.[1]).toMatchObject({ replaced: record.id, record: { rotatedFrom: record.id } })
    expect((await host.apiKeys.find(record.id))?.revokedAt).not.toBeNull()
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2)
  })
})

describe('attributes and properties', () => {
  it('are the same, can be changed, and are taken over from before the element was defined', async () => {
    const host = await hostOf({ authorize: () => 'all' })
    await issue(host, 'of-acme')
    await issue(host, 'of-globex', '2')
    await open(host)
    await button('of-acme').waitFor()
    await set({ project: '2', readOnly: true, theme: 'dark', locale: 'de' })
    await button('of-globex').waitFor()
    await page.getByText('Sie können diese Schlüssel sehen, aber nicht ändern.').waitFor()
    expect(await button('Schlüssel erstellen').count()).toBe(0)
    const attributes = () =>
      page.evaluate(() =>
        Object.fromEntries(
          [...(document.querySelector('gosend-keys')?.attributes ?? [])].map(({ name, value }) => [
            name,
            value,
          ]),
        ),
      )
    expect(await attributes()).toMatchObject({ project: '2', readonly: '', theme: 'dark', locale: 'de' })
    await page.evaluate(() => document.querySelector('gosend-keys')?.removeAttribute('readonly'))
    await button('Schlüssel erstellen').waitFor()

    await page.evaluate(() => {
      const early = document.createElement('template').content.ownerDocument.createElement('gosend-keys')
      Object.assign(early, { management: '/admin', project: '1' })
      document.querySelector('gosend-keys')?.replaceWith(early)
    })
    await button('of-acme').waitFor()
  })

  it.each([
    [{ lang: 'es-MX' }, 'Crear clave'],
    [{ lang: 'pt' }, 'Criar chave'],
    [{ lang: 'en', attributes: 'management="/admin" project="1" locale="de"' }, 'Schlüssel erstellen'],
    [{ lang: 'xx' }, 'Create key'],
  ])('%o speaks of “%s”', async (options, name) => {
    await open(await hostOf(), options)
    await button(name).waitFor()
  })

  it('take a bundle of the host, which is English where it lacks a text', async () => {
    await open(await hostOf())
    await set({ bundle: { language: 'fr', messages: { create: 'Créer une clé' } } })
    await button('Créer une clé').waitFor()
    await page.getByText('No keys yet').waitFor()
  })

  it('say that an address is none', async () => {
    await open(await hostOf(), { attributes: 'management="http://" project="1"' })
    await expect
      .poll(told)
      .toMatchObject([['error', { status: 0, message: expect.stringContaining('management: ') }]])
  })

  it('keep a dialog open while the page moves the element', async () => {
    await open(await hostOf())
    await button('Create key').click()
    await dialog().getByLabel('Label').fill('half-filled')
    await page.evaluate(() => document.body.append(document.querySelector('main') ?? ''))
    expect(await dialog().getByLabel('Label').inputValue()).toBe('half-filled')
  })
})

describe('somebody who may not', () => {
  it('is told to log in, and so is the page', async () => {
    const host = await hostOf({ authorize: () => null })
    await open(host)
    await page.getByText('You are not logged in. Log in and try again.').waitFor()
    expect(await told()).toMatchObject([['error', { status: 401 }]])
  })

  it('sees no buttons when the login may only read', async () => {
    const host = await hostOf({ authorize: () => ({ projects: ['1'], readOnly: true }) })
    await issue(host, 'seen')
    await open(host)
    await button('seen').click()
    await page.getByText('Key id').waitFor()
    expect(await page.getByRole('button').allInnerTexts()).toEqual(['seen'])
  })

  it('gets nothing of a project that is not theirs', async () => {
    await open(await hostOf(), { attributes: 'management="/admin" project="2"' })
    await page.getByText('Not found').waitFor()
  })

  it('cannot use an admin key from a page', async () => {
    const host = await hostOf({})
    await open(host)
    await page.evaluate((key) => {
      const element = document.querySelector('gosend-keys')
      Object.assign(element ?? {}, { headers: () => ({ 'X-Admin-Key': key }) })
      element?.reload()
    }, ADMIN_KEY)
    await page.getByText('an admin key must not be in a page').waitFor()
  })
})

describe('looks', () => {
  it('are those of the page: custom properties, parts and the colour scheme', async () => {
    const style = `:root { color-scheme: dark; --gosend-keys-accent: #b45309; --gosend-keys-radius: 2px }
      gosend-keys::part(title) { text-transform: uppercase } gosend-keys::part(list) { border-width: 3px }`
    const host = await hostOf()
    await issue(host, 'backend')
    await open(host, { style })
    await button('backend').waitFor()
    const styleOf = (selector: string, property: string) =>
      page.evaluate(
        ([selector = '', property = '']) => {
          const part = document.querySelector('gosend-keys')?.shadowRoot?.querySelector(selector)
          return part ? getComputedStyle(part).getPropertyValue(property) : undefined
        },
        [selector, property],
      )
    expect(await styleOf('.button.primary', 'background-color')).toBe('rgb(180, 83, 9)')
    expect(await styleOf('.list', 'border-top-left-radius')).toBe('2px')
    expect(await styleOf('.list', 'border-top-width')).toBe('3px')
    expect(await styleOf('.list', 'background-color')).toBe('rgb(21, 23, 27)')
    expect(await styleOf('.title', 'text-transform')).toBe('uppercase')
    await set({ theme: 'light' })
    expect(await styleOf('.list', 'background-color')).toBe('rgb(255, 255, 255)')
  })

  it('have no serious or critical finding, and fit a phone', async () => {
    const host = await hostOf()
    const { record } = await issue(host, 'checkout-worker')
    await issue(host, 'revoked').then(({ record: { id } }) => host.apiKeys.revoke(id))
    await host.apiKeys.rotate(record.id, { gracePeriodMs: 60_000 })
    for (const [colorScheme, width] of [
      ['light', 390],
      ['dark', 1440],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await open(host, {
        style: `:root { color-scheme: ${colorScheme} } body { background: Canvas; color: CanvasText }`,
      })
      await button('checkout-worker').last().click()
      const list = await findings()
      await button('Create key').click()
      await dialog().getByLabel('Only these addresses').check()
      await inDialog('Create key').click()
      expect([colorScheme, width, list, await findings()]).toEqual([colorScheme, width, [], []])
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0)
    }
  })

  async function findings() {
    // Past the policy, which lets no script in but the page's own.
    const session = await page.context().newCDPSession(page)
    await session.send('Runtime.evaluate', { expression: axe.source })
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document),
    )
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
  }
})

describe('the file', () => {
  it('weighs less than 60 kB on the wire, and is asked for again only when it has changed', async () => {
    const host = await hostOf()
    expect(gzipSync(await readFile(FILE)).length).toBeLessThan(60_000)
    const first = await fetch(`${host.page}gosend-keys.js`)
    expect(first.headers.get('cache-control')).toBe('no-cache')
    const etag = first.headers.get('etag') ?? ''
    const [again] = await exchange(host.port, get('/dashboard/gosend-keys.js', `If-None-Match: ${etag}`))
    expect([first.status, again?.status, again?.body]).toEqual([200, 304, ''])
  })

  it('can be imported where there is no browser', async () => {
    expect(Object.keys(await import('@gosend/express-adapter/element'))).toEqual(['GosendKeys'])
  })
})

describe('a page of another origin', () => {
  const TOKEN = 'Bearer of-ana'

  async function elsewhere(isNamed: boolean) {
    const site = express()
    site.get('/gosend-keys.js', (_request, response) => response.sendFile(FILE))
    const { port } = await listen(site)
    const origin = `http://localhost:${port}`
    const host = await hostOf({
      authorize: ({ headers }) => (headers.authorization === TOKEN ? ['1'] : null),
      ...(isNamed && { allowedOrigins: [origin] }),
    })
    site.get('/page.js', (_request, response) => {
      response
        .type('js')
        .send(`document.querySelector('gosend-keys').headers = async () => ({ Authorization: '${TOKEN}' })`)
    })
    site.get('/', (_request, response) => {
      response
        .set('Content-Security-Policy', POLICY.replace("connect-src 'self'", `connect-src ${host.url}`))
        .type('html')
        .send(`<!doctype html><title>Console</title><gosend-keys management="${host.url}/admin" project="1"></gosend-keys>
          <script type="module" src="/page.js"></script><script type="module" src="/gosend-keys.js"></script>`)
    })
    await page.goto(origin)
    return { host, origin }
  }

  it('manages keys where the host has named it, by what the host’s login goes by', async () => {
    const { host } = await elsewhere(true)
    await button('Create key').click()
    await dialog().getByLabel('Label').fill('console')
    await inDialog('Create key').click()
    await dialog().getByRole('heading', { name: 'Save your key' }).waitFor()
    expect(await host.apiKeys.list({ projectId: '1' })).toMatchObject([{ label: 'console' }])
  })

  it('is told what to do where the host has not', async () => {
    const { origin } = await elsewhere(false)
    await page.getByText(`must be named in the allowedOrigins of its managementRouter: ${origin}.`).waitFor()
  })
})

describe('a product made with React', () => {
  let script: string
  beforeAll(async () => {
    const built = (await build({
      configFile: false,
      logLevel: 'error',
      root: path.join(import.meta.dirname, 'fixtures/react-app'),
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        write: false,
        lib: { entry: 'client.jsx', formats: ['es'], fileName: () => 'client.js' },
        rolldownOptions: { output: { codeSplitting: false } },
      },
    })) as Rolldown.RolldownOutput[]
    script = built[0]?.output[0].code ?? ''
  })

  it('shows what a server has rendered, goes on with it, and passes attributes and events', async () => {
    const { App } = (await import('./fixtures/react-app/app.jsx' as string)) as { App: () => null }
    const rendered = renderToString(createElement(App))
    expect(rendered).toContain('<gosend-keys class="keys" management="/admin" project="1" theme="dark">')
    // No request of it may go without, not even the first of an element that is added later.
    const host = await hostOf({
      authorize: ({ headers }) => (headers['x-product'] === 'acme' ? 'all' : null),
    })
    await issue(host, 'of-globex', '2')
    host.app.get('/client.js', (_request, response) => response.type('js').send(script))
    host.app.get('/react', (_request, response) => {
      response
        .set('Content-Security-Policy', POLICY)
        .type('html')
        .send(
          `<!doctype html><title>React</title><div id="app">${rendered}</div><script type="module" src="/client.js"></script>`,
        )
    })
    await page.goto(`${host.url}/react`)
    await button('Create key').click()
    await dialog().getByLabel('Label').fill('from-react')
    await inDialog('Create key').click()
    await page.getByText('1: from-react').waitFor()
    await inDialog('Done').click()
    await inDialog('Close without the key').click()
    await button('Globex').click()
    await button('of-globex').waitFor()
    expect(await button('Create key').count()).toBe(0)
    expect(await page.locator('output').innerText()).toBe('1: from-react')
    expect(await page.evaluate(() => (globalThis as unknown as { recovered: string[] }).recovered)).toEqual(
      [],
    )
  })
})
