// Everything that happened to the keys of a project.

import { Problem } from '@gosend/dashboard-ui'
import { answer, api, type Key } from '../api.js'
import { History } from '../keys/history.js'
import { useLoad } from '../ui/load.js'

export interface ActivityPageProps {
  readonly projectId: string
  readonly keys: readonly Key[]
}

export function ActivityPage({ projectId, keys }: ActivityPageProps) {
  const params = { path: { projectId } }
  const { data, problem, reload } = useLoad(projectId, () =>
    answer(api.GET('/projects/{projectId}/history', { params })),
  )
  return (
    <>
      <header class="page-head">
        <div>
          <h1>Activity</h1>
          <p class="lead">Who created, edited, rotated and revoked keys. The latest 100 events.</p>
        </div>
      </header>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {data && (
        <section class="card" aria-label="Events">
          <History events={data} keys={keys} />
        </section>
      )}
    </>
  )
}
