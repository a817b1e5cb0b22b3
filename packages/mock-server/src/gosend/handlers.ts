// GoSendAPI's own rules, on the same hook that any API's handlers use.

import type { Handlers } from '../handlers.js'

/** `2026-01-15T10:00:00Z`: GoSendAPI shows fractions of a second only where there are some. */
const timestamp = (date: Date): string => date.toISOString().replace('.000Z', 'Z')

export const gosendHandlers: Handlers = {
  getMe({ project }) {
    const { id, name, webhookUrl, createdAt } = project
    return { body: { id, name, webhookUrl, createdAt: timestamp(createdAt) } }
  },
}
