// What happened to keys, the latest first, from the audit log.

import { Ago } from '@gosend/dashboard-ui'
import { hrefTo } from '../address.js'
import type { Key, KeyEvent } from '../api.js'
import { useTexts, withElements } from '../locale.js'

export interface HistoryProps {
  readonly events: readonly KeyEvent[]
  /** Gives the events of a whole project the labels of their keys. */
  readonly keys?: readonly Key[]
}

export function History({ events, keys }: HistoryProps) {
  const t = useTexts()
  if (events.length === 0) return <p class="hint">{t('historyNone')}</p>
  const labels = new Map(keys?.map(({ id, label }) => [id, label]))
  return (
    <ol class="history">
      {events.map((event, i) => (
        <li key={`${event.at} ${event.keyId} ${i}`} class={event.action}>
          <p>
            <strong>{t(`event.${event.action}`)}</strong>{' '}
            {keys && (
              <a href={hrefTo(event.projectId, 'keys', event.keyId)}>
                {labels.get(event.keyId) ?? event.keyId}
              </a>
            )}{' '}
            <Details event={event} />
          </p>
          <p class="hint">
            {withElements(event.actor === null ? '{when}' : t('eventBy', { actor: event.actor }), {
              when: <Ago at={event.at} />,
            })}
          </p>
        </li>
      ))}
    </ol>
  )
}

const fieldNames = ['label', 'expiresAt', 'scopes', 'allowedIps', 'metadata', 'ownerId'] as const
const causes = ['rotated', 'revoked', 'disabled', 'enabled'] as const

function Details({ event: { details, projectId } }: { readonly event: KeyEvent }) {
  const t = useTexts()
  const said: Readonly<Record<string, unknown>> = details
  const about = (text: string, id: string) => (
    <>
      {withElements(text, {
        key: (
          <a href={hrefTo(projectId, 'keys', id)}>
            <code>{id}</code>
          </a>
        ),
      })}
    </>
  )
  if (typeof said.replacedBy === 'string') return about(t('eventInto'), said.replacedBy)
  if (typeof said.rotatedFrom === 'string') return about(t('eventFrom'), said.rotatedFrom)
  for (const cause of causes) {
    const id = said[cause]
    if (typeof id === 'string') return about(t(`eventBecause.${cause}`), id)
  }
  if (!Array.isArray(said.fields)) return null
  const names = said.fields.map((field) => {
    const known = fieldNames.find((one) => one === field)
    return known === undefined ? String(field) : t(`field.${known}`)
  })
  return <>({names.join(', ')})</>
}
