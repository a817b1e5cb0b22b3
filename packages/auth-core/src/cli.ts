// The command `gosend-keys`, in its process.

import { runCommand } from './cli/run.js'
import { processTerminal } from './cli/terminal.js'

const status = await runCommand(process.argv.slice(2), processTerminal())
if (status !== 0) process.exitCode = status
