// The language of the dashboard: one that is shipped, and one that a host gives. No text of the page may come from anywhere else.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DashboardLocale, dashboard } from '../src/index.js'
import { de } from '../src/locale/dashboard/de.js'
import { es } from '../src/locale/dashboard/es.js'
import { dashboardMessages } from '../src/locale/dashboard/messages.js'
import { pt } from '../src/locale/dashboard/pt.js'
import { de as keysInGerman } from '../src/locale/de.js'
import { failures, messages } from '../src/locale/messages.js'
import { ADMIN_KEY } from './management-host.js'
import { type Browser, openBrowser } from './support/browser.js'
import { type DashboardHost, dashboardHost, seed } from './support/dashboard-host.js'

/** The same text in letters that no other text has. Values stay as they are. */
const wide = (text: string) =>
  text.replace(/\{\w+\}|[A-Za-z]/g, (part) =>
    part.startsWith('{') ? part : String.fromCodePoint((part.codePointAt(0) ?? 0) + 0xfee0),
  )

const english = { ...messages, ...failures, ...dashboardMessages }

/** A language in which every text of the page is known by its letters, and no date has letters of ours. */
const inWideLetters: DashboardLocale = {
  language: 'ja',
  messages: Object.fromEntries(
    Object.entries(english).map(([name, text]) => [name, wide(text)]),
  ) as unknown as DashboardLocale['messages'],
}

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser({ viewport: { width: 1440, height: 900 } })
})
afterAll(() => browser?.close())

describe('a language that the host gives', () => {
  let host: DashboardHost
  let page: Page
  let keyId: string
  let data: readonly string[]

  beforeAll(async () => {
    host = await dashboardHost({ dashboard: { locale: inWideLetters } })
    await seed(host)
    const guarded = { projectId: '1', environment: 'production', label: 'nowhere' } as const
    const { key, record } = await host.apiKeys.issue({ ...guarded, allowedIps: [] })
    await fetch(`${host.url}/v1/me`, { headers: { 'X-API-Key': key } })
    const keys = await host.apiKeys.list({ projectId: '1' })
    keyId = record.id
    data = [
      ...keys.flatMap(({ id, label, hint }) => [id, label, hint]),
      ...['anna@acme.example', 'joe@acme.example', 'admin key', 'production', 'sandbox', 'Acme', 'Globex'],
      ...['messages:write', 'messages:read', '2001:db8::/32', 'https://example.com/webhooks'],
    ]
    page = await browser.context.newPage()
    page.setDefaultTimeout(15_000)
    await page.goto(`${host.page}#key=${ADMIN_KEY}`)
    await page.getByText('checkout-worker').waitFor()
  })
  afterAll(async () => {
    await page?.close()
    await host?.close()
  })

  const t = (name: keyof typeof english) => wide(english[name])
  const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
  const click = (name: keyof typeof english) =>
    page
      .getByRole('button', { name: t(name), exact: true })
      .last()
      .click()
  const at = (place: string) => page.goto(`${host.page}#/projects/${place}`)
  const closed = async () => {
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  const views: Readonly<Record<string, () => Promise<unknown>>> = {
    keys: () => at('1/keys'),
    'chosen keys': async () => {
      await page.getByLabel(t('selectAll')).check()
      await page.getByRole('toolbar').getByRole('button').first().click()
      await page.getByRole('dialog').waitFor()
    },
    'a narrowed list': async () => {
      await closed()
      await page.getByRole('searchbox').fill('nothing like it')
      await heading(t('noMatch'))
      await click('filterSave')
      await page.getByRole('dialog').waitFor()
    },
    'a form with mistakes': async () => {
      await closed()
      await page.getByRole('searchbox').fill('')
      await click('create')
      await page.getByRole('combobox', { name: t('expires') }).selectOption('date')
      await page.getByRole('textbox', { name: t('scopes') }).fill('"')
      await page.getByLabel(t('restricted')).check()
      await page.getByRole('textbox', { name: t('allowlist') }).fill('nonsense 10.0.0.1/8')
      await click('create')
    },
    'a new key': async () => {
      await closed()
      await click('create')
      await page.getByLabel(t('label')).fill('nowhere')
      await click('create')
      await heading(t('newTitle'))
      await page.keyboard.press('Escape')
      await page.getByText(t('notCopiedYet')).waitFor()
    },
    'a key': async () => {
      await click('closeWithoutKey')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await at(`1/keys/${keyId}`)
      await heading(t('refusals'))
    },
    'an address to allow': async () => {
      await page.getByRole('button', { name: `${t('allow')} 127.0.0.1` }).click()
      await page.getByRole('dialog').waitFor()
    },
    'rotating a key': async () => {
      await closed()
      await click('action.rotate')
      await page.getByRole('dialog').waitFor()
    },
    'revoking a key': async () => {
      await closed()
      await click('action.revoke')
      await page.getByRole('dialog').waitFor()
    },
    'disabling a key': async () => {
      await closed()
      await click('action.disable')
      await page.getByRole('dialog').waitFor()
    },
    usage: async () => {
      await at('1/usage')
      await heading(t('busiest'))
      await page.getByText(t('asTable')).click()
      await page.getByRole('slider').focus()
      await page.keyboard.press('ArrowLeft')
    },
    'checking a key': async () => {
      await at('1/check')
      await page.getByLabel(t('key')).fill('nonsense')
      await click('checkAction')
      await page.getByText(t('malformed.start')).waitFor()
    },
    activity: async () => {
      await at('1/activity')
      await page.getByText('joe@acme.example').first().waitFor()
    },
    settings: async () => {
      await at('1/settings')
      await page.getByLabel(t('webhookUrl')).fill('nonsense')
      await click('suspend')
      await page.getByRole('dialog').waitFor()
    },
    'a new project': async () => {
      await closed()
      await click('projectNew')
      await click('projectCreate')
      await page.getByText(t('projectNameMissing')).waitFor()
    },
    'the list of places': async () => {
      await closed()
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: t('goTo') }).fill('nothing like it')
      await page.getByText(t('placesNone')).waitFor()
    },
    shortcuts: async () => {
      await closed()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
    'what the service refuses': async () => {
      await closed()
      await at(`1/keys/${keyId}`)
      await click('action.disable')
      await page.getByRole('dialog').waitFor()
      await host.apiKeys.revoke(keyId, { actor: 'joe@acme.example' })
      await click('action.disable')
      await page.getByText(t('failed.conflict')).waitFor()
    },
    'no keys': async () => {
      await closed()
      await at('2/keys')
      await heading(t('noKeys'))
    },
    'a key that is not there': async () => {
      await at('1/keys/nowhere')
      await heading(t('keyUnknown'))
    },
    'a project that is not there': async () => {
      await at('99/keys')
      await heading(t('projectUnknown'))
    },
    'the way in': async () => {
      await click('signOut')
      await page.getByLabel(t('adminKey')).fill('wrong')
      await click('signIn')
      await page.getByText(t('adminKeyWrong')).waitFor()
    },
  }

  it.each(Object.keys(views))('is all that the page speaks: %s', async (name) => {
    await views[name]?.()
    expect(await page.evaluate(lettersOutside, data)).toEqual([])
  })

  it('is not passed over by style sheets', async () => {
    const contents = await page.evaluate(() => {
      const contentsOf = (rules: CSSRuleList): readonly string[] =>
        [...rules].flatMap((rule) => [
          ...(rule instanceof CSSStyleRule ? [rule.style.content] : []),
          ...('cssRules' in rule ? contentsOf(rule.cssRules as CSSRuleList) : []),
        ])
      return [...document.styleSheets].flatMap((sheet) => contentsOf(sheet.cssRules))
    })
    expect(contents.filter((content) => /"[^"]*[A-Za-z]/.test(content))).toEqual([])
    expect(contents).toContain('""')
  })

  it('comes as one file that is kept for good, and is refused where it names a text that there is not', async () => {
    const sent = await (await fetch(host.page)).text()
    const [, file] = /href="\.\/(texts-[0-9a-f]+\.json)"/.exec(sent) ?? []
    const texts = await fetch(`${host.page}${file}`)
    expect(texts.headers.get('cache-control')).toContain('immutable')
    expect(await texts.json()).toEqual(inWideLetters.messages)
    const wrong = { language: 'fr', messages: { ...english, creat: 'Créer' } }
    expect(() => dashboard({ management: '/admin', locale: wrong })).toThrow(
      'locale.messages.creat: no such text; did you mean create?',
    )
    const few = { language: 'fr', messages: { create: 'Créer' } } as unknown as DashboardLocale
    const partial = await dashboardHost({ dashboard: { locale: few } })
    const [, other] =
      /href="\.\/(texts-[0-9a-f]+\.json)"/.exec(await (await fetch(partial.page)).text()) ?? []
    const filled = await (await fetch(`${partial.page}${other}`)).json()
    expect(filled, 'in English what the host leaves out').toEqual({ ...english, create: 'Créer' })
    expect(() => dashboard({ management: '/admin', locale: 'fr' })).toThrow('locale: must be en, es, pt, de,')
    expect(() => dashboard({ management: '/admin', locale: { ...wrong, language: '?' } })).toThrow(
      'locale.language: must be a language tag',
    )
  })
})

describe('a language that is shipped', () => {
  it('is what the page speaks, with the dates of its region', async () => {
    const host = await dashboardHost({ dashboard: { locale: 'de-AT' } })
    const page = await browser.context.newPage()
    try {
      const { record } = await host.apiKeys.issue({
        projectId: '1',
        environment: 'production',
        label: 'erster',
      })
      await page.goto(`${host.page}#key=${ADMIN_KEY}`)
      await page.getByRole('heading', { name: keysInGerman.messages.title }).waitFor()
      await page.getByText('1 Schlüssel').waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('de-AT')
      expect(await page.title()).toBe('API-Schlüssel · Acme · API-Schlüssel')
      await page.getByRole('link', { name: 'erster' }).click()
      const created = await page.evaluate((at) => {
        const format = new Intl.DateTimeFormat('de-AT', { dateStyle: 'medium', timeStyle: 'long' })
        return format.format(new Date(at))
      }, record.createdAt.toISOString())
      await page.getByText(created).waitFor()
    } finally {
      await page.close()
      await host.close()
    }
  })

  it.each(['de', 'pt'])('fits the narrowest phone, long words and all: %s', async (locale) => {
    const host = await dashboardHost({ dashboard: { locale } })
    const page = await browser.context.newPage()
    try {
      await seed(host)
      await page.setViewportSize({ width: 320, height: 700 })
      await page.goto(`${host.page}#key=${ADMIN_KEY}`)
      const label = page.getByRole('link', { name: 'ci-integration-tests' })
      await label.waitFor()
      const widths = () =>
        page.evaluate(() => {
          const shown = [...document.querySelectorAll('.key-link, .switcher select')]
          return [document.documentElement.scrollWidth, ...shown.map(({ clientWidth }) => clientWidth)]
        })
      const [pageWidth, ...legible] = await widths()
      expect(pageWidth).toBe(320)
      expect(legible).toHaveLength(10)
      expect(Math.min(...legible)).toBeGreaterThan(90)
      await page.keyboard.press('c')
      await page.getByRole('dialog').waitFor()
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll('dialog *')]
          .filter((one) => one.getBoundingClientRect().right > 313)
          .map(({ outerHTML }) => outerHTML),
      )
      expect(outside).toEqual([])
      await page.keyboard.press('Escape')
      for (const view of ['usage', 'activity', 'check', 'settings']) {
        await page.evaluate((hash) => location.assign(hash), `#/projects/1/${view}`)
        await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.skeleton'))
        expect([view, (await widths())[0]]).toEqual([view, 320])
      }
    } finally {
      await page.close()
      await host.close()
    }
  })

  it.each([
    ['German', de],
    ['Spanish', es],
    ['Portuguese', pt],
  ])('has values in the same places: %s', (_name, texts) => {
    const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort()
    for (const [name, text] of Object.entries(dashboardMessages))
      expect([name, ...places(texts[name as keyof typeof dashboardMessages])]).toEqual([
        name,
        ...places(text),
      ])
  })
})

/** Every text of the page that has letters of ours, but for what people have entered, and code, keys and times. Runs in the page. */
function lettersOutside(data: readonly string[]): readonly string[] {
  const longest = [...data].sort((a, b) => b.length - a.length)
  const isForeign = (text: string) =>
    /[A-Za-z]/.test(
      longest
        .reduce((left, part) => left.replaceAll(part, ''), text)
        .replace(/\bUTC\b|nothing like it|nonsense|\b[0-9A-Za-z]{12}\b/g, ''),
    )
  const found = [document.title].filter(isForeign)
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const { parentElement, textContent } = node
    if (parentElement?.closest('code, kbd, time, noscript, .plot-canvas') || textContent === null) continue
    if (isForeign(textContent)) found.push(textContent)
  }
  for (const element of document.body.querySelectorAll('*:not(time)'))
    for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt']) {
      const text = element.getAttribute(name)
      if (text !== null && isForeign(text)) found.push(`${name}: ${text}`)
    }
  return found
}
