// The test files that mutants are run against: those that are fast and say most about the code they test.

import { defineConfig } from 'vitest/config'

// They read the source itself, which Stryker has rewritten, or measure memory.
const leftOut = ['randomness comes from the CSPRNG only', 'keeps memory flat']

export default defineConfig({
  test: {
    include: process.env.MUTANT_TESTS?.split(','),
    testNamePattern: new RegExp(`^(?!.*(?:${leftOut.join('|')}))`),
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
