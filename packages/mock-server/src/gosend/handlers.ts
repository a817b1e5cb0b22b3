// GoSendAPI's own rules, on the same hook that anyone's rules use: each area of the API adds its part.

import type { Handlers } from '../handlers.js'
import type { Rules } from '../rules.js'
import { accountHandlers, seedAccounts, WABAS, type Waba } from './accounts.js'
import { conversationHandlers, conversationJobs } from './conversations.js'
import { mediaHandlers } from './media.js'
import { createMessageHandlers, messageJobs } from './messages.js'
import { createPlans, type RateLimits } from './plans.js'
import { createRateLimiter } from './rate-limits.js'
import { createSendingLimits, sendingJobs } from './sending-limits.js'
import { plantTemplates, templateHandlers, templateJobs } from './templates.js'
import { timestamp } from './time.js'

export interface GosendOptions {
  /** Default `documented`. */
  readonly rateLimits?: RateLimits | undefined
}

const projectHandlers: Handlers = {
  getMe({ project }) {
    const { id, name, webhookUrl, createdAt } = project
    return { body: { id, name, webhookUrl, createdAt: timestamp(createdAt) } }
  },
}

export function createGosendRules({ rateLimits = 'documented' }: GosendOptions = {}): Rules {
  const plans = createPlans(rateLimits)
  const limiter = createRateLimiter(plans)
  return {
    handlers: {
      ...projectHandlers,
      ...accountHandlers,
      ...createMessageHandlers(createSendingLimits(plans)),
      ...conversationHandlers,
      ...mediaHandlers,
      ...templateHandlers,
    },
    jobs: { ...messageJobs, ...conversationJobs, ...templateJobs, ...sendingJobs },
    guard: limiter.guard,
    controls: plans.controls,
    seed(context) {
      seedAccounts(context)
      for (const { id } of context.store.list<Waba>(WABAS)) plantTemplates(context, id)
    },
    forget() {
      plans.forget()
      limiter.forget()
    },
  }
}
