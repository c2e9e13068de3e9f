import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TransportCertificate } from '@libp2p/webrtc'
import { base64url } from 'multiformats/bases/base64'
import { create } from 'multiformats/hashes/digest'
import { relayError } from '../errors.ts'
import { writePrivateFile } from '../private-file.ts'

const FILE = 'webrtc-direct.pem'
const KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/
const SHA2_256 = 0x12
/** Browsers compare its hash and nothing else; a new one would be a new address. */
const LIFE_MS = 20 * 365 * 86_400_000
/** P-256: what libp2p found all browsers to take */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * The certificate of the relay's WebRTC Direct address, which holds its hash: made on the first run and kept in
 * `dataDir`, so that links and lists with that address stay good over restarts.
 *
 * @throws KEY_FILE_INVALID, DATA_FOLDER_UNUSABLE
 */
export async function loadOrCreateDirectCertificate(dataDir: string): Promise<TransportCertificate> {
  const path = join(dataDir, FILE)
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unusable(dataDir, error)
  })
  if (known !== undefined) return parse(known, path)
  const made = await makeCertificate()
  await writePrivateFile(dataDir, FILE, made).catch((error: Error) => {
    throw unusable(dataDir, error)
  })
  return parse(made, path)
}

function parse(text: string, path: string): TransportCertificate {
  const [privateKey = ''] = KEY.exec(text) ?? []
  const [pem = ''] = CERTIFICATE.exec(text) ?? []
  try {
    const { raw, checkPrivateKey } = new X509Certificate(pem)
    if (!checkPrivateKey.call(new X509Certificate(pem), createPrivateKey(privateKey)))
      throw new Error('no pair')
    return { privateKey, pem, certhash: base64url.encode(create(SHA2_256, sha256(raw)).bytes) }
  } catch (cause) {
    throw relayError(
      'KEY_FILE_INVALID',
      `${path} holds no key with its certificate. Restore it from a copy, or remove it to get new ones: the relay's WebRTC Direct address then changes.`,
      { cause, details: { path } },
    )
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

/** Key and certificate, PEM, one after the other. */
async function makeCertificate(): Promise<string> {
  await import('reflect-metadata') // needed by the next
  const { PemConverter, X509CertificateGenerator } = await import('@peculiar/x509')
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=tabland relay',
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + LIFE_MS),
    },
    crypto, // libraries set another one for all
  )
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return `${PemConverter.encode(key, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`
}

function unusable(dataDir: string, cause: Error) {
  return relayError(
    'DATA_FOLDER_UNUSABLE',
    `Cannot keep the certificate of WebRTC Direct in ${dataDir}: ${cause.message}. Choose a folder that this user may write with --data DIR.`,
    { cause, details: { dataDir } },
  )
}
