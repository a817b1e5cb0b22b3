// The pages for GoSendAPI: those of any API, and views of messages, conversations, webhooks and templates.

import { controlsPage } from './controls/controls-page.js'
import { requestsPage } from './requests/requests-page.js'
import { storedPage } from './stored/stored-page.js'
import './styles.css'

export const pages = [requestsPage, storedPage, controlsPage]
