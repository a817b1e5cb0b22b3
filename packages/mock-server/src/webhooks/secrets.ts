// The secret that the mock signs webhooks with. It is made once per database and kept readable: it proves nothing but that
// this sandbox has sent them.

import { randomBytes } from 'node:crypto'

interface SecretSettings {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

const NAME = 'webhook-secret'

export function webhookSecretOf(given: string | undefined, settings: SecretSettings): string {
  const known = given ?? settings.get(NAME)
  if (known !== undefined) return known
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  settings.set(NAME, secret)
  return secret
}
