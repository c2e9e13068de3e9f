import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { NetworkState, PeerState, RelayState } from '#api/network-types.ts'
import type { Failure } from '#api/types.ts'
import { Button, IconButton } from '../components/button.tsx'
import { Copyable, copyText } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Icon } from '../components/icon.tsx'
import { ModeSwitch } from '../components/mode-switch.tsx'
import { useNow } from '../components/now.ts'
import { Panel, Row, Section } from '../components/panel.tsx'
import { Bar, Waiting } from '../components/waiting.tsx'
import { failureOf } from '../failure.ts'
import { formatBytes, formatDuration, shorten, shortenAddress } from '../format.ts'
import { peersOf } from '../network-counts.ts'
import { limitLine, orderPeers, peerLine, peerSince, relayLine, toldAddresses } from '../network-lines.ts'
import { networkTexts } from '../network-texts.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Peers listed at first, and with each "show more". */
const PAGE_PEERS = 50

function moodOf({ status, draining }: RelayState): 'on' | 'off' | 'wait' {
  if (status === 'reserved' && draining !== true) return 'on'
  return status === 'refused' ? 'off' : 'wait'
}

function Relay({ relay, now }: { readonly relay: RelayState; readonly now: number }): JSX.Element {
  const session = useSession()
  const limit = limitLine(relay)
  return (
    <li class="list-row">
      <span class={`dot dot-${moodOf(relay)}`} />
      <div class="list-text">
        <span class="breakable" title={relay.address}>
          {shortenAddress(relay.address)}
        </span>
        <span class="caption">{relayLine(relay, now)}</span>
        {limit === undefined ? null : <span class="caption">{limit}</span>}
        {relay.draining === true ? <span class="caption">{networkTexts.draining}</span> : null}
        {relay.failure === undefined ? null : (
          <FailureNote failure={relay.failure} onRetry={() => session.retry()} />
        )}
        {relay.failure === undefined && relay.status === 'waiting' ? (
          <Button kind="quiet" icon="retry" onClick={() => session.retry()}>
            {networkTexts.retryNow}
          </Button>
        ) : null}
      </div>
    </li>
  )
}

function Peer({ peer, now }: { readonly peer: PeerState; readonly now: number }): JSX.Element {
  return (
    <tr>
      <td>
        <span class="peer-name">
          <Icon name={peer.kind === 'relay' ? 'relay' : 'peers'} size={14} />
          <Copyable value={peer.peerId} what={networkTexts.peerId} />
        </span>
        <span class="caption">{peerLine(peer)}</span>
      </td>
      <td class="number">{peer.latencyMs === undefined ? '–' : formatDuration(peer.latencyMs)}</td>
      <td class="number">{peerSince(peer, now)}</td>
    </tr>
  )
}

function Peers({ network, now }: { readonly network: NetworkState; readonly now: number }): JSX.Element {
  const [limit, setLimit] = useState(PAGE_PEERS)
  if (network.peers.length === 0) return <p>{networkTexts.noPeers}</p>
  const hidden = Math.max(0, network.peers.length - limit)
  return (
    <>
      <table class="peers">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{networkTexts.peers}</span>
            </th>
            <th scope="col" class="number">
              {networkTexts.latency}
            </th>
            <th scope="col" class="number">
              {networkTexts.since}
            </th>
          </tr>
        </thead>
        <tbody>
          {orderPeers(network.peers)
            .slice(0, limit)
            .map((peer) => (
              <Peer key={peer.peerId} peer={peer} now={now} />
            ))}
        </tbody>
      </table>
      {hidden === 0 ? null : (
        <Button onClick={() => setLimit(limit + PAGE_PEERS)}>
          {networkTexts.morePeers(Math.min(hidden, PAGE_PEERS))}
        </Button>
      )}
    </>
  )
}

/** What the rest of the network learns of where this peer is. */
function Told({ network }: { readonly network: NetworkState }): JSX.Element {
  const session = useSession()
  const addresses = toldAddresses(network)
  const copy = async (address: string): Promise<void> => {
    if (await copyText(session, address)) session.toasts.show('done', texts.common.copied)
  }
  return (
    <Section title={networkTexts.told}>
      {addresses.length === 0 ? <p>{networkTexts.toldNothing}</p> : null}
      <ul class="list">
        {addresses.map((address) => (
          <li key={address} class="list-row told">
            <span class="list-text caption" title={address}>
              {shortenAddress(address)}
            </span>
            <IconButton
              icon="copy"
              size={14}
              label={texts.common.copyOf(networkTexts.ownAddress)}
              onClick={() => void copy(address)}
            />
          </li>
        ))}
      </ul>
      <p class="caption">{networkTexts.toldHow[network.mode]}</p>
    </Section>
  )
}

function AddRelay(): JSX.Element {
  const session = useSession()
  const [address, setAddress] = useState('')
  const [adding, setAdding] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const add = async (): Promise<void> => {
    const text = address.trim()
    if (text === '' || adding) return
    setAdding(true)
    setFailure(undefined)
    try {
      await (await session.tabland).net.addRelay(text)
      setAddress('')
      session.toasts.show('done', networkTexts.added)
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setAdding(false)
    }
  }
  return (
    <Section title={networkTexts.addTitle}>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <input
          type="text"
          class="field"
          autoComplete="off"
          spellcheck={false}
          aria-label={networkTexts.addLabel}
          placeholder={networkTexts.addPlaceholder}
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
        <Button type="submit" disabled={adding || address.trim() === ''}>
          {networkTexts.add}
        </Button>
      </form>
      {adding ? <Waiting what={networkTexts.adding} slow={networkTexts.addSlow} /> : null}
      {failure === undefined ? null : <FailureNote failure={failure} onRetry={() => void add()} />}
    </Section>
  )
}

function Storage(): JSX.Element {
  const storage = useSession().state.storage.value
  return (
    <Section title={networkTexts.storage}>
      <dl class="rows">
        <Row name={formatBytes(storage.bytes)}>
          {`${networkTexts.blocks(storage.blocks)}, ${networkTexts.storageKinds[storage.kind]}`}
        </Row>
        <Row name={networkTexts.served}>
          {networkTexts.servedTo(formatBytes(storage.servedBytes), storage.servedPeers)}
        </Row>
        <Row name={networkTexts.fetched}>{formatBytes(storage.fetchedBytes)}</Row>
      </dl>
      {storage.failure === undefined ? null : <FailureNote failure={storage.failure} />}
    </Section>
  )
}

/** Relays, peers and what is stored and served; a relay can be added by its address. */
export function NetworkPanel(): JSX.Element {
  const session = useSession()
  const network = session.state.network.value
  const now = useNow()
  const { join } = network
  const peers = peersOf(network)
  return (
    <Panel place="panel" wide title={networkTexts.title} onClose={session.closePanel}>
      <ModeSwitch />
      {join.phase === 'ready' ? null : (
        <div class="stack">
          <p>{texts.join.phases[join.phase]}</p>
          <Bar value={join.progress} label={texts.join.progress} />
          {join.failure === undefined ? null : (
            <FailureNote failure={join.failure} onRetry={() => session.retry()} />
          )}
        </div>
      )}
      <Section title={networkTexts.relays}>
        {network.relays.length === 0 ? (
          <p>{networkTexts.noRelays}</p>
        ) : (
          <ul class="list">
            {network.relays.map((relay) => (
              <Relay key={relay.address} relay={relay} now={now} />
            ))}
          </ul>
        )}
        <p class="caption">{networkTexts.relaysHow[network.mode]}</p>
      </Section>
      <Section title={networkTexts.peersHere(peers, network.peers.length - peers)}>
        <Peers network={network} now={now} />
      </Section>
      <Told network={network} />
      <Storage />
      <AddRelay />
      <Section title={networkTexts.state}>
        <dl class="rows">
          <Row name={networkTexts.peerId}>
            {network.peerId === '' ? '–' : <Copyable value={network.peerId} what={networkTexts.peerId} />}
          </Row>
          <Row name={networkTexts.network}>{shorten(network.network)}</Row>
          <Row name={networkTexts.mode}>{texts.chip[network.mode]}</Row>
        </dl>
      </Section>
    </Panel>
  )
}
