// Filters that people keep for themselves, in this browser.

import { closeDialog, Dialog, Icon } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { hrefTo } from '../address.js'
import { useTexts } from '../locale.js'
import { Field } from '../ui/field.js'
import { icons } from '../ui/icons.js'
import { isFiltered, type KeyFilter, queryOf } from './filter.js'

interface SavedFilter {
  readonly name: string
  /** As in the address. */
  readonly query: string
}

/** Of this dashboard: another one on the same site has its own. */
const PLACE = `filters ${location.pathname}`
const MAX_NAME = 40

function savedFilters(): readonly SavedFilter[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(PLACE) ?? '[]')
    return Array.isArray(saved) ? saved.filter(isSaved) : []
  } catch {
    return []
  }
}

const isSaved = (value: unknown): value is SavedFilter => {
  const { name, query } = Object(value) as Partial<Record<string, unknown>>
  return typeof name === 'string' && typeof query === 'string'
}

export interface SavedFiltersProps {
  readonly projectId: string
  readonly filter: KeyFilter
}

export function SavedFilters({ projectId, filter }: SavedFiltersProps) {
  const t = useTexts()
  const [saved, setSaved] = useState(savedFilters)
  const [isNaming, setNaming] = useState(false)
  const query = queryOf(filter)
  const keep = (next: readonly SavedFilter[]) => {
    setSaved(next)
    try {
      if (next.length === 0) localStorage.removeItem(PLACE)
      else localStorage.setItem(PLACE, JSON.stringify(next))
    } catch {
      // A browser that keeps nothing for this site: the filters last as long as the page.
    }
  }
  const isNew = isFiltered(filter) && !saved.some((one) => one.query === query)
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const name = new FormData(event.currentTarget as HTMLFormElement).get('name')?.toString().trim() ?? ''
    if (name === '') return
    keep([...saved.filter((one) => one.name !== name), { name, query }])
    setNaming(false)
  }
  if (saved.length === 0 && !isNew) return null
  return (
    <ul class="saved" aria-label={t('filters')}>
      {saved.map((one) => (
        <li key={one.name} class="chip">
          <a
            href={hrefTo(projectId, 'keys', undefined, one.query)}
            aria-current={one.query === query ? 'true' : undefined}
          >
            {one.name}
          </a>
          <button
            type="button"
            aria-label={t('filterForgetOne', { name: one.name })}
            title={t('filterForget')}
            onClick={() => keep(saved.filter(({ name }) => name !== one.name))}
          >
            <Icon path={icons.close} />
          </button>
        </li>
      ))}
      {isNew && (
        <li>
          <button type="button" class="plain" onClick={() => setNaming(true)}>
            <Icon path={icons.plus} />
            {t('filterSave')}
          </button>
        </li>
      )}
      {isNaming && (
        <Dialog title={t('filterSave')} onClose={() => setNaming(false)}>
          <form class="form" onSubmit={save}>
            <Field label={t('filterName')} hint={t('filterNameHint')}>
              {(control) => (
                <input {...control} class="input" name="name" maxLength={MAX_NAME} required autofocus />
              )}
            </Field>
            <footer class="dialog-foot">
              <button type="button" class="button" onClick={closeDialog}>
                {t('cancel')}
              </button>
              <button type="submit" class="button primary">
                {t('save')}
              </button>
            </footer>
          </form>
        </Dialog>
      )}
    </ul>
  )
}
