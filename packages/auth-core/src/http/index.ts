// The wire contract for authors of other servers: the gate that all servers share, and how its errors are written.

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
export {
  createGate,
  type DemandingGateOptions,
  type FailureEvent,
  type Gate,
  type GateOptions,
  type GateRefusal,
  type GateRequest,
  type GateResult,
  gateOptions,
  keySet,
  notify,
  untrustedProxy,
} from './gate.js'
export type { OwnAnswer } from './own-answer.js'
export { joinedField, removeField } from './raw-fields.js'
