// Pages in a real browser that reach the management API by way of nginx, or from another origin.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import express from 'express'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { listen } from './host.js'
import { ADMIN_KEY } from './management-host.js'
import { type Browser, openBrowser } from './support/browser.js'
import { type DashboardHostOptions, dashboardHost } from './support/dashboard-host.js'
import { startNginx } from './support/nginx.js'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

async function host(options: DashboardHostOptions = {}) {
  const started = await dashboardHost(options)
  onTestFinished(() => started.close())
  return started
}

async function openPage(address: string): Promise<Page> {
  const page = await browser.context.newPage()
  onTestFinished(() => page.close())
  page.setDefaultTimeout(15_000)
  await page.goto(address)
  return page
}

describe('the dashboard behind nginx', () => {
  it('as it is: people sign in, create a key and use it', async () => {
    const { apiKeys, port } = await host()
    const document = await readFile(path.join(import.meta.dirname, '../PROXIES.md'), 'utf8')
    const block = /```nginx\n(.*?)```/s.exec(document)?.[1] ?? ''
    const nginx = await startNginx(block.replace(':3000', `:${port}`))
    onTestFinished(() => nginx.close())

    const page = await openPage(`${nginx.url}/dashboard/`)
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    await page.getByLabel('Admin key').fill(ADMIN_KEY)
    await button('Sign in').click()
    await button('Create key').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Label').fill('behind-nginx')
    await dialog.getByRole('button', { name: 'Create key', exact: true }).click()
    const key = await dialog.locator('code', { hasText: /^gsk_/ }).first().innerText()

    expect(await apiKeys.list({ projectId: '1' })).toMatchObject([{ label: 'behind-nginx' }])
    const used = await fetch(`${nginx.url}/v1/me`, { headers: { 'X-API-Key': key } })
    expect(used.status).toBe(200)
  })
})

describe('a page of another origin', () => {
  it('manages keys where the host has named it, and nowhere else', async () => {
    const site = express().use(
      (_request, response) => void response.type('html').send('<title>Console</title>'),
    )
    const { port } = await listen(site)
    const origin = `http://localhost:${port}`
    const page = await openPage(origin)
    const create = (url: string) =>
      page.evaluate(
        async ([url, adminKey]) => {
          const response = await fetch(`${url}/admin/projects/1/keys`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', 'X-Admin-Key': adminKey ?? '' },
            body: '{"label":"console","environment":"production"}',
          }).catch(() => undefined)
          return response?.json()
        },
        [url, ADMIN_KEY],
      )
    const naming = await host({ management: { allowedOrigins: [origin] } })
    expect(await create(naming.url)).toMatchObject({ label: 'console', key: expect.stringMatching(/^gsk_/) })
    const silent = await host()
    expect(await create(silent.url)).toBeUndefined()
    expect(await silent.apiKeys.list({ projectId: '1' })).toEqual([])
  })
})
