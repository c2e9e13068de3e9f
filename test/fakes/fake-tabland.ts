import { type Signal, signal } from '@preact/signals'
import { type ChainLandState, NO_CHAIN } from '#api/land-types.ts'
import type {
  BandwidthFacts,
  MachineState,
  ProvenPage,
  SavedProof,
  VerifiedRank,
} from '#api/machine-types.ts'
import type { FilesState, PublishedItem } from '#api/object-types.ts'
import type { SeedItem, SeedState } from '#api/seed-types.ts'
import { EMPTY_SEED_STATE } from '#api/seed-types.ts'
import type {
  AddOptions,
  CallOptions,
  GraphState,
  KeysState,
  LandState,
  ModelPlacement,
  NetworkState,
  ParcelBuild,
  RankSummary,
  SearchOptions,
  SearchPage,
  SearchResult,
  Snippet,
  StorageState,
  Tabland,
  WalletState,
} from '#api/types.ts'
import {
  type Balances,
  EMPTY_PURSE,
  type PurseState,
  type TransactionState,
  type WriteIntent,
} from '#api/wallet-types.ts'
import { utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { cellOf, parcelAt } from '#core/land.ts'
import type { PinReason, SeedSettings } from '#core/seeding.ts'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import { decodeObject, objectIdOf } from '#objects/object.ts'
import { chunkId, formatObjectId } from '#objects/object-id.ts'
import { fakeNeighbourhood } from './fake-neighbourhood.ts'

/** A Tabland without a peer: states that a test sets, and commands over what it was given. */
export interface FakeTabland {
  readonly tabland: Tabland
  readonly network: Signal<NetworkState>
  readonly storage: Signal<StorageState>
  readonly seed: Signal<SeedState>
  readonly land: Signal<LandState>
  readonly chain: Signal<ChainLandState>
  readonly graph: Signal<GraphState>
  readonly wallet: Signal<WalletState | undefined>
  readonly keys: Signal<KeysState>
  readonly purse: Signal<PurseState>
  readonly files: Signal<FilesState>
  readonly machine: Signal<MachineState>
  /** what `rank.bandwidth` answers */
  readonly bandwidth: Signal<BandwidthFacts | undefined>
  /** what `rank.prove` answers, by the query as it was given */
  readonly proven: Map<string, ProvenPage>
  /** what `rank.proof` answers and `rank.verify` takes, by the CID */
  readonly proofs: Map<string, { readonly proof: SavedProof; readonly verified: VerifiedRank }>
  /** Every command given, with its arguments, oldest first. */
  readonly calls: readonly { readonly command: string; readonly args: readonly unknown[] }[]
  /** Stores a content of any kind and returns its CID. */
  put(content: string | Uint8Array<ArrayBuffer>, kind?: Snippet['kind'], mime?: string): string
  /** Adds a link between texts or CIDs, as if it had been heard from `neuron`. */
  addLink(from: string, to: string, neuron?: string, time?: number): void
  addBuild(parcel: number, root: string, neuron?: string, time?: number): ParcelBuild
  /** Every call of a command rejects with this until `mend`. */
  fail(command: string, code: string, message: string): void
  mend(command: string): void
  /** Calls of a command wait until the returned function is called. */
  hold(command: string): () => void
}

/** unix ms of everything in the fake world; tests that show it set their clock near it */
export const FAKE_NOW = 1_795_168_800_000
/** An id, though of no object. */
const fakeId = (text: string) => formatObjectId(chunkId(utf8(text)))

export const FAKE_ME = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
export const FAKE_OTHER = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
export const FAKE_RANK: RankSummary = {
  kernel: 'wasm',
  particles: 11_842,
  links: 24_310,
  iterations: 48,
  ms: 38.4,
  iterateMs: 24.2,
  convergence: [8, 16, 24, 32, 40, 48].map((iteration) => ({ iteration, delta: 0.85 ** iteration / 9 })),
  at: FAKE_NOW,
  ranksSha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  dropped: [],
}
const PAGE_SIZE = 12
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Looks like a CIDv0 and differs with the content; not a hash. */
export function fakeCid(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  let state = 0x811c9dc5
  for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193) >>> 0
  let text = 'Qm'
  for (let i = 0; i < 44; i++) {
    // xorshift32: any state but 0 leads through all others
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0 || 1
    text += BASE58[state % BASE58.length]
  }
  return text
}

function isCid(text: string): boolean {
  return /^Qm[1-9A-HJ-NP-Za-km-z]{44}$/.test(text)
}

interface FakeLink {
  readonly from: string
  readonly to: string
  readonly neuron: string
  readonly time: number
}

/** What is kept behind the commands. */
function createContents() {
  const snippets = new Map<string, Snippet>()
  const links: FakeLink[] = []
  const put: FakeTabland['put'] = (content, kind = 'text', mime = 'text/plain') => {
    const cid = fakeCid(content)
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const text = typeof content === 'string' ? { text: content } : {}
    snippets.set(cid, { kind, bytes, size: bytes.length, mime, ...text })
    return cid
  }
  const idOf = (particle: string): string => (isCid(particle) ? particle : put(particle))
  return { snippets, links, put, idOf }
}

type Contents = ReturnType<typeof createContents>

function resultOf(cid: string, links: readonly FakeLink[], share: number): SearchResult {
  return {
    cid,
    rank: BigInt(Math.round(share * 2 ** 40)) << 22n,
    share,
    links: links.map(({ neuron, time }) => ({ neuron, time })),
  }
}

/** Particles at the other ends of links; those with more links first, as a rank would have it. */
function pageOf(
  ends: ReadonlyMap<string, readonly FakeLink[]>,
  particle: string,
  suggestions: readonly string[],
  { limit = PAGE_SIZE, cursor }: SearchOptions = {},
): SearchPage {
  const all = [...ends].sort(([, a], [, b]) => b.length - a.length)
  const start = cursor === undefined ? 0 : Number(cursor)
  const results = all
    .slice(start, start + limit)
    .map(([cid, links], index) => resultOf(cid, links, 0.012 / (start + index + 1)))
  const end = start + limit
  return {
    particle,
    results,
    total: all.length,
    suggestions: all.length === 0 ? suggestions : [],
    ...(end < all.length ? { cursor: String(end) } : {}),
  }
}

function groupBy(links: readonly FakeLink[], end: 'from' | 'to'): ReadonlyMap<string, readonly FakeLink[]> {
  return Map.groupBy(links, (link) => link[end])
}

function textsOf({ snippets, links }: Contents): readonly string[] {
  const queries = [...new Set(links.map(({ from }) => from))]
  return queries.flatMap((cid) => snippets.get(cid)?.text ?? [])
}

function createStates(): Pick<
  FakeTabland,
  | 'network'
  | 'storage'
  | 'seed'
  | 'land'
  | 'chain'
  | 'graph'
  | 'wallet'
  | 'keys'
  | 'purse'
  | 'files'
  | 'machine'
> {
  return {
    network: signal({
      network: 'test',
      peerId: '12D3KooWFakePeerOfThisTabAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      mode: 'direct',
      join: { phase: 'starting', progress: 0.1 },
      relays: [],
      peers: [],
    }),
    storage: signal({
      kind: 'opfs',
      blocks: 0,
      bytes: 0,
      servedBytes: 0,
      servedPeers: 0,
      fetchedBytes: 0,
    }),
    seed: signal(EMPTY_SEED_STATE),
    land: signal({ builds: new Map() }),
    graph: signal({
      ...{ particles: 0, links: 0, neurons: 0, sync: undefined, rank: undefined },
      index: { isOn: true, done: 0, total: 0 },
    }),
    wallet: signal(undefined),
    keys: signal({ kind: 'browser' }),
    purse: signal(EMPTY_PURSE),
    files: signal({ published: [], publishing: [] }),
    chain: signal<ChainLandState>(NO_CHAIN),
    machine: signal<MachineState>({ isNamed: false, forks: [], refused: [] }),
  }
}

function readAll(content: Blob | Uint8Array | string): Promise<Uint8Array<ArrayBuffer>> {
  return new Response(content as BodyInit).arrayBuffer().then((buffer) => new Uint8Array(buffer))
}

/** Answers by what was put, linked and built; every command can be made to fail or wait. */
export function createFakeTabland(): FakeTabland {
  const states = createStates()
  const contents = createContents()
  const calls: { command: string; args: readonly unknown[] }[] = []
  const failures = new Map<string, AppError>()
  const gates = new Map<string, Promise<void>>()
  const proven: FakeTabland['proven'] = new Map()
  const bandwidth = signal<BandwidthFacts | undefined>(undefined)
  const proofs: FakeTabland['proofs'] = new Map()

  /** Counts a call, waits while it is held, then fails or answers. */
  const run = async <T>(
    command: string,
    args: readonly unknown[],
    { signal: aborting }: CallOptions,
    answer: () => T | Promise<T>,
  ): Promise<T> => {
    calls.push({ command, args })
    await gates.get(command)
    aborting?.throwIfAborted()
    const failure = failures.get(command)
    if (failure !== undefined) throw failure
    return answer()
  }

  const addLink: FakeTabland['addLink'] = (from, to, neuron = FAKE_OTHER, time = FAKE_NOW) => {
    contents.links.push({ from: contents.idOf(from), to: contents.idOf(to), neuron, time })
    const particles = new Set(contents.links.flatMap((link) => [link.from, link.to])).size
    const neurons = new Set(contents.links.map((link) => link.neuron)).size
    states.graph.value = { ...states.graph.value, particles, links: contents.links.length, neurons }
  }

  const placeBuild = (build: ParcelBuild): ParcelBuild => {
    const builds = new Map(states.land.value.builds)
    states.land.value = { builds: builds.set(build.parcel, build) }
    return build
  }

  const addBuild: FakeTabland['addBuild'] = (parcel, root, neuron = FAKE_OTHER, time = FAKE_NOW) =>
    placeBuild({
      parcel,
      cell: cellOf(parcel),
      root,
      placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
      neuron,
      time,
      mine: neuron === FAKE_ME,
    })

  const store = async (content: Blob | Uint8Array | string, { onProgress }: AddOptions) => {
    const bytes = await readAll(content)
    onProgress?.({ bytes: bytes.length, total: bytes.length })
    const isText = typeof content === 'string'
    const isModel = bytes[0] === 0x67 && bytes[1] === 0x6c
    const cid = isText
      ? contents.put(content)
      : contents.put(
          bytes,
          isModel ? 'model' : 'bytes',
          isModel ? 'model/gltf-binary' : 'application/octet-stream',
        )
    return { cid, bytes: bytes.length }
  }

  const search = (query: string, options: SearchOptions = {}): Promise<SearchPage> =>
    run('search', [query], options, () => {
      const particle = isCid(query) ? query : fakeCid(query)
      const near = textsOf(contents).filter((text) => text.startsWith(query.slice(0, 2)))
      const links = contents.links.filter(({ from }) => from === particle)
      return pageOf(groupBy(links, 'to'), particle, near, options)
    })

  const snippetOf = (cid: string): Snippet => {
    const snippet = contents.snippets.get(cid)
    if (snippet !== undefined) return snippet
    throw new AppError(
      'CONTENT_NOT_FOUND',
      `No peer that is here has ${cid}. Try again when others are here.`,
    )
  }

  const changeItem = (cid: string, change: (item: SeedItem) => SeedItem | undefined): void => {
    const items = states.seed.value.items.flatMap((item) =>
      item.cid === cid ? (change(item) ?? []) : [item],
    )
    states.seed.value = { ...states.seed.value, items }
  }

  const pinItem = (cid: string, name?: string, reason: PinReason = 'pinned'): SeedItem => {
    const bytes = snippetOf(cid).bytes.length
    const known = states.seed.value.items.find((item) => item.cid === cid)?.name
    const called = name ?? known
    const item: SeedItem = {
      cid,
      ...(called === undefined ? {} : { name: called }),
      reasons: [reason],
      bytes,
      heldBytes: bytes,
      usedAt: FAKE_NOW,
      holders: [],
      sentBytes: 0,
      receivedBytes: bytes,
    }
    changeItem(cid, () => undefined)
    states.seed.value = { ...states.seed.value, items: [...states.seed.value.items, item] }
    return item
  }

  const tabland: Tabland = {
    state: states,
    cid: fakeCid,
    add: (content, options = {}) =>
      run('add', [content], options, async () => {
        const added = await store(content, options)
        // texts are kept too, and have no row of their own
        if (typeof content !== 'string') pinItem(added.cid, options.name, 'published')
        return added
      }),
    cat: (cid, options = {}) => run('cat', [cid], options, () => snippetOf(cid).bytes),
    snippet: (cid, options = {}) => run('snippet', [cid], options, () => snippetOf(cid)),
    link: (from, to, options = {}) =>
      run('link', [from, to], options, () => {
        addLink(from, to, FAKE_ME, Date.now())
        return { from: contents.idOf(from), to: contents.idOf(to), object: fakeId(`${from} ${to}`) }
      }),
    search,
    suggest: (prefix, options = {}) =>
      run('suggest', [prefix], options, () => textsOf(contents).filter((text) => text.startsWith(prefix))),
    rank: {
      query: search,
      top: (options = {}) =>
        run('top', [], options, () => pageOf(groupBy(contents.links, 'to'), '', [], options)),
      of: (particle, options = {}) =>
        run('of', [particle], options, () => {
          const cid = isCid(particle) ? particle : fakeCid(particle)
          return pageOf(groupBy(contents.links, 'to'), '', []).results.find((result) => result.cid === cid)
        }),
      context: (options) =>
        run('context', [], options, () => pageOf(groupBy(contents.links, 'to'), '', [], options)),
      compute: (options = {}) =>
        run('compute', [options.kernel], options, () => {
          const rank = { ...FAKE_RANK, kernel: options.kernel ?? FAKE_RANK.kernel }
          states.graph.value = { ...states.graph.value, rank }
          return rank
        }),
      bench: (options = {}) =>
        run('bench', [], options, () => [
          {
            kernel: 'wasm',
            iterationMs: 2,
            edgesPerSecond: 120_000_000,
            ranksSha256: FAKE_RANK.ranksSha256,
          },
          { kernel: 'ts', iterationMs: 20, edgesPerSecond: 12_000_000, ranksSha256: FAKE_RANK.ranksSha256 },
        ]),
      prove: (query, options = {}) => run('prove', [query], options, () => proven.get(query)),
      proof: (particle, options = {}) =>
        run('proof', [particle, options.from], options, () => {
          const found = proofs.get(particle)
          if (found === undefined) throw new AppError('RANK_UNPROVEN', `Nobody proves a rank of ${particle}.`)
          return found.proof
        }),
      verify: (proof) =>
        run('verify', [proof], {}, () => {
          const found = [...proofs.values()].find((known) => known.proof === proof)
          if (found === undefined) throw new AppError('MERKLE_ROOT', 'It leads to another root.')
          return found.verified
        }),
      machine: (options = {}) => run('machine', [], options, () => states.machine.value),
      bandwidth: ({ neuron, ...options } = {}) => run('bandwidth', [neuron], options, () => bandwidth.value),
      trust: (id) => run('trust', [id], {}, () => states.machine.value),
    },
    graph: {
      backlinks: (particle, options = {}) =>
        run('backlinks', [particle], options, () => {
          const links = contents.links.filter(({ to }) => to === particle)
          return pageOf(groupBy(links, 'from'), particle, [], options)
        }),
      neuron: (address, options = {}) =>
        run('neuron', [address], options, () => {
          const links = contents.links.filter(({ neuron }) => neuron === address)
          return { links, total: links.length }
        }),
      setIndex: (isOn, options = {}) => run('setIndex', [isOn], options, () => {}),
      chains: (address, options = {}) => run('chains', [address], options, () => []),
      neighbourhood: (particle, options = {}) =>
        run('neighbourhood', [particle, options], options, () => {
          const start = isCid(particle) ? particle : fakeCid(particle)
          return fakeNeighbourhood({ ...contents, start }, options)
        }),
      text: async (cid) => contents.snippets.get(cid)?.text,
    },
    land: {
      proven: () => undefined,
      owned: () => [],
      chain: () => states.chain.value,
      refresh: (...args) => run('refresh', args, {}, () => states.chain.value),
      setEndpoints: (urls) => void run('setEndpoints', [urls], {}, () => undefined),
      at: (x, y) => states.land.value.builds.get(parcelAt({ x, y }) ?? -1),
      parcel: (x, y) => parcelAt({ x, y }),
      publish: (x, y, model, placement: ModelPlacement, options = {}) =>
        run('publish', [x, y, placement], options, async () => {
          const { cid } = await store(model, options)
          return placeBuild({ ...addBuild(parcelAt({ x, y }) ?? 0, cid, FAKE_ME, Date.now()), placement })
        }),
      show: (x, y) => run('land.show', [x, y], {}, () => undefined),
      auctions: () => run('land.auctions', [], {}, () => []),
      bid: (x, y, amount) => run('land.bid', [x, y, amount], {}, () => sentWrite({ kind: 'prove-life' })),
      proveLife: () => run('land.proveLife', [], {}, () => sentWrite({ kind: 'prove-life' })),
      move: (from, to) => run('land.move', [from, to], {}, () => sentWrite({ kind: 'prove-life' })),
      claim: (claim) => run('land.claim', [claim], {}, () => sentWrite({ ...claim, kind: 'claim-parcel' })),
      clear: (x, y, options = {}) =>
        run('clear', [x, y], options, () => {
          const builds = new Map(states.land.value.builds)
          builds.delete(parcelAt({ x, y }) ?? -1)
          states.land.value = { builds }
        }),
    },
    objects: {
      publish: (items, options = {}) =>
        run('publish', [items], options, async () => {
          const parts = items instanceof Blob ? [items] : items.map(({ content }) => content)
          const bytes = parts.reduce((sum, part) => sum + (part instanceof Blob ? part.size : part.length), 0)
          const name = options.name ?? 'file'
          const { cid } = await store(name, {})
          const item: PublishedItem = {
            id: cid.slice(2),
            link: `cyfs://o/${cid.slice(2)}/${cid.slice(2)}`,
            kind: parts.length > 1 ? 'dir' : 'file',
            name,
            bytes,
            files: parts.length,
            root: cid,
            publishedAt: FAKE_NOW,
          }
          const { files } = states
          files.value = { ...files.value, published: [item, ...files.value.published] }
          return item
        }),
      unpublish: (id) =>
        run('unpublish', [id], {}, () => {
          const { files } = states
          const published = files.value.published.filter((item) => item.id !== id)
          files.value = { ...files.value, published }
        }),
      map: {
        build: (tree, options = {}) =>
          run('map.build', [tree], options, () => Promise.reject(noObject('map'))),
        get: (root, path, options = {}) =>
          run('map.get', [root, path], options, () => Promise.reject(noObject(root))),
        prove: (root, path, options = {}) =>
          run('map.prove', [root, path], options, () => Promise.reject(noObject(root))),
        verify: (proof) => run('map.verify', [proof], {}, () => Promise.reject(noObject('map'))),
      },
      open: (link, options = {}) => run('open', [link], options, () => Promise.reject(noObject(link))),
      async *read(link, options = {}) {
        yield await run<never>('read', [link], options, () => Promise.reject(noObject(link)))
      },
      get: (link, options = {}) => run('get', [link], options, () => Promise.reject(noObject(link))),
      put: (object, options = {}) =>
        run('put', [object], options, () => formatObjectId(objectIdOf(decodeObject(object)))),
      parse: parseCyfsLink,
      format: formatCyfsLink,
    },
    seed: {
      status: () => states.seed.value,
      pin: (cid, options = {}) => run('pin', [cid], options, () => pinItem(cid, options.name)),
      unpin: (cid) => run('unpin', [cid], {}, () => changeItem(cid, (item) => ({ ...item, reasons: [] }))),
      drop: (cid) => run('drop', [cid], {}, () => changeItem(cid, () => undefined)),
      check: (cid, options = {}) => run('check', [cid], options, () => states.seed.value.items),
      set: (settings) =>
        run('set', [settings], {}, () => {
          const { seed } = states
          const changed = Object.entries({ ...seed.value.settings, ...settings })
          // a cap that is given as undefined is lifted
          const kept = changed.filter(([, value]) => value !== undefined)
          const next = Object.fromEntries(kept) as unknown as SeedSettings
          seed.value = { ...seed.value, settings: next, quotaBytes: next.quotaBytes }
          return next
        }),
      persist: () => run('persist', [], {}, () => true),
    },
    net: {
      peers: () => states.network.value.peers,
      relays: () => states.network.value.relays,
      addRelay: (address) => run('addRelay', [address], {}, () => undefined),
      setMode: (mode) =>
        run('setMode', [mode], {}, () => {
          states.network.value = { ...states.network.value, mode }
        }),
      retry: () => {
        calls.push({ command: 'retry', args: [] })
      },
    },
    wallet: {
      address: async () => FAKE_ME,
      exportPhrase: () =>
        run(
          'exportPhrase',
          [],
          {},
          () => 'fog lamp river stone maple kite ember cloud north sail velvet moss',
        ),
      answerKeys: (answer) => run('wallet.answerKeys', [answer], {}, () => {}),
      protect: (passphrase) => run('wallet.protect', [passphrase], {}, () => {}),
      connect: (rdns) => run('wallet.connect', [rdns], {}, () => FAKE_OTHER),
      disconnect: () => run('wallet.disconnect', [], {}, () => {}),
      balance: () => run('wallet.balance', [], {}, () => states.purse.value.balances ?? NO_BALANCES),
      write: (intent) => run('wallet.write', [intent], {}, () => sentWrite(intent)),
      send: (to, amount) =>
        run('wallet.send', [to, amount], {}, () => sentWrite({ kind: 'send', to, amountWei: 1n })),
      answerWrite: (answer) => run('wallet.answerWrite', [answer], {}, () => {}),
      settled: (id) =>
        run('wallet.settled', [id], {}, () => ({ ...sentWrite({ kind: 'prove-life' }), id, stage: 'mined' })),
      faucet: () => run('wallet.faucet', [], {}, () => {}),
    },
    help: () => 'search(query)',
  }

  return {
    ...states,
    tabland,
    calls,
    proven,
    proofs,
    bandwidth,
    put: contents.put,
    addLink,
    addBuild,
    fail(command, code, message) {
      failures.set(command, new AppError(code, message))
    },
    mend(command) {
      failures.delete(command)
    },
    hold(command) {
      const { promise, resolve } = Promise.withResolvers<void>()
      gates.set(command, promise)
      return () => {
        gates.delete(command)
        resolve()
      }
    },
  }
}

const NO_BALANCES: Balances = { address: FAKE_ME, cybrWei: 0n, coinWei: 0n, refundWei: 0n, block: 1 }

function sentWrite(intent: WriteIntent): TransactionState {
  return { id: 'fake', intent, at: FAKE_NOW, stage: 'sent' }
}

function noObject(link: string): AppError {
  return new AppError('OBJECT_NOT_FOUND', `Nobody has the object ${link} now.`)
}
