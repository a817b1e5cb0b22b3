import fc from 'fast-check'

// A change must be judged by what it changes, so continuous integration tries the same inputs in every run.
// The nightly workflow, and everybody's own run, tries others; fast-check prints the seed of what fails.
if (process.env.CI && process.env.PROPERTIES !== 'random') fc.configureGlobal({ seed: 6_021_023 })
