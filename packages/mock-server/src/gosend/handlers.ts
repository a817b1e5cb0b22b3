// GoSendAPI's own rules, on the same hook that anyone's rules use: each area of the API adds its part.

import { createWebhookSender, createWebhookTargets, type WebhookTargets } from '@gosend/auth-core/webhooks'
import type { Handlers } from '../rules/handlers.js'
import type { Rules } from '../rules/rules.js'
import { KEPT_ANSWER_BYTES } from '../webhooks/attempts.js'
import { readControlPaths } from './control-paths.js'
import { gosendControls } from './controls.js'
import { accountHandlers, seedAccounts, WABAS, type Waba } from './customers/accounts.js'
import { customerHandlers } from './customers/customers.js'
import { signUpPage } from './customers/signup-page.js'
import { dashboardControls } from './dashboard-controls.js'
import { invalid } from './invalid.js'
import { conversationHandlers, conversationJobs } from './messages/conversations.js'
import { messageJobs } from './messages/course.js'
import { MAX_UPLOAD_BYTES, mediaHandlers } from './messages/media.js'
import { createMessageHandlers } from './messages/messages.js'
import { createSendingLimits, sendingControls, sendingJobs } from './messages/sending-limits.js'
import { createPlans, type RateLimits } from './plans.js'
import { createRateLimiter } from './rate-limits.js'
import { plantTemplates, templateHandlers, templateJobs } from './templates/templates.js'
import { timestamp } from './time.js'
import { createDelivery } from './webhooks/deliveries.js'
import { DELIVER } from './webhooks/events.js'
import { webhookHandlers } from './webhooks/webhooks.js'

export interface GosendRulesOptions {
  /** Default `documented`. */
  readonly rateLimits?: RateLimits | undefined
  /** Hosts, addresses and networks besides this machine that webhooks may lead to. Default: none. */
  readonly allowWebhookHosts?: readonly string[] | undefined
}

const projectHandlers: Handlers = {
  getMe({ project }) {
    const { id, name, webhookUrl, createdAt } = project
    return { body: { id, name, webhookUrl, createdAt: timestamp(createdAt) } }
  },
}

export function createGosendRules({
  rateLimits = 'documented',
  allowWebhookHosts,
}: GosendRulesOptions = {}): Rules {
  const plans = createPlans(rateLimits)
  const limiter = createRateLimiter(plans)
  const targets = targetsOf(allowWebhookHosts)
  const send = createWebhookSender({ targets, userAgent: 'GoSendAPI-Webhooks', keptBytes: KEPT_ANSWER_BYTES })
  return {
    handlers: {
      ...projectHandlers,
      ...accountHandlers,
      ...createMessageHandlers(createSendingLimits(plans)),
      ...conversationHandlers,
      ...mediaHandlers,
      ...templateHandlers,
      ...webhookHandlers(targets),
      ...customerHandlers,
    },
    jobs: {
      ...{ ...messageJobs, ...conversationJobs, ...templateJobs, ...sendingJobs },
      [DELIVER]: createDelivery(send),
    },
    guard: limiter.guard,
    invalid,
    ownIdempotency: true,
    ownWebhooks: true,
    maxBodyBytes: MAX_UPLOAD_BYTES,
    controls: { ...plans.controls, ...sendingControls, ...gosendControls, ...dashboardControls },
    controlPaths: readControlPaths(),
    pages: { '/signup': signUpPage },
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

function targetsOf(allow: readonly string[] | undefined): WebhookTargets {
  try {
    const advice = (host: string) => `--allow-webhook-host ${host} lets them`
    return createWebhookTargets({ reach: 'loopback', allow, advice })
  } catch (error) {
    throw new TypeError(String((error as Error).message).replace(/^allow:/, 'allowWebhookHosts:'))
  }
}
