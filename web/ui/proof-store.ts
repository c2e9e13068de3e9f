import { type ReadonlySignal, signal } from '@preact/signals'
import type { MachineState, ProvenPage, ProvenResult, SavedProof, VerifiedRank } from '#api/machine-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { isAppError } from '#core/errors.ts'
import { failureOf, isAbort } from './failure.ts'

export type ProofView =
  /** no machine is named: ranks are this tab's own */
  | { readonly status: 'own' }
  | { readonly status: 'checking'; readonly particle: string }
  | {
      readonly status: 'done'
      readonly particle: string
      readonly page: ProvenPage
      /** by CID */
      readonly results: ReadonlyMap<string, ProvenResult>
    }
  /** nobody who is connected gave an answer that holds */
  | { readonly status: 'nobody'; readonly particle: string }
  | { readonly status: 'failed'; readonly particle: string; readonly failure: Failure }

/** A proof that was fetched and checked, to be drawn. */
export interface ShownProof {
  readonly saved: SavedProof
  readonly verified: VerifiedRank
}

export interface ProofStore {
  readonly view: ReadonlySignal<ProofView>
  /** Asks for the signed answer of what is shown; what was verified of the same particle stays until it comes. */
  look(particle: string): Promise<void>
  /** The proof of one result, checked here once more. @throws what the commands throw */
  open(cid: string): Promise<ShownProof>
}

/** Proofs of what the search shows. */
export function createProofStore(
  tabland: Promise<Pick<Tabland, 'rank'>>,
  machine: ReadonlySignal<MachineState>,
): ProofStore {
  const view = signal<ProofView>({ status: 'own' })
  let looking = new AbortController()

  return {
    view,
    async look(particle) {
      looking.abort()
      looking = new AbortController()
      const { signal } = looking
      if (!machine.peek().isNamed) {
        view.value = { status: 'own' }
        return
      }
      const shown = view.peek()
      if (shown.status !== 'done' || shown.particle !== particle)
        view.value = { status: 'checking', particle }
      try {
        const page = await (await tabland).rank.prove(particle, { signal })
        if (signal.aborted) return
        view.value = { status: 'done', particle, page, results: byCid(page) }
      } catch (error) {
        if (signal.aborted || isAbort(error)) return
        view.value = isAppError(error, 'RANK_UNPROVEN')
          ? { status: 'nobody', particle }
          : { status: 'failed', particle, failure: failureOf(error) }
      }
    },
    async open(cid) {
      const { rank } = await tabland
      const shown = view.peek()
      const saved = await rank.proof(cid, shown.status === 'done' ? { from: shown.particle } : {})
      return { saved, verified: await rank.verify(saved) }
    },
  }
}

/** What a signed block says of the results, as long as that is shown to hold. */
export function provenPageOf(view: ProofView): ProvenPage | undefined {
  return view.status === 'done' ? view.page : undefined
}

function byCid({ results }: ProvenPage): ReadonlyMap<string, ProvenResult> {
  return new Map(results.map((result) => [result.cid, result]))
}
