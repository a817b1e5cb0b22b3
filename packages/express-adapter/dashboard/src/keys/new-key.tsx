// A key that was just made, in full, for the only time. It lives in this component and leaves the page with it.

import { closeDialog, copy, Icon, Notice } from '@gosend/dashboard-ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { NewKey } from '../client.js'
import { useTranslate } from '../locale.js'
import { icons } from '../ui/icons.js'
import { useKeysHost } from './host.js'

export interface NewKeyPanelProps {
  readonly issued: NewKey
  /** Whether somebody tried to close it before the key was copied. */
  readonly isWarned: boolean
  /** Called instead of closing it, until the key has been copied. */
  readonly onHeld: (() => void) | undefined
  readonly onCopied: () => void
}

export function NewKeyPanel({ issued, isWarned, onHeld, onCopied }: NewKeyPanelProps) {
  const { variable, endpoint } = useKeysHost()
  const t = useTranslate()
  const curl = endpoint && `curl ${new URL(endpoint, location.origin)} -H "X-API-Key: $${variable}"`
  return (
    <div class="form">
      <Notice tone="caution">
        <strong>{t('newWarning')}</strong> {t('newText')}
      </Notice>
      <Snippet
        label={t('newKey', { label: issued.label })}
        text={issued.key}
        button={t('copy')}
        isMain
        onCopied={onCopied}
      />
      <Snippet
        label={t('newEnv')}
        text={`${variable}=${issued.key}`}
        button={t('copyEnv')}
        onCopied={onCopied}
      />
      {curl && <Snippet label={t('newTry')} text={curl} button={t('copyCurl')} />}
      {isWarned && (
        <div class="notice bad" role="alert">
          <p>{t('notCopiedYet')}</p>
          <button type="button" class="button small" onClick={closeDialog}>
            {t('closeWithoutKey')}
          </button>
        </div>
      )}
      <footer class="dialog-foot">
        <button type="button" class="button primary" onClick={onHeld ?? closeDialog}>
          {t('done')}
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
  const t = useTranslate()

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
          aria-label={isMain ? undefined : button}
          title={isMain ? undefined : button}
          onClick={put}
        >
          <Icon path={outcome === 'copied' ? icons.check : icons.copy} />
          {isMain && <span>{outcome === 'copied' ? t('copiedShort') : button}</span>}
        </button>
      </div>
      <p class={outcome === 'refused' ? 'problem' : 'unseen'} role="status">
        {outcome === 'copied' && t('copied')}
        {outcome === 'refused' && t('copyRefused')}
      </p>
    </div>
  )
}
