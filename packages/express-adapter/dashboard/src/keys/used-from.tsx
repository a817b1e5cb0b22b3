// Where a key is used from: on its page, and as addresses to choose from for its allowlist.

import { Ago, type Resource, useResource } from '@gosend/dashboard-ui'
import { answer, type Key } from '../client.js'
import { useTexts } from '../locale.js'
import { useKeysHost } from './host.js'

interface KeyAddress {
  readonly address: string
  readonly at: string
}

/** The addresses that a key was last used from; none for a key that is not there yet. */
export function useAddresses(record: Key | undefined, version = ''): Resource<readonly KeyAddress[]> {
  const { api, countsOutcomes } = useKeysHost()
  return useResource(`addresses ${record?.id} ${version}`, async () => {
    if (record === undefined || !countsOutcomes) return []
    const params = { path: { projectId: record.projectId, keyId: record.id } }
    return answer(api.GET('/projects/{projectId}/keys/{keyId}/addresses', { params }))
  })
}

export function UsedFrom({ record, version }: { readonly record: Key; readonly version: string }) {
  const t = useTexts()
  const { data = [] } = useAddresses(record, version)
  if (data.length === 0) return null
  return (
    <section class="card" aria-labelledby="used-from-title">
      <h2 id="used-from-title">{t('usedFrom')}</h2>
      <div class="table-box">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{t('address')}</th>
              <th scope="col">{t('lastUsed')}</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ address, at }) => (
              <tr key={address}>
                <td>
                  <code>{address}</code>
                </td>
                <td>
                  <Ago at={at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
