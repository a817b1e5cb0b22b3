// What this package gives to programs.

export type { FaultRule, JournalEntry, MockOverview, TestSelection, WantedRequests } from './control/wire.js'
export type { DocumentOptions, ServedDocument } from './documents.js'
export type { SecurityScheme } from './engine/document/security-scheme.js'
export { DocumentError, type DocumentErrorCode } from './engine/document/source.js'
export type { ParameterValues } from './engine/request/parameter-values.js'
export type { MockSource } from './engine/response/sources.js'
export { explainDocument } from './explain.js'
export { type GosendOptions, gosend } from './gosend/gosend.js'
export type { RateLimits } from './gosend/plans.js'
export { type LearningReport, type Lesson, learnTraffic, testTraffic } from './learn.js'
export type { Learned } from './learning/learned-file.js'
export type { MockApi } from './mock-api.js'
export { createMockServer, type MockServer } from './mock-server.js'
export type { OAuthClient } from './oauth/clients.js'
export type { MockServerOptions } from './options.js'
export { compareWithApi, type ParityOptions, type ParityReport } from './parity.js'
export type { ProxyOptions } from './proxy/options.js'
export type { ProxyReport, ReportedViolation } from './proxy/report.js'
export type { RecordOptions } from './recording/recorder.js'
export type { ListQuery, MockContext, Store, Where } from './rules/context.js'
export type {
  Handler,
  HandlerAnswer,
  HandlerContext,
  HandlerRefusal,
  HandlerRequest,
  HandlerResult,
  Handlers,
} from './rules/handlers.js'
export type {
  Control,
  ControlContext,
  GuardContext,
  GuardResult,
  Job,
  JobContext,
  Jobs,
  Page,
  PageContext,
  Rules,
} from './rules/rules.js'
export type { Scenario, ScenarioStep, ScenarioWebhook } from './scenarios/scenarios.js'
export type { AuthMode } from './security/gate.js'
export { generateKeys } from './security/sandbox-keys.js'
export type { HttpsOptions } from './server/certificates.js'
export type { Basis, OperationReading } from './state/places/readings.js'
