// How much a project's keys are used.

import { dateOf, Problem, useResource } from '@gosend/dashboard-ui'
import { answer, api } from '../api.js'
import { EnvironmentBadge } from '../keys/badges.js'
import { useKeysById } from '../keys/use-keys.js'
import { Outcomes } from '../outcomes.js'
import { hrefTo } from '../route.js'
import { UsageChart } from '../usage-chart.js'
import { QuotaMeter } from './quota-meter.js'

export interface UsagePageProps {
  readonly projectId: string
}

const SHOWN_KEYS = 20

export function UsagePage({ projectId }: UsagePageProps) {
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
          <h1>Usage</h1>
          <p class="lead">Requests that were let in during the last 30 days. A day begins at midnight UTC.</p>
        </div>
      </header>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {data && (
        <>
          {data.quota && <QuotaMeter quota={data.quota} />}
          <section class="card" aria-labelledby="requests-title">
            <h2 id="requests-title">
              Requests <span class="figure">{data.total.toLocaleString('en')}</span>
            </h2>
            <UsageChart usage={data} label={`Requests per day since ${dateOf(data.from)}`} />
            <Outcomes list={data.outcomes ?? []} />
          </section>
          {busiest.length > 0 && (
            <section class="card" aria-labelledby="busiest-title">
              <h2 id="busiest-title">Busiest keys</h2>
              <ul class="shares">
                {busiest.map(({ keyId, count }) => {
                  const key = byId.get(keyId)
                  return (
                    <li key={keyId}>
                      <p>
                        <a href={hrefTo(projectId, 'keys', keyId)}>{key?.label ?? keyId}</a>
                        {key && <EnvironmentBadge name={key.environment} />}
                        <span class="share-count">{count.toLocaleString('en')}</span>
                      </p>
                      <meter
                        min={0}
                        max={data.total}
                        value={count}
                        aria-label={`Share of ${key?.label ?? keyId}`}
                      />
                    </li>
                  )
                })}
              </ul>
            </section>
          )}
        </>
      )}
    </>
  )
}
