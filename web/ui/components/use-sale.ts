import type { SaleFacts } from '#api/access-types.ts'
import { useChainRead } from './chain-read.ts'

/** The token by which the object can be seen; without an answer of the chain nothing is offered. */
export function useSale(id: string, author: string | undefined): SaleFacts | undefined {
  const [read] = useChainRead(
    async ({ wallet }) => (author === undefined ? undefined : wallet.sale(id, author)),
    {
      key: `${id} ${author}`,
      // all events of the contract are looked through for it
      refreshMs: Number.POSITIVE_INFINITY,
      blockOf: (sale) => sale?.proof.block,
    },
  )
  return read.kind === 'read' ? read.value : undefined
}
