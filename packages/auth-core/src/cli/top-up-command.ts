// `keys top-up`: more credits for a key, where the database that holds its key also holds the counts.

import type { Refill } from '../limits/allowance.js'
import { createLimits, type Limits, type Plan } from '../limits.js'
import type { Context } from './context.js'
import { required, UsageError, wholeNumber } from './flags.js'
import { keyId } from './key-commands.js'

export async function topUp({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  const id = keyId(operand, flags, terminal)
  const amount = wholeNumber('amount', required(flags, 'amount')) ?? 0
  const credits = await apiKeys.topUp(id, amount, { actor })
  if (flags.json) return terminal.printJson({ id, credits })
  terminal.note(`${id} has ${credits.toLocaleString('en')} credits left.`)
}

/** Limits that know as much of the plan of a key as the flags say. A budget of its own needs no plan. */
export function limitsOf({ flags, database }: Pick<Context, 'flags' | 'database'>): Pick<Limits, 'topUp'> {
  return {
    async topUp(record, amount, options) {
      const store = await database.limits(flags['limits-table'])
      const plan = planOf(flags)
      const limits = createLimits({
        ...{ store, plans: { given: plan }, planOf: () => 'given' as const, storeTimeoutMs: 15_000 },
      })
      if (plan.credits === undefined && record.delegation === undefined) {
        throw new UsageError(
          'the credits of this key are those of its plan; say what its plan gives: --credits 1000, and --refill 100/1d, --shared-by project if that is so',
        )
      }
      return limits.topUp(record, amount, options)
    },
  }
}

function planOf(flags: Context['flags']): Plan {
  const amount = wholeNumber('credits', flags.credits)
  if (amount === undefined) return {}
  const [given, per, ...more] = flags.refill?.split('/') ?? []
  const refillAmount = wholeNumber('refill', given)
  if (flags.refill !== undefined && (refillAmount === undefined || per === undefined || more.length > 0)) {
    throw new UsageError('--refill: must be like 100/1d or 5000/month')
  }
  const refill =
    refillAmount === undefined ? undefined : ({ amount: refillAmount, per: per as Refill['per'] } as const)
  return { credits: { amount, refill, by: flags['shared-by'] as NonNullable<Plan['credits']>['by'] } }
}
