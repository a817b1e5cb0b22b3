// One module in the package in whose folder this is run: see run.mjs.

const { MUTANT_FILE: file, MUTANT_REPORT: report } = process.env

// biome-ignore lint/style/noDefaultExport: Stryker asks for one.
export default {
  mutate: [file],
  testRunner: 'vitest',
  vitest: { configFile: '../../mutants/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Mutants of what is computed once, when a module is loaded, would take a run of all tests each.
  ignoreStatic: true,
  // Above it are the packages of the repository, the vitest that this runs among them.
  tempDirName: '../../.mutants',
  ignorePatterns: [
    '/dist',
    '/bin',
    '/dashboard',
    '/screenshots',
    '/.turbo',
    '/tsconfig.json',
    '/vitest.config.ts',
  ],
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ['json'],
  logLevel: 'error',
  jsonReporter: { fileName: report },
  incremental: true,
  incrementalFile: report.replace('.json', '.incremental.json'),
}
