// The wire contract for authors of other servers: the gate that all servers share, and how its errors are written.

export { networkMeantBy } from '../allowed-ips.js'
export { ask, clockOf, notify } from '../callbacks.js'
export { projectsInTurn } from '../turns.js'
export { createAdminKeyCheck } from './admin-key.js'
export {
  answerTo,
  challengeOf,
  type DisclosedReason,
  type ErrorAnswer,
  type ErrorMessage,
  type FailureReason,
  unauthorized,
  unavailable,
  writeError,
} from './answers.js'
export type { BrowserLeak } from './browser-leak.js'
export { type CredentialPlace, createCredential } from './credential.js'
export type { FailureEvent } from './failures.js'
export { createGate, type Gate, type GateResult } from './gate.js'
export { type DemandingGateOptions, type GateOptions, gateOptions, keySet } from './gate-options.js'
export { type GateRequest, untrustedProxy } from './gate-request.js'
export type { OwnAnswer } from './own-answer.js'
export { joinedField, removeField } from './raw-fields.js'
export type { GateRefusal } from './refusals.js'
