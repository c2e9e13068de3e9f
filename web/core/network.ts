import { AppError } from './errors.ts'

/** Separate worlds that never mix ([NE9]): every protocol id, topic and DHT name carries one of these. */
export type NetworkName = 'main' | 'test' | 'local'

export const NETWORK_NAMES: readonly NetworkName[] = ['main', 'test', 'local']

export interface Protocols {
  /** gossip topic of heartbeats: who is here, and where to dial them */
  readonly presenceTopic: string
  /** gossip topic of signed link batches */
  readonly linksTopic: string
  /** gossip topic of signed placement records */
  readonly placementsTopic: string
  /** DHT protocol of our own routing table ([NE4]) */
  readonly dht: string
  /** request/response: link batches that the asker lacks */
  readonly linksSync: string
  /** request/response: placement records that the asker lacks */
  readonly placementsSync: string
  /** request/response: the bytes of small texts by CID */
  readonly texts: string
  /** request/response: the peers whose heartbeats the other side hears, so that a newcomer need not wait for them */
  readonly whoIsHere: string
  /** request/response: proof of access to a random block of a content ([SE6]) */
  readonly copies: string
  /** request/response: the wish that the other side keep a content */
  readonly keep: string
  /** request/response: named objects by id, and offers of them ([OB17]) */
  readonly objects: string
  /** request/response: the key of a restricted object, for who proves to be among its readers, or to have paid ([OB11]) */
  readonly objectKey: string
  /** request/response: the key of a restricted object, which its owner gives to a relay to hand out, or takes back ([CH7]) */
  readonly keyDeposit: string
  /** request/response: the blocks of a machine, from a height on ([KG23]) */
  readonly blocks: string
  /** request/response: what a particle links to, with the proof that it is all and in order ([KG16a]) */
  readonly answers: string
  /** request/response: how much a neuron may link in a machine's next block ([KG5]) */
  readonly bandwidth: string
  /** request/response: the land in bulk by its storage root, or what changed since another ([CH14]) */
  readonly land: string
  /** one-way: a relay tells its clients that it stops soon, and which other relays there are ([RE8]) */
  readonly relayNotice: string
}

/** The ids of one network's protocols. A changed message is a new version in its id. */
export function protocolsOf(network: NetworkName): Protocols {
  const prefix = `/tabland/${network}`
  return {
    presenceTopic: `${prefix}/presence/1.0.0`,
    linksTopic: `${prefix}/links/2.0.0`,
    placementsTopic: `${prefix}/placements/2.0.0`,
    dht: `${prefix}/kad/1.0.0`,
    linksSync: `${prefix}/links-sync/2.0.0`,
    placementsSync: `${prefix}/placements-sync/2.0.0`,
    texts: `${prefix}/texts/1.0.0`,
    whoIsHere: `${prefix}/who-is-here/1.0.0`,
    copies: `${prefix}/copies/1.0.0`,
    keep: `${prefix}/keep/1.0.0`,
    objects: `${prefix}/object/1.0.0`,
    objectKey: `${prefix}/object-key/2.0.0`,
    keyDeposit: `${prefix}/key-deposit/1.0.0`,
    blocks: `${prefix}/graph-blocks/1.0.0`,
    answers: `${prefix}/graph-answers/1.0.0`,
    bandwidth: `${prefix}/graph-bandwidth/1.0.0`,
    land: `${prefix}/land/1.0.0`,
    relayNotice: `${prefix}/relay-notice/1.0.0`,
  }
}

/** @throws NETWORK_UNKNOWN */
export function parseNetworkName(text: string): NetworkName {
  const found = NETWORK_NAMES.find((name) => name === text)
  if (found !== undefined) return found
  throw new AppError(
    'NETWORK_UNKNOWN',
    `Unknown network "${text}". Choose one of: ${NETWORK_NAMES.join(', ')}.`,
  )
}
