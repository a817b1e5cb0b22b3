// The dashboard's Express side, over HTTP.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import express from 'express'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accentStyles } from '../src/dashboard/accent.js'
import { dashboard } from '../src/index.js'
import { listen } from './host.js'
import { exchange, get } from './wire.js'

const extension = { name: 'sandbox', folder: new URL('./fixtures/extension/', import.meta.url) }

async function host(options = {}, mount = '/dashboard') {
  const app = express()
  app.disable('x-powered-by')
  app.use(mount, dashboard({ management: '/admin', ...options }))
  return listen(app)
}

async function pageOf(url: string) {
  const response = await fetch(url)
  const text = await response.text()
  const settings = /data-settings="([^"]*)"/.exec(text)?.[1]?.replaceAll('&quot;', '"') ?? '{}'
  const assets = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address)
  return { response, text, assets, settings: JSON.parse(settings) }
}

/** What a policy calls the one script that stands in a page. */
function hashOfScript(page: string): string {
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => script)
  expect(scripts).toHaveLength(1)
  return `sha256-${createHash('sha256')
    .update(scripts[0] ?? '')
    .digest('base64')}`
}

describe('the page', () => {
  it('may run and load nothing but its own files and the script that stands in it', async () => {
    const { url } = await host()
    const { response, text } = await pageOf(`${url}/dashboard/`)
    expect(response.status).toBe(200)
    const headers = Object.fromEntries(response.headers)
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    })
    const policy = headers['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`script-src 'self' '${hashOfScript(text)}';`)
    expect(policy).toContain("style-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/)
  })

  it.each(['/dashboard', '/internal/keys', '/a/b/c/d'])('works under %s', async (mount) => {
    const { url } = await host({}, mount)
    const { assets } = await pageOf(`${url}${mount}/`)
    expect(assets.length).toBeGreaterThanOrEqual(3)
    for (const address of assets) {
      expect(address).toMatch(/^\.\//)
      expect((await fetch(new URL(address, `${url}${mount}/`))).status).toBe(200)
    }
    const bare = await fetch(`${url}${mount}?from=mail`, { redirect: 'manual' })
    expect([bare.status, bare.headers.get('location')]).toEqual([302, `${mount.split('/').at(-1)}/`])
    expect((await fetch(`${url}${mount}`)).url).toBe(`${url}${mount}/`)
  })

  it('carries what the host chose, and nothing of it as markup', async () => {
    const title = `"><script>alert(1)</script>'&amp;`
    const { url } = await host({ title, variable: 'ACME_KEY', endpoint: '/v2/ping', login: '/login' })
    const { text, settings } = await pageOf(`${url}/dashboard/`)
    expect(text).not.toContain('<script>alert')
    expect(settings).toMatchObject({
      management: '/admin',
      variable: 'ACME_KEY',
      endpoint: '/v2/ping',
      login: '/login',
    })
  })
})

describe('what a host chooses', () => {
  it('who may frame the page, and nothing else of its policy', async () => {
    const { url } = await host({ frameAncestors: ['self', 'https://app.example.com'] })
    const { response, text } = await pageOf(`${url}/dashboard/`)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/; frame-ancestors 'self' https:\/\/app\.example\.com$/)
    expect(policy).toContain(`script-src 'self' '${hashOfScript(text)}';`)
    expect(response.headers.get('x-frame-options')).toBeNull()
  })

  it('a colour, in a file of its own whose address changes with it', async () => {
    const places = []
    for (const accent of ['#0f766e', '#fde047']) {
      const { url } = await host({ accent })
      const { assets } = await pageOf(`${url}/dashboard/`)
      const place = assets.find((address) => address.includes('accent-')) ?? ''
      const response = await fetch(new URL(place, `${url}/dashboard/`))
      expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8')
      expect(await response.text()).toContain(`--accent: ${accent};`)
      places.push(place)
    }
    expect(new Set(places).size).toBe(2)
  })

  it('any colour, of which links and what is pressed can be read', () => {
    const colour = fc
      .integer({ min: 0, max: 0xffffff })
      .map((value) => `#${value.toString(16).padStart(6, '0')}`)
    fc.assert(
      fc.property(colour, (accent) => {
        const styles = accentStyles(accent)
        const colourOf = (name: string) => new RegExp(`--${name}: (.*);`).exec(styles)?.[1] ?? ''
        const [light = '', dark = ''] = colourOf('link').match(/#[0-9a-f]{6}/g) ?? []
        expect(contrastOf(accent, colourOf('on-accent'))).toBeGreaterThanOrEqual(4.5)
        expect(contrastOf(light, '#ececf4')).toBeGreaterThanOrEqual(4.5)
        expect(contrastOf(dark, '#262638')).toBeGreaterThanOrEqual(4.5)
      }),
    )
  })
})

/** As WCAG 2.2 defines it. */
function contrastOf(...colours: readonly [string, string]): number {
  const luminances = colours.map((colour) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  })
  return (Math.max(...luminances) + 0.05) / (Math.min(...luminances) + 0.05)
}

describe('assets', () => {
  it('are kept for good, because their address changes with them', async () => {
    const { url } = await host()
    const { assets } = await pageOf(`${url}/dashboard/`)
    for (const address of assets) {
      // The build's name, or ours, for its content.
      expect(address).toMatch(/-(?:[\w-]{8}|[0-9a-f]{12})\.\w+$/)
      const response = await fetch(new URL(address, `${url}/dashboard/`))
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(response.headers.get('content-encoding')).toBe('gzip')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
      const plain = await fetch(new URL(address, `${url}/dashboard/`), {
        headers: { 'Accept-Encoding': 'identity' },
      })
      expect(plain.headers.get('content-encoding')).toBeNull()
      expect(await plain.text()).toBe(await response.text())
    }
  })

  it('have a file that extensions import by its name, which browsers ask for anew', async () => {
    const { url } = await host()
    const shared = await fetch(`${url}/dashboard/shared.js`)
    expect(shared.headers.get('cache-control')).toBe('no-cache')
    const names = [
      'render',
      'createContext',
      'useState',
      'useEffect',
      'jsx',
      'jsxs',
      'Fragment',
      'Virtualizer',
    ]
    const [, exported = ''] = /export ?\{([^}]*)\}/.exec(await shared.text()) ?? []
    const given = exported.split(',').map((one) => one.trim().split(' as ').at(-1))
    expect(given).toEqual(expect.arrayContaining(names))
  })

  it('weigh less than 48 kB on the wire as far as the first view needs them', async () => {
    const { url, port } = await host()
    const { assets } = await pageOf(`${url}/dashboard/`)
    let total = 0
    for (const address of ['./', ...assets]) {
      const path = new URL(address, `${url}/dashboard/`).pathname
      const [response] = await exchange(port, get(path, 'Accept-Encoding: gzip').replace('GET', 'HEAD'))
      total += Number(response?.headers['content-length'])
    }
    expect(total).toBeGreaterThan(10_000)
    expect(total).toBeLessThan(48_000)
  })

  it.each([
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/package.json',
    '/../../package.json',
    '/./assets/../../dashboard.js',
    '/.env',
    '/.env::$DATA',
    '/@fs/etc/passwd?raw??',
    '/assets/',
    '/assets',
    '/index.html',
    '/assets/x%00.js',
    '/\\..\\..\\package.json',
    '/__proto__',
    '/constructor',
    '//etc/passwd',
    '/assets/%',
  ])('%s is not there', async (path) => {
    const { port } = await host()
    const [response] = await exchange(port, get(`/dashboard${path}`))
    expect([400, 404]).toContain(response?.status)
    expect(response?.body).not.toContain('root:')
  })

  it('are only read', async () => {
    const { url } = await host()
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await fetch(`${url}/dashboard/`, { method })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD'])
    }
    const head = await fetch(`${url}/dashboard/`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})

describe('extensions', () => {
  it('are served like the rest, under an address that changes with their files', async () => {
    const { url } = await host({ extensions: [extension] })
    const { settings } = await pageOf(`${url}/dashboard/`)
    expect(settings.extensions).toEqual([
      {
        name: 'sandbox',
        script: expect.stringMatching(/^extensions\/sandbox\/[0-9a-f]{12}\/index\.js$/),
        style: expect.stringMatching(/^extensions\/sandbox\/[0-9a-f]{12}\/index\.css$/),
      },
    ])
    const script = await fetch(`${url}/dashboard/${settings.extensions[0].script}`)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await script.text()).toBe(await readFile(new URL('index.js', extension.folder), 'utf8'))
  })
})

describe('options', () => {
  it.each<[string, object]>([
    ['management', { management: undefined }],
    ['management', { management: 'admin' }],
    ['management', { management: 'https://api.example/admin' }],
    ['management', { management: '//evil.example' }],
    ['management', { management: '/\\evil.example' }],
    ['login', { login: 'javascript:alert(1)' }],
    ['login', { login: '//evil.example' }],
    ['logo', { logo: 'https://elsewhere.example/logo.svg' }],
    ['logo', { logo: 'data:image/svg+xml,<svg>' }],
    ['accent', { accent: 'red;} body { background: url(//evil.example)' }],
    ['accent', { accent: '#fff' }],
    ['features.usage', { features: { usage: 'no' } }],
    ['features.webhook', { features: { webhook: false } }],
    ['frameAncestors', { frameAncestors: 'self' }],
    ['frameAncestors\\[0\\]', { frameAncestors: ["'self'; script-src *"] }],
    ['frameAncestors\\[1\\]', { frameAncestors: ['self', 'https://*.example.com'] }],
    ['variable', { variable: 'rm -rf; X' }],
    ['extensions\\[0\\].name', { extensions: [{ ...extension, name: '../x' }] }],
    ['extensions\\[0\\].name', { extensions: [{ ...extension, name: 'keys' }] }],
    ['extensions', { extensions: [{ name: 'empty', folder: new URL('./support/', import.meta.url) }] }],
    ['home', { home: 'sandbox/log' }],
    ['home', { home: 'elsewhere' }],
  ])('a wrong %s is refused at construction: %o', (option, wrong) => {
    expect(() => dashboard({ management: '/admin', ...wrong })).toThrow(new RegExp(`^${option}: `))
  })

  it.each(['/admin', '/admin/', './admin', '../admin', '/a/b-c_d'])(
    '%s is a place for the management API',
    (management) => {
      expect(() => dashboard({ management })).not.toThrow()
    },
  )
})
