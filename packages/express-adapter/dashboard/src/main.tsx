// Starts the page.

import { render } from 'preact'
import { App } from './app.js'
import { inEnglish, LocaleProvider } from './locale.js'
import { takeKeyFromAddress } from './session.js'
import { settings } from './settings.js'
import '@gosend/dashboard-ui/styles.css'
import './styles/layout.css'
import './styles/keys.css'
import './styles/lists.css'
import './styles/usage.css'

document.title = settings.title
const place = document.getElementById('app')
if (place !== null)
  render(
    <LocaleProvider locale={inEnglish}>
      <App adminKey={takeKeyFromAddress()} />
    </LocaleProvider>,
    place,
  )
