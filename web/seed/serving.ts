import type { ServingState } from '#api/seed-types.ts'

export interface ServingInput {
  readonly online: boolean
  /** pinned items, and those that are here as a whole */
  readonly items: number
  readonly wholeItems: number
  /** texts are always whole: they are made again from what the graph knows */
  readonly texts: number
  readonly reachablePeers: number
  readonly takingPeers: number
}

/** The one line about what is mine: can others get it at this moment? What is missing here counts first. */
export function servingOf(input: ServingInput): ServingState {
  const { items, wholeItems, reachablePeers, takingPeers } = input
  return { status: statusOf(input), items, wholeItems, reachablePeers, takingPeers }
}

function statusOf({
  online,
  items,
  wholeItems,
  texts,
  reachablePeers,
}: ServingInput): ServingState['status'] {
  if (items + texts === 0) return 'nothing'
  if (!online) return 'offline'
  if (wholeItems < items) return 'partly'
  return reachablePeers === 0 ? 'alone' : 'served'
}
