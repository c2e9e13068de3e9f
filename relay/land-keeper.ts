import { type OpenChainLand, openChainLand } from '#api/open-chain-land.ts'
import type { Hex } from '#chain/hex.ts'
import { LAND_PATH } from '#chain/land/land-sources.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import type { Transport } from '#core/transport.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createNodeKeccak } from './hashers.ts'
import { LAND_LOOKS_PER_SECOND } from './limits.ts'

export interface LandKeeperInit {
  readonly facts: ChainFacts
  readonly network: NetworkName
  /** peers that ask for the land are answered too */
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  readonly log: (line: string) => void
}

/** The land of a relay's chain, read and verified as a tab does, for tabs to fetch in bulk ([CH14]). */
export interface LandKeeper {
  /** What stands at a path of the HTTP port; undefined when nothing does. */
  find(path: string): Promise<Buffer | undefined>
  stop(): void
}

const PATH = new RegExp(`^${LAND_PATH}/(0x[0-9a-f]{64})(?:/(0x[0-9a-f]{64}))?$`)

export async function startLandKeeper({
  facts,
  network,
  transport,
  log,
}: LandKeeperInit): Promise<LandKeeper> {
  const chain = openChainLand({
    facts,
    relays: [],
    verifier: createLandVerifier(await createNodeKeccak(log)),
    timers: systemTimers,
    now: Date.now,
    network: { transport, protocol: protocolsOf(network).land },
  })
  const forget = logFailures(chain, log)
  // the first reading takes seconds, and nobody waits for it
  void chain.land.start()
  const looks = createRateLimit({
    perSecond: LAND_LOOKS_PER_SECOND,
    burst: 1,
    maxKeys: 1,
    now: () => performance.now(),
  })

  async function get(root: Hex, base: Hex | undefined) {
    const known = await chain.snapshots.get(root, base)
    if (known !== undefined || !looks.take('land')) return known
    // a tab may have seen a block that this relay has not
    await chain.land.refresh()
    return chain.snapshots.get(root, base)
  }

  return {
    async find(path) {
      const [, root, base] = PATH.exec(path) ?? []
      const bytes = root === undefined ? undefined : await get(root as Hex, base as Hex | undefined)
      return bytes === undefined ? undefined : Buffer.from(bytes)
    },
    stop() {
      forget()
      chain.stop()
    },
  }
}

/**
 * The keeper of a relay that learns of its chain after its start: made by the first question, or never.
 *
 * @param init undefined while the relay is not up
 */
export function createLazyLandKeeper(
  chain: (() => ChainFacts | undefined) | undefined,
  init: (facts: ChainFacts) => LandKeeperInit | undefined,
): { find(path: string): Promise<Buffer | undefined>; stop(): Promise<void> } {
  let made: Promise<LandKeeper> | undefined
  return {
    async find(path) {
      const facts = chain?.()
      const ready = facts === undefined || !PATH.test(path) ? undefined : init(facts)
      if (ready === undefined) return undefined
      made ??= startLandKeeper(ready)
      return (await made).find(path)
    },
    async stop() {
      const stopped = made
      made = undefined
      await stopped?.then(({ stop }) => stop()).catch(() => {})
    },
  }
}

/** Each failure once, until there is another. */
function logFailures({ land }: OpenChainLand, log: (line: string) => void): () => void {
  let told: string | undefined
  return land.state.subscribe(({ failure }) => {
    if (failure !== undefined && failure.code !== told) log(`Warning: ${failure.message}`)
    told = failure?.code
  })
}
