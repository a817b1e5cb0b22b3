// The write side: issue, rotate, update, in `disabling.ts` revoke, disable and enable, in `erasure.ts` erase. Each reads rows,
// decides, and commits by compare-and-set, so that of two that race one wins and the other decides again on what is true then.

import { inspect } from 'node:util'
import { fitting, nullable, type OptionTable, required, text } from '@gosend/options'
import { type ApiKey, hasExpired, type RecordOf } from './api-key.js'
import {
  type Attribution,
  attributeOptions,
  attributesOf,
  attributionOptions,
  type ChangeOptions,
  changeOptions,
  checkArguments,
  howToChange,
  idempotencyKey,
  invalid,
  type KeyAttributes,
  name,
  refusePast,
  timeOf,
} from './attributes.js'
import { type Changes, createChanges } from './changes.js'
import { checkWithin, childOptions, delegationOf, type IssueChildOptions } from './delegation.js'
import { createDisable, createEnable, createRevoke, type Switch } from './disabling.js'
import { createErase, type Erase } from './erasure.js'
import { ApiKeysError } from './errors.js'
import type { Hasher } from './hasher.js'
import { createOnce, type Once } from './idempotency.js'
import type { KeyFormat, ParsedKey } from './key-format.js'
import { createKeyRoom, type KeyRoom } from './key-room.js'
import { createKeyReads, end, eventOf, type KeyReads, ofVersion, unrevoked } from './key-rows.js'
import type { Lifetimes } from './lifetime.js'
import type { ApiKeyStore, StoredKey } from './store.js'
import type { Tags } from './tag.js'

// What ends later than a Date can say would be shown as if it never ended.
const MAX_GRACE_MS = 366 * 86_400_000

export interface IssueOptions<Environment extends string = string, Scope extends string = string>
  extends KeyAttributes<Scope>,
    Attribution {
  /** The project that the key belongs to, for good. */
  readonly projectId: string
  readonly environment: Environment
  /** Who made the key, for good: 1 to 255 characters. Default: `actor`, or null. */
  readonly createdBy?: string | null | undefined
  /**
   * A key of this format that exists already, for fixed keys in tests and sandboxes. Default: a new one.
   * Anyone who knows it can use it, so generate it with `createKeyFormat().generate`.
   */
  readonly key?: string | undefined
  /** Repeating a call with the same one within 24 hours makes no second key. */
  readonly idempotencyKey?: string | undefined
}

const issueOptions: OptionTable<IssueOptions> = {
  ...attributeOptions,
  ...attributionOptions,
  projectId: required(name),
  environment: required(text),
  createdBy: nullable(name),
  key: text,
  idempotencyKey,
}

export interface RotateOptions extends ChangeOptions {
  /** How long the old key goes on working, at most a year. Default 0: it stops before the rotation resolves. */
  readonly gracePeriodMs?: number | undefined
  /** The new key's expiry. Default: the old key's. */
  readonly expiresAt?: Date | null | undefined
  /** Repeating a call with the same one within 24 hours makes no second key. */
  readonly idempotencyKey?: string | undefined
}

const rotateOptions: OptionTable<RotateOptions> = {
  ...howToChange,
  gracePeriodMs: fitting(
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_GRACE_MS,
    'must be a whole number of milliseconds, 0 or more and at most a year',
  ),
  expiresAt: attributeOptions.expiresAt,
  idempotencyKey,
}

/** The only value that ever holds a key in full. `util.inspect` and `console.log` show it redacted. */
export interface IssuedKey {
  /** Show it once, store it nowhere. Null when an idempotent call is repeated: the key was shown the first time. */
  readonly key: string | null
  readonly record: ApiKey
}

export interface NewlyIssuedKey extends IssuedKey {
  readonly key: string
}

export interface Issuer {
  issue(options: IssueOptions): Promise<IssuedKey>
  issueChild(parentId: string, options: IssueChildOptions): Promise<IssuedKey>
  rotate(id: string, options?: RotateOptions): Promise<IssuedKey>
  revoke: Switch
  disable: Switch
  erase: Erase
  enable: Switch
  update(id: string, changes: Partial<KeyAttributes>, options?: ChangeOptions): Promise<ApiKey>
}

export interface IssuerParts {
  readonly format: KeyFormat
  readonly store: ApiKeyStore
  readonly tags: Tags
  readonly hasher: Hasher
  readonly now: () => number
  readonly recordOf: RecordOf
  /** Rejects when one of the projects does not exist. */
  readonly requireProjects: (projectIds: readonly string[]) => Promise<void>
  readonly lifetimes: Lifetimes
  /** How many active keys `issue` lets a project have. */
  readonly maxKeysPerProject: number
}

/** What the changes share. */
interface Context extends IssuerParts {
  readonly changes: Changes
  readonly once: Once
  readonly room: KeyRoom
  readonly rows: KeyReads
  readonly hash: (generated: ParsedKey, projectId: string) => Promise<HashedKey>
}

export function createIssuer(parts: IssuerParts): Issuer {
  const context: Context = {
    ...parts,
    changes: createChanges(parts.store),
    once: createOnce(parts),
    room: createKeyRoom(parts),
    rows: createKeyReads(parts.store),
    hash: createHashing(parts),
  }
  return {
    issue: createIssue(context),
    issueChild: createIssueChild(context),
    rotate: createRotate(context),
    revoke: createRevoke(context),
    erase: createErase(context),
    disable: createDisable(context),
    enable: createEnable(context),
    update: createUpdate(context),
  }
}

function createIssue(context: Context): Issuer['issue'] {
  const { format, now, recordOf, requireProjects, lifetimes, once, room, hash } = context
  return async (options) => {
    const checkedOptions = checkArguments(issueOptions, options)
    const { projectId, environment, key: given, idempotencyKey, actor } = checkedOptions
    const { createdBy = actor ?? null } = checkedOptions
    const { expiresAt } = checkedOptions
    refusePast(expiresAt, now())
    const expiry = expiresAt === undefined ? undefined : timeOf(expiresAt)
    lifetimes.expiryOf(expiry, now())
    const checked = attributesOf(checkedOptions)
    const adopted = given === undefined ? undefined : format.parse(given)
    if (given !== undefined && (adopted?.environment !== environment || idempotencyKey !== undefined)) {
      throw invalid('key: must be a well-formed key of the same environment, and goes without idempotencyKey')
    }
    await requireProjects([projectId])
    // What was asked for, and not what has come of it.
    const request = { environment, ...checked, ownerId: checked.ownerId ?? undefined }
    return once(idempotencyKey, ['issue', projectId], request, async (id, fingerprint) => {
      await room.refuseFull(projectId)
      const { key, ...hashed } = await hash(adopted ?? format.generate(environment, id), projectId)
      const at = now()
      const row: StoredKey = {
        ...hashed,
        ...checked,
        projectId,
        environment,
        fingerprint,
        createdAt: at,
        createdBy,
        expiresAt: lifetimes.expiryOf(expiry, at),
        lastUsedAt: null,
        revokedAt: null,
        disabledAt: null,
        rotatedFrom: null,
        replacedBy: null,
        rootId: null,
        version: 1,
      }
      await room.insert(row, eventOf('issued', row, actor, at), adopted !== undefined)
      return issued(key, recordOf(row))
    })
  }
}

function createIssueChild(context: Context): Issuer['issueChild'] {
  const { format, now, recordOf, lifetimes, once, room, rows, hash } = context
  return async (parentId, options) => {
    const checkedOptions = checkArguments(childOptions, options)
    const { idempotencyKey, actor } = checkedOptions
    refusePast(checkedOptions.expiresAt, now())
    const parent = await rows.existing(parentId)
    const parents = [parent, ...(await rows.parents(parent))]
    const given = attributesOf(checkedOptions)
    const { ownerId = parent.ownerId, expiresAt } = checkedOptions
    // Left out, it ends when its parent does at the latest.
    const checked = {
      ...given,
      ownerId,
      expiresAt: expiresAt === undefined ? lifetimes.inheritedExpiry(parent, now()) : given.expiresAt,
    }
    lifetimes.refuseLater(checked.expiresAt, { createdAt: now() })
    const delegation = delegationOf(checkedOptions, parent)
    checkWithin(checked, delegation, parents, now())
    const { projectId, environment } = parent
    const request = { ...given, ...delegation }
    return once(idempotencyKey, ['issueChild', parentId], request, async (id, fingerprint) => {
      await room.refuseFull(projectId)
      const { key, ...hashed } = await hash(format.generate(environment, id), projectId)
      const at = now()
      const row: StoredKey = {
        ...hashed,
        ...checked,
        projectId,
        environment,
        fingerprint,
        createdAt: at,
        createdBy: actor ?? null,
        lastUsedAt: null,
        revokedAt: null,
        disabledAt: null,
        rotatedFrom: null,
        replacedBy: null,
        rootId: null,
        version: 1,
        parentId,
        delegation,
      }
      await room.insert(row, eventOf('issued', row, actor, at, { parentId }), false)
      // A store that does not keep what binds it would have made a key that goes on without its parent.
      if ((await rows.existing(row.id)).parentId !== parentId) {
        throw new ApiKeysError('store_corrupt', 'the store does not keep parentId; run the store contract')
      }
      return issued(key, recordOf(row))
    })
  }
}

function createRotate(context: Context): Issuer['rotate'] {
  const { format, now, recordOf, lifetimes, once, room, rows, hash, changes } = context

  return async (id, options) => {
    const checkedOptions = checkArguments(rotateOptions, options)
    const { gracePeriodMs = 0, expiresAt, idempotencyKey, actor, ifVersion } = checkedOptions
    refusePast(expiresAt, now())
    const expiry = expiresAt === undefined ? undefined : timeOf(expiresAt)
    if (expiry !== undefined) lifetimes.refuseLater(expiry, { createdAt: now() })
    const request = { gracePeriodMs, expiry }
    const old = await rows.existing(id)
    return once(idempotencyKey, ['rotate', id], request, async (successorId, fingerprint) => {
      refuseOtherProduct(format, old)
      rotatable(ofVersion(ifVersion, old), expiry, now())
      await room.inPlaceOf(old)
      const { key, ...hashed } = await hash(format.generate(old.environment, successorId), old.projectId)
      const { successor } = await changes.inTurn(id, async () => {
        const row = rotatable(await rows.existing(id, ifVersion), expiry, now())
        const at = now()
        const successor: StoredKey = {
          ...row,
          ...hashed,
          fingerprint,
          createdAt: at,
          createdBy: actor ?? row.createdBy,
          lastUsedAt: null,
          expiresAt: expiry === undefined ? lifetimes.inheritedExpiry(row, at) : expiry,
          rotatedFrom: row.id,
          rootId: row.rootId ?? row.id,
          version: 1,
        }
        const replaced = { ...end(row, at, gracePeriodMs), replacedBy: successor.id }
        const ended = (await rows.unrevokedPredecessor(row)).map((earlier) => end(earlier, at, 0))
        return {
          successor,
          keyLimit: await room.inPlaceOf(row),
          rows: [successor, replaced, ...ended],
          events: [
            ...ended.map((earlier) => eventOf('revoked', earlier, actor, now(), { rotated: row.id })),
            eventOf('rotated', row, actor, now(), { replacedBy: successor.id, gracePeriodMs }),
            eventOf('issued', successor, actor, now(), { rotatedFrom: row.id }),
          ],
        }
      })
      return issued(key, recordOf(successor))
    })
  }
}

// The successor would begin as keys of this product do, and be refused where its holder uses it.
function refuseOtherProduct({ starts }: KeyFormat, { start }: StoredKey): void {
  if (start === null || starts.includes(start)) return
  throw new ApiKeysError(
    'invalid_argument',
    `prefix: the key begins with ${start}, and keys of this product with ${starts.join(', ')}; rotate it with the options of its own`,
  )
}

function createUpdate({ now, recordOf, lifetimes, room, rows, changes }: Context): Issuer['update'] {
  return async (id, given, options) => {
    const { actor, ifVersion } = checkArguments(howToChange, options)
    const { expiresAt, ...others } = checkArguments(changeOptions, given)
    refusePast(expiresAt, now())
    const after: Partial<Pick<StoredKey, keyof KeyAttributes>> =
      expiresAt === undefined ? others : { ...others, expiresAt: timeOf(expiresAt) }
    const fields = Object.keys(after).sort()
    const { row } = await changes.inTurn(id, async () => {
      const current = unrevoked(await rows.existing(id, ifVersion))
      checkGrace(current, after.expiresAt, now())
      if (after.expiresAt !== undefined) lifetimes.refuseLater(after.expiresAt, current)
      const row = { ...current, ...after, version: current.version + 1 }
      const stays = after.expiresAt === undefined || current.disabledAt !== null
      const keyLimit = stays ? undefined : await room.inPlaceOf(current)
      return { row, keyLimit, rows: [row], events: [eventOf('updated', row, actor, now(), { fields })] }
    })
    return recordOf(row)
  }
}

interface HashedKey extends Pick<StoredKey, 'id' | 'start' | 'hash' | 'tag'> {
  readonly key: string
}

function createHashing({ hasher, tags }: Pick<IssuerParts, 'hasher' | 'tags'>): Context['hash'] {
  return async ({ id, key, start }, projectId) => ({
    id,
    key,
    start,
    hash: await hasher.hash(key, { projectId }),
    tag: tags.create(key),
  })
}

/** The row of a key that can be rotated, an expired one included as long as the new key has an expiry of its own. */
function rotatable(row: StoredKey, expiry: number | null | undefined, at: number): StoredKey {
  if (row.replacedBy !== null) {
    throw new ApiKeysError('conflict', `key ${row.id} was replaced by ${row.replacedBy} already`)
  }
  if (unrevoked(row).disabledAt !== null) {
    throw new ApiKeysError('conflict', `key ${row.id} is disabled; enable it before you rotate it`)
  }
  if (expiry === undefined && hasExpired(row, at)) {
    throw invalid('expiresAt: the key has expired; say when the new one is to expire, or null for never')
  }
  return row
}

/** A key in its grace period may get more of it, within reason; once that is over, the key stays expired. */
function checkGrace(row: StoredKey, expiry: number | null | undefined, at: number): void {
  if (row.replacedBy === null || expiry === undefined) return
  if (hasExpired(row, at)) {
    throw new ApiKeysError(
      'conflict',
      `key ${row.id} was replaced by ${row.replacedBy}, and its grace period is over`,
    )
  }
  if (expiry === null || expiry > at + MAX_GRACE_MS) {
    throw invalid('expiresAt: must lie within a year, because the key was replaced')
  }
}

function issued(key: string, record: ApiKey): NewlyIssuedKey {
  return Object.defineProperty({ key, record }, inspect.custom, {
    value: () => ({ key: record.hint, record }),
  })
}
