// The code that decides about keys, and for each file the tests that are fast and say most about it.

const core = (file, ...tests) => ({
  folder: 'packages/auth-core',
  file: `src/${file}.ts`,
  tests: tests.map((name) => `test/${name}.test.ts`),
})

export const modules = {
  tag: core('tag', 'tag'),
  'allowed-ips': core('allowed-ips', 'allowed-ips'),
  'key-format': core('key-format', 'key-format', 'former-formats'),
  verifier: core(
    'verifier',
    'verifier',
    'life-cycle',
    'child-keys',
    'scopes',
    'diagnosis',
    'imported-keys',
    'foreign-hashes',
    'former-formats',
  ),
  issuer: core(
    'issuer',
    'issuer',
    'life-cycle',
    'child-keys',
    'key-limit',
    'labels',
    'products',
    'imported-keys',
    'concurrent-changes',
    'options',
  ),
  limits: core('limits', 'limits', 'limits-outage', 'callbacks', 'costs', 'child-keys', 'telemetry'),
  gate: core('http/gate', 'gate', 'outcomes', 'over-quota'),
  'host-guard': {
    folder: 'packages/mock-server',
    file: 'src/security/host-guard.ts',
    tests: ['test/host-guard.test.ts'],
  },
}
