// API keys for Express: the middleware, the tsoa hook, the management API and the dashboard.

export type {
  NewProject,
  Project,
  ProjectChanges,
  ProjectQuery,
  ProjectStatus,
  ProjectStore,
} from '@gosend/auth-core'
export type { BrowserLeak, FailureEvent, FailureReason } from '@gosend/auth-core/http'
export { type MemoryProjects, memoryProjects } from '@gosend/auth-core/memory'
export {
  type DashboardExtension,
  type DashboardFeatures,
  type DashboardOptions,
  dashboard,
} from './dashboard/dashboard.js'
export { healthRoute } from './health-route.js'
export type { DashboardLocale, DashboardMessageName, DashboardMessages } from './locale/dashboard/messages.js'
export type { LocaleBundle, MessageName, Messages } from './locale/messages.js'
export type { Authority, Authorize, Grant } from './management/authorization.js'
export { type ManagementOptions, managementRouter } from './management/router.js'
export { apiKeyOf } from './request-key.js'
export { type FromOpenApiOptions, type RequireApiKeyOptions, requireApiKey } from './require-api-key.js'
export {
  type GithubPublicKey,
  type GithubPublicKeysOptions,
  githubPublicKeys,
  type PublicKeys,
} from './secret-scanning/github-signature.js'
export {
  type Finding,
  type Leak,
  type SecretScanningOptions,
  secretScanning,
} from './secret-scanning/secret-scanning.js'
export type { AppSettings } from './trust-proxy.js'
export {
  type ApiKeyErrorHandlerOptions,
  apiKeyErrorHandler,
  CredentialError,
  type ExpressAuthentication,
  type SecurityScheme,
  type TsoaAuthenticationOptions,
  tsoaAuthentication,
} from './tsoa.js'
export { verifyRoute } from './verify-route.js'
