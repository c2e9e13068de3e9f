import { describe, expect, it } from 'vitest'
import { chainError } from '#chain/chain-errors.ts'
import type { Hex } from '#chain/hex.ts'
import { createBurnerWallet } from '#chain/wallet/burner-wallet.ts'
import { createChainCalls } from '#chain/wallet/chain-calls.ts'
import { createInjectedWallet } from '#chain/wallet/injected-wallet.ts'
import { createTransactionLog, type SendRequest } from '#chain/wallet/transaction-log.ts'
import type { LoggedTransaction } from '#chain/wallet/transaction-types.ts'
import { fromHex, toHex } from '#core/bytes.ts'
import { parseAddress } from '#core/delegation.ts'
import { createFakeProvider } from '#test/fakes/injected-provider.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'
import {
  createFakeWriteChain,
  createMemoryTransactionStore,
  type FakeWriteChain,
} from '#test/fakes/write-chain.ts'

const PHRASE = 'test test test test test test test test test test test junk'
const BURNER = fromHex('f39fd6e51aad88f6f4ce6ab8827279cfffb92266')
const FROM: Hex = `0x${toHex(BURNER)}`
const START = 1_795_132_800_000
const request: SendRequest = {
  intent: { kind: 'prove-life' },
  ...{ to: `0x${'bb'.repeat(20)}`, data: '0x1234', valueWei: 0n, gas: 60_000n },
  fees: { maxFeePerGasWei: 3_000_000_000n, maxPriorityFeePerGasWei: 1_000_000_000n },
}
const gone = chainError('RPC_UNREACHABLE', 'nobody answers')

interface Tab {
  readonly chain?: FakeWriteChain
  readonly store?: ReturnType<typeof createMemoryTransactionStore>
}

/** A page with its log; `chain` and `store` stay when it is loaded again. */
function openTab({ chain = createFakeWriteChain(FROM), store = createMemoryTransactionStore() }: Tab = {}) {
  const clock = { now: START }
  let ids = store.kept.size
  const calls = createChainCalls(chain.ask)
  const log = createTransactionLog({
    chainId: 31_337,
    calls,
    store,
    timers: createFakeTimers(), // looks are made by hand
    now: () => clock.now,
    newId: () => `tx${ids++}`,
    explain: (data) => (data === '0xabcd' ? 'Not today.' : undefined),
  })
  const burner = createBurnerWallet({ address: BURNER, phrase: async () => PHRASE, broadcast: calls.sendRaw })
  const stages = () => log.transactions.value.map(({ status }) => status.kind)
  return { chain, store, log, burner, clock, stages }
}

describe('[CH17] the log of transactions', () => {
  it('shows a write as signed, sent, mined, final', async () => {
    const { chain, log, burner, stages, store } = openTab()
    const puts: string[] = []
    const { put } = store
    store.put = async (transaction) => {
      puts.push(transaction.status.kind)
      await put(transaction)
    }
    const { id, hash } = await log.send(request, burner)
    // signed and on the disk before anything was sent
    expect(puts).toEqual(['asking', 'signed', 'sent'])
    expect(chain.pool).toEqual([hash])
    const settled = log.settled(id)
    chain.mine()
    await log.check()
    expect((await settled).status).toEqual({ kind: 'mined', block: 101 })
    chain.final = 101
    await log.check()
    expect(stages()).toEqual(['final'])
  })

  it('numbers one behind the other, also what the chain has not heard of yet', async () => {
    const { chain, log, burner } = openTab()
    chain.answers.set('eth_sendRawTransaction', gone)
    await log.send(request, burner)
    await log.send(request, burner)
    expect(log.transactions.value.map(({ nonce }) => nonce).sort()).toEqual([0, 1])
  })

  it('keeps what is signed when no endpoint answers, and sends it when one does, after a reload too', async () => {
    const first = openTab()
    first.chain.answers.set('eth_sendRawTransaction', gone)
    const sent = await first.log.send(request, first.burner)
    expect(sent.status.kind).toBe('signed')
    first.chain.answers.clear()
    const again = openTab(first)
    await again.log.start()
    expect(first.chain.pool).toEqual([sent.hash])
    await again.log.check()
    expect(again.stages()).toEqual(['sent'])
    first.chain.mine()
    await again.log.check()
    expect(again.stages()).toEqual(['mined'])
  })

  it('keeps what is signed when an endpoint refuses it, for another one may have it', async () => {
    const { chain, log, burner, stages } = openTab()
    const refusal = (message: string) => chainError('RPC_REFUSED', 'no', { cause: { message } })
    chain.answers.set('eth_sendRawTransaction', refusal('insufficient funds for gas * price + value'))
    const sent = await log.send(request, burner)
    expect(sent).toMatchObject({ status: { kind: 'signed' }, failure: { code: 'TX_FUNDS' } })
    await log.check()
    expect(stages()).toEqual(['signed'])
    chain.answers.clear()
    await log.check()
    expect(chain.pool).toEqual([sent.hash])
    await log.check()
    expect(log.transactions.value[0]?.failure).toBeUndefined()
    chain.answers.set('eth_sendRawTransaction', refusal('already known'))
    expect((await log.send(request, burner)).status.kind).toBe('sent')
  })

  it('goes on with what was sent when the disk is full', async () => {
    const { chain, log, burner, store, stages } = openTab()
    const { put } = store
    store.put = async (transaction) => {
      if (transaction.status.kind === 'sent')
        throw new DOMException('The disk is full.', 'QuotaExceededError')
      await put(transaction)
    }
    const { hash, status } = await log.send(request, burner)
    expect(status.kind).toBe('sent')
    expect(chain.pool).toEqual([hash])
    expect([...store.kept.values()]).toMatchObject([{ hash, status: { kind: 'signed' } }])
    chain.mine()
    await log.check()
    expect(stages()).toEqual(['mined'])
  })

  it('tells a write that was replaced, and one that was dropped', async () => {
    const { chain, log, burner, clock, stages, store } = openTab()
    await log.send(request, burner)
    chain.drop()
    chain.take()
    await log.check()
    clock.now += 20_000
    await log.check()
    expect(stages()).toEqual(['replaced'])
    store.kept.clear()
    await log.send(request, burner)
    chain.drop()
    chain.answers.set('eth_sendRawTransaction', gone)
    await log.check()
    clock.now += 600_000
    await log.check()
    expect(stages()).toEqual(['dropped'])
  })

  it('tells why a contract refused in its block', async () => {
    const { chain, log, burner } = openTab()
    await log.send(request, burner)
    const cause = { code: 3, message: 'execution reverted', data: '0xabcd' }
    chain.answers.set('eth_call', chainError('RPC_REFUSED', 'no', { cause }))
    chain.mine(false)
    await log.check()
    expect(log.transactions.value[0]).toMatchObject({
      status: { kind: 'reverted', block: 101 },
      failure: { code: 'TX_REVERTED', message: 'Not today.' },
    })
  })
})

describe('[CH17] a wallet of the browser', () => {
  function openInjected(tab: Tab = {}) {
    const provider = createFakeProvider()
    const from = provider.address.toLowerCase() as Hex
    const opened = openTab({ chain: createFakeWriteChain(from), ...tab })
    const forward = (method: string, params: readonly unknown[]) => opened.chain.ask(method, params)
    const sending = createFakeProvider({ forward })
    const offered = { rdns: 'org.example.wallet', name: 'Test Wallet', provider: sending }
    const wallet = createInjectedWallet(offered, parseAddress(sending.address))
    return { ...opened, wallet, provider: sending }
  }

  it('signs and sends by itself', async () => {
    const { chain, log, wallet, stages } = openInjected()
    const { hash } = await log.send(request, wallet)
    expect(chain.pool).toEqual([hash])
    chain.mine()
    await log.check()
    expect(stages()).toEqual(['mined'])
  })

  it('that its person refuses leaves nothing behind', async () => {
    const { log, wallet, provider, store } = openInjected()
    provider.refuse.set('eth_sendTransaction', { code: 4001, message: 'User denied transaction signature.' })
    await expect(log.send(request, wallet)).rejects.toThrow(
      expect.objectContaining({ code: 'WALLET_REJECTED' }),
    )
    expect(store.kept.size).toBe(0)
  })

  it('set to another chain is not asked to sign', async () => {
    const { log, wallet, provider, store } = openInjected()
    provider.chainId = 1
    await expect(log.send(request, wallet)).rejects.toThrow(expect.objectContaining({ code: 'WALLET_CHAIN' }))
    expect(provider.asked).not.toContain('eth_sendTransaction')
    expect(store.kept.size).toBe(0)
    await wallet.switchTo({ id: 31_337, name: 'Local', rpcUrls: ['http://127.0.0.1:8545'], coin: 'ETH' })
    await log.send(request, wallet)
  })

  it('that shows another account by now is not asked to sign', async () => {
    const { log, wallet, provider } = openInjected()
    provider.accounts = ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed']
    await expect(log.send(request, wallet)).rejects.toThrow(expect.objectContaining({ code: 'WALLET_GONE' }))
  })

  /** A page that is closed while the wallet asks: its question stays in the store. */
  async function closedWhileAsking() {
    const tab = openInjected()
    await tab.log.send(request, tab.wallet)
    const [asked] = tab.store.kept.values()
    const { hash: _, ...rest } = asked!
    await tab.store.put({ ...rest, status: { kind: 'asking' } })
    tab.chain.drop()
    return tab
  }

  it('that answers after a reload is found on the chain by what it sent', async () => {
    const { chain, store } = await closedWhileAsking()
    const hash = chain.take({ to: request.to, input: request.data })
    const again = openTab({ chain, store })
    await again.log.start()
    expect(again.log.transactions.value[0]).toMatchObject({ hash, status: { kind: 'mined' } })
  })

  it('that was closed over takes no number from the next write', async () => {
    const { chain, store, wallet } = await closedWhileAsking()
    const again = openTab({ chain, store })
    await again.log.start()
    const { nonce } = await again.log.send(request, wallet)
    expect(nonce).toBe(0)
    chain.mine()
    await again.log.check()
    // one transaction stands for one of them; the wallet may still answer for the other
    expect(again.stages().sort()).toEqual(['asking', 'mined'])
    again.clock.now += 1_000_000
    await again.log.check()
    expect(again.stages().sort()).toEqual(['mined', 'unanswered'])
  })

  it('that was asked for two equal payments and sent both is told both, each by its own transaction', async () => {
    const { chain, store } = await closedWhileAsking()
    const [first] = store.kept.values()
    const payment = { ...first!, data: '0x', valueWei: 5n } as const
    for (const id of ['one', 'two']) await store.put({ ...payment, id, status: { kind: 'asking' } })
    await store.delete(first!.id)
    const hashes = [1, 2].map(() => chain.take({ to: payment.to, input: '0x', value: '0x5' }))
    const again = openTab({ chain, store })
    await again.log.start()
    const told = again.log.transactions.value
    expect(told.map(({ hash, nonce }) => [nonce, hash]).sort()).toEqual([
      [0, hashes[0]],
      [1, hashes[1]],
    ])
    expect(again.stages()).toEqual(['mined', 'mined'])
  })

  it('that paid somebody another amount has not answered', async () => {
    const { chain, store } = await closedWhileAsking()
    chain.take({ to: request.to, input: request.data, value: '0x5' })
    const again = openTab({ chain, store })
    await again.log.start()
    expect(again.stages()).toEqual(['unanswered'])
  })

  it('that sent long ago is found by few questions, and given up only where no state is left', async () => {
    const tab = await closedWhileAsking()
    const hash = tab.chain.take({ to: request.to, input: request.data })
    tab.chain.head += 50_000
    const forgetful = createMemoryTransactionStore()
    for (const each of tab.store.kept.values()) await forgetful.put(each)
    const again = openTab(tab)
    tab.chain.asked.length = 0
    await again.log.start()
    expect(again.log.transactions.value[0]).toMatchObject({ hash })
    expect(tab.chain.asked.length).toBeLessThan(40)

    tab.chain.oldestState = tab.chain.head - 128
    const later = openTab({ chain: tab.chain, store: forgetful })
    await later.log.start()
    expect(later.stages()).toEqual(['asking'])
    later.clock.now += 1_000_000
    await later.log.check()
    expect(later.stages()).toEqual(['unanswered'])
  })

  it('whose transaction waits for a block is not said to have sent nothing', async () => {
    const tab = openInjected()
    const { hash } = await tab.log.send(request, tab.wallet)
    const [{ hash: _, ...asked }] = [...tab.store.kept.values()] as [LoggedTransaction]
    await tab.store.put({ ...asked, status: { kind: 'asking' } })
    const again = openTab(tab)
    again.clock.now += 1_000_000
    await again.log.start()
    expect(again.stages()).toEqual(['asking'])
    tab.chain.mine()
    await again.log.check()
    expect(again.log.transactions.value[0]).toMatchObject({ hash, status: { kind: 'mined' } })
  })

  it('that gave no hash may have sent: it is looked for', async () => {
    const { chain, log, wallet, provider } = openInjected()
    const { request: ask } = provider
    provider.request = async (what) => {
      const hash = await ask(what)
      return what.method === 'eth_sendTransaction' ? { result: hash } : hash
    }
    await expect(log.send(request, wallet)).rejects.toThrow(
      expect.objectContaining({ code: 'WALLET_ANSWER' }),
    )
    const [hash] = chain.pool
    expect(log.transactions.value[0]).toMatchObject({
      status: { kind: 'asking' },
      failure: { code: 'WALLET_ANSWER' },
    })
    chain.mine()
    await log.check()
    expect(log.transactions.value[0]).toMatchObject({ hash, status: { kind: 'mined' } })
  })

  it('that sent something else, or never answers, is told as such', async () => {
    const other = await closedWhileAsking()
    other.chain.take()
    const again = openTab(other)
    await again.log.start()
    expect(again.stages()).toEqual(['unanswered'])

    const never = await closedWhileAsking()
    const later = openTab(never)
    await later.log.start()
    expect(later.stages()).toEqual(['asking'])
    later.clock.now += 1_000_000
    await later.log.check()
    expect(later.stages()).toEqual(['unanswered'])
  })

  it('is asked one thing at a time, in all tabs together', async () => {
    const tab = openInjected()
    const { promise, resolve } = Promise.withResolvers<Hex>()
    const slow = { ...tab.wallet, send: () => promise }
    const first = tab.log.send(request, slow)
    const other = openTab(tab)
    await expect(other.log.send(request, tab.wallet)).rejects.toThrow(
      expect.objectContaining({ code: 'WALLET_BUSY' }),
    )
    resolve(`0x${'11'.repeat(32)}`)
    await first
  })
})
