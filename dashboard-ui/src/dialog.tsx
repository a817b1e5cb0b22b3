// Modal dialogs over the browser's own, which traps the focus, makes the page behind inert, and closes on Escape.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useAction } from './action.js'
import { Icon, icons } from './icon.js'
import { Problem } from './notice.js'
import { useWords } from './words.js'

export interface DialogProps {
  readonly title: string
  /** Called once the dialog is closed, however that came about. */
  readonly onClose: () => void
  /** Keeps it open: called instead of closing it when people press Escape or the button in its corner. */
  readonly onHeld?: (() => void) | undefined
  /** False leaves out the button in its corner. Default true. */
  readonly hasClose?: boolean
  readonly children: ComponentChildren
}

export function Dialog({ title, onClose, onHeld, hasClose = true, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const words = useWords()

  useEffect(() => {
    // A shadow root, where the dialog is in one: outside nobody sees what has the focus inside.
    const root = dialog.current?.getRootNode() as Document | ShadowRoot
    const opener = root.activeElement
    dialog.current?.showModal()
    // Back to what opened the dialog, unless that is gone, as a revoked key's buttons are once all is drawn. A browser
    // that closes a dialog has done so already, and people may have gone on since.
    return () =>
      queueMicrotask(() => {
        if (root.activeElement !== null && root.activeElement !== document.body) return
        const isThere = opener instanceof HTMLElement && opener.isConnected
        const place = isThere ? opener : root.getElementById('main')
        place?.focus()
      })
  }, [])

  const hold = (event: Event) => {
    if (onHeld === undefined || event.defaultPrevented) return
    event.preventDefault()
    onHeld()
  }

  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onCancel={hold}
      onKeyDown={(event) => {
        // A browser closes a dialog at the second Escape, whatever is asked of it, unless it never hears of the key.
        if (event.key === 'Escape') hold(event)
      }}
    >
      <header class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        {hasClose && (
          <button
            type="button"
            class="icon-button"
            aria-label={words.close}
            onClick={onHeld ?? (() => dialog.current?.close())}
          >
            <Icon path={icons.close} />
          </button>
        )}
      </header>
      {children}
    </dialog>
  )
}

/** Closes the dialog that the event's target is in. */
export function closeDialog(event: Event): void {
  if (event.target instanceof Element) event.target.closest('dialog')?.close()
}

export interface ConfirmProps extends DialogProps {
  /** On the button that does it. */
  readonly action: string
  /** Whether it can be undone. */
  readonly isHarmless?: boolean
  readonly onConfirm: () => Promise<unknown>
}

/** A question before something that has consequences. It stays, with the reason, when that is refused. */
export function Confirm({ action, isHarmless = false, onConfirm, children, ...dialog }: ConfirmProps) {
  const { isBusy, problem, run } = useAction()
  const { cancel } = useWords()
  const confirm = () =>
    run(async () => {
      await onConfirm()
      dialog.onClose()
    })
  return (
    <Dialog {...dialog}>
      <div class="form">
        {children}
        {problem !== undefined && <Problem text={problem} />}
        <footer class="dialog-foot">
          <button type="button" class="button" autofocus onClick={closeDialog}>
            {cancel}
          </button>
          <button
            type="button"
            class={`button ${isHarmless ? 'primary' : 'danger'}`}
            disabled={isBusy}
            onClick={confirm}
          >
            {action}
          </button>
        </footer>
      </div>
    </Dialog>
  )
}
