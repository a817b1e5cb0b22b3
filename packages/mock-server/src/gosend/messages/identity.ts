// What tells messages apart: where they are kept, WhatsApp's ids of them, and where they are from.

import { createHash } from 'node:crypto'
import type { GosendComponents } from '@gosend/openapi'
import type { MockContext } from '../../rules/context.js'

export type Message = GosendComponents['schemas']['Message']

export const MESSAGES = '/messages'

/** In which environment a message was made, and that nobody outside will get it or wrote it. */
export const originOf = ({ environment }: MockContext) =>
  ({ environment: environment as Message['environment'], simulated: true }) as const

/** WhatsApp's id of a message, laid out like a real one: who the other is, and 18 hexadecimal digits. */
export function wamidOf(
  context: MockContext,
  direction: Message['direction'],
  contact: string,
  id: string,
): string {
  const place = [context.project.id, context.environment, id].join('/')
  const digits = createHash('sha256').update(place).digest('hex').slice(0, 18).toUpperCase()
  const bytes = Buffer.concat([
    Buffer.from([0x1c, 0x18, contact.length]),
    Buffer.from(contact),
    Buffer.from([0x15, 0x02, 0x00, direction === 'outbound' ? 0x11 : 0x12, 0x18, 0x12]),
    Buffer.from(digits),
    Buffer.from([0x00]),
  ])
  return `wamid.${bytes.toString('base64')}`
}
