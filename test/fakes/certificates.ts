import 'reflect-metadata'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type JsonGeneralName,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const DAY_MS = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface FakeCertificate {
  readonly cert: string
  readonly key: string
}

export interface FakeCertificateInit {
  readonly names?: readonly JsonGeneralName[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** A certificate that signed itself. */
export async function makeCertificate(init: FakeCertificateInit = {}): Promise<FakeCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const { names = [{ type: 'dns', value: 'localhost' }] } = init
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=relay',
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: init.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: init.notAfter ?? new Date(Date.now() + 90 * DAY_MS),
    extensions: [new SubjectAlternativeNameExtension([...names])],
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: `${certificate.toString('pem')}\n`, key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n` }
}

/** Writes `cert.pem` and `key.pem`. */
export async function writeCertificate(dir: string, { cert, key }: FakeCertificate) {
  const paths = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
  await Promise.all([writeFile(paths.cert, cert), writeFile(paths.key, key)])
  return paths
}
