// The steps of MIGRATING.md, carried out with its own programs: rows as other libraries keep them become keys that both accept.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type ApiKeys, createApiKeys, type ImportEntry, type ImportedKeys } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import ts from 'typescript'
import { expect, it, onTestFinished, vi } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const document = readFileSync(join(root, 'packages', 'auth-core', 'MIGRATING.md'), 'utf8')
const programs = [...document.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text = '']) => text)

/** What the program exports that has this in it. */
function load<Exports>(part: string): Exports {
  const [program, ...others] = programs.filter((text) => text.includes(part))
  if (program === undefined || others.length > 0) throw new Error(`not one program with ${part}`)
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const exports = {}
  new Function('require', 'exports', outputText)(createRequire(import.meta.url), exports)
  return exports as Exports
}

const sha256 = (text: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex') =>
  createHash('sha256').update(text).digest(encoding)

const random = 'k3Yx90aBq7LmN2pRs5TuVw8ZcD4eF6gHjK1oPiQy'
const whole = `sk_${random}`
const made = new Date('2025-03-01T00:00:00Z')

interface Library {
  readonly from: string
  readonly key: string
  readonly importedKeys: RegExp | ImportedKeys
  row(isActive: boolean): object
}

const libraries: readonly Library[] = [
  {
    from: 'fromBetterAuth',
    key: whole,
    importedKeys: /sk_[0-9A-Za-z]{40}/,
    row: (enabled) => ({
      ...{ key: sha256(whole, 'base64url'), name: 'backend', referenceId: 'u1', enabled, createdAt: made },
      ...{ expiresAt: null, lastRequest: made, permissions: '{"messages":["read","write"]}' },
    }),
  },
  {
    from: 'fromUnkey',
    key: whole,
    importedKeys: /sk_[0-9A-Za-z]{40}/,
    row: (enabled) => ({
      ...{ hash: sha256(whole, 'base64'), name: 'backend', external_id: 'u1', enabled, expires: null },
      ...{ created_at_m: made.getTime(), deleted_at_m: null, last_used_at: 0, meta: '{"team":"billing"}' },
      permissions: ['messages:read', 'messages:write'],
    }),
  },
  {
    from: 'fromKeypal',
    key: `sk_${random.slice(0, 32)}`,
    importedKeys: { pattern: /sk_[0-9A-Za-z_-]{32}/, salts: [{ after: 'the salt of the options' }] },
    row: (enabled) => ({
      keyHash: sha256(`sk_${random.slice(0, 32)}the salt of the options`),
      metadata: {
        ...{ ownerId: 'u1', name: 'backend', scopes: ['messages:read', 'messages:write'], enabled },
        ...{ createdAt: made.toISOString(), expiresAt: null, revokedAt: null },
      },
    }),
  },
  {
    from: 'fromSanctum',
    key: `12|${random}`,
    importedKeys: /(?:[0-9]+\|)?(?<secret>[0-9A-Za-z]{40,80})/,
    row: (isActive) => ({
      ...{ token: sha256(random), tokenable_id: 7, name: 'backend', last_used_at: null, created_at: made },
      ...{ abilities: '["messages:read","messages:write"]', expires_at: isActive ? null : made },
    }),
  },
]

it.each(libraries)(
  '$from makes entries of rows whose keys go on working, or stay refused',
  async (library) => {
    const exported = load<Record<string, (row: object) => ImportEntry<'production'>>>(library.from)
    const entryOf = exported[library.from]
    for (const isActive of [true, false]) {
      const apiKeys = createApiKeys({ store: memoryStore(), importedKeys: library.importedKeys })
      const entry = entryOf?.(library.row(isActive))
      expect(await apiKeys.import(entry === undefined ? [] : [entry])).toMatchObject({ imported: 1 })
      expect((await apiKeys.verify(library.key, { scopes: ['messages:write'] })).ok).toBe(isActive)
    }
  },
)

it('both libraries run side by side, and the new one takes over', async () => {
  const key = whole
  const late = `sk_${random.split('').reverse().join('')}`
  vi.stubGlobal('verifyWithOldLibrary', async (presented: string) => ({
    valid: presented === key || presented === late,
  }))
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })
  const { importAll, compared, switched } = load<{
    importAll(entries: Parameters<ApiKeys['import']>[0]): Promise<void>
    compared(key: string): Promise<boolean>
    switched(key: string): Promise<boolean>
  }>('export async function compared')
  await importAll([{ sha256: sha256(key), projectId: '42', environment: 'production', label: 'backend' }])
  expect([await compared(key), await compared(`${key.slice(0, -1)}0`)]).toEqual([true, false])
  expect(warn).not.toHaveBeenCalled()
  expect(await compared(late)).toBe(true)
  expect(warn).toHaveBeenCalledWith('verdicts differ', expect.objectContaining({ here: 'unknown' }))
  expect([await switched(key), await switched(late), await switched('sk_nonsense')]).toEqual([
    true,
    true,
    false,
  ])
})
