// The test files that mutants are run against: those that are fast and say most about the code they test.

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

export default defineConfig({
  test: {
    include: process.env.MUTANT_TESTS?.split(','),
    testNamePattern: new RegExp(`^(?!.*(?:${leftOut.join('|')}))`),
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
