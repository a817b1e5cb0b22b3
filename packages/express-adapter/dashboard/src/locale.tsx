// The language of a page: every text by its name, with values filled in.

import { type Words, WordsProvider } from '@gosend/dashboard-ui'
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useMemo } from 'preact/hooks'
import {
  messages as english,
  type LocaleBundle,
  type MessageName,
  type Messages,
} from '../../src/locale/messages.js'

/** A text that a bundle lacks is English. */
export interface Locale extends Pick<LocaleBundle, 'language'> {
  readonly messages: Partial<Messages>
}

export type Translate = (name: MessageName, values?: Readonly<Record<string, string | number>>) => string

export const translator =
  ({ messages }: Locale): Translate =>
  (name, values = {}) => {
    const text = messages[name] ?? english[name]
    return text.replace(/\{(\w+)\}/g, (whole, value: string) => String(values[value] ?? whole))
  }

export const inEnglish: Locale = { language: 'en', messages: english }
export const translateToEnglish = translator(inEnglish)

const Context = createContext(inEnglish)

export interface LocaleProviderProps {
  readonly locale: Locale
  readonly children: ComponentChildren
}

export function LocaleProvider({ locale, children }: LocaleProviderProps) {
  return (
    <Context.Provider value={locale}>
      <WordsProvider value={useMemo(() => wordsOf(locale), [locale])}>{children}</WordsProvider>
    </Context.Provider>
  )
}

function wordsOf(locale: Locale): Words {
  const t = translator(locale)
  return {
    language: locale.language,
    close: t('close'),
    cancel: t('cancel'),
    retry: t('retry'),
    justNow: t('justNow'),
    unreachable: t('unreachable'),
    loggedOut: t('loggedOut'),
    answered: t('answered'),
    broken: t('broken'),
  }
}

export function useTranslate(): Translate {
  const locale = useContext(Context)
  return useMemo(() => translator(locale), [locale])
}

/** The parts of a text with an element in the place of `{name}`. */
export function withElement(text: string, name: string, element: ComponentChildren): ComponentChildren {
  const [before, after] = text.split(`{${name}}`)
  return (
    <>
      {before}
      {element}
      {after}
    </>
  )
}
