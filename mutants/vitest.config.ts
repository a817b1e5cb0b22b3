// The test files that mutants are run against: those that are fast and say most about the code they test.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: process.env.MUTANT_TESTS?.split(','), testTimeout: 30_000, hookTimeout: 30_000 },
})
