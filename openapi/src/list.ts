// Walks through a list: asks for a page when the one before is used up, and knows which page is the last.

import type { MaybeOptionalInit } from 'openapi-fetch'

/** The paths whose `GET` answers with an array. */
export type ListPath<Paths> = {
  [Path in keyof Paths]: Paths[Path] extends ListOf<unknown> ? Path : never
}[keyof Paths]

interface ListOf<Item> {
  get: { responses: { 200: { content: { 'application/json': Item[] } } } }
}

/** What the list at a path holds. */
export type ListItem<Paths, Path extends keyof Paths> = Paths[Path] extends ListOf<infer Item> ? Item : never

type ListArguments<Init> = undefined extends Init ? [init?: Init] : [init: Init]

/**
 * All entries of the list at a path, one after the other, from the page in the query or the first. Takes what `GET`
 * takes. No page is asked for before it is needed, and none after a `break`.
 *
 * @throws GosendError in the loop, when a page is refused.
 */
export type List<Paths> = <Path extends ListPath<Paths>>(
  path: Path,
  ...init: ListArguments<MaybeOptionalInit<Paths[Path] & ListOf<unknown>, 'get'>>
) => AsyncGenerator<ListItem<Paths, Path>, void, undefined>

/** Why a walk through a list ended early: the answer that was no page. */
export class GosendError extends Error {
  override readonly name = 'GosendError'
  /** The HTTP status. */
  readonly statusCode: number
  /** The `code` in the body, if there is one. */
  readonly code: string | undefined

  constructor(path: string, statusCode: number, body: unknown) {
    const { message, code } = Object(body)
    super(`${path}: ${statusCode} ${typeof message === 'string' ? message : 'without an explanation'}`)
    this.statusCode = statusCode
    this.code = typeof code === 'string' ? code : undefined
  }
}

interface Init {
  readonly params?: { readonly query?: { readonly page?: number; readonly per_page?: number } }
}

interface Answer {
  readonly data?: readonly unknown[]
  readonly error?: unknown
  readonly response: Response
}

const USUAL_PER_PAGE = 20

/** @param get asks for one page. */
export async function* walk(
  get: (path: string, init: Init) => Promise<Answer>,
  path: string,
  init: Init = {},
) {
  const { page: first = 1, per_page = USUAL_PER_PAGE } = init.params?.query ?? {}
  for (let page = first; ; page++) {
    const { data, error, response } = await get(path, {
      ...init,
      params: { ...init.params, query: { ...init.params?.query, page } },
    })
    if (data === undefined) throw new GosendError(path, response.status, error)
    const header = (name: string) => Number(response.headers.get(name) ?? Number.NaN)
    // A list that shrank has no such page; a server may answer with its last page instead, which we have had.
    if (header('X-Page') < page) return
    yield* data
    const perPage = header('X-Per-Page') || per_page
    const total = header('X-Total-Count')
    // A total that a proxy has dropped is no reason to stop: then the last page is the one that is not full.
    if (data.length === 0 || (Number.isNaN(total) ? data.length < perPage : page * perPage >= total)) return
  }
}
