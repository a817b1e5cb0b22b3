// Which language the element speaks.

import type { GosendKeysLocale } from '../../../element/src/index.js'
import { de } from '../../../src/locale/de.js'
import { es } from '../../../src/locale/es.js'
import { pt } from '../../../src/locale/pt.js'
import { inEnglish, type Locale } from '../locale.js'

const shipped: Readonly<Record<string, GosendKeysLocale>> = { en: inEnglish, es, pt, de }

const known = new Map<string, Locale>()
const given = new WeakMap<GosendKeysLocale, Locale>()

/** The host's own bundle, else the shipped one for a tag such as `es-MX`, else English: the same object each time. */
export function localeOf(bundle: GosendKeysLocale | undefined, tag = 'en'): Locale {
  if (bundle === undefined) {
    const found = known.get(tag) ?? shippedAs(tag)
    known.set(tag, found)
    return found
  }
  const whole = given.get(bundle) ?? complete(bundle)
  given.set(bundle, whole)
  return whole
}

function shippedAs(tag: string): Locale {
  const [language = ''] = tag.toLowerCase().split('-', 1)
  const locale = Object.hasOwn(shipped, language) ? shipped[language] : undefined
  return locale === undefined ? inEnglish : complete({ ...locale, language: tag })
}

/** A text that a bundle lacks is English. */
const complete = ({ language, messages }: GosendKeysLocale): Locale => ({
  language,
  messages: { ...inEnglish.messages, ...messages },
})
