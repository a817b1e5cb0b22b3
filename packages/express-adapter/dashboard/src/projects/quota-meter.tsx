// How much of its quota a project has used this month.

import { shortDay } from '@gosend/dashboard-ui'
import type { Quota } from '../api.js'

const FEW_LEFT = 0.8

export function QuotaMeter({ quota }: { readonly quota: Quota }) {
  const { limit, used, resetsAt } = quota
  const left = Math.max(0, limit - used)
  return (
    <section class="card" aria-labelledby="quota-title">
      <h2 id="quota-title">
        Quota of this month{' '}
        <span class="figure">
          {used.toLocaleString('en')} of {limit.toLocaleString('en')}
        </span>
      </h2>
      <meter
        min={0}
        max={limit}
        high={limit * FEW_LEFT}
        optimum={0}
        value={Math.min(used, limit)}
        aria-labelledby="quota-title"
      />
      <p class="hint quota-left">
        {left === 0
          ? 'Used up: requests are refused'
          : `${left.toLocaleString('en')} ${left === 1 ? 'request' : 'requests'} left`}{' '}
        until {shortDay(resetsAt)}, midnight UTC.
      </p>
    </section>
  )
}
