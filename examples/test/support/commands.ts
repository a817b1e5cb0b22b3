// Runs a command of a document as a shell does, and compares what it prints with what the document shows.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export async function bash(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const options = { env: { ...process.env, ...env } }
  const { stdout } = await execute('bash', ['-c', command.replace(/^curl/, 'curl -s')], options)
  return stdout.trim()
}

/** What is shown, with `…` for what differs from run to run. */
export const shownAs = (shown: string): RegExp =>
  new RegExp(
    `^${shown
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )
