import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { createPurseWrites } from '#api/purse-writes.ts'
import { EMPTY_PURSE, type PurseState, type WriteIntent } from '#api/wallet-types.ts'
import { createInjectedWallet } from '#chain/wallet/injected-wallet.ts'
import type { PreparedWrite } from '#chain/wallet/prepare-write.ts'
import type { LoggedTransaction } from '#chain/wallet/transaction-types.ts'
import type { WriteService } from '#chain/wallet/write-service.ts'
import { parseAddress } from '#core/delegation.ts'
import { createFakeProvider } from '#test/fakes/injected-provider.ts'

const SOMEBODY = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const intent: WriteIntent = { kind: 'send-coin', to: SOMEBODY, amountWei: 1n }
const CONTRACT = `0x${'bb'.repeat(20)}`

/** A purse whose tries and whose wallet answer when told to. */
function openWrites() {
  const provider = createFakeProvider()
  const offered = { rdns: 'org.example.wallet', name: 'Test Wallet', provider }
  const chainId = Promise.withResolvers<bigint>()
  const tried = Promise.withResolvers<PreparedWrite>()
  const wallet = {
    ...createInjectedWallet(offered, parseAddress(provider.address)),
    chainId: () => chainId.promise,
  }
  const sent: PreparedWrite[] = []
  const service = {
    chain: { id: 31_337 },
    prepare: () => tried.promise,
    async send(prepared: PreparedWrite) {
      sent.push(prepared)
      return { id: 'tx0', intent, at: 0, status: { kind: 'sent' } } as LoggedTransaction
    },
  } as unknown as WriteService
  const state = signal<PurseState>(EMPTY_PURSE)
  const { write, answer } = createPurseWrites({ service, wallet: async () => wallet, state })
  const prepared = {
    intent,
    encoded: { to: CONTRACT, valueWei: 1n },
    maxFeeWei: 7n,
  } as unknown as PreparedWrite
  const shown = (step: string) =>
    new Promise<void>((resolve) => {
      state.subscribe(({ question }) => question?.step === step && resolve())
    })
  return { write, answer, state, sent, shown, prepared, chainId, tried }
}

describe('[CH16] the question before a write', () => {
  it('takes a yes only once all that the write does stands in it', async () => {
    const { write, answer, state, sent, shown, prepared, chainId, tried } = openWrites()
    const writing = write(intent)
    await shown('trying')
    await answer('yes')
    tried.resolve(prepared)
    await tried.promise
    await answer('yes') // tried out, but on which chain is not known yet
    expect(state.value.question?.step).toBe('trying')
    expect(sent).toEqual([])
    chainId.resolve(31_337n)
    await shown('ready')
    expect(state.value.question).toMatchObject({ maxFeeWei: 7n, signatures: 1 })
    await answer('yes')
    expect((await writing).stage).toBe('sent')
    expect(sent).toEqual([prepared])
  })

  it('takes a no at any time before it is signed', async () => {
    const { write, answer, state, shown } = openWrites()
    const writing = write(intent)
    await shown('trying')
    await answer('no')
    await expect(writing).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    expect(state.value.question).toBeUndefined()
  })

  it('is one at a time, also while the wallet is opened', async () => {
    const { write, shown } = openWrites()
    const [first, second] = [write(intent), write(intent)]
    first.catch(() => {})
    await expect(second).rejects.toThrow(expect.objectContaining({ code: 'WALLET_BUSY' }))
    await shown('trying')
  })

  it.each([undefined, { kind: 'zzz' }, { kind: 'bid' }, { kind: 'claim-parcel' }])(
    'is not asked for what is no write, and keeps nobody from the next: %o',
    async (wrong) => {
      const { write, state, shown } = openWrites()
      const states: PurseState[] = []
      state.subscribe((each) => states.push(each))
      await expect(write(wrong as never)).rejects.toThrow(expect.objectContaining({ code: 'WRITE_INVALID' }))
      expect(states.some(({ question }) => question !== undefined)).toBe(false)
      write(intent).catch(() => {})
      await shown('trying')
    },
  )

  it('refuses what the page cannot show, and keeps nobody from the next', async () => {
    const { write, answer, state, shown } = openWrites()
    const writing = write(intent)
    await shown('trying')
    await answer('unshown')
    await expect(writing).rejects.toThrow(expect.objectContaining({ code: 'WRITE_UNSHOWN' }))
    expect(state.value.question).toBeUndefined()
    write(intent).catch(() => {})
    await shown('trying')
  })

  it('is answered by yes alone', async () => {
    const { write, answer, state, sent, shown, prepared, chainId, tried } = openWrites()
    write(intent).catch(() => {})
    tried.resolve(prepared)
    chainId.resolve(31_337n)
    await shown('ready')
    await answer('perhaps' as never)
    expect(sent).toEqual([])
    expect(state.value.question?.step).toBe('ready')
  })
})
