// Where to go, by typing a part of its name: views, projects and keys. A combobox whose list is always open.

// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of a combobox has options in a list.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the keys are those of the combobox, which keeps the focus.
// biome-ignore-all lint/a11y/useFocusableInteractive: as above.

import { Dialog, Icon, icons } from '@gosend/dashboard-ui'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { hrefTo } from '../address.js'
import { answer, api } from '../api.js'
import { conditionsOf, noFilter } from '../keys/filter.js'
import { useTexts } from '../locale.js'
import { navigate } from '../route.js'

export interface Place {
  readonly title: string
  /** What it is, in a word or two. */
  readonly kind: string
  readonly href: string
}

export interface PaletteProps {
  /** Known without asking. */
  readonly places: readonly Place[]
  readonly projectId: string | undefined
  /** Asked once people pause. */
  readonly searches: readonly ((text: string) => Promise<readonly Place[]>)[]
  readonly onClose: () => void
}

const MAX_FOUND = 8
const MAX_PLACES = 12
const PAUSE_MS = 150

export function Palette({ places, projectId, searches, onClose }: PaletteProps) {
  const id = useId()
  const t = useTexts()
  const list = useRef<HTMLUListElement>(null)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const further = useFound(projectId, searches, text)
  const wanted = text.trim().toLowerCase()
  const found = [
    ...places
      .filter(({ title, kind }) => `${title} ${kind}`.toLowerCase().includes(wanted))
      .slice(0, MAX_PLACES),
    ...further,
  ]
  const current = Math.min(at, found.length - 1)
  const optionOf = (place: number) => `${id}-${place}`
  const open = (place: Place | undefined) => {
    if (place === undefined) return
    onClose()
    navigate(place.href)
  }
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => setAt((current + 1) % Math.max(1, found.length)),
    ArrowUp: () => setAt((current - 1 + found.length) % Math.max(1, found.length)),
    Enter: () => open(found[current]),
  }
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [current])
  return (
    <Dialog title={t('goTo')} onClose={onClose}>
      <div class="palette">
        <label class="search">
          <span class="unseen">{t('goTo')}</span>
          <Icon path={icons.search} />
          <input
            class="input"
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={found.length > 0 ? optionOf(current) : undefined}
            aria-autocomplete="list"
            placeholder={t('goToHint')}
            spellcheck={false}
            autocomplete="off"
            autofocus
            value={text}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value)
              setAt(0)
            }}
            onKeyDown={(event) => {
              const move = moves[event.key]
              if (move === undefined || event.isComposing) return
              event.preventDefault()
              move()
            }}
          />
        </label>
        <ul ref={list} id={`${id}-list`} role="listbox" aria-label={t('places')}>
          {found.map((place, number) => (
            <li
              key={`${place.kind} ${place.href}`}
              id={optionOf(number)}
              role="option"
              aria-selected={number === current}
              onPointerMove={() => setAt(number)}
              onClick={() => open(place)}
            >
              {place.title}
              <span class="hint">{place.kind}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && <p class="hint">{t('placesNone')}</p>}
        <p class="unseen" role="status">
          {t('placesFound', { count: found.length })}
        </p>
      </div>
    </Dialog>
  )
}

/** What the service and the pages find, once people pause. */
function useFound(
  projectId: string | undefined,
  searches: PaletteProps['searches'],
  text: string,
): readonly Place[] {
  const [found, setFound] = useState<readonly Place[]>([])
  useEffect(() => {
    if (projectId === undefined || text.trim() === '') return setFound([])
    let isOver = false
    const timer = setTimeout(async () => {
      const all = [(wanted: string) => keysIn(projectId, wanted), ...searches]
      const lists = await Promise.all(all.map((search) => search(text.trim()).catch(() => [])))
      if (!isOver) setFound(lists.flatMap((list) => list.slice(0, MAX_FOUND)))
    }, PAUSE_MS)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [projectId, text])
  return found
}

/** Keys of the project by label, key or scope. Of a pasted key no more than its public part is sent. */
async function keysIn(projectId: string, text: string): Promise<readonly Place[]> {
  const query = { ...conditionsOf({ ...noFilter, text }), limit: MAX_FOUND }
  const keys = await answer(api.GET('/projects/{projectId}/keys', { params: { path: { projectId }, query } }))
  return keys.map(({ id, label, hint }) => ({
    ...{ title: label, kind: hint },
    href: hrefTo(projectId, 'keys', id),
  }))
}
