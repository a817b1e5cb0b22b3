// A list with what is chosen in it beside it; on a narrow page one in place of the other. `j` and `k` walk through the
// list, `Escape` closes what is chosen, `/` goes to the search.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon, icons } from './icon.js'

export interface ListDetailProps {
  readonly list: ComponentChildren
  /** What is chosen; undefined when nothing is. */
  readonly detail: ComponentChildren | undefined
  /** Of the detail, for people who do not see it. */
  readonly label: string
  /** Where the list is, without anything chosen. */
  readonly home: string
  /** Names what is chosen: another name is another thing. */
  readonly chosen: string | undefined
}

export function ListDetail({ list, detail, label, home, chosen }: ListDetailProps) {
  const place = useRef<HTMLDivElement>(null)
  const pane = useRef<HTMLElement>(null)
  const isOpen = detail !== undefined
  useListKeys(place, home, isOpen)

  useEffect(() => {
    if (chosen === undefined || pane.current === null) return
    pane.current.scrollTop = 0
    // The list is gone on a narrow page, and the focus with it.
    if (matchMedia(NARROW).matches) {
      scrollTo(0, 0)
      pane.current.focus({ preventScroll: true })
    }
  }, [chosen])

  return (
    <div ref={place} class={`list-detail ${isOpen ? 'open' : ''}`}>
      <div class="list-pane">{list}</div>
      {isOpen && (
        <section ref={pane} class="detail-pane" aria-label={label} tabIndex={-1}>
          <a class="pane-close icon-button" href={home} aria-label="Close" title="Close (Esc)">
            <Icon path={icons.close} />
          </a>
          {detail}
        </section>
      )}
    </div>
  )
}

function go(href: string): void {
  location.hash = href
}

const NARROW = '(max-width: 1023px)'

function useListKeys(place: { readonly current: HTMLElement | null }, home: string, isOpen: boolean): void {
  const latest = useRef({ home, isOpen })
  latest.current = { home, isOpen }

  useEffect(() => {
    const rows = () => [...(place.current?.querySelectorAll<HTMLElement>('.list-pane [data-row]') ?? [])]
    const current = (all: readonly HTMLElement[]) => {
      const { activeElement } = document
      const focused = activeElement instanceof HTMLElement ? all.indexOf(activeElement) : -1
      return focused >= 0 ? focused : all.findIndex((row) => row.hasAttribute('aria-current'))
    }
    const step = (by: number) => {
      const all = rows()
      const next = all[Math.min(all.length - 1, Math.max(0, current(all) + by))]
      next?.focus()
      // What is open follows the keys.
      if (latest.current.isOpen && next instanceof HTMLAnchorElement) go(next.hash)
    }
    const close = () => {
      if (!latest.current.isOpen) return
      const row = rows().find((one) => one.hasAttribute('aria-current'))
      go(latest.current.home)
      requestAnimationFrame(() => row?.focus())
    }
    const keys: Readonly<Record<string, () => void>> = {
      j: () => step(1),
      k: () => step(-1),
      Escape: close,
      '/': () => place.current?.querySelector<HTMLElement>('input[type="search"]')?.focus(),
    }
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
      const isTyping = event.target instanceof Element && event.target.matches('input, select, textarea')
      const isElsewhere = document.querySelector('dialog[open]') !== null
      const run = keys[event.key]
      if (run === undefined || isElsewhere || (isTyping && event.key !== 'Escape')) return
      if (isTyping && event.target instanceof HTMLElement) return event.target.blur()
      event.preventDefault()
      run()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [place])
}

export interface RowLinkProps {
  readonly href: string
  /** The row among the others. */
  readonly name: string | number
  readonly isChosen: boolean
  /** The class of its columns. */
  readonly columns: string
  readonly children: ComponentChildren
}

/** A row of the list: what it names opens beside it. */
export function RowLink(props: RowLinkProps) {
  return (
    <li>
      <RowAnchor {...props} />
    </li>
  )
}

/** The same in an item that is there already. */
export function RowAnchor({ href, name, isChosen, columns, children }: RowLinkProps) {
  return (
    <a class={`line ${columns}`} href={href} data-row={name} aria-current={isChosen ? 'true' : undefined}>
      {children}
    </a>
  )
}

/** The rows of a list. */
export function Rows({
  label,
  isCard = true,
  children,
}: {
  readonly label: string
  /** False where it is a part of a card. */
  readonly isCard?: boolean
  readonly children: ComponentChildren
}) {
  return (
    <ul class={isCard ? 'card rows-list' : 'rows-list'} aria-label={label}>
      {children}
    </ul>
  )
}
