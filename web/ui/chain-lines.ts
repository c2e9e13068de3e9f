import type { ChainLandState } from '#api/land-types.ts'
import { chainTexts } from './chain-texts.ts'
import { formatAgo } from './format.ts'

/** What is said of a chain, a sentence each. Pure: the clock comes as an argument. */
export interface ChainLine {
  /** `good` is proved, `bad` is not as it should be */
  readonly kind: 'good' | 'note' | 'bad'
  readonly text: string
  /** the numbers behind it */
  readonly detail?: string
}

/** A relay or peer that has not got the land is no liar. */
const LIES: ReadonlySet<string> = new Set(['SNAPSHOT_FORGED', 'SNAPSHOT_INVALID'])

/**
 * Where the chain and its land stand, who disagrees, who lied and how old what is shown is ([CH13] to [CH15]); nothing
 * before there is something to say.
 *
 * @param now unix ms
 */
export function chainLines(state: ChainLandState, now: number): readonly ChainLine[] {
  return [...standing(state, now), ...camps(state), ...endpoints(state), ...refusals(state)]
}

function standing(state: ChainLandState, now: number): readonly ChainLine[] {
  const { kind, failure, block = 0, blockTime = 0, agreeing, sources, parcels } = state
  const ago = formatAgo(blockTime * 1_000, now)
  const age = kind === 'cached' || kind === 'proven' ? { block, ago } : undefined
  if (failure !== undefined) return [failed(state, age)]
  switch (kind) {
    case 'absent':
    case 'reading':
      return []
    case 'cached':
      return [{ kind: 'note', text: chainTexts.kept(block, ago) }]
    case 'proven': {
      const text = chainTexts.verified(block, chainTexts.sources(agreeing, sources))
      const one: readonly ChainLine[] = sources === 1 ? [{ kind: 'note', text: chainTexts.oneSource }] : []
      return [{ kind: 'good', text, detail: chainTexts.plots(parcels) }, ...one]
    }
  }
}

type Age = { readonly block: number; readonly ago: string } | undefined

/** Why nothing newer is shown, and how old is what is. */
function failed({ failure, camps: [first] }: ChainLandState, age: Age): ChainLine {
  const { code = '', message = '' } = failure ?? {}
  const kept = age === undefined ? {} : { detail: chainTexts.keptPlot(age.block, age.ago) }
  if (code === 'HEADER_DISPUTED' && first !== undefined) {
    return { kind: 'bad', text: chainTexts.disputed(first.number), ...kept }
  }
  if (code === 'RPC_UNREACHABLE') {
    const text =
      age === undefined ? chainTexts.unreachableNothing : chainTexts.unreachable(age.block, age.ago)
    return { kind: 'bad', text }
  }
  return { kind: 'bad', text: code === 'LAND_UNAVAILABLE' ? chainTexts.unproven : message, ...kept }
}

/** Each side of a dispute; where a majority was accepted, those beside it. */
function camps({ camps: all, failure }: ChainLandState): readonly ChainLine[] {
  if (all.length < 2) return []
  if (failure?.code === 'HEADER_DISPUTED') {
    return all.map(({ endpoints: names, hash }) => ({ kind: 'bad', text: chainTexts.camp(names, hash) }))
  }
  return all
    .slice(1)
    .map(({ endpoints: names, hash }) => ({ kind: 'bad', text: chainTexts.minority(names, hash) }))
}

function endpoints({ endpoints: all }: ChainLandState): readonly ChainLine[] {
  return all.flatMap(({ name, status, failure }): readonly ChainLine[] => {
    if (status === 'good') return []
    const detail = failure === undefined ? {} : { detail: failure }
    return status === 'liar'
      ? [{ kind: 'bad', text: chainTexts.liar(name), ...detail }]
      : [{ kind: 'note', text: chainTexts.waiting(name), ...detail }]
  })
}

function refusals({ refusals: all }: ChainLandState): readonly ChainLine[] {
  return all
    .filter(({ code }) => LIES.has(code))
    .map(({ source, message }) => ({ kind: 'bad', text: chainTexts.refused(source), detail: message }))
}
