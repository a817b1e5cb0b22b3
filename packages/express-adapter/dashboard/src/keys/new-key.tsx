// A key that was just made, in full, for the only time. It lives in this component and leaves the page with it.

import { closeDialog, copy, Icon, Notice } from '@gosend/dashboard-ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { NewKey } from '../api.js'
import { settings } from '../settings.js'
import { icons } from '../ui/icons.js'

export interface NewKeyPanelProps {
  readonly issued: NewKey
  /** Whether somebody tried to close it before the key was copied. */
  readonly isWarned: boolean
  /** Called instead of closing it, until the key has been copied. */
  readonly onHeld: (() => void) | undefined
  readonly onCopied: () => void
}

export function NewKeyPanel({ issued, isWarned, onHeld, onCopied }: NewKeyPanelProps) {
  const { variable, endpoint } = settings
  const curl = `curl ${new URL(endpoint, location.origin)} -H "X-API-Key: $${variable}"`
  return (
    <div class="form">
      <Notice tone="caution">
        <strong>This key cannot be shown again.</strong> Put it where your program finds it before you close
        this window. If it gets lost, rotate it.
      </Notice>
      <Snippet label={`Key “${issued.label}”`} text={issued.key} button="Copy" isMain onCopied={onCopied} />
      <Snippet
        label="For your .env file"
        text={`${variable}=${issued.key}`}
        button="To clipboard: .env line"
        onCopied={onCopied}
      />
      <Snippet label="Try it" text={curl} button="To clipboard: curl command" />
      {isWarned && (
        <div class="notice bad" role="alert">
          <p>The key has not been copied. Once this window is closed, nobody can see it again.</p>
          <button type="button" class="button small" onClick={closeDialog}>
            Close without the key
          </button>
        </div>
      )}
      <footer class="dialog-foot">
        <button type="button" class="button primary" onClick={onHeld ?? closeDialog}>
          Done
        </button>
      </footer>
    </div>
  )
}

interface SnippetProps {
  readonly label: string
  readonly text: string
  readonly button: string
  readonly isMain?: boolean
  readonly onCopied?: () => void
}

function Snippet({ label, text, button, isMain = false, onCopied }: SnippetProps) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>()
  const code = useRef<HTMLElement>(null)
  const take = useRef<HTMLButtonElement>(null)

  // The form that was here before took the focus with it.
  useEffect(() => {
    if (isMain) take.current?.focus()
  }, [isMain])

  const put = async () => {
    if (code.current === null) return
    const isCopied = await copy(text, code.current)
    setOutcome(isCopied ? 'copied' : 'refused')
    if (isCopied) onCopied?.()
  }

  return (
    <div class="snippet">
      <span class="snippet-label">{label}</span>
      <div class={isMain ? 'snippet-box main' : 'snippet-box'}>
        <code ref={code} onCopy={onCopied}>
          {text}
        </code>
        <button
          ref={take}
          type="button"
          class={isMain ? 'button primary' : 'icon-button'}
          aria-label={button}
          title={isMain ? undefined : button}
          onClick={put}
        >
          <Icon path={outcome === 'copied' ? icons.check : icons.copy} />
          {isMain && <span>Copy</span>}
        </button>
      </div>
      <p class={outcome === 'refused' ? 'problem' : 'unseen'} role="status">
        {outcome === 'copied' && 'Copied.'}
        {outcome === 'refused' && 'The browser does not allow it. Select the text and copy it by hand.'}
      </p>
    </div>
  )
}
