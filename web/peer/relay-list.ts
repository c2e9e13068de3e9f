import type { RelayChoice, RelayState } from '#api/network-types.ts'
import { MAX_RELAYS, MAX_TOLD_BY_ONE, MAX_TOLD_RELAYS } from '#core/limits.ts'
import { assertDialableFrom, parseRelayAddress, type RelayAddress } from './addresses.ts'
import { failureOf, PeerError } from './errors.ts'
import { isPrivateAddress } from './gater.ts'
import { createLink, isActive, type Link, rest } from './relay-link.ts'
import { ADDED } from './relay-memory.ts'

/** With the growing waits between them about a minute: one that was told of and never answered is given up. */
const MAX_TOLD_FAILURES = 8

export interface RelayListInit {
  /** addresses that the page came with, in the order in which they are tried */
  readonly own: readonly string[]
  /** those that earlier pages found good, tried after them */
  readonly remembered: readonly string[]
  readonly pageProtocol: string | undefined
  readonly webRtcDirect: boolean
  readonly random: (() => number) | undefined
}

/** The relays that are known, with bounds for those that strangers name. */
export interface RelayList {
  readonly links: readonly Link[]
  /** of the own list, those that cannot be dialled from here */
  readonly invalid: readonly RelayState[]
  /** One of one's own choice. @throws RELAY_ADDRESS_INVALID, RELAY_TOO_MANY */
  add(address: string): Link
  /**
   * [RE8] Those that others named: `from` is the peer id of a relay, or another name of who tells. What cannot be used
   * is passed over, and only a dial proves the rest.
   */
  learn(from: string, addresses: readonly string[]): void
  /** Lets go of a relay that only others named and that never was one. @returns was it such? */
  forgetIfInvented(link: Link): boolean
}

/** Holds up to MAX_RELAYS relays, at most MAX_TOLD_RELAYS of them by another relay's word alone. */
export function createRelayList({
  own,
  remembered,
  pageProtocol,
  webRtcDirect,
  random,
}: RelayListInit): RelayList {
  const links: Link[] = []
  const invalid: RelayState[] = []

  function parse(text: string): RelayAddress {
    const target = parseRelayAddress(text, { webRtcDirect })
    assertDialableFrom(pageProtocol, target)
    return target
  }

  const find = (peerId: string) => links.find(({ target }) => target.peerId === peerId)

  function put(target: RelayAddress, toldBy?: string): Link {
    const same = find(target.peerId)
    if (same !== undefined) return same
    if (links.length >= MAX_RELAYS && (toldBy !== undefined || !dropTold())) {
      throw new PeerError('RELAY_TOO_MANY', `${MAX_RELAYS} relays are known already; this one is not needed.`)
    }
    const link = createLink(target, { toldBy, random })
    links.push(link)
    return link
  }

  function choose(address: string, choice?: RelayChoice): Link {
    const link = put(parse(address))
    link.choice = choice ?? link.choice
    return link
  }

  /** A relay of one's own choice takes the place of one that was only heard of and is of no use now. */
  function dropTold(): boolean {
    const dropped = links.findLast(({ toldBy, status }) => toldBy !== undefined && !isActive(status))
    if (dropped !== undefined) drop(dropped)
    return dropped !== undefined
  }

  function drop(link: Link): void {
    rest(link, 'waiting')
    links.splice(links.indexOf(link), 1)
  }

  /**
   * Strangers may not lead a tab into the network around it, unless the relay that names them is there itself; of who
   * else tells, as the DHT, no more is known than that a relay of our own choice let it in.
   */
  function isInside(from: string): boolean {
    const teller = find(from)
    const vouching = teller === undefined ? links.filter(({ toldBy }) => toldBy === undefined) : [teller]
    return vouching.length > 0 && vouching.every(({ target }) => isPrivateAddress(target.multiaddr))
  }

  function learn(from: string, address: string): void {
    try {
      const target = parse(address)
      if (isPrivateAddress(target.multiaddr) && !isInside(from)) return
      const same = find(target.peerId)
      if (same !== undefined) {
        correct(same, target, from)
        return
      }
      const told = links.filter(({ toldBy }) => toldBy !== undefined)
      if (told.length >= MAX_TOLD_RELAYS) return
      if (told.filter(({ toldBy }) => toldBy === from).length >= MAX_TOLD_BY_ONE) return
      put(target, from)
    } catch (error) {
      if (!(error instanceof PeerError)) throw error // what cannot be used is passed over
    }
  }

  /** A liar may have named a good relay at a wrong place before others told the right one. */
  function correct(link: Link, target: RelayAddress, from: string): void {
    const { toldBy, failures, status } = link
    if (toldBy === undefined || toldBy === from || failures === 0 || isActive(status)) return
    rest(link, 'waiting')
    Object.assign(link, { target, toldBy: from, failures: 0 })
    link.backoff.reset()
  }

  for (const text of [...own, ...remembered]) {
    const address = text.startsWith(ADDED) ? text.slice(ADDED.length) : text
    try {
      choose(address, own.includes(text) ? 'page' : address === text ? undefined : 'added')
    } catch (error) {
      if (!(error instanceof PeerError)) throw error
      if (error.code === 'RELAY_TOO_MANY') break
      invalid.push({ address: address.slice(0, 200), status: 'refused', failure: failureOf(error) })
    }
  }

  return {
    links,
    invalid,
    add(address) {
      const link = choose(address, 'added')
      link.toldBy = undefined
      return link
    },
    learn(from, addresses) {
      for (const address of addresses) learn(from, address)
    },
    forgetIfInvented(link) {
      const isInvented =
        link.toldBy !== undefined && link.reservedAt === undefined && link.failures >= MAX_TOLD_FAILURES
      if (isInvented) drop(link)
      return isInvented
    },
  }
}
