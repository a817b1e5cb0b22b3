import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { RE2JS } from 're2js'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { createKeyFormat } from '../src/index.js'
import { leakRule, type Scanner } from '../src/leaks.js'

interface Finder {
  readonly scanner: Scanner
  /** What the scanner would report in a text, by the rule as the scanner reads it. */
  find(rule: string, text: string): string[]
}

interface GitleaksConfig {
  readonly rules: readonly { id: string; regex: string; keywords: string[]; entropy: number }[]
}

interface TrufflehogConfig {
  readonly detectors: readonly { name: string; keywords: string[]; regex: Record<string, string> }[]
}

// Both scanners are written in Go, whose expressions are RE2's.
function matches(regex: string, text: string): string[] {
  const matcher = RE2JS.compile(regex).matcher(text)
  const found: string[] = []
  while (matcher.find()) found.push(matcher.group() ?? '')
  return found
}

const mentions = (keywords: readonly string[], text: string) => {
  const lower = text.toLowerCase()
  return keywords.some((keyword) => lower.includes(keyword.toLowerCase()))
}

const finders: readonly Finder[] = [
  {
    scanner: 'gitleaks',
    find(rule, text) {
      const { rules } = parseToml(rule) as unknown as GitleaksConfig
      return rules.flatMap(({ regex, keywords, entropy }) =>
        mentions(keywords, text) ? matches(regex, text).filter((match) => entropyOf(match) > entropy) : [],
      )
    },
  },
  {
    scanner: 'trufflehog',
    find(rule, text) {
      const { detectors } = parseYaml(rule) as TrufflehogConfig
      return detectors.flatMap(({ regex, keywords }) =>
        mentions(keywords, text)
          ? Object.values(regex).flatMap((expression) => matches(expression, text))
          : [],
      )
    },
  },
]

/** Shannon's, in bits per character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  )
}

/** How keys turn up in files of different types. */
const files: Readonly<Record<string, (key: string) => string>> = {
  '.env': (key) => `GOSEND_API_KEY=${key}\n`,
  json: (key) => `{"apiKey":"${key}","timeoutMs":1000}\n`,
  yaml: (key) => `env:\n  - name: API_KEY\n    value: ${key} # production\n`,
  typescript: (key) => `const client = createClient({ key: '${key}' })\n`,
  shell: (key) => `curl https://api.example.com/v1/me -H "X-API-Key: ${key}"\\\n`,
  log: (key) => `2026-01-15T10:00:00Z GET /v1/me?key=${key}&page=2 200\\n${key}\n`,
}

const formats = {
  'the default format': {},
  'a product of its own': { prefix: 'acme', environments: { dev: 'development', live: 'production' } },
}

/** Source code, documentation and data of the libraries at hand. */
function ordinaryCode(bytes: number): string {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('typescript/package.json')))
  const texts: string[] = []
  let length = 0
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (length >= bytes) break
    if (!entry.isFile() || !/\.(?:[cm]?[jt]s|json|md|map|ya?ml|css|html)$/.test(entry.name)) continue
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8').slice(0, 500_000)
    texts.push(text)
    length += text.length
  }
  return texts.join('\n')
}

describe.each(finders)('the rule for $scanner', ({ scanner, find }) => {
  it.each(Object.entries(formats))('finds 1,000 of 1,000 keys of %s in six types of files', (_, options) => {
    const { generate } = createKeyFormat(options)
    const rule = leakRule(scanner, options)
    const environments =
      'environments' in options ? Object.values(options.environments) : ['sandbox', 'production']
    const writers = Object.values(files)
    let found = 0
    for (let i = 0; i < 1_000; i++) {
      const { key } = generate(environments[i % environments.length] ?? '')
      const write = writers[i % writers.length] ?? String
      const hits = find(rule, write(key))
      if (hits.length > 0 && hits.every((hit) => hit === key)) found += 1
    }
    expect(found).toBe(1_000)
  })

  it('finds nothing in 10 MB of ordinary code', () => {
    const code = ordinaryCode(10_000_000)
    expect(code.length).toBeGreaterThan(10_000_000)
    // The keyword is added, so that the expression itself is put to the test.
    expect(find(leakRule(scanner), `gsk_live_\n${code}`)).toEqual([])
  })

  it('finds nothing in what only looks like a key', () => {
    const { key } = createKeyFormat().generate('production')
    const lookalikes = [
      `${key}0`,
      key.slice(0, -1),
      key.replace('live', 'prod'),
      key.toUpperCase(),
      `gsk_${'a'.repeat(52)}`,
    ]
    expect(find(leakRule(scanner), lookalikes.join('\n'))).toEqual([])
  })

  it('finds keys next to each other, and keys glued to what stands before them', () => {
    const keys = Array.from({ length: 4 }, () => createKeyFormat().generate('sandbox').key)
    expect(find(leakRule(scanner), `${keys.join(',')}\nKEY_${keys[0]}`)).toEqual([...keys, keys[0]])
  })
})

it('leaves placeholders in documentation alone, with gitleaks', () => {
  const [gitleaks] = finders
  expect(gitleaks?.find(leakRule('gitleaks'), `gsk_live_${'x'.repeat(61)}`)).toEqual([])
})

it('names the scanners it can write for', () => {
  for (const scanner of ['semgrep', 'constructor', undefined]) {
    expect(() => leakRule(scanner as Scanner)).toThrow('gitleaks or trufflehog')
  }
})
