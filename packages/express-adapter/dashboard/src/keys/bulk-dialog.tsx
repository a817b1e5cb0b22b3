// One question before many keys are changed, and what came of each that could not be.

import { closeDialog, Dialog, Notice, useWords, wordsFor } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { answer, type Key } from '../client.js'
import { useTexts } from '../locale.js'
import { useKeysHost } from './host.js'
import type { BulkAction } from './status.js'

export interface BulkDialogProps {
  readonly projectId: string
  readonly action: BulkAction
  readonly keys: readonly Key[]
  readonly onChange: (changed: readonly Key[]) => void
  readonly onClose: () => void
}

interface Failure {
  readonly key: Key
  readonly reason: string
}

/** So many requests are under way at the same time. */
const LANES = 4
const NAMED = 8

export function BulkDialog({ projectId, action, keys, onChange, onClose }: BulkDialogProps) {
  const t = useTexts()
  const words = useWords()
  const { api, announce } = useKeysHost()
  const [left, setLeft] = useState(keys)
  const [done, setDone] = useState<number>()
  const [failures, setFailures] = useState<readonly Failure[]>([])
  const isBusy = done !== undefined
  const name = t(`bulk.${action}`, { count: left.length })

  const change = async () => {
    const changed: Key[] = []
    const failed: Failure[] = []
    const waiting = left.values()
    setDone(0)
    const work = async () => {
      for (const key of waiting) {
        const params = { path: { projectId, keyId: key.id } }
        try {
          changed.push(await answer(api.POST(`/projects/{projectId}/keys/{keyId}/${action}`, { params })))
        } catch (error) {
          failed.push({ key, reason: wordsFor(error, words) })
        }
        setDone(changed.length + failed.length)
      }
    }
    await Promise.all(Array.from({ length: LANES }, work))
    setDone(undefined)
    onChange(changed)
    if (failed.length === 0) {
      announce(t(`bulkDone.${action}`, { count: changed.length }))
      return onClose()
    }
    setFailures(failed)
    setLeft(failed.map(({ key }) => key))
  }

  return (
    <Dialog
      title={t('bulkAsk', { action: name })}
      onClose={onClose}
      onHeld={isBusy ? () => undefined : undefined}
    >
      <div class="form">
        {failures.length === 0 ? (
          <>
            <p>
              <strong>{t(`bulkText.${action}`)}</strong>
            </p>
            <ul class="target bulk-names">
              {left.slice(0, NAMED).map(({ id, label, hint }) => (
                <li key={id}>
                  {label} <code>{hint}</code>
                </li>
              ))}
              {left.length > NAMED && <li class="hint">{t('more', { count: left.length - NAMED })}</li>}
            </ul>
          </>
        ) : (
          <>
            <Notice tone="bad">
              {t('bulkFailed', { done: keys.length - failures.length, count: keys.length })}
            </Notice>
            <ul class="target bulk-names">
              {failures.map(({ key: { id, label, hint }, reason }) => (
                <li key={id}>
                  {label} <code>{hint}</code>
                  <p class="problem">{reason}</p>
                </li>
              ))}
            </ul>
          </>
        )}
        <footer class="dialog-foot">
          <span class="hint" role="status">
            {isBusy && t('keyCountOf', { shown: done, all: left.length })}
          </span>
          <button type="button" class="button" autofocus disabled={isBusy} onClick={closeDialog}>
            {t('cancel')}
          </button>
          <button
            type="button"
            class={`button ${action === 'enable' ? 'primary' : 'danger'}`}
            disabled={isBusy}
            onClick={change}
          >
            {failures.length === 0 ? name : t('retry')}
          </button>
        </footer>
      </div>
    </Dialog>
  )
}
