import { signal } from '@preact/signals'
import { expect, it, vi } from 'vitest'
import { openMoney } from '#api/open-money.ts'
import type { WalletState } from '#api/types.ts'
import { EMPTY_PURSE, type PurseState } from '#api/wallet-types.ts'
import { openWriteChain } from '#chain/wallet/open-write-chain.ts'
import type { LoggedTransaction } from '#chain/wallet/transaction-types.ts'
import { formatAddress } from '#core/delegation.ts'
import { createFakeChain, fetchNodes } from '../../fakes/fake-chain.ts'
import { createFakeTimers, hastyTimers } from '../../fakes/timers.ts'
import { createMemoryTransactionStore } from '../../fakes/write-chain.ts'

const NEURON = new Uint8Array(20).fill(7)
const WALLET: WalletState = { address: formatAddress(NEURON), device: 'z', burner: true, sealed: false }

/** A write that stands in block 9, as an earlier visit kept it. */
const WRITTEN: LoggedTransaction = {
  id: 'a',
  chainId: 31_337,
  from: `0x${'07'.repeat(20)}`,
  to: `0x${'02'.repeat(20)}`,
  data: '0x',
  valueWei: 0n,
  nonce: 0,
  intent: { kind: 'send', to: WALLET.address, amountWei: 1n },
  at: 0,
  fromBlock: 8,
  status: { kind: 'final', block: 9 },
}

it('asks for what is held once a second while the block is older than its own write, however often it is asked', async () => {
  const chain = createFakeChain()
  chain.mine()
  const fetch = fetchNodes({ node: { chain } })
  const opened = openWriteChain(
    { chainId: 31_337, rpc: ['http://node/'], contracts: {} },
    { timers: hastyTimers, fetch },
  )
  const store = createMemoryTransactionStore()
  await store.put(WRITTEN)
  const timers = createFakeTimers()
  const wallets = signal<WalletState | undefined>(WALLET)
  const state = signal<PurseState>(EMPTY_PURSE)
  const nobody = () => Promise.reject(new Error('not asked'))
  await openMoney({
    ...opened,
    store,
    timers,
    identity: {
      state: wallets,
      get: async () => ({ neuron: NEURON }) as never,
      exportPhrase: nobody,
      reopen: nobody,
    },
    state,
    wallet: nobody,
  })
  for (let i = 0; i < 4; i++) {
    const { balances } = state.peek()
    wallets.value = { ...WALLET }
    await vi.waitFor(() => expect(state.peek().balances).not.toBe(balances))
  }
  expect(state.peek()).toMatchObject({ transactions: [{ id: 'a' }], balances: { block: 1 } })
  expect(timers.pending).toBe(1)
  for (let i = 0; i < 8; i++) chain.mine()
  timers.advance(1_000)
  await vi.waitFor(() => expect(state.peek().balances).toMatchObject({ block: 9 }))
  expect(timers.pending).toBe(0)
})
