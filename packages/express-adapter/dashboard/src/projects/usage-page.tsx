// How much a project's keys are used.

import { numberOf, Problem, useResource, useWords } from '@gosend/dashboard-ui'
import { hrefTo } from '../address.js'
import { answer, api } from '../api.js'
import { OutcomeChart } from '../charts/outcome-chart.js'
import { EnvironmentBadge } from '../keys/badges.js'
import { useKeysById } from '../keys/use-keys.js'
import { useTexts } from '../locale.js'
import { QuotaMeter } from './quota-meter.js'

export interface UsagePageProps {
  readonly projectId: string
  /** Whether the service counts what came of requests. */
  readonly countsOutcomes: boolean
}

const SHOWN_KEYS = 20

export function UsagePage({ projectId, countsOutcomes }: UsagePageProps) {
  const t = useTexts()
  const { language } = useWords()
  const params = { path: { projectId } }
  const { data, problem, reload } = useResource(projectId, () =>
    answer(api.GET('/projects/{projectId}/usage', { params })),
  )
  const busiest = [...(data?.keys ?? [])].sort((a, b) => b.count - a.count).slice(0, SHOWN_KEYS)
  const byId = useKeysById(
    projectId,
    busiest.map(({ keyId }) => keyId),
  )

  return (
    <>
      <header class="page-head">
        <div>
          <h1>{t('usage')}</h1>
          <p class="lead">{t('usageLead')}</p>
        </div>
      </header>
      {data?.quota && <QuotaMeter quota={data.quota} />}
      <OutcomeChart projectId={projectId} countsOutcomes={countsOutcomes} />
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {data && busiest.length > 0 && (
        <section class="card" aria-labelledby="busiest-title">
          <header class="card-head">
            <h2 id="busiest-title">{t('busiest')}</h2>
            <p class="hint">{t('busiestText')}</p>
          </header>
          <ul class="shares">
            {busiest.map(({ keyId, count }) => {
              const key = byId.get(keyId)
              return (
                <li key={keyId}>
                  <p>
                    <a href={hrefTo(projectId, 'keys', keyId)}>{key?.label ?? keyId}</a>
                    {key && <EnvironmentBadge name={key.environment} />}
                    <span class="share-count">{numberOf(count, language)}</span>
                  </p>
                  <meter
                    min={0}
                    max={data.total}
                    value={count}
                    aria-label={t('share', { label: key?.label ?? keyId })}
                  />
                </li>
              )
            })}
          </ul>
        </section>
      )}
    </>
  )
}
