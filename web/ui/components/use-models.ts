import { useEffect, useState } from 'preact/hooks'
import type { ModelFacts } from '#api/chain-types.ts'
import type { Failure } from '#api/types.ts'
import { failureOf } from '../failure.ts'
import { useSession } from '../session.ts'

/** Others mint and place too. */
const REFRESH_MS = 30_000
/** A header that was asked for before our write came into its block does not show it yet. */
const BEHIND_MS = 1_500

export type ReadModels =
  | { readonly kind: 'reading' }
  | { readonly kind: 'read'; readonly models: readonly ModelFacts[] }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** Model tokens on a parcel (its id), or those of the wallet in use; read again after each write of one's own. */
export function useModels(parcel?: number): readonly [ReadModels, () => void] {
  const session = useSession()
  const [read, setRead] = useState<ReadModels>({ kind: 'reading' })
  const [attempt, setAttempt] = useState(0)
  const { chain, transactions } = session.state.purse.value
  const mined = transactions.filter(({ block }) => block !== undefined).length
  const address = session.state.wallet.value?.address
  useEffect(() => {
    if (chain === undefined) return
    let isGone = false
    const show = (next: ReadModels): void => {
      if (!isGone) setRead(next)
    }
    const look = (): void => {
      session.tabland
        .then(({ wallet }) => wallet.models(parcel === undefined ? undefined : [parcel]))
        .then(
          (models) => show({ kind: 'read', models }),
          (error: unknown) => show({ kind: 'failed', failure: failureOf(error) }),
        )
    }
    look()
    const soon = setTimeout(look, BEHIND_MS)
    const later = setInterval(look, REFRESH_MS)
    return () => {
      isGone = true
      clearTimeout(soon)
      clearInterval(later)
    }
  }, [session, chain?.id, parcel, mined, address, attempt])
  return [read, () => setAttempt(attempt + 1)]
}
