// Runs a program the way its reader would: as a process of its own, in an empty folder.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

export interface Program {
  readonly process: ChildProcess
  /** The next line on stdout. Rejects when the program ends before there is one. */
  line(): Promise<string>
}

/** An empty folder, gone when the test is done. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'example-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function start(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
  folder = newFolder(),
): Program {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    if (child.exitCode === null) {
      child.kill()
      await new Promise((resolve) => child.once('exit', resolve))
    }
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${command} ${args.join(' ')} ended without another line`)
      return value
    },
  }
}

export const example = (name: string) => join(import.meta.dirname, '..', '..', 'dist', name)

/** A command that the workspace installs, as npx would find it. */
export const installed = (name: string) =>
  join(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin', name)

/** A port that is free now, for a program that takes its port from the environment. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}

/** Fetches until the program listens. */
export async function reach(url: string, init?: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetch(url, init)
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
