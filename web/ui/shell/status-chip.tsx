import type { JSX } from 'preact'
import type { ChainLandState } from '#api/land-types.ts'
import type { NetworkState } from '#api/network-types.ts'
import type { ServingState } from '#api/seed-types.ts'
import type { StorageState } from '#api/types.ts'
import { formatAgo, formatBytes } from '../format.ts'
import { hasRelay, peersOf } from '../network-counts.ts'
import { servingShort } from '../seed-lines.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

export interface ChipPart {
  readonly text: string
  /** left out where there is no room for it */
  readonly extra?: true
}

const EXTRA = { extra: true } as const

/** What the chip says, in order. */
export function chipParts(
  network: NetworkState,
  storage: StorageState,
  serving: ServingState,
): readonly ChipPart[] {
  const { phase } = network.join
  const peers = { text: texts.chip.peers(peersOf(network)) }
  if (phase === 'offline') return [{ text: texts.chip.offline }, peers]
  if (phase !== 'ready')
    return [{ text: texts.chip.joining }, { text: texts.join.phases[phase], extra: true }]
  const served: ChipPart = {
    text: texts.chip.serving(formatBytes(storage.servedBytes), storage.servedPeers),
    extra: true,
  }
  const mine = servingShort(serving)
  return [
    { text: texts.chip.joined },
    peers,
    ...(hasRelay(network) ? [] : [{ text: texts.chip.noRelay }]),
    // where there is room for little, only what is not as it should be
    ...(mine === undefined ? [] : [{ text: mine, ...(serving.status === 'served' ? EXTRA : {}) }]),
    ...(storage.servedPeers > 0 ? [served] : []),
    { text: texts.chip[network.mode] },
  ]
}

/** How old the land is that is shown while the chain does not answer ([CH15]). @param now unix ms */
export function keptLand({ kind, failure, blockTime }: ChainLandState, now: number): readonly ChipPart[] {
  if (kind !== 'cached' || failure === undefined || blockTime === undefined) return []
  return [{ text: texts.chip.landOf(formatAgo(blockTime * 1000, now)) }]
}

/** One line on how the peer is doing; opens the network panel. */
export function StatusChip(): JSX.Element {
  const session = useSession()
  const network = session.state.network.value
  const failed = session.startFailure.value !== undefined
  const parts: readonly ChipPart[] = failed
    ? [{ text: texts.chip.offline }]
    : [
        ...chipParts(network, session.state.storage.value, session.state.seed.value.serving),
        ...keptLand(session.state.chain.value, Date.now()),
      ]
  const { phase } = network.join
  const whole = phase === 'ready' && hasRelay(network)
  const mood = failed || phase === 'offline' ? 'off' : whole ? 'on' : 'wait'
  return (
    <button
      type="button"
      class="chip"
      aria-label={`${parts.map(({ text }) => text).join(', ')}. ${texts.chip.label}`}
      onClick={() => session.toggle('network')}
    >
      <span class={`dot dot-${mood}`} />
      {parts.map(({ text, extra }) => (
        <span key={text} class={extra ? 'chip-part chip-extra' : 'chip-part'}>
          {text}
        </span>
      ))}
    </button>
  )
}
