// Measures the dashboard in a real browser.
import { runnerImport } from 'vite'

process.chdir(import.meta.dirname)
await runnerImport('./test/support/speed.ts', { configFile: false, logLevel: 'warn' })
