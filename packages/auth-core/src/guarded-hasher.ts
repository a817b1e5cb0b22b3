// Every call to the hasher goes through here: one kind of error, and only a true or false decides about a key.

import { ApiKeysError } from './errors.js'
import type { Hasher } from './hasher.js'

export function createGuardedHasher(hasher: Hasher): Hasher {
  const run = async <T>(doing: string, call: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> => {
    let answer: T
    try {
      answer = await call()
    } catch (cause) {
      if (cause instanceof ApiKeysError) throw cause
      throw new ApiKeysError('verifier_failed', `the hasher could not ${doing} a key`, { cause })
    }
    if (fits(answer)) return answer
    throw new ApiKeysError('verifier_failed', `hasher.${doing}: must give ${wanted[doing]}`)
  }
  return {
    hash: (key, job) => run('hash', () => hasher.hash(key, job), isText),
    verify: (hash, key, job) => run('verify', () => hasher.verify(hash, key, job), isFlag),
    needsRehash: (hash) => hasher.needsRehash(hash),
  }
}

const wanted: Readonly<Record<string, string>> = { hash: 'a PHC string', verify: 'true or false' }

const isText = (answer: unknown) => typeof answer === 'string' && answer !== ''
const isFlag = (answer: unknown) => typeof answer === 'boolean'
