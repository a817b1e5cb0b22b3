// A modal dialog over the browser's own: it traps the focus, makes the page behind inert, and closes on Escape.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon } from './icon.js'

export interface DialogProps {
  readonly title: string
  /** Called once the dialog is closed, however that came about. */
  readonly onClose: () => void
  readonly children: ComponentChildren
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()

  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    // Back to what opened the dialog, unless that is gone, as a revoked key's buttons are once all is drawn. A browser
    // that closes a dialog has done so already, and people may have gone on since.
    return () =>
      queueMicrotask(() => {
        if (document.activeElement !== document.body) return
        const isThere = opener instanceof HTMLElement && opener.isConnected
        const place = isThere ? opener : document.getElementById('main')
        place?.focus()
      })
  }, [])

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={titleId} onClose={onClose}>
      <header class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  )
}

/** Closes the dialog that the event's target is in. */
export function closeDialog(event: Event): void {
  if (event.target instanceof Element) event.target.closest('dialog')?.close()
}
