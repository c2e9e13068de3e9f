import type { JSX } from 'preact'
import type { NetworkState, StorageState } from '#api/types.ts'
import { formatBytes } from '../format.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

export interface ChipPart {
  readonly text: string
  /** left out where there is no room for it */
  readonly extra?: true
}

/** What the chip says, in order. */
export function chipParts(network: NetworkState, storage: StorageState): readonly ChipPart[] {
  const { phase } = network.join
  const peers = { text: texts.chip.peers(tabsOf(network)) }
  if (phase === 'offline') return [{ text: texts.chip.offline }, peers]
  if (phase !== 'ready')
    return [{ text: texts.chip.joining }, { text: texts.join.phases[phase], extra: true }]
  const serving: ChipPart = {
    text: texts.chip.serving(formatBytes(storage.servedBytes), storage.servedPeers),
    extra: true,
  }
  return [
    { text: texts.chip.joined },
    peers,
    ...(storage.servedPeers > 0 ? [serving] : []),
    { text: texts.chip[network.mode] },
  ]
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
  const parts: readonly ChipPart[] = failed
    ? [{ text: texts.chip.offline }]
    : chipParts(network, session.state.storage.value)
  const { phase } = network.join
  const mood = failed || phase === 'offline' ? 'off' : phase === 'ready' ? 'on' : 'wait'
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
