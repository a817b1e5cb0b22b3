// Everything that happened to the keys of a project.

import { Problem, Skeleton, useResource } from '@gosend/dashboard-ui'
import { answer, api } from '../api.js'
import { History } from '../keys/history.js'
import { useKeysById } from '../keys/use-keys.js'
import { useTexts } from '../locale.js'

export interface ActivityPageProps {
  readonly projectId: string
}

export function ActivityPage({ projectId }: ActivityPageProps) {
  const t = useTexts()
  const params = { path: { projectId } }
  const { data, problem, reload } = useResource(projectId, () =>
    answer(api.GET('/projects/{projectId}/history', { params })),
  )
  const ids = data?.map(({ keyId }) => keyId) ?? []
  const keys = [...useKeysById(projectId, ids).values()]
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{t('activity')}</h1>
          <p class="lead">{t('activityLead')}</p>
        </div>
      </header>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {data === undefined && problem === undefined && <Skeleton />}
      {data && (
        <section class="card" aria-label={t('events')}>
          <History events={data} keys={keys} />
        </section>
      )}
    </>
  )
}
