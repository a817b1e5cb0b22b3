// Starts the page.

import { render } from 'preact'
import { dashboardMessages } from '../../src/locale/dashboard/messages.js'
import { App } from './app.js'
import { inEnglish, type Locale, LocaleProvider } from './locale.js'
import { settings } from './settings.js'
import { showChosenTheme } from './ui/chosen-theme.js'
import '@gosend/dashboard-ui/styles.css'
import './styles/layout.css'
import './styles/keys.css'
import './styles/lists.css'

document.title = settings.title
// Again, where the script that the page begins with could not.
showChosenTheme()
void readLocale().then((locale) => {
  const place = document.getElementById('app')
  if (place !== null)
    render(
      <LocaleProvider locale={locale}>
        <App />
      </LocaleProvider>,
      place,
    )
})

async function readLocale(): Promise<Locale> {
  const { language, texts } = settings.locale
  const inPage = { ...inEnglish.messages, ...dashboardMessages }
  if (texts === null) return { language, messages: inPage }
  try {
    const answer = await fetch(texts)
    if (!answer.ok) throw new Error(answer.statusText)
    return { language, messages: { ...inPage, ...(await answer.json()) } }
  } catch {
    // Better in English than not at all.
    return { language: 'en', messages: inPage }
  }
}
