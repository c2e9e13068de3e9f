import { useEffect, useState } from 'preact/hooks'
import type { SaleFacts } from '#api/access-types.ts'
import { useSession } from '../session.ts'

/** A header that was asked for before our write came into its block does not show it yet. */
const BEHIND_MS = 1_000

/** The token by which the object can be seen, read again when a write of ours came into a block. */
export function useSale(id: string, author: string | undefined): SaleFacts | undefined {
  const session = useSession()
  const [sale, setSale] = useState<SaleFacts>()
  const { transactions, chain } = session.state.purse.value
  const newest = Math.max(0, ...transactions.map(({ block = 0 }) => block))
  const address = session.state.wallet.value?.address
  useEffect(() => {
    if (author === undefined || chain === undefined) return
    let isGone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = async (): Promise<void> => {
      const found = await (await session.tabland).wallet.sale(id, author)
      if (isGone) return
      setSale(found)
      if (found !== undefined && found.proof.block < newest) timer = setTimeout(() => void read(), BEHIND_MS)
    }
    read().catch(() => {}) // without an answer of the chain nothing is offered
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [session, id, author, chain?.id, newest, address])
  return sale
}
