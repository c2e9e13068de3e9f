/** What can be wrong, each with a sentence of its own and something to mend. */
export type FindingCode =
  | 'NAME_UNRESOLVED'
  | 'PORT_CLOSED'
  | 'PORT_SILENT'
  | 'HTTPS_NEEDED'
  | 'HTTP_NEEDED'
  | 'CERTIFICATE_BAD'
  | 'AUTO_TLS_MISSING'
  | 'NOT_A_RELAY'
  | 'RELAY_NOT_READY'
  | 'CLOCK_APART'
  | 'NETWORK_DIFFERS'
  | 'UPGRADE_REFUSED'
  | 'UPGRADE_MISSING'
  | 'PAGE_INSECURE'
  | 'ANNOUNCE_UNREACHABLE'
  | 'PEER_ID_DIFFERS'
  | 'HANDSHAKE_FAILED'
  | 'RESERVATION_REFUSED'
  | 'CIRCUIT_FAILED'
  | 'STUN_SILENT'
  | 'DIRECT_UNREACHABLE'
  | 'PROXY_UNTRUSTED'
  | 'TAB_IS_RELAY'
  | 'TAB_UNSEEN'
  | 'TAB_UNREACHABLE'
  | 'TAB_INDIRECT'

/** What one step found. `broken` keeps people out, `doubtful` costs some of them something. */
export type Finding =
  | { readonly step: string; readonly status: 'ok'; readonly what: string }
  | {
      readonly step: string
      readonly status: 'broken' | 'doubtful'
      readonly code: FindingCode
      readonly what: string
      /** what to do, a sentence */
      readonly mend: string
    }
  | { readonly step: string; readonly status: 'skipped'; readonly what: string }

export interface Trouble {
  readonly code: FindingCode
  readonly what: string
  readonly mend: string
}

export const ok = (step: string, what: string): Finding => ({ step, status: 'ok', what })
export const broken = (step: string, trouble: Trouble): Finding => ({ step, status: 'broken', ...trouble })
export const doubtful = (step: string, trouble: Trouble): Finding => ({
  step,
  status: 'doubtful',
  ...trouble,
})
export const skipped = (step: string, what: string): Finding => ({ step, status: 'skipped', what })

const MARKS: Readonly<Record<Finding['status'], string>> = {
  ok: '✓',
  broken: '✗',
  doubtful: '!',
  skipped: '–',
}

/** One line for what is well, a second one that says what to do for what is not. */
export function formatFinding(finding: Finding): string {
  const line = `${MARKS[finding.status]} ${finding.step.padEnd(12)} ${finding.what}`
  return 'mend' in finding ? `${line}\n  ${' '.repeat(12)} → ${finding.mend}` : line
}

/** The last line of a report. */
export function summarise(findings: readonly Finding[]): string {
  const count = (status: Finding['status']) => findings.filter((finding) => finding.status === status).length
  const causes = findings.flatMap((finding) => ('code' in finding ? [finding.code] : []))
  if (causes.length === 0) return 'Everything that was looked at works.'
  return `${count('broken')} broken, ${count('doubtful')} doubtful: ${causes.join(', ')}.`
}
