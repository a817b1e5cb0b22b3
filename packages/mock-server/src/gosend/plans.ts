// The plans and their figures: how much a key, a number, a WABA and a project may do. Another plan or other figures come
// from the control plane, or none at all from the start of the mock.

import { isObject } from '../engine/json.js'
import type { MockContext } from '../rules/context.js'
import type { Control } from '../rules/rules.js'

/** `documented`: requests and messages are counted and refused. `off`: nothing is refused. */
export type RateLimits = 'documented' | 'off'

/** Null is without a limit. */
export interface Figures {
  /** Of one key. */
  readonly requestsPerSecond: number | null
  /** Of one key, from midnight to midnight UTC. */
  readonly requestsPerDay: number | null
  /** Of the project, from the first of the month UTC. */
  readonly messagesPerMonth: number | null
  /** That wait for one number. */
  readonly queuedMessages: number | null
  /** With different people that one WABA may open in 24 hours. */
  readonly conversationsPerDay: number | null
}

const FIRST_TIER = { queuedMessages: 10_000, conversationsPerDay: 1_000 } as const

/** The monthly figures are the mock's own: none are documented. */
const PLANS = {
  sandbox: { ...FIRST_TIER, requestsPerSecond: 10, requestsPerDay: 1_000, messagesPerMonth: null },
  standard: { ...FIRST_TIER, requestsPerSecond: 100, requestsPerDay: 100_000, messagesPerMonth: 10_000 },
  high_volume: {
    ...FIRST_TIER,
    requestsPerSecond: 500,
    requestsPerDay: 1_000_000,
    messagesPerMonth: 100_000,
  },
} as const satisfies Readonly<Record<string, Figures>>

export type PlanName = keyof typeof PLANS

const NO_LIMITS: Figures = {
  requestsPerSecond: null,
  requestsPerDay: null,
  messagesPerMonth: null,
  queuedMessages: null,
  conversationsPerDay: null,
}

interface ChosenPlan {
  readonly plan?: PlanName
  readonly figures?: Partial<Figures>
}

export interface Plan {
  readonly name: PlanName
  /** What is documented for it, with what the control plane has changed. */
  readonly figures: Figures
  /** What requests are refused by. */
  readonly enforced: Figures
}

export interface Plans {
  of(context: MockContext): Plan
  readonly controls: Readonly<Record<string, Control>>
  forget(): void
}

const CHOSEN = 'plan'

/** @param mode what is in force as long as the control plane says nothing else. */
export function createPlans(mode: RateLimits): Plans {
  // Asked for with every request.
  const known = new Map<string, Plan>()

  const of = (context: MockContext): Plan => {
    const scope = `${context.project.id}/${context.environment}`
    const found = known.get(scope)
    if (found !== undefined) return found
    const chosen = context.store.get<ChosenPlan>(CHOSEN, CHOSEN) ?? {}
    const name = chosen.plan ?? (context.environment === 'sandbox' ? 'sandbox' : 'standard')
    const isOn = mode === 'documented' || chosen.plan !== undefined
    const plan: Plan = {
      name,
      figures: { ...PLANS[name], ...chosen.figures },
      enforced: { ...(isOn ? PLANS[name] : NO_LIMITS), ...chosen.figures },
    }
    known.set(scope, plan)
    return plan
  }

  const show = (context: MockContext) => {
    const { name, enforced } = of(context)
    return { plan: name, ...enforced }
  }

  return {
    of,
    forget: () => known.clear(),
    controls: {
      'GET /_mock/limits': show,
      'PUT /_mock/limits'(context) {
        context.store.put(CHOSEN, CHOSEN, readChoice(context.body))
        known.clear()
        return show(context)
      },
      'DELETE /_mock/limits'(context) {
        context.store.remove(CHOSEN, CHOSEN)
        known.clear()
        return show(context)
      },
    },
  }
}

const isPlanName = (name: unknown): name is PlanName => typeof name === 'string' && Object.hasOwn(PLANS, name)

/** `{ plan, requestsPerSecond, … }`, all optional; null lifts a limit. */
function readChoice(body: unknown): ChosenPlan {
  if (!isObject(body))
    throw new TypeError('Send an object with a plan, or with figures such as requestsPerSecond')
  const { plan, ...figures } = body
  if (plan !== undefined && !isPlanName(plan))
    throw new TypeError(`plan must be one of ${Object.keys(PLANS).join(', ')}`)
  for (const [name, value] of Object.entries(figures)) {
    if (!Object.hasOwn(NO_LIMITS, name)) throw new TypeError(`${name} is not a known member`)
    const isFigure = Number.isSafeInteger(value) && Number(value) >= 0
    if (value !== null && !isFigure) throw new TypeError(`${name} must be a whole number from 0, or null`)
  }
  return { figures, ...(plan === undefined ? {} : { plan }) }
}
