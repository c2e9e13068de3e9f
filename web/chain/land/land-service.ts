import { signal as createSignal, type ReadonlySignal } from '@preact/signals'
import { isAppError } from '#core/errors.ts'
import { every, type Timers } from '#core/timers.ts'
import { chainError } from '../chain-errors.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { type LandSource, type LandWish, verifyOffer } from './land-sources.ts'
import type { LandStore, StoredLand } from './land-store.ts'
import { EMPTY_LAND, type LandTable } from './land-table.ts'
import type { LandVerifier, ProvenLand } from './land-verifier.ts'
import { NO_BASE } from './snapshot.ts'

/** A source whose land was refused, or that gave none. */
export interface LandRefusal {
  readonly source: string
  readonly code: string
  readonly message: string
}

export type LandKnowledge =
  /** nothing yet */
  | { readonly kind: 'none' }
  | {
      /** `cached`: from an earlier visit, not confirmed yet; `proven`: its trie has the root that the block proves */
      readonly kind: 'cached' | 'proven'
      readonly table: LandTable
      readonly root: Hex
      /** the last block in which it was proved to be so */
      readonly block: number
      /** unix seconds of that block */
      readonly blockTime: number
    }

export interface LandReading {
  readonly land: LandKnowledge
  /** who gave what is there; undefined for what was kept */
  readonly source: string | undefined
  /** what the last reading refused, until the next one */
  readonly refusals: readonly LandRefusal[]
  /** why the land is not newer than it is */
  readonly failure: { readonly code: string; readonly message: string } | undefined
}

export interface LandServiceInit {
  readonly reader: ChainReader
  /** LandGrid's address */
  readonly grid: Hex
  /** in the order in which they are asked */
  readonly sources: () => readonly LandSource[]
  readonly verifier: LandVerifier
  /** @default none: nothing is kept */
  readonly store?: LandStore
  readonly timers: Timers
  /** between two looks at the chain @default LAND_POLL_MS */
  readonly pollMs?: number
}

/** The land of a chain, verified whole ([CH14]) and kept for when nobody answers ([CH15]). */
export interface LandService {
  readonly state: ReadonlySignal<LandReading>
  /** Shows what was kept, then reads on until `stop`. Resolves once what was kept is shown. */
  start(): Promise<void>
  /** Looks at the chain now. Failures stand in `state`. */
  refresh(): Promise<void>
  stop(): void
}

/** Land changes hands by the minute, not by the second; a write of one's own asks at once. */
export const LAND_POLL_MS = 10_000

export function createLandService(init: LandServiceInit): LandService {
  const { reader, grid, sources, verifier, store, timers, pollMs = LAND_POLL_MS } = init
  const state = createSignal<LandReading>({
    land: { kind: 'none' },
    source: undefined,
    refusals: [],
    failure: undefined,
  })
  const life = new AbortController()
  let running: Promise<void> | undefined
  let cancel = () => {}

  async function showKept(): Promise<void> {
    // a private window or a full disk keeps nothing: the land is read from the chain all the same
    const kept = await store?.get().catch(() => undefined)
    if (kept === undefined || state.peek().land.kind !== 'none') return
    state.value = { ...state.peek(), land: { kind: 'cached', ...kept } }
  }

  async function read(): Promise<void> {
    try {
      const header = await reader.head({ signal: life.signal })
      const { account } = await reader.account(header, grid, { signal: life.signal })
      await bring(header, account.storageHash)
    } catch (error) {
      if (life.signal.aborted) return
      const { code = 'UNKNOWN', message } = error as { readonly code?: string; readonly message: string }
      state.value = { ...state.peek(), failure: { code, message } }
    }
  }

  /** Makes the land that of this root, by whoever has it. */
  async function bring(header: Header, root: Hex): Promise<void> {
    const { land, source: before } = state.peek()
    if (land.kind !== 'none' && land.root === root && (land.kind === 'proven' || (await isWhole(land)))) {
      await settle(header, land, before, [])
      return
    }
    const base = land.kind === 'none' ? undefined : { root: land.root, table: land.table, block: land.block }
    const { proven, source, refusals } = await askAll({ header, root, base })
    await settle(header, proven, source, refusals)
  }

  /** Does what was kept still have the root that is written beside it? */
  async function isWhole({ table, root }: ProvenLand): Promise<boolean> {
    return verifier.verify({ kind: 'table', table }, root).then(
      () => true,
      () => false,
    )
  }

  async function askAll(wish: LandWish): Promise<{
    readonly proven: ProvenLand
    readonly source: string | undefined
    readonly refusals: readonly LandRefusal[]
  }> {
    const refusals: LandRefusal[] = []
    if (wish.root === NO_BASE) {
      return { proven: { root: NO_BASE, table: EMPTY_LAND }, source: undefined, refusals }
    }
    for (const source of sources()) {
      // what changed is little; when it does not hold, the same source is asked for all of it
      for (const base of wish.base === undefined ? [undefined] : [wish.base, undefined]) {
        try {
          const asked = { ...wish, base }
          const offer = await source.offer(asked, life.signal)
          const proven = await verifyOffer({ source, verifier, wish: asked, offer }, life.signal)
          return { proven, source: source.name, refusals }
        } catch (error) {
          life.signal.throwIfAborted()
          if (!isAppError(error)) throw error
          refusals.push({ source: source.name, code: error.code, message: error.message })
          state.value = { ...state.peek(), refusals: [...refusals] }
          if (error.code === 'LAND_UNAVAILABLE' || error.code === 'RPC_UNREACHABLE') break
        }
      }
    }
    throw chainError(
      'LAND_UNAVAILABLE',
      `Nobody gave a land that the chain proves at block ${wish.header.number}. ${refusals.map(({ source, message }) => `${source}: ${message}`).join(' ')} It is tried again.`,
    )
  }

  async function settle(
    { number, timestamp }: Header,
    { root, table }: ProvenLand,
    source: string | undefined,
    refusals: readonly LandRefusal[],
  ): Promise<void> {
    const kept: StoredLand = { root, table, block: number, blockTime: timestamp }
    state.value = { land: { kind: 'proven', ...kept }, source, refusals, failure: undefined }
    // it is proved whether or not it can be kept: without, the next visit only begins later
    await store?.put(kept).catch(() => {})
  }

  return {
    state,
    async start() {
      await showKept()
      void this.refresh()
      cancel = every(timers, pollMs, () => void this.refresh())
    },
    refresh() {
      running ??= read().finally(() => {
        running = undefined
      })
      return running
    },
    stop() {
      cancel()
      life.abort()
    },
  }
}
