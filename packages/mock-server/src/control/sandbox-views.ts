// What the dashboard's pages read besides the control plane's own steps: the journal in short and one exchange of it,
// and what is stored, whatever the document describes. Without credentials, all of it.

import type { Duplex } from 'node:stream'
import { isObject } from '../engine/json.js'
import { scopeOf } from '../rules/contexts.js'
import { SANDBOX_ENVIRONMENTS } from '../security/sandbox-keys.js'
import type { Collections } from '../storage/collections.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import type { StoredItem } from '../storage/item-pages.js'
import type { ItemTable } from '../storage/item-table.js'
import { BadCommand, type Command, missing, OUTCOME, type Route } from './controls.js'
import { harOf } from './har.js'
import type { Journal } from './journal.js'
import { logFilterOf, logRangeOf } from './log-query.js'
import type { Redaction } from './redaction.js'
import { createSending } from './sending.js'
import { restored, storedObjectOf, withSecrets } from './stored-objects.js'
import type { JournalPage, RequestDraft, StoredCollection, StoredItems, StoredObject } from './wire.js'

export interface SandboxViewsOptions {
  readonly journal: Journal
  readonly collections: Collections
  readonly items: ItemTable
  readonly redaction: Redaction
  /** The resources of the document, by the paths of their collections. */
  readonly resources: () => readonly string[]
  /** A request for an operation, by its name. */
  readonly draft: (
    operation: string,
    scope: { projectId: string; environment: string },
  ) => RequestDraft | undefined
  /** A connection to the mock itself. */
  readonly connect: () => Duplex
}

const MAX_ITEMS = 500
/** So many of the latest are searched. */
const MAX_SEARCHED = 20_000

/** Steps for the dashboard alone. */
export const sandboxViews = (options: SandboxViewsOptions): readonly Route[] => [
  ...logViews(options),
  ...tryingViews(options),
  ...storedViews(options),
]

const logViews = ({ journal }: SandboxViewsOptions): readonly Route[] => [
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
  /** The same requests as a test for Vitest. */
  [
    'GET',
    /^\/_mock\/log\.test\.ts$/,
    async ({ toTest }, { query }) => {
      const requests = journal.entries(logFilterOf(query)).map(({ number }) => number)
      return { [OUTCOME]: 200, body: await toTest({ requests }), mediaType: 'text/plain; charset=utf-8' }
    },
  ],
  [
    'GET',
    /^\/_mock\/log\/(?<number>\d{1,15})$/,
    (_controls, { parameters: { number } }) => journal.find(Number(number)) ?? missing('request', number),
  ],
]

function tryingViews(options: SandboxViewsOptions): readonly Route[] {
  const { draft } = options
  const sendRequest = createSending(options)
  return [
    /** `?operation=createPet`: a request that can be sent as it is. */
    [
      'GET',
      /^\/_mock\/draft$/,
      ({ contexts }, command) => {
        const place = placeOf(command)
        contexts.of(place.projectId, place.environment)
        const operation = command.query.get('operation') ?? ''
        return draft(operation, place) ?? missing('operation', operation)
      },
    ],
    /** Sends a request to the mock itself, and gives what came back. */
    ['POST', /^\/_mock\/send$/, (_controls, command) => sendRequest(command)],
  ]
}

const storedViews = (options: SandboxViewsOptions): readonly Route[] => [
  ...collectionViews(options),
  ...objectViews(options),
]

const collectionViews = ({
  collections,
  resources,
  items,
  redaction,
}: SandboxViewsOptions): readonly Route[] => [
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
  /** `?name=/pets&limit=100&member=color&value=red&text=rex`: the latest first, all of them or those that match. */
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
      const words = (command.query.get('text') ?? '').trim().toLowerCase()
      const shown = ({ id, body }: StoredItem) => ({ id, value: redaction.body(JSON.parse(body)) })
      const listed = (most: number) =>
        items.list(scope, name, { where, latestFirst: true, limit: most }).map(shown)
      if (words === '') return { total: items.count(scope, name, where), items: listed(limit) }
      // What is redacted is not searched either.
      const found = listed(MAX_SEARCHED).filter(({ id, value }) =>
        `${id} ${JSON.stringify(value)}`.toLowerCase().includes(words),
      )
      return { total: found.length, items: found.slice(0, limit) }
    },
  ],
]

function objectViews({ items, redaction, journal }: SandboxViewsOptions): readonly Route[] {
  const find = (command: Command) => {
    const { projectId, environment } = placeOf(command)
    const scope = scopeOf(projectId, environment)
    const [name, id] = [command.query.get('name') ?? '', command.query.get('id') ?? '']
    return { scope, name, id, item: name.startsWith('/') ? items.find(scope, name, id) : undefined }
  }
  const path = /^\/_mock\/item$/
  return [
    /** `?name=/pets&id=7`: one object, with the requests that made and changed it. */
    [
      'GET',
      path,
      (_controls, command): StoredObject | ReturnType<typeof missing> => {
        const { item, name, id } = find(command)
        return item === undefined ? missing('object', id) : storedObjectOf(item, name, { redaction, journal })
      },
    ],
    /** Another value for it; what it shows as redacted stays. */
    [
      'PUT',
      path,
      (_controls, command) => {
        const { item, scope, name, id } = find(command)
        if (item === undefined) return missing('object', id)
        if (!isObject(command.body)) throw new BadCommand('Send the object as JSON')
        const stored: unknown = JSON.parse(item.body)
        if (withSecrets(redaction.body(stored), stored) === undefined)
          throw new BadCommand('This object is too large to be edited here')
        const whole = item.whole ?? undefined
        items.replace(scope, name, id, JSON.stringify(restored(command.body, stored)), { whole })
        return undefined
      },
    ],
    [
      'DELETE',
      path,
      (_controls, command) => {
        const { scope, name, id, item } = find(command)
        if (item === undefined) return missing('object', id)
        items.remove(scope, name, id)
        return undefined
      },
    ],
  ]
}

const placeOf = ({ query }: Command) => ({
  projectId: query.get('project') ?? DEFAULT_PROJECT.id,
  environment: query.get('environment') ?? SANDBOX_ENVIRONMENTS.test,
})
