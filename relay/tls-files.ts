import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { relayError } from './errors.ts'
import { MAX_TLS_FILE_BYTES } from './limits.ts'

export interface TlsPaths {
  /** certificate chain, the relay's own first (PEM) */
  readonly cert: string
  /** its private key (PEM, without a passphrase) */
  readonly key: string
}

/** A certificate that browsers could accept now, with its key. */
export interface TlsMaterial {
  readonly cert: string
  readonly key: string
  /** DNS names that it stands for, wildcards left out */
  readonly names: readonly string[]
  /** unix ms */
  readonly expiresAt: number
}

/**
 * Reads and checks a certificate and its key.
 *
 * @throws TLS_FILES when one cannot be read, is no PEM, is not valid now, or they do not belong together
 */
export async function loadTlsFiles({ cert, key }: TlsPaths, now: () => number): Promise<TlsMaterial> {
  const [certText, keyText] = await Promise.all([readBounded(cert), readBounded(key)])
  const certificate = parseCertificate(certText, cert)
  if (!certificate.checkPrivateKey(parseKey(keyText, key))) {
    throw tlsError(`The key ${key} does not belong to the certificate ${cert}: name a pair.`)
  }
  const expiresAt = Date.parse(certificate.validTo)
  if (expiresAt <= now()) {
    throw tlsError(`The certificate ${cert} expired on ${certificate.validTo}: renew it.`)
  }
  if (Date.parse(certificate.validFrom) > now()) {
    throw tlsError(
      `The certificate ${cert} is not valid before ${certificate.validFrom}: check this machine's clock.`,
    )
  }
  return { cert: certText, key: keyText, names: namesOf(certificate), expiresAt }
}

export interface TlsWatchInit {
  readonly paths: TlsPaths
  /** the files hold something else, which is good */
  readonly onChange: (material: TlsMaterial) => void
  /** they hold something else, which is not: a sentence, once for each change */
  readonly onProblem: (sentence: string) => void
  readonly now: () => number
  readonly intervalMs: number
}

/**
 * Looks at the files again and again: links that are pointed elsewhere, as certbot and Kubernetes do it, show
 * themselves to nobody who watches the file. A pair that is half written is refused once and read at the next look.
 *
 * Returns what ends it.
 */
export function watchTlsFiles(init: TlsWatchInit): () => void {
  const { paths, onChange, onProblem, now, intervalMs } = init
  let seen = fingerprint(paths)
  let problem = ''

  async function look(): Promise<void> {
    const print = await fingerprint(paths)
    if (print === (await seen)) return
    try {
      const material = await loadTlsFiles(paths, now)
      seen = Promise.resolve(print)
      problem = ''
      onChange(material)
    } catch (error) {
      const sentence = (error as Error).message
      if (sentence !== problem) onProblem(`${sentence} The certificate from before stays in use.`)
      problem = sentence
    }
  }

  const timer = setInterval(() => void look(), intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Changes whenever one of the files does; an absent one counts as a state too. */
async function fingerprint({ cert, key }: TlsPaths): Promise<string> {
  const states = [cert, key].map((path) =>
    stat(path).then(
      ({ ino, size, mtimeMs }) => `${ino}/${size}/${mtimeMs}`,
      () => 'absent',
    ),
  )
  return (await Promise.all(states)).join(' ')
}

async function readBounded(path: string): Promise<string> {
  try {
    if ((await stat(path)).size <= MAX_TLS_FILE_BYTES) return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'no permission' : String(code)
    throw tlsError(`Cannot read ${path}: ${why}.`, cause)
  }
  throw tlsError(`${path} has more than ${MAX_TLS_FILE_BYTES} bytes, so it is no certificate or key.`)
}

function parseCertificate(text: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (cause) {
    throw tlsError(
      `${path} holds no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----.`,
      cause,
    )
  }
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw tlsError(
      `${path} holds no private key in PEM form without a passphrase, which begins with -----BEGIN PRIVATE KEY-----.`,
      cause,
    )
  }
}

/** `DNS:relay.example, DNS:*.example, IP Address:192.0.2.1` → `relay.example` */
function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName
    .split(', ')
    .filter((entry) => /^DNS:[a-z0-9.-]+$/i.test(entry))
    .map((entry) => entry.slice('DNS:'.length).toLowerCase())
}

function tlsError(sentence: string, cause?: unknown) {
  return relayError('TLS_FILES', sentence, cause === undefined ? {} : { cause })
}
