// A request to the mocked API once it has been routed, authenticated, decoded and validated.

import type { IncomingHttpHeaders } from 'node:http'
import type { Operation } from '../document/operation.js'
import type { UploadedFile } from './bodies.js'
import type { ParameterValues } from './parameter-values.js'
import type { Preferences } from './preferences.js'

export interface ApiRequest {
  readonly operation: Operation
  readonly path: string
  /** The path with the query, as sent. */
  readonly target?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly parameters: ParameterValues
  /** The query parameters that nobody sent, and that have their defaults. */
  readonly assumed?: ReadonlySet<string> | undefined
  readonly body: unknown
  /** The media type that the body was sent in, without parameters. */
  readonly bodyType?: string | undefined
  readonly files?: readonly UploadedFile[] | undefined
  readonly preferences: Preferences
  /** How the mock was called. */
  readonly scheme: 'http' | 'https'
  /** Whose request it is: each project and environment has state of its own. */
  readonly identity: { readonly projectId: string; readonly environment: string }
}
