import { type Signal, signal } from '@preact/signals'
import type { BandwidthFacts, ProvenPage, SavedProof, VerifiedRank } from '#api/machine-types.ts'
import type { SearchOptions, SearchPage } from '#api/search-types.ts'
import type { SeedItem } from '#api/seed-types.ts'
import type { AddOptions, ModelPlacement, ParcelBuild, Snippet, Tabland } from '#api/types.ts'
import type { Balances, TransactionState, WriteIntent } from '#api/wallet-types.ts'
import { utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { cellOf, parcelAt } from '#core/land.ts'
import type { PinReason, SeedSettings } from '#core/seeding.ts'
import { chunkId, formatObjectId } from '#objects/object-id.ts'
import {
  createFakeContents,
  type FakeContents,
  fakeCid,
  groupByEnd,
  isCid,
  pageOf,
  textsOf,
} from './fake-contents.ts'
import { FAKE_ME, FAKE_NOW, FAKE_OTHER, FAKE_RANK } from './fake-facts.ts'
import { createFakeGovernance } from './fake-governance.ts'
import { fakeNeighbourhood } from './fake-neighbourhood.ts'
import { createFakeObjects, type RunCommand } from './fake-objects.ts'
import { createFakeStates, type FakeStates } from './fake-states.ts'

/** A Tabland without a peer: states that a test sets, and commands over what it was given. */
export interface FakeTabland extends FakeStates {
  readonly tabland: Tabland
  /** what `rank.bandwidth` answers */
  readonly bandwidth: Signal<BandwidthFacts | undefined>
  /** what `rank.prove` answers, by the query as it was given */
  readonly proven: Map<string, ProvenPage>
  /** what `rank.proof` answers and `rank.verify` takes, by the CID */
  readonly proofs: Map<string, { readonly proof: SavedProof; readonly verified: VerifiedRank }>
  /** Every command given, with its arguments, oldest first. */
  readonly calls: readonly { readonly command: string; readonly args: readonly unknown[] }[]
  readonly put: FakeContents['put']
  /** Adds a link between texts or CIDs, as if it had been heard from `neuron`. */
  addLink(from: string, to: string, neuron?: string, time?: number): void
  addBuild(parcel: number, root: string, neuron?: string, time?: number): ParcelBuild
  /** Every call of a command rejects with this until `mend`. */
  fail(command: string, code: string, message: string): void
  mend(command: string): void
  /** Calls of a command wait until the returned function is called. */
  hold(command: string): () => void
}

/** An id, though of no object. */
const fakeId = (text: string) => formatObjectId(chunkId(utf8(text)))

function readAll(content: Blob | Uint8Array | string): Promise<Uint8Array<ArrayBuffer>> {
  return new Response(content as BodyInit).arrayBuffer().then((buffer) => new Uint8Array(buffer))
}

/** Answers by what was put, linked and built; every command can be made to fail or wait. */
export function createFakeTabland(): FakeTabland {
  const states = createFakeStates()
  const contents = createFakeContents()
  const calls: { command: string; args: readonly unknown[] }[] = []
  const failures = new Map<string, AppError>()
  const gates = new Map<string, Promise<void>>()
  const proven: FakeTabland['proven'] = new Map()
  const bandwidth = signal<BandwidthFacts | undefined>(undefined)
  const proofs: FakeTabland['proofs'] = new Map()

  const run: RunCommand = async (command, args, { signal: aborting }, answer) => {
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
      return pageOf(groupByEnd(links, 'to'), particle, near, options)
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
        run('top', [], options, () => pageOf(groupByEnd(contents.links, 'to'), '', [], options)),
      of: (particle, options = {}) =>
        run('of', [particle], options, () => {
          const cid = isCid(particle) ? particle : fakeCid(particle)
          return pageOf(groupByEnd(contents.links, 'to'), '', []).results.find((result) => result.cid === cid)
        }),
      context: (options) =>
        run('context', [], options, () => pageOf(groupByEnd(contents.links, 'to'), '', [], options)),
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
      prove: (query, options = {}) =>
        run('prove', [query], options, () => {
          const found = proven.get(query)
          if (found === undefined)
            throw new AppError('RANK_UNPROVEN', `Nobody proves what ${query} links to.`)
          return found
        }),
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
          return pageOf(groupByEnd(links, 'from'), particle, [], options)
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
      warned: () => [],
      chain: () => states.chain.value,
      refresh: (...args) => run('refresh', args, {}, () => states.chain.value),
      setEndpoints: (urls) => void run('setEndpoints', [urls], {}, () => undefined),
      at: (x, y) => states.land.value.builds.get(parcelAt({ x, y }) ?? -1),
      tokens: (x, y) => (states.land.value.tokens ?? []).filter(({ cell }) => cell.x === x && cell.y === y),
      parcel: (x, y) => parcelAt({ x, y }),
      publish: (x, y, model, placement: ModelPlacement, options = {}) =>
        run('publish', [x, y, placement], options, async () => {
          const { cid } = await store(model, options)
          return placeBuild({ ...addBuild(parcelAt({ x, y }) ?? 0, cid, FAKE_ME, Date.now()), placement })
        }),
      show: (x, y) => run('land.show', [x, y], {}, () => undefined),
      history: (x, y) => run('land.history', [x, y], {}, () => undefined),
      auctions: () => run('land.auctions', [], {}, () => []),
      portal: (x, y) => run('land.portal', [x, y], {}, () => undefined),
      portals: (x, y) => run('land.portals', [x, y], {}, () => []),
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
    governance: createFakeGovernance(run, states, sentWrite),
    objects: createFakeObjects({ run, store, files: states.files }),
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
          const isOther = mode !== states.network.value.mode
          states.network.value = { ...states.network.value, mode }
          return isOther
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
      stake: (amount) => run('wallet.stake', [amount], {}, () => sentWrite({ kind: 'stake', amountWei: 1n })),
      answerWrite: (answer) => run('wallet.answerWrite', [answer], {}, () => {}),
      settled: (id) =>
        run('wallet.settled', [id], {}, () => ({ ...sentWrite({ kind: 'prove-life' }), id, stage: 'mined' })),
      faucet: () => run('wallet.faucet', [], {}, () => {}),
      models: (parcels) => run('wallet.models', [parcels], {}, () => []),
      sale: (object, author) => run('wallet.sale', [object, author], {}, () => undefined),
      readClaim: (list, parcel) =>
        run('wallet.readClaim', [list, parcel], {}, () => ({
          kind: 'claim-parcel' as const,
          ...{ giveaway: 0, parcel, owner: FAKE_ME, proof: [] },
        })),
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

const NO_BALANCES: Balances = {
  address: FAKE_ME,
  cybrWei: 0n,
  coinWei: 0n,
  refundWei: 0n,
  incomeWei: 0n,
  block: 1,
}

function sentWrite(intent: WriteIntent): TransactionState {
  return { id: 'fake', intent, at: FAKE_NOW, stage: 'sent' }
}
