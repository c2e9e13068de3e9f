/** What kept a fetch from its answer, in words where there are some. */
export function fetchTrouble(error: unknown): string {
  const { cause, name } = error as {
    readonly cause?: { readonly code?: string; readonly message?: string }
    readonly name: string
  }
  // ports that no fetch asks have no code
  const code = cause?.code ?? (cause?.message === 'bad port' ? cause.message : name)
  return TROUBLES[code] ?? code
}

const TROUBLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused: nothing listens there',
  'bad port': 'neither a browser nor Node.js may fetch from this port: choose another',
  ECONNRESET: 'the connection is cut: https may be needed instead of http, or the other way round',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up now: is this machine online?',
  ENETUNREACH: 'no network leads there: is this machine online?',
  EHOSTUNREACH: 'no way leads to that machine',
  TimeoutError: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS: write http instead of https',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody that this machine trusts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}
