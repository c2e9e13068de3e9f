import type { ClearableSignal, Connection, MultiaddrConnection, Upgrader } from '@libp2p/interface'
import { addressGroup } from '../http/client-address.ts'

export interface UpgraderBounds {
  /** connections in the middle of their handshake */
  readonly maxPending: number
  /** a new one may begin; called once for each */
  readonly mayBegin: () => boolean
  /** of one household (`addressGroup`) */
  readonly perAddress: number
  /** in all */
  readonly maxConnections: number
}

export interface BoundedUpgrader {
  readonly upgrader: Upgrader
  /** turned away, before or after they had shaken hands */
  readonly refused: () => number
}

/**
 * The upgrader that a listener gets which makes something for whoever sends the first datagram, before it knows whether
 * the sender is at its address: few at once, and not many in a row. Who has shaken hands counts for its address.
 */
export function boundUpgrader(inner: Upgrader, bounds: UpgraderBounds): BoundedUpgrader {
  const byGroup = new Map<string, number>()
  let pending = 0
  let open = 0
  let refused = 0

  /** The listener asks for this first, and makes nothing when it is aborted already. */
  function createInboundAbortSignal(signal: AbortSignal): ClearableSignal {
    if (pending >= bounds.maxPending || open >= bounds.maxConnections || !bounds.mayBegin()) {
      refused++
      return Object.assign(AbortSignal.abort(), { clear() {} })
    }
    pending++
    const made = inner.createInboundAbortSignal(signal)
    const clear = made.clear.bind(made)
    let isPending = true
    made.clear = () => {
      if (isPending) pending--
      isPending = false
      clear()
    }
    return made
  }

  async function upgradeInbound(
    ...[connection, options]: Parameters<Upgrader['upgradeInbound']>
  ): Promise<void> {
    const group = groupOf(connection)
    const ofGroup = byGroup.get(group) ?? 0
    if (ofGroup >= bounds.perAddress) {
      refused++
      throw new Error(
        `This relay holds ${bounds.perAddress} connections from that address, which is its limit.`,
      )
    }
    byGroup.set(group, ofGroup + 1)
    open++
    connection.addEventListener('close', () => {
      open--
      const left = (byGroup.get(group) ?? 1) - 1
      if (left > 0) byGroup.set(group, left)
      else byGroup.delete(group)
    })
    await inner.upgradeInbound(connection, options)
  }

  const upgrader: Upgrader = Object.create(inner, {
    createInboundAbortSignal: { value: createInboundAbortSignal },
    upgradeInbound: { value: upgradeInbound },
  })
  return { upgrader, refused: () => refused }
}

function groupOf({ remoteAddr }: Pick<MultiaddrConnection | Connection, 'remoteAddr'>): string {
  return addressGroup(remoteAddr.getComponents()[0]?.value ?? '')
}
