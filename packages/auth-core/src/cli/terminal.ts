// Where a command reads from and writes to: the process, or a test in its place.

import { readFileSync } from 'node:fs'

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** A line on standard output: what was asked for. */
  print(text: string): void
  /** A line of JSON on standard output. */
  printJson(value: unknown): void
  /** A line on standard error: what people want to know besides. */
  note(text: string): void
  /** All of standard input. */
  readInput(): string
  /** Ends the command with 1 once it is done: it worked, and what it found is bad. */
  fail(): void
}

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  // The reader of a pipe may stop before the end, as `head` does.
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    process.exitCode = code === 'EPIPE' ? 0 : 1
  })
  const print = (text: string): void => void stdout.write(`${text}\n`)
  return {
    env,
    print,
    printJson: (value) => print(JSON.stringify(value)),
    note: (text) => void stderr.write(`${text}\n`),
    readInput: () => readFileSync(0, 'utf8'),
    fail: () => {
      process.exitCode = 1
    },
  }
}
