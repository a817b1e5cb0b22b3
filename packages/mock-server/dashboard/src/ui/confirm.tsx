// A question before something that cannot be undone, in the browser's own modal dialog.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useAction } from './action.js'
import { Problem } from './notice.js'

export interface ConfirmProps {
  readonly title: string
  /** On the button that does it. */
  readonly action: string
  readonly children: ComponentChildren
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
}

export function Confirm({ title, action, children, onConfirm, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const { isBusy, problem, run } = useAction()

  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [])

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={titleId} onClose={onClose}>
      <div class="dialog-head">
        <h2 id={titleId}>{title}</h2>
      </div>
      <div class="form">
        <p>{children}</p>
        {problem !== undefined && <Problem text={problem} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="button"
            class="button danger"
            disabled={isBusy}
            onClick={() =>
              run(async () => {
                await onConfirm()
                dialog.current?.close()
              })
            }
          >
            {action}
          </button>
        </div>
      </div>
    </dialog>
  )
}
