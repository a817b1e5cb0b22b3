// The command in a process of its own, to be killed and measured.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

export interface Running {
  readonly url: string
  readonly keys: { readonly live: string }
  readonly adminKey: string
  /** With the production key below `/v1`, with the admin key elsewhere. */
  post(path: string, body: object): Promise<Response>
  get(path: string): Promise<Response>
  kill(): Promise<unknown>
  /** Megabytes of memory that the process has, where the system tells. */
  memory(): Promise<number | undefined>
}

const BIN = fileURLToPath(new URL('../../bin/gosend-mock.js', import.meta.url))
const children = new Set<ChildProcess>()

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

export const boot = (db: string): Promise<Running> =>
  new Promise((resolve, reject) => {
    const flags = ['--db', db, '--port', '0', '--json', '--quiet', '--rate-limits', 'off']
    const child = spawn(process.execPath, [BIN, ...flags])
    children.add(child)
    const gone = new Promise((done) => child.on('exit', done))
    child.on('error', reject)
    void gone.then(() => children.delete(child))
    child.stdout.once('data', (line: Buffer) => {
      const started = JSON.parse(line.toString()) as Pick<Running, 'url' | 'keys' | 'adminKey'>
      const { url, keys, adminKey } = started
      const credential = (path: string): Record<string, string> =>
        path.startsWith('/v1/') ? { 'x-api-key': keys.live } : { 'x-admin-key': adminKey }
      resolve({
        ...started,
        post: (path, body) =>
          fetch(url + path, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...credential(path) },
            body: JSON.stringify(body),
          }),
        get: (path) => fetch(url + path, { headers: credential(path) }),
        kill() {
          child.kill('SIGKILL')
          return gone
        },
        async memory() {
          const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
          const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(status) ?? []
          return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
        },
      })
    })
  })
