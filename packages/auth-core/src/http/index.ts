// The wire contract for whoever writes a server of their own: reasons, answers, and the gate that all servers share.

export {
  answerTo,
  challengeOf,
  type ErrorAnswer,
  type ErrorMessage,
  type ErrorRequest,
  type FailureReason,
  isTrouble,
  unauthorized,
  unavailable,
  writeError,
} from './answers.js'
export { createExposureWatch, type Exposure, type ExposureWatch } from './exposure.js'
export {
  type Arrival,
  checkDemands,
  createGate,
  type FailureEvent,
  failure,
  type Gate,
  type GateOptions,
  gateOptions,
  keySet,
  limitFailure,
  type Passage,
  tell,
  trouble,
  untrustedProxy,
  VARY,
} from './gate.js'
export { limitFieldsOf, takeOnce } from './limit-gate.js'
export { createPace, type Pace, type PaceOptions } from './pace.js'
