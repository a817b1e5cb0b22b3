// A page of the dashboard that is drawn with Preact, and what every part of it can ask for.

import type { DashboardContext, DashboardPage, DashboardPlace } from '@gosend/express-adapter/dashboard-page'
import { type ComponentType, createContext, render } from 'preact'
import { useContext } from 'preact/hooks'
import { type Api, createApi } from './api.js'

export interface Sandbox extends DashboardContext {
  readonly api: Api
  /** The page's own id. */
  readonly page: string
}

const Context = createContext<Sandbox | undefined>(undefined)

export function useSandbox(): Sandbox {
  const sandbox = useContext(Context)
  if (sandbox === undefined) throw new Error('This is drawn outside of a page')
  return sandbox
}

type Search = (api: Api, text: string, context: DashboardContext) => Promise<readonly DashboardPlace[]>

export function createPage(
  about: Omit<DashboardPage, 'mount' | 'search'>,
  View: ComponentType,
  search?: Search,
): DashboardPage {
  return {
    ...about,
    ...(search && { search: (text, context) => search(createApi(context.management), text, context) }),
    mount(element, context) {
      const sandbox = { ...context, api: createApi(context.management), page: about.id }
      render(
        <Context.Provider value={sandbox}>
          <div class="sandbox">
            <View />
          </div>
        </Context.Provider>,
        element,
      )
      return () => render(null, element)
    },
  }
}
