// Pages that other packages add: their modules are loaded once, and each page draws itself into an element of its own.

import { Problem } from '@gosend/dashboard-ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DashboardContext, DashboardPage } from '../../src/dashboard/page.js'
import { hrefTo } from './address.js'
import type { Project } from './api.js'
import { useTexts } from './locale.js'
import { settings } from './settings.js'
import { announce } from './ui/toast.js'

export interface ExtensionPages {
  readonly name: string
  readonly pages: readonly DashboardPage[]
}

export function useExtensions(): {
  readonly extensions: readonly ExtensionPages[]
  readonly problem?: string
} {
  const t = useTexts()
  const [state, setState] = useState<{ extensions: readonly ExtensionPages[]; problem?: string }>({
    extensions: [],
  })
  useEffect(() => {
    if (settings.extensions.length === 0) return
    Promise.all(settings.extensions.map(load)).then(
      (extensions) => setState({ extensions }),
      () => setState({ extensions: [], problem: t('pagesNotLoaded') }),
    )
  }, [])
  return state
}

async function load({ name, script, style }: (typeof settings.extensions)[number]): Promise<ExtensionPages> {
  if (style !== null) {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = style
    document.head.append(link)
  }
  const module: { readonly pages: readonly DashboardPage[] } = await import(
    /* @vite-ignore */ new URL(script, document.baseURI).href
  )
  return { name, pages: module.pages }
}

const contextOf = ({ id, name }: Project): DashboardContext => ({
  project: { id, name },
  management: new URL(settings.management, document.baseURI).href,
  announce,
})

/** How the pages find things of a project. */
export const searchesOf = (extensions: readonly ExtensionPages[], project: Project) =>
  extensions.flatMap(({ name, pages }) =>
    pages.flatMap((page) => {
      if (page.search === undefined) return []
      return async (text: string) => {
        const found = (await page.search?.(text, contextOf(project))) ?? []
        return found.map(({ title, kind, place }) => ({
          ...{ title, kind },
          href: [hrefTo(project.id, name, page.id), ...place.map(encodeURIComponent)].join('/'),
        }))
      }
    }),
  )

export function ExtensionPage({
  page,
  project,
}: {
  readonly page: DashboardPage
  readonly project: Project
}) {
  const t = useTexts()
  const place = useRef<HTMLDivElement>(null)
  const [isBroken, setBroken] = useState(false)
  useEffect(() => {
    if (place.current === null) return
    try {
      return page.mount(place.current, contextOf(project))
    } catch {
      setBroken(true)
    }
  }, [page, project.id])
  return (
    <>
      {isBroken && <Problem text={t('pageFailed')} />}
      <div ref={place} key={`${page.id} ${project.id}`} />
    </>
  )
}
