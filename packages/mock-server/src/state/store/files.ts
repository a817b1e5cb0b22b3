// The bytes that clients upload, kept beside what is stored of them.

import { isObject } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { UploadedFile } from '../../engine/request/bodies.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import type { ItemTable } from '../../storage/item-table.js'
import type { SentFile } from '../entities/entity.js'
import { besideOf } from './kept-beside.js'

export interface KeptFile {
  readonly bytes: Buffer
  readonly type: string | undefined
  /** The path that it was sent to. */
  readonly path: string | undefined
}

/** The thing that a file is of: what is called alike in two collections has two files. */
export interface FileOwner {
  readonly scope: string
  readonly collection: string
  readonly id: string
}

export interface Files {
  /** What the first file of a request tells of itself. */
  sentWith(request: ApiRequest): SentFile | undefined
  /**
   * Keeps the first file of a request for a thing, or the whole body that is put at its path where that is no object. An
   * object that is put there later takes its place.
   */
  keep(request: ApiRequest, owner: FileOwner): void
  of(owner: FileOwner): KeptFile | undefined
  drop(owner: FileOwner): void
  /** Keeps the file of a request under a path, where no thing is known that it belongs to. */
  keepAt(request: ApiRequest, scope: string, path: string): void
  at(scope: string, path: string): KeptFile | undefined
}

export function createFiles(items: ItemTable): Files {
  const put = (request: ApiRequest, owner: FileOwner) => {
    // A list of changes, or what is put beside an upload, is not what was uploaded.
    const isWhole = () => (get(owner)?.path ?? request.path) === request.path
    const whole = request.operation.method === 'PUT' ? wholeOf(request) : undefined
    const kept = fileOf(request)?.content ?? (whole !== undefined && isWhole() ? whole : undefined)
    if (kept === undefined) return dropWhole(request, owner)
    const type = fileOf(request)?.type ?? request.bodyType
    const bytes = Buffer.from(kept, 'latin1').toString('base64')
    write(owner, JSON.stringify({ type, bytes, path: request.path }))
  }
  const dropWhole = ({ operation, path }: ApiRequest, owner: FileOwner) => {
    const isGone = ['PUT', 'DELETE'].includes(operation.method) && get(owner)?.path === path
    if (isGone) write(owner, 'null')
  }
  const write = ({ scope, collection, id }: FileOwner, body: string) =>
    items.replace(scope, besideOf('files', collection), id, body)
  const get = ({ scope, collection, id }: FileOwner): KeptFile | undefined => {
    const row = items.find(scope, besideOf('files', collection), id)
    const kept: unknown = row && JSON.parse(row.body)
    if (!isObject(kept) || typeof kept.bytes !== 'string') return undefined
    return {
      bytes: Buffer.from(kept.bytes, 'base64'),
      type: typeof kept.type === 'string' ? kept.type : undefined,
      path: typeof kept.path === 'string' ? kept.path : undefined,
    }
  }
  return {
    sentWith(request) {
      const file = fileOf(request)
      return file && { field: file.field, name: file.name, type: file.type, size: file.content.length }
    },
    keep: put,
    of: get,
    drop: ({ scope, collection, id }) => void items.remove(scope, besideOf('files', collection), id),
    keepAt: (request, scope, path) => put(request, { scope, collection: path, id: '' }),
    at: (scope, path) => get({ scope, collection: path, id: '' }),
  }
}

/** The bytes of a body that is no object, in latin1: a text, a number or a list. */
function wholeOf({ body, bodyType }: ApiRequest): string | undefined {
  if (body === undefined || bodyType === undefined || isObject(body)) return undefined
  const text = typeof body === 'string' && !isStructuredType(bodyType) ? body : JSON.stringify(body)
  return Buffer.from(text).toString('latin1')
}

const fileOf = ({ files }: ApiRequest): UploadedFile | undefined => files?.[0]
