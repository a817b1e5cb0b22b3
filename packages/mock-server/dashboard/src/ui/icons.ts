// Line icons in a box of 24 by 24, as the dashboard's own.

import { icons as shared } from '@gosend/dashboard-ui'

export const icons = {
  ...shared,
  requests: 'M4 7h16M4 12h16M4 17h10',
  stored:
    'M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3Zm0 0v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3',
  controls: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18Zm0-14v5l3.5 2',
  messages: 'M4 5h16v11H9l-5 4V5Z',
  conversations: 'M7 2.5h10v19H7zM11 18.5h2',
  webhooks: 'M9.5 9a3.5 3.5 0 1 1 4.6 3.3l2.6 4.6M6.9 13A3.5 3.5 0 1 0 10 17.5h5.5M17 20a3 3 0 1 0 0-6',
  templates: 'M4 4h16v16H4zM4 9h16M9 9v11',
  recipients:
    'M9 11a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7Zm-6 9c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5M15.5 4.3a3.5 3.5 0 0 1 0 6.4M18 15c2 .8 3 2.6 3 5',
  send: 'M4 12 20 4l-5 16-3.5-6.5L4 12Z',
} as const
