// The language of a page: every text by its name, with values filled in.

import { numberOf, readersOwn, type Words, WordsProvider } from '@gosend/dashboard-ui'
import { type ComponentChildren, createContext, Fragment } from 'preact'
import { useContext, useMemo } from 'preact/hooks'
import type { DashboardMessageName } from '../../src/locale/dashboard/messages.js'
import { messages as english, type MessageName } from '../../src/locale/messages.js'

/** Every text that the page has, in one language. */
export interface Locale {
  readonly language: string
  readonly messages: Readonly<Record<string, string>>
}

type Values = Readonly<Record<string, string | number>>

/** A text whose words depend on a number takes that as `count`. Numbers are written as the reader is used to. */
export type Translate<Name = MessageName> = (name: Name, values?: Values) => string

/** What the dashboard has, and <gosend-keys> has not. */
export type DashboardTranslate = Translate<MessageName | DashboardMessageName>

export function translator({ language, messages }: Locale): Translate {
  // Dear to make, and many texts have no number.
  let plural: Intl.PluralRules | undefined
  const categoryOf = (count: number) => {
    plural ??= new Intl.PluralRules(language)
    return plural.select(count)
  }
  return (name, values = {}) => {
    const { count } = values
    const category = typeof count === 'number' ? categoryOf(count) : 'other'
    const text = messages[name] ?? messages[`${name}.${category}`] ?? messages[`${name}.other`] ?? name
    return text.replace(PLACE, (whole, value: string) => {
      const given = values[value] ?? whole
      return typeof given === 'number' ? numberOf(given, readersOwn(language)) : given
    })
  }
}

const PLACE = /\{(\w+)\}/g

export const inEnglish: Locale = { language: 'en', messages: english }
export const translateToEnglish = translator(inEnglish)

const Context = createContext<{ readonly locale: Locale; readonly translate: Translate }>({
  locale: inEnglish,
  translate: translateToEnglish,
})

export interface LocaleProviderProps {
  readonly locale: Locale
  readonly children: ComponentChildren
}

export function LocaleProvider({ locale, children }: LocaleProviderProps) {
  const value = useMemo(() => {
    const translate = translator(locale)
    return { locale, translate, words: wordsOf(locale, translate) }
  }, [locale])
  return (
    <Context.Provider value={value}>
      <WordsProvider value={value.words}>{children}</WordsProvider>
    </Context.Provider>
  )
}

// The API speaks English: in an English page it is quoted, since it often knows more than our words say.
const wordsOf = ({ language, messages }: Locale, t: Translate): Words => ({
  language: readersOwn(language),
  close: t('close'),
  cancel: t('cancel'),
  retry: t('retry'),
  justNow: t('justNow'),
  loading: t('loading'),
  unreachable: t('unreachable'),
  loggedOut: t('loggedOut'),
  answered: t('answered'),
  failed: (code, message) =>
    /^en\b/i.test(language) ? undefined : messages[`failed.${code}`]?.replace('{message}', () => message),
  broken: t('broken'),
})

export const useTranslate = (): Translate => useContext(Context).translate

/** For parts that only the dashboard has. */
export const useTexts = (): DashboardTranslate => useContext(Context).translate as DashboardTranslate

/** A text with elements in the place of `{name}`. */
export function withElements(
  text: string,
  elements: Readonly<Record<string, ComponentChildren>>,
): ComponentChildren {
  return text
    .split(PLACE)
    .map((part, place) => <Fragment key={place}>{place % 2 === 0 ? part : elements[part]}</Fragment>)
}
