/** Which models to have loaded, by distance and within budgets. Pure. */

/** Models nearer than this are fetched; those farther than the second are let go. Between, nothing changes. */
export const LOAD_DISTANCE_M = 260
export const UNLOAD_DISTANCE_M = 340
/** Budgets of the whole world at once ([WO1]): a phone draws a few hundred calls and holds a few hundred MB. */
export const MAX_MODELS_SHOWN = 64
export const MAX_WORLD_TRIANGLES = 300_000
export const MAX_WORLD_TEXTURE_BYTES = 320 * 1024 * 1024
/** Fetched at once: peers answer in parallel, but the nearest should not wait for the others. */
export const MAX_MODELS_LOADING = 4

export interface PlanCost {
  readonly triangles: number
  readonly textureBytes: number
}

export interface PlanEntry {
  readonly id: number
  /** what is loaded once and shared by all that show it */
  readonly key: string
  /** metres from the visitor */
  readonly distance: number
  /** once it was loaded */
  readonly cost: PlanCost | undefined
  readonly shown: boolean
}

/**
 * Whose models should be there, by their ids, nearest first: within reach, within every budget. What is not loaded yet
 * counts as nothing until its cost is known; the next plan lets the farthest go if that was too much.
 */
export function planModels(entries: readonly PlanEntry[]): readonly number[] {
  const near = entries
    .filter(({ distance, shown }) => distance <= (shown ? UNLOAD_DISTANCE_M : LOAD_DISTANCE_M))
    .sort((a, b) => a.distance - b.distance || a.id - b.id)
  const counted = new Set<string>()
  const wanted: number[] = []
  let triangles = 0
  let textureBytes = 0
  for (const { id, key, cost } of near) {
    if (wanted.length === MAX_MODELS_SHOWN) break
    const nextTriangles = triangles + (cost?.triangles ?? 0)
    const nextTextureBytes = textureBytes + (counted.has(key) ? 0 : (cost?.textureBytes ?? 0))
    if (nextTriangles > MAX_WORLD_TRIANGLES || nextTextureBytes > MAX_WORLD_TEXTURE_BYTES) continue
    triangles = nextTriangles
    textureBytes = nextTextureBytes
    counted.add(key)
    wanted.push(id)
  }
  return wanted
}
