// The write side: issue, rotate, revoke, update. Each reads rows, decides, and commits by compare-and-set, so that of
// two that race one wins and the other decides again on what is true then.

import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { fitting, type OptionTable, required, text } from '@gosend/options'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { type ApiKey, type RecordOf, statusOf } from './api-key.js'
import {
  type Attribution,
  attributeOptions,
  attributesOf,
  attributionOptions,
  changeOptions,
  checkArguments,
  idempotencyKey,
  invalid,
  type KeyAttributes,
  name,
  refusePast,
  timeOf,
} from './attributes.js'
import { createChanges } from './changes.js'
import { ApiKeysError } from './errors.js'
import type { Hasher } from './hasher.js'
import { isKeyId, type KeyFormat, keyIdFromDigest, type ParsedKey } from './key-format.js'
import type { ApiKeyStore, KeyEvent, KeyLimit, StoredKey } from './store.js'
import type { Tags } from './tag.js'

// What ends later than a Date can say would be shown as if it never ended.
const MAX_GRACE_MS = 366 * 86_400_000

export interface IssueOptions<Environment extends string = string> extends KeyAttributes, Attribution {
  /** The project that the key belongs to, for good. */
  readonly projectId: string
  readonly environment: Environment
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
  key: text,
  idempotencyKey,
}

export interface RotateOptions extends Attribution {
  /** How long the old key goes on working, at most a year. Default 0: it stops before the rotation resolves. */
  readonly gracePeriodMs?: number | undefined
  /** The new key's expiry. Default: the old key's. */
  readonly expiresAt?: Date | null | undefined
  /** Repeating a call with the same one within 24 hours makes no second key. */
  readonly idempotencyKey?: string | undefined
}

const rotateOptions: OptionTable<RotateOptions> = {
  ...attributionOptions,
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
  rotate(id: string, options?: RotateOptions): Promise<IssuedKey>
  revoke(id: string, options?: Attribution): Promise<ApiKey>
  update(id: string, changes: Partial<KeyAttributes>, options?: Attribution): Promise<ApiKey>
  /** Replaces a hash or tag that was made with earlier parameters. Never rejects: the next confirmation tries again. */
  renew(row: StoredKey, key: string): Promise<void>
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
  /** How many active keys `issue` lets a project have. */
  readonly maxKeysPerProject: number
}

const IDEMPOTENCY_WINDOW_MS = 86_400_000

export function createIssuer(parts: IssuerParts): Issuer {
  const { format, store, tags, hasher, now, recordOf, requireProjects, maxKeysPerProject } = parts
  const changes = createChanges(store)
  const renewed = new LRUCache<string, true>({ max: 10_000 })
  /** Projects that were refused a further key. */
  const full = new LRUCache<string, true>({ max: 10_000 })
  // One at a time, so that a great many at once, as after an import, leave argon2 to those who wait for an answer.
  const renewals = pLimit(1)

  const existing = async (id: string): Promise<StoredKey> => {
    const row = isKeyId(id) ? await store.find(id) : undefined
    if (row === undefined)
      throw new ApiKeysError(
        'not_found',
        isKeyId(id) ? `there is no key with the id ${id}` : 'that is no key id',
      )
    return row
  }

  const unrevoked = (row: StoredKey): StoredKey => {
    if (row.revokedAt === null) return row
    throw new ApiKeysError('conflict', `key ${row.id} is revoked, which is final`)
  }

  /** The row of a key that can be rotated, an expired one included as long as the new key has an expiry of its own. */
  const rotatable = (row: StoredKey, expiry: number | null | undefined): StoredKey => {
    if (row.replacedBy !== null) {
      throw new ApiKeysError('conflict', `key ${row.id} was replaced by ${row.replacedBy} already`)
    }
    if (expiry === undefined && statusOf(unrevoked(row), now()) === 'expired') {
      throw invalid('expiresAt: the key has expired; say when the new one is to expire, or null for never')
    }
    return unrevoked(row)
  }

  /** A key in its grace period may get more of it, within reason; once that is over, the key stays expired. */
  function checkGrace(row: StoredKey, expiry: number | null | undefined): void {
    if (row.replacedBy === null || expiry === undefined) return
    if (statusOf(row, now()) === 'expired') {
      throw new ApiKeysError(
        'conflict',
        `key ${row.id} was replaced by ${row.replacedBy}, and its grace period is over`,
      )
    }
    if (expiry === null || expiry > now() + MAX_GRACE_MS) {
      throw invalid('expiresAt: must lie within a year, because the key was replaced')
    }
  }

  const event = (
    action: KeyEvent['action'],
    { projectId, id }: StoredKey,
    actor: string | undefined,
    details: KeyEvent['details'] = {},
    at = now(),
  ): KeyEvent => ({ at, projectId, keyId: id, action, actor: actor ?? null, details })

  async function hash(generated: ParsedKey, projectId: string) {
    return {
      id: generated.id,
      key: generated.key,
      start: generated.start,
      hash: await hasher.hash(generated.key, { projectId }),
      tag: tags.create(generated.key),
    }
  }

  /** The key of an earlier call with the same idempotency key, or the id under which to make one now. */
  async function recall(slot: string, fingerprint: string): Promise<{ replay: StoredKey } | { id: string }> {
    for (let generation = 0; ; generation++) {
      const id = keyIdFromDigest(sha256(`${slot}\0${generation}`))
      const row = await store.find(id)
      if (row === undefined) return { id }
      if (now() - row.createdAt >= IDEMPOTENCY_WINDOW_MS) continue
      if (row.fingerprint === fingerprint) return { replay: row }
      throw new ApiKeysError('idempotency_conflict', 'this idempotency key was used with other parameters')
    }
  }

  /** Runs `make` once per idempotency key: the new key's id is derived from it, and ids are unique in the store. */
  async function once(
    idempotencyKey: string | undefined,
    slot: readonly string[],
    request: unknown,
    make: (id: string | undefined, fingerprint: string | null) => Promise<IssuedKey>,
  ): Promise<IssuedKey> {
    if (idempotencyKey === undefined) return make(undefined, null)
    const fingerprint = sha256(JSON.stringify(request)).toString('base64url')
    const recalled = await recall(JSON.stringify([...slot, idempotencyKey]), fingerprint)
    return 'replay' in recalled
      ? { key: null, record: recordOf(recalled.replay) }
      : make(recalled.id, fingerprint)
  }

  /** Spares argon2 where the last key was refused. The commit decides. */
  async function refuseFull(projectId: string): Promise<void> {
    if (!full.has(projectId)) return
    await demandRoom(projectId)
    full.delete(projectId)
  }

  /** @returns what a commit must leave that makes one more key of the project active. */
  async function demandRoom(projectId: string): Promise<KeyLimit> {
    const limit = { projectId, limit: maxKeysPerProject, now: now() }
    const status = 'active'
    const query = {
      projectId,
      status,
      sort: 'createdAt',
      order: 'asc',
      limit: 1,
      total: true,
      now: limit.now,
    } as const
    if (((await store.list(query)).total ?? 0) >= maxKeysPerProject) throw keyLimitReached()
    return limit
  }

  /** An expired key takes no room in its project; what makes it work again, or replaces it, does. */
  const roomInPlaceOf = async (row: StoredKey) =>
    statusOf(row, now()) === 'expired' ? demandRoom(row.projectId) : undefined

  async function insert(row: StoredKey, issued: KeyEvent, isAdopted: boolean): Promise<void> {
    const { projectId } = row
    if (await store.commit([row], [issued], { projectId, limit: maxKeysPerProject, now: row.createdAt }))
      return
    if ((await store.find(row.id)) === undefined) {
      full.set(projectId, true)
      throw keyLimitReached()
    }
    throw isAdopted
      ? new ApiKeysError('conflict', `there is a key with the id ${row.id} already`)
      : new ApiKeysError('idempotency_conflict', 'a call with this idempotency key is being carried out')
  }

  const keyLimitReached = () => {
    const count = maxKeysPerProject.toLocaleString('en')
    return new ApiKeysError(
      'key_limit_reached',
      `the project has ${count} active ${count === '1' ? 'key' : 'keys'}, as many as it may have; revoke what is not needed`,
    )
  }

  const issuer: Issuer = {
    async issue(options) {
      const checkedOptions = checkArguments(issueOptions, options)
      const { projectId, environment, key: given, idempotencyKey, actor } = checkedOptions
      refusePast(checkedOptions.expiresAt, now())
      const checked = attributesOf(checkedOptions)
      const adopted = given === undefined ? undefined : format.parse(given)
      if (given !== undefined && (adopted?.environment !== environment || idempotencyKey !== undefined)) {
        throw invalid(
          'key: must be a well-formed key of the same environment, and goes without idempotencyKey',
        )
      }
      await requireProjects([projectId])
      const request = { environment, ...checked }
      return once(idempotencyKey, ['issue', projectId], request, async (id, fingerprint) => {
        await refuseFull(projectId)
        const { key, ...hashed } = await hash(adopted ?? format.generate(environment, id), projectId)
        const at = now()
        const row: StoredKey = {
          ...hashed,
          ...checked,
          projectId,
          environment,
          fingerprint,
          createdAt: at,
          lastUsedAt: null,
          revokedAt: null,
          rotatedFrom: null,
          replacedBy: null,
          rootId: null,
          version: 1,
        }
        await insert(row, event('issued', row, actor, {}, at), adopted !== undefined)
        return issued(key, recordOf(row))
      })
    },

    async rotate(id, options) {
      const { gracePeriodMs = 0, expiresAt, idempotencyKey, actor } = checkArguments(rotateOptions, options)
      refusePast(expiresAt, now())
      const expiry = expiresAt === undefined ? undefined : timeOf(expiresAt)
      const request = { gracePeriodMs, expiry }
      const old = await existing(id)
      return once(idempotencyKey, ['rotate', id], request, async (successorId, fingerprint) => {
        rotatable(old, expiry)
        await roomInPlaceOf(old)
        const { key, ...hashed } = await hash(format.generate(old.environment, successorId), old.projectId)
        const { successor } = await changes.inTurn(id, async () => {
          const row = rotatable(await existing(id), expiry)
          const at = now()
          const successor: StoredKey = {
            ...row,
            ...hashed,
            fingerprint,
            createdAt: at,
            lastUsedAt: null,
            expiresAt: expiry === undefined ? row.expiresAt : expiry,
            rotatedFrom: row.id,
            rootId: row.rootId ?? row.id,
            version: 1,
          }
          const replaced = { ...end(row, at, gracePeriodMs), replacedBy: successor.id }
          const ended = (await activePredecessor(row)).map((earlier) => end(earlier, at, 0))
          return {
            successor,
            keyLimit: await roomInPlaceOf(row),
            rows: [successor, replaced, ...ended],
            events: [
              ...ended.map((earlier) => event('revoked', earlier, actor, { rotated: row.id })),
              event('rotated', row, actor, { replacedBy: successor.id, gracePeriodMs }),
              event('issued', successor, actor, { rotatedFrom: row.id }),
            ],
          }
        })
        return issued(key, recordOf(successor))
      })
    },

    async revoke(id, options) {
      const { actor } = checkArguments(attributionOptions, options)
      const seen = await existing(id)
      await changes.atOnce(async () => {
        const row = await existing(id)
        const chain = [row, ...(await activePredecessor(row))]
        // A caller that revokes a key during its rotation wants it gone, and does not know of the new one.
        if (seen.replacedBy === null) chain.push(...(await successors(row)))
        const rows = chain.filter((key) => key.revokedAt === null).map((key) => end(key, now(), 0))
        const events = rows.map((key) => event('revoked', key, actor, key.id === id ? {} : { revoked: id }))
        return { rows, events }
      })
      return recordOf(await existing(id))
    },

    async update(id, given, options) {
      const { actor } = checkArguments(attributionOptions, options)
      const { expiresAt, ...others } = checkArguments(changeOptions, given)
      refusePast(expiresAt, now())
      const after: Partial<Pick<StoredKey, keyof KeyAttributes>> =
        expiresAt === undefined ? others : { ...others, expiresAt: timeOf(expiresAt) }
      const fields = Object.keys(after).sort()
      const { row } = await changes.inTurn(id, async () => {
        const current = unrevoked(await existing(id))
        checkGrace(current, after.expiresAt)
        const row = { ...current, ...after, version: current.version + 1 }
        const keyLimit = after.expiresAt === undefined ? undefined : await roomInPlaceOf(current)
        return { row, keyLimit, rows: [row], events: [event('updated', row, actor, { fields })] }
      })
      return recordOf(row)
    },

    async renew(row, key) {
      // Once per key and process: two processes with different parameters would re-hash in turn for ever.
      if (renewed.has(row.id) || (!hasher.needsRehash(row.hash) && tags.isCurrent(row.tag))) return
      renewed.set(row.id, true)
      try {
        const hash = hasher.needsRehash(row.hash)
          ? await renewals(() => hasher.hash(key, { projectId: row.projectId }))
          : row.hash
        const changed = { ...row, hash, tag: tags.create(key), version: row.version + 1 }
        if (!(await store.commit([changed]))) renewed.delete(row.id)
      } catch {
        renewed.delete(row.id)
      }
    },
  }
  return issuer

  /**
   * The key that this one replaced, unless it is revoked. Also when its grace period is over, for that depends on a clock
   * that may be ahead.
   */
  async function activePredecessor(row: StoredKey): Promise<readonly StoredKey[]> {
    const predecessor = row.rotatedFrom === null ? undefined : await store.find(row.rotatedFrom)
    return predecessor !== undefined && predecessor.revokedAt === null ? [predecessor] : []
  }

  async function successors(row: StoredKey): Promise<readonly StoredKey[]> {
    const found: StoredKey[] = []
    for (let next = row.replacedBy; next !== null; next = found.at(-1)?.replacedBy ?? null) {
      found.push(await existing(next))
    }
    return found
  }
}

/** Ends a key at once, or lets it expire after a grace period, but never later than it would have. */
function end(row: StoredKey, at: number, gracePeriodMs: number): StoredKey {
  const version = row.version + 1
  if (gracePeriodMs === 0) return { ...row, revokedAt: at, version }
  return {
    ...row,
    expiresAt: Math.min(row.expiresAt ?? Number.POSITIVE_INFINITY, at + gracePeriodMs),
    version,
  }
}

function issued(key: string, record: ApiKey): NewlyIssuedKey {
  return Object.defineProperty({ key, record }, inspect.custom, {
    value: () => ({ key: record.hint, record }),
  })
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
