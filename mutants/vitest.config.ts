// The test files that mutants are run against: those that are fast and say most about the code they test.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const leftOut = [
  // They read the source itself, which Stryker has rewritten, or measure memory.
  'randomness comes from the CSPRNG only',
  'keeps memory flat',
  // In other processes, the package is as it was built.
  'from four processes',
  // They take longer than all others together.
  'whatever the order of commands',
  'refuses every slip',
]

// Stryker copies the tests without the packages that stand beside them.
const installed = fileURLToPath(new URL('../packages/auth-core/test/node_modules/', import.meta.url))

export default defineConfig({
  resolve: { alias: [{ find: /^(?=@opentelemetry\/sdk-)/, replacement: installed }] },
  test: {
    include: process.env.MUTANT_TESTS?.split(','),
    testNamePattern: new RegExp(`^(?!.*(?:${leftOut.join('|')}))`),
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
