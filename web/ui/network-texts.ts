import type { NetworkMode, PeerTransport, RelayState } from '#api/network-types.ts'
import type { StorageState } from '#api/types.ts'
import { plural } from './format.ts'

/** Texts of the network panel, which come with it. */
export const networkTexts = {
  title: 'Network',
  state: 'Your peer',
  mode: 'Mode',
  peerId: 'Peer id',
  network: 'Network',
  relays: 'Relays',
  relaysHow: {
    direct: 'A relay introduces you to other tabs. It carries no content between peers that can meet.',
    relayed:
      'In private mode your relay carries everything between you and others, encrypted so that it cannot read it. It sees who talks to whom, and how much.',
  } satisfies Record<NetworkMode, string>,
  noRelays: 'No relay is known. Add one by its address.',
  relayStatus: {
    connecting: 'connecting',
    connected: 'connected, asking for a reservation',
    reserved: 'reserved',
    waiting: 'not connected',
    refused: 'refused',
  } satisfies Record<RelayState['status'], string>,
  until: (status: string, time: string) => `${status} for another ${time}`,
  retryIn: (status: string, time: string) => `${status}, next try in ${time}`,
  retrying: (status: string) => `${status}, trying again`,
  retryNow: 'Try again now',
  circuitLimit: (limit: string) => `A connection through it ends after ${limit}.`,
  noCircuitLimit: 'It told no limit for connections through it.',
  circuitLeft: (left: string) => `${left} left`,
  draining: 'It stops soon: you are moved to others.',
  peers: 'Peers',
  peersHere: (peers: number, relays: number) =>
    `Peers (${peers})${relays === 0 ? '' : `, relays (${relays})`}`,
  noPeers: 'No one else is here now. Open this page in a second browser to see one.',
  peerKinds: { tab: 'Tab', relay: 'Relay', node: 'Node' },
  transports: {
    webrtc: 'direct (WebRTC)',
    websocket: 'WebSocket',
    circuit: 'through a relay',
    none: 'seen, not connected',
  } satisfies Record<PeerTransport, string>,
  latency: 'Round trip',
  since: 'Connected',
  morePeers: (count: number) => `Show ${count} more`,
  told: 'What others are told',
  toldHow: {
    direct:
      'Others reach you at these addresses, through your relays. A peer that then connects directly sees your network address too.',
    relayed:
      'Others are told these addresses of your relays and nothing else. Only your relays see your network address.',
  } satisfies Record<NetworkMode, string>,
  toldNothing: 'Nothing yet: no relay holds a place for you, so only you can call others.',
  ownAddress: 'this address',
  addTitle: 'Add a relay',
  addLabel: 'Address of a relay',
  addPlaceholder: '/dns4/example.org/tcp/443/wss/p2p/12D3KooW…',
  add: 'Add',
  adding: 'Calling the relay',
  addSlow: 'The relay does not answer. Check the address; it is tried further meanwhile.',
  added: 'The relay is added.',
  storage: 'Stored here',
  storageKinds: {
    opfs: 'in a file of this browser (OPFS)',
    indexeddb: 'in this browser’s database',
    memory: 'in memory only: gone when the tab closes',
    fs: 'on disk',
  } satisfies Record<StorageState['kind'], string>,
  blocks: (count: number) => `${count.toLocaleString('en')} blocks`,
  served: 'Served to others',
  servedTo: (bytes: string, peers: number) => `${bytes} to ${plural(peers, 'peer')}`,
  fetched: 'Fetched from others',
} as const
