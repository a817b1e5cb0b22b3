// What the dashboard's pages read besides the control plane's own steps: the journal in short and one exchange of it,
// and what is stored, whatever the document describes. Without credentials, all of it.

import type { Duplex } from 'node:stream'
import { scopeOf } from '../rules/contexts.js'
import { SANDBOX_ENVIRONMENTS } from '../security/sandbox-keys.js'
import type { Collections } from '../storage/collections.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import type { ItemTable } from '../storage/item-table.js'
import { BadCommand, type Command, missing, type Route } from './controls.js'
import { harOf } from './har.js'
import type { Journal } from './journal.js'
import { logFilterOf, logRangeOf } from './log-query.js'
import type { Redaction } from './redaction.js'
import { createSending } from './sending.js'
import type { JournalPage, StoredCollection, StoredItems } from './wire.js'

export interface SandboxViewsOptions {
  readonly journal: Journal
  readonly collections: Collections
  readonly items: ItemTable
  readonly redaction: Redaction
  /** The resources of the document, by the paths of their collections. */
  readonly resources: () => readonly string[]
  /** A connection to the mock itself. */
  readonly connect: () => Duplex
}

const MAX_ITEMS = 500

/** Steps for the dashboard alone. */
export function sandboxViews({
  journal,
  collections,
  items,
  redaction,
  resources,
  connect,
}: SandboxViewsOptions): readonly Route[] {
  const sendRequest = createSending({ journal, redaction, connect })
  return [
    /** `?after=17&before=90&limit=50&status=4xx`: the latest of those lines, and where to go on. */
    [
      'GET',
      /^\/_mock\/log$/,
      (_controls, { query }): JournalPage => {
        const range = logRangeOf(query)
        const found = journal.lines({ ...range, limit: range.limit + 1 })
        const lines = found.slice(0, range.limit)
        return {
          oldest: journal.oldest() ?? null,
          latest: journal.lines({ limit: 1 })[0]?.number ?? null,
          lines: lines.toReversed(),
          next: found.length > lines.length ? (lines.at(-1)?.number ?? null) : null,
        }
      },
    ],
    /** The same lines whole, as an HTTP Archive: as many as have 64 MiB. */
    [
      'GET',
      /^\/_mock\/log\.har$/,
      (_controls, { query, origin }) =>
        harOf(journal.entries(logFilterOf(query)), origin ?? 'http://localhost'),
    ],
    /** Sends a request to the mock itself, and gives what came back. */
    ['POST', /^\/_mock\/send$/, (_controls, command) => sendRequest(command)],
    [
      'GET',
      /^\/_mock\/log\/(?<number>\d{1,15})$/,
      (_controls, { parameters: { number } }) => journal.find(Number(number)) ?? missing('request', number),
    ],
    [
      'GET',
      /^\/_mock\/collections$/,
      ({ contexts }, command): readonly StoredCollection[] => {
        const { projectId, environment } = placeOf(command)
        // What a project begins with is there once it has been asked for.
        contexts.of(projectId, environment)
        const stored = collections.of(scopeOf(projectId, environment))
        const names = new Set(stored.map(({ name }) => name))
        const empty = resources().filter((name) => !name.includes('{') && !names.has(name))
        return [...stored, ...empty.map((name) => ({ name, items: 0 }))].sort((a, b) =>
          a.name < b.name ? -1 : 1,
        )
      },
    ],
    /** `?name=/pets&limit=100&member=color&value=red`: the latest first, all of them or those that have a value. */
    [
      'GET',
      /^\/_mock\/items$/,
      ({ contexts }, command): StoredItems => {
        const { projectId, environment } = placeOf(command)
        const name = command.query.get('name') ?? ''
        if (!name.startsWith('/')) throw new BadCommand('name must be the path of a collection')
        const member = command.query.get('member')
        const where = member === null ? {} : { [member]: command.query.get('value') }
        const limit = Math.min(MAX_ITEMS, Number(command.query.get('limit') ?? MAX_ITEMS) || MAX_ITEMS)
        contexts.of(projectId, environment)
        const scope = scopeOf(projectId, environment)
        return {
          total: items.count(scope, name, where),
          items: items.list(scope, name, { where, latestFirst: true, limit }).map(({ id, body }) => ({
            id,
            value: redaction.body(JSON.parse(body)),
          })),
        }
      },
    ],
  ]
}

const placeOf = ({ query }: Command) => ({
  projectId: query.get('project') ?? DEFAULT_PROJECT.id,
  environment: query.get('environment') ?? SANDBOX_ENVIRONMENTS.test,
})
