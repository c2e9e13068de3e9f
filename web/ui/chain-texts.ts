import { formatCount, plural, shorten } from './format.ts'

/** Texts of where a tab's chain stands, which come with the panels that show it. */
export const chainTexts = {
  title: 'The chain',
  look: 'Look again',
  reading: 'Asking the chain’s endpoints and checking what they say',
  readingSlow: 'No endpoint of the chain has told a block yet.',
  plots: (count: number) => `${plural(count, 'plot')}, all checked here against that block.`,
  verified: (block: number, sources: string) => `Verified at block ${formatCount(block)} · ${sources}`,
  sources: (agreeing: number, sources: number) =>
    sources === 1 ? '1 source' : `${agreeing} of ${sources} sources agree`,
  oneSource:
    'All rests on one source. It cannot show a false owner or balance of this chain, but it could show another chain. Name endpoints of your own with tabland.land.setEndpoints([…]) in the console.',
  kept: (block: number, ago: string) =>
    `The land is shown as it was at block ${formatCount(block)}, ${ago}. It is being confirmed.`,
  unreachable: (block: number, ago: string) =>
    `The chain does not answer. The land is shown as it was at block ${formatCount(block)}, ${ago}.`,
  unreachableNothing: 'The chain does not answer, and nothing of it was kept by an earlier visit.',
  unproven: 'Nobody gave land that the chain proves. It is tried again.',
  disputed: (block: number) =>
    `The chain’s endpoints disagree about block ${formatCount(block)}. Neither is believed, and nothing newer is shown.`,
  camp: (endpoints: readonly string[], hash: string) =>
    `${endpoints.join(', ')}: ${shorten(hash, { head: 10, tail: 6 })}`,
  minority: (endpoints: readonly string[], hash: string) =>
    `${endpoints.join(', ')} told another block than the others: ${shorten(hash, { head: 10, tail: 6 })}`,
  liar: (name: string) => `${name} gave a false value. It is not asked while there are others.`,
  waiting: (name: string) => `${name} is tried again.`,
  refused: (source: string) =>
    `${source} gave land that the chain does not prove. Nothing of it was taken; another source was asked.`,
  keptPlot: (block: number, ago: string) =>
    `Kept from an earlier visit: so it was at block ${formatCount(block)}, ${ago}.`,
} as const
