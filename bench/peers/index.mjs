// The contenders. Each module exports
//   seed(file, { keys, others }, settings)   makes a database of keys + others rows; returns the keys to present
//   open(file, settings)                     returns a contender:
//     verify(key)      what the library answers, or a promise of it
//     admits(answer)   whether that is a yes
//     middleware       Express middleware that lets a request with a valid X-API-Key pass
//     forge            kind -> (key) => a credential to be refused
//     argon2Runs()     how often argon2 has run, for those that use it
//     close()

const { KEYPAL } = process.env

export const peers = {
  none: { name: 'no authentication', module: 'none.mjs' },
  ours: { name: 'auth-core', module: 'auth-core.mjs' },
  peppered: {
    name: 'auth-core, pepper',
    module: 'auth-core.mjs',
    settings: { pepper: 'a pepper of at least thirty-two bytes' },
  },
  prefixed: { name: 'prefixed-api-key + SHA-256', module: 'prefixed-api-key.mjs' },
  bare: { name: 'bare SHA-256 lookup', module: 'bare-sha256.mjs' },
  ...(KEYPAL && {
    keypal: { name: 'keypal, tracking off', module: 'keypal.mjs', settings: { directory: KEYPAL } },
  }),
  betterAuthWal: { name: 'better-auth, WAL', module: 'better-auth.mjs', settings: { journal: 'WAL' } },
  betterAuth: { name: 'better-auth, as documented', module: 'better-auth.mjs' },
  argon2: { name: 'argon2id per request', module: 'argon2.mjs' },
}
