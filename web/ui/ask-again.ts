import type { ReadonlySignal } from '@preact/signals'
import type { NetworkState } from '#api/network-types.ts'
import type { Failure } from '#api/types.ts'

/** So often one thing is asked for, whoever comes and goes. */
export const MAX_ASKS = 32
const AWAY = ['OBJECT_NOT_FOUND', 'CONTENT_NOT_FOUND']

/**
 * Asks, and again whenever somebody comes who was not here, as long as nobody who is here has it: a page that was just
 * opened has met few. Resolves after the first time.
 */
export async function askUntilHere(
  network: ReadonlySignal<NetworkState>,
  ask: () => Promise<Failure | undefined>,
  signal: AbortSignal,
): Promise<void> {
  const here = () => network.peek().peers.map(({ peerId, transport }) => `${peerId} ${transport}`)
  let asked: Set<string>
  let asks = 0
  let end = (): void => {}

  /** Is it to be asked again? */
  async function once(): Promise<boolean> {
    asked = new Set(here())
    asks += 1
    const failure = await ask()
    return failure !== undefined && AWAY.includes(failure.code) && asks < MAX_ASKS && !signal.aborted
  }

  if (!(await once())) return
  let asking = false
  const look = async (): Promise<void> => {
    if (asking || signal.aborted) return
    asking = true
    let goesOn = true
    // who came while it was asked was not asked
    while (goesOn && !here().every((peer) => asked.has(peer))) goesOn = await once()
    asking = false
    if (!goesOn) end()
  }
  end = network.subscribe(() => void look())
  signal.addEventListener('abort', end, { once: true })
}
