// The pages for any API: what the dashboard of a mock with a document of its own shows.

import { controlsPage } from './controls/controls-page.js'
import { requestsPage } from './requests/requests-page.js'
import { storedPage } from './stored/stored-page.js'
import { tryPage } from './try/try-page.js'
import { webhooksPage } from './webhooks/webhooks-page.js'
import './controls/controls.css'
import './styles.css'
import './webhooks/webhooks.css'

export const pages = [requestsPage, tryPage, storedPage, webhooksPage, controlsPage]
