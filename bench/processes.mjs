// Child processes that are called like functions: each runs a module of this directory that calls `serve`.

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Starts a module; `call(method, argument)` runs one of its methods there. One call at a time per process. */
export function start(module, ...args) {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), args, {
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let pending
  child.on('message', ({ result, error }) => {
    if (error === undefined) pending.resolve(result)
    else pending.reject(new Error(error))
  })
  child.on('exit', (code) => pending?.reject(new Error(`${module} ${args.join(' ')} ended with ${code}`)))
  return {
    call(method, argument) {
      return new Promise((resolve, reject) => {
        pending = { resolve, reject }
        child.send({ method, argument })
      })
    },
    stop: () => child.kill(),
    /** As a machine is lost: without a word. */
    kill: () => child.kill('SIGKILL'),
  }
}

/** Answers the calls of the process that started this one, and ends with it. */
export function serve(methods) {
  process.on('message', async ({ method, argument }) => {
    try {
      process.send({ result: await methods[method](argument) })
    } catch (error) {
      process.send({ error: error.stack ?? String(error) })
    }
  })
  process.on('disconnect', () => process.exit())
}
