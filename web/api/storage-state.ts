import { type ReadonlySignal, signal } from '@preact/signals'
import { every, type Timers } from '#core/timers.ts'
import type { Content } from '#peer/content.ts'
import type { ServedMeter } from '#peer/served-meter.ts'
import type { Failure, StorageState } from './types.ts'

const SAMPLE_MS = 1_000

export interface StorageComponents {
  readonly kind: StorageState['kind']
  readonly stats: () => { readonly blocks: number; readonly bytes: number }
  readonly content: Pick<Content, 'fetchedBytes'>
  readonly served: ServedMeter
  readonly timers: Timers
  readonly failure?: Failure
}

export interface StorageWatch {
  readonly state: ReadonlySignal<StorageState>
  /** a failure that a person should see, such as a full disk; undefined takes it back */
  report(failure: Failure | undefined): void
  stop(): void
}

/** What is stored and served, sampled once a second and told only when something changed. */
export function watchStorage(components: StorageComponents): StorageWatch {
  let failure = components.failure
  const state = signal(read(components, failure))
  const sample = () => {
    const next = read(components, failure)
    if (!sameState(state.peek(), next)) state.value = next
  }
  const stop = every(components.timers, SAMPLE_MS, sample)
  return {
    state,
    report(next) {
      failure = next ?? components.failure
      sample()
    },
    stop,
  }
}

function read(
  { kind, stats, content, served }: StorageComponents,
  failure: Failure | undefined,
): StorageState {
  const { blocks, bytes } = stats()
  const { bytes: servedBytes, peers: servedPeers } = served.read()
  return {
    kind,
    blocks,
    bytes,
    servedBytes,
    servedPeers,
    fetchedBytes: content.fetchedBytes(),
    ...(failure === undefined ? {} : { failure }),
  }
}

function sameState(a: StorageState, b: StorageState): boolean {
  return (
    (Object.keys(b) as (keyof StorageState)[]).every((key) => a[key] === b[key]) && a.failure === b.failure
  )
}
