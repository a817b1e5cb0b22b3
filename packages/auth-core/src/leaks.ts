// What secret scanners need to know to find leaked keys, written in each scanner's own language from the key format.

import { createKeyFormat, type KeyFormatOptions } from './key-format.js'

/** A scanner that rules can be written for. */
export type Scanner = 'gitleaks' | 'trufflehog'

// Of 10,000 keys the least has 4.8 bits per character; a made-up one that repeats a character has fewer than 2.
const MIN_ENTROPY = 4

/**
 * A rule for a secret scanner that finds the keys of a product and nothing else.
 * `gitleaks`: TOML, for `gitleaks --config` or an existing configuration.
 * `trufflehog`: YAML, for `trufflehog --config`; nothing is sent anywhere to verify what it finds.
 *
 * @throws TypeError when the scanner is not known, or the key format is malformed.
 *
 * @example
 * writeFileSync('.gitleaks.toml', leakRule('gitleaks', { prefix: 'acme' }))
 */
export function leakRule(scanner: Scanner, options: KeyFormatOptions = {}): string {
  const isKnown = typeof scanner === 'string' && Object.hasOwn(writers, scanner)
  if (!isKnown) throw new TypeError(`scanner: must be ${Object.keys(writers).join(' or ')}`)
  const write = writers[scanner]
  const { pattern, starts } = createKeyFormat(options)
  const [prefix = ''] = (starts[0] ?? '').split('_')
  // Nothing is required before a key, since keys are often glued to what stands there: `KEY_gsk_live_…`, `\ngsk_live_…`.
  return write({ prefix, regex: `${pattern.source.slice(1, -1)}\\b`, starts })
}

interface Rule {
  readonly prefix: string
  /** In the common subset of RE2 and JavaScript. */
  readonly regex: string
  readonly starts: readonly string[]
}

const writers: Readonly<Record<Scanner, (rule: Rule) => string>> = {
  gitleaks: ({ prefix, regex, starts }) =>
    `[[rules]]
id = "${prefix}-api-key"
description = "An API key of ${prefix}: revoke it, then issue another"
regex = '''${regex}'''
keywords = [${starts.map((start) => `"${start}"`).join(', ')}]
entropy = ${MIN_ENTROPY}
`,
  trufflehog: ({ prefix, regex, starts }) =>
    `detectors:
  - name: ${prefix}-api-key
    keywords:
${starts.map((start) => `      - ${start}`).join('\n')}
    regex:
      key: '${regex}'
`,
}
