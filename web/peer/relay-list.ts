import type { Multiaddr } from '@multiformats/multiaddr'
import type { RelayState } from '#api/types.ts'
import { MAX_RELAYS, MAX_TOLD_RELAYS } from '#core/limits.ts'
import { assertDialableFrom, parseRelayAddress, type RelayAddress } from './addresses.ts'
import { failureOf, PeerError } from './errors.ts'
import { isPrivateAddress } from './gater.ts'
import { createLink, isActive, type Link, rest } from './relay-link.ts'

export interface RelayListInit {
  /** addresses of one's own choice, in the order in which they are tried */
  readonly own: readonly string[]
  readonly pageProtocol: string | undefined
  readonly random: (() => number) | undefined
}

/** The relays that are known, with bounds for those that strangers name. */
export interface RelayList {
  readonly links: readonly Link[]
  /** of the own list, those that cannot be dialled from here */
  readonly invalid: readonly RelayState[]
  /** One of one's own choice. @throws RELAY_ADDRESS_INVALID, RELAY_TOO_MANY */
  add(address: string): Link
  /** [RE8] Those that a relay of ours named; what cannot be used is passed over. */
  learn(addresses: readonly Multiaddr[], teller: Link): void
}

/** Holds up to MAX_RELAYS relays, at most MAX_TOLD_RELAYS of them by another relay's word alone. */
export function createRelayList({ own, pageProtocol, random }: RelayListInit): RelayList {
  const links: Link[] = []
  const invalid: RelayState[] = []

  function parse(text: string): RelayAddress {
    const target = parseRelayAddress(text)
    assertDialableFrom(pageProtocol, target)
    return target
  }

  function put(target: RelayAddress, told: boolean): Link {
    const same = links.find(({ target: { peerId } }) => peerId === target.peerId)
    if (same !== undefined) return same
    if (links.length >= MAX_RELAYS && (told || !dropTold())) {
      throw new PeerError('RELAY_TOO_MANY', `${MAX_RELAYS} relays are known already; this one is not needed.`)
    }
    const link = createLink(target, { told, random })
    links.push(link)
    return link
  }

  /** A relay of one's own choice takes the place of one that was only heard of and is of no use now. */
  function dropTold(): boolean {
    const index = links.findLastIndex(({ told, status }) => told && !isActive(status))
    const [dropped] = index === -1 ? [] : links.splice(index, 1)
    if (dropped !== undefined) rest(dropped, 'waiting')
    return dropped !== undefined
  }

  /** Strangers may not lead a tab into the network around it, unless the relay that names them is there itself. */
  function learn(address: string, teller: Link): void {
    if (links.filter(({ told }) => told).length >= MAX_TOLD_RELAYS) return
    try {
      const target = parse(address)
      if (isPrivateAddress(target.multiaddr) && !isPrivateAddress(teller.target.multiaddr)) return
      put(target, true)
    } catch (error) {
      if (!(error instanceof PeerError)) throw error // what cannot be used is passed over
    }
  }

  for (const address of own) {
    try {
      put(parse(address), false)
    } catch (error) {
      if (!(error instanceof PeerError)) throw error
      if (error.code === 'RELAY_TOO_MANY') break
      invalid.push({ address: address.slice(0, 200), status: 'refused', failure: failureOf(error) })
    }
  }

  return {
    links,
    invalid,
    add: (address) => put(parse(address), false),
    learn(addresses, teller) {
      for (const address of addresses) learn(address.toString(), teller)
    },
  }
}
