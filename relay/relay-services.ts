import type { ChainFacts } from '#core/chain-facts.ts'
import type { NetworkName } from '#core/network.ts'
import type { Transport } from '#core/transport.ts'
import type { DenyList } from './deny-list.ts'
import type { SampleName } from './option-types.ts'
import type { RelayLibp2p } from './relay-node.ts'
import type { ContentStats, RecordStats } from './stats.ts'

/** What is run on the relay's node besides relaying: the records' services, the sample world. */
export interface RelayServicesContext {
  readonly transport: Transport
  readonly libp2p: RelayLibp2p
  readonly dataDir: string
  readonly network: NetworkName
  readonly sample: SampleName
  /** contents that services neither serve nor fetch nor keep */
  readonly denyList: Pick<DenyList, 'isDenied'>
  /** 0 = no cache */
  readonly cacheBytes: number
  /** 0 = no named objects */
  readonly objectBytes: number
  /** 0 = no keys of others */
  readonly keyBytes: number
  readonly machine: MachineRole
  /** the relay's chain, as soon as it stands; absent or undefined where it has none */
  readonly chain?: () => Promise<ChainFacts | undefined>
  readonly log: (line: string) => void
}

/** What a relay does for an ordered machine. */
export type MachineRole =
  | { readonly kind: 'none' }
  /** makes and signs its blocks, one every `blockMs` */
  | { readonly kind: 'order'; readonly blockMs: number }
  /** keeps, checks and hands on the blocks of another relay's, whose URL is `of`, asking every `blockMs` */
  | { readonly kind: 'follow'; readonly of: string; readonly blockMs: number }

export interface ServedMachine {
  /** canonical text, whose SHA-256 is the machine's id */
  readonly genesis: string
  /** `rankedAt`: height of the block whose graph the ranks are of */
  status(): { readonly height: number; readonly links: number; readonly rankedAt: number }
}

export interface RunningServices {
  /** undefined when it serves no blocks */
  contentStats?(): ContentStats | undefined
  recordStats?(): RecordStats
  /** the machine whose blocks and answers this relay gives; undefined for none, or not yet */
  machine?(): ServedMachine | undefined
  stop(): Promise<void>
}
