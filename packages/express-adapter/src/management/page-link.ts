// The link from one page of a list to the next (RFC 8288).

/** The value of `Link`. Relative to the address that was asked for, which only the client knows behind a proxy. */
export function nextPage(query: object, cursor: string, parameter = 'cursor'): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, [parameter]: cursor })) {
    for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one))
  }
  return `<?${parameters}>; rel="next"`
}
