// The command: what each of its words does, and how it behaves as a process.

import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { commands } from '../src/cli/commands.js'
import { createApiKeys } from '../src/index.js'
import { createLimits, type Plan } from '../src/limits.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { sqliteLimitStore } from '../src/stores/sqlite-limits.js'
import { storedKey } from '../src/testing/rows.js'
import { ready, run, runProcess } from './support/command.js'
import { connect, newFile } from './support/files.js'

const DAY_MS = 86_400_000

describe('migrate', () => {
  it('makes a private database, and changes nothing the second time', async () => {
    const file = newFile()
    const { code, out, err } = await run(['migrate', '--db', file])
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: `${file} is ready: 0 keys of 0 projects.\n` })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await run(['keys', 'create', '--project', '42', '--label', 'backend', '--db', file])
    const again = await run(['migrate', '--db', file, '--json'])
    expect(JSON.parse(again.out)).toEqual({ database: file, projects: 1, keys: 1 })
  })

  it('is the only command that makes a database: a mistyped path is refused with 4', async () => {
    const file = join(newFile(), '..', 'mistyped.db')
    for (const command of [['keys', 'list'], ['stale']]) {
      const { code, out, err } = await run([...command, '--db', file])
      expect({ code, out }).toEqual({ code: 4, out: '' })
      expect(err).toContain('does not exist; gosend-keys migrate')
    }
    expect(existsSync(file)).toBe(false)
  })

  it('makes the tables in a file of the application, and refuses one with another table of their name', async () => {
    const [file, taken] = [newFile(), newFile()]
    connect(file).exec('CREATE TABLE theirs (id)')
    expect((await run(['migrate', '--db', file])).code).toBe(0)
    connect(taken).exec('CREATE TABLE api_keys (id)')
    const { code, err } = await run(['migrate', '--db', taken])
    expect(code).toBe(4)
    expect(err).toMatch(/^gosend-keys: keys\.db has a table api_keys, but no api_key_schema/)
  })
})

describe('keys create', () => {
  it('prints the key alone on standard output, and what to know of it on standard error', async () => {
    const { on, verify } = await ready()
    const { code, out, err } = await on('keys', 'create', '--project', '42', '--label', 'backend')
    expect(code).toBe(0)
    expect(out).toMatch(/^gsk_live_[0-9A-Za-z]{61}\n$/)
    expect(err).toContain('shown this once')
    expect(err).not.toContain(out.trim())
    expect(await verify(out.trim())).toMatchObject({
      ok: true,
      record: { label: 'backend', projectId: '42' },
    })
  })

  it('takes everything that can be chosen of a key, and leaves a trace of who did it', async () => {
    const { json, file } = await ready()
    const { record } = await json(
      ...[
        'keys',
        'create',
        '--project',
        '7',
        '--label',
        'ci',
        '--environment',
        'sandbox',
        '--expires',
        '2099-01-15T00:00:00Z',
      ],
      ...[
        '--scope',
        'messages:read',
        '--scope',
        'messages:write',
        '--allow-ip',
        '203.0.113.0/24',
        '--actor',
        'Ada',
      ],
    )
    expect(record).toMatchObject({
      environment: 'sandbox',
      expiresAt: '2099-01-15T00:00:00.000Z',
      scopes: ['messages:read', 'messages:write'],
      allowedIps: ['203.0.113.0/24'],
    })
    const apiKeys = createApiKeys({ store: sqliteStore(connect(file)) })
    expect(await apiKeys.history({ projectId: '7' })).toMatchObject([{ action: 'issued', actor: 'Ada' }])
  })

  it('makes keys of a product with a prefix and environments of its own', async () => {
    const { create } = await ready()
    const product = ['--prefix', 'acme', '--environments', 'dev=development,live=production']
    const { key } = await create(...product, '--environment', 'development')
    expect(key).toMatch(/^acme_dev_/)
  })

  it('takes what keys are like from the environment, so that no command can forget it', async () => {
    const { file } = await ready()
    const args = [
      'keys',
      'create',
      '--db',
      file,
      '--project',
      '42',
      '--label',
      'backend',
      '--environment',
      'dev',
    ]
    const env = { GOSEND_KEYS_PREFIX: 'acme', GOSEND_KEYS_ENVIRONMENTS: 't=dev,l=live' }
    expect((await run(args, { env })).out).toMatch(/^acme_t_/)
    expect((await run([...args, '--prefix', 'other'], { env })).out).toMatch(/^other_t_/)
  })

  it('uses the pepper from the environment or a file', async () => {
    const { file, verify } = await ready()
    const pepper = 'p'.repeat(48)
    const args = ['keys', 'create', '--project', '42', '--label', 'x', '--db', file]
    const { out } = await run(args, { env: { GOSEND_KEYS_PEPPER: pepper } })
    const tags = connect(file).prepare('SELECT tag FROM api_keys').pluck().all()
    expect(tags).toEqual([expect.stringMatching(/^hmac\./)])
    expect(await verify(out.trim())).toMatchObject({ ok: true })
  })
})

describe('keys list', () => {
  it('shows the keys of one project or of all, by status, and never a secret', async () => {
    const { json, on, create } = await ready()
    const first = await create()
    const other = await json('keys', 'create', '--project', '43', '--label', 'other')
    await json('keys', 'revoke', first.record.id)
    const ids = (records: { id: string }[]) => records.map(({ id }) => id)

    expect(ids(await json('keys', 'list'))).toEqual([other.record.id, first.record.id])
    expect(ids(await json('keys', 'list', '--project', '43'))).toEqual([other.record.id])
    expect(ids(await json('keys', 'list', '--status', 'revoked'))).toEqual([first.record.id])
    const { out } = await on('keys', 'list')
    expect(out).toMatch(/^KEY +PROJECT +ENVIRONMENT +STATUS/)
    expect(out).toMatch(new RegExp(`gsk_live_${other.record.id}… +43 +production +active`))
    expect(out).not.toContain(first.key.slice(21))
  })

  it('shows a page at a time, says how to go on, and all of a list on demand', async () => {
    const { file, on, json } = await ready()
    const store = sqliteStore(connect(file))
    store.commit(
      Array.from({ length: 250 }, (_, n) => storedKey(n, { createdAt: 1_000 + n, label: `k${n}` })),
    )
    const labels = (records: { label: string }[]) => records.map(({ label }) => label)

    const first = await on('keys', 'list', '--limit', '2', '--json')
    expect(labels(JSON.parse(first.out))).toEqual(['k249', 'k248'])
    const cursor = /--all lists all of them, --cursor (\S+) the next\./.exec(first.err)?.[1] ?? ''
    expect(labels(await json('keys', 'list', '--limit', '2', '--cursor', cursor))).toEqual(['k247', 'k246'])
    expect(await json('keys', 'list')).toHaveLength(100)
    expect(labels(await json('keys', 'list', '--search', 'K24', '--sort', 'label'))).toEqual([
      'k24',
      ...Array.from({ length: 10 }, (_, n) => `k24${n}`),
    ])

    const all = await on('keys', 'list', '--all', '--limit', '100')
    expect(all.out.trim().split('\n')).toHaveLength(251)
    expect(all.out.match(/^KEY/gm)).toHaveLength(1)
    expect(all.err).toBe('')
    const lines = (await on('keys', 'list', '--all', '--json', '--limit', '100')).out.trim().split('\n')
    expect(labels(lines.map((line) => JSON.parse(line)))).toEqual(
      Array.from({ length: 250 }, (_, n) => `k${249 - n}`),
    )
  })

  it('keeps labels from driving the terminal', async () => {
    const { on, create } = await ready()
    await create('--label', 'evil\u00adba')
    expect((await on('keys', 'list')).out).toContain('evil?ba')
  })
})

describe('keys create-child', () => {
  it('makes a key from another, with limits and a budget of its own, and no more than that one has', async () => {
    const { json, on, create, verify } = await ready()
    const parent = await create('--scope', 'messages:*', '--expires', '90d')
    const child = await json(
      ...['keys', 'create-child', parent.record.id, '--label', 'agent', '--scope', 'messages:read'],
      ...['--acting-for', 'anna', '--rate', '60/1m', '--rate', '5000/day', '--budget', '500'],
    )
    expect(child.record.delegation).toEqual({
      parentId: parent.record.id,
      actingFor: 'anna',
      limits: [
        { limit: 60, per: '1m' },
        { limit: 5_000, per: 'day' },
      ],
      budget: 500,
    })
    expect(await json('keys', 'list', '--parent', parent.record.id)).toMatchObject([{ id: child.record.id }])
    const wrong = async (...flags: string[]) =>
      (await on('keys', 'create-child', parent.record.id, '--label', 'agent', ...flags)).err
    expect(await wrong('--scope', 'files:read')).toContain('scopes: files:read is more than key')
    expect(await wrong('--rate', '60')).toContain('--rate: must be like 60/1m')
    expect(await wrong('--rate', '60/moment')).toContain('limits[0].per')
    await on('keys', 'revoke', parent.record.id)
    expect(await verify(child.key)).toMatchObject({ reason: 'revoked' })
  })
})

describe('keys update', () => {
  it('changes what it is told to, and leaves the rest and the key as they are', async () => {
    const { json, create, verify } = await ready()
    const { key, record } = await create('--scope', 'messages:read')
    const changed = await json(
      ...['keys', 'update', record.id, '--label', 'billing', '--expires', '2099-01-15T00:00:00Z'],
      ...['--allow-ip', '203.0.113.0/24', '--metadata', '{"team":"billing"}'],
    )
    expect(changed).toEqual({
      ...record,
      version: 2,
      label: 'billing',
      expiresAt: '2099-01-15T00:00:00.000Z',
      allowedIps: ['203.0.113.0/24'],
      metadata: { team: 'billing' },
    })
    expect(await verify(key)).toMatchObject({ reason: 'ip_not_allowed' })
  })

  it('takes limits away again', async () => {
    const { json, on, create } = await ready()
    const limits = ['--scope', 'messages:read', '--allow-ip', '203.0.113.7', '--expires', '90d']
    const { record } = await create(...limits)
    const { code, err } = await on(
      ...['keys', 'update', record.id, '--scope', '', '--allow-ip', 'anywhere', '--expires', 'never'],
    )
    expect({ code, err }).toEqual({
      code: 0,
      err: `${record.hint} (backend) was changed: scopes, allowedIps, expiresAt.\n`,
    })
    expect(await json('keys', 'list')).toMatchObject([{ scopes: [], allowedIps: null, expiresAt: null }])
  })

  it('changes no key that is over, and none by halves', async () => {
    const { json, on, create } = await ready()
    const { record } = await create()
    const wrong = await on('keys', 'update', record.id, '--label', 'new', '--allow-ip', 'here')
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('allowedIps:')
    expect(await json('keys', 'list')).toEqual([record])
    await on('keys', 'revoke', record.id)
    expect((await on('keys', 'update', record.id, '--label', 'new')).code).toBe(3)
  })
})

describe('keys history', () => {
  it('tells who did what to one key, the latest first', async () => {
    const { json, on, create } = await ready()
    const { record } = await create('--actor', 'Ada')
    await create()
    await on('keys', 'update', record.id, '--label', 'billing', '--actor', 'Bob')
    const next = await json('keys', 'rotate', record.id, '--actor', 'Eve\u202e')

    const events: { at: string; action: string; actor: string }[] = await json('keys', 'history', record.id)
    expect(events.map(({ action, actor }) => [action, actor])).toEqual([
      ['rotated', 'Eve\u202e'],
      ['updated', 'Bob'],
      ['issued', 'Ada'],
    ])
    expect(events[2]?.at).toBe(record.createdAt)
    const { out } = await on('keys', 'history', record.id)
    const [head, latest, ...earlier] = out.trimEnd().split('\n')
    expect(head).toMatch(/^WHEN +WHAT +WHO +DETAILS$/)
    expect(latest).toMatch(new RegExp(`rotated +Eve\\? +replacedBy: ${next.record.id}; gracePeriodMs: 0$`))
    expect(earlier).toEqual([
      expect.stringMatching(/updated +Bob +fields: label$/),
      expect.stringMatching(/issued +Ada$/),
    ])
  })
})

describe('keys rotate', () => {
  it('replaces the key at once', async () => {
    const { json, create, verify } = await ready()
    const old = await create()
    const next = await json('keys', 'rotate', old.record.id)
    expect(await verify(old.key)).toMatchObject({ reason: 'revoked' })
    expect(await verify(next.key)).toMatchObject({ ok: true, record: { rotatedFrom: old.record.id } })
  })

  it('leaves the old key a grace period when asked to', async () => {
    const { json, create, verify } = await ready()
    const old = await create()
    await json('keys', 'rotate', old.record.id, '--grace', '24h')
    const left = (await verify(old.key)) as { record: { expiresAt: Date } }
    expect(left.record.expiresAt.getTime() - Date.now()).toBeGreaterThan(DAY_MS - 60_000)
  })
})

describe('keys revoke', () => {
  it('ends a key, and says so again when asked again', async () => {
    const { on, create, verify } = await ready()
    const { key, record } = await create()
    for (let i = 0; i < 2; i++) {
      const { code, err } = await on('keys', 'revoke', record.id)
      expect(code).toBe(0)
      expect(err).toContain(`${record.hint} (backend) was revoked`)
    }
    expect(await verify(key)).toMatchObject({ reason: 'revoked' })
  })

  it('refuses a whole key without repeating it, and names its id', async () => {
    const { on, create } = await ready()
    const { key, record } = await create()
    const { code, out, err } = await on('keys', 'revoke', key)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(record.id)
    expect(err).not.toContain(key.slice(21))
  })

  it('repeats no key that it does not know, nor one that was given for a file', async () => {
    const { on, create } = await ready()
    const { key } = await create()
    for (const args of [
      ['keys', 'show', key.replace('gsk_', 'acme_')],
      ['keys', 'revoke', `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`],
      ['keys', 'verify', key],
      ['keys', 'list', '--pepper-file', key],
    ]) {
      const { code, out, err } = await on(...args)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).not.toContain(key.slice(21, -1))
    }
  })
})

describe('keys disable and enable', () => {
  it('refuse a key for a while, and take its hint for its id', async () => {
    const { on, json, verify } = await ready()
    const { key, record } = await json('keys', 'create', '--project', '42', '--label', 'a', '--owner', 'o1')
    const disabled = await on('keys', 'disable', record.hint)
    expect(disabled).toMatchObject({ code: 0, err: expect.stringContaining('is disabled since') })
    expect(await verify(key)).toMatchObject({ reason: 'disabled' })
    expect(await json('keys', 'list', '--status', 'disabled', '--owner', 'o1')).toMatchObject([
      { id: record.id },
    ])
    expect((await on('keys', 'rotate', record.id)).code).toBe(3)
    expect(await json('keys', 'enable', `${record.hint.slice(0, -1)}...`)).toMatchObject({ disabledAt: null })
    expect(await verify(key)).toMatchObject({ ok: true })
  })
})

describe('keys show and verify', () => {
  it('tell what is known of a key, and whether it works, without its secret', async () => {
    const { on, json } = await ready()
    const { key, record } = await json(
      'keys',
      'create',
      '--project',
      '42',
      '--label',
      'a',
      '--created-by',
      'ana',
    )
    expect(await json('keys', 'show', record.id)).toEqual({ ...record, status: 'active' })
    expect((await on('keys', 'show', record.hint)).out).toMatch(/^createdBy +ana$/m)
    expect((await on('keys', 'show', '000000000000')).code).toBe(3)
    const file = newFile()
    writeFileSync(file, `${key}\n`)
    const works = await on('keys', 'verify', file)
    expect(works).toMatchObject({ code: 0, out: expect.stringMatching(/^active: /) })
    expect(works.out + works.err).not.toContain(key)
    await on('keys', 'disable', record.id)
    expect((await on('keys', 'verify', file)).out).toMatch(/^disabled: /)
    writeFileSync(file, 'gsk_live_nonsense')
    expect(await on('keys', 'verify', file)).toMatchObject({ out: 'unknown: no key of this database\n' })
  })
})

describe('keys erase and sweep', () => {
  it('take away for good what they are told to, once that is confirmed', async () => {
    const { on, json, verify } = await ready()
    const made = () => json('keys', 'create', '--project', '42', '--label', 'a', '--owner', 'o1')
    const [first, second] = [await made(), await made()]
    const asked = await on('keys', 'erase', '--owner', 'o1')
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('takes 2 keys away for good') })
    expect((await on('keys', 'erase', first.record.id, '--owner', 'o1', '--yes')).code).toBe(2)
    expect((await on('keys', 'erase', '--yes')).code).toBe(2)
    expect(await verify(first.key)).toMatchObject({ ok: true })
    expect(await json('keys', 'erase', first.record.hint, '--yes')).toEqual({ keys: 1, events: 1, uses: 0 })
    expect(await verify(first.key)).toMatchObject({ reason: 'unknown' })
    expect((await on('keys', 'erase', '--project', '42', '--yes')).err).toBe(
      'Erased 1 key, 1 event and 0 counts of uses.\n',
    )
    expect(await verify(second.key)).toMatchObject({ reason: 'unknown' })
    expect(await json('sweep', '--history', '365d', '--uses', '90d')).toEqual({ events: 0, uses: 0 })
    expect((await on('sweep')).code).toBe(2)
  })
})

describe('events', () => {
  it('are shown page by page, and written for what the command changes, where the app keeps them', async () => {
    const { file, json, on } = await ready()
    const { record } = await json('keys', 'create', '--project', '42', '--label', 'a')
    expect(await json('events')).toEqual([])
    expect((await on('events')).err).toContain('No events: the app has to pass events')
    const db = new Database(file)
    await createApiKeys({ store: sqliteStore(db), events: {} }).disable(record.id, { actor: 'anna' })
    db.close()
    await on('keys', 'revoke', record.id, '--actor', 'ben')
    expect(await json('events', '--order', 'asc')).toMatchObject([
      { type: 'key.disabled', actor: 'anna', keyId: record.id },
      { type: 'key.revoked', actor: 'ben', projectId: '42' },
    ])
    const page = await on('events', '--limit', '1')
    expect(page.out).toMatch(/SEQUENCE +WHEN.*\n2 .*key\.revoked +42 .* ben\n$/)
    expect(page.err).toContain('--cursor 2 lists the next')
    expect((await on('events', '--cursor', '2', '--project', '42')).out).toContain('key.disabled')
    expect((await on('events', '--project', '7')).out).not.toContain('key.')
    expect((await on('events', '--cursor', 'x')).code).toBe(2)
    expect((await on('events', '--order', 'up')).code).toBe(2)
    expect(await json('sweep', '--history', '365d')).toEqual({ events: 0, uses: 0 })
  })
})

describe('stale', () => {
  it('lists active keys that are old or unused, and says why', async () => {
    const { file, json, on } = await ready()
    const db = new Database(file)
    const at = async (daysAgo: number, label: string) => {
      const apiKeys = createApiKeys({ store: sqliteStore(db), now: () => Date.now() - daysAgo * DAY_MS })
      const issued = await apiKeys.issue({ projectId: '42', environment: 'production', label })
      return { ...issued, apiKeys }
    }
    const old = await at(120, 'old')
    const used = createApiKeys({ store: sqliteStore(db) })
    await used.verify(old.key)
    await used.close()
    await at(100, 'forgotten')
    await at(1, 'fresh')
    const ended = await at(120, 'ended')
    await ended.apiKeys.revoke(ended.record.id)
    db.close()

    const found: { label: string; reasons: string[] }[] = await json('stale')
    expect(found.map(({ label, reasons }) => [label, ...reasons])).toEqual([
      ['forgotten', '100 days old', 'never used'],
      ['old', '120 days old'],
    ])
    expect(await json('stale', '--age', '110d', '--unused', '110d')).toHaveLength(1)
    expect((await on('stale', '--check')).code).toBe(1)
    expect((await on('stale', '--check', '--age', '999d', '--unused', '999d')).code).toBe(0)
  })
})

describe('leaks', () => {
  it('prints a rule for the product, without a database', async () => {
    const { code, out } = await run(['leaks', 'gitleaks', '--prefix', 'acme'])
    expect(code).toBe(0)
    expect(out).toContain("regex = '''acme_(?:test|live)_[0-9A-Za-z]{61}\\b'''")
  })
})

describe('mistakes', () => {
  const db = ['--db', 'nowhere.db']
  it.each([
    { args: ['keys'], says: 'unknown command' },
    { args: ['keys', 'burn'], says: 'unknown command' },
    { args: ['constructor'], says: 'unknown command' },
    { args: ['keys', 'list', '--burn'], says: "unknown option '--burn'" },
    { args: ['keys', 'list', '--projcet', '1'], says: "unknown option '--projcet'; did you mean --project?" },
    { args: ['keys', 'lsit'], says: 'unknown command; did you mean keys list?' },
    { args: ['migrat'], says: 'unknown command; did you mean migrate?' },
    { args: ['keys', 'list', '--label', 'x', ...db], says: '--label does not go with keys list' },
    { args: ['keys', 'list', 'everything', ...db], says: 'too many words' },
    { args: ['keys', 'list'], says: 'which database?' },
    { args: ['keys', 'list', '--database-url', 'oracle://x'], says: 'must be like postgres://' },
    { args: ['keys', 'list', '--database-url', 'mysql://x', '--schema', 'keys'], says: 'MySQL has none' },
    { args: ['migrate', '--database-url', 'mysql://x', '--cache'], says: 'only PostgreSQL' },
    { args: ['keys', 'list', ...db, '--database-url', 'postgres://x'], says: 'not both' },
    { args: ['keys', 'list', ...db, '--schema', 'x'], says: '--schema: a SQLite file has none' },
    { args: ['migrate', '--db', ''], says: '--db: must be a file' },
    { args: ['migrate', '--db', ':memory:'], says: '--db: must be a file' },
    { args: ['leaks'], says: 'for which scanner?' },
    { args: ['leaks', 'semgrep'], says: 'must be gitleaks or trufflehog' },
    { args: ['leaks', 'gitleaks', '--prefix', 'A!'], says: 'prefix: must be' },
    { args: ['leaks', 'gitleaks', '--environments', 'live'], says: '--environments: must be like' },
  ])('$args end with 2 and one line: $says', async ({ args, says }) => {
    const { code, out, err } = await run(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^gosend-keys: .*\n$/)
    expect(err).toContain(says)
  })

  it('in values end with 2, and a key that is not there with 3', async () => {
    const { on, create } = await ready()
    const { record } = await create()
    const create2 = ['keys', 'create', '--project', '42', '--label', 'x']
    const wrong: [number, string, string[]][] = [
      [2, '--label is missing', ['keys', 'create', '--project', '42']],
      [2, 'environment: must be one of sandbox, production', [...create2, '--environment', 'qa']],
      [2, '--expires: must be an instant with its offset', [...create2, '--expires', 'tomorrow']],
      [2, '--expires: must be an instant with its offset', [...create2, '--expires', '2099-13-45T00:00:00Z']],
      [2, '--expires: must be an instant with its offset', [...create2, '--expires', '2099-01-15T00:00:00']],
      [2, '--expires: must be an instant with its offset', [...create2, '--expires', '2099-01-15']],
      [2, 'expiresAt: must lie in the future', [...create2, '--expires', '2020-01-01T00:00:00Z']],
      [2, '--metadata: must be a JSON object', [...create2, '--metadata', '[1]']],
      [2, 'what is to change?', ['keys', 'update', record.id]],
      [2, 'the id of a key is missing', ['keys', 'update', '--label', 'x']],
      [3, 'there is no key with the id AAAAAAAAAAAA', ['keys', 'update', 'AAAAAAAAAAAA', '--label', 'x']],
      [3, 'there is no key with the id AAAAAAAAAAAA', ['keys', 'history', 'AAAAAAAAAAAA']],
      [2, '--grace: must be like', ['keys', 'rotate', record.id, '--grace', 'soon']],
      [2, '--status: must be', ['keys', 'list', '--status', 'dead']],
      [2, '--limit: must be a whole number', ['keys', 'list', '--limit', 'many']],
      [2, 'limit: must be a whole number from 1 to 1000', ['keys', 'list', '--limit', '1001']],
      [2, 'sort: must be', ['keys', 'list', '--sort', 'id']],
      [2, 'cursor: must be', ['keys', 'list', '--cursor', 'x']],
      [2, '--pepper-file: there is no file to be read (ENOENT)', [...create2, '--pepper-file', '/nowhere']],
      [2, '--pepper-file: the file holds no pepper', [...create2, '--pepper-file', '/dev/null']],
      [3, 'there is no key with the id AAAAAAAAAAAA', ['keys', 'revoke', 'AAAAAAAAAAAA']],
    ]
    for (const [status, says, args] of wrong) {
      const { code, out, err } = await on(...args)
      expect({ code, out }, err).toEqual({ code: status, out: '' })
      expect(err).toContain(says)
    }
  })
})

describe('--if-version', () => {
  it('lets a command change a key only as it was read', async () => {
    const { on } = await ready()
    const { record } = JSON.parse(
      (await on('keys', 'create', '--project', '1', '--label', 'x', '--json')).out,
    )
    for (const command of [
      ['update', '--label', 'y'],
      ['rotate'],
      ['disable'],
      ['enable'],
      ['revoke'],
      ['erase', '--yes'],
    ]) {
      const [name = '', ...flags] = command
      const { code, err } = await on('keys', name, record.id, ...flags, '--if-version', '7')
      expect({ name, code }).toEqual({ name, code: 3 })
      expect(err).toContain('has version 1 by now, not 7; read it again')
    }
    expect((await on('keys', 'update', record.id, '--label', 'y', '--if-version', '1')).code).toBe(0)
    expect((await on('keys', 'disable', record.hint, '--if-version', '2')).code).toBe(0)
    expect((await on('keys', 'erase', record.id, '--yes', '--if-version', '3')).code).toBe(0)
    expect(await on('keys', 'erase', '--project', '1', '--yes', '--if-version', '3')).toMatchObject({
      code: 2,
    })
  })
})

describe('keys top-up', () => {
  const limitsIn = (file: string, plan: Plan) =>
    createLimits({ store: sqliteLimitStore(new Database(file)), plans: { free: plan }, planOf: () => 'free' })

  it('gives credits to the budget of a key, and to those of its plan', async () => {
    const { file, on } = await ready()
    const create = async (...args: string[]) => JSON.parse((await on('keys', ...args, '--json')).out).record
    const parent = await create('create', '--project', '1', '--label', 'parent')
    const child = await create('create-child', parent.id, '--label', 'agent', '--budget', '5')
    const topUp = (...args: string[]) => on('keys', 'top-up', ...args)
    expect(await topUp(child.id, '--amount', '3')).toMatchObject({
      code: 2,
      err: expect.stringContaining('has no table api_key_limits'),
    })
    const limits = limitsIn(file, { credits: { amount: 10 } })
    expect((await topUp(child.hint, '--amount', '3')).err).toContain(`${child.id} has 8 credits left`)
    expect(await topUp(parent.id, '--amount', '3')).toMatchObject({
      code: 2,
      err: expect.stringContaining('say what its plan gives: --credits'),
    })
    const { out } = await topUp(parent.id, '--amount', '3', '--credits', '10', '--json')
    expect(JSON.parse(out)).toEqual({ id: parent.id, credits: 13 })
    expect((await limits.status({ ...parent, environment: 'production' }))[0]?.remaining).toBe(13)
    expect((await on('keys', 'history', parent.id)).out).toContain('amount: 3')
    const bare = await create('create-child', child.id, '--label', 'agent of the agent')
    for (const plan of [[], ['--credits', '10']]) {
      expect(await topUp(bare.id, '--amount', '3', ...plan)).toMatchObject({
        code: 2,
        err: expect.stringContaining(`uses up what key ${child.id} has`),
      })
    }
    expect((await topUp(parent.id, '--amount', '0', '--credits', '10')).code).toBe(2)
    expect((await topUp(parent.id)).err).toContain('--amount is missing')
    expect((await topUp('AAAAAAAAAAAA', '--amount', '1')).code).toBe(3)
  })
})

describe('help', () => {
  it('is one page that fits an 100-column terminal and names every command', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(await run([])).toMatchObject({ code: 0, out })
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    for (const command of Object.keys(commands)) {
      expect(out).toContain(`gosend-keys ${command}`)
    }
  })

  it('of one command says all of its flags, and is a page that fits as well', async () => {
    for (const [name, { flags }] of Object.entries(commands)) {
      const { code, out } = await run([...name.split(' '), '--help'])
      expect(code).toBe(0)
      expect(out).toMatch(new RegExp(`^Usage\n  gosend-keys ${name}( |\n)`))
      expect(out).not.toContain('as above')
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
      const told = [...out.matchAll(/^ {6}(--.*?)(?: {2,}|$)/gm)].flatMap(([, about = '']) =>
        about.match(/--[a-z-]+/g),
      )
      expect([...new Set(told)].sort(), name).toEqual(
        [...flags.map((flag) => `--${flag}`), '--help', '--version'].sort(),
      )
    }
  })

  it('goes by the words that people try first', async () => {
    expect(await run(['keys', 'issue', '--help'])).toEqual(await run(['keys', 'create', '--help']))
    expect(await run(['keys', '--help'])).toEqual(await run(['--help']))
    expect(await run(['help'])).toEqual(await run(['--help']))
  })

  it('is data for programs, too: each command with what is said of it and of its flags', async () => {
    const { code, out } = await run(['help', '--json'])
    const { commands: described } = JSON.parse(out)
    expect([code, described.length]).toEqual([0, Object.keys(commands).length])
    for (const { usage, description, flags } of described) {
      expect([usage, description]).toEqual([
        expect.stringMatching(/^gosend-keys \w/),
        expect.stringMatching(/\w/),
      ])
      for (const flag of flags)
        expect(flag, usage).toMatchObject({ description: expect.stringMatching(/\w/) })
    }
  })

  it('refuses a variable of its own that nobody reads, for it could be the pepper', async () => {
    const { file } = await ready()
    const args = ['keys', 'list', '--db', file]
    for (const [name, said] of [
      ['GOSEND_KEYS_PEPER', 'did you mean GOSEND_KEYS_PEPPER?'],
      ['GOSEND_KEYS_REDISURL', 'did you mean GOSEND_KEYS_REDIS_URL?'],
      ['GOSEND_KEYS_ZZZZZZZZZZZZZZ', 'there are GOSEND_KEYS_PREFIX, GOSEND_KEYS_ENVIRONMENTS'],
    ] as const) {
      const { code, err } = await run(args, { env: { [name]: 'x' } })
      expect([code, err]).toEqual([2, expect.stringContaining(`${name}: no such variable; ${said}`)])
    }
    const others = {
      GOSEND_KEYS_PORT: 'tcp://1',
      GOSEND_KEYS_SERVICE_HOST: '1',
      GOSEND_KEYS_PEPER: '',
      GOSEND: 'x',
    }
    expect((await run(args, { env: others })).code).toBe(0)
  })

  it('tells its version', async () => {
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('as a process of its own, the command', () => {
  const timeoutMs = 120_000

  it(
    'reads the environment and standard input, and keeps what it prints apart from what it says of it',
    async () => {
      const { file } = await ready()
      const env = { GOSEND_KEYS_PREFIX: 'acme', GOSEND_KEYS_PEPPER: 'p'.repeat(48) }
      const created = await runProcess(
        ['keys', 'create', '--db', file, '--project', '42', '--label', 'backend'],
        { env },
      )
      expect(created.code).toBe(0)
      expect(created.out).toMatch(/^acme_live_[0-9A-Za-z]{61}\n$/)
      expect(created.err).toContain('shown this once')
      expect(connect(file).prepare('SELECT tag FROM api_keys').pluck().get()).toMatch(/^hmac\./)

      const input = JSON.stringify({ sha256: 'ab'.repeat(32), projectId: '42', label: 'old' })
      const imported = await runProcess(['import', '-', '--db', file], { input })
      expect(imported).toMatchObject({ code: 0, out: '', err: expect.stringContaining('1 key imported.') })
    },
    timeoutMs,
  )

  it(
    'ends with 0 when all is well, 1 for bad findings, 2 for a slip, 3 without the key, 4 without the database',
    async () => {
      const { file } = await ready()
      const statuses = [
        ['--version'],
        ['stale', '--check', '--age', '0', '--db', file],
        ['keys', 'burn'],
        ['keys', 'revoke', 'AAAAAAAAAAAA', '--db', file],
        ['keys', 'list', '--db', `${file}.mistyped`],
      ].map(async (args) => (await runProcess(args)).code)
      expect(await Promise.all(statuses)).toEqual([0, 0, 2, 3, 4])

      await run(['keys', 'create', '--db', file, '--project', '42', '--label', 'backend'])
      expect((await runProcess(['stale', '--check', '--age', '0', '--db', file])).code).toBe(1)
    },
    timeoutMs,
  )
})
