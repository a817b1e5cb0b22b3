// What happened to keys, the latest first, from the audit log.

import { Ago } from '@gosend/dashboard-ui'
import type { Key, KeyEvent } from '../api.js'
import { hrefTo } from '../route.js'

export interface HistoryProps {
  readonly events: readonly KeyEvent[]
  /** Gives the events of a whole project the labels of their keys. */
  readonly keys?: readonly Key[]
}

const verbs: Readonly<Record<KeyEvent['action'], string>> = {
  issued: 'Created',
  rotated: 'Rotated',
  revoked: 'Revoked',
  updated: 'Edited',
  disabled: 'Disabled',
  enabled: 'Enabled',
}

export function History({ events, keys }: HistoryProps) {
  if (events.length === 0) return <p class="hint">Nothing has happened yet.</p>
  const labels = new Map(keys?.map(({ id, label }) => [id, label]))
  return (
    <ol class="history">
      {events.map((event, i) => (
        <li key={`${event.at} ${event.keyId} ${i}`} class={event.action}>
          <p>
            <strong>{verbs[event.action]}</strong>{' '}
            {keys && (
              <a href={hrefTo(event.projectId, 'keys', event.keyId)}>
                {labels.get(event.keyId) ?? event.keyId}
              </a>
            )}{' '}
            <Details event={event} />
          </p>
          <p class="hint">
            <Ago at={event.at} />
            {event.actor !== null && <> by {event.actor}</>}
          </p>
        </li>
      ))}
    </ol>
  )
}

const fieldNames: Readonly<Record<string, string>> = {
  label: 'label',
  expiresAt: 'expiry',
  scopes: 'scopes',
  allowedIps: 'allowlist',
  metadata: 'metadata',
  ownerId: 'owner',
}

function Details({ event: { details, projectId } }: { readonly event: KeyEvent }) {
  const { replacedBy, rotatedFrom, rotated, revoked, disabled, enabled, fields } = details as Readonly<
    Record<string, unknown>
  >
  const link = (id: string) => (
    <a href={hrefTo(projectId, 'keys', id)}>
      <code>{id}</code>
    </a>
  )
  if (typeof replacedBy === 'string') return <>into {link(replacedBy)}</>
  if (typeof rotatedFrom === 'string') return <>in place of {link(rotatedFrom)}</>
  if (typeof rotated === 'string') return <>because its successor {link(rotated)} was rotated</>
  for (const [what, id] of Object.entries({ revoked, disabled, enabled }))
    if (typeof id === 'string')
      return (
        <>
          because its successor {link(id)} was {what}
        </>
      )
  if (Array.isArray(fields))
    return <>({fields.map((field) => fieldNames[String(field)] ?? field).join(', ')})</>
  return null
}
