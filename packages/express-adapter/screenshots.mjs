// Takes the pictures of the dashboard that the READMEs show, into screenshots/.
import { runnerImport } from 'vite'

process.chdir(import.meta.dirname)
await runnerImport('./test/support/screenshots.ts', { configFile: false, logLevel: 'warn' })
