import type { NetworkState } from '#api/network-types.ts'
import { AppError, isAppError } from '#core/errors.ts'
import type { NetworkName } from '#core/network.ts'
import { parseRelayAddress } from '#peer/addresses.ts'
import type { PeerErrorCode } from '#peer/errors.ts'
import { type PageRelay, parsePageRelay } from '#peer/page-relay.ts'
import { systemTimers } from '#peer/system-timers.ts'
import type { PeerNode } from '#peer/types.ts'
import { fetchTrouble } from './fetch-trouble.ts'
import { tellWaiting } from './tell-waiting.ts'

const FACTS_TIMEOUT_MS = 5_000
/** A relay that has a million links sends them in about a minute. */
const SYNC_TIMEOUT_MS = 120_000
const DEFAULT_NETWORK: NetworkName = 'local'

export interface JoinWaitInit {
  /** as it was given on the command line */
  readonly relay: string
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

/** The relay behind an http address, or the one that a multiaddr names. @throws RELAY_UNREACHABLE with the cause */
export async function findRelay({ relay, signal, tell }: JoinWaitInit): Promise<Omit<PageRelay, 'stunUrls'>> {
  if (!/^https?:/.test(relay)) {
    return { network: DEFAULT_NETWORK, addresses: [parseRelayAddress(relay).address], relays: [] }
  }
  const url = new URL(relay)
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(FACTS_TIMEOUT_MS)])
    const asked = fetch(new URL('/tabland.json', url), { signal: limited }).then((response) =>
      response.text(),
    )
    const describe = () => `Waiting for ${url.origin} to say where its relay is.`
    return parsePageRelay(await tellWaiting(asked, { timers: systemTimers, tell, describe }), url)
  } catch (cause) {
    signal.throwIfAborted()
    if (isAppError(cause)) throw cause
    throw new AppError<PeerErrorCode>(
      'RELAY_UNREACHABLE',
      `No relay answers at ${url.origin} (${fetchTrouble(cause)}): start one with "npm start" or "tabland relay", or name another with --relay.`,
      { cause },
    )
  }
}

/** What a peer that joins waits for, in one line, with the cause where something fails. */
export function describeJoin(
  { join: { phase, failure }, relays }: Pick<NetworkState, 'join' | 'relays'>,
  relay: string,
): string {
  const cause = failure ?? relays.find((state) => state.failure !== undefined)?.failure
  const waits: Record<typeof phase, string> = {
    starting: `Waiting for the relay ${relay} to answer.`,
    relay: `Waiting for the relay ${relay} to answer.`,
    reservation: `The relay ${relay} answers. Waiting for it to give this peer a place.`,
    peers: `Joined ${relay}. Waiting for a peer to answer.`,
    ready: `Joined ${relay}. Waiting for the links and texts that others have.`,
    offline: 'Waiting for the network: this machine is offline.',
  }
  return cause === undefined ? waits[phase] : `${waits[phase]} ${cause.message}`
}

/** Nothing of what was waited for came; `state` says how far joining was. */
export function unreachable(
  relay: string,
  state: Pick<NetworkState, 'join' | 'relays'>,
): AppError<PeerErrorCode> {
  return new AppError(
    'RELAY_UNREACHABLE',
    `The relay ${relay} does not answer as a peer. See that it runs and that its port is open, or name another with --relay. ${describeJoin(state, relay)}`,
  )
}

/**
 * Waits for `work`, but not for a relay that was dialled and did not answer; says meanwhile how far joining is.
 *
 * @throws RELAY_UNREACHABLE
 */
export async function untilSynced(
  work: Promise<void>,
  { state }: Pick<PeerNode, 'state'>,
  { signal, relay, tell }: JoinWaitInit,
): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(SYNC_TIMEOUT_MS)])
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {}) // heard by the race below, or too late to matter
  const onAbort = () => reject(signal.aborted ? signal.reason : unreachable(relay, state.peek()))
  if (deadline.aborted) onAbort()
  deadline.addEventListener('abort', onAbort, { once: true })
  const stop = state.subscribe(({ relays }) => {
    const failures = relays.flatMap(({ failure }) => (failure === undefined ? [] : [failure]))
    const [failure] = failures
    if (failure !== undefined && failures.length === relays.length) {
      reject(new AppError<PeerErrorCode>('RELAY_UNREACHABLE', failure.message))
    }
  })
  try {
    await tellWaiting(Promise.race([work, promise]), {
      timers: systemTimers,
      tell,
      describe: () => describeJoin(state.peek(), relay),
    })
  } finally {
    stop()
    deadline.removeEventListener('abort', onAbort)
  }
}
