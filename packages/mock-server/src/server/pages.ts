// The mock's own pages: the management API and the dashboard of the Express adapter, mounted as a host app would.
// Express is loaded when the first request for them arrives, so that it costs the start nothing.

import type { ApiKeys } from '@gosend/auth-core'
import type { SandboxRoutes } from '../control/sandbox-routes.js'
import type { MockOverview } from '../control/wire.js'
import type { Projects } from '../storage/database.js'
import type { NodeHandler } from './server.js'

export interface PagesOptions {
  readonly apiKeys: ApiKeys
  readonly projects: Projects
  readonly adminKey: string
  readonly now: () => number
  /** The name of the API, and a path to try a key with. */
  readonly overview: () => Pick<MockOverview, 'title' | 'example'>
  /** Where clients of the API keep their key, when it says so. */
  readonly variable: string | undefined
  /** The sandbox's own part: what its pages call, and the folder that they are in. */
  readonly sandbox: { readonly routes: SandboxRoutes; readonly folder: URL }
  readonly onLog: (line: string) => void
}

export function createPages({
  apiKeys,
  projects,
  adminKey,
  now,
  overview,
  variable,
  sandbox,
  onLog,
}: PagesOptions): () => Promise<NodeHandler> {
  let loaded: Promise<NodeHandler> | undefined
  const load = async (): Promise<NodeHandler> => {
    const [{ default: express }, adapter] = await Promise.all([
      import('express'),
      import('@gosend/express-adapter'),
    ])
    const { title, example } = overview()
    const app = express()
    app.disable('x-powered-by')
    app.use(
      '/admin',
      adapter.managementRouter({
        apiKeys,
        projects,
        adminKey,
        now,
        routes: sandbox.routes,
        onError: (error) => onLog(`admin: ${String(error)}`),
      }),
    )
    app.use(
      '/dashboard',
      adapter.dashboard({
        ...{ management: '/admin', title, endpoint: example.path, variable },
        extensions: [{ name: 'sandbox', folder: sandbox.folder }],
        home: 'sandbox/requests',
      }),
    )
    return app
  }
  return () => {
    loaded ??= load()
    return loaded
  }
}
