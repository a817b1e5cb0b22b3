// The latest requests with a key that were not served, with their addresses; one that the allowlist lacks can be put on it.

import { Confirm, Instant, Problem, useResource } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { answer, api, type Key } from '../api.js'
import { useTexts, withElements } from '../locale.js'
import { reasonName } from '../reasons.js'
import { announce } from '../ui/toast.js'
import { useKeysHost } from './host.js'

const SHOWN = 5

export interface RefusalsProps {
  readonly record: Key
  /** Another one is another state of the key. */
  readonly version: string
  readonly onChange: (changed: readonly Key[]) => void
}

export function Refusals({ record, version, onChange }: RefusalsProps) {
  const { id: keyId, projectId, allowedIps } = record
  const t = useTexts()
  const [address, setAddress] = useState<string>()
  const { isReadOnly } = useKeysHost()
  const [isWhole, setWhole] = useState(false)
  const params = { path: { projectId, keyId } }
  const { data, problem, reload } = useResource(`refusals ${version}`, () =>
    answer(api.GET('/projects/{projectId}/keys/{keyId}/refusals', { params })),
  )
  if (problem !== undefined) return <Problem text={problem} onRetry={reload} />
  if (data === undefined || data.length === 0) return null
  const allow = async (added: string) => {
    const body = { allowedIps: [...(allowedIps ?? []), added] }
    onChange([await answer(api.PATCH('/projects/{projectId}/keys/{keyId}', { params, body }))])
    announce(t('allowed', { address: added }))
  }
  const shown = isWhole ? data : data.slice(0, SHOWN)
  // Each address is suggested once, where it was refused last.
  const suggested = new Map<string, number>()
  for (const [row, { address: from, reason }] of data.entries())
    if (from !== null && reason === 'ip_not_allowed' && !suggested.has(from) && !allowedIps?.includes(from))
      suggested.set(from, row)
  return (
    <section class="card" aria-labelledby="refusals-title">
      <h2 id="refusals-title">{t('refusals')}</h2>
      <div class="table-box">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{t('time')}</th>
              <th scope="col">{t('reason')}</th>
              <th scope="col">{t('address')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ at, reason, address: from }, row) => (
              <tr key={`${at} ${row}`}>
                <td>
                  <Instant at={at} withDay />
                </td>
                <td>{reasonName(reason, t)}</td>
                <td>
                  {from === null ? t('addressUnknown') : <code>{from}</code>}{' '}
                  {from !== null && !isReadOnly && suggested.get(from) === row && (
                    <button type="button" class="button small" onClick={() => setAddress(from)}>
                      {t('allowOne', { address: from })}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.length > shown.length && (
        <button type="button" class="button table-more" onClick={() => setWhole(true)}>
          {t('showAllCount', { count: data.length })}
        </button>
      )}
      {address !== undefined && (
        <Confirm
          title={t('allowTitle', { address })}
          action={t('allow')}
          isHarmless
          onConfirm={() => allow(address)}
          onClose={() => setAddress(undefined)}
        >
          <p>{withElements(t('allowText'), { address: <code>{address}</code> })}</p>
        </Confirm>
      )}
    </section>
  )
}
