import type { RankSummary } from '#api/search-types.ts'

/** unix ms of everything in the fake world; tests that show it set their clock near it */
export const FAKE_NOW = 1_795_168_800_000
export const FAKE_ME = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
export const FAKE_OTHER = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
/** The rank that the fake world claims. */
export const FAKE_RANK: RankSummary = {
  kernel: 'wasm',
  particles: 11_842,
  links: 24_310,
  iterations: 48,
  ms: 38.4,
  iterateMs: 24.2,
  convergence: [8, 16, 24, 32, 40, 48].map((iteration) => ({ iteration, delta: 0.85 ** iteration / 9 })),
  at: FAKE_NOW,
  ranksSha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  dropped: [],
}
