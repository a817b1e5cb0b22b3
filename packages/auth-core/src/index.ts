export type { ApiKey, Delegation } from './api-key.js'
export type { ApiKeys } from './api-keys.js'
export type { ApiKeysOptions } from './api-keys-options.js'
export type { Attribution, ChangeOptions, KeyAttributes } from './attributes.js'
export type { Awaitable } from './awaitable.js'
export { createApiKeys } from './composition.js'
export type { ChildLimit, IssueChildOptions } from './delegation.js'
export type { DiagnoseOptions, Diagnosis } from './diagnosis.js'
export { defaultEnvironments, type EnvironmentTable } from './environments.js'
export type { EraseSelection } from './erasure.js'
export { ApiKeysError, type ApiKeysErrorCode } from './errors.js'
export type { EventHandler, ReadOptions, SubscribeOptions, Subscription } from './event-reader.js'
export type { ApiKeyEvent, ApiKeyEventType, EventsOptions, EventsQuery } from './events.js'
export type { Bcrypt, ForeignHash, ImportedKeys, Salt } from './foreign-hashes.js'
export { type Argon2HasherOptions, type Argon2Parameters, argon2Hasher, type Hasher } from './hasher.js'
export type { Health } from './health.js'
export type { ImportEntry, ImportResult } from './imported-keys.js'
export type {
  IssuedKey,
  IssueOptions,
  NewlyIssuedKey,
  RotateOptions,
} from './issuer.js'
export type { EventReport } from './key-events.js'
export {
  createKeyFormat,
  type KeyFormat,
  type KeyFormatOptions,
  type Malformation,
  type ParsedKey,
} from './key-format.js'
export type { KeyPage, ListQuery } from './key-list.js'
export { foldLabel, sortValueOf } from './key-order.js'
export type { Lifetime } from './lifetime.js'
export type {
  EventConsumer,
  EventOutbox,
  FoundEvent,
  OutboxEvent,
  OutboxQuery,
  OutgoingEvent,
} from './outbox.js'
export type { AddressUse, KeyRefusal, Outcome, OutcomeCount, OutcomeStore } from './outcome-store.js'
export type { OutcomesQuery } from './outcomes.js'
export type {
  NewProject,
  Project,
  ProjectChanges,
  ProjectQuery,
  ProjectStatus,
  ProjectStore,
  SessionStore,
  SynchronousProjects,
} from './projects.js'
export type { HistoryQuery, UsageQuery } from './reading.js'
export type { Retention, Swept } from './retention.js'
export {
  type AnyScope,
  type GrantedScope,
  grants,
  type RequiredScope,
  type Resource,
  type ScopeRequirement,
} from './scopes.js'
export type {
  ApiKeyStore,
  CachedStore,
  CacheStatus,
  DailyUse,
  ErasedRows,
  HistoryFilter,
  KeyEvent,
  KeyLimit,
  KeyQuery,
  KeyRows,
  KeySearch,
  KeySort,
  KeyStatus,
  KeyUse,
  Outdated,
  StoredDelegation,
  StoredKey,
} from './store.js'
export type {
  HasherEvent,
  LimitEvent,
  MemoMissEvent,
  StoreEvent,
  Telemetry,
  TelemetryEvent,
  VerificationEvent,
} from './telemetry.js'
export type {
  RefusalReason,
  Requirements,
  Verification,
  VerificationRefusal,
  VerificationSuccess,
  VerifyContext,
} from './verifier.js'
