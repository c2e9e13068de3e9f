import { keccak256, parseTransaction } from 'viem'
import { chainError } from '#chain/chain-errors.ts'
import type { Hex } from '#chain/hex.ts'
import type { Ask } from '#chain/wallet/chain-calls.ts'
import type { TransactionStore } from '#chain/wallet/transaction-store.ts'
import type { LoggedTransaction } from '#chain/wallet/transaction-types.ts'

/** A chain of one sender that mines when told to; nothing on it runs. */
export interface FakeWriteChain {
  readonly ask: Ask
  /** answers by method instead of the chain's own: a value, or an Error to throw */
  readonly answers: Map<string, unknown>
  /** hashes that wait for a block */
  readonly pool: Hex[]
  /** how often each method was asked */
  readonly asked: string[]
  head: number
  final: number
  /** before it, the node no longer knows how much each account had sent */
  oldestState: number
  /** Puts everything that waits into a block. */
  mine(ok?: boolean): void
  /** Forgets what waits. */
  drop(): void
  /** Another transaction of the sender takes the next number. */
  take(transaction?: { readonly to: Hex; readonly input: Hex; readonly value?: Hex }): Hex
}

export function createFakeWriteChain(from: Hex): FakeWriteChain {
  const blocks = new Map<Hex, { readonly block: number; readonly ok: boolean }>()
  const contents = new Map<number, readonly unknown[]>()
  const bodies = new Map<
    Hex,
    { readonly to: Hex; readonly input: Hex; readonly value: Hex; readonly nonce: Hex }
  >()
  /** block in which each number was taken */
  const takenIn: number[] = []
  const quantity = (value: number): Hex => `0x${value.toString(16)}`

  const chain: FakeWriteChain = {
    answers: new Map(),
    pool: [],
    asked: [],
    head: 100,
    final: 90,
    oldestState: 0,
    mine(ok = true) {
      chain.head++
      const mined = chain.pool.splice(0)
      contents.set(
        chain.head,
        mined.map((hash) => ({ ...bodies.get(hash), from, hash })),
      )
      for (const hash of mined) {
        blocks.set(hash, { block: chain.head, ok })
        takenIn.push(chain.head)
      }
    },
    drop() {
      chain.pool.length = 0
    },
    take(transaction = { to: `0x${'ee'.repeat(20)}`, input: '0x' }) {
      chain.head++
      const hash: Hex = keccak256(quantity(chain.head + 1_000))
      contents.set(chain.head, [
        { value: '0x0', ...transaction, from, hash, nonce: quantity(takenIn.length) },
      ])
      blocks.set(hash, { block: chain.head, ok: true })
      takenIn.push(chain.head)
      return hash
    },
    async ask(method, params) {
      chain.asked.push(method)
      const answer = chain.answers.get(method)
      if (answer instanceof Error) throw answer
      return answer ?? own(method, params)
    },
  }

  function count(at: unknown): number {
    if (at === 'pending') return takenIn.length + chain.pool.length
    if (at === 'latest') return takenIn.length
    if (Number(at) < chain.oldestState) throw chainError('RPC_REFUSED', 'missing trie node')
    return takenIn.filter((block) => block <= Number(at)).length
  }

  function own(method: string, [first, second]: readonly unknown[]): unknown {
    switch (method) {
      case 'eth_chainId':
        return quantity(31_337)
      case 'eth_blockNumber':
        return quantity(chain.head)
      case 'eth_getBalance':
        return '0xde0b6b3a7640000'
      case 'eth_estimateGas':
        return quantity(50_000)
      case 'eth_getTransactionCount':
        return quantity(count(second))
      case 'eth_maxPriorityFeePerGas':
        return quantity(1_000_000_000)
      case 'eth_call':
        return '0x'
      case 'eth_getBlockByNumber':
        if (first === 'finalized') return { number: quantity(chain.final) }
        if (first === 'latest') return { number: quantity(chain.head), baseFeePerGas: '0x3b9aca00' }
        return { transactions: contents.get(Number(first)) ?? [] }
      case 'eth_sendRawTransaction': {
        const hash = keccak256(first as Hex)
        const { to, data = '0x', value = 0n, nonce = 0 } = parseTransaction(first as Hex)
        bodies.set(hash, {
          to: to as Hex,
          input: data,
          value: `0x${value.toString(16)}`,
          nonce: quantity(nonce),
        })
        if (!blocks.has(hash) && !chain.pool.includes(hash)) chain.pool.push(hash)
        return hash
      }
      case 'eth_getTransactionReceipt': {
        const found = blocks.get(first as Hex)
        return found === undefined
          ? null
          : { blockNumber: quantity(found.block), status: found.ok ? '0x1' : '0x0' }
      }
      case 'eth_getTransactionByHash':
        return chain.pool.includes(first as Hex) || blocks.has(first as Hex) ? {} : null
      default:
        throw chainError('RPC_REFUSED', `the fake chain has no ${method}`)
    }
  }
  return chain
}

/** Transactions in memory, shared by those who are given the same one. */
export function createMemoryTransactionStore(): TransactionStore & {
  readonly kept: Map<string, LoggedTransaction>
} {
  const kept = new Map<string, LoggedTransaction>()
  let isHeld = false
  const hold = async <T>(task: () => Promise<T>): Promise<T> => {
    isHeld = true
    try {
      return await task()
    } finally {
      isHeld = false
    }
  }
  return {
    kept,
    all: async () => [...kept.values()],
    put: async (transaction) => void kept.set(transaction.id, structuredClone(transaction)),
    delete: async (id) => void kept.delete(id),
    exclusive: (async <T>(task: () => Promise<T>, when: 'now' | 'when free') =>
      isHeld && when === 'now' ? 'busy' : hold(task)) as TransactionStore['exclusive'],
    onChange: () => () => {},
  }
}
