// Uploaded files: what WhatsApp takes, how large, for how long. The bytes themselves are nowhere shown, so only what is
// known of them is kept.

import { createHash } from 'node:crypto'
import type { GosendComponents } from '@gosend/openapi'
import type { MockContext } from '../../rules/context.js'
import type { HandlerRefusal, Handlers } from '../../rules/handlers.js'
import { metaIdOf } from '../customers/accounts.js'
import { refuse, refuseWith } from '../errors.js'
import { timestamp } from '../time.js'
import { senderOf } from './senders.js'

type Schemas = GosendComponents['schemas']

/** The message types that hold a file. */
export type FileKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/** A file in a message: an uploaded one, or one on the web. */
export type FileReference = { readonly id: string } | { readonly link: string }

interface StoredMedia {
  readonly id: string
  readonly phone_number_id: string
  readonly type: MediaType
  readonly size: number
  readonly sha256: string
  readonly created_at: string
  readonly expires_at: number
}

type MediaType = Schemas['MediaUpload']['type']

interface Format {
  readonly kind: FileKind
  readonly maxBytes: (bytes: Buffer) => number
}

const KIB = 1024
const MIB = 1024 * KIB
const upTo = (maxBytes: number) => () => maxBytes

const IMAGE: Format = { kind: 'image', maxBytes: upTo(5 * MIB) }
const AUDIO: Format = { kind: 'audio', maxBytes: upTo(16 * MIB) }
const DOCUMENT: Format = { kind: 'document', maxBytes: upTo(100 * MIB) }

const FORMATS: Readonly<Record<MediaType, Format>> = {
  'image/jpeg': IMAGE,
  'image/png': IMAGE,
  'video/mp4': { kind: 'video', maxBytes: upTo(16 * MIB) },
  'audio/mpeg': AUDIO,
  'audio/ogg': AUDIO,
  'application/pdf': DOCUMENT,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': DOCUMENT,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': DOCUMENT,
  'image/webp': { kind: 'sticker', maxBytes: (bytes) => (isAnimated(bytes) ? 500 : 100) * KIB },
}

/** The largest file and what surrounds it in a form. */
export const MAX_UPLOAD_BYTES = 101 * MIB

const MEDIA = '/media'
const KEPT_MS = 30 * 24 * 60 * 60_000

/** WebP's extended header has a flag for it. */
const isAnimated = (bytes: Buffer): boolean =>
  bytes.toString('latin1', 12, 16) === 'VP8X' && ((bytes[20] ?? 0) & 0b10) !== 0

/**
 * Why a file cannot be sent from a number as this kind of message; undefined when it can.
 *
 * @param field where the file stands in the request.
 */
export function refuseFile(
  context: MockContext,
  file: FileReference,
  { kind, field, phoneNumberId }: { kind: FileKind; field: string; phoneNumberId: string },
): HandlerRefusal | undefined {
  if ('link' in file) {
    return isUnreachable(file.link)
      ? refuse('MEDIA_DOWNLOAD_FAILED', `The file at '${field}.link' could not be downloaded`, {
          field: `${field}.link`,
          value: file.link,
        })
      : undefined
  }
  const media = context.store.get<StoredMedia>(MEDIA, file.id)
  const particulars = { field: `${field}.id`, value: file.id }
  if (media?.phone_number_id !== phoneNumberId || media.expires_at <= context.now())
    return refuseWith(422, `'${field}.id' is no stored file of this number`, particulars)
  return FORMATS[media.type].kind === kind
    ? undefined
    : refuse('UNSUPPORTED_MEDIA_TYPE', `A file of type ${media.type} cannot be sent as ${kind}`, particulars)
}

// The mock fetches nothing: names tell what would happen. RFC 6761 keeps both top-level domains for such uses.
const isUnreachable = (link: string): boolean => /\.invalid$/i.test(hostOf(link))

/** Whether fetching the file would take a while. */
export const isSlow = (file: FileReference): boolean => 'link' in file && hostOf(file.link) === 'slow.test'

const hostOf = (link: string): string => (URL.canParse(link) ? new URL(link).hostname : '')

export const mediaHandlers: Handlers = {
  uploadMedia(context) {
    const form = context.request.body as Omit<Schemas['MediaUpload'], 'file'> & { readonly file: string }
    const sender = senderOf(context, form.phone_number_id)
    if ('refusal' in sender) return sender
    const bytes = Buffer.from(form.file, 'latin1')
    const limit = FORMATS[form.type].maxBytes(bytes)
    if (bytes.length > limit)
      return refuse('MEDIA_TOO_LARGE', `A file of type ${form.type} may have ${sizeOf(limit)}`, {
        field: 'file',
        limit,
      })
    const id = metaIdOf(context, MEDIA, context.store.nextId(MEDIA))
    const media: StoredMedia = {
      id,
      phone_number_id: sender.number.phone_number_id,
      type: form.type,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('base64'),
      created_at: timestamp(context.now()),
      expires_at: context.now() + KEPT_MS,
    }
    context.store.insert(MEDIA, id, media)
    return { body: { id } }
  },
}

const sizeOf = (bytes: number): string => (bytes < MIB ? `${bytes / KIB} KB` : `${bytes / MIB} MB`)
