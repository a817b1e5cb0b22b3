// From which number a message goes: one of the project's own in production, Meta's test number in the sandbox.

import type { MockContext } from '../../rules/context.js'
import type { HandlerRefusal } from '../../rules/handlers.js'
import {
  findPhoneNumber,
  findWaba,
  isForeignPhoneNumber,
  type PhoneNumber,
  SANDBOX,
  type Waba,
} from '../customers/accounts.js'
import { refuse, refuseWith } from '../errors.js'

export interface Sender {
  readonly number: PhoneNumber
  readonly waba: Waba
}

/**
 * The sender that a request names by WhatsApp's id, or why it cannot send. The sandbox takes the project's production
 * numbers as well, and sends from the test number all the same: the same request does for both kinds of keys.
 */
export function senderOf(context: MockContext, metaId: string): Sender | HandlerRefusal {
  const number = findPhoneNumber(context, metaId) ?? standInFor(context, metaId)
  if (number === undefined) {
    return isForeignPhoneNumber(context, metaId)
      ? refuse('PHONE_NUMBER_NOT_IN_TENANT', 'This phone number belongs to another project', {
          field: 'phone_number_id',
        })
      : refuse(
          'INVALID_PHONE_NUMBER_ID',
          "Validation failed: 'phone_number_id' is not a number of this project",
          { field: 'phone_number_id', value: metaId },
        )
  }
  const waba = findWaba(context, number.waba_id)
  if (waba === undefined || waba.status === 'pending')
    return refuseWith(403, 'The WABA of this phone number has not completed its sign-up')
  if (waba.status === 'suspended')
    return refuse('WABA_SUSPENDED', 'The WABA of this phone number is suspended and cannot send')
  if (number.status !== 'active')
    return refuseWith(403, `This phone number is ${number.status} and cannot send`)
  return { number, waba }
}

function standInFor(context: MockContext, metaId: string): PhoneNumber | undefined {
  if (context.environment !== 'sandbox') return undefined
  const production = context
    .everywhere()
    .find(({ project, environment }) => project.id === context.project.id && environment === 'production')
  const isOwn = production !== undefined && findPhoneNumber(production, metaId) !== undefined
  return isOwn ? findPhoneNumber(context, SANDBOX.number.phone_number_id) : undefined
}
