// The certificate that a mock serves https with: the user's, or one that it makes at its first start and keeps with its data.

import { X509Certificate } from 'node:crypto'
import { createRequire } from 'node:module'
import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { fitting, type OptionTable, object, text } from '@gosend/options'
import { shipped } from '../shipped.js'
import type { Certificate } from './certificate-maker.js'

export type { Certificate }

export interface HttpsOptions {
  /** The certificate, with those that lead to its root, as PEM. Default: one that the mock makes and keeps. */
  readonly cert?: string | undefined
  /** The key of the certificate, as PEM. */
  readonly key?: string | undefined
  /** The certificates, as PEM, that sign those of clients. Default: any client certificate will do. */
  readonly ca?: string | undefined
}

interface Settings {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

const httpsTable: OptionTable<HttpsOptions> = { cert: text, key: text, ca: text }
const asObject = object(httpsTable)

/** The option `https`: true, or certificates. */
export const httpsOption: (value: unknown, path: string) => boolean | HttpsOptions = (value, path) =>
  typeof value === 'boolean' ? value : asObject(fittingObject(value, path), path)

const fittingObject = fitting<object>(
  (value) => typeof value === 'object' && value !== null,
  'must be true or an object with cert, key and ca',
)

/** @throws TypeError when one of the two is missing, is not PEM, or they do not belong together. */
export function checkCertificate({ cert, key }: HttpsOptions): Certificate | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined) throw new TypeError('https.cert: must be given with the key')
  if (key === undefined) throw new TypeError('https.key: must be given with the certificate')
  return { cert, key }
}

const CERT = 'tls_certificate'
const KEY = 'tls_key'
const DAY_MS = 86_400_000
const NAMES = ['localhost', '127.0.0.1', '::1']

/**
 * The certificate that is kept, or a new one where there is none, it ends soon, or is for other names.
 *
 * @param hosts further names and addresses that it is for.
 */
export async function keptCertificate(settings: Settings, hosts: readonly string[]): Promise<Certificate> {
  const names = [...new Set([...NAMES, ...hosts.map((host) => host.toLowerCase())])]
  const cert = settings.get(CERT)
  const key = settings.get(KEY)
  if (cert !== undefined && key !== undefined && isGood(cert, names)) return { cert, key }
  // What makes certificates is built into one file, and loaded for the first start with https alone.
  const file = fileURLToPath(shipped('dist/certificate-maker.cjs'))
  const { makeCertificate }: typeof import('./certificate-maker.js') = createRequire(import.meta.url)(file)
  const made = await makeCertificate(names)
  settings.set(CERT, made.cert)
  settings.set(KEY, made.key)
  return made
}

function isGood(cert: string, names: readonly string[]): boolean {
  const known = new X509Certificate(cert)
  const isFor = (name: string): boolean =>
    isIP(name) === 0 ? known.checkHost(name) !== undefined : known.checkIP(name) !== undefined
  return Date.parse(known.validTo) > Date.now() + 30 * DAY_MS && names.every(isFor)
}
