/**
 * The seam between the parts that hold state and those that show it. `web/ui`, `web/world` and the devtools
 * read these states and call these commands; they know nothing of libp2p, workers or storage.
 * States are signals: `state.network.value` reads, `effect` watches. All state objects are immutable.
 */
import type { ReadonlySignal } from '@preact/signals'
import type { Cell } from '#core/land.ts'
import type { ParcelPlaces } from '#core/plots.ts'
import type { SeedSettings, SeedSettingsChange } from '#core/seeding.ts'
import type { KernelName } from '#graph/graph-ranker.ts'
import type { Neighbourhood, NeighbourhoodOptions } from '#graph/neighbourhood.ts'
import type { KernelTiming } from '#graph/rank-bench.ts'
import type { ParcelToken, PortalFacts, PortalPlace } from './access-types.ts'
import type { ParcelFacts } from './chain-types.ts'
import type { DistrictsState, GovernanceApi, ParcelHistory } from './governance-types.ts'
import type { ChainLandApi, ChainLandState } from './land-types.ts'
import type { MachineApi, MachineState } from './machine-types.ts'
import type { NetworkMode, NetworkState, PeerState, RelayState } from './network-types.ts'
import type { FilesState, ObjectsApi } from './object-types.ts'
import type {
  ContextSearchOptions,
  GraphState,
  NeuronPage,
  RankPage,
  RankSummary,
  SearchContext,
  SearchOptions,
  SearchPage,
} from './search-types.ts'
import type { SeedItem, SeedState } from './seed-types.ts'
import type { ClaimIntent, PurseState, TransactionState, WalletApi } from './wallet-types.ts'
import type { WorldView } from './world.ts'

/** A failure as a person meets it ([UI4]): the code finds the sentence and the button in the texts. */
export interface Failure {
  readonly code: string
  readonly message: string
}

// What is stored and served

export interface StorageState {
  readonly kind: 'opfs' | 'indexeddb' | 'memory' | 'fs'
  readonly blocks: number
  readonly bytes: number
  /** bytes sent to peers since start, and to how many different ones */
  readonly servedBytes: number
  readonly servedPeers: number
  readonly fetchedBytes: number
  readonly failure?: Failure
}

// Land

/** Position within the parcel: metres from its centre, rotation about y in degrees, uniform scale. */
export interface ModelPlacement {
  readonly x: number
  readonly y: number
  readonly z: number
  readonly yawDegrees: number
  readonly scale: number
}

export interface ParcelBuild {
  /** number (from 0 on, see `land.parcel`) of the plot that it stands on now: the parcel may have moved there (core/plots.ts) */
  readonly parcel: number
  readonly cell: Cell
  /** CIDv0 of the model's file */
  readonly root: string
  readonly placement: ModelPlacement
  /** 0x… */
  readonly neuron: string
  /** unix ms */
  readonly time: number
  readonly mine: boolean
  /** id of the Placement object that says so, base58; none for what was placed before there were any */
  readonly object?: string
}

export interface LandState {
  /**
   * By the number of the plot that each stands on; a new map for each change. Without what stands in districts that the
   * visitor did not opt in to.
   */
  readonly builds: ReadonlyMap<number, ParcelBuild>
  /**
   * Model tokens on parcels around the visitor, as the world draws them beside the builds: without those of the builds
   * themselves, those in such districts, and those that the wallet in use may not see @default none
   */
  readonly tokens?: readonly ParcelToken[]
  /** where parcels lie by the chain @default where they were born */
  readonly places?: ParcelPlaces
}

// Content

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface TransferProgress {
  readonly bytes: number
  readonly total?: number
}

export interface AddOptions extends CallOptions {
  /** what the seeding panel calls it @default the file's name, where it has one */
  readonly name?: string
  readonly onProgress?: (progress: TransferProgress) => void
}

export interface CatOptions extends AddOptions {
  /** refuses to read more @default MAX_FILE_BYTES */
  readonly maxBytes?: number
  /** reads no more than so many bytes, from the beginning @default all of it */
  readonly length?: number
}

export interface Added {
  /** CIDv0 */
  readonly cid: string
  readonly bytes: number
}

export type SnippetKind = 'text' | 'image' | 'video' | 'model' | 'page' | 'folder' | 'bytes'

/** What a result shows: enough of the content to know what it is. */
export interface Snippet {
  readonly kind: SnippetKind
  readonly bytes: Uint8Array<ArrayBuffer>
  /** of the whole content, when known */
  readonly size?: number
  /** of a text its beginning, of a page the words in it */
  readonly text?: string
  /** of a page */
  readonly title?: string
  /** of a folder, or of the folder that a page stands in: the first ones, as it claims */
  readonly files?: readonly { readonly name: string; readonly bytes: number }[]
  /** how many there are */
  readonly fileCount?: number
  readonly mime: string
}

// Identity

export interface WalletState {
  /** 0x… */
  readonly address: string
  /** base58 of the Device's public key */
  readonly device: string
  readonly burner: boolean
  /** is the burner's phrase sealed by a passphrase of its own? */
  readonly sealed: boolean
  /** what the browser's wallet calls itself */
  readonly name?: string
}

/** Where the keys of this page are: the browser keeps them from other pages, or a passphrase does. */
export type KeysState =
  | { readonly kind: 'browser' }
  /** a person is asked when a key is first needed */
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'asking'
      /** all keys of a page from disk, or the phrase of a wallet that a passphrase guards */
      readonly what: 'keys' | 'phrase'
      /** are there keys to open, or are they made now? */
      readonly how: 'make' | 'unlock'
      readonly busy: boolean
      readonly failure?: Failure
    }
  /** `kept`: sealed in this browser; otherwise they end with the page */
  | { readonly kind: 'open'; readonly kept: boolean }

/** What a person says when asked for keys. */
export type KeyAnswer =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'visit' }
  | { readonly kind: 'decline' }

export interface TablandState {
  readonly network: ReadonlySignal<NetworkState>
  readonly storage: ReadonlySignal<StorageState>
  readonly seed: ReadonlySignal<SeedState>
  readonly land: ReadonlySignal<LandState>
  /** the chain, and the land as it proves it */
  readonly chain: ReadonlySignal<ChainLandState>
  /** parts of the land with a category, and which of them this visitor wants to see */
  readonly districts: ReadonlySignal<DistrictsState>
  readonly graph: ReadonlySignal<GraphState>
  /** undefined until the first key is made */
  readonly wallet: ReadonlySignal<WalletState | undefined>
  readonly keys: ReadonlySignal<KeysState>
  /** wallets that this browser offers, and what the one in use holds and does */
  readonly purse: ReadonlySignal<PurseState>
  /** what was published from this profile as named objects, and what is on its way */
  readonly files: ReadonlySignal<FilesState>
  /** the ordered machine, as far as this tab asked for it */
  readonly machine: ReadonlySignal<MachineState>
}

export interface Linked {
  /** CIDv0 */
  readonly from: string
  /** CIDv0 */
  readonly to: string
  /** id of the LinkBatch object that says so, base58 */
  readonly object: string
}

export interface Tabland {
  readonly state: TablandState
  /** the view that draws the world, once it does */
  readonly world?: WorldView

  /** CIDv0 of a text (NFC, trimmed) as `ipfs add --cid-version 0` gives it */
  cid(text: string): string
  /** @throws CONTENT_EXPECTED, CONTENT_TOO_LARGE, SEED_PINS_EXCEED_QUOTA */
  add(content: Blob | Uint8Array | string, options?: AddOptions): Promise<Added>
  cat(cid: string, options?: CatOptions): Promise<Uint8Array<ArrayBuffer>>
  /** The beginning of a content and what it is. */
  snippet(cid: string, options?: CallOptions): Promise<Snippet>
  /** Ends are CIDs or texts; a text is stored first. Resolves once the link is durable here and published. */
  link(from: string, to: string, options?: CallOptions): Promise<Linked>

  search(query: string, options?: ContextSearchOptions): Promise<SearchPage>
  suggest(prefix: string, options?: CallOptions): Promise<readonly string[]>

  readonly rank: MachineApi & {
    /** same as `search` */
    query(query: string, options?: ContextSearchOptions): Promise<SearchPage>
    /** all particles by rank, page by page */
    top(options?: SearchOptions): Promise<RankPage>
    /** rank of a CID or text */
    of(particle: string, options?: CallOptions): Promise<{ rank: bigint; share: number } | undefined>
    /**
     * What is relevant as seen from some particles or a neuron's links: particles by their rank there, computed here
     * when asked. @throws CONTEXT_EXPECTED, RANK_CONTEXT when nothing of it is known
     */
    context(context: SearchContext & SearchOptions): Promise<RankPage>
    compute(options?: CallOptions & { readonly kernel?: KernelName }): Promise<RankSummary>
    /** times each kernel on the graph as it is */
    bench(options?: CallOptions): Promise<readonly KernelTiming[]>
  }

  readonly graph: {
    backlinks(particle: string, options?: ContextSearchOptions): Promise<SearchPage>
    neuron(address: string, options?: SearchOptions): Promise<NeuronPage>
    chains(address: string, options?: CallOptions): Promise<readonly (readonly string[])[]>
    /** What stands around a CID or text, step by step: nearest first, then by rank. */
    neighbourhood(particle: string, options?: CallOptions & NeighbourhoodOptions): Promise<Neighbourhood>
    /** Switches the index of searches on or off for this profile; resolves when it holds all links. */
    setIndex(isOn: boolean, options?: CallOptions): Promise<void>
    /** the text of a particle, when it is known here */
    text(cid: string): Promise<string | undefined>
  }

  readonly land: ChainLandApi & {
    at(x: number, y: number): ParcelBuild | undefined
    /** Model tokens that the world draws on a cell, beside what {@link at} tells. */
    tokens(x: number, y: number): readonly ParcelToken[]
    /** Plot number on a cell, from 0 on: one less than the No. on its card, `proven().id` and `parcel` of a write. */
    parcel(x: number, y: number): number | undefined
    /** Checks, stores, signs and announces a model; `x, y` is the parcel's cell. */
    publish(
      x: number,
      y: number,
      model: Blob | Uint8Array,
      placement: ModelPlacement,
      options?: AddOptions,
    ): Promise<ParcelBuild>
    /**
     * Who owns the parcel on a cell by the chain, what it costs, and the block that proves it; undefined where none
     * lies, or no chain is configured.
     *
     * @throws CELL_EXPECTED
     */
    show(x: number, y: number): Promise<ParcelFacts | undefined>
    /** What became of the parcel on a cell, as endpoints of the chain tell it; undefined where none lies. @throws CELL_EXPECTED */
    history(x: number, y: number): Promise<ParcelHistory | undefined>
    /** Auctions that run or wait to be ended, newest bids first. */
    auctions(): Promise<readonly ParcelFacts[]>
    /** Where the parcel on a cell leads, and what entering takes; undefined where none is owned. @throws CELL_EXPECTED */
    portal(x: number, y: number): Promise<PortalFacts | undefined>
    /** Portals within some cells of a place, for the world to draw. @throws CELL_EXPECTED */
    portals(x: number, y: number): Promise<readonly PortalPlace[]>
    /**
     * Bids CYBR (`amount` as people write it) on the parcel of a cell. The page asks first, as for all that follow.
     *
     * @throws CELL_EXPECTED, PARCEL_UNKNOWN, AMOUNT_INVALID, AMOUNT_TOO_LARGE, AMOUNT_DECIMALS
     */
    bid(x: number, y: number, amount: string): Promise<TransactionState>
    /** Shows life for all parcels of the wallet. */
    proveLife(): Promise<TransactionState>
    /** Moves the parcel on a cell to another one. @throws CELL_EXPECTED, PARCEL_UNKNOWN */
    move(from: Cell, to: Cell): Promise<TransactionState>
    /** Claims a parcel that was given away; `proof` as the giveaway's list has it. */
    claim(claim: Omit<ClaimIntent, 'kind'>): Promise<TransactionState>
    /** Takes one's own model off the parcel. */
    clear(x: number, y: number, options?: CallOptions): Promise<void>
  }

  readonly governance: GovernanceApi

  readonly seed: {
    status(): SeedState
    /**
     * Keeps a content for good and fetches what is missing of it. Resolves when all of it is here; an abort ends
     * the waiting, not the pin. @throws SEED_PINS_EXCEED_QUOTA before anything but its root was fetched
     */
    pin(cid: string, options?: AddOptions): Promise<SeedItem>
    /** It becomes cache. What others asked for and what was published is let go by this too. */
    unpin(cid: string): Promise<void>
    /** Deletes a cached item, or what is left of a broken-off adding, at once. @throws SEED_PINNED, SEED_UNKNOWN */
    drop(cid: string): Promise<void>
    /** Asks others for proof that they hold it, and to take it when too few do. Without a CID: everything pinned. */
    check(cid?: string, options?: CallOptions): Promise<readonly SeedItem[]>
    /** @throws SEED_SETTING with what is allowed */
    set(change: SeedSettingsChange): Promise<SeedSettings>
    /** Asks the browser to keep the store ([SE4]); false when it refuses. */
    persist(): Promise<boolean>
  }

  readonly objects: ObjectsApi

  readonly net: {
    peers(): readonly PeerState[]
    relays(): readonly RelayState[]
    addRelay(multiaddr: string): Promise<void>
    /**
     * [NE6] Drops every connection, then joins anew in the other mode: true where the page loads again, false where
     * nothing changes, as the person would rather stay.
     *
     * @throws MODE_UNKNOWN
     */
    setMode(mode: NetworkMode): Promise<boolean>
    /** tries again at once whatever waits for a back-off to end */
    retry(): void
  }

  readonly wallet: WalletApi

  help(): string
}
