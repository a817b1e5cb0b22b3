// What the control plane and the dashboard's pages exchange as JSON. Imports only types that browsers can have.

import type { SecurityScheme } from '../engine/document/security-scheme.js'
import type { MockSource } from '../engine/response/sources.js'

export type { WaitingJob } from '../rules/waiting-job.js'

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
  /** Each document, where several are served: the path that it is served below, and what it has. */
  readonly documents?: readonly {
    readonly path: string
    readonly title: string
    readonly version: string
    readonly operations: number
  }[]
  /** A GET that is easy to try, with the scheme of its credential. */
  readonly example: { readonly path: string; readonly security: SecurityScheme | undefined }
  /** How a client gets a token, where a document says where tokens come from: a form that is posted to a path. */
  readonly tokenRequest?:
    | {
        readonly path: string
        /** Its id and secret, such as `app:secret`. */
        readonly client: string
        readonly form: Readonly<Record<string, string>>
      }
    | undefined
  /** The environment variable that examples take the key from. */
  readonly keyVariable: string
}

export interface JournalEntry {
  /** Counts up from 1 for every request of this process. */
  readonly number: number
  /** When the request arrived, by the mock's clock. */
  readonly at: string
  readonly method: string
  /** With the query; credentials in it are replaced. */
  readonly path: string
  readonly operationId: string | null
  readonly projectId: string | null
  readonly environment: string | null
  readonly keyId: string | null
  /** The OAuth client that asked for a token, or sent one. */
  readonly clientId: string | null
  readonly headers: Readonly<Record<string, string>>
  /** What the body says, decoded; its text where it could not be read, and null where it is no text either. */
  readonly body: unknown
  /** The body as it was sent, decompressed, at most 64 KiB of it. Null when there was none, or it is no text. */
  readonly bodyText: string | null
  /** How many bytes it had; null when there was none, or nobody counted them. */
  readonly bodyBytes: number | null
  /** What did not fit the document. */
  readonly violations: readonly {
    /** `body`, or where the parameter is; `response`, `response body` or `response header` in the answer of the real API. */
    readonly in: string
    /** The parameter's name, or a JSON pointer into the body. */
    readonly location: string
    readonly message: string
  }[]
  /** 0 when the connection was ended without an answer. */
  readonly status: number
  readonly responseHeaders: Readonly<Record<string, string>>
  /** A body of more than 64 KiB is replaced by a text that says how long it was: `[70000 bytes]`. */
  readonly responseBody: unknown
  /** Why the request was refused, in words; null when it was not. */
  readonly reason: string | null
  /** The answer's `Mock-Source`; null when it has none. */
  readonly source: MockSource | null
  readonly durationMs: number
}

/** An exchange in short. */
export type JournalLine = Omit<
  JournalEntry,
  'headers' | 'body' | 'bodyText' | 'bodyBytes' | 'violations' | 'responseHeaders' | 'responseBody'
>

/** A part of the journal, the oldest first. */
export interface JournalPage {
  /** The numbers of the oldest and the latest line that are still kept; null when there is none. */
  readonly oldest: number | null
  readonly latest: number | null
  readonly lines: readonly JournalLine[]
  /** `before` of the page with the next older lines; null where there are none. */
  readonly next: number | null
}

/** A request that the mock sends to itself. */
export interface RequestToSend {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** As text. Null: none. */
  readonly body: string | null
}

/** A request for an operation, to be tried: it can be sent as it is. */
export interface RequestDraft {
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header' | 'cookie'
    readonly required: boolean
    /** As text; what is not required may be left out. */
    readonly value: string
    /** What the document says of it. */
    readonly about: string
  }[]
  readonly headers: RequestToSend['headers']
  readonly body: string | null
}

/** What came back, as it was sent. */
export interface AnswerReceived {
  /** 0 when the connection was ended without an answer. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly durationMs: number
  /** Its number in the journal; null where it is not in it. */
  readonly number: number | null
}

export interface FaultRule {
  /** An operationId, or `GET /path` as the document writes it. Default: every operation. */
  readonly operation?: string | undefined
  /** How long the answer waits. */
  readonly latencyMs?: number | undefined
  /** The status to answer with, 400 to 599. */
  readonly status?: number | undefined
  /** Ends the connection without an answer. */
  readonly drop?: boolean | undefined
  /** How likely the fault is, from 0 to 1. Default 1. */
  readonly rate?: number | undefined
  /** How many times it happens before it is over. Default: without end. */
  readonly times?: number | undefined
  /** `Retry-After` of the answer. Default 1 for 429 and 503. */
  readonly retryAfterSeconds?: number | undefined
}

/** Requests that a test expects clients to have sent. */
export interface WantedRequests {
  /** An operationId, or `GET /path` as the document writes it. Default: any. */
  readonly operation?: string | undefined
  /** The path as it was sent; the query counts where this has one. */
  readonly path?: string | undefined
  /** What was answered. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What the body has: objects may have more members. Credentials are in no journal, and match nothing. */
  readonly body?: unknown
  /** How many there are to be. Default: at least 1. */
  readonly times?: number | { readonly atLeast?: number; readonly atMost?: number } | undefined
}

/** Requests of the journal that a test is made of. */
export interface TestSelection {
  /** Their numbers. Default: all. */
  readonly requests?: readonly number[] | undefined
  /** An operationId, or `GET /path` as the document writes it. Default: any. */
  readonly operation?: string | undefined
  /** Only requests that were refused, or did not fit the document. */
  readonly refused?: boolean | undefined
  /** How the test is to name the document. Default: as the mock was told. */
  readonly spec?: string | undefined
}

export interface Verification {
  readonly ok: boolean
  /** How many requests match. */
  readonly count: number
  /** What is wrong, in words; empty where nothing is. */
  readonly message: string
  /** The requests that came nearest, or one too often. */
  readonly nearest: readonly VerificationMiss[]
}

export interface VerificationMiss {
  /** That of the journal. */
  readonly number: number
  readonly method: string
  readonly path: string
  readonly status: number
  /** Where it differs: `body.items.0.name`. */
  readonly differences: readonly { readonly at: string; readonly wanted: unknown; readonly got: unknown }[]
}

/** The mock's clock. */
export interface ClockReading {
  /** ISO 8601. */
  readonly now: string
  readonly frozen: boolean
}

/** An operation of the document. */
export interface OperationName {
  readonly id: string
  /** `GET /path`. */
  readonly line: string
  readonly summary?: string | undefined
}

/** How an operation is called. */
export interface OperationDescription {
  readonly id: string
  readonly method: string
  /** With the base path of its document. */
  readonly path: string
  readonly summary?: string
  readonly description?: string
  readonly deprecated?: boolean
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
    readonly schema: unknown
  }[]
  /** Schemas by media type; references are resolved as far as somebody reads on. */
  readonly body?: { readonly required: boolean; readonly content: Readonly<Record<string, unknown>> }
  readonly responses: readonly {
    readonly status: string
    readonly description: string
    readonly content: Readonly<Record<string, unknown>>
  }[]
  /** Alternatives, each a list of credentials that are all needed. */
  readonly security: readonly (readonly {
    readonly scheme: SecurityScheme
    readonly scopes: readonly string[]
  }[])[]
  /** What the mock does for it. */
  readonly reading?: object
  readonly example: ExampleCall
}

/** Parameters and a body that the document allows. */
export interface ExampleCall {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body?: unknown
}

/** The mock's own keys, by the environment that they belong to. */
export interface SandboxKeysView {
  readonly sandbox: string
  readonly production: string
}

export interface StoredCollection {
  /** The path of the collection. */
  readonly name: string
  readonly items: number
}

/** One object, as it is stored now. */
export interface StoredObject {
  readonly id: string
  readonly value: unknown
  /** False where too much of it is left out of `value`. */
  readonly isEditable: boolean
  /** The requests of the log that changed it, the latest first; the last one made it, where the log goes back so far. */
  readonly history: readonly JournalLine[]
}

/** Some of what a collection has, the latest first. */
export interface StoredItems<Value = unknown> {
  readonly total: number
  readonly items: readonly { readonly id: string; readonly value: Value }[]
}
