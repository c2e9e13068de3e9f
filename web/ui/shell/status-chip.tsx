import type { JSX } from 'preact'
import type { NetworkState, StorageState } from '#api/types.ts'
import { formatBytes } from '../format.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** The chip's parts, most important first: a narrow screen cuts from the end. */
export function chipParts(network: NetworkState, storage: StorageState): readonly string[] {
  const { phase } = network.join
  if (phase === 'offline') return [texts.chip.offline, texts.chip.peers(tabsOf(network))]
  if (phase !== 'ready') return [texts.chip.joining, texts.join.phases[phase]]
  const serving =
    storage.servedPeers > 0 ? [texts.chip.serving(formatBytes(storage.servedBytes), storage.servedPeers)] : []
  return [texts.chip.joined, texts.chip.peers(tabsOf(network)), ...serving, texts.chip[network.mode]]
}

/** Peers that are people's: relays stand in their own list. */
export function tabsOf(network: NetworkState): number {
  return network.peers.filter(({ kind }) => kind !== 'relay').length
}

/** One line on how the peer is doing; opens the network panel. */
export function StatusChip(): JSX.Element {
  const session = useSession()
  const network = session.state.network.value
  const failed = session.startFailure.value !== undefined
  const parts = failed ? [texts.chip.offline] : chipParts(network, session.state.storage.value)
  const { phase } = network.join
  const mood = failed || phase === 'offline' ? 'off' : phase === 'ready' ? 'on' : 'wait'
  return (
    <button
      type="button"
      class="chip"
      aria-label={`${parts.join(', ')}. ${texts.chip.label}`}
      onClick={() => session.toggle('network')}
    >
      <span class={`dot dot-${mood}`} />
      {parts.map((part) => (
        <span key={part} class="chip-part">
          {part}
        </span>
      ))}
    </button>
  )
}
