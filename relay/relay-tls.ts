import type { RelayConfig } from './config.ts'
import { TLS_EXPIRY_WARNING_MS, TLS_POLL_MS } from './limits.ts'
import { loadTlsFiles, type TlsMaterial, watchTlsFiles } from './tls-files.ts'

/** The certificate that the relay shows now. */
export interface RelayTls {
  readonly current: TlsMaterial
  /** Takes renewed files into use from now on, until `stop`. */
  watch(onChange: (material: TlsMaterial) => void): void
  stop(): void
}

/**
 * Opens the certificate files that the configuration names; undefined when it names none.
 *
 * @throws TLS_FILES
 */
export async function openRelayTls(
  { tlsCert, tlsKey }: Pick<RelayConfig, 'tlsCert' | 'tlsKey'>,
  log: (line: string) => void,
  {
    now = Date.now,
    intervalMs = TLS_POLL_MS,
  }: { readonly now?: () => number; readonly intervalMs?: number } = {},
): Promise<RelayTls | undefined> {
  if (tlsCert === '') return undefined
  const paths = { cert: tlsCert, key: tlsKey }
  let current = await loadTlsFiles(paths, now)
  let unwatch = () => {}

  function warnOfEnd(): void {
    if (current.expiresAt - now() > TLS_EXPIRY_WARNING_MS) return
    log(`Warning: the certificate ${tlsCert} ends on ${new Date(current.expiresAt).toISOString()}: renew it.`)
  }
  warnOfEnd()

  return {
    get current() {
      return current
    },
    watch(onChange) {
      unwatch = watchTlsFiles({
        paths,
        now,
        onChange(material) {
          current = material
          log(`The renewed certificate ${tlsCert} is in use.`)
          warnOfEnd()
          onChange(material)
        },
        onProblem: (sentence) => log(`Warning: ${sentence}`),
        intervalMs,
      })
    },
    stop: () => unwatch(),
  }
}
