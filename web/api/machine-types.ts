/** What a tab knows of the ordered machine ([KG16a]): a part of the seam of types.ts. */
import type { CallOptions, Failure } from './types.ts'

/** A block that an orderer of the machine signed. Hashes are 64 hexadecimal digits. */
export interface BlockFacts {
  readonly height: number
  readonly hash: string
  /** unix ms */
  readonly time: number
  /** 0x… */
  readonly orderer: string
  readonly links: number
  readonly particles: number
  /** height of the block whose graph the ranks are of; 0 before the first */
  readonly rankedAt: number
  readonly rankRoot: string
  readonly mapRoot: string
  /** unix seconds of the chain whose stakes the ranks are of; absent where a genesis fixes them, and before the first */
  readonly stakesAt?: number
  /** as it travels, in hexadecimal digits: anybody can check it */
  readonly signed: string
}

/** Two signed blocks of one height: an orderer's fault that everybody can check. */
export interface BlockForkFacts {
  readonly height: number
  readonly blocks: readonly [BlockFacts, BlockFacts]
}

/** A signed block whose stakes are not those that the chain proves: its orderer's fault. Nothing under it is shown. */
export interface FalseStakesFacts {
  readonly block: BlockFacts
  readonly failure: Failure
}

/** A peer whose answer did not hold; it is not asked for a while. */
export interface RefusedPeer {
  readonly peer: string
  /** unix ms */
  readonly at: number
  readonly failure: Failure
}

export interface MachineFacts {
  /** SHA-256 of its genesis */
  readonly id: string
  /** 0x… */
  readonly orderers: readonly string[]
}

export interface MachineState {
  /** did a relay name a machine, now or when its genesis was pinned? */
  readonly isNamed: boolean
  /** the one that this profile believes, once its genesis was read */
  readonly machine?: MachineFacts & {
    /** blocks between two ranks, as of the newest block */
    readonly rankPeriod: number
  }
  /** another one that a relay names now: it counts for nothing until `rank.trust(id)` */
  readonly other?: MachineFacts
  /** newest signed block that was seen */
  readonly block?: BlockFacts
  readonly forks: readonly BlockForkFacts[]
  readonly falseStakes: readonly FalseStakesFacts[]
  readonly refused: readonly RefusedPeer[]
  /** what the relay named, or what was pinned, could not be read */
  readonly failure?: Failure
}

/** A saved proof as JSON; `tabland verify` reads it. */
export interface SavedProof {
  readonly cid: string
  /** decimal digits */
  readonly rank: string
  readonly index: number
  readonly treeSize: number
  /** hashes beside the way to the root, lowest first */
  readonly proof: readonly string[]
  readonly root: string
  /** the signed block that commits to the root, in hexadecimal digits */
  readonly block?: string
  /** canonical genesis of its machine */
  readonly genesis?: string
}

/** One hash on the way from a rank to its root. */
export interface ProofStep {
  readonly sibling: string
  readonly side: 'left' | 'right'
  /** of both: the next on the way, the last is the root */
  readonly hash: string
}

/** What a saved proof shows. */
export interface VerifiedRank {
  readonly cid: string
  /** in units of 2⁻⁶² */
  readonly rank: bigint
  readonly share: number
  readonly index: number
  readonly treeSize: number
  readonly root: string
  /** hash of the rank's leaf, and the way from it to the root */
  readonly leaf: string
  readonly path: readonly ProofStep[]
  /** the signed block that commits to the root; without one the root is as true as who gave it */
  readonly block?: BlockFacts
  /** the block's machine */
  readonly machine?: string
  /** is that the machine which this profile believes? */
  readonly isTrusted: boolean
}

export interface ProvenResult {
  readonly cid: string
  /** in units of 2⁻⁶² */
  readonly rank: bigint
  readonly share: number
  /** the particle's number */
  readonly index: number
  /** who linked it, 0x…, in the order of blocks */
  readonly neurons: readonly string[]
}

/** All that a particle links to under a signed block: whole, and in order. */
export interface ProvenPage {
  readonly particle: string
  /** the first `limit` of `total` */
  readonly results: readonly ProvenResult[]
  readonly total: number
  readonly block: BlockFacts
  /**
   * whose stakes its ranks count: `fixed` by the machine's genesis, `proved` by the chain, or `unchecked` where no chain
   * is known or answers
   */
  readonly stakes: 'fixed' | 'proved' | 'unchecked'
  /** unix ms from which the block counts as old */
  readonly oldAt: number
  /** who answered */
  readonly peer: string
}

/** What a neuron may link in the machine's next block, as a peer counts it: no block commits to it. */
export interface BandwidthFacts {
  /** of the next block */
  readonly height: number
  /** of one link, at the present price */
  readonly cost: bigint
  /** what the neuron has */
  readonly remaining: bigint
  readonly max: bigint
  /** height of the block at which all of it has come back */
  readonly fullAt: number
  /** height of the block that has enough for a link; undefined when its stake never suffices */
  readonly sufficesAt: number | undefined
  /** who says so */
  readonly peer: string
}

export interface BandwidthOptions extends CallOptions {
  /** 0x… @default the wallet of this profile */
  readonly neuron?: string
}

export interface ProveOptions extends CallOptions {
  /** results told of; all are checked @default all */
  readonly limit?: number
}

/** Commands of `tabland.rank` that ask the ordered machine. */
export interface MachineApi {
  /**
   * What a text or CID links to under the newest signed block, checked to be whole and in order. Wrong answers are
   * named in `state.machine`. @throws MACHINE_NONE, RANK_UNPROVEN when no connected peer gives an answer that holds
   */
  prove(query: string, options?: ProveOptions): Promise<ProvenPage>
  /**
   * The proof of a rank, to save: under the newest answer that has it. `from`: a text or CID that links to it; without
   * it those that this tab knows are tried. @throws MACHINE_NONE, RANK_UNPROVEN
   */
  proof(particle: string, options?: CallOptions & { readonly from?: string }): Promise<SavedProof>
  /** Checks a saved proof, as an object or its JSON, and asks nobody. @throws RANK_PROOF_INVALID and others, saying what does not fit */
  verify(proof: SavedProof | string): Promise<VerifiedRank>
  /** Asks for the newest signed block. */
  machine(options?: CallOptions): Promise<MachineState>
  /** How much a neuron may link, as the first connected peer says that counts it; undefined when none does. @throws MACHINE_NONE */
  bandwidth(options?: BandwidthOptions): Promise<BandwidthFacts | undefined>
  /** Believes the other machine that a relay names, by its id, from now on. @throws MACHINE_OTHER */
  trust(id: string): Promise<MachineState>
}
