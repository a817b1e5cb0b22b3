// The wire contract for authors of other servers: the gate that all servers share, and how its errors are written.

export { createAdminKeyCheck } from './admin-key.js'
export {
  answerTo,
  challengeOf,
  type ErrorAnswer,
  type ErrorMessage,
  type FailureReason,
  unauthorized,
  unavailable,
  writeError,
} from './answers.js'
export type { BrowserLeak } from './browser-leak.js'
export {
  createGate,
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
  VARY,
} from './gate.js'
