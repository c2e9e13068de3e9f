import { signal as createSignal, type ReadonlySignal } from '@preact/signals'
import type { District } from '#core/districts.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { readDistricts } from './read-districts.ts'

export interface DistrictReading {
  /**
   * `kept`: from an earlier visit, not confirmed yet; `unknown`: nothing was kept, and the chain does not answer.
   */
  readonly kind: 'reading' | 'kept' | 'proven' | 'unknown'
  readonly districts: readonly District[]
  /** the last block in which it was proved to be so */
  readonly block?: number
  readonly failure?: { readonly code: string; readonly message: string }
}

/** Keeps the districts for the next visit. */
export interface DistrictStore {
  get(): readonly District[] | undefined
  put(districts: readonly District[]): void
}

export interface DistrictServiceInit {
  readonly reader: Pick<ChainReader, 'state' | 'head' | 'account'>
  /** of `Districts` */
  readonly address: Hex
  /** @default none: nothing is kept */
  readonly store?: DistrictStore
}

export interface DistrictService {
  readonly state: ReadonlySignal<DistrictReading>
  stop(): void
}

/**
 * The districts of a chain, all of them proved, read again when a newer block shows that one changed. New blocks come
 * by those who look at the chain anyway.
 */
export function startDistrictService({ reader, address, store }: DistrictServiceInit): DistrictService {
  const kept = store?.get()
  const state = createSignal<DistrictReading>(
    kept === undefined ? { kind: 'reading', districts: [] } : { kind: 'kept', districts: kept },
  )
  const life = new AbortController()
  const { signal } = life
  let running = false
  let seen: { readonly block: string; readonly root: Hex } | undefined

  async function read(header: Header): Promise<void> {
    const { account } = await reader.account(header, address, { signal })
    if (account.storageHash !== seen?.root) {
      const districts = await readDistricts(header, reader, address, signal)
      store?.put(districts)
      state.value = { kind: 'proven', districts, block: header.number }
    } else {
      state.value = { kind: 'proven', districts: state.peek().districts, block: header.number }
    }
    seen = { block: header.hash, root: account.storageHash }
  }

  async function look(): Promise<void> {
    if (running || signal.aborted) return
    running = true
    try {
      let header = reader.state.peek().accepted ?? (await reader.head({ signal }))
      // another block may have come while this one was read
      while (header.hash !== seen?.block) {
        await read(header)
        header = reader.state.peek().accepted ?? header
      }
    } catch (error) {
      if (!signal.aborted) fail(error)
    } finally {
      running = false
    }
  }

  function fail(error: unknown): void {
    const { code = 'UNKNOWN', message } = error as { readonly code?: string; readonly message: string }
    const { kind, ...known } = state.peek()
    state.value = { ...known, kind: kind === 'reading' ? 'unknown' : kind, failure: { code, message } }
  }

  const stop = reader.state.subscribe(({ accepted }) => {
    if (accepted !== undefined && accepted.hash !== seen?.block) void look()
  })
  void look()
  return {
    state,
    stop() {
      stop()
      life.abort()
    },
  }
}
