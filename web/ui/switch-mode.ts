import type { NetworkMode } from '#api/network-types.ts'
import type { Session } from './session.ts'

/**
 * [NE6] Joins anew in another mode. The panel that tells of it opens again with the page, and only then: whoever would
 * rather stay finds nothing opened at a later reload.
 */
export async function switchMode(
  { tabland, keepNetworkPanel }: Pick<Session, 'tabland' | 'keepNetworkPanel'>,
  mode: NetworkMode,
): Promise<void> {
  // kept first: the page may be gone before anything after the switch runs
  const forget = keepNetworkPanel()
  let isLeaving = false
  try {
    isLeaving = await (await tabland).net.setMode(mode)
  } finally {
    if (!isLeaving) forget()
  }
}
