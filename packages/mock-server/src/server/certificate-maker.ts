// Makes a certificate that signs itself. Shipped as one file with the library that it takes.

import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import forge from 'node-forge'

/** Both as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

const DAY_MS = 86_400_000
/** Apple's systems refuse certificates that are valid for longer. */
const VALID_DAYS = 820

/** @param names what it is for: host names and addresses. */
export async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  const keys = await new Promise<forge.pki.rsa.KeyPair>((resolve, reject) => {
    forge.pki.rsa.generateKeyPair({ bits: 2048 }, (error, pair) => (error ? reject(error) : resolve(pair)))
  })
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = keys.publicKey
  // The first bit is not set: a serial number is positive (RFC 5280, section 4.1.2.2).
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS)
  certificate.validity.notAfter = new Date(Date.now() + VALID_DAYS * DAY_MS)
  const subject = [{ name: 'commonName', value: 'gosend-mock on this machine' }]
  certificate.setSubject(subject)
  certificate.setIssuer(subject)
  certificate.setExtensions([
    // It signs nothing but itself, so that whoever trusts it trusts this mock alone.
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
    },
  ])
  certificate.sign(keys.privateKey, forge.md.sha256.create())
  return {
    cert: forge.pki.certificateToPem(certificate),
    key: forge.pki.privateKeyToPem(keys.privateKey),
  }
}
