// The pages for GoSendAPI: those of any API, and views of messages, conversations, webhooks and templates.

import { controlsPage } from './controls/controls-page.js'
import { conversationsPage } from './gosend/conversations-page.js'
import { messagesPage } from './gosend/messages-page.js'
import { recipientsPage } from './gosend/recipients-page.js'
import { templatesPage } from './gosend/templates-page.js'
import { webhooksPage } from './gosend/webhooks-page.js'
import { requestsPage } from './requests/requests-page.js'
import { storedPage } from './stored/stored-page.js'
import { tryPage } from './try/try-page.js'
import './controls/controls.css'
import './styles.css'
import './webhooks/webhooks.css'
import './gosend/gosend.css'

export const pages = [
  requestsPage,
  tryPage,
  messagesPage,
  conversationsPage,
  webhooksPage,
  templatesPage,
  recipientsPage,
  storedPage,
  controlsPage,
]
