// The languages of the dashboard: those that come with the package, and what a host may give instead.

import {
  type Check,
  didYouMean,
  fitting,
  mapOf,
  OptionError,
  object,
  required,
  shown,
  text,
} from '@gosend/options'
import { de as dashboardInGerman } from './dashboard/de.js'
import { es as dashboardInSpanish } from './dashboard/es.js'
import { type DashboardLocale, type DashboardMessages, dashboardMessages } from './dashboard/messages.js'
import { pt as dashboardInPortuguese } from './dashboard/pt.js'
import { de } from './de.js'
import { es } from './es.js'
import { failures, type Messages, messages } from './messages.js'
import { pt } from './pt.js'

const english: Messages & DashboardMessages = { ...messages, ...failures, ...dashboardMessages }

const shipped: Readonly<Record<string, Messages & DashboardMessages>> = {
  en: english,
  es: { ...es.messages, ...dashboardInSpanish },
  pt: { ...pt.messages, ...dashboardInPortuguese },
  de: { ...de.messages, ...dashboardInGerman },
}

const COMPLAINT = `must be ${Object.keys(shipped).join(', ')}, one of these with a region such as es-MX, or { language, messages }`

const tag: Check<string> = fitting(isTag, 'must be a language tag such as fr or pt-PT')

function isTag(value: unknown): boolean {
  try {
    return typeof value === 'string' && Intl.getCanonicalLocales(value).length === 1
  } catch {
    return false
  }
}

const names = Object.keys(english)
/** A text for each form that a number takes in the language. */
const PLURAL = /\.(?:zero|one|two|few|many)$/

const texts: Check<Messages & DashboardMessages> = (value, path) => {
  const given = mapOf(text)(value, path)
  for (const name of Object.keys(given))
    if (!Object.hasOwn(english, name.replace(PLURAL, '.other')) && !Object.hasOwn(english, name))
      throw new OptionError(`${path}.${shown(name)}`, `no such text${didYouMean(name, names)}`)
  return { ...english, ...given }
}

const bundle = object<DashboardLocale>({ language: required(tag), messages: required(texts) })

/** A shipped language by its tag, or what the host gives, with English for the texts that it lacks. */
export const localeOption: Check<DashboardLocale> = (value, path) => {
  if (typeof value === 'object') return bundle(value, path)
  const [language = ''] = String(value).toLowerCase().split('-', 1)
  const messages = Object.hasOwn(shipped, language) ? shipped[language] : undefined
  if (messages === undefined || !isTag(value)) throw new OptionError(path, COMPLAINT)
  return { language: String(value), messages }
}

/** What the page has without loading anything. */
export const inEnglish: DashboardLocale = { language: 'en', messages: english }
