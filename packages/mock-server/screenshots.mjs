// Takes the pictures of the sandbox's pages that the README shows, into screenshots/. With a folder as the only argument,
// every page goes there: on a desk and on a phone, in both schemes, empty, with little, and with much in it.
import path from 'node:path'
import { runnerImport } from 'vite'

if (process.argv[2] !== undefined) process.argv[2] = path.resolve(process.argv[2])
process.chdir(import.meta.dirname)
await runnerImport('./test/dashboard/screenshots.ts', { configFile: false, logLevel: 'warn' })
