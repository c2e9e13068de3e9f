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
  /** between two blocks that it makes of the links that it keeps; 0 = none */
  readonly blockMs: number
  readonly log: (line: string) => void
}

export interface RunningOrderer {
  /** canonical text, whose SHA-256 is the machine's id */
  readonly genesis: string
  /** `rankedAt`: height of the block whose graph the ranks are of */
  status(): { readonly height: number; readonly links: number; readonly rankedAt: number }
}

export interface RunningServices {
  /** undefined when it serves no blocks */
  contentStats?(): ContentStats | undefined
  recordStats?(): RecordStats
  /** of the machine that this relay orders */
  readonly orderer?: RunningOrderer | undefined
  stop(): Promise<void>
}
