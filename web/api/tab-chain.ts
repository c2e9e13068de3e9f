import type { Payments } from '#chain/access/payments.ts'
import type { Hex } from '#chain/hex.ts'
import type { BuildRight, BuildRights } from '#chain/land/build-rights.ts'
import type { OpenedChain } from '#chain/wallet/open-write-chain.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import type { Address } from '#core/identity.ts'
import { parcelIdOf } from '#core/land-rule.ts'
import type { Timers } from '#core/timers.ts'

/** The chain of a tab, whose code comes when it is first asked. */
export interface TabChain {
  /** undefined where no chain is configured */
  open(): Promise<OpenedChain | undefined>
  /** Whether a wallet may build on a parcel of a serial; absent where anybody may. */
  readonly mayBuild?: (parcel: number, who: Address) => Promise<BuildRight>
  /** What was read of these parcels (serials) is out of date. */
  forget(parcels: readonly number[]): void
  /** Who has paid to see what; absent where nobody can. */
  readonly payments?: Pick<Payments, 'isPaid' | 'paidModel'>
}

export function createTabChain(facts: ChainFacts | undefined, timers: Timers): TabChain {
  if (facts === undefined) return { open: async () => undefined, forget: () => {} }
  let opening: Promise<OpenedChain> | undefined
  let rights: Promise<BuildRights | undefined> | undefined
  const open = (): Promise<OpenedChain> => {
    opening ??= import('#chain/wallet/open-write-chain.ts').then(({ openWriteChain }) =>
      openWriteChain(facts, { timers }),
    )
    return opening
  }
  const openRights = async (): Promise<BuildRights | undefined> => {
    const { landGrid, land } = facts.contracts
    if (landGrid === undefined || land === undefined) return undefined
    const [{ reader }, { createBuildRights }] = await Promise.all([
      open(),
      import('#chain/land/build-rights.ts'),
    ])
    return createBuildRights({ reader, contracts: { landGrid, land }, now: Date.now })
  }
  let payments: Promise<Payments> | undefined
  const { model, access } = facts.contracts
  const openPayments = (contracts: { readonly model: Hex; readonly access: Hex }): Promise<Payments> => {
    payments ??= Promise.all([open(), import('#chain/access/payments.ts')]).then(
      ([{ reader, ask }, { createPayments }]) => createPayments({ contracts, reader, ask }),
    )
    return payments
  }
  const sold = model === undefined || access === undefined ? undefined : { model, access }
  return {
    open,
    ...(sold === undefined
      ? {}
      : {
          payments: {
            isPaid: async (question) => (await openPayments(sold)).isPaid(question),
            paidModel: async (...asked) => (await openPayments(sold)).paidModel(...asked),
          },
        }),
    async mayBuild(parcel, who) {
      rights ??= openRights()
      // a chain without land has no owners
      return (await rights)?.check(parcelIdOf(parcel), who) ?? 'yes'
    },
    forget(parcels) {
      void rights?.then((known) => known?.forget(parcels.map(parcelIdOf)))
    },
  }
}
