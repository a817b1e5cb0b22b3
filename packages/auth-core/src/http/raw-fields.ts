// Header fields as Node has read them: `rawHeaders`, names and values by turns.

/**
 * All values of a field as one (RFC 9110, section 5.3). Of several `Authorization` fields Node keeps the first, and another
 * program on the way may have read the last.
 *
 * @param name in lower case.
 */
export function joinedField(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name)
  return values.length === 0 ? undefined : values.join(', ')
}

/** What of a request of Node, or of a server on it, holds its fields. */
export interface NodeFields {
  readonly headers?: Record<string, string | string[] | undefined>
  readonly rawHeaders?: string[] | undefined
  readonly headersDistinct?: Record<string, string[] | undefined> | undefined
}

/**
 * Takes a field out of a request, in every form in which Node has it.
 * @param name in lower case.
 */
export function removeField(request: NodeFields, name: string): void {
  delete request.headers?.[name]
  // Node makes it of `rawHeaders` when it is first read, and fails when there are fewer by then than have come.
  delete request.headersDistinct?.[name]
  const { rawHeaders = [] } = request
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) {
    if (rawHeaders[i]?.toLowerCase() === name) rawHeaders.splice(i, 2)
  }
}
