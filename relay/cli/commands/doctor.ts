import { NETWORK_NAMES, type NetworkName } from '#core/network.ts'
import type { Finding } from '../../doctor/finding.ts'
import { DEFAULT_RELAY_URL } from '../../node-defaults.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'doctor'
export const summary = 'tell from outside whether a relay or a tab works, and what to mend'
export const usage = `tabland doctor [RELAY] [options]

  RELAY             a relay's page (http://… or https://…) or multiaddr; default ${DEFAULT_RELAY_URL}
  --tab PEERID      looks at a tab through that relay; its network panel shows its peer id
  --network NAME    the network that the relay should serve (${NETWORK_NAMES.join(', ')}); any when left out
  --json            print the findings as one JSON list

Ends with 0 when nothing is broken, else with 1.`

/** Prints what is found as it is found. */
export async function run(
  args: readonly string[],
  { signal, stdout, stderr }: CommandContext,
): Promise<void> {
  const line = parseLine(args)
  const { formatFinding, summarise } = await import('../../doctor/finding.ts')
  const onFinding = (finding: Finding): void => {
    if (!line.json) stdout.write(`${formatFinding(finding)}\n`)
  }
  if (line.tab !== undefined) stderr.write('Listening for the tab through its relay, for up to 20 s.\n')
  const findings = await examine(line, signal, onFinding)
  stdout.write(line.json ? `${JSON.stringify(findings)}\n` : `${summarise(findings)}\n`)
  if (findings.some(({ status }) => status === 'broken')) process.exitCode = 1
}

async function examine(
  { url, tab, network }: Line,
  signal: AbortSignal,
  onFinding: (finding: Finding) => void,
): Promise<readonly Finding[]> {
  if (tab === undefined) {
    const { examineRelay } = await import('../../doctor/examine-relay.ts')
    return examineRelay({ url, network, onFinding })
  }
  const [{ probePage }, { examineTab }] = await Promise.all([
    import('../../doctor/probe-page.ts'),
    import('../../doctor/examine-tab.ts'),
  ])
  const { findings, facts } = await probePage(url, { network, now: Date.now })
  for (const finding of findings) onFinding(finding)
  if (facts === undefined || findings.some(({ status }) => status === 'broken')) return findings
  if (tab === facts.peerId) {
    const finding = isRelayFinding()
    onFinding(finding)
    return [...findings, finding]
  }
  const ofTab = await examineTab({
    peerId: tab,
    network: facts.network,
    relays: facts.addresses,
    onFinding,
    signal,
  })
  return [...findings, ...ofTab]
}

function isRelayFinding(): Finding {
  return {
    step: 'here',
    status: 'broken',
    code: 'TAB_IS_RELAY',
    what: 'This is the peer id of the relay itself, not of a tab.',
    mend: 'Copy the peer id that the tab’s own network panel shows, or leave --tab out to look at the relay.',
  }
}

interface Line {
  readonly url: URL
  readonly tab: string | undefined
  readonly network: NetworkName | undefined
  readonly json: boolean
}

function parseLine(args: readonly string[]): Line {
  const { values, positionals } = parseCommandArgs(name, args, {
    tab: { type: 'string' },
    network: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  if (positionals.length > 1) throw usageError(name, `Unexpected argument "${positionals[1]?.slice(0, 80)}"`)
  const network = NETWORK_NAMES.find((known) => known === values.network)
  if (values.network !== undefined && network === undefined) {
    throw usageError(
      name,
      `Unknown network "${values.network.slice(0, 80)}", expected one of ${NETWORK_NAMES.join(', ')}`,
    )
  }
  if (values.tab !== undefined && !/^[1-9A-HJ-NP-Za-km-z]{40,64}$/.test(values.tab)) {
    throw usageError(name, `"${values.tab.slice(0, 80)}" is no peer id; one begins with 12D3KooW`)
  }
  return { url: urlOf(positionals[0] ?? DEFAULT_RELAY_URL), tab: values.tab, network, json: values.json }
}

/** `http://host:port/`, or `/dns/host/tcp/443/tls/ws/p2p/…` → where its page is @throws COMMAND_USAGE */
function urlOf(text: string): URL {
  const parts =
    /^\/(?:ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d+)\/((?:tls\/)?(?:sni\/[^/]+\/)?wss?)(?:\/|$)/.exec(text)
  if (parts === null && text.startsWith('/')) {
    throw usageError(
      name,
      `"${text.slice(0, 80)}" is no WebSocket address of a relay; give its page, or an address such as /dns4/relay.example/tcp/443/tls/ws`,
    )
  }
  const [, host = '', port = '', transport = ''] = parts ?? []
  const scheme = /tls|wss/.test(transport) ? 'https' : 'http'
  const address = parts === null ? text : `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`
  const withScheme = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`
  if (URL.canParse(withScheme) && /^https?:/i.test(withScheme)) return new URL(withScheme)
  throw usageError(name, `"${text.slice(0, 80)}" is no relay's address, such as https://relay.example/`)
}
