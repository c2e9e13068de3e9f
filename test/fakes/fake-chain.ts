import { toRlp } from 'viem/utils'
import { type Hex, hexOf, quantityOf, wordBytes } from '#chain/hex.ts'
import { fromHex, toHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import { buildTrie, type Trie } from './trie.ts'

export interface FakeAccount {
  readonly balanceWei: bigint
  readonly nonce: bigint
  /** by slot */
  readonly storage: ReadonlyMap<bigint, bigint>
  /** as anvil does: slots of `storage` that are zero have leaves */
  readonly keepsZeros?: boolean
}

export interface FakeLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
}

type State = ReadonlyMap<Hex, FakeAccount>

interface Block {
  readonly json: Readonly<Record<string, unknown>> & { readonly hash: Hex; readonly number: Hex }
  readonly state: State
  readonly logs: readonly FakeLog[]
  tries?: { readonly accounts: Trie; readonly storages: ReadonlyMap<Hex, Trie> }
}

/** A chain in memory whose headers, roots and proofs are real: mined when told. */
export interface FakeChain {
  readonly chainId: number
  /** Mines a block in which these accounts become others. */
  mine(changes?: Iterable<readonly [Hex, FakeAccount]>, logs?: readonly FakeLog[]): void
  /** Takes the last block away and mines another in its place: a fork of the chain. */
  remine(changes: Iterable<readonly [Hex, FakeAccount]>): void
  readonly head: { readonly number: number; readonly hash: Hex }
  /** Answers JSON-RPC as a node does. */
  answer(method: string, params: readonly unknown[]): unknown
}

const GENESIS_TIME = 1_750_000_000
const ZERO = new Uint8Array(32)
const CODE = keccak256(Uint8Array.of(0))

export function createFakeChain(chainId = 31_337): FakeChain {
  const blocks: Block[] = []

  function append(state: State, logs: readonly FakeLog[], extra: number): void {
    const block = makeBlock({ number: blocks.length, parent: blocks.at(-1)?.json.hash, state, logs, extra })
    blocks.push(block)
  }

  function changed(changes: Iterable<readonly [Hex, FakeAccount]>): State {
    return new Map([...(blocks.at(-1)?.state ?? []), ...changes])
  }

  function find(tag: unknown): Block {
    const hash = (tag as { blockHash?: Hex } | null)?.blockHash
    const found =
      tag === 'latest' ? blocks.at(-1) : blocks.find(({ json }) => json.hash === hash || json.number === tag)
    if (found === undefined) throw new Error('header not found')
    return found
  }

  function proof(address: Hex, keys: readonly Hex[], tag: unknown): object {
    const block = find(tag)
    const { accounts, storages } = triesOf(block)
    const account = block.state.get(address)
    const storage = storages.get(address) ?? buildTrie(new Map())
    return {
      address,
      balance: quantityOf(account?.balanceWei ?? 0n),
      nonce: quantityOf(account?.nonce ?? 0n),
      codeHash: hexOf(account === undefined ? keccak256(new Uint8Array(0)) : CODE),
      storageHash: hexOf(storage.root),
      accountProof: accounts.proof(keccak256(fromHex(address))),
      storageProof: keys.map((key) => ({
        key,
        value: quantityOf(account?.storage.get(BigInt(key)) ?? 0n),
        proof: storage.proof(keccak256(fromHex(key))),
      })),
    }
  }

  const word = (address: Hex, slot: bigint, tag: unknown): Uint8Array =>
    wordBytes(find(tag).state.get(address)?.storage.get(slot) ?? 0n)

  append(new Map(), [], 0)
  return {
    chainId,
    mine: (changes = [], logs = []) => append(changed(changes), logs, 0),
    remine(changes) {
      blocks.pop()
      append(changed(changes), [], 1)
    },
    get head() {
      const { hash, number } = blocks.at(-1)!.json
      return { hash, number: Number(number) }
    },
    answer(method, params) {
      const [first, second, third] = params as [never, never, never]
      switch (method) {
        case 'eth_chainId':
          return quantityOf(chainId)
        case 'eth_getBlockByNumber':
          return find(first).json
        case 'eth_getProof':
          return proof(first, second, third)
        case 'eth_getStorageAt':
          return hexOf(word(first, BigInt(second), third))
        case 'eth_call':
          return readSlots(first, find(second).state)
        case 'eth_getLogs':
          return logsIn(blocks, first)
        default:
          throw new Error(`the method ${method} does not exist`)
      }
    },
  }
}

/** A call with the program that reads the slots of its input in the place of the contract's code. */
function readSlots({ to, data }: { to: Hex; data: Hex }, state: State): Hex {
  const storage = state.get(to)?.storage
  const slots = Buffer.from(data.slice(2), 'hex')
  const words = Buffer.alloc(slots.length)
  for (let at = 0; at < slots.length; at += 32) {
    const slot = BigInt(`0x${slots.toString('hex', at, at + 32)}`)
    const value = storage?.get(slot)
    if (value !== undefined) words.set(wordBytes(value), at)
  }
  return `0x${words.toString('hex')}`
}

interface LogFilter {
  readonly address: Hex | readonly Hex[]
  readonly topics?: readonly (Hex | readonly Hex[] | null)[]
  readonly fromBlock: Hex
  readonly toBlock: Hex
}

function logsIn(blocks: readonly Block[], { address, topics = [], fromBlock, toBlock }: LogFilter): unknown {
  const range = blocks.slice(Number(fromBlock), Number(toBlock) + 1)
  const isAsked = (log: FakeLog): boolean =>
    [address].flat().includes(log.address) &&
    topics.every((wanted, i) => wanted === null || [wanted].flat().includes(log.topics[i]!))
  return range.flatMap(({ json, logs }) =>
    logs.flatMap((log, index) =>
      isAsked(log) ? [{ ...log, blockNumber: json.number, logIndex: quantityOf(index) }] : [],
    ),
  )
}

function triesOf(block: Block): NonNullable<Block['tries']> {
  block.tries ??= makeTries(block.state)
  return block.tries
}

function makeTries(state: State): NonNullable<Block['tries']> {
  const storages = new Map(
    [...state].map(([address, { storage, keepsZeros = false }]) => {
      const entries = [...storage].flatMap(([slot, value]) =>
        value === 0n && !keepsZeros
          ? []
          : [[toHex(keccak256(wordBytes(slot))), toRlp(integer(value), 'bytes')] as const],
      )
      return [address, buildTrie(new Map(entries))] as const
    }),
  )
  const accounts = [...state].map(([address, { nonce, balanceWei }]) => {
    const items = [integer(nonce), integer(balanceWei), storages.get(address)!.root, CODE]
    return [toHex(keccak256(fromHex(address))), toRlp(items, 'bytes')] as const
  })
  return { accounts: buildTrie(new Map(accounts)), storages }
}

function integer(value: bigint): Uint8Array {
  const digits = value.toString(16)
  return value === 0n ? new Uint8Array(0) : fromHex(digits.padStart(digits.length + (digits.length & 1), '0'))
}

interface BlockInit {
  readonly number: number
  readonly parent: Hex | undefined
  readonly state: State
  readonly logs: readonly FakeLog[]
  /** tells blocks of the same state apart */
  readonly extra: number
}

function makeBlock({ number, parent, state, logs, extra }: BlockInit): Block {
  const tries = makeTries(state)
  const fields: readonly (readonly [string, Uint8Array, isQuantity?: true])[] = [
    ['parentHash', parent === undefined ? ZERO : fromHex(parent)],
    ['sha3Uncles', ZERO],
    ['miner', new Uint8Array(20)],
    ['stateRoot', tries.accounts.root],
    ['transactionsRoot', ZERO],
    ['receiptsRoot', ZERO],
    ['logsBloom', new Uint8Array(256)],
    ['difficulty', integer(0n), true],
    ['number', integer(BigInt(number)), true],
    ['gasLimit', integer(30_000_000n), true],
    ['gasUsed', integer(0n), true],
    ['timestamp', integer(BigInt(GENESIS_TIME + number)), true],
    ['extraData', Uint8Array.of(extra)],
    ['mixHash', ZERO],
    ['nonce', new Uint8Array(8)],
    ['baseFeePerGas', integer(7n), true],
  ]
  const hash = hexOf(
    keccak256(
      toRlp(
        fields.map(([, bytes]) => bytes),
        'bytes',
      ),
    ),
  )
  const values = fields.map(([name, bytes, isQuantity]) => [
    name,
    isQuantity === true ? quantityOf(bytes.length === 0 ? 0n : BigInt(hexOf(bytes))) : hexOf(bytes),
  ])
  return { json: { ...Object.fromEntries(values), hash, number: quantityOf(number) }, state, logs, tries }
}

/** What a liar makes of an honest answer. */
export type Forge = (method: string, result: unknown, params: readonly unknown[]) => unknown

export interface FakeNode {
  readonly chain: FakeChain
  readonly forge?: Forge
  /** answers nothing */
  down?: boolean
}

/** A `fetch` that reaches these nodes by their host names, `http://NAME/`; calls are counted by host. */
export function fetchNodes(
  nodes: Readonly<Record<string, FakeNode>>,
): typeof fetch & { readonly calls: Map<string, number> } {
  const calls = new Map<string, number>()
  const fetchFake = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const { host } = new URL(String(input))
    calls.set(host, (calls.get(host) ?? 0) + 1)
    const node = nodes[host]
    if (node === undefined || node.down === true) throw new TypeError('fetch failed')
    const body = JSON.parse(String(init?.body)) as Call | Call[]
    return Response.json(Array.isArray(body) ? body.map((call) => reply(node, call)) : reply(node, body))
  }
  return Object.assign(fetchFake as typeof fetch, { calls })
}

interface Call {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

function reply({ chain, forge = (_, result) => result }: FakeNode, { id, method, params }: Call): object {
  try {
    const honest = structuredClone(chain.answer(method, params))
    return { jsonrpc: '2.0', id, result: forge(method, honest, params) }
  } catch (error) {
    return { jsonrpc: '2.0', id, error: { code: -32_000, message: (error as Error).message } }
  }
}
