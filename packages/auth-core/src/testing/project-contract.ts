// What every store of projects promises, as runnable cases. They throw errors of node:assert, so any test runner will do.

import assert from 'node:assert/strict'
import type { Awaitable } from '../awaitable.js'
import { ApiKeysError } from '../errors.js'
import type { Project, ProjectStore } from '../projects.js'

/**
 * Opens a store without projects, and gives a function that opens it again, as another process does. The caller also
 * disposes of what it made. A store that cannot be shared gives the same one again.
 */
export type CreateProjectStore = () => Awaitable<{
  readonly projects: ProjectStore
  reopen(): Awaitable<ProjectStore>
}>

export interface ProjectStorePromise {
  /** A sentence to name the test with. */
  readonly name: string
  /** Rejects with an AssertionError when the store breaks the promise. */
  run(createStore: CreateProjectStore): Promise<void>
}

const acme = { name: 'Acme', webhookUrl: 'https://acme.example/hooks' }
const strange = ['', 'x', "' OR 1=1 --", '__proto__', 'Ünï-çødé 🗝', '\0', '\ud800']
const DAY_MS = 86_400_000

const idsOf = (projects: readonly Project[]) => projects.map(({ id }) => id)
const isConflict = (error: unknown) => error instanceof ApiKeysError && error.code === 'conflict'
const isInvalid = (error: unknown) => error instanceof ApiKeysError && error.code === 'invalid_argument'

const promises: Readonly<Record<string, ProjectStorePromise['run']>> = {
  async 'makes an active project, and finds it by its exact id'(createStore) {
    const { projects, reopen } = await createStore()
    const before = Date.now()
    const made = await projects.create(acme)
    assert.deepEqual(made, { ...acme, id: made.id, status: 'active', createdAt: made.createdAt })
    assert.ok(made.createdAt instanceof Date && made.createdAt.getTime() >= before)
    assert.match(made.id, /^[0-9a-z]{1,64}$/)
    assert.deepEqual(await projects.find(made.id), made)
    assert.deepEqual(await (await reopen()).find(made.id), made)
    for (const id of [...strange, made.id.toUpperCase(), `${made.id} `]) {
      if (id !== made.id) assert.equal(await projects.find(id), undefined, JSON.stringify(id))
    }
  },

  async 'erases a project, where it can, and leaves the others'(createStore) {
    const { projects, reopen } = await createStore()
    if (projects.erase === undefined) return
    const [made, other] = [await projects.create(acme), await projects.create(acme)]
    assert.equal(await projects.erase(made.id), true)
    assert.equal(await projects.erase(made.id), false)
    for (const id of strange) assert.equal(await projects.erase(id), false, JSON.stringify(id))
    for (const store of [projects, await reopen()]) {
      assert.equal(await store.find(made.id), undefined)
      assert.deepEqual(idsOf(await store.list()), [other.id])
      assert.equal(await store.update(made.id, { name: 'again' }), undefined)
    }
  },

  async 'never gives an id twice, nor one that a store without memory could give'(createStore) {
    const { projects, reopen } = await createStore()
    const again = await reopen()
    const made = []
    for (let i = 0; i < 50; i++) made.push((await (i % 2 ? projects : again).create({ name: `${i}` })).id)
    assert.equal(new Set(made).size, made.length)
    assert.ok(made.every((id) => id.length >= 12))
  },

  async 'keeps an id that the host has given, and gives it once'(createStore) {
    const { projects } = await createStore()
    for (const id of ['42', 'Ünï-çødé 🗝', '__proto__', "'; --"]) {
      assert.equal((await projects.create({ ...acme, id })).id, id)
      assert.equal((await projects.find(id))?.name, 'Acme')
      await assert.rejects(async () => projects.create({ name: 'Other', id }), isConflict)
    }
    assert.equal((await projects.find('42'))?.name, 'Acme')
  },

  async 'refuses what cannot be a project'(createStore) {
    const { projects } = await createStore()
    const { id } = await projects.create(acme)
    for (const wrong of [
      { name: '' },
      { name: ' ' },
      { name: 'a\0' },
      { name: 'x'.repeat(256) },
      { name: 1 },
      { webhookUrl: 'ftp://x' },
      { webhookUrl: 'nonsense' },
      { status: 'deleted' },
      { owner: 'x' },
    ]) {
      if (!('status' in wrong)) {
        await assert.rejects(async () => projects.create({ name: 'A', ...wrong } as never), isInvalid)
      }
      await assert.rejects(async () => projects.update(id, wrong as never), isInvalid)
    }
    await assert.rejects(async () => projects.create({ name: 'A', id: '' }), isInvalid)
    for (const limit of [0, -1, 1.5, 10_001]) {
      await assert.rejects(async () => projects.list({ limit }), isInvalid)
    }
    assert.deepEqual(idsOf(await projects.list()), [id])
  },

  async 'changes what is named, and nothing else'(createStore) {
    const { projects, reopen } = await createStore()
    const made = await projects.create(acme)
    const other = await projects.create({ name: 'Globex' })
    assert.equal(other.webhookUrl, null)
    for (const changes of [
      { name: 'Ünï-çødé 🗝' },
      { webhookUrl: null },
      { status: 'suspended' },
      { name: 'B', webhookUrl: 'http://localhost/', status: 'active' },
      {},
    ] as const) {
      const before = await projects.find(made.id)
      const after = await projects.update(made.id, changes)
      assert.deepEqual(after, { ...before, ...changes })
      assert.deepEqual(await (await reopen()).find(made.id), after)
    }
    assert.deepEqual(await projects.find(other.id), other)
    for (const id of strange) assert.equal(await projects.update(id, { name: 'x' }), undefined)
    assert.equal((await projects.list()).length, 2)
  },

  async 'loses no change that is made at the same time as another'(createStore) {
    const { projects, reopen } = await createStore()
    const again = await reopen()
    const { id } = await projects.create({ name: 'A' })
    await Promise.all([
      (async () => projects.update(id, { name: 'B' }))(),
      (async () => again.update(id, { status: 'suspended' }))(),
      (async () => projects.update(id, { webhookUrl: 'https://b.example/' }))(),
    ])
    const { name, status, webhookUrl } = (await again.find(id)) ?? {}
    assert.deepEqual(
      { name, status, webhookUrl },
      { name: 'B', status: 'suspended', webhookUrl: 'https://b.example/' },
    )
  },

  async 'lists every project once, page after page, in the order of ids'(createStore) {
    const { projects } = await createStore()
    const ids = ['b', 'a', 'ä', 'Z', '🗝', '\uffee', '10', '9', 'aa']
    for (const id of ids) await projects.create({ name: id, id })
    const expected = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(idsOf(await projects.list()), expected)
    for (const limit of [1, 2, 4, ids.length, 10_000]) {
      const listed: string[] = []
      for (let after: string | undefined; ; after = listed.at(-1)) {
        const page = await projects.list({ limit, after })
        assert.ok(page.length <= limit)
        if (page.length === 0) break
        listed.push(...idsOf(page))
      }
      assert.deepEqual(listed, expected)
    }
    assert.deepEqual(idsOf(await projects.list({ after: 'aZ', limit: 2 })), ['aa', 'b'])
    assert.deepEqual(await projects.list({ after: '\u{10ffff}' }), [])
  },

  async 'lists new projects behind those that were made before'(createStore) {
    const { projects } = await createStore()
    const made = []
    for (let i = 0; i < 20; i++) made.push((await projects.create({ name: `${i}` })).id)
    assert.deepEqual(idsOf(await projects.list()), made)
  },

  async 'lists the projects that are asked for, and no others'(createStore) {
    const { projects } = await createStore()
    for (const id of ['1', '2', '3', '4']) await projects.create({ name: id, id })
    assert.deepEqual(idsOf(await projects.list({ ids: ['3', '1', '3', ...strange] })), ['1', '3'])
    assert.deepEqual(idsOf(await projects.list({ ids: ['4', '2', '1'], after: '1', limit: 1 })), ['2'])
    assert.deepEqual(await projects.list({ ids: [] }), [])
    const many = Array.from({ length: 5_000 }, (_, i) => String(i))
    assert.deepEqual(idsOf(await projects.list({ ids: many })), ['1', '2', '3', '4'])
  },

  async 'gives out nothing by which it could be changed'(createStore) {
    const { projects } = await createStore()
    const { id } = await projects.create(acme)
    for (const found of [
      await projects.find(id),
      ...(await projects.list()),
      await projects.update(id, {}),
    ]) {
      try {
        Object.assign(found ?? {}, { status: 'suspended', name: 'Mallory' })
      } catch {
        // It was frozen.
      }
    }
    assert.equal((await projects.find(id))?.name, 'Acme')
    assert.equal((await projects.find(id))?.status, 'active')
  },

  async 'keeps sessions, if any, in every process until they are ended'(createStore) {
    const { projects, reopen } = await createStore()
    if (projects.sessions === undefined) return
    const { sessions } = projects
    const endsAt = Date.now() + DAY_MS
    await sessions.start('one', endsAt)
    await sessions.start('two', endsAt + 1)
    const elsewhere = (await reopen()).sessions
    assert.ok(elsewhere)
    assert.equal(await elsewhere.find('one'), endsAt)
    for (const id of strange) assert.equal(await sessions.find(id), undefined)
    await elsewhere.end('one')
    await elsewhere.end('one')
    await elsewhere.end('never')
    assert.equal(await sessions.find('one'), undefined)
    assert.equal(await (await reopen()).sessions?.find('one'), undefined)
    assert.equal(await sessions.find('two'), endsAt + 1)
  },

  async 'forgets sessions that are over when another begins'(createStore) {
    const { projects } = await createStore()
    if (projects.sessions === undefined) return
    const { sessions } = projects
    await sessions.start('over', Date.now() - 1)
    await sessions.start('new', Date.now() + DAY_MS)
    assert.equal(await sessions.find('over'), undefined)
  },
}

/**
 * The contract of `ProjectStore`, one promise per entry.
 *
 * @example
 * for (const promise of projectStoreContract) it(promise.name, () => promise.run(createStore))
 */
export const projectStoreContract: readonly ProjectStorePromise[] = Object.entries(promises).map(
  ([name, run]) => ({ name, run }),
)
