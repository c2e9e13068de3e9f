/** 32 bits at a time, the same ones for the same seed. */
export interface Random {
  /** 0 to below `bound`, which is at most 2³² */
  below(bound: number): number
  pick<Item>(items: readonly Item[]): Item
}

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, so that no two seeds share a stream for long. */
export function createRandom(seed: number): Random {
  const state = new Uint32Array([seed, Math.floor(seed / 2 ** 32), 0x9e3779b9, 1])
  const next = () => {
    const [a, b, c, counter] = state as unknown as [number, number, number, number]
    const sum = (a + b + counter) >>> 0
    state[3] = counter + 1
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + sum
    return sum
  }
  for (let i = 0; i < 16; i++) next()
  const below = (bound: number) => Math.floor((next() / 2 ** 32) * bound)
  return { below, pick: (items) => items[below(items.length)] as (typeof items)[number] }
}
