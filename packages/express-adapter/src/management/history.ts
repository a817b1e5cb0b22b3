// The audit log as the management API shows it.

import type { KeyEvent } from '@gosend/auth-core'
import type { KeyEventBody } from './wire.js'

export function bodyOfEvent({ at, projectId, keyId, action, actor, details }: KeyEvent): KeyEventBody {
  return { at: new Date(at), projectId, keyId, action, actor, details }
}
