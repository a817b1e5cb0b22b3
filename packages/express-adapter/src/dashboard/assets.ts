// The files that the dashboard may serve, read once into a fixed map: no part of a request ever becomes a path.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Request, Response } from 'express'

/** Media types by the ending of the name. A file with any other ending is not served. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface Asset {
  readonly type: string
  readonly body: Buffer
}

/** Names, relative to the folder and with forward slashes, and what they stand for. */
export type Assets = ReadonlyMap<string, Asset>

/** @throws the file system's own error when the folder cannot be read. */
export function readAssets(folder: string): Assets {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const assets = new Map<string, Asset>()
  for (const { parentPath, name } of files) {
    const file = path.join(parentPath, name)
    const type = mediaTypes[path.extname(name)]
    if (type === undefined) continue
    assets.set(path.relative(folder, file).replaceAll(path.sep, '/'), { type, body: readFileSync(file) })
  }
  return assets
}

/** A name for the content of all assets, which changes when one of them does. */
export function digestOf(assets: Assets): string {
  const hash = createHash('sha256')
  for (const [name, { body }] of [...assets].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${body.length}\0`).update(body)
  }
  return hash.digest('hex').slice(0, 12)
}

/** A name that changes with the content, such as `start-0f3a….js`. */
export const namedByContent = (name: string, asset: Asset, ending: string): string =>
  `${name}-${digestOf(new Map([['', asset]]))}${ending}`

const compressed = new WeakMap<Asset, Buffer>()

const FOR_GOOD = 'public, max-age=31536000, immutable'

/** Sends an asset whose address stays when its content changes: browsers ask each time whether it has. */
export function sendCurrent(request: Request, response: Response, asset: Asset): void {
  response.set({ 'Cache-Control': 'no-cache', ETag: `W/"${digestOf(new Map([['', asset]]))}"` })
  if (request.fresh) response.status(304).end()
  else sendAsset(request, response, asset, 'no-cache')
}

/** Sends an asset whose address changes with its content, and so may be kept for good. */
export function sendAsset(
  request: Request,
  response: Response,
  asset: Asset,
  cacheControl: string = FOR_GOOD,
): void {
  const isText = !asset.type.startsWith('image/png') && !asset.type.startsWith('font/')
  const isCompressed = isText && request.acceptsEncodings('gzip') === 'gzip'
  let { body } = asset
  if (isCompressed) {
    body = compressed.get(asset) ?? gzipSync(asset.body, { level: 9 })
    compressed.set(asset, body)
  }
  response.writeHead(200, {
    'Content-Type': asset.type,
    'Content-Length': body.length,
    'Cache-Control': cacheControl,
    ...(isText && { Vary: 'Accept-Encoding' }),
    ...(isCompressed && { 'Content-Encoding': 'gzip' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
