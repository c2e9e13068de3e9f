import { signal as createSignal, type ReadonlySignal } from '@preact/signals'
import type { Timers } from '#core/timers.ts'
import { chainError } from './chain-errors.ts'
import type { Hex } from './hex.ts'
import type { ProvenAccount } from './proofs/account-proof.ts'
import type { Header } from './proofs/header.ts'
import { createEndpointPool, type EndpointPool, type EndpointState } from './rpc/endpoint-pool.ts'
import type { HeadCamp, HeadVote } from './rpc/head-vote.ts'
import type { RpcEndpoint } from './rpc/json-rpc.ts'
import { type AccountOptions, readAccount } from './rpc/read-account.ts'
import { readHead } from './rpc/read-head.ts'

/** The newest block as the endpoints together tell it. */
export type ChainHead =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'accepted'
      readonly header: Header
      /** sources that say so; others, if any, stand in camps after the first */
      readonly agreeing: number
      readonly camps: readonly HeadCamp[]
      /** unix ms when that was counted */
      readonly at: number
    }
  | { readonly kind: 'disputed'; readonly camps: readonly HeadCamp[] }
  | { readonly kind: 'short'; readonly answered: number; readonly needed: number }

/** Sources that say that a head is the newest; 0 while none is accepted. */
export function agreeingOn(head: ChainHead): number {
  return head.kind === 'accepted' ? head.agreeing : 0
}

export interface ChainState {
  readonly head: ChainHead
  /** the last header that was accepted, whatever came after */
  readonly accepted: Header | undefined
  readonly endpoints: readonly EndpointState[]
  /** sources that a majority is counted of, what a relay named being one; 1 = all rests on one source */
  readonly sources: number
}

/** A chain as a tab may believe it ([CH13]). */
export interface ChainReader {
  readonly state: ReadonlySignal<ChainState>
  /** for reads that check what they get by themselves */
  readonly pool: EndpointPool
  /**
   * Asks for the newest header. One call at a time: others wait for it.
   *
   * @throws HEADER_DISPUTED when no header has a majority, RPC_UNREACHABLE when too few answer
   */
  head(options?: { readonly signal?: AbortSignal | undefined }): Promise<Header>
  /** An account and slots of its storage as a header has them, proved. @throws RPC_UNREACHABLE */
  account(header: Header, address: Hex, options?: AccountOptions): Promise<ProvenAccount>
  /** Whoever failed is asked again at once. */
  retry(): void
}

export interface ChainReaderInit {
  readonly endpoints: readonly RpcEndpoint[]
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
}

/**
 * An endpoint that fell a little behind must not take the tab back to what was before; a chain that was begun anew, or
 * put back further than that, must.
 */
const HELD_BLOCKS = 3
const HELD_MS = 30_000

export function createChainReader({ endpoints, timers, now }: ChainReaderInit): ChainReader {
  const pool = createEndpointPool({ endpoints, timers, now, onChange: () => publish({}) })
  const state = createSignal<ChainState>({
    head: { kind: 'unknown' },
    accepted: undefined,
    endpoints: pool.states,
    sources: pool.sources.size,
  })
  let running: Promise<Header> | undefined
  /** the last header that was voted for, and when (unix ms) */
  let held: { readonly header: Header; readonly at: number } | undefined

  function publish(change: Partial<ChainState>): void {
    state.value = { ...state.peek(), endpoints: pool.states, sources: pool.sources.size, ...change }
  }

  /** Does the header that was accepted before hold against this lower one? */
  function isHeld({ number }: Header): boolean {
    if (held === undefined || now() - held.at >= HELD_MS) return false
    return held.header.number > number && held.header.number - number <= HELD_BLOCKS
  }

  async function vote(signal?: AbortSignal): Promise<Header> {
    const counted = await readHead(pool, signal)
    if (counted.kind !== 'accepted') {
      publish({ head: counted })
      throw refusal(counted, pool)
    }
    const { header, camps, agreeing } = counted
    const newest = isHeld(header) ? held!.header : header
    if (newest === header) held = { header, at: now() }
    publish({ head: { kind: 'accepted', header: newest, agreeing, camps, at: now() }, accepted: newest })
    return newest
  }

  return {
    state,
    pool,
    head({ signal } = {}) {
      running ??= vote(signal).finally(() => {
        running = undefined
      })
      return running
    },
    account: (header, address, options) => readAccount(pool, header, address, options),
    retry: () => pool.retry(),
  }
}

function refusal(vote: Exclude<HeadVote, { kind: 'accepted' }>, pool: EndpointPool): Error {
  if (vote.kind === 'disputed') {
    const camps = vote.camps.map(({ hash, endpoints }) => `${endpoints.join(', ')}: ${hash.slice(0, 12)}…`)
    return chainError(
      'HEADER_DISPUTED',
      `The chain's endpoints disagree about block ${vote.camps[0]!.number}: ${camps.join('; ')}. Neither is believed.`,
    )
  }
  const reasons = pool.states.flatMap(({ status }) => (status.kind === 'good' ? [] : [status.failure]))
  return chainError(
    'RPC_UNREACHABLE',
    `${vote.answered} of the chain's endpoints tell the newest block, ${vote.needed} must. ${reasons.join(' ')} It is tried again.`,
  )
}
