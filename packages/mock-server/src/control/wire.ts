// What the control plane and the dashboard's pages exchange as JSON. Imports only types that browsers can have.

import type { SecurityScheme } from '../engine/document/security-scheme.js'

/** What is served, for people. */
export interface MockOverview {
  readonly title: string
  readonly version: string
  readonly dialect: string
  readonly operations: number
  /** The paths of the collections and singletons that are stored. */
  readonly resources: readonly string[]
  readonly warnings: readonly string[]
  /** Reads after a create of the same kind, and those of them that answered with a sample, by operation. */
  readonly reads: {
    readonly afterCreate: number
    readonly notStored: number
    readonly operations: Readonly<Record<string, number>>
  }
  /** A GET that is easy to try, with the scheme of its credential. */
  readonly example: { readonly path: string; readonly security: SecurityScheme | undefined }
  /** The environment variable that examples take the key from. */
  readonly keyVariable: string
}
