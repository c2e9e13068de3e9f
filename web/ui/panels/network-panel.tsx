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
        {relay.draining === true ? <span class="caption">{texts.network.draining}</span> : null}
        {relay.failure === undefined ? null : (
          <FailureNote failure={relay.failure} onRetry={() => session.retry()} />
        )}
        {relay.failure === undefined && relay.status === 'waiting' ? (
          <Button kind="quiet" icon="retry" onClick={() => session.retry()}>
            {texts.network.retryNow}
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
          <Copyable value={peer.peerId} what={texts.network.peerId} />
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
  if (network.peers.length === 0) return <p>{texts.network.noPeers}</p>
  const hidden = Math.max(0, network.peers.length - limit)
  return (
    <>
      <table class="peers">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{texts.network.peers}</span>
            </th>
            <th scope="col" class="number">
              {texts.network.latency}
            </th>
            <th scope="col" class="number">
              {texts.network.since}
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
          {texts.network.morePeers(Math.min(hidden, PAGE_PEERS))}
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
    <Section title={texts.network.told}>
      {addresses.length === 0 ? <p>{texts.network.toldNothing}</p> : null}
      <ul class="list">
        {addresses.map((address) => (
          <li key={address} class="list-row told">
            <span class="list-text caption" title={address}>
              {shortenAddress(address)}
            </span>
            <IconButton
              icon="copy"
              size={14}
              label={texts.common.copyOf(texts.network.ownAddress)}
              onClick={() => void copy(address)}
            />
          </li>
        ))}
      </ul>
      <p class="caption">{texts.network.toldHow[network.mode]}</p>
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
      session.toasts.show('done', texts.network.added)
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setAdding(false)
    }
  }
  return (
    <Section title={texts.network.addTitle}>
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
          aria-label={texts.network.addLabel}
          placeholder={texts.network.addPlaceholder}
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
        <Button type="submit" disabled={adding || address.trim() === ''}>
          {texts.network.add}
        </Button>
      </form>
      {adding ? <Waiting what={texts.network.adding} slow={texts.network.addSlow} /> : null}
      {failure === undefined ? null : <FailureNote failure={failure} onRetry={() => void add()} />}
    </Section>
  )
}

function Storage(): JSX.Element {
  const storage = useSession().state.storage.value
  return (
    <Section title={texts.network.storage}>
      <dl class="rows">
        <Row name={formatBytes(storage.bytes)}>
          {`${texts.network.blocks(storage.blocks)}, ${texts.network.storageKinds[storage.kind]}`}
        </Row>
        <Row name={texts.network.served}>
          {texts.network.servedTo(formatBytes(storage.servedBytes), storage.servedPeers)}
        </Row>
        <Row name={texts.network.fetched}>{formatBytes(storage.fetchedBytes)}</Row>
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
    <Panel place="panel" wide title={texts.network.title} onClose={session.closePanel}>
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
      <Section title={texts.network.relays}>
        {network.relays.length === 0 ? (
          <p>{texts.network.noRelays}</p>
        ) : (
          <ul class="list">
            {network.relays.map((relay) => (
              <Relay key={relay.address} relay={relay} now={now} />
            ))}
          </ul>
        )}
        <p class="caption">{texts.network.relaysHow[network.mode]}</p>
      </Section>
      <Section title={texts.network.peersHere(peers, network.peers.length - peers)}>
        <Peers network={network} now={now} />
      </Section>
      <Told network={network} />
      <Storage />
      <AddRelay />
      <Section title={texts.network.state}>
        <dl class="rows">
          <Row name={texts.network.peerId}>
            {network.peerId === '' ? '–' : <Copyable value={network.peerId} what={texts.network.peerId} />}
          </Row>
          <Row name={texts.network.network}>{shorten(network.network)}</Row>
          <Row name={texts.network.mode}>{texts.chip[network.mode]}</Row>
        </dl>
      </Section>
    </Panel>
  )
}
