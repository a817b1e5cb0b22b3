// How a document says that clients prove who they are. Imports nothing, so that the dashboard's pages share it.

export interface SecurityScheme {
  readonly name: string
  readonly type: string
  readonly in: string
  /** The header, query parameter or cookie of an API key. */
  readonly parameter: string
  /** Of an `http` scheme, in lower case. */
  readonly scheme: string
}
