// One round of load on one contender's server, with the CPU time that the server spent on a request.

/** `load` and `contender` are processes. Throws when the server did not answer everything with `status`. */
export async function underLoad({ load, contender, kind, seconds, status }) {
  const credentials = await contender.call('credentials', { kind, count: 64 * 50 })
  const before = await contender.call('usage')
  const result = await load.call('run', { port: contender.port, credentials, seconds })
  const after = await contender.call('usage')
  const others = Object.keys(result.statuses).filter((code) => Number(code) !== status)
  if (others.length > 0 || result.failures > 0) {
    throw new Error(`${contender.name}: ${JSON.stringify(result)} where only ${status} was expected`)
  }
  return {
    ...result,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / result.requests,
    argon2Runs: after.argon2Runs - before.argon2Runs,
  }
}
