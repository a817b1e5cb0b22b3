// What people do to the mock itself, in both places that let them: `/_mock`, and the sandbox's pages in the dashboard.

import type { IncomingMessage } from 'node:http'
import { lazy } from '../engine/json.js'
import type { Rules } from '../rules/rules.js'
import { type CommandsOptions, createCommands } from './commands.js'
import { controlDocument } from './control-document.js'
import { type ControlPlaneOptions, createControlPlane } from './control-plane.js'
import { type Route, routeOf, STEPS } from './controls.js'
import { createSandboxRoutes, type SandboxRoutes } from './sandbox-routes.js'
import { type SandboxViewsOptions, sandboxViews } from './sandbox-views.js'

export interface SandboxOptions
  extends Omit<CommandsOptions, 'steps'>,
    Omit<SandboxViewsOptions, 'journal' | 'resources'> {
  readonly adminKey: string
  /** `/_mock/mcp`. */
  readonly agents: ControlPlaneOptions['agents']
  /** Whether a request comes from this machine, and from no page of another site. */
  readonly isLocal: (request: IncomingMessage) => boolean
  /** The API's own steps. */
  readonly own: Rules['controls']
  /** Their path items, for the document of the control plane. */
  readonly described: Rules['controlPaths']
  /** Where the pages are. */
  readonly folder: URL
}

export interface Sandbox {
  /** `/_mock`. */
  readonly control: ReturnType<typeof createControlPlane>
  /** What the pages call, below the management API. */
  readonly routes: SandboxRoutes
  /** Where the pages are. */
  readonly folder: URL
}

/** For the document: it is no step, as agents speak a protocol of their own. */
const AGENTS: Route = ['POST', /^\/_mock\/mcp$/, () => undefined]

/** @throws TypeError when an API's own step has no proper path. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const {
    adminKey,
    agents,
    isLocal,
    own = {},
    described = {},
    folder,
    controls,
    transactions,
    changes,
  } = options
  const { journal, overview } = controls
  const document = lazy(() => controlDocument([...steps, AGENTS], Object.keys(own), described))
  const steps: readonly Route[] = [
    ...STEPS,
    ['GET', /^\/_mock\/openapi\.json$/, () => document()],
    ...Object.entries(own).map(([line, control]) => routeOf(line, control)),
  ]
  const views = sandboxViews({ ...options, journal, resources: () => overview().resources })
  const run = { controls, transactions, changes, scheme: options.scheme }
  return {
    control: createControlPlane({ adminKey, agents, commands: createCommands({ ...run, steps }) }),
    routes: createSandboxRoutes({
      commands: createCommands({ ...run, steps: [...steps, ...views] }),
      ...{ changes, isLocal },
    }),
    folder,
  }
}
