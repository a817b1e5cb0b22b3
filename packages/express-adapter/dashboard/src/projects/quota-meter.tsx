// How much of its quota a project has used this month.

import { shortDay, useWords } from '@gosend/dashboard-ui'
import type { Quota } from '../api.js'
import { useTexts } from '../locale.js'

const FEW_LEFT = 0.8

export function QuotaMeter({ quota }: { readonly quota: Quota }) {
  const { limit, used, resetsAt } = quota
  const t = useTexts()
  const { language } = useWords()
  const day = shortDay(resetsAt, language)
  const left = Math.max(0, limit - used)
  return (
    <section class="card" aria-labelledby="quota-title">
      <h2 id="quota-title">
        {t('quota')} <span class="figure">{t('quotaUsed', { used, limit })}</span>
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
        {left === 0 ? t('quotaNone', { day }) : t('quotaLeft', { count: left, day })}
      </p>
    </section>
  )
}
