// The forms that answers of the state have, whichever step gives them.

import { isUtf8 } from 'node:buffer'
import type { ApiRequest } from '../engine/request/api-request.js'
import { bareType, isStructuredType } from '../engine/request/media-types.js'
import type { Answer } from '../engine/response/answers.js'
import type { Refusal } from '../engine/response/refusals.js'
import type { Template } from '../engine/response/responses.js'
import type { MockSource } from '../engine/response/sources.js'
import type { RenderContext } from './answers/renderer.js'
import { wordsOf } from './conventions/names.js'
import type { Entity, EntityFactory, Item } from './entities/entity.js'
import { noteChange } from './entities/entity-changes.js'
import type { EntityView } from './forms/entity-views.js'
import { equals } from './patches.js'
import { type Found, keepEntity } from './store/entity-store.js'
import type { FileOwner, KeptFile } from './store/files.js'
import { withListCounts } from './store/list-counts.js'
import { rowOf, type Site, type World } from './world.js'

/** An answer, a refusal, or undefined where nothing is stored for an operation. */
export type StateAnswer = { readonly answer: Answer } | { readonly refusal: Refusal } | undefined

export const answered = (
  { responses }: World,
  { template }: Pick<RenderContext, 'template'>,
  {
    body,
    source = 'stored',
    headers,
    modifiedAt,
  }: Partial<Pick<Answer, 'body' | 'source' | 'headers' | 'modifiedAt'>>,
): StateAnswer => {
  // Written out, because each answer comes through here, and to spread it costs more than to make it.
  const made = responses.answer(template, body, headers)
  const { status, headers: fields, body: shown, encoded, mediaType } = made
  return { answer: { status, headers: fields, body: shown, encoded, modifiedAt, mediaType, source } }
}

export const notFound = ({ request }: Pick<RenderContext, 'request'>): StateAnswer => ({
  refusal: { status: 404, isMissing: true, message: `Nothing is stored at ${request.path}` },
})

// More of them would keep others waiting for a second.
const MAX_AT_ONCE = 2_000

/** The refusal of a request that is about too many things; undefined where they are few enough. */
export const tooMany = ({ length }: readonly unknown[]): StateAnswer =>
  length <= MAX_AT_ONCE
    ? undefined
    : {
        refusal: {
          status: 413,
          message: `The body has ${length} things, and one request may be about ${MAX_AT_ONCE} at the most: send them in parts`,
        },
      }

/** @param echo what a client sent, for members that are not the entity's. */
export function shown(world: World, site: Site, { entity, isMade }: Found, echo?: unknown): StateAnswer {
  const body = world.renderer.entity(site, rowOf(site, entity), echo)
  const changedAt = site.role.kind === 'read' ? site.factory.changedAt(entity) : undefined
  // A server does not tell of times to come (RFC 9110, section 8.8.2.1).
  const modifiedAt = changedAt !== undefined && changedAt <= world.clock.now() ? changedAt : undefined
  return answered(world, site, { body, source: sourceOf(world, site, entity, isMade), modifiedAt })
}

function sourceOf({ lessons }: World, { name }: Site, { id, item }: Entity, isMade = false): MockSource {
  if (isMade) return 'generated'
  const seen = lessons?.seen(name, id)
  const isAsSeen =
    seen !== undefined &&
    Object.entries(seen).every(([member, value]) => !(member in item) || equals(item[member], value))
  return isAsSeen ? 'learned' : 'stored'
}

/** Whether an answer shows things of a type, or others. */
export function showsOwn({ forms }: Pick<World, 'forms'>, view: EntityView, factory: EntityFactory): boolean {
  if (view.idPath === undefined) return false
  if (forms.identity(view.schema) === forms.identity(factory.view.schema)) return true
  const own = forms.of(factory.view.schema)
  const shared = [...view.form.byName.keys()].filter((name) => own.byName.has(name)).length
  return shared >= Math.max(2, view.form.byName.size * 0.6)
}

const ownerOf = ({ scope }: Site, { collection, entity: { id } }: Found): FileOwner => ({
  scope,
  collection,
  id,
})

/** Keeps what a request made of a thing, with the file that came along. */
export function kept(world: World, site: Site, found: Found, changed: Entity): Found {
  const entity = withListCounts(world, site.type, changed)
  keepEntity(world, site, { kind: 'replace', name: found.collection, entity })
  const isNew = found.entity === entity
  noteChange(world.changes, site, {
    ...(isNew ? { kind: 'create', before: undefined } : { kind: 'update', before: found.entity }),
    entity,
  })
  world.files.keep(site.request, ownerOf(site, found))
  return { ...found, entity, isMade: false }
}

/**
 * An answer that is about no stored thing repeats what the request named.
 *
 * @param id of the thing that it tells of, where that is all that the answer can identify.
 */
export function echo(
  { renderer, responses }: World,
  request: ApiRequest,
  template: Template | undefined,
  id?: string,
): StateAnswer {
  const body = template && renderer.echo(template, request, id)
  if (template === undefined || body === undefined) return undefined
  const source: MockSource = request.operation.method === 'GET' ? 'generated' : 'echoed'
  return { answer: { ...responses.answer(template, body), source } }
}

/** What is asked for in no described type but raw, by the word that APIs use: `application/vnd.acme.raw+json`. */
export function raw(world: World, site: Site, found: Found): StateAnswer {
  const { request, template, factory } = site
  const { accept } = request.headers
  if (accept === undefined || !/raw/i.test(accept)) return undefined
  const wanted = bareType(accept)
  const isRaw = wordsOf(wanted.split('/')[1] ?? '').includes('raw') && !wanted.includes(',')
  if (!isRaw || template.media === undefined || bareType(template.media.type) === wanted) return undefined
  const file = world.files.of(ownerOf(site, found))?.bytes ?? contentOf(factory.full(found.entity))
  if (file === undefined) return undefined
  const mediaType = isUtf8(file) ? `${wanted}; charset=utf-8` : wanted
  return { answer: { ...world.responses.answer(template, file), mediaType, source: 'stored' } }
}

/** What a thing holds as its content, which may be in Base64. */
const contentOf = ({ content, encoding }: Item): Buffer | undefined =>
  typeof content === 'string' ? Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8') : undefined

const isJson = ({ media }: Template): boolean => media !== undefined && isStructuredType(media.type)

/** The bytes that were uploaded for a thing, or to a path, where an answer is bytes. */
export function bytes(world: World, site: Site, found?: Found): StateAnswer {
  const { template, scope, request } = site
  const own = found && world.files.of(ownerOf(site, found))
  if ((template.response?.content ?? []).length === 0) return own && unstated(world, site, own)
  if (template.media === undefined) return undefined
  const file: KeptFile | undefined = own ?? world.files.at(scope, request.path)
  if (file === undefined) return undefined
  if (isJson(template) && isStructuredType(file.type ?? '')) return valueIn(world, site, file)
  const types = world.forms.types(template.schema)
  const isText = types?.size === 1 && types.has('string')
  if (isJson(template) && !isText && !isShownAsSent(site, file)) return undefined
  const answer = world.responses.answer(template, file.bytes)
  const isOpen = template.media.type.includes('*') || isJson(template)
  const mediaType = isOpen ? typeOfBytes(template, file) : answer.mediaType
  return { answer: { ...answer, mediaType, source: 'stored' } }
}

/** A document that says nothing of what a GET answers for what was uploaded means the file. */
function unstated({ responses }: World, { template, role, request }: Site, file: KeptFile): StateAnswer {
  if (role.kind !== 'read' || request.operation.method !== 'GET') return undefined
  const mediaType = file.type ?? 'application/octet-stream'
  return { answer: { ...responses.answer(template, file.bytes), mediaType, source: 'stored' } }
}

/** A value that was sent as a whole, where an answer has room for it. */
function valueIn(world: World, site: Site, { bytes: json, path }: KeptFile): StateAnswer {
  if (path !== site.request.path) return undefined
  const value: unknown = JSON.parse(json.toString())
  const { template } = site
  const members = [...world.forms.of(template.schema).byName.values()]
  const [envelope, ...others] = members.filter(
    ({ schema }) => world.forms.of(schema).isArray === Array.isArray(value),
  )
  // What is sent by itself may be answered in an envelope: `{ data: ['ns1.example.org'] }` (DNSimple).
  const enveloped = envelope !== undefined && others.length === 0 ? [{ [envelope.name]: value }] : []
  const body = [value, ...enveloped].find((one) => world.responses.check(template, one).length === 0)
  return body === undefined ? undefined : answered(world, site, { body })
}

/** Whether what was sent to a path is to be had there again in a media type that the document gives beside JSON. */
function isShownAsSent({ template: { response }, request }: Site, { type = '', path }: KeptFile): boolean {
  const { accept = '*/*' } = request.headers
  const isDocumented = (response?.content ?? []).some((media) =>
    ['*/*', bareType(type)].includes(bareType(media.type)),
  )
  return path === request.path && isDocumented && (accept.includes('*/*') || accept.includes(bareType(type)))
}

/** Bytes are bytes, whatever media type the document gives a text: their own, or another that it gives as well. */
function typeOfBytes({ response }: Template, { type = 'application/octet-stream' }: KeptFile): string {
  const documented = (response?.content ?? []).map((media) => bareType(media.type))
  const raw = documented.filter((one) => !isStructuredType(one) && !one.includes('*'))
  return documented.includes(bareType(type)) ? type : (raw[0] ?? type)
}
