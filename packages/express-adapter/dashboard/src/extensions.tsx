// Pages that other packages add: their modules are loaded once, and each page draws itself into an element of its own.

import { Problem } from '@gosend/dashboard-ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DashboardPage } from '../../src/dashboard/page.js'
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
    const { id, name } = project
    const management = new URL(settings.management, document.baseURI).href
    try {
      return page.mount(place.current, { project: { id, name }, management, announce })
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
