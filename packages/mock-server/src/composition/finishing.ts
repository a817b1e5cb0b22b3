// Things that finish by themselves are finished by a job of the mock's own: as its clock passes, whatever it is moved by.

import { scopeOf } from '../rules/contexts.js'
import type { Job } from '../rules/rules.js'
import type { Served } from '../served.js'
import type { WorkAtHand } from '../state/state.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import type { LateParts } from './late-parts.js'
import type { Storage } from './storage.js'

const FINISH = 'state.finish'

/** What is worked on, by the path that its collection has among those of all documents. */
type Payload = Omit<WorkAtHand, 'scope'>

/** @param prefix what comes before the document's collections. */
export const workListener =
  (prefix: string, { clock }: Pick<Storage, 'clock'>, late: LateParts) =>
  ({ scope, collection, ...work }: WorkAtHand, afterMs: number): void => {
    const [projectId = '', environment = ''] = scope.split('/')
    const payload: Payload = { ...work, collection: prefix + collection }
    late.contexts?.of(projectId, environment)?.schedule(FINISH, payload, clock.now() + afterMs)
  }

export function finishingJobs(served: Pick<Served, 'engineOf'>, webhooks: Webhooks) {
  const finish: Job = ({ project, environment }, { collection, ...work }: Payload) => {
    const engine = served.engineOf(collection)
    const identity = { projectId: project.id, environment }
    engine.budget.lift(() => {
      const change = engine.state?.finish({
        ...{ scope: scopeOf(project.id, environment), ...work },
        collection: collection.slice(engine.prefix.length),
      })
      if (change !== undefined) webhooks.written(engine, { identity, change, by: undefined })
    })
  }
  return { [FINISH]: finish }
}
