// What GoSendAPI's pages read: its collections as the mock stores them.

import type { Resource } from '@gosend/dashboard-ui'
import type { GosendComponents } from '@gosend/openapi'
import type { StoredItems } from '../../../src/control/wire.js'
import type { Api } from '../api.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { topicOf, useScope } from '../place.js'

type Schemas = GosendComponents['schemas']
export type Message = Schemas['Message']
export type Conversation = Schemas['Conversation']
export type Template = Schemas['Template']
export type Webhook = Schemas['Webhook']
export type Delivery = Schemas['WebhookDelivery']
export type Waba = Schemas['Waba']
export type PhoneNumber = Schemas['PhoneNumber']

export interface Where {
  readonly member: string
  readonly value: string
}

/** The latest of a collection first. */
export async function listOf<Value>(
  api: Api,
  scope: ReturnType<typeof useScope>,
  name: string,
  where?: Where,
): Promise<readonly Value[]> {
  const { items } = await api.get<StoredItems<Value>>('/items', { ...scope, name, ...where })
  return items.map(({ value }) => value)
}

/** A collection, as it changes. */
export function useCollection<Value>(name: string, where?: Where): Resource<readonly Value[]> {
  const { api } = useSandbox()
  const scope = useScope()
  const topic = topicOf(scope, name)
  return useLive(`${topic} ${where?.member} ${where?.value}`, [topic], () =>
    listOf<Value>(api, scope, name, where),
  )
}
